//! Reading safetensors: a JSON header of names, types and shapes, then the arrays' bytes.
//!
//! The format and its validation are the `safetensors` crate's. Values become `f32` one array at a
//! time, when asked for, so that an archive inside the binary is never copied as a whole.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;

use safetensors::{Dtype, SafeTensors};

use crate::bytes::Bytes;
use crate::{Element, Error};

/// Bytes of the archive before its header: the header's length.
const PREFIX: usize = size_of::<u64>();

/// An opened safetensors archive: arrays by name.
#[derive(Debug)]
pub struct Archive<'a> {
    bytes: Bytes<'a>,
    arrays: BTreeMap<String, Stored>,
}

#[derive(Debug)]
struct Stored {
    dtype: Dtype,
    shape: Vec<usize>,
    /// Where its values lie, in bytes from the start of the archive.
    range: Range<usize>,
}

/// What an archive says of one of its arrays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Info<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its shape, outermost dimension first.
    pub shape: &'a [usize],
    /// The type of its elements; none where it is one that is not read here.
    pub element: Option<Element>,
}

impl Archive<'static> {
    /// Maps an archive into memory.
    ///
    /// # Errors
    /// If the file cannot be read or is not a valid archive; the file is named.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        Bytes::open(path).map_err(Error::from).and_then(Self::new).map_err(Error::reading(path))
    }
}

impl<'a> Archive<'a> {
    /// Reads an archive that is already in memory, such as one inside the binary, without copying it.
    ///
    /// # Errors
    /// If the bytes are not a valid archive: every array within bounds, none overlapping, none left over.
    pub fn from_bytes(bytes: &'a [u8]) -> Result<Self, Error> {
        Self::new(Bytes::Lent(bytes))
    }

    fn new(bytes: Bytes<'a>) -> Result<Self, Error> {
        check_ends(&bytes)?;
        let (header, metadata) = SafeTensors::read_metadata(&bytes)?;
        let start = PREFIX + header;
        let stored = metadata.tensors().into_iter().map(|(name, info)| {
            let range = start + info.data_offsets.0..start + info.data_offsets.1;
            (name, Stored { dtype: info.dtype, shape: info.shape.clone(), range })
        });
        let arrays = stored.collect();
        Ok(Self { bytes, arrays })
    }

    /// The arrays, by name in alphabetical order.
    pub fn iter(&self) -> impl Iterator<Item = Info<'_>> {
        self.arrays.iter().map(|(name, stored)| stored.info(name))
    }

    /// What there is of one name.
    pub fn info(&self, name: &str) -> Option<Info<'_>> {
        self.arrays.get_key_value(name).map(|(name, stored)| stored.info(name))
    }

    /// The values of an array, in C order.
    ///
    /// # Errors
    /// If there is no such array, its shape is not `shape`, or its elements are not floating-point
    /// numbers; the array is named.
    pub fn f32(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>, Error> {
        let stored = self.arrays.get(name).ok_or_else(|| Error::Missing { name: name.to_owned() })?;
        if stored.shape != shape {
            return Err(Error::Shape { name: name.to_owned(), found: stored.shape.clone(), expected: shape.to_vec() });
        }
        let float =
            stored.element().filter(|e| matches!(e, Element::F16 | Element::Bf16 | Element::F32 | Element::F64));
        let element =
            float.ok_or_else(|| Error::NotFloat { name: name.to_owned(), found: stored.dtype.to_string() })?;
        let mut values = vec![0.0; stored.range.len() / element.size()];
        element.decode(&self.bytes[stored.range.clone()], &mut values);
        Ok(values)
    }
}

impl Stored {
    fn info<'a>(&'a self, name: &'a str) -> Info<'a> {
        Info { name, shape: &self.shape, element: self.element() }
    }

    fn element(&self) -> Option<Element> {
        match self.dtype {
            Dtype::F16 => Some(Element::F16),
            Dtype::BF16 => Some(Element::Bf16),
            Dtype::F32 => Some(Element::F32),
            Dtype::F64 => Some(Element::F64),
            Dtype::U8 => Some(Element::U8),
            Dtype::I32 => Some(Element::I32),
            Dtype::I64 => Some(Element::I64),
            _ => None,
        }
    }
}

/// Refuses arrays that end beyond the archive, before `safetensors` (0.8) adds their ends to the
/// header's length, which overflows for ends near the largest integer. A header that is not JSON is
/// left for it to report.
fn check_ends(bytes: &[u8]) -> Result<(), Error> {
    let Some((prefix, rest)) = bytes.split_first_chunk::<PREFIX>() else { return Ok(()) };
    let Some(header) = usize::try_from(u64::from_le_bytes(*prefix)).ok().and_then(|length| rest.get(..length)) else {
        return Ok(());
    };
    let Ok(arrays) = serde_json::from_slice::<BTreeMap<String, serde_json::Value>>(header) else { return Ok(()) };
    for (name, array) in arrays {
        let end = array["data_offsets"][1].as_u64().unwrap_or(0);
        if end > bytes.len() as u64 {
            return Err(Error::BeyondEnd { name, end, actual: bytes.len() });
        }
    }
    Ok(())
}
