//! A captioner's manifest.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::Path;

use nid_data::vocabulary::{END, PAD, START, UNKNOWN};
use nid_decode::Settings;
use nid_nn::decoder;
use serde::{Deserialize, Serialize};

use super::{EncoderConfig, FORMAT, Kind, check_preprocessing, parse};
use crate::Error;
use crate::preprocessing::Preprocessing;

/// Everything about a captioner's bundle but its numbers and words.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The format's version, [`FORMAT`].
    pub format: i64,
    /// What the model does.
    pub kind: Kind,
    /// What sees the picture.
    pub encoder: EncoderConfig,
    /// What says the words.
    pub decoder: decoder::Config,
    /// How pictures are prepared.
    pub preprocessing: Preprocessing,
    /// How sentences are searched for, where nothing else is asked.
    #[serde(default)]
    pub search: Search,
    /// The SHA-256 of each other file, in hexadecimal digits; filled in when a bundle is saved.
    #[serde(default)]
    pub files: BTreeMap<String, String>,
}

/// A model's own search settings, tuned on its dev photos.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Search {
    /// Unfinished sentences kept.
    pub beam: NonZeroUsize,
    /// The exponent of the length in the score.
    pub length_penalty: f64,
    /// Words of the longest sentence.
    pub max_words: usize,
}

impl Default for Search {
    fn default() -> Self {
        let Settings { beam, length_penalty, max_words, .. } = Settings::new(START, END);
        Self { beam, length_penalty, max_words }
    }
}

impl Search {
    /// What a search wants to know; only words of a caption may be said.
    pub fn settings(&self) -> Settings {
        let &Self { beam, length_penalty, max_words } = self;
        Settings { beam, length_penalty, max_words, forbid: vec![PAD, START, UNKNOWN], ..Settings::new(START, END) }
    }
}

impl Manifest {
    /// A captioner's manifest, its files still to be filled in.
    pub fn captioner(architecture: &str, decoder: decoder::Config, preprocessing: Preprocessing) -> Self {
        Self {
            format: FORMAT,
            kind: Kind::Captioner,
            encoder: EncoderConfig { architecture: architecture.to_owned() },
            decoder,
            preprocessing,
            search: Search::default(),
            files: BTreeMap::new(),
        }
    }

    /// Reads the text of `bundle.toml`; `path` is for the errors alone.
    ///
    /// # Errors
    /// Another format (said before anything else, for it may have other keys), another kind of model, and what does
    /// not parse.
    pub fn parse(path: &Path, text: &str) -> Result<Self, Error> {
        let manifest: Self = parse(path, text, Kind::Captioner)?;
        check_preprocessing(path, &manifest.preprocessing)?;
        Ok(manifest)
    }
}
