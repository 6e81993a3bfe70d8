//! Working memory that vectors read without crossing a cache line.

use std::fmt;
use std::ops::{Deref, DerefMut};

/// Numbers in a cache line.
const LINE: usize = 16;

/// At least that many of what threads work with, what is there and as many fresh ones as are missing.
pub(crate) fn at_least<T: Default>(kept: &mut Vec<T>, count: usize) -> &mut [T] {
    if kept.len() < count {
        kept.resize_with(count, T::default);
    }
    &mut kept[..count]
}

/// Numbers whose first lies at the beginning of a cache line.
#[derive(Default)]
pub struct Aligned {
    numbers: Vec<f32>,
    start: usize,
    length: usize,
}

impl Aligned {
    /// That many zeros.
    #[must_use]
    pub fn zeros(length: usize) -> Self {
        let numbers = vec![0.0; length + LINE];
        // Where it cannot be told, anywhere will do: nothing but speed depends on it.
        let start = Some(numbers.as_ptr().align_offset(LINE * size_of::<f32>())).filter(|&start| start < LINE);
        Self { numbers, start: start.unwrap_or(0), length }
    }

    /// At least that many numbers, whatever they are: what is here if it suffices, fresh memory otherwise.
    pub fn at_least(&mut self, length: usize) -> &mut [f32] {
        if self.length < length {
            *self = Self::zeros(length);
        }
        &mut self[..length]
    }
}

impl Deref for Aligned {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        &self.numbers[self.start..self.start + self.length]
    }
}

impl DerefMut for Aligned {
    fn deref_mut(&mut self) -> &mut [f32] {
        &mut self.numbers[self.start..self.start + self.length]
    }
}

impl fmt::Debug for Aligned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}
