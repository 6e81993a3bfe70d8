//! Gathers the rows of a captions file into photos.

use std::collections::HashMap;

use super::{Collection, Photo, Row};
use crate::text::Fault;

#[derive(Default)]
pub(super) struct Collector {
    photos: Vec<Photo>,
    places: HashMap<String, usize>,
    has_rows: bool,
}

impl Collector {
    /// Takes the next row: a header only as the first, an empty caption not at all.
    pub(super) fn take(&mut self, row: Row<'_>) -> Result<(), Fault> {
        let is_first = !std::mem::replace(&mut self.has_rows, true);
        match row {
            Row::Header if is_first => Ok(()),
            Row::Header => Err(Fault::new("the header again", "a caption (are these two files in one?)")),
            Row::Caption { name, caption } => {
                self.add(name, caption.trim());
                Ok(())
            }
        }
    }

    fn add(&mut self, name: &str, caption: &str) {
        if caption.is_empty() {
            return;
        }
        let place = self.places.get(name).copied().unwrap_or_else(|| {
            self.places.insert(name.to_owned(), self.photos.len());
            self.photos.push(Photo { name: name.to_owned(), ..Photo::default() });
            self.photos.len() - 1
        });
        self.photos[place].captions.push(caption.to_owned());
    }

    pub(super) fn finish(self) -> Collection {
        Collection { photos: self.photos }
    }
}
