//! Writing: rows in any order, in as many sittings as it takes.
//!
//! While it is being filled, `X.npy` is called `X.npy.partial`: the finished file with one more byte
//! a row at its end, 1 where the row has been written. A run that was interrupted reads there what
//! is missing. [`Writer::finish`] cuts those bytes off and gives the file its name.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::header::Header;
use crate::layout::Layout;
use crate::save::partial;
use crate::{Error, Precision};

/// NumPy's own limit.
const MAX_RANK: usize = 64;

/// A NumPy file in the making; its shape is known from the start.
///
/// Dropped before it is finished, it leaves the partial file for [`Writer::resume`].
#[derive(Debug)]
pub struct Writer {
    path: PathBuf,
    file: File,
    header: Header,
    precision: Precision,
    /// Where the data begins, in bytes.
    start: u64,
    done: Vec<bool>,
}

impl Writer {
    /// Begins an array of `shape` that will be called `path`, discarding any earlier beginning.
    ///
    /// # Errors
    /// If the partial file cannot be written, or the shape is larger than files can be; the file is named.
    pub fn create(path: impl AsRef<Path>, precision: Precision, shape: &[usize]) -> Result<Self, Error> {
        let path = path.as_ref();
        let partial = partial(path);
        Self::begin(path, precision, shape).map_err(Error::writing(&partial))
    }

