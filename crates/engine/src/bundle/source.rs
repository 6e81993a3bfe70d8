//! Where a bundle's bytes come from: a folder, or the program itself.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::manifest::{Kind, kind_of};
use crate::{Error, digest};

/// The manifest's name.
pub(super) const MANIFEST: &str = "bundle.toml";
/// The vocabulary's.
pub(super) const VOCABULARY: &str = "vocabulary.txt";
/// The encoder's weights'.
pub(super) const ENCODER: &str = "encoder.safetensors";
/// The file of the parameters of the decoder or the classifier.
pub(super) const MODEL: &str = "model.safetensors";
/// The learning curves'.
pub(super) const HISTORY: &str = "history.json";
/// The card's.
pub(super) const CARD: &str = "CARD.md";

/// A bundle inside the program: its name, and its files by name, the manifest among them.
pub(super) struct Embedded {
    pub(super) name: &'static str,
    pub(super) files: &'static [(&'static str, &'static [u8])],
}

/// The bundles inside the program.
pub(super) const EMBEDDED: &[Embedded] = &[
    #[cfg(feature = "flickr8k")]
    Embedded {
        name: "flickr8k",
        files: &[
            (MANIFEST, include_bytes!("../../../../models/flickr8k/bundle.toml")),
            (VOCABULARY, include_bytes!("../../../../models/flickr8k/vocabulary.txt")),
            (ENCODER, include_bytes!("../../../../models/flickr8k/encoder.safetensors")),
            (MODEL, include_bytes!("../../../../models/flickr8k/model.safetensors")),
            (CARD, include_bytes!("../../../../models/flickr8k/CARD.md")),
        ],
    },
    #[cfg(feature = "fashion-mnist")]
    Embedded {
        name: "fashion-mnist",
        files: &[
            (MANIFEST, include_bytes!("../../../../models/fashion-mnist/bundle.toml")),
            (HISTORY, include_bytes!("../../../../models/fashion-mnist/history.json")),
            (MODEL, include_bytes!("../../../../models/fashion-mnist/model.safetensors")),
            (CARD, include_bytes!("../../../../models/fashion-mnist/CARD.md")),
        ],
    },
];

impl Embedded {
    /// What it is; none where that cannot be told.
    fn kind(&self) -> Option<Kind> {
        let text = std::str::from_utf8(self.file(MANIFEST)?).ok()?;
        kind_of(Path::new(self.name), text).ok()
    }

    /// The bytes of a file.
    pub(super) fn file(&self, name: &str) -> Option<&'static [u8]> {
        self.files.iter().find(|(file, _)| *file == name).map(|(_, bytes)| *bytes)
    }
}

/// A place that has a bundle's files.
pub(super) enum Source<'a> {
    /// A folder.
    Folder(&'a Path),
    /// A part of the program.
    Embedded(&'static Embedded),
}

impl<'a> Source<'a> {
    /// The folder, or the embedded bundle of that name. What exists as a path is a path.
    ///
    /// # Errors
    /// If there is neither; the error names the embedded bundles of the kind that is `wanted`.
    pub(super) fn find(name_or_path: &'a str, wanted: Option<Kind>) -> Result<Self, Error> {
        let path = Path::new(name_or_path);
        if path.exists() { Ok(Self::Folder(path)) } else { Self::embedded(name_or_path, wanted) }
    }

    /// The embedded bundle of that name.
    ///
    /// # Errors
    /// As [`Source::find`].
    pub(super) fn embedded(name: &str, wanted: Option<Kind>) -> Result<Self, Error> {
        let is_known = |bundle: &&Embedded| wanted.is_none() || bundle.kind() == wanted;
        EMBEDDED.iter().find(|bundle| bundle.name == name).map(Self::Embedded).ok_or_else(|| Error::NoBundle {
            name: name.to_owned(),
            wanted,
            known: EMBEDDED.iter().filter(is_known).map(|bundle| bundle.name).collect(),
        })
    }

    /// The files that the manifest lists with their digests.
    ///
    /// # Errors
    /// One that is not among the `known`.
    pub(super) fn listed<'b>(
        &'b self,
        digests: &'b BTreeMap<String, String>,
        known: &[&str],
    ) -> Result<Listed<'b>, Error> {
        match digests.keys().find(|name| !known.contains(&name.as_str())) {
            Some(found) => {
                let (found, expected) = (format!("a file {found:?} under [files]"), known.join(", "));
                Err(Error::Content { path: self.path(MANIFEST), found, expected })
            }
            None => Ok(Listed { source: self, digests }),
        }
    }

    /// What a file is called in errors.
    pub(super) fn path(&self, file: &str) -> PathBuf {
        match self {
            Self::Folder(folder) => folder.join(file),
            Self::Embedded(bundle) => Path::new(bundle.name).join(file),
        }
    }

    /// The bytes of a file.
    pub(super) fn bytes(&self, file: &str) -> Result<Cow<'static, [u8]>, Error> {
        match self {
            Self::Folder(_) => {
                let path = self.path(file);
                fs::read(&path).map(Cow::Owned).map_err(|source| self.unread(path, source))
            }
            Self::Embedded(bundle) => {
                let missing = || Error::Read { path: self.path(file), source: std::io::ErrorKind::NotFound.into() };
                bundle.file(file).map(Cow::Borrowed).ok_or_else(missing)
            }
        }
    }

    /// Why there is no such file; people name the folder of a run where they mean the bundle in it.
    fn unread(&self, path: PathBuf, source: std::io::Error) -> Error {
        match self {
            Self::Folder(folder) if folder.join("bundle").join(MANIFEST).is_file() => Error::Content {
                path: folder.to_path_buf(),
                found: "no bundle".to_owned(),
                expected: format!("one: {} is", folder.join("bundle").display()),
            },
            _ => Error::Read { path, source },
        }
    }

    /// The manifest's text.
    pub(super) fn manifest(&self) -> Result<String, Error> {
        self.utf8(MANIFEST, self.bytes(MANIFEST)?)
    }

    /// Bytes as text.
    fn utf8(&self, file: &str, bytes: Cow<'static, [u8]>) -> Result<String, Error> {
        String::from_utf8(bytes.into_owned()).map_err(|error| Error::Content {
            path: self.path(file),
            found: format!("a byte at {} that is not UTF-8", error.utf8_error().valid_up_to()),
            expected: "text".to_owned(),
        })
    }
}

/// The files of a source, with the digests that they should have.
pub(super) struct Listed<'a> {
    source: &'a Source<'a>,
    digests: &'a BTreeMap<String, String>,
}

impl Listed<'_> {
    /// The bytes of a file that has its digest.
    pub(super) fn bytes(&self, file: &str) -> Result<Cow<'static, [u8]>, Error> {
        let Some(expected) = self.digests.get(file) else {
            let (found, expected) = (format!("no SHA-256 of {file}"), "one under [files]".to_owned());
            return Err(Error::Content { path: self.source.path(MANIFEST), found, expected });
        };
        let bytes = self.source.bytes(file)?;
        let found = digest::hex(&bytes);
        if found != *expected {
            return Err(Error::Changed { path: self.source.path(file), found, expected: expected.clone() });
        }
        Ok(bytes)
    }

    /// A text file that has its digest.
    pub(super) fn text(&self, file: &str) -> Result<String, Error> {
        self.source.utf8(file, self.bytes(file)?)
    }
}
