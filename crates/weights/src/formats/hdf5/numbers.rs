//! Which numbers an HDF5 datatype means.
//!
//! `hdf5-reader` tells how long a number is, not which of its bits mean what: half floats and bfloat16 are the same to it. So
//! the bytes of the datatype are read: HDF5 File Format Specification, "The Datatype Message".

use hdf5_reader::error::Result;
use hdf5_reader::{Dataset, Datatype, EnumMember, VarLenKind};

use super::texts;
use crate::Element;
use crate::layout::ByteOrder;

/// Class, flags and size.
const HEAD: usize = 8;
/// Classes of datatypes.
const INTEGERS: u8 = 0;
const FLOATS: u8 = 1;
/// Set in the first byte of flags where the highest byte is first.
const BIG_ENDIAN: u8 = 1;
/// Set where integers have a sign.
const SIGNED: u8 = 1 << 3;
/// The flags of floats whose leading bit of 1 is not stored, and that have no bits to spare.
const IMPLIED: u8 = 2 << 4;

/// The numbers of a dataset, and their order of bytes; none where they are none that are read here.
pub(super) fn element(dataset: &Dataset) -> Result<Option<(Element, ByteOrder)>> {
    Ok(match dataset.dtype() {
        Datatype::FixedPoint { .. } | Datatype::FloatingPoint { .. } => plain(&dataset.raw_datatype()?),
        Datatype::Enum { members, .. } if is_boolean(members) => Some((Element::Bool, ByteOrder::Little)),
        // Keras gives bfloat16 to h5py, which knows no such numbers: two bytes each, and a note of what they are.
        Datatype::Opaque { size: 2, .. } => {
            is_noted(dataset, "bfloat16")?.then_some((Element::Bf16, ByteOrder::Little))
        }
        _ => None,
    })
}

/// What other elements are called.
pub(super) fn name(datatype: &Datatype) -> &'static str {
    match datatype {
        Datatype::FixedPoint { .. } | Datatype::FloatingPoint { .. } => "numbers of an unusual form",
        Datatype::String { .. } | Datatype::VarLen { kind: VarLenKind::String, .. } => "text",
        Datatype::Compound { .. } => "compound",
        Datatype::Array { .. } => "array",
        Datatype::Enum { .. } => "enumeration",
        Datatype::VarLen { .. } => "sequence",
        Datatype::Opaque { .. } => "opaque",
        Datatype::Reference { .. } => "reference",
        Datatype::Bitfield { .. } => "bits",
    }
}

/// How h5py stores booleans: an enumeration in a byte.
fn is_boolean(members: &[EnumMember]) -> bool {
    let is = |member: &EnumMember, name, value| member.name == name && member.value == [value];
    matches!(members, [no, yes] if is(no, "FALSE", 0) && is(yes, "TRUE", 1))
}

/// Whether a dataset has an attribute `dtype` of this value.
fn is_noted(dataset: &Dataset, dtype: &str) -> Result<bool> {
    let mut attributes = dataset.raw_attributes()?.into_iter();
    let Some(attribute) = attributes.find(|attribute| attribute.name() == "dtype") else { return Ok(false) };
    let attribute = attribute.message();
    let raw = &attribute.raw_data;
    Ok(match attribute.datatype {
        Datatype::String { .. } => raw.starts_with(dtype.as_bytes()),
        _ if texts::are(&attribute.datatype) && raw.len() == dataset.vlen_reference_size() => {
            let length = raw.first_chunk().map_or(0, |length| u32::from_le_bytes(*length));
            length as usize == dtype.len() && dataset.resolve_vlen_reference_bytes(raw, 1)? == dtype.as_bytes()
        }
        _ => false,
    })
}

/// Integers and floats that processors have, told from the message of their datatype.
fn plain(message: &[u8]) -> Option<(Element, ByteOrder)> {
    let (&[class, flags, sign, _, size @ ..], properties) = message.split_first_chunk::<HEAD>()?;
    let order = if flags & BIG_ENDIAN == 0 { ByteOrder::Little } else { ByteOrder::Big };
    let bits = u32::from_le_bytes(size).checked_mul(u8::BITS)?;
    // The number begins at bit 0 and fills its bytes.
    let [first, _, precision @ ..] = properties.first_chunk::<4>()?.map(u32::from);
    if (first, precision) != (0, [bits & 0xff, bits >> 8]) {
        return None;
    }
    let element = match class & 0x0f {
        INTEGERS => integers(bits, flags & SIGNED != 0)?,
        FLOATS if flags & !BIG_ENDIAN == IMPLIED => floats(bits, sign, properties.get(4..12)?)?,
        _ => return None,
    };
    Some((element, order))
}

fn integers(bits: u32, is_signed: bool) -> Option<Element> {
    Some(match (bits, is_signed) {
        (8, false) => Element::U8,
        (8, true) => Element::I8,
        (16, false) => Element::U16,
        (16, true) => Element::I16,
        (32, false) => Element::U32,
        (32, true) => Element::I32,
        (64, false) => Element::U64,
        (64, true) => Element::I64,
        _ => return None,
    })
}

/// Floats by the place of their sign, place and size of exponent and mantissa, and the exponent's bias.
fn floats(bits: u32, sign: u8, parts: &[u8]) -> Option<Element> {
    let &[exponent, exponent_bits, mantissa, mantissa_bits, ref bias @ ..] = parts.first_chunk::<8>()?;
    let bias = u32::from_le_bytes(*bias);
    Some(match (bits, sign, [exponent, exponent_bits, mantissa, mantissa_bits], bias) {
        (16, 15, [10, 5, 0, 10], 15) => Element::F16,
        (16, 15, [7, 8, 0, 7], 127) => Element::Bf16,
        (32, 31, [23, 8, 0, 23], 127) => Element::F32,
        (64, 63, [52, 11, 0, 52], 1023) => Element::F64,
        _ => return None,
    })
}
