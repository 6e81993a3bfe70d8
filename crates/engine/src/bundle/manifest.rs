//! `bundle.toml`: what a bundle is, in words and numbers.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::Path;

use nid_data::vocabulary::{END, PAD, START, UNKNOWN};
use nid_decode::Settings;
use nid_nn::decoder;
use serde::{Deserialize, Serialize};

use crate::preprocessing::Preprocessing;
use crate::{Error, config};

/// The format that this program writes and reads.
pub const FORMAT: i64 = 1;

/// Everything about a bundle but its numbers and words.
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

/// What a model does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Describes a picture in a sentence.
    Captioner,
}

/// What sees the picture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EncoderConfig {
    /// The name of a table of layers: [`nid_nn::encoder::Architecture::named`].
    pub architecture: String,
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
    /// Another format (said before anything else, for it may have other keys), and what does not parse.
    pub fn parse(path: &Path, text: &str) -> Result<Self, Error> {
        let keys: toml::Table = config::parse(path, text)?;
        let format = keys.get("format");
        if format.and_then(toml::Value::as_integer) != Some(FORMAT) {
            let found = format.map_or("none".to_owned(), toml::Value::to_string);
            return Err(Error::Format { path: path.to_owned(), found, expected: FORMAT });
        }
        let manifest: Self = config::parse(path, text)?;
        match manifest.preprocessing.problem() {
            Some(found) => {
                let expected = "preprocessing that can be done".to_owned();
                Err(Error::Content { path: path.to_owned(), found, expected })
            }
            None => Ok(manifest),
        }
    }
}
