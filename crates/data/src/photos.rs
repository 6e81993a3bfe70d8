//! Finds the photos that a person means by the paths they give.
//!
//! A path is a file, a folder or a pattern; each may fail by itself (a missing file, a folder
//! without permission), and the failure is one item among the others, so that the rest goes on.
//! Names need not be UTF-8: they stay what the system gave, and [`display`] shows them.

mod pattern;

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use walkdir::{DirEntry, WalkDir};

/// How the name of a picture ends, in any case of letters.
pub const EXTENSIONS: [&str; 11] = ["jpg", "jpeg", "png", "webp", "gif", "bmp", "tif", "tiff", "heic", "heif", "avif"];

/// Why a path gives no photos.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file or folder is missing or may not be opened.
    #[error("{} cannot be opened", display(path))]
    Open {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A folder holds no picture.
    #[error("{}: found no picture in the folder, expected files ending in {}", display(path), EXTENSIONS.join(", "))]
    Empty {
        /// The folder.
        path: PathBuf,
    },
    /// A pattern is malformed.
    #[error("{}: neither a file nor a pattern", display(path))]
    Pattern {
        /// The pattern.
        path: PathBuf,
        /// What is wrong with it.
        source: glob::PatternError,
    },
    /// A pattern matches nothing.
    #[error("{}: found nothing that matches the pattern", display(path))]
    Unmatched {
        /// The pattern.
        path: PathBuf,
    },
}

impl Error {
    /// The path that failed.
    pub fn path(&self) -> &Path {
        match self {
            Self::Open { path, .. } | Self::Empty { path } | Self::Pattern { path, .. } | Self::Unmatched { path } => {
                path
            }
        }
    }
}

/// The photos at `paths`, in the order given; each path is looked at only when its turn comes.
///
/// - A file is taken as it is, whatever its name.
/// - A folder gives the pictures in it, sorted by name; with `recursive`, those of its folders too.
///   Pictures are told by [`EXTENSIONS`]; names that start with a dot are passed over. Symbolic
///   links are followed, but never round a loop.
/// - What does not exist but holds `*`, `?` or `[` is a pattern, `**` standing for any folders.
pub fn find<P: AsRef<Path>>(
    paths: impl IntoIterator<Item = P>,
    recursive: bool,
) -> impl Iterator<Item = Result<PathBuf, Error>> {
    paths.into_iter().flat_map(move |path| expand(path.as_ref(), recursive))
}

fn expand(path: &Path, recursive: bool) -> Vec<Result<PathBuf, Error>> {
    match (fs::metadata(path), pattern::of(path)) {
        (Ok(metadata), _) if metadata.is_dir() => folder(path, recursive),
        (Ok(_), _) => vec![Ok(path.to_path_buf())],
        // How the system says that there is no such file depends on the pattern and on the system.
        (Err(error), Some(pattern)) if error.kind() != io::ErrorKind::PermissionDenied => {
            pattern::expand(pattern, recursive)
        }
        (Err(source), _) => vec![Err(Error::Open { path: path.to_path_buf(), source })],
    }
}

fn folder(path: &Path, recursive: bool) -> Vec<Result<PathBuf, Error>> {
    let mut found: Vec<_> = pictures(path, recursive).collect();
    if found.is_empty() {
        found.push(Err(Error::Empty { path: path.to_path_buf() }));
    }
    found
}

/// The pictures in a folder, sorted by name, and what of it cannot be opened.
pub(crate) fn pictures(folder: &Path, recursive: bool) -> impl Iterator<Item = Result<PathBuf, Error>> {
    walk(folder, if recursive { usize::MAX } else { 1 }).filter_map(move |entry| match entry {
        Ok(entry) if entry.file_type().is_file() && is_picture(entry.path()) => Some(Ok(entry.into_path())),
        Ok(_) => None,
        Err(error) => {
            let path = error.path().unwrap_or(folder).to_path_buf();
            // No cause means a loop of links: what it leads to is found anyway.
            let source = error.into_io_error()?;
            let dangles = source.kind() == io::ErrorKind::NotFound && !is_picture(&path);
            (!dangles).then_some(Err(Error::Open { path, source }))
        }
    })
}

/// The folder and what is in it, down to `depth`, sorted by name, hidden names left out.
fn walk(folder: &Path, depth: usize) -> impl Iterator<Item = walkdir::Result<DirEntry>> {
    let is_wanted =
        move |entry: &DirEntry| entry.depth() == 0 || !(is_hidden(entry.file_name()) || leads_back(entry, folder));
    let walk = WalkDir::new(folder).max_depth(depth).follow_links(true).sort_by_file_name();
    walk.into_iter().filter_entry(is_wanted)
}

/// Whether the entry links to a folder that the walk's own folder is in: a loop that starts above it.
fn leads_back(entry: &DirEntry, folder: &Path) -> bool {
    let is_within = || Ok::<_, io::Error>(fs::canonicalize(folder)?.starts_with(fs::canonicalize(entry.path())?));
    entry.path_is_symlink() && entry.file_type().is_dir() && is_within().unwrap_or(false)
}

/// Whether the file's name ends as a picture's does.
pub fn is_picture(path: &Path) -> bool {
    let is = |extension: &OsStr| EXTENSIONS.iter().any(|known| extension.eq_ignore_ascii_case(known));
    path.extension().is_some_and(is)
}

fn is_hidden(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(b".")
}

/// The path as text on one line, for people and for records.
///
/// A byte that is not UTF-8, or is part of a control character, is written `\xNN` with two lower-case
/// hexadecimal digits; so is a backslash that would else read as the start of such an escape. All
/// else stands for itself, so that replacing every `\xNN` by its byte gives the path back.
pub fn display(path: &Path) -> String {
    let mut shown = String::new();
    for chunk in path.as_os_str().as_encoded_bytes().utf8_chunks() {
        let valid = chunk.valid();
        for (start, letter) in valid.char_indices() {
            let end = start + letter.len_utf8();
            if letter.is_control() || (letter == '\\' && starts_escape(&valid.as_bytes()[end..])) {
                escape(&mut shown, &valid.as_bytes()[start..end]);
            } else {
                shown.push(letter);
            }
        }
        escape(&mut shown, chunk.invalid());
    }
    shown
}

fn escape(shown: &mut String, bytes: &[u8]) {
    shown.extend(bytes.iter().map(|byte| format!("\\x{byte:02x}")));
}

/// Whether a backslash before these bytes would be read as an escape.
fn starts_escape(after: &[u8]) -> bool {
    let is_digit = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    matches!(after, [b'x', first, second, ..] if is_digit(first) && is_digit(second))
}
