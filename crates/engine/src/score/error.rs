//! Why captions cannot be scored.

use std::path::PathBuf;

use nid_data::photos::display;
use nid_data::text;

/// How many photos an error names.
const NAMED: usize = 5;

/// Why captions cannot be scored. Nothing of this is mended by guessing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file of sentences or of document frequencies cannot be read, or does not parse.
    #[error(transparent)]
    Text(#[from] text::Error),
    /// A file of references is given twice.
    #[error("{}: found the file again among the references, expected each once", display(path))]
    Again {
        /// The file.
        path: PathBuf,
    },
    /// Nothing is to be scored.
    #[error("{}: found no photo, expected at least one", display(path))]
    NoPhotos {
        /// The file without photos.
        path: PathBuf,
    },
    /// Photos that people wrote about have no candidate.
    #[error(
        "{}: found no candidate for {count} of {} with references ({names}), expected one for each",
        display(path),
        counted(*photos, "photo")
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
        "{}: found no references for {count} of {} ({names}), expected some for each",
        display(path),
        counted(*photos, "candidate")
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
    #[error(
        "{}: found a second candidate for {} ({names}), expected one for each",
        display(path),
        counted(*count, "photo")
    )]
    SecondCandidate {
        /// The file of candidates.
        path: PathBuf,
        /// Photos with several.
        count: usize,
        /// The first of them.
        names: Names,
    },
    /// The id of a photo is one that another file has for a photo of another name.
    #[error(
        "{}: found {} with another file name than the same `image_id` has in {} ({names}), expected them to agree",
        display(path),
        counted(*count, "photo"),
        display(other)
    )]
    Contradiction {
        /// A file.
        path: PathBuf,
        /// Photos of which ids and file names disagree.
        count: usize,
        /// The first of their ids.
        names: Names,
        /// The file that they disagree with.
        other: PathBuf,
    },
    /// A further file of references has photos that may be or not be among those of the first.
    #[error(
        "{}: found {count} of {} that do not join the photos of {} ({names}), expected the same ids or the same file \
         names for all, or new ids of the same kind",
        display(path),
        counted(*photos, "photo"),
        display(other)
    )]
    Apart {
        /// The further file.
        path: PathBuf,
        /// Such photos.
        count: usize,
        /// All photos of the file.
        photos: usize,
        /// The first of those.
        names: Names,
        /// The first file.
        other: PathBuf,
    },
    /// Aligned files differ in length.
    #[error("{}: found {}, expected {expected} as in {}", display(path), counted(*found, "line"), display(other))]
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
    #[error(
        "found {} that only one of the two systems captioned ({names}), expected the same of both",
        counted(*count, "photo")
    )]
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
pub struct Names {
    first: Vec<String>,
    /// Whether there are more.
    more: bool,
}

impl Names {
    pub(super) fn of<T: ToString>(names: impl IntoIterator<Item = T>) -> Self {
        let mut names = names.into_iter();
        let first = names.by_ref().take(NAMED).map(|name| name.to_string()).collect();
        Self { first, more: names.next().is_some() }
    }
}

impl std::fmt::Display for Names {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let shown: Vec<String> = self.first.iter().map(|name| format!("{name:?}")).collect();
        write!(formatter, "{}{}", shown.join(", "), if self.more { ", …" } else { "" })
    }
}

/// A count with its noun: `1 photo`, `2 photos`.
fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}
