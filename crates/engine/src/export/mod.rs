//! Models for other programs: a folder of ONNX networks, or of arrays that Python reads in one line.
//!
//! | file | holds |
//! |---|---|
//! | `export.json` | what is in the folder, for programs: the configuration, and names and shapes of inputs and outputs |
//! | `README.md` | the same for people |
//! | `vocabulary.txt`, `history.json`, `CARD.md` | as in the [bundle](crate::bundle), where it has them |
//! | `encoder.onnx`, `decoder_start.onnx`, `decoder_step.onnx` | a captioner's networks |
//! | `classifier.onnx` | a classifier's network; over photos with `encoder.onnx` before it |
//! | `model.safetensors`, `encoder.safetensors`, or both as `.npz` | arrays under the names and in the layouts of PyTorch |
//!
//! A folder of arrays becomes the bundle again: [`import::exported`](crate::import::exported).

mod arrays;
mod description;
mod onnx;
mod readme;

use std::path::Path;

use nid_weights::Archive;
use serde::{Deserialize, Serialize};

pub use arrays::{Array, Arrays};
use description::Description;
pub(crate) use description::{EXPORT, Header, VERSION};
use readme::{README, readme};

use crate::Error;
use crate::bundle::{Files, Model};
use crate::files::{Content, File, Folder};

/// What an exported folder holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Networks that runtimes run.
    Onnx,
    /// Arrays in the form that models are shared in.
    Safetensors,
    /// Arrays in NumPy's own form.
    Npz,
}

/// A file that was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Written {
    /// Its name.
    pub file: String,
    /// How many bytes it has.
    pub bytes: usize,
}

/// What tells an exported folder from others.
const EXPORTED: Folder = Folder {
    marker: EXPORT,
    own: ["an exported model", "nothing (--force replaces it)"],
    other: ["something that is no exported model", "nothing, or an exported model to replace"],
};

/// Exports the bundle of that name or in that folder. The folder appears whole or not at all.
///
/// # Errors
/// If there is no such bundle; if something is at `folder` that is not to be replaced or is no exported model; if the disk
/// refuses.
pub fn export(bundle: &str, format: Format, folder: &Path, replace: bool) -> Result<Vec<Written>, Error> {
    EXPORTED.check_place(folder, replace)?;
    let (model, files) = Model::open_with_files(bundle)?;
    let networks = match (format, &model) {
        (Format::Onnx, Model::Captioner(bundle)) => onnx::captioner(bundle, &files)?,
        (Format::Onnx, Model::Classifier(bundle)) => onnx::classifier(bundle, &files)?,
        (Format::Safetensors | Format::Npz, _) => Vec::new(),
    };
    let arrays = match format {
        Format::Onnx => Vec::new(),
        Format::Safetensors | Format::Npz => arrays_of(&model, &files, format)?,
    };

    let description = Description { model: &model, format, networks: &networks };
    let (json, text) = (description.json(folder)?, readme(&description));
    let mut all: Vec<(&str, &[u8])> = vec![(EXPORT, &json), (README, text.as_bytes())];
    all.extend(Files::TEXTS.iter().filter(|name| files.has(name)).map(|name| (*name, files.bytes(name))));
    all.extend(networks.iter().map(|network| (network.file, network.bytes.as_slice())));
    all.extend(arrays.iter().map(|(name, bytes)| (*name, bytes.as_slice())));
    let files: Vec<File<'_>> = all.iter().map(|(name, bytes)| (*name, Content::Bytes(bytes))).collect();
    EXPORTED.write(folder, replace, &files, |_| Ok(()))?;
    Ok(all.iter().map(|(name, bytes)| Written { file: (*name).to_owned(), bytes: bytes.len() }).collect())
}

impl Format {
    /// The names of the files of the encoder's arrays and of the other network's.
    pub(crate) fn array_files(self) -> Option<[&'static str; 2]> {
        match self {
            Self::Onnx => None,
            Self::Safetensors => Some([Files::ENCODER, Files::MODEL]),
            Self::Npz => Some(["encoder.npz", "model.npz"]),
        }
    }
}

/// The files of arrays.
fn arrays_of(model: &Model, files: &Files, format: Format) -> Result<Vec<(&'static str, Vec<u8>)>, Error> {
    let Some([encoder, network]) = format.array_files() else { return Ok(Vec::new()) };
    let mut made = Vec::new();
    let read = |name| Arrays::of(&Archive::from_bytes(files.bytes(name))?);
    let refused = |name| move |source| Error::Arrays { path: files.path(name), source };
    if files.has(Files::ENCODER) {
        made.push((
            encoder,
            match format {
                Format::Npz => {
                    read(Files::ENCODER).and_then(|arrays| arrays.to_npz()).map_err(refused(Files::ENCODER))?
                }
                // As published, which is PyTorch's way.
                _ => files.bytes(Files::ENCODER).to_vec(),
            },
        ));
    }
    let mut arrays = read(Files::MODEL).map_err(refused(Files::MODEL))?;
    if let Model::Classifier(bundle) = model {
        arrays = arrays.into_pytorch(&onnx::classifier_trace(bundle)?);
    }
    let bytes = if format == Format::Npz { arrays.to_npz() } else { arrays.to_safetensors() };
    made.push((network, bytes.map_err(refused(Files::MODEL))?));
    Ok(made)
}
