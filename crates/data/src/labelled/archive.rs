//! A zip archive, as Kaggle gives it.

use std::io::{BufReader, Read, Seek};
use std::path::Path;

use zip::ZipArchive;
use zip::result::ZipError;

use super::source::{Shelf, Source, names};
use crate::text::{Error, Fault};

/// The archive's files are found by their names, whatever folders they are in.
pub(super) struct Archive<'a, R> {
    path: &'a Path,
    zip: ZipArchive<BufReader<R>>,
    /// The paths within the archive.
    files: Vec<String>,
}

impl<'a, R: Read + Seek> Archive<'a, R> {
    pub(super) fn open(path: &'a Path, file: R) -> Result<Self, Error> {
        let zip = ZipArchive::new(BufReader::new(file)).map_err(|error| refused(path, error))?;
        let files = zip.file_names().filter_map(|name| Some(name.ok()?.into_owned())).collect();
        Ok(Self { path, zip, files })
    }
}

impl<R: Read + Seek> Shelf for Archive<'_, R> {
    fn path(&self) -> &Path {
        self.path
    }

    fn open(&mut self, name: &str) -> Result<Option<Source<'_>>, Error> {
        let is_asked_for = |file: &&String| {
            let base = file.rsplit('/').next();
            names(name).iter().any(|name| base == Some(name))
        };
        let Some(file) = self.files.iter().find(is_asked_for) else { return Ok(None) };
        let path = self.path.join(file);
        match self.zip.by_name(file) {
            Ok(reader) => Source::new(path, reader).map(Some),
            Err(error) => Err(refused(&path, error)),
        }
    }
}

/// Tells what is wrong with the archive from what is wrong with the disk.
fn refused(path: &Path, error: ZipError) -> Error {
    match error {
        ZipError::Io(source) => Error::Read { path: path.to_path_buf(), source },
        error => Fault::new(format!("\"{error}\""), "a zip archive that is whole").of(path),
    }
}
