//! Captions of photos, in every form that people have them.
//!
//! The form is told from the content, never from the name, for the files go by many names:
//!
//! | form | what it looks like |
//! |---|---|
//! | Flickr8k, Flickr30k | lines of `photo.jpg#0`, a tab, a caption (quotes and tabs may stand in it: not a CSV) |
//! | Kaggle's Flickr8k | CSV with the header `image,caption` |
//! | Kaggle's Flickr30k | lines of <code>image_name\| comment_number\| comment</code>, one of them broken |
//! | COCO | JSON: `images` of `id`, `file_name`; `annotations` of `image_id`, `caption` |
//! | Karpathy's splits | JSON: `images` of `filename`, `filepath`, `split`, `sentences` of `raw` |
//! | a folder | photos, and beside each a `.txt` of its name with a caption a line |
//!
//! Rules that all forms share. White space around a name or a caption is not part of it; nothing
//! else of a caption is changed. Blank lines are skipped, and an empty caption is left out: it says
//! nothing. None of the forms has comments, so a line that starts with `#` is read like any other.
//! A byte order mark and Windows line ends are fine; any encoding but UTF-8 is an error.

pub(crate) mod bars;
mod collector;
pub(crate) mod comma;
mod folder;
pub(crate) mod json;
pub(crate) mod token;

use std::path::Path;

use crate::photos;
use crate::text::{self, Fault};
use collector::Collector;

/// One photo and what people said of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Photo {
    /// The file's name; where the source has folders, relative to the source's root with `/` between.
    pub name: String,
    /// COCO's number of the photo.
    pub id: Option<u64>,
    /// The split that the source puts the photo in.
    pub split: Option<String>,
    /// The captions as they were written, at least one, in the source's order.
    pub captions: Vec<String>,
}

/// Photos with captions, each photo once, in the order of the source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Collection {
    /// The photos. One that has no caption is not among them.
    pub photos: Vec<Photo>,
}

/// Why captions cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file is not what it should be.
    #[error(transparent)]
    Text(#[from] text::Error),
    /// A folder cannot be looked through.
    #[error(transparent)]
    Photos(#[from] photos::Error),
}

/// Reads a captions file, or a folder of photos with their captions beside them.
///
/// # Errors
/// What cannot be read, is not UTF-8, is of no known form, has a line that does not parse, or holds
/// no caption at all. Each names the file, and the line where there is one.
pub fn read(path: &Path) -> Result<Collection, Error> {
    if path.is_dir() {
        return folder::read(path);
    }
    Ok(parse(path, &text::read(path)?)?)
}

/// Reads the bytes of a captions file; `path` is for the errors alone.
///
/// # Errors
/// As [`read`].
pub fn parse(path: &Path, bytes: &[u8]) -> Result<Collection, text::Error> {
    let text = text::decode(path, bytes)?;
    let Some((number, first)) = text::lines(text).next() else {
        return Err(Fault::new("nothing", "captions").of(path));
    };
    let collection = match Form::of(first) {
        Some(Form::Token) => by_line(path, text, token::row),
        Some(Form::Bars) => by_line(path, text, bars::row),
        Some(Form::Comma) => comma::parse(path, text),
        Some(Form::Json) => json::Document::parse(path, text)?.collection(path),
        None => Err(Fault::new(text::quote(first), FORMS).at(path, number)),
    }?;
    if collection.photos.is_empty() {
        return Err(Fault::new("no caption", "at least one").of(path));
    }
    Ok(collection)
}

const FORMS: &str = "`photo.jpg#0`, a tab and a caption; a header `image,caption` or \
     `image_name| comment_number| comment`; or the JSON of COCO or of Karpathy's splits";

#[derive(Clone, Copy)]
enum Form {
    Token,
    Bars,
    Comma,
    Json,
}

impl Form {
    /// The form of the file whose first line this is.
    fn of(first: &str) -> Option<Self> {
        if first.trim_start().starts_with(['{', '[']) {
            Some(Self::Json)
        } else if first.contains('\t') || token::row(first).is_ok() {
            Some(Self::Token)
        } else if bars::row(first).is_ok() {
            Some(Self::Bars)
        } else if comma::is_header(first) {
            Some(Self::Comma)
        } else {
            None
        }
    }
}

/// What a line of a captions file says.
pub(crate) enum Row<'a> {
    Header,
    Caption { name: &'a str, caption: &'a str },
}

/// Reads the forms in which a line is a row.
fn by_line(path: &Path, text: &str, row: fn(&str) -> Result<Row<'_>, Fault>) -> Result<Collection, text::Error> {
    let mut collector = Collector::default();
    for (number, line) in text::lines(text) {
        let taken = row(line).and_then(|row| collector.take(row));
        taken.map_err(|fault| fault.at(path, number))?;
    }
    Ok(collector.finish())
}
