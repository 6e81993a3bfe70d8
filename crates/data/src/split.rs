//! Which photos are for what: a split names photos, never captions, so that no photo can be on
//! both sides.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use crate::captions::json::Document;
use crate::captions::{Collection, Photo};
use crate::photos::display;
use crate::text::{self, Fault, quote};

/// A set of photos, in the order in which the source names them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Split {
    source: String,
    names: Vec<String>,
}

/// Why a split cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file is not what it should be.
    #[error(transparent)]
    Text(#[from] text::Error),
    /// Photos of the split are not among those with captions.
    #[error(
        "{split}: found no caption for {missing} of its {total} photos, the first {first:?}; expected one for each"
    )]
    Uncaptioned {
        /// Where the split comes from.
        split: String,
        /// The first photo that has no caption.
        first: String,
        /// How many have none.
        missing: usize,
        /// How many photos the split has.
        total: usize,
    },
    /// Two splits have photos in common.
    #[error("{one} and {other}: found {shared} photos in both, the first {first:?}; expected none")]
    Overlap {
        /// Where the one comes from.
        one: String,
        /// Where the other comes from.
        other: String,
        /// The first photo that is in both.
        first: String,
        /// How many are.
        shared: usize,
    },
}

impl Split {
    /// Opens a split: `FILE` with a photo's name a line, or `FILE.json:NAME`, a split of Karpathy's JSON.
    ///
    /// Karpathy's COCO has a split `restval`, photos of COCO's validation set that are left for
    /// training; as the field does, `train` takes them in. `restval` asked for by name is it alone.
    /// A file whose own name holds a colon wins over the second reading.
    ///
    /// # Errors
    /// What cannot be read or parsed, a JSON file without a split's name, a split that is not in it,
    /// and a split without photos.
    pub fn open(source: &Path) -> Result<Self, Error> {
        let (path, name) = Self::asked(source);
        Ok(Self::parse(path, name, &text::read(path)?)?)
    }

    /// The file that a split is opened from, without the name that may follow it.
    pub fn file(source: &Path) -> &Path {
        Self::asked(source).0
    }

    /// The file, and the name of the split in it.
    fn asked(source: &Path) -> (&Path, Option<&str>) {
        match source.to_str().and_then(|text| text.rsplit_once(':')) {
            Some((file, name)) if !source.exists() => (Path::new(file), Some(name)),
            _ => (source, None),
        }
    }

    /// Reads the bytes of a split's file, of which `name` is wanted if it is JSON; `path` is for
    /// the errors and the split's own description.
    ///
    /// # Errors
    /// As [`Split::open`].
    pub fn parse(path: &Path, name: Option<&str>, bytes: &[u8]) -> Result<Self, text::Error> {
        let text = text::decode(path, bytes)?;
        let is_json = text.trim_start().starts_with('{');
        let names = match (is_json, name) {
            (true, name) => of_document(path, name, Document::parse(path, text)?.photos(path)?)?,
            (false, None) => text::lines(text).map(|(_, line)| line.trim().to_owned()).collect(),
            (false, Some(name)) => {
                let found = format!("no JSON to take {} from", quote(name));
                return Err(Fault::new(found, "Karpathy's splits").of(path));
            }
        };
        if names.is_empty() {
            return Err(Fault::new("nothing", "a photo's name a line").of(path));
        }
        let source = match name {
            Some(name) => format!("{}:{name}", display(path)),
            None => display(path),
        };
        Ok(Self::new(source, names))
    }

    /// A split of these photos; one that is named twice counts once. `source` is what errors call it.
    pub fn new(source: impl Into<String>, names: impl IntoIterator<Item = String>) -> Self {
        let mut seen = HashSet::new();
        let names = names.into_iter().filter(|name| seen.insert(name.clone())).collect();
        Self { source: source.into(), names }
    }

    /// The photos' names.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The photos that are in both splits, in this one's order.
    pub fn overlap<'a>(&'a self, other: &Self) -> Vec<&'a str> {
        let others: HashSet<&str> = other.names.iter().map(String::as_str).collect();
        self.names.iter().map(String::as_str).filter(|name| others.contains(name)).collect()
    }

    /// Makes sure that no photo is in both splits.
    ///
    /// # Errors
    /// Names the first photo that is, and counts them.
    pub fn disjoint(&self, other: &Self) -> Result<(), Error> {
        let shared = self.overlap(other);
        let Some(&first) = shared.first() else { return Ok(()) };
        Err(Error::Overlap {
            one: self.source.clone(),
            other: other.source.clone(),
            first: first.to_owned(),
            shared: shared.len(),
        })
    }
}

impl Collection {
    /// The photos of a split, in its order.
    ///
    /// # Errors
    /// Photos of the split that have no caption: the first is named, all are counted.
    pub fn select(&self, split: &Split) -> Result<Vec<&Photo>, Error> {
        let photos: HashMap<&str, &Photo> = self.photos.iter().map(|photo| (photo.name.as_str(), photo)).collect();
        let (mut chosen, mut missing) = (Vec::new(), Vec::new());
        for name in &split.names {
            match photos.get(name.as_str()) {
                Some(&photo) => chosen.push(photo),
                None => missing.push(name),
            }
        }
        let Some(&first) = missing.first() else { return Ok(chosen) };
        Err(Error::Uncaptioned {
            split: split.source.clone(),
            first: first.clone(),
            missing: missing.len(),
            total: split.names.len(),
        })
    }
}

/// The names of the photos that Karpathy's JSON puts in the split.
fn of_document(path: &Path, name: Option<&str>, photos: Vec<Photo>) -> Result<Vec<String>, text::Error> {
    let belongs = |split: &str| Some(split) == name || (name == Some("train") && split == "restval");
    let mut known: Vec<&str> = photos.iter().filter_map(|photo| photo.split.as_deref()).collect();
    if !known.iter().any(|split| belongs(split)) {
        known.sort_unstable();
        known.dedup();
        let expected = match known[..] {
            [] => "Karpathy's splits: its images have no `split`".to_owned(),
            _ => format!("one of {} after the file and a colon", quote(&known.join(", "))),
        };
        let found = name
            .map_or_else(|| "JSON without the name of a split".to_owned(), |name| format!("no split {}", quote(name)));
        return Err(Fault::new(found, expected).of(path));
    }
    let chosen = photos.into_iter().filter(|photo| photo.split.as_deref().is_some_and(belongs));
    Ok(chosen.map(|photo| photo.name).collect())
}
