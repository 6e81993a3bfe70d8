//! What captioning and classifying are learnt from and judged by, as plain values: pictures, captions, splits of the
//! photos, the words of the captions, and pictures with labels.
//!
//! The files of other people come in here, and nothing leaves but checked data: whatever is wrong
//! with a file is an error that names it, never a panic.

pub mod augmentation;
pub mod blocks;
pub mod captions;
pub mod labelled;
pub mod photos;
pub mod picture;
pub mod sentences;
pub mod split;
pub mod text;
pub mod vocabulary;
