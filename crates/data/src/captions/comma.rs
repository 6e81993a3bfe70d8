//! Kaggle's form of Flickr8k, `captions.txt`: a true CSV with the header `image,caption`.

use std::path::Path;

use csv::StringRecord;

use super::{Collection, Collector, Row};
use crate::text::{self, Fault, quote};

const HEADER: [&str; 2] = ["image", "caption"];

/// Whether a file that starts with this line is such a CSV.
pub(super) fn is_header(line: &str) -> bool {
    line.split(',').map(|field| field.trim().trim_matches('"')).eq(HEADER)
}

/// Reads the file, header and all.
pub(super) fn parse(path: &Path, text: &str) -> Result<Collection, text::Error> {
    let mut collector = Collector::default();
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut record = StringRecord::new();
    loop {
        let start = reader.position().byte();
        match reader.read_record(&mut record) {
            Ok(false) => return Ok(collector.finish()),
            Ok(true) if record.iter().all(|field| field.trim().is_empty()) => continue,
            Ok(true) => row(&record).and_then(|row| collector.take(row)),
            Err(error) => Err(Fault::new(quote(&error.to_string()), "a CSV")),
        }
        .map_err(|fault| fault.at(path, line_of(text, start)))?;
    }
}

fn row(record: &StringRecord) -> Result<Row<'_>, Fault> {
    let fields: Vec<&str> = record.iter().map(str::trim).collect();
    let [name, caption] = fields[..] else {
        let found = format!("{} fields", fields.len());
        return Err(Fault::new(found, "`photo.jpg,caption`, in quotes where it holds a comma"));
    };
    if name.is_empty() {
        return Err(Fault::new("no name", "a photo's name before the comma"));
    }
    if let Some(field) = fields.iter().find(|field| field.contains('\n')) {
        let found = format!("{} over several lines", quote(field));
        return Err(Fault::new(found, "one line (is a quote left open?)"));
    }
    match fields == HEADER {
        true => Ok(Row::Header),
        false => Ok(Row::Caption { name, caption }),
    }
}

/// The line of the record that the reader began to look for at this byte: it starts on the last
/// line's end, and passes over blank lines.
pub(crate) fn line_of(text: &str, start: u64) -> usize {
    let start = usize::try_from(start).unwrap_or(usize::MAX).min(text.len());
    let (before, after) = text.as_bytes().split_at(start);
    let blank = after.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    let passed = before.iter().chain(&after[..blank]);
    passed.filter(|&&byte| byte == b'\n').count() + 1
}
