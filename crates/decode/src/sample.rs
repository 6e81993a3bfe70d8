//! A word drawn at random.
//!
//! Every draw has a generator of its own, whose seed says which draw it is. So a sentence depends on
//! nothing but its picture and the seed, whatever else is in the batch and in whatever order it is read.

use std::collections::BinaryHeap;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use crate::Sampling;
use crate::beam::{Continuation, best};

/// Which draw this is.
pub(crate) struct Draw {
    /// The picture's seed.
    pub(crate) picture: u64,
    /// Which of the picture's sentences.
    pub(crate) sentence: usize,
    /// Which of the sentence's words.
    pub(crate) word: usize,
}

impl Draw {
    /// A number in [0, 1).
    fn uniform(&self, seed: u64) -> f64 {
        let mut bytes = [0; 32];
        let identity = [seed, self.picture, self.sentence as u64, self.word as u64];
        for (chunk, number) in bytes.chunks_exact_mut(8).zip(identity) {
            chunk.copy_from_slice(&number.to_le_bytes());
        }
        let bits = ChaCha8Rng::from_seed(bytes).next_u64() >> (u64::BITS - f64::MANTISSA_DIGITS);
        bits as f64 / (1u64 << f64::MANTISSA_DIGITS) as f64
    }
}

/// Draws one of the continuations of one sentence, given in the order of their tokens; none if there are none.
pub(crate) fn draw(all: impl Iterator<Item = Continuation>, sampling: &Sampling, which: &Draw) -> Option<Continuation> {
    let mut words: Vec<_> = match sampling.top_k {
        Some(count) => best(all, count.get()),
        None => all.collect(),
    };
    let likeliest = *words.iter().max()?;
    // Relative to the likeliest, so that a small temperature does not make all of them vanish.
    let weight =
        |word: &Continuation| ((word.log_probability - likeliest.log_probability) / sampling.temperature).exp();

    let mut total = words.iter().map(weight).sum::<f64>();
    if let Some(share) = sampling.top_p.filter(|&share| share < 1.0) {
        (words, total) = nucleus(words, weight, share * total);
    }
    let mut remaining = which.uniform(sampling.seed) * total;
    words
        .into_iter()
        .find(|word| {
            remaining -= weight(word);
            remaining < 0.0
        })
        // Only rounding can leave something over.
        .or(Some(likeliest))
}

/// The fewest likeliest words whose weights reach `wanted`, and what they weigh together.
fn nucleus(words: Vec<Continuation>, weight: impl Fn(&Continuation) -> f64, wanted: f64) -> (Vec<Continuation>, f64) {
    let mut heap = BinaryHeap::from(words);
    let mut kept = Vec::new();
    let mut total = 0.0;
    while let Some(word) = heap.pop() {
        total += weight(&word);
        kept.push(word);
        if total >= wanted {
            break;
        }
    }
    (kept, total)
}
