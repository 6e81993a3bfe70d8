//! A captioner's bundle.

use std::path::Path;

use nid_autograd::{Initialiser, Parameters};
use nid_data::vocabulary::Vocabulary;
use nid_nn::decoder::{self, Config, Decoder};
use nid_nn::encoder::Encoder;

use super::manifest::{Kind, Manifest};
use super::source::{CARD, ENCODER, MANIFEST, MODEL, Source, VOCABULARY};
use super::{Matrix, check_size, fill, read_encoder, save};
use crate::Error;

/// All files but the manifest.
const FILES: [&str; 4] = [VOCABULARY, ENCODER, MODEL, CARD];

/// An opened bundle.
pub struct Bundle {
    /// What it is.
    pub manifest: Manifest,
    /// The words that it knows.
    pub vocabulary: Vocabulary,
    /// What sees the picture.
    pub encoder: Encoder,
    /// What says the words.
    pub decoder: Decoder,
    /// The decoder's numbers.
    pub parameters: Parameters,
    /// What people should know of it, in Markdown.
    pub card: String,
}

/// What a bundle is made of.
#[derive(Clone, Copy)]
pub struct Parts<'a> {
    /// What it is; its `files` are filled in.
    pub manifest: &'a Manifest,
    /// The words.
    pub vocabulary: &'a Vocabulary,
    /// The encoder's weights, the bytes of a safetensors file.
    pub encoder_weights: &'a [u8],
    /// The decoder's numbers.
    pub parameters: &'a Parameters,
    /// What people should know of it, in Markdown.
    pub card: &'a str,
    /// Whether a bundle that is there is replaced.
    pub replace: bool,
}

impl Bundle {
    /// Opens the bundle in a folder, or the embedded one of that name. What exists as a path is a path.
    ///
    /// # Errors
    /// If there is neither, and as [`Bundle::load`].
    pub fn open(name_or_path: &str) -> Result<Self, Error> {
        Self::from_source(&Source::find(name_or_path, Some(Kind::Captioner))?)
    }

    /// Opens the bundle in a folder.
    ///
    /// # Errors
    /// A file that cannot be read, was changed since the bundle was saved, or does not agree with the others;
    /// another version; another kind of model; a key that is not known. Each names the file.
    pub fn load(folder: &Path) -> Result<Self, Error> {
        Self::from_source(&Source::Folder(folder))
    }

    /// Opens the embedded bundle of that name.
    ///
    /// # Errors
    /// If there is none, and as [`Bundle::load`].
    pub fn embedded(name: &str) -> Result<Self, Error> {
        Self::from_source(&Source::embedded(name, Some(Kind::Captioner))?)
    }

    /// Saves a bundle, the decoder's numbers as 16-bit floats. The folder appears whole or not at all.
    ///
    /// # Errors
    /// If something is at `folder` that is not to be replaced or is no bundle; if the parts do not agree; if the disk
    /// refuses.
    pub fn save(folder: &Path, parts: Parts<'_>) -> Result<(), Error> {
        let model = save::arrays(folder, parts.parameters)?;
        let words = parts.vocabulary.to_text();
        let files = [
            (VOCABULARY, words.as_bytes()),
            (ENCODER, parts.encoder_weights),
            (MODEL, &model),
            (CARD, parts.card.as_bytes()),
        ];
        let manifest = Manifest { files: save::digests(&files), ..parts.manifest.clone() };
        save::save(folder, parts.replace, &manifest, &files, |folder| Self::load(folder).map(drop))
    }

    /// Regions and channels of what its encoder sees in a picture.
    ///
    /// # Errors
    /// If pictures of the manifest's size do not fit the encoder.
    pub fn feature_shape(&self) -> Result<[usize; 2], Error> {
        feature_shape(&self.manifest, &self.encoder)
    }

    pub(super) fn from_source(source: &Source<'_>) -> Result<Self, Error> {
        let manifest = Manifest::parse(&source.path(MANIFEST), &source.manifest()?)?;
        let files = source.listed(&manifest.files, &FILES)?;
        // The large file's digest takes a while, and so does the other's content.
        let (encoder, rest) = rayon::join(
            || read_encoder(&manifest.encoder.architecture, &files.bytes(ENCODER)?, &source.path(ENCODER)),
            || Ok::<_, Error>((files.bytes(VOCABULARY)?, files.bytes(MODEL)?, files.text(CARD)?)),
        );
        let (encoder, (words, model, card)) = (encoder?, rest?);

        let vocabulary = Vocabulary::parse(&source.path(VOCABULARY), &words).map_err(Error::Vocabulary)?;
        let [_, channels] = feature_shape(&manifest, &encoder)?;
        check_size(source, "decoder", &matrices(&manifest.decoder, channels, vocabulary.len()), model.len())?;
        let mut initialiser = Initialiser::new(0);
        let decoder = Decoder::new(&manifest.decoder, channels, vocabulary.len(), &mut initialiser);
        let mut parameters = initialiser.finish();
        fill(&mut parameters, &model, &source.path(MODEL))?;
        Ok(Self { manifest, vocabulary, encoder, decoder, parameters, card })
    }
}

fn feature_shape(manifest: &Manifest, encoder: &Encoder) -> Result<[usize; 2], Error> {
    Ok(encoder.shape(manifest.preprocessing.height, manifest.preprocessing.width)?)
}

/// The largest matrices of a decoder, one for each width.
fn matrices(config: &Config, channels: usize, words: usize) -> Vec<Matrix> {
    let Config { kind, projection, embedding, hidden, attention, .. } = *config;
    let mut matrices = vec![[hidden, hidden], [embedding, words]];
    if kind == decoder::Kind::ShowAttendAndTell {
        matrices.extend([[projection, channels], [attention, hidden], [attention, projection]]);
    }
    matrices
}
