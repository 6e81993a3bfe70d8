//! Threads that stand ready while a network runs.
//!
//! A network at work on one picture hands out work some twenty times a millisecond. Waking a thread takes longer than most
//! of it, so the threads of the team look out for work for a little while before they go to sleep. There is one team in a process. Who
//! finds it busy does the work alone: several pictures at once keep all cores busy anyway.

use std::cell::UnsafeCell;
use std::num::NonZero;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Condvar, Mutex, OnceLock, PoisonError, TryLockError};
use std::time::{Duration, Instant};
use std::{hint, thread};

/// How long a thread looks for work before it goes to sleep.
const AWAKE: Duration = Duration::from_micros(300);
/// How often somebody looks before the time, or whether others want the core, matters.
const LOOKS: usize = 256;

/// What is done, once for every number below a count.
type Work<'a> = &'a (dyn Fn(usize) + Sync);

/// The threads beside the one that hands out work.
struct Team {
    shared: Arc<Shared>,
    /// Held by the thread that hands out work.
    busy: Mutex<()>,
}

/// What many threads write, on a cache line that it shares with nothing that others wait for.
#[derive(Default)]
#[repr(align(128))]
struct Apart(AtomicUsize);

#[derive(Default)]
struct Shared {
    /// What is being done; meaningful while `open`.
    work: UnsafeCell<Option<Work<'static>>>,
    count: AtomicUsize,
    next: Apart,
    /// Whether threads may begin to work.
    open: AtomicBool,
    /// How many threads may still join.
    seats: AtomicUsize,
    /// Threads that may be at work.
    active: Apart,
    /// How often work was handed out.
    rounds: Apart,
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
        return team.shared.hand_out(count, threads.min(count) - 1, work);
    }
    (0..count).for_each(work);
}

/// The team, which is called together when it is first needed: a thread for each core but one. A process that forks while it is
/// at work has none in the child.
fn team() -> &'static Team {
    static TEAM: OnceLock<Team> = OnceLock::new();
    TEAM.get_or_init(|| {
        let shared = Arc::new(Shared::default());
        for _ in 1..thread::available_parallelism().map_or(1, NonZero::get) {
            let shared = Arc::clone(&shared);
            // Without this thread the others do the work.
            let _ = thread::Builder::new().name("nid-kernels".to_owned()).spawn(move || shared.stand_ready());
        }
        Team { shared, busy: Mutex::new(()) }
    })
}

impl Shared {
    /// Does the work together with as many threads of the team as there are seats, of those that are awake in time.
    fn hand_out(&self, count: usize, seats: usize, work: Work<'_>) {
        #[expect(unsafe_code, reason = "work is lent to threads that outlive it")]
        // SAFETY: the caller holds `Team::busy`, and the team is closed, so that nobody reads `work`: who was active while it
        // was open has been waited for. Nobody reads it after this function either: once the team is closed again, who makes
        // itself active finds it closed, and those who were active before are waited for. So no thread sees it longer than it
        // lives.
        unsafe {
            *self.work.get() = Some(std::mem::transmute::<Work<'_>, Work<'static>>(work));
        }
        self.count.store(count, SeqCst);
        self.next.0.store(0, SeqCst);
        self.seats.store(seats, SeqCst);
        self.open.store(true, SeqCst);
        self.rounds.0.fetch_add(1, SeqCst);
        if self.asleep.load(SeqCst) > 0 {
            drop(self.sleepers.lock().unwrap_or_else(PoisonError::into_inner));
            (0..seats).for_each(|_| self.wake.notify_one());
        }
        let outcome = catch_unwind(AssertUnwindSafe(|| self.take_part(work)));
        // Whatever comes of it, what is lent has to be back before this function ends.
        self.open.store(false, SeqCst);
        let mut looks = 0;
        while self.active.0.load(SeqCst) > 0 {
            hint::spin_loop();
            looks += 1;
            if looks % LOOKS == 0 {
                thread::yield_now();
            }
        }
        let has_panicked = self.panicked.swap(false, SeqCst);
        if let Err(panic) = outcome {
            std::panic::resume_unwind(panic);
        }
        assert!(!has_panicked, "a thread of the team has panicked");
    }

    /// Takes numbers until there are none left.
    fn take_part(&self, work: Work<'_>) {
        let count = self.count.load(SeqCst);
        loop {
            let next = self.next.0.fetch_add(1, SeqCst);
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
            if self.seats.load(SeqCst) == 0 {
                continue;
            }
            self.active.0.fetch_add(1, SeqCst);
            if self.open.load(SeqCst) && self.seats.fetch_update(SeqCst, SeqCst, |seats| seats.checked_sub(1)).is_ok() {
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
            self.active.0.fetch_sub(1, SeqCst);
        }
    }

    /// Waits for work to be handed out after that round; tells the round.
    fn wait(&self, round: usize) -> usize {
        let start = Instant::now();
        while start.elapsed() < AWAKE {
            for _ in 0..LOOKS {
                let now = self.rounds.0.load(SeqCst);
                if now != round {
                    return now;
                }
                hint::spin_loop();
            }
        }
        let mut sleepers = self.sleepers.lock().unwrap_or_else(PoisonError::into_inner);
        *sleepers += 1;
        self.asleep.store(*sleepers, SeqCst);
        // Who hands out work looks for sleepers after it has begun a round, so that one of the two sees the other.
        while self.rounds.0.load(SeqCst) == round {
            sleepers = self.wake.wait(sleepers).unwrap_or_else(PoisonError::into_inner);
        }
        *sleepers -= 1;
        self.asleep.store(*sleepers, SeqCst);
        self.rounds.0.load(SeqCst)
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
        for bad in [0..1, 3..4, 7..8, 0..8] {
            let outcome = catch_unwind(|| each(8, 4, &|index| assert!(!bad.contains(&index))));
            assert!(outcome.is_err(), "{bad:?}");
            every_number_is_done_once();
        }
    }
}
