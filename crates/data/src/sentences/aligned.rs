//! A sentence a line: what translation's tools read, and what a model prints that knows no names.
//!
//! Any text has this form, so UTF-16 without a byte order mark would have it too: every other byte of English is 0 there,
//! and all these are letters of UTF-8.

use std::path::Path;

use super::{Id, Photo};
use crate::photos::is_picture;
use crate::text::{Error, Fault, quote};

/// One byte of so many may be 0: a control character in a sentence is scored like any other.
const ZEROS: usize = 4;

/// Every line, be it blank; photos are numbered from 1, as the lines are.
pub(super) fn read(path: &Path, text: &str) -> Result<Vec<Photo>, Error> {
    if let Some(found) = table(text) {
        let expected = "sentences, or a table of a known form: CSV begins with `caption` and `image`, `image_id`, `file_name` or `path`";
        return Err(Fault::new(found, expected).at(path, 1));
    }
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

/// What separates the columns of tables.
const SEPARATORS: [char; 5] = [',', ';', '\t', '|', ':'];
/// Lines that are looked at for the names of photos.
const LOOKED_AT: usize = 10;

/// What shows that the lines are a table's, of a form that is not known: the names of photos would be scored as words.
fn table(text: &str) -> Option<String> {
    let first = text.lines().next()?;
    let fields: Vec<&str> = first.split(SEPARATORS).map(|field| field.trim().trim_matches('"')).collect();
    let is_caption = |field: &&str| {
        ["caption", "captions", "sentence", "comment"].iter().any(|name| field.eq_ignore_ascii_case(name))
    };
    if fields.len() > 1
        && fields.iter().any(is_caption)
        && fields.iter().all(|field| !field.is_empty() && !field.contains(' '))
    {
        return Some(format!("{}, which looks like the header of a table", quote(first)));
    }
    let name =
        |line: &str| line.split_once(SEPARATORS).is_some_and(|(name, _)| is_picture(Path::new(name.trim_matches('"'))));
    let mut lines = text.lines().filter(|line| !line.trim().is_empty()).take(LOOKED_AT).peekable();
    (lines.peek().is_some() && lines.all(name)).then(|| format!("{}, and no line without a photo's name", quote(first)))
}

/// Says where the first byte that is 0 stands.
fn zero(path: &Path, text: &str) -> Error {
    let before = text.split('\0').next().unwrap_or_default();
    let column = before.len() - before.rfind('\n').map_or(0, |end| end + 1) + 1;
    let found = format!("byte 0x00 at position {column} of the line, as in UTF-16");
    Fault::new(found, "UTF-8").at(path, before.matches('\n').count() + 1)
}
