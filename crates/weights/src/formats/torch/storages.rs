//! Storages of a file, and the arrays that are views of them.

use std::collections::HashMap;
use std::sync::Arc;

use super::malformed;
use crate::formats::zip::Entry;
use crate::layout::{ByteOrder, Layout};
use crate::pickle::Tensor;
use crate::stored::{Piece, Stored};
use crate::{Element, Error};

/// Where a storage's bytes are.
pub(super) enum Source<'a> {
    /// In a file that has no checksums.
    Piece(Piece<'a>),
    /// In a zip archive, as they are or compressed.
    Entry(Arc<Entry<'a>>),
}

impl Source<'_> {
    fn size(&self) -> usize {
        match self {
            Self::Piece(piece) => piece.bytes().len(),
            Self::Entry(entry) => entry.size(),
        }
    }
}

/// A file's storages by their keys.
pub(super) struct Storages<'a> {
    pub(super) sources: HashMap<String, Source<'a>>,
    pub(super) order: ByteOrder,
}

impl<'a> Storages<'a> {
    /// The array that a tensor is; one of elements that are not read here is only listed.
    pub(super) fn view(&self, tensor: &Tensor) -> Result<Stored<'a>, Error> {
        let Some(element) = element(tensor.dtype) else {
            return Ok(Stored::Other { element: tensor.dtype.to_owned(), shape: tensor.shape.clone() });
        };
        let (storage, key) = (&tensor.storage, tensor.storage.key.escape_default());
        let source = self.sources.get(&*storage.key);
        let source = source.ok_or_else(|| malformed(format!("no storage `{key}`"), "one for each tensor"))?;
        let size = usize::try_from(storage.size()).unwrap_or(usize::MAX);
        if size > source.size() {
            return Err(malformed(
                format!("{} bytes of storage `{key}`", source.size()),
                format!("{}", storage.size()),
            ));
        }
        let layout = Layout::new(element, tensor.shape.clone()).ordered(self.order).strided(tensor.strides.clone());
        let start = tensor.offset.saturating_mul(element.size()).min(size);
        layout.check_room(size - start)?;
        match source {
            Source::Piece(piece) => {
                let piece = piece.from(start).ok_or_else(|| malformed("a storage beyond its end", "one within"))?;
                Stored::piece(layout, piece)
            }
            Source::Entry(entry) => {
                let entry = Arc::clone(entry);
                if let Some(piece) = entry.piece(start) {
                    return Stored::checked(layout, piece, move |_| entry.verify());
                }
                let in_order = Layout::new(element, tensor.shape.clone());
                Ok(Stored::packed(in_order, move || Ok(layout.bytes(&entry.unpack()?[start..]).into_owned())))
            }
        }
    }
}

/// PyTorch's type, where it is one of those read here.
fn element(dtype: &str) -> Option<Element> {
    Some(match dtype {
        "float16" => Element::F16,
        "bfloat16" => Element::Bf16,
        "float32" => Element::F32,
        "float64" => Element::F64,
        "bool" => Element::Bool,
        "uint8" => Element::U8,
        "int8" => Element::I8,
        "uint16" => Element::U16,
        "int16" => Element::I16,
        "uint32" => Element::U32,
        "int32" => Element::I32,
        "uint64" => Element::U64,
        "int64" => Element::I64,
        _ => return None,
    })
}
