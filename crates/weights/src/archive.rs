//! Named arrays of a file in any of the [formats](Format) that are read here.
//!
//! Opening one reads what the file says of its arrays; their numbers stay where they are, mapped, and become `f32` one
//! array at a time, when asked for. So a file of gigabytes costs no more memory than the arrays in use, and an archive
//! inside the binary is never copied as a whole.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::path::Path;
use std::sync::Arc;

use crate::bytes::Bytes;
use crate::stored::Stored;
use crate::summary::{Summariser, Summary};
use crate::view::View;
use crate::{Element, Error, Format, formats};

/// An opened file: arrays by name.
#[derive(Debug)]
pub struct Archive<'a> {
    format: Format,
    contents: Contents<'a>,
}

/// What a file holds.
#[derive(Debug, Default)]
pub(crate) struct Contents<'a> {
    arrays: BTreeMap<String, Stored<'a>>,
    /// What travels with the arrays, such as a network's description.
    texts: BTreeMap<String, String>,
}

impl<'a> Contents<'a> {
    /// Adds an array.
    ///
    /// # Errors
    /// If there is one of that name.
    pub(crate) fn insert(&mut self, name: String, stored: Stored<'a>) -> Result<(), Error> {
        match self.arrays.entry(name) {
            Entry::Vacant(place) => {
                place.insert(stored);
                Ok(())
            }
            Entry::Occupied(taken) => Err(Error::Duplicate { name: taken.key().clone() }),
        }
    }

    /// Adds a text.
    pub(crate) fn note(&mut self, name: &str, text: String) {
        self.texts.insert(name.to_owned(), text);
    }
}

/// What an archive says of one of its arrays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Info<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its shape, outermost dimension first.
    pub shape: &'a [usize],
    /// The type of its elements; none where it is one that is not read here.
    pub element: Option<Element>,
    /// What the type is called.
    pub element_name: Cow<'a, str>,
}

impl Archive<'static> {
    /// Maps a file of any format into memory, and tells the format by how it begins.
    ///
    /// A TensorFlow checkpoint is several files: its index (`model-19.index`), their common name (`model-19`), or the
    /// folder with a file `checkpoint` that names it.
    ///
    /// # Errors
    /// If the file cannot be read, or is not what it seems to be; the file is named.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = &*formats::locate(path.as_ref())?;
        let (format, contents) = formats::open(path).map_err(Error::reading(path))?;
        Ok(Self { format, contents })
    }
}

impl<'a> Archive<'a> {
    /// Reads an archive that is already in memory, such as one inside the binary, without copying it. Only what is one
    /// file can be read so.
    ///
    /// # Errors
    /// If the bytes are in none of the formats, or not what they seem to be.
    pub fn from_bytes(bytes: &'a [u8]) -> Result<Self, Error> {
        let (format, contents) = formats::read(&Arc::new(Bytes::Lent(bytes)))?;
        Ok(Self { format, contents })
    }

    /// Reads a TensorFlow checkpoint that is already in memory, index and shards, without copying it. Arrays of shards
    /// that are not given are listed all the same.
    ///
    /// # Errors
    /// If the index is none, or does not fit the shards.
    pub fn from_checkpoint(index: &'a [u8], shards: &[&'a [u8]]) -> Result<Self, Error> {
        let (format, contents) = formats::read_checkpoint(index, shards)?;
        Ok(Self { format, contents })
    }

    /// What kind of file it is.
    pub fn format(&self) -> Format {
        self.format
    }

    /// The arrays, by name in alphabetical order.
    pub fn iter(&self) -> impl Iterator<Item = Info<'_>> {
        self.contents.arrays.iter().map(|(name, stored)| info(name, stored))
    }

    /// What there is of one name.
    pub fn info(&self, name: &str) -> Option<Info<'_>> {
        self.contents.arrays.get_key_value(name).map(|(name, stored)| info(name, stored))
    }

    /// The text of a name that travels with the arrays: of a TensorFlow graph `graph`, which has a line for each node: its
    /// operation, its name and those of its inputs, with blanks between; of HDF5 the attributes of groups that are texts, by
    /// path, a line for each where they are several; of a Keras model also `config.json` and `metadata.json`.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.contents.texts.get(name).map(String::as_str)
    }

    /// The values of an array, in C order.
    ///
    /// # Errors
    /// If there is no such array, its shape is not `shape`, or its elements are not floating-point
    /// numbers; the array is named.
    pub fn f32(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>, Error> {
        let found = self.info(name).ok_or_else(|| Error::Missing { name: name.to_owned() })?.shape.to_vec();
        if found != shape {
            return Err(Error::Shape { name: name.to_owned(), found, expected: shape.to_vec() });
        }
        self.view(name)?.f32()
    }

    /// An array that is to be read in another order than it is stored in.
    ///
    /// # Errors
    /// If there is no such array, or its elements are not numbers.
    pub fn view(&self, name: &str) -> Result<View<'_>, Error> {
        let found = self.contents.arrays.get_key_value(name);
        let (name, stored) = found.ok_or_else(|| Error::Missing { name: name.to_owned() })?;
        View::new(name, stored)
    }

    /// The numbers of an array as they are, in C order, little-endian.
    ///
    /// # Errors
    /// If there is no such array, or its elements are not numbers.
    pub fn bytes(&self, name: &str) -> Result<Vec<u8>, Error> {
        self.stored(name)?.read(name, |layout, bytes| layout.bytes(bytes).into_owned())
    }

    /// What an array's numbers are like. They are read a little at a time.
    ///
    /// # Errors
    /// If there is no such array, or its elements are not numbers.
    pub fn summary(&self, name: &str) -> Result<Summary, Error> {
        self.stored(name)?.read(name, |layout, bytes| {
            let mut summariser = Summariser::new(layout.element);
            layout.blocks(bytes, |block| summariser.add(block));
            summariser.finish()
        })
    }

    fn stored(&self, name: &str) -> Result<&Stored<'a>, Error> {
        self.contents.arrays.get(name).ok_or_else(|| Error::Missing { name: name.to_owned() })
    }
}

fn info<'s>(name: &'s str, stored: &'s Stored<'_>) -> Info<'s> {
    Info { name, shape: stored.shape(), element: stored.element(), element_name: stored.element_name() }
}
