//! A folder for each class, with its pictures.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::{fs, io};

use super::{FORMS, Files};
use crate::photos::{EXTENSIONS, display, is_picture};
use crate::text::{Error, Fault};

/// Lists the pictures of all classes.
pub(super) fn read(folder: &Path) -> Result<Files, Error> {
    let mut files = Files { classes: Vec::new(), paths: Vec::new(), labels: Vec::new(), skipped: 0 };
    for entry in entries(folder)? {
        if entry.is_hidden || !entry.is_folder {
            files.skipped += 1;
        } else {
            add_class(&mut files, &entry)?;
        }
    }
    if files.classes.is_empty() {
        return Err(Fault::new("no folder for a class", FORMS).of(folder));
    }
    Ok(files)
}

fn add_class(files: &mut Files, class: &Entry) -> Result<(), Error> {
    let before = files.paths.len();
    for entry in entries(&class.path)? {
        if entry.is_hidden || entry.is_folder || !is_picture(&entry.path) {
            files.skipped += 1;
        } else {
            files.paths.push(entry.path);
        }
    }
    if files.paths.len() == before {
        let expected = format!("a class's pictures, files ending in {}", EXTENSIONS.join(", "));
        return Err(Fault::new("no picture in the folder", expected).of(&class.path));
    }
    files.labels.resize(files.paths.len(), files.classes.len());
    files.classes.push(display(Path::new(&class.name)));
    Ok(())
}

/// What is in a folder.
struct Entry {
    name: OsString,
    path: PathBuf,
    is_hidden: bool,
    is_folder: bool,
}

impl Entry {
    /// Links are followed, but for those of hidden names, which nobody asks for.
    fn of(entry: &fs::DirEntry) -> Result<Self, Error> {
        let (name, path) = (entry.file_name(), entry.path());
        let is_hidden = name.as_encoded_bytes().starts_with(b".");
        let is_folder = !is_hidden && fs::metadata(&path).map_err(|source| refused(&path, source))?.is_dir();
        Ok(Self { name, path, is_hidden, is_folder })
    }
}

/// What is in the folder, sorted by name.
fn entries(folder: &Path) -> Result<Vec<Entry>, Error> {
    let found = fs::read_dir(folder).map_err(|source| refused(folder, source))?;
    let entry = |entry: io::Result<fs::DirEntry>| Entry::of(&entry.map_err(|source| refused(folder, source))?);
    let mut entries = found.map(entry).collect::<Result<Vec<_>, Error>>()?;
    entries.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(entries)
}

fn refused(path: &Path, source: io::Error) -> Error {
    Error::Read { path: path.to_path_buf(), source }
}
