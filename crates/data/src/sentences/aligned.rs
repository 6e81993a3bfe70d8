//! A sentence a line: what translation's tools read, and what a model prints that knows no names.
//!
//! Any text has this form, so UTF-16 without a byte order mark would have it too: every other byte of English is 0 there,
//! and all these are letters of UTF-8.

use std::path::Path;

use super::{Id, Photo};
use crate::text::{Error, Fault};

/// One byte of so many may be 0: a control character in a sentence is scored like any other.
const ZEROS: usize = 4;

/// Every line, be it blank; photos are numbered from 1, as the lines are.
pub(super) fn read(path: &Path, text: &str) -> Result<Vec<Photo>, Error> {
    if text.bytes().filter(|&byte| byte == 0).count() > text.len() / ZEROS {
        return Err(zero(path, text));
    }
    let photo = |(number, line): (u64, &str)| Photo {
        id: Id::Number(number),
        file_name: None,
        sentences: vec![line.to_owned()],
    };
    Ok((1..).zip(text.lines()).map(photo).collect())
}

/// Says where the first byte that is 0 stands.
fn zero(path: &Path, text: &str) -> Error {
    let before = text.split('\0').next().unwrap_or_default();
    let column = before.len() - before.rfind('\n').map_or(0, |end| end + 1) + 1;
    let found = format!("byte 0x00 at position {column} of the line, as in UTF-16");
    Fault::new(found, "UTF-8").at(path, before.matches('\n').count() + 1)
}
