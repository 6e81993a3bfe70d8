//! How varied captions are: a model that says the same of everything may still score well.

use std::collections::HashSet;

use nid_metrics::{Pair, Words, split};
use serde::Serialize;

/// How varied captions are. Shares lie between 0 and 1, and are 0 where there is nothing to count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Variety {
    /// Different words of the captions.
    pub vocabulary: usize,
    /// Different words over all words: Li et al., "A Diversity-Promoting Objective Function for Neural Conversation
    /// Models" (2016).
    pub distinct_1: f64,
    /// The same of pairs of words that follow each other.
    pub distinct_2: f64,
    /// The share of captions that no training caption equals, token for token; where training captions are given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub novel: Option<f64>,
}

impl Variety {
    /// Of the candidates of tokenised pairs, beside the tokenised sentences of the training.
    pub(super) fn of(pairs: &[Pair], training: Option<&[String]>) -> Self {
        let mut words = Words::default();
        let (mut unigrams, mut bigrams) = (0, Vec::new());
        for pair in pairs {
            let numbers = words.numbers(split(&pair.candidate));
            unigrams += numbers.len();
            bigrams.extend(numbers.windows(2).map(|pair| u64::from(pair[0]) << u32::BITS | u64::from(pair[1])));
        }
        let all = bigrams.len();
        bigrams.sort_unstable();
        bigrams.dedup();
        Self {
            vocabulary: words.len(),
            distinct_1: share(words.len(), unigrams),
            distinct_2: share(bigrams.len(), all),
            novel: training.map(|training| novel(pairs, training)),
        }
    }
}

fn novel(pairs: &[Pair], training: &[String]) -> f64 {
    let seen: HashSet<&str> = training.iter().map(String::as_str).collect();
    share(pairs.iter().filter(|pair| !seen.contains(pair.candidate.as_str())).count(), pairs.len())
}

fn share(part: usize, all: usize) -> f64 {
    part as f64 / all.max(1) as f64
}
