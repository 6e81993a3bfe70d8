//! Small pictures, read whole.

use std::path::Path;

use super::comma;
use super::fashion_mnist::CLASSES;
use super::idx::{self, Array};
use super::source::{Shelf, Source};
use crate::photos::display;
use crate::text::{Error, Fault};

/// Grey pictures of one size, and what each shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Set {
    /// Rows of a picture, at least one.
    pub height: usize,
    /// Pixels in a row, at least one.
    pub width: usize,
    /// Levels `[pictures, height, width]`, from the top left, 0 for black. In Fashion-MNIST the ground is black.
    pub pixels: Vec<u8>,
    /// The class of each picture, at least one.
    pub labels: Vec<u8>,
}

/// The sets that there are: at least one, both of the same size of pictures if there are two.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sets {
    /// What is learnt from.
    pub train: Option<Set>,
    /// What is judged by.
    pub test: Option<Set>,
}

impl Set {
    /// Reads the bytes of two IDX files, of pictures and of their labels, gzipped or not; the paths are for the errors
    /// alone.
    ///
    /// # Errors
    /// Bytes that are no IDX, or no whole one, or not of as many labels as pictures; pictures without a pixel, no
    /// picture, a label that is no class.
    pub fn from_idx(pictures: (&Path, &[u8]), labels: (&Path, &[u8])) -> Result<Self, Error> {
        let source = |(path, bytes): (&Path, _)| Source::new(path.to_path_buf(), bytes);
        Self::of_arrays(idx::read(source(pictures)?)?, idx::read(source(labels)?)?)
    }

    fn of_arrays(pictures: Array<3>, labels: Array<1>) -> Result<Self, Error> {
        let [count, height, width] = pictures.shape;
        if count == 0 || height == 0 || width == 0 {
            let found = format!("{count} pictures of {width}x{height} pixels");
            return Err(Fault::new(found, "at least one of each").of(&pictures.path));
        }
        if labels.bytes.len() != count {
            let expected = format!("{count}, one for each picture in {}", display(&pictures.path));
            return Err(Fault::new(format!("{} labels", labels.bytes.len()), expected).of(&labels.path));
        }
        for (index, &label) in labels.bytes.iter().enumerate() {
            check_label(label).map_err(|fault| fault.entry(&labels.path, "labels", index))?;
        }
        Ok(Self { height, width, pixels: pictures.bytes, labels: labels.bytes })
    }

    /// The pictures, `height` rows of `width` levels each.
    pub fn pictures(&self) -> impl ExactSizeIterator<Item = &[u8]> {
        self.pixels.chunks_exact(self.height * self.width)
    }
}

impl Sets {
    /// Reads the sets that lie here; none where there are no files of theirs.
    pub(super) fn find(shelf: &mut impl Shelf) -> Result<Option<Self>, Error> {
        let mut sets = Self { train: pair(shelf, "train")?, test: pair(shelf, "t10k")? };
        if sets.is_empty() {
            sets = Self { train: table(shelf, "train")?, test: table(shelf, "test")? };
        }
        if let Self { train: Some(train), test: Some(test) } = &sets
            && (train.height, train.width) != (test.height, test.width)
        {
            let found = format!("pictures of {}x{} pixels to test", test.width, test.height);
            let expected = format!("{}x{}, as they are to train", train.width, train.height);
            return Err(Fault::new(found, expected).of(shelf.path()));
        }
        Ok((!sets.is_empty()).then_some(sets))
    }

    fn is_empty(&self) -> bool {
        self.train.is_none() && self.test.is_none()
    }
}

/// A set of two IDX files; none where both are missing.
fn pair(shelf: &mut impl Shelf, part: &str) -> Result<Option<Set>, Error> {
    let names = [format!("{part}-images-idx3-ubyte"), format!("{part}-labels-idx1-ubyte")];
    let pictures = shelf.open(&names[0])?.map(idx::read).transpose()?;
    let labels = shelf.open(&names[1])?.map(idx::read).transpose()?;
    let missing = |lacks: &str, has: &str| {
        let expected = format!("one beside {has}");
        Err(Fault::new("no such file", expected).of(&shelf.path().join(lacks)))
    };
    match (pictures, labels) {
        (Some(pictures), Some(labels)) => Set::of_arrays(pictures, labels).map(Some),
        (Some(_), None) => missing(&names[1], &names[0]),
        (None, Some(_)) => missing(&names[0], &names[1]),
        (None, None) => Ok(None),
    }
}

/// A set that is Kaggle's CSV; none where it is missing.
fn table(shelf: &mut impl Shelf, part: &str) -> Result<Option<Set>, Error> {
    shelf.open(&format!("fashion-mnist_{part}.csv"))?.map(comma::read).transpose()
}

/// Makes sure that a label is one of the classes.
pub(super) fn check_label(label: u8) -> Result<(), Fault> {
    if usize::from(label) < CLASSES.len() {
        return Ok(());
    }
    let last = CLASSES.len() - 1;
    Err(Fault::new(format!("the label {label}"), format!("a class of Fashion-MNIST, 0 to {last}")))
}
