//! Memory that is used again.
//!
//! A training step asks for hundreds of megabytes in pieces and gives them back; fresh pages from the system cost
//! more than the arithmetic on them. Dropped buffers wait in a common store for the next of about their size.

use std::collections::BTreeMap;
use std::ops::{Deref, DerefMut};
use std::sync::{Mutex, PoisonError};

/// Dropped buffers by capacity, a power of two.
static STORE: Mutex<BTreeMap<usize, Vec<Vec<f32>>>> = Mutex::new(BTreeMap::new());

/// Smaller ones are the allocator's business.
const SMALLEST_STORED: usize = 1 << 10;

/// Numbers in memory that returns to the store when dropped.
#[derive(Debug, Default)]
pub struct Buffer(Vec<f32>);

impl Buffer {
    /// `length` numbers of any value: for results that are written whole.
    #[must_use]
    pub fn scratch(length: usize) -> Self {
        if length < SMALLEST_STORED {
            return Self(vec![0.0; length]);
        }
        let class = length.next_power_of_two();
        let stored = STORE.lock().unwrap_or_else(PoisonError::into_inner).get_mut(&class).and_then(Vec::pop);
        let mut numbers = stored.unwrap_or_else(|| Vec::with_capacity(class));
        numbers.resize(length, 0.0);
        Self(numbers)
    }

    /// `length` zeros.
    #[must_use]
    pub fn zeros(length: usize) -> Self {
        let mut buffer = Self::scratch(length);
        buffer.fill(0.0);
        buffer
    }

    /// A copy of `numbers`.
    #[must_use]
    pub fn copy_of(numbers: &[f32]) -> Self {
        let mut buffer = Self::scratch(numbers.len());
        buffer.copy_from_slice(numbers);
        buffer
    }
}

impl From<Vec<f32>> for Buffer {
    fn from(numbers: Vec<f32>) -> Self {
        Self(numbers)
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        let class = self.0.capacity();
        if class >= SMALLEST_STORED && class.is_power_of_two() {
            let numbers = std::mem::take(&mut self.0);
            STORE.lock().unwrap_or_else(PoisonError::into_inner).entry(class).or_default().push(numbers);
        }
    }
}

impl Deref for Buffer {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        &self.0
    }
}

impl DerefMut for Buffer {
    fn deref_mut(&mut self) -> &mut [f32] {
        &mut self.0
    }
}
