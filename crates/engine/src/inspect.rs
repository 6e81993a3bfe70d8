//! What is in a file of arrays, or in a folder of several: a bundle, a checkpoint, a model of another program.

use std::fs;
use std::path::{Path, PathBuf};

use nid_weights::pickle::Value;
use nid_weights::{Archive, Format, npy};

use crate::bundle::{Kind, kind_in};
use crate::{Error, features};

/// The ends of the names of files that a folder's arrays are in.
const ARRAYS: [&str; 2] = ["safetensors", "npz"];

/// What lies at a path.
pub struct Inspection {
    /// What it is, as far as that can be told.
    pub subject: Subject,
    /// The files with arrays.
    pub files: Vec<(PathBuf, Archive<'static>)>,
}

/// What a file or folder is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A bundle.
    Bundle(Kind),
    /// Features of photos, by the photos' names.
    Features(Vec<String>),
    /// Python objects, which NumPy has pickled: what they are, in words.
    Objects(String),
    /// Arrays of whatever purpose.
    Arrays,
}

/// Opens all files with arrays that lie at a path.
///
/// # Errors
/// What cannot be read, Python objects that are more than data, and a folder without arrays.
pub fn inspect(path: &Path) -> Result<Inspection, Error> {
    let open = |path: &Path| {
        let archive = Archive::open(path).map_err(Error::Archive)?;
        Ok::<_, Error>((path.to_owned(), archive))
    };
    if !path.is_dir() || path.join("checkpoint").is_file() {
        let file = open(path)?;
        let names = fs::read_to_string(features::names_path(path)).ok();
        let subject = match names {
            _ if are_objects(&file.1) => Subject::Objects(objects(path)?),
            Some(names) if path.is_file() => Subject::Features(names.lines().map(str::to_owned).collect()),
            _ => Subject::Arrays,
        };
        return Ok(Inspection { subject, files: vec![file] });
    }
    let unread = |source| Error::Read { path: path.to_owned(), source };
    let entries = fs::read_dir(path).map_err(unread)?;
    let mut files: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.retain(|file| file.extension().is_some_and(|end| ARRAYS.iter().any(|known| end == *known)));
    files.sort();
    if files.is_empty() {
        let expected = format!("a bundle, or files .{}", ARRAYS.join(" or ."));
        let found = "a folder without arrays".to_owned();
        return Err(Error::Content { path: path.to_owned(), found, expected });
    }
    let subject = kind_in(path).map_or(Subject::Arrays, Subject::Bundle);
    Ok(Inspection { subject, files: files.iter().map(|file| open(file)).collect::<Result<_, _>>()? })
}

/// Whether a NumPy file holds pickled objects in the place of numbers.
fn are_objects(archive: &Archive<'_>) -> bool {
    archive.format() == Format::Npy && archive.iter().any(|info| info.element_name == npy::OBJECT)
}

/// What the objects of a NumPy file are.
fn objects(path: &Path) -> Result<String, Error> {
    let value = npy::object(path).map_err(Error::Archive)?;
    Ok(match &value {
        Value::Dict(pairs) => {
            let (keys, values) = (kinds(pairs.iter().map(|(key, _)| key)), kinds(pairs.iter().map(|(_, value)| value)));
            format!("a dictionary of {} entries, from {keys} to {values}", pairs.len())
        }
        Value::List(values) | Value::Tuple(values) | Value::Set(values) => {
            format!("{} of {}", value.kind(), kinds(values.iter()))
        }
        Value::Objects { shape, values } => format!("an array of shape {shape:?} of {}", kinds(values.iter())),
        other => other.kind().to_owned(),
    })
}

/// Of what kinds values are, and how many of each, in the order in which they come.
fn kinds<'v>(values: impl Iterator<Item = &'v Value>) -> String {
    let mut kinds: Vec<(&str, usize)> = Vec::new();
    for value in values {
        match kinds.iter_mut().find(|(kind, _)| *kind == value.kind()) {
            Some((_, count)) => *count += 1,
            None => kinds.push((value.kind(), 1)),
        }
    }
    let told: Vec<String> = kinds.iter().map(|(kind, count)| format!("{kind} ({count})")).collect();
    if told.is_empty() { "nothing".to_owned() } else { told.join(", ") }
}
