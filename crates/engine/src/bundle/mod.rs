//! A model in a folder: all that it takes to caption a picture, and nothing from elsewhere.
//!
//! | file | holds |
//! |---|---|
//! | `bundle.toml` | the [`Manifest`]: architecture, preprocessing, SHA-256 of each other file |
//! | `vocabulary.txt` | the words, one a line |
//! | `encoder.safetensors` | the encoder's weights, as published |
//! | `model.safetensors` | the decoder's parameters |
//! | `CARD.md` | what it was trained on, what it is good and bad at |
//!
//! It is written whole or not at all, and opened only if its parts agree.

mod manifest;
mod save;
mod source;

use std::path::Path;

use nid_autograd::{Initialiser, Parameters, Tensor};
use nid_data::vocabulary::Vocabulary;
use nid_nn::decoder::{self, Config, Decoder};
use nid_nn::encoder::{Architecture, Encoder};
use nid_weights::Archive;

pub use manifest::{EncoderConfig, FORMAT, Kind, Manifest, Search};
pub use save::Parts;
use source::{CARD, EMBEDDED, ENCODER, FILES, MANIFEST, MODEL, Source, VOCABULARY};

use crate::Error;

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

impl Bundle {
    /// Opens the bundle in a folder, or the embedded one of that name. What exists as a path is a path.
    ///
    /// # Errors
    /// If there is neither, and as [`Bundle::load`].
    pub fn open(name_or_path: &str) -> Result<Self, Error> {
        let path = Path::new(name_or_path);
        if path.exists() { Self::load(path) } else { Self::embedded(name_or_path) }
    }

    /// Opens the bundle in a folder.
    ///
    /// # Errors
    /// A file that cannot be read, was changed since the bundle was saved, or does not agree with the others;
    /// another version; a key that is not known. Each names the file.
    pub fn load(folder: &Path) -> Result<Self, Error> {
        Self::from_source(&Source::Folder(folder))
    }

    /// Opens the embedded bundle of that name.
    ///
    /// # Errors
    /// If there is none, and as [`Bundle::load`].
    pub fn embedded(name: &str) -> Result<Self, Error> {
        match EMBEDDED.iter().find(|bundle| bundle.name == name) {
            Some(bundle) => Self::from_source(&Source::Embedded(bundle)),
            None => Err(Error::NoBundle { name: name.to_owned(), known: Self::names() }),
        }
    }

    /// The names of the embedded bundles.
    pub fn names() -> Vec<&'static str> {
        EMBEDDED.iter().map(|bundle| bundle.name).collect()
    }

    /// Saves a bundle, the decoder's numbers as 16-bit floats. The folder appears whole or not at all.
    ///
    /// # Errors
    /// If something is at `folder` that is not to be replaced or is no bundle; if the parts do not agree; if the disk
    /// refuses.
    pub fn save(folder: &Path, parts: Parts<'_>) -> Result<(), Error> {
        save::save(folder, parts)
    }

    /// Regions and channels of what its encoder sees in a picture.
    ///
    /// # Errors
    /// If pictures of the manifest's size do not fit the encoder.
    pub fn feature_shape(&self) -> Result<[usize; 2], Error> {
        feature_shape(&self.manifest, &self.encoder)
    }

    fn from_source(source: &Source<'_>) -> Result<Self, Error> {
        let manifest = Manifest::parse(&source.path(MANIFEST), &source.text(MANIFEST)?)?;
        if let Some(found) = manifest.files.keys().find(|name| !FILES.contains(&name.as_str())) {
            let (found, expected) = (format!("a file {found:?} under [files]"), FILES.join(", "));
            return Err(Error::Content { path: source.path(MANIFEST), found, expected });
        }
        let checked = |file| source.checked(file, manifest.files.get(file));
        // The large file's digest takes a while, and so does the other's content.
        let (encoder, rest) = rayon::join(
            || read_encoder(&manifest.encoder.architecture, &checked(ENCODER)?, &source.path(ENCODER)),
            || Ok::<_, Error>((checked(VOCABULARY)?, checked(MODEL)?, checked(CARD)?)),
        );
        let (encoder, (words, model, card)) = (encoder?, rest?);

        let vocabulary = Vocabulary::parse(&source.path(VOCABULARY), &words).map_err(Error::Vocabulary)?;
        let [_, channels] = feature_shape(&manifest, &encoder)?;
        check_size(&manifest.decoder, channels, vocabulary.len(), model.len())
            .map_err(|(found, expected)| Error::Content { path: source.path(MANIFEST), found, expected })?;
        let mut initialiser = Initialiser::new(0);
        let decoder = Decoder::new(&manifest.decoder, channels, vocabulary.len(), &mut initialiser);
        let mut parameters = initialiser.finish();
        fill(&mut parameters, &model, &source.path(MODEL))?;
        let card = source.utf8(CARD, card)?;
        Ok(Self { manifest, vocabulary, encoder, decoder, parameters, card })
    }
}

