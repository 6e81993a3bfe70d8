//! Which candidate is about which photo.
//!
//! Photos are joined by `image_id`, else by `file_name`, else by the name of the file without its folders: the first
//! of these by which all candidates find their photo, so that ids which happen to be another photo's join nothing.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use nid_data::sentences::{Photo, Sentences};

use super::Error;
use super::error::Names;

/// What photos can be joined by, in the order of preference.
const KEYS: [fn(&Photo) -> String; 3] = [|photo| photo.id.text().into_owned(), Photo::name, Photo::base_name];

/// What people wrote, from several files in one: lines are joined by their numbers, photos by their ids.
pub(super) fn references(files: Vec<(&Path, Sentences)>) -> Result<Sentences, Error> {
    let mut files = files.into_iter();
    let Some((first, mut all)) = files.next() else { return Ok(Sentences::default()) };
    let mut places: HashMap<String, usize> = HashMap::new();
    for (path, further) in files {
        alike((path, &further), (first, &all))?;
        if places.is_empty() {
            places = all.photos.iter().enumerate().map(|(place, photo)| (KEYS[0](photo), place)).collect();
        }
        for photo in further.photos {
            let place = *places.entry(KEYS[0](&photo)).or_insert(all.photos.len());
            match all.photos.get_mut(place) {
                Some(known) => known.sentences.extend(photo.sentences),
                None => all.photos.push(photo),
            }
        }
    }
    if all.photos.is_empty() {
        return Err(Error::NoPhotos { path: first.to_path_buf() });
    }
    Ok(all)
}

/// Whether two files go together: both name photos, or both have as many lines.
fn alike((path, file): (&Path, &Sentences), (other_path, other): (&Path, &Sentences)) -> Result<(), Error> {
    let (path, other_path) = (path.to_path_buf(), other_path.to_path_buf());
    match (file.aligned, other.aligned) {
        (true, true) if file.photos.len() != other.photos.len() => {
            let (found, expected) = (file.photos.len(), other.photos.len());
            Err(Error::Lines { path, found, other: other_path, expected })
        }
        (true, false) => Err(Error::Forms { path, other: other_path }),
        (false, true) => Err(Error::Forms { path: other_path, other: path }),
        _ => Ok(()),
    }
}

/// A system's candidates, one or none for each photo that people wrote about.
pub(super) struct Match {
    path: PathBuf,
    candidates: Vec<Option<String>>,
}

impl Match {
    /// Finds the photo of each candidate.
    pub(super) fn new(path: &Path, sentences: Sentences, references: &Sentences) -> Result<Self, Error> {
        if sentences.photos.is_empty() {
            return Err(Error::NoPhotos { path: path.to_path_buf() });
        }
        alike((path, &sentences), (Path::new("the references"), references))?;
        let places = places(&sentences.photos, &references.photos);
        let lost: Vec<&Photo> =
            sentences.photos.iter().zip(&places).filter(|(_, place)| place.is_none()).map(|(photo, _)| photo).collect();
        if !lost.is_empty() {
            let (count, photos) = (lost.len(), sentences.photos.len());
            let names = Names::of(lost.iter().map(|photo| &photo.id));
            return Err(Error::NoReferences { path: path.to_path_buf(), count, photos, names });
        }
        let mut candidates: Vec<Option<String>> = vec![None; references.photos.len()];
        let mut again = Vec::new();
        for (photo, place) in sentences.photos.into_iter().zip(places.into_iter().flatten()) {
            for sentence in photo.sentences {
                if candidates[place].replace(sentence).is_some() {
                    again.push(photo.id.clone());
                }
            }
        }
        again.dedup();
        if !again.is_empty() {
            let (count, names) = (again.len(), Names::of(again));
            return Err(Error::SecondCandidate { path: path.to_path_buf(), count, names });
        }
        Ok(Self { path: path.to_path_buf(), candidates })
    }

    /// Whether each photo has a candidate.
    pub(super) fn has_candidate(&self) -> Vec<bool> {
        self.candidates.iter().map(Option::is_some).collect()
    }

    /// Fails unless every photo has a candidate.
    pub(super) fn is_complete(&self, references: &Sentences) -> Result<(), Error> {
        let without = || references.photos.iter().zip(&self.candidates).filter(|(_, said)| said.is_none());
        match without().count() {
            0 => Ok(()),
            count => {
                let names = Names::of(without().map(|(photo, _)| &photo.id));
                Err(Error::NoCandidate { path: self.path.clone(), count, photos: references.photos.len(), names })
            }
        }
    }

    /// Fails unless both systems captioned the same photos.
    pub(super) fn captions_the_same(&self, other: &Self, references: &Sentences) -> Result<(), Error> {
        let pairs = || references.photos.iter().zip(self.candidates.iter().zip(&other.candidates));
        let unlike = || pairs().filter(|(_, (one, other))| one.is_some() != other.is_some());
        match unlike().count() {
            0 => Ok(()),
            count => Err(Error::Unlike { count, names: Names::of(unlike().map(|(photo, _)| &photo.id)) }),
        }
    }

    /// The candidates that there are, in the order of the photos.
    pub(super) fn candidates(self) -> Vec<String> {
        self.candidates.into_iter().flatten().collect()
    }
}

/// For each candidate the place of its photo, by the first key by which all have one, else by that by which most have.
fn places(candidates: &[Photo], references: &[Photo]) -> Vec<Option<usize>> {
    let mut best = Vec::new();
    let mut most = 0;
    for key in KEYS {
        let known = unambiguous(references, key);
        let places: Vec<Option<usize>> =
            candidates.iter().map(|photo| known.get(&key(photo)).copied().flatten()).collect();
        let found = places.iter().flatten().count();
        if best.is_empty() || found > most {
            (best, most) = (places, found);
        }
        if most == candidates.len() {
            break;
        }
    }
    best
}

/// The places of photos by a key; none for a key that several have.
fn unambiguous(photos: &[Photo], key: fn(&Photo) -> String) -> HashMap<String, Option<usize>> {
    let mut places = HashMap::with_capacity(photos.len());
    for (place, photo) in photos.iter().enumerate() {
        places.entry(key(photo)).and_modify(|place| *place = None).or_insert(Some(place));
    }
    places
}
