//! Where a bundle's bytes come from: a folder, or the program itself.

use std::borrow::Cow;
use std::fs;
use std::path::{Path, PathBuf};

use crate::{Error, digest};

/// The manifest's name.
pub(super) const MANIFEST: &str = "bundle.toml";
/// The vocabulary's.
pub(super) const VOCABULARY: &str = "vocabulary.txt";
/// The encoder's weights'.
pub(super) const ENCODER: &str = "encoder.safetensors";
/// The decoder's parameters'.
pub(super) const MODEL: &str = "model.safetensors";
/// The card's.
pub(super) const CARD: &str = "CARD.md";
/// All files but the manifest.
pub(super) const FILES: [&str; 4] = [VOCABULARY, ENCODER, MODEL, CARD];

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
];

/// A place that has a bundle's files.
pub(super) enum Source<'a> {
    /// A folder.
    Folder(&'a Path),
    /// A part of the program.
    Embedded(&'static Embedded),
}

impl Source<'_> {
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
                let found = bundle.files.iter().find(|(name, _)| *name == file);
                let missing = || Error::Read { path: self.path(file), source: std::io::ErrorKind::NotFound.into() };
                found.map(|(_, bytes)| Cow::Borrowed(*bytes)).ok_or_else(missing)
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

    /// The bytes of a text file.
    pub(super) fn text(&self, file: &str) -> Result<String, Error> {
        self.utf8(file, self.bytes(file)?)
    }

    /// The bytes of a file that has this digest.
    pub(super) fn checked(&self, file: &str, expected: Option<&String>) -> Result<Cow<'static, [u8]>, Error> {
        let Some(expected) = expected else {
            let (found, expected) = (format!("no SHA-256 of {file}"), "one under [files]".to_owned());
            return Err(Error::Content { path: self.path(MANIFEST), found, expected });
        };
        let bytes = self.bytes(file)?;
        let found = digest::hex(&bytes);
        if found != *expected {
            return Err(Error::Changed { path: self.path(file), found, expected: expected.clone() });
        }
        Ok(bytes)
    }

    /// Bytes as text.
    pub(super) fn utf8(&self, file: &str, bytes: Cow<'static, [u8]>) -> Result<String, Error> {
        String::from_utf8(bytes.into_owned()).map_err(|error| Error::Content {
            path: self.path(file),
            found: format!("a byte at {} that is not UTF-8", error.utf8_error().valid_up_to()),
            expected: "text".to_owned(),
        })
    }
}
