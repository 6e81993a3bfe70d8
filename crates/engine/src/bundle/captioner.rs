//! A captioner's bundle.

use std::path::Path;

use nid_autograd::{Initialiser, Parameters};
use nid_data::vocabulary::Vocabulary;
use nid_nn::decoder::{self, Config, Decoder};
use nid_nn::encoder::{Architecture, Encoder};
use nid_weights::Precision;

use super::manifest::{EncoderConfig, Features, Kind, Manifest};
use super::source::{CARD, ENCODER, Listed, MANIFEST, MODEL, Source, VOCABULARY};
use super::{Matrix, check_encoder, check_size, fill, read_encoder, save};
use crate::Error;
use crate::files::{Content, File};

/// All files but the manifest, where there is no encoder.
const FILES: [&str; 3] = [VOCABULARY, MODEL, CARD];
/// The same where there is one.
const FILES_WITH_ENCODER: [&str; 4] = [VOCABULARY, ENCODER, MODEL, CARD];

/// An opened bundle.
pub struct Bundle {
    /// What it is.
    pub manifest: Manifest,
    /// The words that it knows.
    pub vocabulary: Vocabulary,
    /// What sees the picture; none where the model reads features that were made elsewhere.
    pub encoder: Option<Encoder>,
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
    /// The encoder's weights, where it has an encoder.
    pub encoder_weights: Option<EncoderWeights<'a>>,
    /// The decoder's numbers.
    pub parameters: &'a Parameters,
    /// How exactly they are kept.
    pub precision: Precision,
    /// What people should know of it, in Markdown.
    pub card: &'a str,
    /// Whether a bundle that is there is replaced.
    pub replace: bool,
}

/// The weights of an encoder, as a safetensors file.
#[derive(Clone, Copy)]
pub enum EncoderWeights<'a> {
    /// The file's bytes.
    Bytes(&'a [u8]),
    /// A file on the bundle's own disk, which becomes a part of it.
    Moved(&'a Path),
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

    /// Saves a bundle. The folder appears whole or not at all.
    ///
    /// # Errors
    /// If something is at `folder` that is not to be replaced or is no bundle; if the parts do not agree; if the disk
    /// refuses.
    pub fn save(folder: &Path, parts: Parts<'_>) -> Result<(), Error> {
        let model = save::arrays(folder, parts.parameters, parts.precision)?;
        let words = parts.vocabulary.to_text();
        let mut files: Vec<File<'_>> = vec![
            (VOCABULARY, Content::Bytes(words.as_bytes())),
            (MODEL, Content::Bytes(&model)),
            (CARD, Content::Bytes(parts.card.as_bytes())),
        ];
        files.extend(parts.encoder_weights.map(|weights| match weights {
            EncoderWeights::Bytes(bytes) => (ENCODER, Content::Bytes(bytes)),
            EncoderWeights::Moved(path) => (ENCODER, Content::Moved(path)),
        }));
        let manifest = Manifest { files: save::digests(&files)?, ..parts.manifest.clone() };
        save::save(folder, parts.replace, &manifest, &files, check)
    }

    /// What sees the picture.
    ///
    /// # Errors
    /// If the bundle has no encoder.
    pub fn encoder(&self) -> Result<&Encoder, Error> {
        self.encoder.as_ref().ok_or(Error::NoEncoder)
    }

    /// Regions and channels of what is seen in a picture.
    ///
    /// # Errors
    /// If pictures of the manifest's size do not fit the encoder.
    pub fn feature_shape(&self) -> Result<[usize; 2], Error> {
        feature_shape(&self.manifest)
    }

    pub(super) fn from_source(source: &Source<'_>) -> Result<Self, Error> {
        let manifest = Manifest::parse(&source.path(MANIFEST), &source.manifest()?)?;
        let files = listed(source, &manifest)?;
        let read_encoder =
            |config: &EncoderConfig| read_encoder(&config.architecture, &files.bytes(ENCODER)?, &source.path(ENCODER));
        // The large file's digest takes a while, and so does the other's content.
        let (encoder, speech) = rayon::join(
            || manifest.encoder.as_ref().map(read_encoder).transpose(),
            || Speech::read(source, &files, &manifest),
        );
        let (encoder, Speech { vocabulary, decoder, parameters, card }) = (encoder?, speech?);
        Ok(Self { manifest, vocabulary, encoder, decoder, parameters, card })
    }
}

/// All of a bundle that an encoder has no part in.
struct Speech {
    vocabulary: Vocabulary,
    decoder: Decoder,
    parameters: Parameters,
    card: String,
}

impl Speech {
    fn read(source: &Source<'_>, files: &Listed<'_>, manifest: &Manifest) -> Result<Self, Error> {
        let (words, model, card) = (files.bytes(VOCABULARY)?, files.bytes(MODEL)?, files.text(CARD)?);
        let vocabulary = Vocabulary::parse(&source.path(VOCABULARY), &words).map_err(Error::Vocabulary)?;
        let [_, channels] = feature_shape(manifest)?;
        check_size(source, "decoder", &matrices(&manifest.decoder, channels, vocabulary.len()), model.len())?;
        let mut initialiser = Initialiser::new(0);
        let decoder = Decoder::new(&manifest.decoder, channels, vocabulary.len(), &mut initialiser);
        let mut parameters = initialiser.finish();
        fill(&mut parameters, &model, &source.path(MODEL))?;
        Ok(Self { vocabulary, decoder, parameters, card })
    }
}

/// Whether a bundle that has just been written can be opened. An encoder of gigabytes is not read for it.
pub(super) fn check(folder: &Path) -> Result<(), Error> {
    let source = Source::Folder(folder);
    let manifest = Manifest::parse(&source.path(MANIFEST), &source.manifest()?)?;
    Speech::read(&source, &listed(&source, &manifest)?, &manifest)?;
    match &manifest.encoder {
        Some(config) => check_encoder(&config.architecture, &source.path(ENCODER)),
        None => Ok(()),
    }
}

/// The files of a captioner.
fn listed<'a>(source: &'a Source<'a>, manifest: &'a Manifest) -> Result<Listed<'a>, Error> {
    source.listed(&manifest.files, if manifest.encoder.is_some() { &FILES_WITH_ENCODER } else { &FILES })
}

fn feature_shape(manifest: &Manifest) -> Result<[usize; 2], Error> {
    let Manifest { encoder, features, preprocessing, .. } = manifest;
    match (encoder, features) {
        (Some(encoder), _) => {
            Ok(Architecture::named(&encoder.architecture)?.shape(preprocessing.height, preprocessing.width)?)
        }
        (None, Some(Features { regions, channels })) => Ok([regions.get(), channels.get()]),
        (None, None) => unreachable!("a manifest is only read with one of them"),
    }
}

/// The largest matrices of a decoder, one for each width.
fn matrices(config: &Config, channels: usize, words: usize) -> Vec<Matrix> {
    let Config { kind, projection, embedding, hidden, attention, .. } = *config;
    let mut matrices = vec![[hidden, hidden], [embedding, words], [config.scored(), words]];
    if kind == decoder::Kind::ShowAndTell {
        matrices.push([embedding, channels]);
    }
    if kind == decoder::Kind::ShowAttendAndTell {
        matrices.extend([[projection, channels], [attention, hidden], [attention, projection]]);
    }
    matrices
}
