//! IDX, the form of the MNIST database and of those after it: a header, and the bytes of one array.
//!
//! The header is two zeros, a type (8: unsigned bytes), the number of dimensions, and each dimension's size, 32 bits,
//! the greatest byte first.

use std::path::PathBuf;

use super::source::Source;
use crate::text::{Error, Fault, LARGEST};

/// Unsigned bytes, the only type that pictures and labels have.
const BYTES: u8 = 8;

/// An array of bytes, the last dimension's one after the other.
pub(super) struct Array<const RANK: usize> {
    pub(super) path: PathBuf,
    pub(super) shape: [usize; RANK],
    pub(super) bytes: Vec<u8>,
}

/// Reads an array of so many dimensions. What the header claims is read as it comes, and not made room for before.
pub(super) fn read<const RANK: usize>(mut source: Source<'_>) -> Result<Array<RANK>, Error> {
    let shape = header::<RANK>(&mut source)?;
    let sizes = shape.map(|size| size.to_string()).join(" x ");
    let claimed = shape.iter().try_fold(1_u64, |product, &size| product.checked_mul(u64::from(size)));
    let Some(claimed) = claimed.filter(|&claimed| claimed <= LARGEST) else {
        let found = format!("a header that claims {sizes} bytes");
        return Err(Fault::new(found, format!("at most {LARGEST} bytes")).of(&source.path));
    };
    let mut bytes = source.bytes(claimed + 1)?;
    if bytes.len() as u64 != claimed {
        let found = match bytes.len() as u64 > claimed {
            true => "more bytes after the header".to_owned(),
            false => format!("{} bytes after the header", bytes.len()),
        };
        return Err(Fault::new(found, format!("{claimed}, as it claims: {sizes}")).of(&source.path));
    }
    bytes.shrink_to_fit();
    Ok(Array { path: source.path, shape: shape.map(|size| size as usize), bytes })
}

/// The sizes that the header claims.
fn header<const RANK: usize>(source: &mut Source<'_>) -> Result<[u32; RANK], Error> {
    let magic = [0, 0, BYTES, RANK as u8];
    let bytes = source.bytes(4 * (1 + RANK as u64))?;
    let start = &bytes[..bytes.len().min(magic.len())];
    if start != magic {
        let what = if RANK == 1 { "labels" } else { "pictures" };
        let expected = format!("{}, the magic number of an IDX file of {what}", hexadecimal(&magic));
        let found = if start.is_empty() { "nothing".to_owned() } else { hexadecimal(start) };
        return Err(Fault::new(found, expected).of(&source.path));
    }
    let (sizes, _) = bytes[magic.len()..].as_chunks::<4>();
    let Ok(sizes) = <[[u8; 4]; RANK]>::try_from(sizes) else {
        let expected = format!("a header of {} bytes", magic.len() * (1 + RANK));
        return Err(Fault::new(format!("{} bytes", bytes.len()), expected).of(&source.path));
    };
    Ok(sizes.map(u32::from_be_bytes))
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ")
}
