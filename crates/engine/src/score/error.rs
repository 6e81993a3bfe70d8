//! Why captions cannot be scored.

use std::io;
use std::path::PathBuf;

use nid_data::photos::display;
use nid_data::text;

/// How many photos an error names.
const NAMED: usize = 5;

/// Why captions cannot be scored. Nothing of this is mended by guessing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file of sentences cannot be read.
    #[error(transparent)]
    Sentences(#[from] text::Error),
    /// A file of document frequencies cannot be read.
    #[error("{} cannot be read", display(path))]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file of document frequencies does not parse.
    #[error(
        "{}:{line}: found no document frequency, expected a count, a tab and one to four words below the number of photos",
        display(path)
    )]
    Frequencies {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
    },
    /// Nothing is to be scored.
    #[error("{}: found no photo, expected at least one", display(path))]
    NoPhotos {
        /// The file without photos.
        path: PathBuf,
    },
    /// Photos that people wrote about have no candidate.
    #[error(
        "{}: found no candidate for {count} of {photos} photos with references ({names}), expected one for each",
        display(path)
    )]
    NoCandidate {
        /// The file of candidates.
        path: PathBuf,
        /// Photos without.
        count: usize,
        /// All photos.
        photos: usize,
        /// The first of those without.
        names: Names,
    },
    /// Candidates are about photos that nobody wrote about.
    #[error(
        "{}: found no references for {count} of {photos} candidates ({names}), expected some for each",
        display(path)
    )]
    NoReferences {
        /// The file of candidates.
        path: PathBuf,
        /// Candidates without.
        count: usize,
        /// All candidates.
        photos: usize,
        /// The first of those without.
        names: Names,
    },
    /// Photos have several candidates.
    #[error("{}: found a second candidate for {count} photos ({names}), expected one for each", display(path))]
    SecondCandidate {
        /// The file of candidates.
        path: PathBuf,
        /// Photos with several.
        count: usize,
        /// The first of them.
        names: Names,
    },
    /// Aligned files differ in length.
    #[error("{}: found {found} lines, expected {expected} as in {}", display(path), display(other))]
    Lines {
        /// A file.
        path: PathBuf,
        /// Its lines.
        found: usize,
        /// The file that it is aligned with.
        other: PathBuf,
        /// The lines of that file.
        expected: usize,
    },
    /// One file names photos, the other has only lines.
    #[error(
        "{}: found aligned text, a sentence a line, expected sentences that name their photos as in {}",
        display(path),
        display(other)
    )]
    Forms {
        /// The file of lines.
        path: PathBuf,
        /// The file that names photos.
        other: PathBuf,
    },
    /// Two systems that are compared captioned different photos.
    #[error("found {count} photos that only one of the two systems captioned ({names}), expected the same of both")]
    Unlike {
        /// Photos that only one captioned.
        count: usize,
        /// The first of them.
        names: Names,
    },
    /// METEOR's table cannot be read.
    #[error(transparent)]
    Meteor(#[from] crate::meteor::Error),
}

/// The first few names of many.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names(Vec<String>);

impl Names {
    pub(super) fn of<T: ToString>(names: impl IntoIterator<Item = T>) -> Self {
        Self(names.into_iter().take(NAMED).map(|name| name.to_string()).collect())
    }
}

impl std::fmt::Display for Names {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let shown: Vec<String> = self.0.iter().map(|name| format!("{name:?}")).collect();
        let more = if self.0.len() == NAMED { ", …" } else { "" };
        write!(formatter, "{}{more}", shown.join(", "))
    }
}
