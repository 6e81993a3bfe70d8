//! What Keras 3 saves a whole model in: a zip archive of its description and of its weights, an HDF5 file.

use std::sync::Arc;

use crate::archive::Contents;
use crate::bytes::Bytes;
use crate::formats::hdf5;
use crate::formats::zip::Entry;
use crate::stored::Piece;
use crate::{Error, Format};

/// The entry of the weights.
pub(crate) const WEIGHTS: &str = "model.weights.h5";
/// The entries that are texts: what the model is, and which Keras wrote it.
const TEXTS: [&str; 2] = ["config.json", "metadata.json"];
/// Bytes of such a text.
const LONGEST_TEXT: usize = 1 << 24;
/// How many times the archive's bytes the weights may have: Keras does not compress them, and numbers that were learnt hardly
/// become fewer.
const MOST_UNPACKED: usize = 64;

/// Reads the arrays of the weights, and the texts; a saved model's other files are none of either. The archive has so many
/// bytes.
pub(crate) fn read<'a>(entries: &[Entry<'a>], size: usize) -> Result<Contents<'a>, Error> {
    let named = |name| entries.iter().find(|entry| entry.name == name);
    let mut contents = match named(WEIGHTS) {
        Some(weights) => hdf5::read(&whole(weights, size)?, size)?,
        None => Contents::default(),
    };
    for name in TEXTS {
        if let Some(entry) = named(name) {
            contents.note(name, text(entry)?);
        }
    }
    Ok(contents)
}

/// All bytes of an entry: as they lie in the file, or unpacked once and kept.
fn whole<'a>(entry: &Entry<'a>, size: usize) -> Result<Piece<'a>, Error> {
    if let Some(piece) = entry.piece(0) {
        entry.verify()?;
        return Ok(piece);
    }
    check_size(entry, size.saturating_mul(MOST_UNPACKED))?;
    Ok(Piece::whole(&Arc::new(Bytes::Unpacked(Arc::new(entry.unpack()?)))))
}

fn text(entry: &Entry<'_>) -> Result<String, Error> {
    check_size(entry, LONGEST_TEXT)?;
    String::from_utf8(entry.unpack()?).map_err(|error| {
        let found = format!("a byte at {} that is not UTF-8", error.utf8_error().valid_up_to());
        malformed(entry, &found, "text".to_owned())
    })
}

/// Refuses an entry that would become too much.
fn check_size(entry: &Entry<'_>, most: usize) -> Result<(), Error> {
    if entry.size() <= most {
        return Ok(());
    }
    Err(malformed(entry, &format!("{} bytes", entry.size()), format!("{most} at most")))
}

fn malformed(entry: &Entry<'_>, found: &str, expected: String) -> Error {
    Error::Malformed { format: Format::Keras, found: format!("an entry `{}` with {found}", entry.name), expected }
}
