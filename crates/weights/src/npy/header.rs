//! The header: magic, version, length, and a Python dictionary of three entries.

use std::fmt::{self, Write};

use crate::layout::{ByteOrder, Layout};
use crate::{Element, Error, Precision};

/// How every NumPy file begins.
pub(crate) const MAGIC: &[u8] = b"\x93NUMPY";
/// Data begins at a multiple of this.
const ALIGNMENT: usize = 64;
/// Digits that NumPy leaves room for in the first dimension, so that a file may grow in place.
const GROWTH_DIGITS: usize = 21;

/// What a NumPy file says of its array.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub(super) elements: Elements,
    is_fortran: bool,
    pub(crate) shape: Vec<usize>,
}

/// What the elements are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Elements {
    Numbers(Element, ByteOrder),
    /// Something else, by NumPy's name.
    Other(String),
}

impl fmt::Display for Elements {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Numbers(element, ByteOrder::Little) => write!(f, "{element}"),
            Self::Numbers(element, ByteOrder::Big) => write!(f, "big-endian {element}"),
            Self::Other(name) => write!(f, "{name}"),
        }
    }
}

impl Header {
    /// An array of our own.
    pub(super) fn new(precision: Precision, shape: &[usize]) -> Self {
        let elements = Elements::Numbers(precision.element(), ByteOrder::Little);
        Self { elements, is_fortran: false, shape: shape.to_vec() }
    }

    /// An array of elements by NumPy's name, such as `<f4`.
    pub(crate) fn described(descr: &str, is_fortran: bool, shape: Vec<usize>) -> Self {
        Self { elements: elements_named(descr), is_fortran, shape }
    }

    /// Reads the header of an array; returns it with the offset at which the data begins.
    pub(crate) fn parse(bytes: &[u8]) -> Result<(Self, usize), Error> {
        let not_numpy = || Error::Magic { found: bytes[..bytes.len().min(MAGIC.len() + 2)].to_vec() };
        let rest = bytes.strip_prefix(MAGIC).ok_or_else(not_numpy)?;
        let (&[major, minor], rest) = rest.split_first_chunk().ok_or_else(not_numpy)?;
        let (claimed, rest) = match (major, minor) {
            (1, 0) => rest.split_first_chunk().map(|(length, rest)| (usize::from(u16::from_le_bytes(*length)), rest)),
            (2 | 3, 0) => rest.split_first_chunk().map(|(length, rest)| (u32::from_le_bytes(*length) as usize, rest)),
            _ => return Err(Error::Version { major, minor }),
        }
        .ok_or_else(not_numpy)?;
        let text = rest.get(..claimed).ok_or(Error::HeaderLength { claimed, actual: bytes.len() })?;
        let header = Dictionary { rest: text }.parse()?;
        Ok((header, bytes.len() - rest.len() + claimed))
    }

    /// How its numbers lie.
    ///
    /// # Errors
    /// If its elements are not numbers.
    pub(crate) fn layout(&self) -> Result<Layout, Error> {
        let (element, order) = match &self.elements {
            Elements::Numbers(element, order) => (*element, *order),
            Elements::Other(found) => return Err(Error::Elements { found: found.clone() }),
        };
        let layout = Layout::new(element, self.shape.clone()).ordered(order);
        Ok(if self.is_fortran { layout.fortran() } else { layout })
    }

    /// What its elements are called, where they are not numbers.
    pub(crate) fn other(&self) -> Option<&str> {
        match &self.elements {
            Elements::Numbers(..) => None,
            Elements::Other(name) => Some(name),
        }
    }

    /// Whether its elements are any Python objects, pickled.
    pub(crate) fn is_object(&self) -> bool {
        self.other() == Some(OBJECT)
    }

    /// The header as NumPy writes it (version 1.0).
    pub(super) fn to_bytes(precision: Precision, shape: &[usize]) -> Vec<u8> {
        let descr = match precision {
            Precision::F16 => "<f2",
            Precision::F32 => "<f4",
        };
        let mut text = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {}, }}", tuple(shape));
        if let Some(rows) = shape.first() {
            let growth = GROWTH_DIGITS - rows.to_string().len();
            text.extend(std::iter::repeat_n(' ', growth));
        }
        let before = MAGIC.len() + 2 + size_of::<u16>();
        // One whole alignment where none is needed: NumPy does the same.
        let padding = ALIGNMENT - (before + text.len() + 1) % ALIGNMENT;
        text.extend(std::iter::repeat_n(' ', padding));
        text.push('\n');

        let length = u16::try_from(text.len()).expect("a shape of at most 64 dimensions is below 2 KB of text");
        [MAGIC, &[1, 0], &length.to_le_bytes(), text.as_bytes()].concat()
    }

    /// Whether this is the other with some rows left out.
    pub(super) fn is_of_fewer_rows(&self, other: &Self) -> bool {
        let (mine, others) = (self.shape.split_first(), other.shape.split_first());
        let fewer = mine.zip(others).is_some_and(|((rows, row), (all, other_row))| rows < all && row == other_row);
        fewer && self.elements == other.elements
    }

    pub(super) fn rows(&self) -> usize {
        self.shape.first().copied().unwrap_or(1)
    }

    pub(super) fn row_len(&self) -> usize {
        self.shape.iter().skip(1).product()
    }
}

