//! What an encoder sees in photos, kept in a file: the encoder is frozen, so it looks at each photo once.
//!
//! `X.npy` is a NumPy array `[photos, regions, channels]`, mapped into memory when read. Where photos are looked at in
//! several views, their regions follow one another, view by view. `X.names.txt` has the photos' names, one a line in row
//! order. `X.key` tells which encoder, preprocessing, views and names it was made from, so that a stale cache is an error
//! and not a bad model.

mod cache;
mod extract;
mod view;

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use nid_weights::npy::Array;

pub use extract::{Options, Report, Summary, extract};
pub use view::View;

use crate::Error;

/// An opened feature file.
#[derive(Debug)]
pub struct FeatureFile {
    array: Array<'static>,
    names: Vec<String>,
    rows: HashMap<String, usize>,
}

impl FeatureFile {
    /// Maps `X.npy` and reads `X.names.txt`.
    ///
    /// # Errors
    /// Files that cannot be read or are no such files, an array that is not `[photos, regions, channels]`, a
    /// name that stands twice, and names that are not as many as rows.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let array = Array::open(path).map_err(Error::Features)?;
        if array.shape().len() != 3 {
            let found = format!("an array of shape {:?}", array.shape());
            return Err(Error::Content {
                path: path.to_owned(),
                found,
                expected: "[photos, regions, channels]".to_owned(),
            });
        }
        let path = names_path(path);
        let text = fs::read_to_string(&path).map_err(|source| Error::Read { path: path.clone(), source })?;
        let names: Vec<String> = text.lines().map(str::to_owned).collect();
        if names.len() != array.rows() {
            let (found, expected) = (format!("{} names", names.len()), format!("{}, one a row", array.rows()));
            return Err(Error::Content { path, found, expected });
        }
        let rows = numbered(&names)?;
        Ok(Self { array, names, rows })
    }

    /// The photos' names, in row order.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Regions of a photo, in all its views.
    pub fn regions(&self) -> usize {
        self.array.shape()[1]
    }

    /// Numbers of a region.
    pub fn channels(&self) -> usize {
        self.array.shape()[2]
    }

    /// The row of a photo.
    pub fn row_of(&self, name: &str) -> Option<usize> {
        self.rows.get(name).copied()
    }

    /// Reads a row, `[regions, channels]`, into `features`.
    ///
    /// # Panics
    /// If there is no such row, or `features` has another length.
    pub fn read(&self, row: usize, features: &mut [f32]) {
        self.array.row_into(row, features);
    }

    /// Rows in the order asked for, `[rows, regions, channels]`.
    ///
    /// # Panics
    /// If there is no such row.
    pub fn rows(&self, rows: &[usize]) -> Vec<f32> {
        let row_len = self.array.row_len();
        let mut features = vec![0.0; rows.len() * row_len];
        if row_len > 0 {
            rows.iter().zip(features.chunks_exact_mut(row_len)).for_each(|(row, features)| self.read(*row, features));
        }
        features
    }
}

/// Where the names of `X.npy` are.
pub fn names_path(path: &Path) -> PathBuf {
    path.with_extension("names.txt")
}

/// The row of each name.
fn numbered<N: AsRef<str>>(names: &[N]) -> Result<HashMap<String, usize>, Error> {
    let mut rows = HashMap::with_capacity(names.len());
    for (row, name) in names.iter().map(AsRef::as_ref).enumerate() {
        let is_line = !name.is_empty() && !name.contains(['\n', '\r']);
        if !is_line || rows.insert(name.to_owned(), row).is_some() {
            return Err(Error::Name { name: name.to_owned() });
        }
    }
    Ok(rows)
}
