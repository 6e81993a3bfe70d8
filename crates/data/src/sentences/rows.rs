//! The forms in which a line is a row: Flickr's and Kaggle's.

use std::path::Path;

use super::gather::Gatherer;
use super::{Id, Photo};
use crate::captions::Row;
use crate::text::{Error, Fault};

/// Reads the rows of a file. Blank lines are skipped; a header may be the first.
pub(super) fn read(path: &Path, text: &str, row: fn(&str) -> Result<Row<'_>, Fault>) -> Result<Vec<Photo>, Error> {
    let mut gatherer = Gatherer::default();
    let mut is_first = true;
    for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()) {
        match row(line).map_err(|fault| fault.at(path, number))? {
            Row::Caption { name, caption } => gatherer.add(Photo {
                id: Id::of(name),
                file_name: Some(name.to_owned()),
                sentences: vec![caption.to_owned()],
            }),
            Row::Header if is_first => {}
            Row::Header => return Err(Fault::new("the header again", "a sentence").at(path, number)),
        }
        is_first = false;
    }
    Ok(gatherer.finish())
}
