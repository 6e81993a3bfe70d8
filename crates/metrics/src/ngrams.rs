//! Runs of one to four words, the unit that both metrics count.
//!
//! Ordered maps, not hashed ones: sums of floating-point weights are then taken in the same order
//! in every run, so that a score used as a training reward repeats bit for bit.

use std::collections::BTreeMap;

/// The longest n-gram that is counted.
pub(crate) const ORDER: usize = 4;

/// How often each n-gram of one sentence occurs in it.
pub(crate) fn count<T: Ord>(sentence: &[T]) -> BTreeMap<&[T], u32> {
    let mut counts = BTreeMap::new();
    for order in 1..=ORDER {
        for ngram in sentence.windows(order) {
            *counts.entry(ngram).or_insert(0) += 1;
        }
    }
    counts
}