/// A shape as Python prints it: `()`, `(3,)`, `(3, 4)`.
fn tuple(shape: &[usize]) -> String {
    let mut text = String::from("(");
    for (i, size) in shape.iter().enumerate() {
        let separator = if i > 0 { ", " } else { "" };
        write!(text, "{separator}{size}").expect("writing to a string does not fail");
    }
    text.push_str(if shape.len() == 1 { ",)" } else { ")" });
    text
}

/// A reader of the one dictionary that a header is, and of no other Python.
struct Dictionary<'a> {
    rest: &'a [u8],
}

impl Dictionary<'_> {
    fn parse(mut self) -> Result<Header, Error> {
        let (mut elements, mut shape, mut is_fortran) = (None, None, None);
        self.expect(b"{", "an opening brace")?;
        while !self.accept(b"}") {
            let key = self.string()?;
            self.expect(b":", "a colon")?;
            match key.as_str() {
                "descr" => elements = Some(elements_named(&self.string()?)),
                "fortran_order" => is_fortran = Some(self.truth()?),
                "shape" => shape = Some(self.shape()?),
                _ => return Err(Error::Header { expected: "'descr', 'fortran_order' or 'shape'", found: key }),
            }
            if !self.accept(b",") {
                self.expect(b"}", "a comma or a closing brace")?;
                break;
            }
        }
        match (elements, shape, is_fortran) {
            (Some(elements), Some(shape), Some(is_fortran)) => Ok(Header { elements, is_fortran, shape }),
            _ => Err(Error::Header { expected: "'descr', 'fortran_order' and 'shape'", found: "}".to_owned() }),
        }
    }

    fn truth(&mut self) -> Result<bool, Error> {
        let is_true = self.accept(b"True");
        if is_true || self.accept(b"False") { Ok(is_true) } else { Err(self.unexpected("True or False")) }
    }

    fn string(&mut self) -> Result<String, Error> {
        let quote: &[u8] = if self.accept(b"'") { b"'" } else { b"\"" };
        if quote == b"\"" {
            self.expect(quote, "a quoted string")?;
        }
        let end = self.rest.iter().position(|byte| *byte == quote[0]);
        let end = end.ok_or_else(|| self.unexpected("a closing quote"))?;
        let text = String::from_utf8_lossy(&self.rest[..end]).into_owned();
        self.rest = &self.rest[end + 1..];
        Ok(text)
    }

    fn shape(&mut self) -> Result<Vec<usize>, Error> {
        let mut shape = Vec::new();
        self.expect(b"(", "a tuple of sizes")?;
        while !self.accept(b")") {
            shape.push(self.size()?);
            if !self.accept(b",") {
                self.expect(b")", "a comma or a closing parenthesis")?;
                break;
            }
        }
        Ok(shape)
    }

    fn size(&mut self) -> Result<usize, Error> {
        self.rest = self.rest.trim_ascii_start();
        let digits = self.rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let size = str::from_utf8(&self.rest[..digits]).ok().and_then(|text| text.parse().ok());
        let size = size.ok_or_else(|| self.unexpected("a size"))?;
        self.rest = &self.rest[digits..];
        // As Python 2 wrote long integers.
        self.rest = self.rest.strip_prefix(b"L").unwrap_or(self.rest);
        Ok(size)
    }

    fn accept(&mut self, token: &[u8]) -> bool {
        self.rest = self.rest.trim_ascii_start();
        let found = self.rest.strip_prefix(token);
        self.rest = found.unwrap_or(self.rest);
        found.is_some()
    }

    fn expect(&mut self, token: &[u8], expected: &'static str) -> Result<(), Error> {
        if self.accept(token) { Ok(()) } else { Err(self.unexpected(expected)) }
    }

    fn unexpected(&self, expected: &'static str) -> Error {
        let found = &self.rest[..self.rest.len().min(20)];
        Error::Header { expected, found: String::from_utf8_lossy(found).replace(char::is_control, "?") }
    }
}

/// NumPy's name of Python objects.
pub const OBJECT: &str = "|O";

fn elements_named(descr: &str) -> Elements {
    let other = || Elements::Other(descr.chars().take(20).collect());
    let order = match descr.chars().next() {
        Some('<' | '|') => ByteOrder::Little,
        Some('>') => ByteOrder::Big,
        _ => return other(),
    };
    let element = match &descr[1..] {
        "b1" => Element::Bool,
        "f2" => Element::F16,
        "f4" => Element::F32,
        "f8" => Element::F64,
        "u1" => Element::U8,
        "i1" => Element::I8,
        "u2" => Element::U16,
        "i2" => Element::I16,
        "u4" => Element::U32,
        "i4" => Element::I32,
        "u8" => Element::U64,
        "i8" => Element::I64,
        _ => return other(),
    };
    Elements::Numbers(element, order)
}
