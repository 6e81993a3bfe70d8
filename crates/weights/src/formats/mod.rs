//! A reader a format: from a file to what it says of its arrays.
//!
//! Each takes the bytes of a file and believes nothing that it has not compared with them; the arrays that it gives are
//! pieces of the file, or know how to unpack themselves.

mod format;
mod hdf5;
mod keras;
mod npz;
mod safetensors;
mod tensorflow;
mod torch;
mod zip;

use std::borrow::Cow;
use std::path::Path;
use std::sync::Arc;

pub use format::Format;

use crate::archive::Contents;
use crate::bytes::Bytes;
use crate::formats::tensorflow::Shards;
use crate::stored::Piece;
use crate::{Error, npy};

/// The file to open for a path, which may also name a checkpoint of several files.
pub(crate) fn locate(path: &Path) -> Result<Cow<'_, Path>, Error> {
    tensorflow::index(path)
}

/// Opens what lies at a path.
pub(crate) fn open(path: &Path) -> Result<(Format, Contents<'static>), Error> {
    let file = Arc::new(Bytes::open(path)?);
    if tensorflow::is_checkpoint(&file) {
        let shards = Shards::Files(&tensorflow::prefix(path));
        return Ok((Format::TensorFlowCheckpoint, tensorflow::read_checkpoint(&file, &shards)?));
    }
    read(&file)
}

/// Reads a checkpoint's index and those of its shards that are given.
pub(crate) fn read_checkpoint<'a>(index: &[u8], shards: &[&'a [u8]]) -> Result<(Format, Contents<'a>), Error> {
    Ok((Format::TensorFlowCheckpoint, tensorflow::read_checkpoint(index, &Shards::Memory(shards))?))
}

/// Reads a file, whose first bytes tell its format.
pub(crate) fn read<'a>(file: &Arc<Bytes<'a>>) -> Result<(Format, Contents<'a>), Error> {
    if file.starts_with(npy::MAGIC) {
        Ok((Format::Npy, npz::single(file)?))
    } else if file.starts_with(zip::MAGIC) {
        read_zip(file)
    } else if torch::is_legacy(file) {
        Ok((Format::Torch, torch::read_legacy(file)?))
    } else if safetensors::is_one(file) {
        Ok((Format::Safetensors, safetensors::read(file)?))
    } else if hdf5::is_one(file) {
        Ok((Format::Hdf5, hdf5::read(&Piece::whole(file), file.len())?))
    } else if tensorflow::is_checkpoint(file) {
        read_checkpoint(file, &[])
    } else if tensorflow::is_graph(file) {
        Ok((Format::TensorFlowGraph, tensorflow::read_graph(file)?))
    } else {
        Err(Error::Unknown { found: file[..file.len().min(8)].to_vec() })
    }
}

/// Reads a zip archive, whose entries tell what it is.
fn read_zip<'a>(file: &Arc<Bytes<'a>>) -> Result<(Format, Contents<'a>), Error> {
    let entries = zip::entries(zip::likely(file), file)?;
    if entries.iter().all(|entry| entry.name.ends_with(npz::EXTENSION)) {
        return Ok((Format::Npz, npz::read(entries)?));
    }
    if let Some(folder) = torch::folder(&entries) {
        return Ok((Format::Torch, torch::read_zip(file, &folder)?));
    }
    if entries.iter().any(|entry| entry.name == keras::WEIGHTS) {
        return Ok((Format::Keras, keras::read(&entries, file.len())?));
    }
    let names: Vec<&str> = entries.iter().take(3).map(|entry| entry.name.as_str()).collect();
    let found = format!("a zip archive of {} entries, {} …", entries.len(), names.join(", "));
    Err(Error::Malformed { format: Format::Npz, found, expected: "NumPy files".to_owned() })
}
