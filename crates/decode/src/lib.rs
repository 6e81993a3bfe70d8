//! Finds likely sentences in a model that is read one word at a time.
//!
//! A captioner gives probabilities for the next word only; a sentence is found by search. This crate
//! holds beam search (greedy search is a beam of one), n-best lists, sampling, and constraints on what
//! may be said. It asks a [`Model`] for numbers and knows neither tensors nor text, so that a test can
//! give it a table and compare with exhaustive search.
//!
//! The sentences of all pictures are read in one batch, and those that have ended leave it. What a
//! picture gets does not depend on the others in its batch, as long as the model's rows do not.
//!
//! # The rule of the beam
//! A sentence's score is `Σ ln p / (words + 1)^α`: the sum of the model's own log-probabilities, the end
//! word's included, over a power of its length, the end word counted (Wu et al., "Google's Neural
//! Machine Translation System" (2016), section 7, with the simpler penalty `length^α`).
//!
//! At every step all continuations of a picture's live sentences, the end word among them, compete by
//! their sums, and the best `beam` stay. Every one of them has the same length at that moment, so the
//! sums rank them as the scores would. Those that stay and have just ended move to the finished list, which
//! keeps the best `n_best` by score; the others live on, and fill the whole beam again at the next step.
//! From this follow two properties:
//!
//! - a beam of one is greedy: when the end word is the likeliest, nothing lives on;
//! - a beam as wide as the tree drops nothing but what scores worse, and so equals exhaustive search.
//!
//! A picture is done when nothing lives, or when `n_best` sentences are finished and no live one can still
//! beat the worst of them. Sums only fall, so a live sum `S` ends with a score of at most
//! `S / (max_words + 1)^α`.
//!
//! # What is always true
//! - Every sentence ends: at `max_words` only the end word is allowed, and its log-probability is added.
//! - Ties go to the row that ranked higher, then to the lower token; between finished sentences to the earlier.
//! - A log-probability of `-∞` or NaN means that the word is impossible.
//! - A sentence that nothing may continue (all forbidden or impossible) is a dead end and is dropped. A
//!   picture all of whose sentences are dropped gets an empty list.

mod beam;
mod constraints;
mod picture;
mod sample;
mod search;
mod settings;

pub use search::search;
pub use settings::{Error, Sampling, Settings};

/// A word's index in the vocabulary.
pub type TokenId = u32;

/// A model read one word at a time, many sentences at once.
pub trait Model {
    /// What it remembers of a batch of unfinished sentences (an LSTM's states, a key-value cache), one
    /// row each.
    type State;

    /// Reads one more word in every row. Returns the new states and the natural log-probabilities of
    /// the next word, `tokens.len()` rows by vocabulary, row-major.
    fn step(&self, state: Self::State, tokens: &[TokenId]) -> (Self::State, Vec<f32>);

    /// The rows named, in that order, repeated where named twice.
    fn select(&self, state: &Self::State, rows: &[usize]) -> Self::State;
}

/// A sentence that has ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Sentence {
    /// Its words, without the start and the end word.
    pub words: Vec<TokenId>,
    /// Sum of the model's natural log-probabilities of its words, the end word included.
    pub log_probability: f64,
    /// `log_probability / (words.len() + 1)^length_penalty`.
    pub score: f64,
}
