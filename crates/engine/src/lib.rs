//! What is scored is what is served: one way from a picture to a sentence, and one to its class.
//!
//! A [`Bundle`] holds all that a captioner needs, encoder included; a [`Captioner`] runs it. Training
//! caches what the encoder sees in [`features`], and scores through the same captioner in [`evaluate`].
//! A [`ClassifierBundle`] is the same for a classifier; a [`Model`](bundle::Model) is either. Other programs' models become
//! bundles by [`import`].
//! Nothing here knows a terminal or a socket.

pub mod bundle;
mod captioner;
mod classifier;
pub mod config;
mod digest;
mod error;
pub mod evaluate;
pub mod export;
pub mod features;
mod files;
pub mod import;
pub mod inspect;
pub mod meteor;
mod preprocessing;
pub mod report;
pub mod score;
mod sentence;

pub use bundle::{Bundle, ClassifierBundle};
pub use captioner::{Caption, Captioner};
pub use classifier::{
    Background, Classified, Classifier, Ground, Preparation, Prepared, Shade, ToldBy, head_logits, network_logits,
};
pub use digest::seed_of;
pub use error::Error;
pub use files::replace as replace_file;
pub use preprocessing::{Preprocessing, open_picture, preprocess};
pub use sentence::sentence;
