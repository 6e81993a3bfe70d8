//! Threads that stand ready while a network runs.
//!
//! A network at work on one picture hands out work some twenty times a millisecond. Waking a thread takes longer than most
//! of it, so the threads of the team look out for work for a little while before they go to sleep. There is one team in a process. Who
//! finds it busy does the work alone: several pictures at once keep all cores busy anyway.

use std::cell::UnsafeCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Condvar, Mutex, OnceLock, PoisonError, TryLockError};
use std::{hint, thread};

/// How often a thread looks for work before it goes to sleep: some tenths of a millisecond.
const LOOKS: usize = 20_000;

/// What is done, once for every number below a count.
type Work<'a> = &'a (dyn Fn(usize) + Sync);

/// The threads beside the one that hands out work.
struct Team {
    shared: Arc<Shared>,
    /// Held by the thread that hands out work.
    busy: Mutex<()>,
}

#[derive(Default)]
struct Shared {
    /// What is being done; meaningful while `open`.
    work: UnsafeCell<Option<Work<'static>>>,
    count: AtomicUsize,
    next: AtomicUsize,
    /// Whether threads may begin to work.
    open: AtomicBool,
    /// Threads that may be at work.
    active: AtomicUsize,
    /// How often work was handed out.
    rounds: AtomicUsize,
    panicked: AtomicBool,
    sleepers: Mutex<usize>,
    asleep: AtomicUsize,
    wake: Condvar,
}

#[expect(unsafe_code, reason = "work is lent to threads that outlive it")]
// SAFETY: only `work` is not `Sync`. It is written by the thread that holds `Team::busy`, while the team is closed and nobody
// active, and read by threads that have made themselves active and then found the team open.
unsafe impl Sync for Shared {}

/// Does `work` for every number below `count`, on at most `threads` threads.
///
/// # Panics
/// If `work` does.
pub(crate) fn each(count: usize, threads: usize, work: &(dyn Fn(usize) + Sync)) {
    if threads > 1 && count > 1 {
        let team = team();
        let _busy = match team.busy.try_lock() {
            Err(TryLockError::WouldBlock) => return (0..count).for_each(work),
            // Work that panicked is over; it left nothing behind.
            Err(TryLockError::Poisoned(busy)) => busy.into_inner(),
            Ok(busy) => busy,
        };
        return team.shared.hand_out(count, work);
    }
    (0..count).for_each(work);
}

/// The team, which is called together when it is first needed: a thread for each of the current pool but one.
fn team() -> &'static Team {
    static TEAM: OnceLock<Team> = OnceLock::new();
    TEAM.get_or_init(|| {
        let shared = Arc::new(Shared::default());
        for _ in 1..rayon::current_num_threads() {
            let shared = Arc::clone(&shared);
            // Without this thread the others do the work.
            let _ = thread::Builder::new().name("nid-kernels".to_owned()).spawn(move || shared.stand_ready());
        }
        Team { shared, busy: Mutex::new(()) }
    })
}

impl Shared {
    /// Does the work together with all threads of the team that are awake in time.
    fn hand_out(&self, count: usize, work: Work<'_>) {
        #[expect(unsafe_code, reason = "work is lent to threads that outlive it")]
        // SAFETY: the caller holds `Team::busy`, and the team is closed with nobody active, so that nobody reads `work`. It is
        // forgotten below before this function returns: after the team is closed, who makes itself active finds it closed, and
        // those who were active before are waited for. So no thread sees it longer than it lives.
        unsafe {
            *self.work.get() = Some(std::mem::transmute::<Work<'_>, Work<'static>>(work));
        }
        self.count.store(count, SeqCst);
        self.next.store(0, SeqCst);
        self.open.store(true, SeqCst);
        self.rounds.fetch_add(1, SeqCst);
        if self.asleep.load(SeqCst) > 0 {
            drop(self.sleepers.lock().unwrap_or_else(PoisonError::into_inner));
            self.wake.notify_all();
        }
        let outcome = catch_unwind(AssertUnwindSafe(|| self.take_part(work)));
        // Whatever comes of it, what is lent has to be back before this function ends.
        self.open.store(false, SeqCst);
        while self.active.load(SeqCst) > 0 {
            hint::spin_loop();
        }
        if let Err(panic) = outcome {
            std::panic::resume_unwind(panic);
        }
        assert!(!self.panicked.swap(false, SeqCst), "a thread of the team has panicked");
    }

    /// Takes numbers until there are none left.
    fn take_part(&self, work: Work<'_>) {
        let count = self.count.load(SeqCst);
        loop {
            let next = self.next.fetch_add(1, SeqCst);
            if next >= count {
                return;
            }
            work(next);
        }
    }

    /// What a thread of the team does all its life.
    fn stand_ready(&self) {
        let mut round = 0;
        loop {
            round = self.wait(round);
            self.active.fetch_add(1, SeqCst);
            if self.open.load(SeqCst) {
                #[expect(unsafe_code, reason = "work is lent to threads that outlive it")]
                // SAFETY: this thread is active and the team was open after that: `hand_out` has written `work` before it
                // opened the team, and waits for this thread before it returns.
                let work = unsafe { *self.work.get() };
                if let Some(work) = work
                    && catch_unwind(AssertUnwindSafe(|| self.take_part(work))).is_err()
                {
                    self.panicked.store(true, SeqCst);
                }
            }
            self.active.fetch_sub(1, SeqCst);
        }
    }

    /// Waits for work to be handed out after that round; tells the round.
    fn wait(&self, round: usize) -> usize {
        for _ in 0..LOOKS {
            let now = self.rounds.load(SeqCst);
            if now != round {
                return now;
            }
            hint::spin_loop();
        }
        let mut sleepers = self.sleepers.lock().unwrap_or_else(PoisonError::into_inner);
        *sleepers += 1;
        self.asleep.store(*sleepers, SeqCst);
        // Who hands out work looks for sleepers after it has begun a round, so that one of the two sees the other.
        while self.rounds.load(SeqCst) == round {
            sleepers = self.wake.wait(sleepers).unwrap_or_else(PoisonError::into_inner);
        }
        *sleepers -= 1;
        self.asleep.store(*sleepers, SeqCst);
        self.rounds.load(SeqCst)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_is_done_once() {
        for round in 0..2_000 {
            let done: Vec<AtomicUsize> = (0..round % 40).map(|_| AtomicUsize::new(0)).collect();
            each(done.len(), 4, &|index| {
                done[index].fetch_add(1, SeqCst);
            });
            assert!(done.iter().all(|done| done.load(SeqCst) == 1), "{round}");
        }
    }

    #[test]
    fn work_may_hand_out_work() {
        let sum = AtomicUsize::new(0);
        each(8, 4, &|_| {
            each(8, 4, &|index| {
                sum.fetch_add(index, SeqCst);
            });
        });
        assert_eq!(sum.into_inner(), 8 * 28);
    }

    #[test]
    fn a_panic_is_told_and_the_team_goes_on() {
        for bad in 0..8 {
            let outcome = catch_unwind(|| each(8, 4, &|index| assert_ne!(index, bad)));
            assert!(outcome.is_err(), "{bad}");
            every_number_is_done_once();
        }
    }
}
