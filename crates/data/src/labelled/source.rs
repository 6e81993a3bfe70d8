//! Files, whether they lie in a folder or in an archive, gzipped or not: bytes that come one after the other, of which
//! no more are taken than asked for.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use flate2::bufread::MultiGzDecoder;

use crate::text::{Error, Fault};

/// The first byte of gzip (RFC 1952), which neither IDX nor CSV begins with.
const GZIP: u8 = 0x1f;

/// Where files lie that belong together.
pub(super) trait Shelf {
    /// The folder or the archive.
    fn path(&self) -> &Path;

    /// Opens the file of this name, or of this name and `.gz`; none where there is no such file.
    fn open(&mut self, name: &str) -> Result<Option<Source<'_>>, Error>;
}

/// A folder on disk.
pub(super) struct Folder<'a>(pub(super) &'a Path);

impl Shelf for Folder<'_> {
    fn path(&self) -> &Path {
        self.0
    }

    fn open(&mut self, name: &str) -> Result<Option<Source<'_>>, Error> {
        let paths = names(name).map(|name| self.0.join(name));
        let Some(path) = paths.into_iter().find(|path| fs::metadata(path).is_ok_and(|found| found.is_file())) else {
            return Ok(None);
        };
        match File::open(&path) {
            Ok(file) => Source::new(path, file).map(Some),
            Err(source) => Err(Error::Read { path, source }),
        }
    }
}

/// The names that a file may have.
pub(super) fn names(name: &str) -> [String; 2] {
    [name.to_owned(), format!("{name}.gz")]
}

/// A file, unpacked as it is read.
pub(super) struct Source<'a> {
    pub(super) path: PathBuf,
    reader: Box<dyn BufRead + 'a>,
    /// How many bytes were read.
    position: u64,
}

impl<'a> Source<'a> {
    pub(super) fn new(path: PathBuf, reader: impl Read + 'a) -> Result<Self, Error> {
        let mut source = Self { path, reader: Box::new(BufReader::new(reader)), position: 0 };
        if source.first()? == Some(GZIP) {
            source.reader = Box::new(BufReader::new(MultiGzDecoder::new(source.reader)));
        }
        Ok(source)
    }

    /// The next byte, which stays where it is; none at the end.
    pub(super) fn first(&mut self) -> Result<Option<u8>, Error> {
        let found = self.reader.fill_buf().map(|bytes| bytes.first().copied());
        found.map_err(|error| self.refused(error))
    }

    /// The next bytes, at most so many.
    pub(super) fn bytes(&mut self, most: u64) -> Result<Vec<u8>, Error> {
        let mut bytes = Vec::new();
        let read = self.reader.by_ref().take(most).read_to_end(&mut bytes);
        self.position += bytes.len() as u64;
        match read {
            Ok(_) => Ok(bytes),
            Err(error) => Err(self.refused(error)),
        }
    }

    /// Reads on to the end of the line, at most so many bytes; returns how many were read, 0 at the end of the file.
    pub(super) fn line(&mut self, line: &mut Vec<u8>, most: u64) -> Result<usize, Error> {
        line.clear();
        let read = self.reader.by_ref().take(most).read_until(b'\n', line);
        self.position += line.len() as u64;
        read.map_err(|error| self.refused(error))
    }

    /// How many bytes were read.
    pub(super) fn position(&self) -> u64 {
        self.position
    }

    /// Tells what is wrong with compressed bytes from what is wrong with the disk.
    fn refused(&self, error: io::Error) -> Error {
        let found = match error.kind() {
            io::ErrorKind::UnexpectedEof => format!("the end after {} bytes were unpacked", self.position),
            io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => {
                format!("\"{error}\" after {} bytes were unpacked", self.position)
            }
            _ => return Error::Read { path: self.path.clone(), source: error },
        };
        Fault::new(found, "a compressed file that is whole").of(&self.path)
    }
}
