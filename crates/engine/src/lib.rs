//! What is scored is what is served: one way from a picture to a sentence.
//!
//! A [`Bundle`] holds all that a captioner needs, encoder included; a [`Captioner`] runs it. Training
//! caches what the encoder sees in [`features`], and scores through the same captioner in [`evaluate`].
//! Nothing here knows a terminal or a socket.

pub mod bundle;
mod captioner;
pub mod config;
mod digest;
mod error;
pub mod evaluate;
pub mod features;
mod files;
pub mod meteor;
mod preprocessing;
pub mod report;
pub mod score;
mod sentence;

pub use bundle::Bundle;
pub use captioner::{Caption, Captioner};
pub use digest::seed_of;
pub use error::Error;
pub use files::replace as replace_file;
pub use preprocessing::{Preprocessing, preprocess};
pub use sentence::sentence;
