//! The JSON forms: COCO's annotations and Karpathy's splits.
//!
//! Both are an object with `images`; COCO keeps the captions apart, in `annotations`, and Karpathy's
//! within each image, as `sentences`. Keys that are not needed are skipped unread.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use serde::Deserialize;

use super::{Collection, Photo};
use crate::text::{Error, Fault, cut, quote};

/// Either form, as far as captions and splits go.
#[derive(Deserialize)]
#[serde(expecting = "an object with `images`, as COCO's annotations or Karpathy's splits")]
pub(crate) struct Document {
    images: Vec<Image>,
    annotations: Option<Vec<Annotation>>,
}

#[derive(Deserialize)]
struct Image {
    // COCO's.
    id: Option<u64>,
    file_name: Option<String>,
    // Karpathy's.
    filename: Option<String>,
    filepath: Option<String>,
    split: Option<String>,
    cocoid: Option<u64>,
    sentences: Option<Vec<Sentence>>,
}

#[derive(Deserialize)]
struct Annotation {
    image_id: u64,
    caption: String,
}

#[derive(Deserialize)]
struct Sentence {
    raw: String,
}

impl Document {
    /// Reads the file's text.
    pub(crate) fn parse(path: &Path, text: &str) -> Result<Self, Error> {
        if text.trim_start().starts_with('[') {
            return Err(Fault::new("a JSON list", "an object with `images`").of(path));
        }
        serde_json::from_str(text).map_err(|error| {
            let (line, column) = (error.line(), error.column());
            let message = error.to_string();
            let place = format!(" at line {line} column {column}");
            let problem = cut(message.strip_suffix(&place).unwrap_or(&message), 160).to_owned();
            Error::Json { path: path.to_path_buf(), line, column, problem }
        })
    }

    /// The photos that have captions.
    pub(super) fn collection(self, path: &Path) -> Result<Collection, Error> {
        let mut photos = self.photos(path)?;
        photos.retain_mut(|photo| {
            photo.captions.retain(|caption| !caption.is_empty());
            !photo.captions.is_empty()
        });
        Ok(Collection { photos })
    }

    /// All photos, with or without captions.
    pub(crate) fn photos(self, path: &Path) -> Result<Vec<Photo>, Error> {
        let is_coco = self.annotations.is_some();
        let mut names = HashSet::new();
        let mut photos = Vec::with_capacity(self.images.len());
        for (index, image) in self.images.into_iter().enumerate() {
            let photo = if is_coco { image.coco() } else { image.karpathy() };
            let photo = photo.and_then(|photo| match names.insert(photo.name.clone()) {
                true => Ok(photo),
                false => Err(Fault::new(format!("{} again", quote(&photo.name)), "each photo once")),
            });
            photos.push(photo.map_err(|fault| fault.entry(path, "images", index))?);
        }
        attach(path, &mut photos, self.annotations.unwrap_or_default())?;
        Ok(photos)
    }
}

impl Image {
    fn coco(self) -> Result<Photo, Fault> {
        let name = name(self.file_name, "`file_name`")?;
        let id = self.id.ok_or_else(|| Fault::new("no `id`", "the image's number"))?;
        Ok(Photo { name, id: Some(id), ..Photo::default() })
    }

    fn karpathy(self) -> Result<Photo, Fault> {
        let name = name(self.filename, "`filename`")?;
        let name = match self.filepath.as_deref().map(|folder| folder.trim_end_matches('/')) {
            Some("") | None => name,
            Some(folder) => format!("{folder}/{name}"),
        };
        let sentences =
            self.sentences.ok_or_else(|| Fault::new("no `sentences`", "them, or COCO's `annotations` in the file"))?;
        let captions = sentences.iter().map(|sentence| sentence.raw.trim().to_owned()).collect();
        Ok(Photo { name, id: self.cocoid, split: self.split, captions })
    }
}

fn name(name: Option<String>, key: &'static str) -> Result<String, Fault> {
    let name = name.ok_or_else(|| Fault::new(format!("no {key}"), "the photo's name"))?;
    match name.trim() {
        "" => Err(Fault::new(format!("an empty {key}"), "the photo's name")),
        name => Ok(name.to_owned()),
    }
}

/// Gives each of COCO's captions to its photo.
fn attach(path: &Path, photos: &mut [Photo], annotations: Vec<Annotation>) -> Result<(), Error> {
    let mut places = HashMap::new();
    for (index, photo) in photos.iter().enumerate().filter(|_| !annotations.is_empty()) {
        if let Some(first) = photo.id.and_then(|id| places.insert(id, index)) {
            let found = format!("the `id` of images[{first}]");
            return Err(Fault::new(found, "a number of its own").entry(path, "images", index));
        }
    }
    for (index, annotation) in annotations.into_iter().enumerate() {
        let id = annotation.image_id;
        let place = *places.get(&id).ok_or_else(|| {
            let fault = Fault::new(format!("`image_id` {id}"), "the `id` of one of the images");
            fault.entry(path, "annotations", index)
        })?;
        photos[place].captions.push(annotation.caption.trim().to_owned());
    }
    Ok(())
}
