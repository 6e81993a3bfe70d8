//! A model in a folder: all that it takes to caption or classify a picture, and nothing from elsewhere.
//!
//! | file | holds |
//! |---|---|
//! | `bundle.toml` | the manifest: what it is, architecture, preprocessing, SHA-256 of each other file |
//! | `vocabulary.txt` | a captioner's words, one a line |
//! | `encoder.safetensors` | the encoder's weights, as published; a classifier of small pictures has none |
//! | `model.safetensors` | the parameters of the decoder or the classifier |
//! | `history.json` | a classifier's learning curves |
//! | `CARD.md` | what it was trained on, what it is good and bad at |
//!
//! It is written whole or not at all, and opened only if its parts agree.

mod captioner;
mod classifier;
mod files;
mod manifest;
mod save;
mod source;

use std::path::Path;

use nid_autograd::{Parameters, Tensor};
use nid_nn::encoder::{Architecture, Encoder};
use nid_weights::Archive;

pub use captioner::{Bundle, EncoderWeights, Parts};
pub use classifier::{ClassifierBundle, ClassifierParts, Epoch, Network};
pub(crate) use files::{Configuration, Files};
pub use manifest::{
    ClassifierConfig, ClassifierManifest, EncoderConfig, FORMAT, Features, Input, Kind, Manifest, Search,
};
pub(crate) use save::check_place;
use source::{EMBEDDED, ENCODER, MANIFEST, MODEL, Source};

use crate::Error;

/// An opened bundle of either kind.
#[expect(clippy::large_enum_variant, reason = "a bundle is opened once, and holds megabytes elsewhere")]
pub enum Model {
    /// Describes a picture in a sentence.
    Captioner(Bundle),
    /// Tells which of its classes a picture is of.
    Classifier(ClassifierBundle),
}

impl Model {
    /// Opens the bundle in a folder, or the embedded one of that name, whatever it is. What exists as a path is a path.
    ///
    /// # Errors
    /// If there is neither, and as [`Bundle::load`].
    pub fn open(name_or_path: &str) -> Result<Self, Error> {
        let source = Source::find(name_or_path, None)?;
        match manifest::kind_of(&source.path(MANIFEST), &source.manifest()?)? {
            Kind::Captioner => Bundle::from_source(&source).map(Self::Captioner),
            Kind::Classifier => ClassifierBundle::from_source(&source).map(Self::Classifier),
        }
    }

    /// [`Model::open`], and the bundle's files as they are.
    pub(crate) fn open_with_files(name_or_path: &str) -> Result<(Self, Files), Error> {
        let model = Self::open(name_or_path)?;
        let digests = match &model {
            Self::Captioner(bundle) => &bundle.manifest.files,
            Self::Classifier(bundle) => &bundle.manifest.files,
        };
        let files = Files::of(&Source::find(name_or_path, None)?, digests)?;
        Ok((model, files))
    }

    /// The names of the embedded bundles.
    pub fn names() -> Vec<&'static str> {
        EMBEDDED.iter().map(|bundle| bundle.name).collect()
    }
}

/// What the bundle in a folder is; nothing where there is none.
pub fn kind_in(folder: &Path) -> Option<Kind> {
    let source = Source::Folder(folder);
    manifest::kind_of(&source.path(MANIFEST), &source.manifest().ok()?).ok()
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

/// Refuses a file that has not all arrays of an architecture; the numbers are not read.
fn check_encoder(architecture: &str, path: &Path) -> Result<(), Error> {
    let named = |source| Error::Arrays { path: path.to_owned(), source };
    let archive = Archive::open(path).map_err(named)?;
    for (name, shape) in Architecture::named(architecture)?.arrays() {
        let found = archive.view(&name).map_err(named)?;
        if found.shape() != shape {
            let (found, expected) =
                (format!("array `{name}` of shape {:?}", found.shape()), format!("shape {shape:?}"));
            return Err(Error::Content { path: path.to_owned(), found, expected });
        }
    }
    Ok(())
}

/// The weights of the encoder of an embedded captioner that has this architecture, for training and saving.
pub fn embedded_encoder(architecture: &str) -> Option<&'static [u8]> {
    EMBEDDED.iter().find_map(|bundle| {
        let text = std::str::from_utf8(bundle.file(MANIFEST)?).ok()?;
        let manifest = Manifest::parse(Path::new(bundle.name), text).ok()?;
        bundle.file(ENCODER).filter(|_| manifest.encoder.is_some_and(|encoder| encoder.architecture == architecture))
    })
}

/// Rows and columns of numbers that a manifest asks for.
type Matrix = [usize; 2];

/// Refuses a network that is larger than its file of so many bytes, before memory is taken for it.
fn check_size(source: &Source<'_>, what: &str, matrices: &[Matrix], bytes: usize) -> Result<(), Error> {
    let does_not_fit =
        |[rows, columns]: &&Matrix| *rows == 0 || rows.checked_mul(*columns).is_none_or(|numbers| numbers > bytes);
    match matrices.iter().find(does_not_fit) {
        Some([rows, columns]) => Err(Error::Content {
            path: source.path(MANIFEST),
            found: format!("a {what} with {rows} by {columns} numbers"),
            expected: format!("one that fits the {bytes} bytes of {MODEL}"),
        }),
        None => Ok(()),
    }
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
        let (found, expected) = (format!("{stored} arrays"), format!("the model's {}", parameters.len()));
        return Err(Error::Content { path: path.to_owned(), found, expected });
    }
    Ok(())
}
