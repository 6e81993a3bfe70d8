//! The header: magic, version, length, and a Python dictionary of three entries.

use std::fmt::Write;

use crate::save::element_count;
use crate::{Element, Error, Precision};

const MAGIC: &[u8] = b"\x93NUMPY";
/// Data begins at a multiple of this.
const ALIGNMENT: usize = 64;
/// Digits that NumPy leaves room for in the first dimension, so that a file may grow in place.
const GROWTH_DIGITS: usize = 21;

/// What a NumPy file says of its array.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) element: Element,
    pub(super) shape: Vec<usize>,
}

impl Header {
    /// Reads the header of a C-order array; returns it with the offset at which the data begins.
    pub(super) fn parse(bytes: &[u8]) -> Result<(Self, usize), Error> {
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

    /// Compares the shape with the data's length in bytes.
    ///
    /// A dimension of zero does not excuse the others: they must be possible without it.
    pub(super) fn check_length(&self, actual: usize) -> Result<(), Error> {
        let size = self.element.size() as u128;
        let expected = element_count(&self.shape).saturating_mul(size);
        if expected != actual as u128 || !self.is_possible() {
            return Err(Error::Length { shape: self.shape.clone(), element: self.element, expected, actual });
        }
        Ok(())
    }

    /// Whether memory could hold the array, dimensions of zero counted as one.
    pub(super) fn is_possible(&self) -> bool {
        let shape: Vec<usize> = self.shape.iter().map(|&size| size.max(1)).collect();
        element_count(&shape) <= isize::MAX as u128 / 16
    }

    /// Whether this is the other with some rows left out.
    pub(super) fn is_of_fewer_rows(&self, other: &Self) -> bool {
        let (mine, others) = (self.shape.split_first(), other.shape.split_first());
        let fewer = mine.zip(others).is_some_and(|((rows, row), (all, other_row))| rows < all && row == other_row);
        fewer && self.element == other.element
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
        let (mut element, mut shape, mut c_order) = (None, None, false);
        self.expect(b"{", "an opening brace")?;
        while !self.accept(b"}") {
            let key = self.string()?;
            self.expect(b":", "a colon")?;
            match key.as_str() {
                "descr" => element = Some(element_named(&self.string()?)?),
                "fortran_order" if self.accept(b"False") => c_order = true,
                "fortran_order" => return Err(self.fortran()),
                "shape" => shape = Some(self.shape()?),
                _ => return Err(Error::Header { expected: "'descr', 'fortran_order' or 'shape'", found: key }),
            }
            if !self.accept(b",") {
                self.expect(b"}", "a comma or a closing brace")?;
                break;
            }
        }
        match (element, shape, c_order) {
            (Some(element), Some(shape), true) => Ok(Header { element, shape }),
            _ => Err(Error::Header { expected: "'descr', 'fortran_order' and 'shape'", found: "}".to_owned() }),
        }
    }

    fn fortran(&mut self) -> Error {
        if self.accept(b"True") { Error::FortranOrder } else { self.unexpected("True or False") }
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

fn element_named(descr: &str) -> Result<Element, Error> {
    Ok(match descr {
        "<f2" => Element::F16,
        "<f4" => Element::F32,
        "<f8" => Element::F64,
        "|u1" => Element::U8,
        "<i4" => Element::I32,
        "<i8" => Element::I64,
        _ => return Err(Error::Elements { found: descr.chars().take(20).collect() }),
    })
}
