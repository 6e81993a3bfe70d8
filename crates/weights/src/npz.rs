//! Writing NPZ files: NumPy files in a ZIP archive, as `numpy.savez` makes them, the same bytes for the same arrays.
//!
//! Entries are stored as they are, for weights do not compress.

use std::io::{Cursor, Write};
use std::path::Path;

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use crate::npy::header;
use crate::save::{checked, save_bytes};
use crate::{Error, Precision};

/// What an entry's name ends with; the rest is the array's.
const END: &str = ".npy";

/// Writes named arrays into an NPZ file, replacing what was there; see [`crate::save`], whose arguments they are.
///
/// # Errors
/// If the file cannot be written, and for what [`to_bytes`] refuses; the file is named.
pub fn save<'a, N: Into<String>>(
    path: impl AsRef<Path>,
    arrays: impl IntoIterator<Item = (N, &'a [usize], &'a [f32])>,
    precision: Precision,
) -> Result<(), Error> {
    save_bytes(path.as_ref(), to_bytes(arrays, precision))
}

/// The bytes of an NPZ file of these arrays, in alphabetical order; see [`save`].
///
/// # Errors
/// If an array's values are not as many as its shape says, two arrays have one name, a shape is beyond what a NumPy file
/// can hold, or a finite value is too large for the precision; the array is named.
pub fn to_bytes<'a, N: Into<String>>(
    arrays: impl IntoIterator<Item = (N, &'a [usize], &'a [f32])>,
    precision: Precision,
) -> Result<Vec<u8>, Error> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, (shape, values)) in checked(arrays)? {
        let header = header(precision, shape)?;
        let values = precision.encode(&name, values)?;
        // Without a time of its own, and with room for more than 4 GB only where that is needed.
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Stored)
            .last_modified_time(DateTime::default())
            .large_file(header.len() + values.len() > u32::MAX as usize);
        archive.start_file(name + END, options).map_err(std::io::Error::from)?;
        archive.write_all(&header)?;
        archive.write_all(&values)?;
    }
    Ok(archive.finish().map_err(std::io::Error::from)?.into_inner())
}
