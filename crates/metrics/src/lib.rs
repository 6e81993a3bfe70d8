//! How good a caption is, measured against what people wrote about the same photo.
//!
//! The numbers mean something only beside other people's, so they follow the field's ruler,
//! pycocoevalcap 1.2, to the last epsilon: corpus BLEU-1..4 ([`bleu`]), METEOR ([`meteor`]), ROUGE-L ([`rouge`]) and
//! CIDEr-D ([`cider`]) over lower-cased Penn Treebank tokens ([`tokens()`]). [`evaluate()`] is the whole of it for a list of
//! captions; the modules are there for who wants one number, or a reward to train on.
//!
//! What a network that tells classes apart is worth, [`classification`] says.
//!
//! This crate knows words and counts; no tensors, no files.
//!
//! ```
//! use nid_metrics::{Pair, evaluate};
//!
//! let pair = |candidate: &str, reference: &str| Pair {
//!     candidate: candidate.to_owned(),
//!     references: vec![reference.to_owned()],
//! };
//! let scores = evaluate(&[pair("A dog runs.", "A brown dog runs"), pair("Two men sit", "two people sit outside")]);
//! assert!(scores.bleu[0] > 0.5 && scores.cider > 0.0);
//! ```

pub mod bleu;
pub mod cider;
pub mod classification;
mod evaluate;
mod frequencies;
pub mod meteor;
mod ngrams;
pub mod resample;
pub mod rouge;
mod tokens;
mod words;

pub use evaluate::{
    Pair, Resources, Scores, Statistics, Wanted, evaluate, evaluate_each, frequencies, measure, tokenise_lines,
    tokenised,
};
pub use ngrams::Ngrams;
pub use tokens::{tokenize, tokenize_before, tokenize_between, tokens};
pub use words::{Words, split};
