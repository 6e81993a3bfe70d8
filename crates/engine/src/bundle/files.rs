//! A bundle as the bytes of its files, for those that carry it elsewhere and back.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::source::{CARD, ENCODER, HISTORY, MODEL, Source, VOCABULARY};
use super::{ClassifierBundle, ClassifierManifest, Kind, Manifest, captioner, save};
use crate::Error;
use crate::files::File;

/// The files that a manifest lists.
pub(crate) struct Files {
    /// What the bundle is called in errors.
    place: PathBuf,
    files: BTreeMap<String, Cow<'static, [u8]>>,
}

impl Files {
    /// The encoder's weights.
    pub(crate) const ENCODER: &str = ENCODER;
    /// The parameters of the decoder or the classifier.
    pub(crate) const MODEL: &str = MODEL;
    /// What is text, where it is there.
    pub(crate) const TEXTS: [&str; 3] = [VOCABULARY, HISTORY, CARD];

    /// Those of these digests.
    pub(super) fn of(source: &Source<'_>, digests: &BTreeMap<String, String>) -> Result<Self, Error> {
        let names: Vec<&str> = digests.keys().map(String::as_str).collect();
        let listed = source.listed(digests, &names)?;
        let read = |name: &&str| Ok(((*name).to_owned(), listed.bytes(name)?));
        let files = names.iter().map(read).collect::<Result<_, Error>>()?;
        Ok(Self { place: source.path(""), files })
    }

    /// What a file is called in errors.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.place.join(name)
    }

    /// Whether there is a file of that name.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.files.contains_key(name)
    }

    /// The bytes of a file, nothing where there is none.
    pub(crate) fn bytes(&self, name: &str) -> &[u8] {
        self.files.get(name).map_or(&[], |bytes| bytes)
    }
}

/// A manifest of either kind, its files still to be filled in.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Configuration {
    /// A captioner's.
    Captioner(Manifest),
    /// A classifier's.
    Classifier(ClassifierManifest),
}

impl Configuration {
    /// Reads it from JSON; `path` is for the errors alone.
    ///
    /// # Errors
    /// What is not a manifest. Whether a bundle can have it is found when it is saved.
    pub(crate) fn from_json(path: &Path, json: &Value) -> Result<Self, Error> {
        match typed(path, &json["kind"])? {
            Kind::Captioner => typed(path, json).map(Self::Captioner),
            Kind::Classifier => typed(path, json).map(Self::Classifier),
        }
    }

    /// Writes a bundle of these files.
    ///
    /// # Errors
    /// As [`Bundle::save`](super::Bundle::save).
    pub(crate) fn save(&self, folder: &Path, replace: bool, files: &[File<'_>]) -> Result<(), Error> {
        let digests = save::digests(files)?;
        match self {
            Self::Captioner(manifest) => {
                let manifest = Manifest { files: digests, ..manifest.clone() };
                save::save(folder, replace, &manifest, files, captioner::check)
            }
            Self::Classifier(manifest) => {
                let manifest = ClassifierManifest { files: digests, ..manifest.clone() };
                save::save(folder, replace, &manifest, files, |folder| ClassifierBundle::load(folder).map(drop))
            }
        }
    }
}

fn typed<T: DeserializeOwned>(path: &Path, json: &Value) -> Result<T, Error> {
    T::deserialize(json).map_err(|error| Error::Content {
        path: path.to_owned(),
        found: error.to_string(),
        expected: "the configuration of a bundle".to_owned(),
    })
}