/// The encoder of an architecture, from a safetensors file's bytes; `path` is for the errors alone.
///
/// # Errors
/// An architecture that is not known, and arrays that are missing or of another shape.
pub fn read_encoder(architecture: &str, weights: &[u8], path: &Path) -> Result<Encoder, Error> {
    let named = |source| Error::Encoder { path: path.to_owned(), source };
    let architecture = Architecture::named(architecture).map_err(named)?;
    let archive = Archive::from_bytes(weights).map_err(|source| Error::Arrays { path: path.to_owned(), source })?;
    Encoder::new(&architecture, |name, shape| archive.f32(name, shape)).map_err(named)
}

/// The weights of the encoder of an embedded bundle that has this architecture, for training and saving.
pub fn embedded_encoder(architecture: &str) -> Option<&'static [u8]> {
    EMBEDDED.iter().find_map(|bundle| {
        let of = |name| bundle.files.iter().find(|(file, _)| *file == name).map(|(_, bytes)| *bytes);
        let text = std::str::from_utf8(of(MANIFEST)?).ok()?;
        let manifest = Manifest::parse(Path::new(bundle.name), text).ok()?;
        of(ENCODER).filter(|_| manifest.encoder.architecture == architecture)
    })
}

fn feature_shape(manifest: &Manifest, encoder: &Encoder) -> Result<[usize; 2], Error> {
    Ok(encoder.shape(manifest.preprocessing.height, manifest.preprocessing.width)?)
}

/// Refuses a decoder that is larger than its file, before memory is taken for it.
fn check_size(config: &Config, channels: usize, words: usize, bytes: usize) -> Result<(), (String, String)> {
    let Config { kind, projection, embedding, hidden, attention, .. } = *config;
    let attends = kind == decoder::Kind::ShowAttendAndTell;
    let matrices = [
        (true, hidden, hidden),
        (true, embedding, words),
        (attends, projection, channels),
        (attends, attention, hidden),
        (attends, attention, projection),
    ];
    for (_, rows, columns) in matrices.into_iter().filter(|(is_there, ..)| *is_there) {
        if rows == 0 || rows.checked_mul(columns).is_none_or(|numbers| numbers > bytes) {
            let found = format!("a decoder with {rows} by {columns} numbers");
            return Err((found, format!("one that fits the {bytes} bytes of {MODEL}")));
        }
    }
    Ok(())
}

/// Puts an archive's arrays in the place of the parameters of their names: all of them, and no other.
fn fill(parameters: &mut Parameters, model: &[u8], path: &Path) -> Result<(), Error> {
    let named = |source| Error::Arrays { path: path.to_owned(), source };
    let archive = Archive::from_bytes(model).map_err(named)?;
    for (name, tensor) in parameters.iter_mut() {
        let shape = tensor.shape().to_vec();
        *tensor = Tensor::new(&shape, archive.f32(name, &shape).map_err(named)?);
    }
    let stored = archive.iter().count();
    if stored != parameters.len() {
        let (found, expected) = (format!("{stored} arrays"), format!("the decoder's {}", parameters.len()));
        return Err(Error::Content { path: path.to_owned(), found, expected });
    }
    Ok(())
}
