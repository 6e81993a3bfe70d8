//! The JSON forms. Records are turned into photos as they are read, so that what is wrong with one is said with its
//! place in the file, and no second copy of a large file is kept.

use std::collections::HashMap;
use std::fmt;
use std::path::Path;

use serde::Deserialize;
use serde::de::{self, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::gather::Gatherer;
use super::{Id, Photo};
use crate::text::{Error, Fault, cut};

/// Reads a list of records, as COCO's results are.
pub(super) fn list(path: &Path, text: &str) -> Result<Vec<Photo>, Error> {
    let List(gatherer) = serde_json::from_str(text).map_err(|error| told(path, text, &error, (1, 1)))?;
    Ok(gatherer.finish())
}

/// Reads records one after the other, a line each or not, or a document of COCO's or Karpathy's.
pub(super) fn objects(path: &Path, text: &str) -> Result<Vec<Photo>, Error> {
    let mut gatherer = Gatherer::default();
    let mut stream = serde_json::Deserializer::from_str(text).into_iter();
    loop {
        let end = stream.byte_offset();
        match stream.next() {
            None => return Ok(gatherer.finish()),
            Some(Ok(Top::Document(document))) => document.photos(path, &mut gatherer)?,
            Some(Ok(Top::Photo(photo))) => photo.into_iter().for_each(|photo| gatherer.add(photo)),
            Some(Err(error)) => return Err(told(path, text, &error, place(text, end))),
        }
    }
}

/// The line and column where the first thing after `end` begins.
fn place(text: &str, end: usize) -> (usize, usize) {
    let (before, after) = text.split_at(end);
    let begin = end + after.len() - after.trim_start().len();
    let line = text[..begin].rfind('\n').map_or(0, |feed| feed + 1);
    let lines = before.matches('\n').count() + text[end..begin].matches('\n').count();
    (lines + 1, begin - line + 1)
}

/// The error with the file's name; `otherwise` is its place where it has none of its own.
fn told(path: &Path, text: &str, error: &serde_json::Error, otherwise: (usize, usize)) -> Error {
    let path = path.to_path_buf();
    let message = error.to_string();
    let (line, column) = if error.line() == 0 { otherwise } else { (error.line(), error.column()) };
    if let Some(column) = half_pair(&message, text, line, column) {
        let problem = "found half of a surrogate pair, expected both or neither".to_owned();
        return Error::Json { path, line, column, problem };
    }
    let tail = format!(" at line {} column {}", error.line(), error.column());
    let problem = cut(message.strip_suffix(&tail).unwrap_or(&message), 160).to_owned();
    Error::Json { path, line, column, problem }
}

/// Where on its line the half of a surrogate pair begins that a parser has complained of after it read it.
fn half_pair(message: &str, text: &str, line: usize, column: usize) -> Option<usize> {
    if !message.contains("surrogate") && !message.contains("hex escape") {
        return None;
    }
    let line = text.split('\n').nth(line - 1)?.as_bytes();
    let escape = line[..column.min(line.len())].windows(3).rposition(|part| part.eq_ignore_ascii_case(b"\\ud"))?;
    Some(escape + 1)
}

/// Any object of these files.
#[derive(Deserialize)]
struct Record {
    image_id: Option<Id>,
    image: Option<Id>,
    file_name: Option<String>,
    path: Option<String>,
    caption: Option<Said>,
    captions: Option<Said>,
    /// Why `nid caption` has no caption.
    error: Option<IgnoredAny>,
    images: Option<Vec<Image>>,
    annotations: Option<Vec<Annotation>>,
}

impl Record {
    /// The photo; none where the record only says why there is no caption.
    fn photo(self) -> Result<Option<Photo>, &'static str> {
        let Some(Said(sentences)) = self.caption.or(self.captions) else {
            return if self.error.is_some() {
                Ok(None)
            } else {
                Err("found no `caption`, expected one for each photo")
            };
        };
        let (number, name) = match self.image {
            Some(Id::Text(name)) => (None, Some(name)),
            number => (number, None),
        };
        let file_name = self.file_name.or(name).or(self.path);
        let id = self.image_id.or(number).or_else(|| file_name.clone().map(Id::Text));
        let id = id.ok_or("found no `image_id`, `file_name`, `image` or `path`, expected what the photo is called")?;
        Ok(Some(Photo { id, file_name, sentences }))
    }
}

/// What a file of objects holds.
#[derive(Deserialize)]
#[serde(try_from = "Record")]
enum Top {
    Document(Document),
    Photo(Option<Photo>),
}

impl TryFrom<Record> for Top {
    type Error = &'static str;

