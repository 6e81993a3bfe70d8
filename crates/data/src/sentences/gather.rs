//! Gathers the sentences of a file by photo.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::Photo;

#[derive(Default)]
pub(super) struct Gatherer {
    photos: Vec<Photo>,
    places: HashMap<String, usize>,
}

impl Gatherer {
    /// Adds a photo, or its sentences to the photo of the same id.
    pub(super) fn add(&mut self, photo: Photo) {
        match self.places.entry(photo.id.text().into_owned()) {
            Entry::Occupied(place) => self.photos[*place.get()].sentences.extend(photo.sentences),
            Entry::Vacant(place) => {
                place.insert(self.photos.len());
                self.photos.push(photo);
            }
        }
    }

    /// The photos that have sentences.
    pub(super) fn finish(mut self) -> Vec<Photo> {
        self.photos.retain(|photo| !photo.sentences.is_empty());
        self.photos
    }
}
