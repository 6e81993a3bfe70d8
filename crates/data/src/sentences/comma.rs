//! CSV with a header that says which column is which: Kaggle's Flickr8k, what `nid caption --format csv` writes, tables
//! that people make.

use std::path::Path;

use csv::{Reader, ReaderBuilder, StringRecord};

use super::gather::Gatherer;
use super::{Id, Photo};
use crate::captions::comma::line_of;
use crate::text::{Error, Fault, quote};

/// Columns that name a photo's file, the first that is there.
const FILES: [&str; 3] = ["file_name", "image", "path"];

/// Which column is which.
struct Columns {
    count: usize,
    caption: usize,
    image_id: Option<usize>,
    file: Option<usize>,
    /// Why there is no caption, in the tables of `nid caption`.
    error: Option<usize>,
}

impl Columns {
    fn of(header: &StringRecord) -> Option<Self> {
        let place = |name: &str| header.iter().position(|field| field.trim().eq_ignore_ascii_case(name));
        let (image_id, file) = (place("image_id"), FILES.into_iter().find_map(place));
        let caption = place("caption").filter(|_| image_id.or(file).is_some())?;
        Some(Self { count: header.len(), caption, image_id, file, error: place("error") })
    }

    /// The photo of a row; none where the row only says why there is no caption.
    fn photo(&self, row: &StringRecord) -> Result<Option<Photo>, Fault> {
        if row.len() != self.count {
            let expected = format!("{} as in the header (a comma has to be in quotes)", self.count);
            return Err(Fault::new(format!("{} fields", row.len()), expected));
        }
        let field = |place: Option<usize>| place.map(|place| &row[place]).filter(|field| !field.trim().is_empty());
        let caption = &row[self.caption];
        if caption.is_empty() && field(self.error).is_some() {
            return Ok(None);
        }
        let file_name = field(self.file).map(|name| name.trim().to_owned());
        let id = field(self.image_id).map(str::trim).or(file_name.as_deref()).map(Id::of);
        let id = id.ok_or_else(|| Fault::new("no name", "what the photo is called"))?;
        Ok(Some(Photo { id, file_name, sentences: vec![caption.to_owned()] }))
    }
}

fn reader(text: &str) -> Reader<&[u8]> {
    ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes())
}

/// Whether a file that starts with this line is such a CSV.
pub(super) fn is_header(line: &str) -> bool {
    let mut header = StringRecord::new();
    reader(line).read_record(&mut header).is_ok() && Columns::of(&header).is_some()
}

/// Reads the file, header and all.
pub(super) fn read(path: &Path, text: &str) -> Result<Vec<Photo>, Error> {
    let mut reader = reader(text);
    let mut gatherer = Gatherer::default();
    let mut columns = None;
    let mut row = StringRecord::new();
    loop {
        let start = reader.position().byte();
        let at = |fault: Fault| fault.at(path, line_of(text, start));
        let found = reader.read_record(&mut row).map_err(|error| at(Fault::new(quote(&error.to_string()), "a CSV")))?;
        if !found {
            return Ok(gatherer.finish());
        }
        if row.iter().all(|field| field.trim().is_empty()) {
            continue;
        }
        let Some(columns) = &columns else {
            columns = Columns::of(&row);
            continue;
        };
        let raw = text.get(start as usize..reader.position().byte() as usize).unwrap_or_default();
        let photo = if row.iter().any(|field| field.contains('\n')) && !is_strict(raw.trim()) {
            Err(Fault::new(format!("{} over several lines", quote(raw.trim())), "one line (is a quote left open?)"))
        } else {
            columns.photo(&row)
        };
        if let Some(photo) = photo.map_err(at)? {
            gatherer.add(photo);
        }
    }
}

/// Whether every quote of a row opens a field, closes one, or is one of a pair within it: where lines go on within
/// quotes, this tells a sentence of several lines from a quote that was never closed.
fn is_strict(row: &str) -> bool {
    let mut rest = row;
    loop {
        let after = match rest.strip_prefix('"') {
            None => rest.find(['"', ',', '\n']).map_or("", |end| &rest[end..]),
            Some(mut quoted) => loop {
                let Some((_, after)) = quoted.split_once('"') else { return false };
                let Some(further) = after.strip_prefix('"') else { break after };
                quoted = further;
            },
        };
        match after.strip_prefix(',') {
            Some(next) => rest = next,
            None => return after.is_empty(),
        }
    }
}