    fn try_from(mut record: Record) -> Result<Self, &'static str> {
        match (record.images.take(), record.annotations.take()) {
            (None, None) => Ok(Self::Photo(record.photo()?)),
            (images, annotations) => Ok(Self::Document(Document { images: images.unwrap_or_default(), annotations })),
        }
    }
}

#[derive(Deserialize)]
#[serde(try_from = "Record")]
struct Entry(Option<Photo>);

impl TryFrom<Record> for Entry {
    type Error = &'static str;

    fn try_from(record: Record) -> Result<Self, &'static str> {
        record.photo().map(Self)
    }
}

/// A list of records, gathered.
struct List(Gatherer);

impl<'de> Deserialize<'de> for List {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(Records)
    }
}

struct Records;

impl<'de> Visitor<'de> for Records {
    type Value = List;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list of records")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut records: A) -> Result<List, A::Error> {
        let mut gatherer = Gatherer::default();
        while let Some(Entry(photo)) = records.next_element()? {
            photo.into_iter().for_each(|photo| gatherer.add(photo));
        }
        Ok(List(gatherer))
    }
}

/// Sentences: a text, a record with a `caption`, or a list of them.
struct Said(Vec<String>);

impl<'de> Deserialize<'de> for Said {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Saying)
    }
}

struct Saying;

impl<'de> Visitor<'de> for Saying {
    type Value = Said;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a caption or a list of captions")
    }

    fn visit_str<E>(self, text: &str) -> Result<Said, E> {
        Ok(Said(vec![text.to_owned()]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Said, A::Error> {
        let mut all = Vec::new();
        while let Some(Said(said)) = items.next_element()? {
            all.extend(said);
        }
        Ok(Said(all))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Said, A::Error> {
        let mut said = None;
        while let Some(key) = fields.next_key::<String>()? {
            match key.as_str() {
                "caption" => said = Some(fields.next_value()?),
                _ => drop(fields.next_value::<IgnoredAny>()?),
            }
        }
        said.ok_or_else(|| de::Error::missing_field("caption"))
    }
}

/// COCO's annotations or Karpathy's splits.
struct Document {
    images: Vec<Image>,
    annotations: Option<Vec<Annotation>>,
}

#[derive(Deserialize)]
struct Image {
    // COCO's.
    id: Option<Id>,
    file_name: Option<String>,
    // Karpathy's.
    filename: Option<String>,
    filepath: Option<String>,
    cocoid: Option<Id>,
    imgid: Option<Id>,
    sentences: Option<Vec<Sentence>>,
}

#[derive(Deserialize)]
struct Annotation {
    image_id: Id,
    caption: String,
}

#[derive(Deserialize)]
struct Sentence {
    raw: String,
}

impl Document {
    fn photos(self, path: &Path, gatherer: &mut Gatherer) -> Result<(), Error> {
        let photo = if self.annotations.is_some() { Image::coco } else { Image::karpathy };
        let mut names = HashMap::new();
        for (index, image) in self.images.into_iter().enumerate() {
            let photo = photo(image).map_err(|fault| fault.entry(path, "images", index))?;
            if let Some(first) = names.insert(photo.id.text().into_owned(), index) {
                let found = format!("{:?}, the photo of images[{first}]", photo.id.text());
                return Err(Fault::new(found, "each photo once").entry(path, "images", index));
            }
            gatherer.add(photo);
        }
        for (index, Annotation { image_id: id, caption }) in self.annotations.into_iter().flatten().enumerate() {
            // A file may leave out its images, but not some of them.
            if !names.is_empty() && !names.contains_key(&*id.text()) {
                let fault = Fault::new(format!("`image_id` {:?}", id.text()), "the `id` of one of the images");
                return Err(fault.entry(path, "annotations", index));
            }
            gatherer.add(Photo { id, file_name: None, sentences: vec![caption] });
        }
        Ok(())
    }
}

impl Image {
    fn coco(self) -> Result<Photo, Fault> {
        let id = self.id.ok_or_else(|| Fault::new("no `id`", "what the annotations call the image"))?;
        Ok(Photo { id, file_name: self.file_name, sentences: Vec::new() })
    }

    fn karpathy(self) -> Result<Photo, Fault> {
        let sentences =
            self.sentences.ok_or_else(|| Fault::new("no `sentences`", "them, or COCO's `annotations` in the file"))?;
        let file_name =
            self.filename.map(|name| match self.filepath.as_deref().map(|path| path.trim_end_matches('/')) {
                None | Some("") => name,
                Some(folder) => format!("{folder}/{name}"),
            });
        let id = self.cocoid.or_else(|| file_name.clone().map(Id::Text)).or(self.imgid);
        let id = id.ok_or_else(|| Fault::new("no `cocoid` and no `filename`", "what the photo is called"))?;
        Ok(Photo { id, file_name, sentences: sentences.into_iter().map(|sentence| sentence.raw).collect() })
    }
}