    /// Continues an array where an earlier [`Writer`] was dropped, or begins it where there was none.
    ///
    /// [`Writer::missing`] then tells which rows are still to be written.
    ///
    /// # Errors
    /// If what was begun has another shape or precision, is not such a file at all, or cannot be
    /// written; the file is named.
    pub fn resume(path: impl AsRef<Path>, precision: Precision, shape: &[usize]) -> Result<Self, Error> {
        let path = path.as_ref();
        let partial = partial(path);
        let file = match File::options().read(true).write(true).open(&partial) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Self::create(path, precision, shape),
            Err(error) => return Err(Error::writing(&partial)(error.into())),
        };
        Self::proceed(path, file, precision, shape).map_err(Error::writing(&partial))
    }

    fn begin(path: &Path, precision: Precision, shape: &[usize]) -> Result<Self, Error> {
        let (header, bytes) = plan(precision, shape)?;
        let mut file = File::options().read(true).write(true).create(true).truncate(true).open(partial(path))?;
        file.write_all(&bytes)?;
        let done = vec![false; header.rows()];
        let writer = Self { path: path.to_owned(), file, header, precision, start: bytes.len() as u64, done };
        writer.file.set_len(writer.row_start(writer.done.len()) + writer.done.len() as u64)?;
        Ok(writer)
    }

    fn proceed(path: &Path, mut file: File, precision: Precision, shape: &[usize]) -> Result<Self, Error> {
        let (header, expected) = plan(precision, shape)?;
        let mut found = Vec::new();
        (&mut file).take(expected.len() as u64).read_to_end(&mut found)?;
        let length = file.metadata()?.len();
        if expected.starts_with(&found) && length <= expected.len() as u64 {
            return Self::begin(path, precision, shape);
        }
        if found != expected {
            return match Header::parse(&found) {
                // Interrupted between leaving rows out and giving the array its name.
                Ok((found, _)) if found.is_of_fewer_rows(&header) => Self::begin(path, precision, shape),
                Ok((found, _)) => Err(Error::OtherArray { found: describe(&found), expected: describe(&header) }),
                Err(_) => Err(Error::OtherArray { found: "something else".to_owned(), expected: describe(&header) }),
            };
        }
        let start = expected.len() as u64;
        let mut writer = Self { path: path.to_owned(), file, header, precision, start, done: Vec::new() };
        writer.done = writer.read_flags(length)?;
        Ok(writer)
    }

    /// Which rows a partial file of `length` bytes has.
    fn read_flags(&mut self, length: u64) -> Result<Vec<bool>, Error> {
        let rows = self.header.rows();
        let data_end = self.row_start(rows);
        if length == data_end {
            // Interrupted while finishing: the flags are cut off once all of them are set.
            return Ok(vec![true; rows]);
        }
        if length != data_end + rows as u64 {
            let bytes = |count| format!("a file of {count} bytes");
            return Err(Error::OtherArray { found: bytes(length), expected: bytes(data_end + rows as u64) });
        }
        let mut flags = vec![0; rows];
        self.file.seek(SeekFrom::Start(data_end))?;
        self.file.read_exact(&mut flags)?;
        Ok(flags.iter().map(|flag| *flag == 1).collect())
    }

    /// The rows that have not been written yet, in order.
    pub fn missing(&self) -> impl Iterator<Item = usize> {
        self.done.iter().enumerate().filter(|(_, done)| !**done).map(|(row, _)| row)
    }

    /// Writes one row, in C order, for the first time or again.
    ///
    /// # Errors
    /// If there is no such row, `values` is not as long as a row, a finite value is too large for the
    /// precision, or the disk refuses; the file is named.
    pub fn write_row(&mut self, row: usize, values: &[f32]) -> Result<(), Error> {
        self.put_row(row, values).map_err(Error::writing(&partial(&self.path)))
    }

    fn put_row(&mut self, row: usize, values: &[f32]) -> Result<(), Error> {
        let rows = self.done.len();
        if row >= rows {
            return Err(Error::NoRow { row, rows });
        }
        let name = format!("row {row}");
        let row_len = self.header.row_len();
        if values.len() != row_len {
            let shape = self.header.shape.get(1..).unwrap_or_default().to_vec();
            return Err(Error::Count { name, shape, expected: row_len as u128, actual: values.len() });
        }
        let bytes = self.precision.encode(&name, values)?;
        self.file.seek(SeekFrom::Start(self.row_start(row)))?;
        self.file.write_all(&bytes)?;
        self.file.seek(SeekFrom::Start(self.row_start(rows) + row as u64))?;
        self.file.write_all(&[1])?;
        self.done[row] = true;
        Ok(())
    }

    /// Gives the array its name, replacing what was called so before.
    ///
    /// # Errors
    /// If rows are missing (the partial file then stays, to be resumed), or the disk refuses; the file is named.
    pub fn finish(self) -> Result<(), Error> {
        let (missing, rows) = (self.missing().count(), self.done.len());
        let finished = if missing > 0 { Err(Error::Incomplete { missing, rows }) } else { self.publish() };
        finished.map_err(Error::writing(&self.path))
    }

    /// Leaves out the rows that were not written: the others close up. Then gives the array its name, as
    /// [`Writer::finish`] does.
    ///
    /// # Errors
    /// If the disk refuses; the file is named. What is left then can be resumed, though rows may have to be written again.
    pub fn finish_without_missing(mut self) -> Result<(), Error> {
        self.close_up().and_then(|()| self.publish()).map_err(Error::writing(&self.path))
    }

    /// Moves rows to where missing ones would be. Those count as missing until the end.
    fn close_up(&mut self) -> Result<(), Error> {
        let rows = self.done.len();
        let kept: Vec<usize> = (0..rows).filter(|&row| self.done[row]).collect();
        let Some(first) = self.missing().next() else { return Ok(()) };
        self.file.seek(SeekFrom::Start(self.row_start(rows) + first as u64))?;
        self.file.write_all(&vec![0; rows - first])?;

        let mut bytes = vec![0; self.header.row_len() * self.precision.element().size()];
        for (to, &from) in kept.iter().enumerate().skip(first) {
            self.file.seek(SeekFrom::Start(self.row_start(from)))?;
            self.file.read_exact(&mut bytes)?;
            self.file.seek(SeekFrom::Start(self.row_start(to)))?;
            self.file.write_all(&bytes)?;
        }
        let shape: Vec<usize> = [kept.len()].into_iter().chain(self.header.shape.iter().skip(1).copied()).collect();
        // As long as the header before: both leave room for the greatest number of rows.
        let (header, bytes) = plan(self.precision, &shape)?;
        self.file.seek(SeekFrom::Start(0))?;
        self.file.write_all(&bytes)?;
        self.header = header;
        self.done = vec![true; kept.len()];
        Ok(())
    }

    fn publish(&self) -> Result<(), Error> {
        self.file.set_len(self.row_start(self.done.len()))?;
        self.file.sync_all()?;
        fs::rename(partial(&self.path), &self.path)?;
        Ok(())
    }

    fn row_start(&self, row: usize) -> u64 {
        self.start + (row * self.header.row_len() * self.precision.element().size()) as u64
    }
}

/// The header for `shape`, and its bytes; an error where such a file could not be.
fn plan(precision: Precision, shape: &[usize]) -> Result<(Header, Vec<u8>), Error> {
    let header = Header::new(precision, shape);
    if shape.len() > MAX_RANK || !Layout::new(precision.element(), shape.to_vec()).is_possible() {
        return Err(Error::Unwritable { shape: shape.to_vec() });
    }
    let bytes = Header::to_bytes(precision, shape);
    Ok((header, bytes))
}

/// The header of a file of this shape.
pub(crate) fn header(precision: Precision, shape: &[usize]) -> Result<Vec<u8>, Error> {
    plan(precision, shape).map(|(_, bytes)| bytes)
}

fn describe(header: &Header) -> String {
    format!("{} of shape {:?}", header.elements, header.shape)
}
