//! An exported folder of arrays as the bundle that it was made of.

use std::fs;
use std::io;
use std::ops::Deref;
use std::path::Path;

use nid_weights::Archive;

use super::{Imported, Mapped};
use crate::Error;
use crate::bundle::{Configuration, Files};
use crate::export::{Arrays, EXPORT, Format, Header, VERSION};
use crate::files::{Content, File};

/// Makes a bundle of what [`export`](crate::export::export) has written as arrays. Of what was not changed meanwhile, every file
/// of the bundle has the bytes that it had.
///
/// # Errors
/// A file that is missing or cannot be read; a folder of ONNX networks, which hold no arrays that could be told apart; arrays
/// that are not those of the model; and as [`Bundle::save`](crate::Bundle::save).
pub fn exported(folder: &Path, bundle: &Path, replace: bool) -> Result<Imported, Error> {
    let Header { format, configuration, .. } = header(folder)?;
    let configuration = Configuration::from_json(&folder.join(EXPORT), &configuration)?;
    let Some([encoder, model]) = format.array_files() else {
        return Err(misfit(folder, "ONNX networks".to_owned(), "safetensors or npz"));
    };
    let mut texts = Vec::new();
    for name in Files::TEXTS {
        if folder.join(name).exists() {
            texts.push((name, fs::read(folder.join(name)).map_err(refused(folder, name))?));
        }
    }
    let mut mapped = Vec::new();
    let encoder =
        folder.join(encoder).exists().then(|| encoder_of(folder, encoder, format, &mut mapped)).transpose()?;
    let model = refitted(folder, model, Arrays::into_ours, &mut mapped)?;

    let mut files: Vec<File<'_>> = texts.iter().map(|(name, bytes)| (*name, Content::Bytes(bytes))).collect();
    files.extend(encoder.as_ref().map(|bytes| (Files::ENCODER, Content::Bytes(bytes))));
    files.push((Files::MODEL, Content::Bytes(&model)));
    configuration.save(bundle, replace, &files)?;
    Ok(Imported { mapped, notes: Vec::new() })
}

/// Whether a folder says that it was exported from here.
#[must_use]
pub fn is_exported(folder: &Path) -> bool {
    folder.join(EXPORT).is_file()
}

/// The bytes of a bundle's encoder: those of a safetensors file are taken as they are.
fn encoder_of(
    folder: &Path,
    name: &str,
    format: Format,
    mapped: &mut Vec<Mapped>,
) -> Result<Box<dyn Deref<Target = [u8]>>, Error> {
    if format != Format::Safetensors {
        return Ok(Box::new(refitted(folder, name, |arrays| arrays, mapped)?));
    }
    let path = folder.join(name);
    let archive = Archive::open(&path).map_err(|source| Error::Arrays { path: path.clone(), source })?;
    mapped.extend(archive.iter().map(|info| kept(info.name, info.shape)));
    Ok(Box::new(nid_weights::Mapped::open(path).map_err(refused(folder, name))?))
}

/// The arrays of a file, changed, as a safetensors file; what became of each.
fn refitted(
    folder: &Path,
    name: &str,
    change: impl FnOnce(Arrays) -> Arrays,
    mapped: &mut Vec<Mapped>,
) -> Result<Vec<u8>, Error> {
    let path = folder.join(name);
    let refused = |source| Error::Arrays { path: path.clone(), source };
    let read = Archive::open(&path).and_then(|archive| Arrays::of(&archive)).map_err(refused)?;
    let mut rows: Vec<Mapped> = read.arrays.iter().map(|array| kept(&array.name, &array.shape)).collect();
    let changed = change(read);
    for (row, array) in rows.iter_mut().zip(&changed.arrays) {
        (row.to, row.to_shape) = (array.name.clone(), array.shape.clone());
    }
    mapped.append(&mut rows);
    changed.to_safetensors().map_err(refused)
}

/// An array that keeps its name and shape.
fn kept(name: &str, shape: &[usize]) -> Mapped {
    Mapped { from: name.to_owned(), from_shape: shape.to_vec(), to: name.to_owned(), to_shape: shape.to_vec() }
}

fn header(folder: &Path) -> Result<Header, Error> {
    let text = fs::read(folder.join(EXPORT)).map_err(refused(folder, EXPORT))?;
    let header: Header =
        serde_json::from_slice(&text).map_err(|error| misfit(folder, error.to_string(), "what `nid export` writes"))?;
    if header.version != VERSION {
        return Err(misfit(folder, format!("version {}", header.version), &format!("version {VERSION}")));
    }
    Ok(header)
}

fn refused(folder: &Path, name: &str) -> impl FnOnce(io::Error) -> Error {
    let path = folder.join(name);
    move |source| Error::Read { path, source }
}

fn misfit(folder: &Path, found: String, expected: &str) -> Error {
    Error::Content { path: folder.join(EXPORT), found, expected: expected.to_owned() }
}
