//! One array of an archive: what it is, and where its bytes are until somebody asks for them.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use crate::bytes::{Bytes, Kept};
use crate::layout::Layout;
use crate::{Element, Error};

/// A part of a file.
#[derive(Clone, Debug)]
pub(crate) struct Piece<'a> {
    file: Arc<Bytes<'a>>,
    range: Range<usize>,
}

impl<'a> Piece<'a> {
    /// The part of a file within that range; none if the file ends before it.
    pub(crate) fn new(file: &Arc<Bytes<'a>>, range: Range<usize>) -> Option<Self> {
        file.get(range.clone())?;
        Some(Self { file: Arc::clone(file), range })
    }

    /// What is left of it from there on; none if it ends before.
    pub(crate) fn from(&self, start: usize) -> Option<Self> {
        let start = self.range.start.checked_add(start)?;
        Self::new(&self.file, start..self.range.end)
    }

    /// All of a file.
    pub(crate) fn whole(file: &Arc<Bytes<'a>>) -> Self {
        Self { file: Arc::clone(file), range: 0..file.len() }
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.file[self.range.clone()]
    }

    /// All of the file for those who cannot borrow, and where this part is in it.
    pub(crate) fn kept(&self) -> (Kept, Range<usize>) {
        (self.file.kept(), self.range.clone())
    }
}

/// Unpacks an array's bytes, as many as its layout says.
type Unpack<'a> = Box<dyn Fn() -> Result<Vec<u8>, Error> + Send + Sync + 'a>;

/// Compares an array's bytes with what the file says of them.
type Check<'a> = Box<dyn Fn(&[u8]) -> Result<(), Error> + Send + Sync + 'a>;

/// Where an array's bytes are.
pub(crate) enum Data<'a> {
    /// In a file, as the layout says.
    Piece(Piece<'a>),
    /// The same, checked each time they are asked for.
    Checked(Piece<'a>, Check<'a>),
    /// Compressed, scattered or implied: unpacked each time they are asked for.
    Packed(Unpack<'a>),
}

/// An array of an archive.
pub(crate) enum Stored<'a> {
    /// Numbers.
    Numbers { layout: Layout, data: Data<'a> },
    /// Something else, which is listed but not read.
    Other {
        /// The type of its elements, as the file names it.
        element: String,
        shape: Vec<usize>,
    },
}

impl<'a> Stored<'a> {
    /// Numbers that lie in a piece of a file.
    ///
    /// # Errors
    /// If the piece does not hold them.
    pub(crate) fn piece(layout: Layout, piece: Piece<'a>) -> Result<Self, Error> {
        layout.check_room(piece.bytes().len())?;
        Ok(Self::Numbers { layout, data: Data::Piece(piece) })
    }

    /// The same, with a check of all bytes of the piece, such as by a checksum.
    ///
    /// # Errors
    /// If the piece does not hold them.
    pub(crate) fn checked(
        layout: Layout,
        piece: Piece<'a>,
        check: impl Fn(&[u8]) -> Result<(), Error> + Send + Sync + 'a,
    ) -> Result<Self, Error> {
        layout.check_room(piece.bytes().len())?;
        Ok(Self::Numbers { layout, data: Data::Checked(piece, Box::new(check)) })
    }

    /// Numbers that are unpacked when they are asked for.
    pub(crate) fn packed(layout: Layout, unpack: impl Fn() -> Result<Vec<u8>, Error> + Send + Sync + 'a) -> Self {
        Self::Numbers { layout, data: Data::Packed(Box::new(unpack)) }
    }

    pub(crate) fn shape(&self) -> &[usize] {
        match self {
            Self::Numbers { layout, .. } => &layout.shape,
            Self::Other { shape, .. } => shape,
        }
    }

    /// The type of its elements; none where it is not numbers.
    pub(crate) fn element(&self) -> Option<Element> {
        match self {
            Self::Numbers { layout, .. } => Some(layout.element),
            Self::Other { .. } => None,
        }
    }

    /// What its elements are called.
    pub(crate) fn element_name(&self) -> Cow<'_, str> {
        match self {
            Self::Numbers { layout, .. } => Cow::Owned(layout.element.to_string()),
            Self::Other { element, .. } => Cow::Borrowed(element),
        }
    }

    /// Gives the layout and the bytes of numbers to `read`; `name` is for the errors alone.
    pub(crate) fn read<T>(&self, name: &str, read: impl FnOnce(&Layout, &[u8]) -> T) -> Result<T, Error> {
        let named = |source| Error::Array { name: name.to_owned(), source: Box::new(source) };
        match self {
            Self::Numbers { layout, data: Data::Piece(piece) } => Ok(read(layout, piece.bytes())),
            Self::Numbers { layout, data: Data::Checked(piece, check) } => {
                check(piece.bytes()).map_err(named)?;
                Ok(read(layout, piece.bytes()))
            }
            Self::Numbers { layout, data: Data::Packed(unpack) } => {
                let bytes = unpack().map_err(named)?;
                layout.check_length(bytes.len()).map_err(named)?;
                Ok(read(layout, &bytes))
            }
            Self::Other { element, .. } => {
                Err(Error::NotNumbers { name: name.to_owned(), found: element.clone(), expected: "numbers" })
            }
        }
    }
}

impl fmt::Debug for Stored<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:?}", self.element_name(), self.shape())
    }
}
