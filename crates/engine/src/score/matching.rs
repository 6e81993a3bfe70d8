//! Which candidate is about which photo, and which sentences of several files.
//!
//! Nothing is scored that would have to be guessed: a photo that cannot be found, or whose id and file say two things,
//! is an error.

mod join;
mod written;

use std::path::{Path, PathBuf};

use nid_data::sentences::{Photo, Sentences};

use super::Error;
use super::error::Names;
use join::{Join, Place};
pub(super) use written::{distinct, references};

/// What errors call the references.
const REFERENCES: &str = "the references";

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
        alike((path, &sentences), (Path::new(REFERENCES), references))?;
        let join = Join::of(&sentences.photos, &references.photos);
        join.is_complete((path, &sentences.photos))?;
        join.is_consistent((path, &sentences.photos), (Path::new(REFERENCES), &references.photos))?;
        let mut candidates: Vec<Option<String>> = vec![None; references.photos.len()];
        let mut again = Vec::new();
        for (photo, place) in sentences.photos.into_iter().zip(join.places.into_iter().filter_map(Place::found)) {
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

impl Join {
    /// Fails unless every candidate's photo is found.
    fn is_complete(&self, (path, photos): (&Path, &[Photo])) -> Result<(), Error> {
        let lost = || photos.iter().zip(&self.places).filter(|(_, place)| place.found().is_none());
        match lost().count() {
            0 => Ok(()),
            count => {
                let names = Names::of(lost().map(|(photo, _)| &photo.id));
                Err(Error::NoReferences { path: path.to_path_buf(), count, photos: photos.len(), names })
            }
        }
    }

    /// Fails where ids say one thing and file names another.
    fn is_consistent(&self, (path, photos): (&Path, &[Photo]), (other, known): (&Path, &[Photo])) -> Result<(), Error> {
        let contradictions = self.contradictions(photos, known);
        match contradictions.len() {
            0 => Ok(()),
            count => {
                let names = Names::of(contradictions.into_iter().map(|photo| &photo.id));
                Err(Error::Contradiction { path: path.to_path_buf(), count, names, other: other.to_path_buf() })
            }
        }
    }
}
