//! What people wrote, from several files in one.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use nid_data::sentences::{Photo, Sentences};

use super::alike;
use super::join::{Join, Key, Place};
use crate::score::Error;
use crate::score::error::Names;

/// Fails where a file is given twice, be it by another path: its sentences would count twice.
pub(in crate::score) fn distinct(paths: &[PathBuf]) -> Result<(), Error> {
    let mut met = HashSet::new();
    // What has no such path is told by the attempt to read it.
    let place = |path: &PathBuf| path.canonicalize().unwrap_or_else(|_| path.clone());
    match paths.iter().find(|path| !met.insert(place(path))) {
        Some(path) => Err(Error::Again { path: path.clone() }),
        None => Ok(()),
    }
}

/// The sentences of all files: lines are joined by their numbers, photos as candidates are.
pub(in crate::score) fn references(files: Vec<(&Path, Sentences)>) -> Result<Sentences, Error> {
    let mut files = files.into_iter();
    let Some((first, mut all)) = files.next() else { return Ok(Sentences::default()) };
    some(first, &all)?;
    for (path, further) in files {
        some(path, &further)?;
        alike((path, &further), (first, &all))?;
        add((path, further.photos), (first, &mut all.photos))?;
    }
    Ok(all)
}

fn some(path: &Path, sentences: &Sentences) -> Result<(), Error> {
    if sentences.photos.is_empty() { Err(Error::NoPhotos { path: path.to_path_buf() }) } else { Ok(()) }
}

/// Adds the sentences of a further file to their photos, and the photos that are new.
fn add((path, further): (&Path, Vec<Photo>), (first, all): (&Path, &mut Vec<Photo>)) -> Result<(), Error> {
    let join = Join::of(&further, all);
    let strange = strange(&further, &join, all);
    if !strange.is_empty() {
        let (count, photos) = (strange.len(), further.len());
        let names = Names::of(strange.into_iter().map(|photo| &photo.id));
        return Err(Error::Apart { path: path.to_path_buf(), count, photos, names, other: first.to_path_buf() });
    }
    join.is_consistent((path, &further), (first, all))?;
    for (photo, place) in further.into_iter().zip(join.places) {
        match place.found().map(|place| &mut all[place]) {
            Some(known) => {
                known.sentences.extend(photo.sentences);
                known.file_name = known.file_name.take().or(photo.file_name);
            }
            None => all.push(photo),
        }
    }
    Ok(())
}

/// The photos of which it cannot be told whether they are new: where the others are known by more than their ids, where
/// they have another photo's file or one that several have, and where they are known by another kind of id.
fn strange<'a>(further: &'a [Photo], join: &Join, all: &[Photo]) -> Vec<&'a Photo> {
    let mut taken = HashSet::new();
    let mut is_joined = |place: &Place| place.found().is_some_and(|place| taken.insert(place));
    let apart: Vec<&Photo> =
        further.iter().zip(&join.places).filter(|(_, place)| !is_joined(place)).map(|(photo, _)| photo).collect();
    if join.key != Key::Id || apart.is_empty() {
        return apart;
    }
    let [names, paths] = [Key::Name, Key::Path].map(|key| key.places(apart.iter().copied(), all));
    let has_kind = [false, true].map(|kind| all.iter().any(|photo| is_number(photo) == kind));
    let is_new = |(photo, places): (&Photo, (Place, Place))| {
        places == (Place::Nowhere, Place::Nowhere) && has_kind[usize::from(is_number(photo))]
    };
    let places = names.into_iter().zip(paths);
    apart.into_iter().zip(places).filter(|&found| !is_new(found)).map(|(photo, _)| photo).collect()
}

/// Whether a photo is known by a number, be it one that its source writes as a text.
fn is_number(photo: &Photo) -> bool {
    photo.id.text().bytes().all(|byte| byte.is_ascii_digit())
}
