//! NumPy's archives: a zip file of NumPy files, as `numpy.savez` and `numpy.savez_compressed` write it.

use std::sync::Arc;

use crate::Error;
use crate::archive::Contents;
use crate::bytes::Bytes;
use crate::formats::zip::Entry;
use crate::npy::Header;
use crate::stored::{Piece, Stored};

/// What NumPy adds to an array's name.
pub(crate) const EXTENSION: &str = ".npy";
/// More bytes than the header of any array needs.
const LONGEST_HEADER: usize = 1 << 16;

pub(crate) fn read<'a>(entries: Vec<Entry<'a>>) -> Result<Contents<'a>, Error> {
    let mut contents = Contents::default();
    for entry in entries {
        let name = entry.name.strip_suffix(EXTENSION).unwrap_or(&entry.name).to_owned();
        let stored = array(entry).map_err(|source| Error::Array { name: name.clone(), source: Box::new(source) })?;
        contents.insert(name, stored)?;
    }
    Ok(contents)
}

fn array(entry: Entry<'_>) -> Result<Stored<'_>, Error> {
    let (header, start) = Header::parse(&entry.beginning(LONGEST_HEADER)?)?;
    if let Some(element) = header.other() {
        return Ok(Stored::Other { element: element.to_owned(), shape: header.shape });
    }
    let layout = header.layout()?;
    layout.check_length(entry.size().saturating_sub(start))?;
    match entry.piece(start) {
        Some(piece) => Stored::checked(layout, piece, move |_| entry.verify()),
        None => Ok(Stored::packed(layout, move || Ok(entry.unpack()?.split_off(start)))),
    }
}

/// A NumPy file by itself: one array, called by the name of no file.
pub(crate) fn single<'a>(file: &Arc<Bytes<'a>>) -> Result<Contents<'a>, Error> {
    let (header, start) = Header::parse(file)?;
    let stored = match (header.other(), Piece::new(file, start..file.len())) {
        (None, Some(piece)) => {
            let layout = header.layout()?;
            layout.check_length(file.len() - start)?;
            Stored::piece(layout, piece)?
        }
        (other, _) => Stored::Other { element: other.unwrap_or_default().to_owned(), shape: header.shape },
    };
    let mut contents = Contents::default();
    contents.insert("array".to_owned(), stored)?;
    Ok(contents)
}
