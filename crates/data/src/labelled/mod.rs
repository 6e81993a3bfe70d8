//! Pictures with labels, in every form that people have them: what classifiers learn from and are judged by.
//!
//! The form is told from the content:
//!
//! | form | what it looks like |
//! |---|---|
//! | IDX | a folder with `train-images-idx3-ubyte`, `train-labels-idx1-ubyte`, the same of `t10k`; gzipped (`.gz`) or not |
//! | Kaggle's CSV | a folder with `fashion-mnist_train.csv`, `fashion-mnist_test.csv`, or one such file: `label,pixel1,…,pixel784` |
//! | Kaggle's zip | an archive with either of these, wherever in it they lie |
//! | class folders | `class-name/picture.png`: each folder is a class, the pictures in it are of any format and size |
//!
//! Where files of both of the first two forms lie together, as in Kaggle's zip, IDX is read. Those two are
//! Fashion-MNIST's: small grey pictures of one size, of [`fashion_mnist::CLASSES`], read whole: [`Sets`]. One's own
//! pictures may be large, so of these there is a list: [`Files`].
//!
//! Files of other people are hostile until shown otherwise: what a header claims is compared with the bytes that
//! there are, and compressed files are unpacked no further than what they should hold.

mod archive;
mod comma;
pub mod fashion_mnist;
mod folder;
mod hold_out;
mod idx;
mod sets;
mod source;

use std::fs::File;
use std::io::{Cursor, Read, Seek};
use std::path::{Path, PathBuf};

use crate::text::{Error, Fault};
use archive::Archive;
use source::{Folder, Source};

pub use hold_out::{Error as HoldOutError, Part, Parts, hold_out};
pub use sets::{Set, Sets};

/// What a path should be, where it is none of the forms.
const FORMS: &str =
    "Fashion-MNIST's four IDX files, Kaggle's CSVs or its zip, or a folder for each class with its pictures";

/// Labelled pictures: small ones as they are, others by their files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Data {
    /// Fashion-MNIST's pictures.
    Sets(Sets),
    /// Anyone's pictures in class folders.
    Files(Files),
}

/// The pictures in class folders; which are to learn from is not said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Files {
    /// The names of the class folders, sorted by their bytes, as [`display`](crate::photos::display) shows them.
    pub classes: Vec<String>,
    /// The pictures, class by class, within a class sorted by name. They are known by their extension alone.
    pub paths: Vec<PathBuf>,
    /// The class of each picture: an index into `classes`.
    pub labels: Vec<usize>,
    /// How many files and folders were passed over: names that start with a dot, files that are no pictures, files
    /// beside the class folders, folders within them.
    pub skipped: usize,
}

impl Data {
    /// The names of the classes, in the order of their numbers.
    pub fn classes(&self) -> Vec<&str> {
        match self {
            Self::Sets(_) => fashion_mnist::CLASSES.to_vec(),
            Self::Files(files) => files.classes.iter().map(String::as_str).collect(),
        }
    }
}

/// Reads labelled pictures from a folder or a file. One CSV is taken for the test set if its name has `test` in it,
/// else for the training set.
///
/// # Errors
/// What cannot be read, is of no known form, or is not what its form should be. Each names the file, and the line or the
/// entry where there is one.
pub fn read(path: &Path) -> Result<Data, Error> {
    if !path.is_dir() {
        let file = File::open(path).map_err(|source| Error::Read { path: path.to_path_buf(), source })?;
        return of_file(path, file).map(Data::Sets);
    }
    match Sets::find(&mut Folder(path))? {
        Some(sets) => Ok(Data::Sets(sets)),
        None => folder::read(path).map(Data::Files),
    }
}

/// Reads the bytes of a file, a zip or a CSV; `path` is for the errors, and for whether a CSV is the test set.
///
/// # Errors
/// As [`read`].
pub fn parse(path: &Path, bytes: &[u8]) -> Result<Sets, Error> {
    of_file(path, Cursor::new(bytes))
}

fn of_file(path: &Path, mut file: impl Read + Seek) -> Result<Sets, Error> {
    let mut magic = Vec::new();
    let begun = file.by_ref().take(2).read_to_end(&mut magic).and_then(|_| file.rewind());
    begun.map_err(|source| Error::Read { path: path.to_path_buf(), source })?;
    if magic == b"PK" {
        let sets = Sets::find(&mut Archive::open(path, file)?)?;
        return sets.ok_or_else(|| Fault::new("a zip archive of other files", FORMS).of(path));
    }
    let mut source = Source::new(path.to_path_buf(), file)?;
    match source.first()? {
        None => Err(Fault::new("nothing", FORMS).of(path)),
        Some(0) => Err(Fault::new("a single IDX file", "the folder that all four of them are in").of(path)),
        Some(_) => {
            let set = Some(comma::read(source)?);
            let is_test = path.file_name().is_some_and(|name| name.to_string_lossy().to_lowercase().contains("test"));
            Ok(if is_test { Sets { train: None, test: set } } else { Sets { train: set, test: None } })
        }
    }
}
