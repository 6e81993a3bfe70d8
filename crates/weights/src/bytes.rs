//! A file's bytes: lent by the caller (an embedded model), mapped from disk, or unpacked from an archive.

use std::fs::{self, File};
use std::io;
use std::ops::Deref;
use std::path::Path;
use std::sync::Arc;

use memmap2::Mmap;

#[derive(Debug)]
pub(crate) enum Bytes<'a> {
    Lent(&'a [u8]),
    Mapped(Arc<Mapped>),
    Unpacked(Arc<Vec<u8>>),
}

/// Bytes that live for as long as somebody holds them.
pub(crate) type Kept = Arc<dyn AsRef<[u8]> + Send + Sync>;

impl Bytes<'static> {
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        Mapped::open(path).map(|mapped| Self::Mapped(Arc::new(mapped)))
    }
}

impl Bytes<'_> {
    /// The same bytes for those who cannot borrow: only what is lent is copied.
    pub(crate) fn kept(&self) -> Kept {
        match self {
            Self::Lent(bytes) => Arc::new(bytes.to_vec()),
            Self::Mapped(mapped) => Arc::clone(mapped) as Kept,
            Self::Unpacked(bytes) => Arc::clone(bytes) as Kept,
        }
    }
}

/// A file's bytes, mapped into memory for as long as this lives: read when they are used, shared between processes.
#[derive(Debug)]
pub struct Mapped(Mmap);

impl Mapped {
    /// Maps a file.
    ///
    /// # Errors
    /// If it cannot be opened or mapped, or is a folder, a pipe or a device.
    pub fn open(path: impl AsRef<Path>) -> io::Result<Self> {
        // Asked before it is opened: a pipe opens only when somebody writes into it.
        let kind = fs::metadata(path.as_ref())?.file_type();
        if kind.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        if !kind.is_file() {
            return Err(io::Error::other("found a pipe or a device, expected a file"));
        }
        map(&File::open(path)?).map(Self)
    }
}

impl Deref for Mapped {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl AsRef<[u8]> for Mapped {
    fn as_ref(&self) -> &[u8] {
        self
    }
}

#[expect(unsafe_code, reason = "a mapping is the only way to read rows of a file larger than memory as a slice")]
fn map(file: &File) -> io::Result<Mmap> {
    // SAFETY: the mapping is read-only and private to us. What Rust cannot rule out is another
    // process changing the file meanwhile; every file of ours is written under another name and
    // renamed into place, which leaves an existing mapping as it was.
    unsafe { Mmap::map(file) }
}

impl Deref for Bytes<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Lent(bytes) => bytes,
            Self::Mapped(bytes) => bytes,
            Self::Unpacked(bytes) => bytes,
        }
    }
}
