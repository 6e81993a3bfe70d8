//! The best few of very many continuations.
//!
//! A step offers beam × vocabulary continuations, of which a handful stay. They pass through a heap
//! of that handful, whose worst member turns nearly all of them away with one comparison.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use crate::TokenId;

/// One more word after one of the live sentences; greater is better.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Continuation {
    /// Sum of log-probabilities with this word.
    pub(crate) log_probability: f64,
    /// The live sentence.
    pub(crate) row: usize,
    /// The word.
    pub(crate) token: TokenId,
}

impl Ord for Continuation {
    fn cmp(&self, other: &Self) -> Ordering {
        self.log_probability
            .total_cmp(&other.log_probability)
            .then(other.row.cmp(&self.row))
            .then(other.token.cmp(&self.token))
    }
}

impl PartialOrd for Continuation {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Continuation {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Continuation {}

/// All possible words after the live sentence `row`, whose sum so far is `log_probability`.
pub(crate) fn continuations(row: usize, log_probability: f64, next: &[f32]) -> impl Iterator<Item = Continuation> {
    // NaN is not above anything, and so impossible.
    let possible = (0..).zip(next).filter(|&(_, &value)| value > f32::NEG_INFINITY);
    possible.map(move |(token, &value)| Continuation {
        log_probability: log_probability + f64::from(value),
        row,
        token,
    })
}

/// The best `count`, best first.
pub(crate) fn best(all: impl Iterator<Item = Continuation>, count: usize) -> Vec<Continuation> {
    let mut heap = BinaryHeap::new();
    for continuation in all {
        if heap.len() < count {
            heap.push(Reverse(continuation));
        } else if let Some(mut worst) = heap.peek_mut()
            && continuation > worst.0
        {
            *worst = Reverse(continuation);
        }
    }
    heap.into_sorted_vec().into_iter().map(|Reverse(continuation)| continuation).collect()
}
