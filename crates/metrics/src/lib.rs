//! How good a caption is, measured against what people wrote about the same photo.
//!
//! The numbers mean something only beside other people's, so they follow the field's ruler,
//! pycocoevalcap 1.2, to the last epsilon: corpus BLEU-1..4 ([`bleu`]) and CIDEr-D ([`cider`]) over
//! lower-cased Penn Treebank tokens ([`tokens()`]). [`evaluate`] is the whole of it for a list of
//! captions; the modules are there for who wants one number, or a reward to train on.
//!
//! This crate knows words and counts; no tensors, no files.

pub mod bleu;
pub mod cider;
mod evaluate;
mod ngrams;
mod tokens;

pub use evaluate::{Pair, Scores, evaluate, evaluate_each};
pub use tokens::tokens;
