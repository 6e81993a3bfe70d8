//! What others made, in our form: encoders, captioners and classifiers from the files of other programs.
//!
//! `nid_weights` turns bytes into named arrays; here is known what the names mean. Every import maps all arrays of a
//! file, says what became of each, and refuses what is missing, left over or of another shape, all of it at once.

mod arrays;
mod captioner;
mod encoder;
mod exported;
pub mod keras;
mod known;
mod mapping;
pub mod seed;
pub mod torch;

pub use encoder::{EncoderFound, find as find_encoder};
pub use exported::{exported, is_exported};
pub use known::Comparison;
pub use mapping::{Mapped, Misfit, Order, Row};

/// What an import made, and of what.
#[derive(Clone, Debug)]
pub struct Imported {
    /// What became of each array.
    pub mapped: Vec<Mapped>,
    /// What else there is to know: parts that are missing, and what was done without them.
    pub notes: Vec<String>,
}
