//! Who does the work.

use crate::team;

/// Who works on something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Threads {
    /// The calling thread alone: for work that is already one of several in parallel.
    One,
    /// The calling thread and others, as many as the current rayon pool has, if the machine has as many cores.
    All,
}

impl Threads {
    /// How many there are.
    pub(crate) fn count(self) -> usize {
        match self {
            Self::One => 1,
            Self::All => rayon::current_num_threads(),
        }
    }

    /// Calls `work` with each band of `values`, `length` numbers long (the last may be shorter), with its index, and with that of
    /// `own` which has the same index.
    ///
    /// # Panics
    /// If there are fewer of `own` than bands.
    pub(crate) fn bands<T: Send>(
        self,
        values: &mut [f32],
        length: usize,
        own: &mut [T],
        work: impl Fn(usize, &mut [f32], &mut T) + Sync,
    ) {
        let count = values.len().div_ceil(length);
        assert!(own.len() >= count, "{} bands, and {} to work with", count, own.len());
        let (total, values, own) = (values.len(), Lent(values.as_mut_ptr()), Lent(own.as_mut_ptr()));
        team::each(count, self.count(), &|index| {
            let start = index * length;
            #[expect(unsafe_code, reason = "each thread writes a part of its own")]
            // SAFETY: `team::each` gives every index below `count` once, so that no two calls get the same band or the same of `own`;
            // `index` is below `own.len()` and `start` below `total`, as `count` is computed; both are borrowed until all calls
            // are over.
            let (band, own) = unsafe {
                let band = std::slice::from_raw_parts_mut(values.get().add(start), length.min(total - start));
                (band, &mut *own.get().add(index))
            };
            work(index, band, own);
        });
    }

    /// Calls `work` with each of `own` and its index.
    pub(crate) fn each<T: Send>(self, own: &mut [T], work: impl Fn(usize, &mut T) + Sync) {
        let (count, own) = (own.len(), Lent(own.as_mut_ptr()));
        team::each(count, self.count(), &|index| {
            #[expect(unsafe_code, reason = "each thread works with its own")]
            // SAFETY: `team::each` gives every index below `count` once; `own` is borrowed until all calls are over.
            work(index, unsafe { &mut *own.get().add(index) });
        });
    }
}

/// Where something begins of which threads get a part each.
struct Lent<T>(*mut T);

impl<T> Lent<T> {
    fn get(&self) -> *mut T {
        self.0
    }
}

#[expect(unsafe_code, reason = "each thread gets a part of its own")]
// SAFETY: the pointer is only used to reach parts of which no two threads have the same, and what it points to may be sent.
unsafe impl<T: Send> Sync for Lent<T> {}
