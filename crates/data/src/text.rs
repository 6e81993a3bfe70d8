//! The text files that a person gives: captions, splits, vocabularies.
//!
//! They come from anywhere, so each is read whole up to a limit, checked for UTF-8, and freed of a
//! byte order mark; whatever is wrong with one is said with its file and line.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::photos::display;

/// The most bytes that a text file may have.
pub const LARGEST: u64 = 1 << 30;

/// What is wrong with a text file. Lines, columns and positions count from 1.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file cannot be opened or read.
    #[error("{} cannot be read", display(path))]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file cannot be written.
    #[error("{} cannot be written", display(path))]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file is larger than any text that this reads.
    #[error("{}: found more than {LARGEST} bytes, expected a smaller text file", display(path))]
    Size {
        /// The file.
        path: PathBuf,
    },
    /// The file is not UTF-8.
    #[error("{}:{line}: found byte 0x{byte:02x} at position {column} of the line, expected UTF-8", display(path))]
    Encoding {
        /// The file.
        path: PathBuf,
        /// The line that holds the byte.
        line: usize,
        /// The byte's position in its line.
        column: usize,
        /// The first byte that is not UTF-8.
        byte: u8,
    },
    /// A line does not parse.
    #[error("{}:{line}: found {found}, expected {expected}", display(path))]
    Line {
        /// The file.
        path: PathBuf,
        /// The line.
        line: usize,
        /// What stands there.
        found: String,
        /// What should.
        expected: Cow<'static, str>,
    },
    /// The file is not JSON, or not of the shape that it should have.
    #[error("{}:{line}:{column}: {problem}", display(path))]
    Json {
        /// The file.
        path: PathBuf,
        /// The line.
        line: usize,
        /// The column, in bytes.
        column: usize,
        /// What was found and what expected.
        problem: String,
    },
    /// An entry of a JSON file disagrees with the others.
    #[error("{}: {list}[{index}]: found {found}, expected {expected}", display(path))]
    Entry {
        /// The file.
        path: PathBuf,
        /// The name of the list.
        list: &'static str,
        /// The entry's index, from 0.
        index: usize,
        /// What stands there.
        found: String,
        /// What should.
        expected: Cow<'static, str>,
    },
    /// The file or folder as a whole is not what it should be.
    #[error("{}: found {found}, expected {expected}", display(path))]
    Content {
        /// The file or folder.
        path: PathBuf,
        /// What it is.
        found: String,
        /// What it should be.
        expected: Cow<'static, str>,
    },
}

/// What a line holds and what it should, before the line's place is known.
#[derive(Debug)]
pub(crate) struct Fault {
    pub(crate) found: String,
    pub(crate) expected: Cow<'static, str>,
}

impl Fault {
    pub(crate) fn new(found: impl Into<String>, expected: impl Into<Cow<'static, str>>) -> Self {
        Self { found: found.into(), expected: expected.into() }
    }

    pub(crate) fn at(self, path: &Path, line: usize) -> Error {
        let Self { found, expected } = self;
        Error::Line { path: path.to_path_buf(), line, found, expected }
    }

    pub(crate) fn entry(self, path: &Path, list: &'static str, index: usize) -> Error {
        let Self { found, expected } = self;
        Error::Entry { path: path.to_path_buf(), list, index, found, expected }
    }

    pub(crate) fn of(self, path: &Path) -> Error {
        let Self { found, expected } = self;
        Error::Content { path: path.to_path_buf(), found, expected }
    }
}

/// Reads a text file whole, without the byte order mark that some editors put first.
///
/// # Errors
/// What cannot be read, has more than [`LARGEST`] bytes, or is not UTF-8; this last with its line and position.
pub fn read_text(path: &Path) -> Result<String, Error> {
    Ok(decode(path, &read(path)?)?.to_owned())
}

/// Reads a file whole, up to [`LARGEST`] bytes.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, Error> {
    let read = || -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        File::open(path)?.take(LARGEST + 1).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    let bytes = read().map_err(|source| Error::Read { path: path.to_path_buf(), source })?;
    if bytes.len() as u64 > LARGEST {
        return Err(Error::Size { path: path.to_path_buf() });
    }
    Ok(bytes)
}

/// The bytes as text; `lines` stand before them in the file.
pub(crate) fn checked<'a>(path: &Path, bytes: &'a [u8], lines: usize) -> Result<&'a str, Error> {
    std::str::from_utf8(bytes).map_err(|error| {
        let before = &bytes[..error.valid_up_to()];
        let line_start = before.iter().rposition(|&byte| byte == b'\n').map_or(0, |end| end + 1);
        Error::Encoding {
            path: path.to_path_buf(),
            line: lines + before.iter().filter(|&&byte| byte == b'\n').count() + 1,
            column: before.len() - line_start + 1,
            byte: bytes[before.len()],
        }
    })
}

/// The bytes of a file as text, without the byte order mark that some editors put first.
pub(crate) fn decode<'a>(path: &Path, bytes: &'a [u8]) -> Result<&'a str, Error> {
    Ok(unmarked(checked(path, bytes, 0)?))
}

/// The text without the byte order mark at its start.
pub(crate) fn unmarked(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

/// The lines that hold anything, with their numbers, trimmed of white space at their end.
pub(crate) fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    (1..).zip(text.lines().map(str::trim_end)).filter(|(_, line)| !line.is_empty())
}

/// A piece of a file as an error shows it: in quotes, on one line, cut where it is long.
pub(crate) fn quote(found: &str) -> String {
    let shown = cut(found, 60);
    let dots = if shown.len() < found.len() { "…" } else { "" };
    format!("{shown:?}{dots}")
}

/// The first so many letters.
pub(crate) fn cut(text: &str, letters: usize) -> &str {
    text.char_indices().nth(letters).map_or(text, |(end, _)| &text[..end])
}
