//! Which photo of one file is which of another.
//!
//! Photos are joined by `image_id`, else by `file_name`, else by paths of which one ends with the other: the first of
//! these by which all find theirs, so that ids which happen to be another photo's join nothing.

use std::borrow::Cow;
use std::collections::HashMap;

use nid_data::sentences::Photo;

/// What photos can be joined by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    Id,
    Name,
    /// `val/1.jpg` is `data/val/1.jpg`, and not `train/1.jpg`.
    Path,
}

/// Where a photo is among others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Place {
    #[default]
    Nowhere,
    At(usize),
    /// It may be any of several.
    Several,
}

impl Place {
    pub(super) fn found(self) -> Option<usize> {
        if let Self::At(place) = self { Some(place) } else { None }
    }

    fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Nowhere, place) | (place, Self::Nowhere) => place,
            _ => Self::Several,
        }
    }
}

/// The places of photos among others.
pub(super) struct Join {
    pub(super) key: Key,
    pub(super) places: Vec<Place>,
}

impl Join {
    /// By the first key by which all are found, else by that by which most are.
    pub(super) fn of(photos: &[Photo], others: &[Photo]) -> Self {
        let mut best = Self { key: Key::Id, places: Key::Id.places(photos, others) };
        for key in [Key::Name, Key::Path] {
            if best.found() == photos.len() {
                break;
            }
            let next = Self { key, places: key.places(photos, others) };
            if next.found() > best.found() {
                best = next;
            }
        }
        best
    }

    fn found(&self) -> usize {
        self.places.iter().filter_map(|place| place.found()).count()
    }

    /// Photos that are joined by their ids to one whose file has another name.
    pub(super) fn contradictions<'a>(&self, photos: &'a [Photo], others: &[Photo]) -> Vec<&'a Photo> {
        if self.key != Key::Id {
            return Vec::new();
        }
        let differ = |(one, other): (&str, &str)| one != other;
        let joined = photos.iter().zip(&self.places).filter_map(|(photo, place)| Some((photo, place.found()?)));
        joined
            .filter(|(photo, place)| photo.base_name().zip(others[*place].base_name()).is_some_and(differ))
            .map(|(photo, _)| photo)
            .collect()
    }
}

impl Key {
    /// The place of each photo among others.
    pub(super) fn places<'a>(self, photos: impl IntoIterator<Item = &'a Photo>, others: &[Photo]) -> Vec<Place> {
        match self {
            Self::Id => equal(photos, others, |photo| photo.id.text()),
            Self::Name => equal(photos, others, Photo::name),
            Self::Path => {
                let names: Vec<_> = others.iter().map(Photo::name).collect();
                let paths = Paths::of(&names);
                photos.into_iter().map(|photo| paths.find(&photo.name())).collect()
            }
        }
    }
}

fn equal<'a>(
    photos: impl IntoIterator<Item = &'a Photo>,
    others: &[Photo],
    key: fn(&Photo) -> Cow<'_, str>,
) -> Vec<Place> {
    let mut places: HashMap<Cow<'_, str>, Place> = HashMap::with_capacity(others.len());
    for (place, photo) in others.iter().enumerate() {
        let known = places.entry(key(photo)).or_default();
        *known = known.or(Place::At(place));
    }
    photos.into_iter().map(|photo| places.get(&key(photo)).copied().unwrap_or_default()).collect()
}

/// A tree of paths by their components, the last first, in which a search takes as many steps as a path has.
struct Paths<'a> {
    nodes: Vec<Node>,
    edges: HashMap<(usize, &'a str), usize>,
}

#[derive(Clone, Copy, Default)]
struct Node {
    /// The photo whose path is all of this.
    whole: Place,
    /// The photo whose path ends with this.
    ending: Place,
}

/// The node of no component, which every path ends with: nothing is known of it.
const ROOT: usize = 0;

impl<'a> Paths<'a> {
    fn of(paths: &'a [Cow<'_, str>]) -> Self {
        let mut tree = Self { nodes: vec![Node::default()], edges: HashMap::with_capacity(paths.len()) };
        paths.iter().enumerate().for_each(|(place, path)| tree.add(path, Place::At(place)));
        tree
    }

    fn add(&mut self, path: &'a str, place: Place) {
        let mut node = ROOT;
        for component in components(path) {
            let next = self.nodes.len();
            node = *self.edges.entry((node, component)).or_insert(next);
            if node == next {
                self.nodes.push(Node::default());
            }
            self.nodes[node].ending = self.nodes[node].ending.or(place);
        }
        if node != ROOT {
            self.nodes[node].whole = self.nodes[node].whole.or(place);
        }
    }

    /// The photo whose path this path ends with, or whose path ends with this.
    fn find(&self, path: &str) -> Place {
        let mut node = ROOT;
        let mut shorter = Place::Nowhere;
        for component in components(path) {
            shorter = shorter.or(self.nodes[node].whole);
            match self.edges.get(&(node, component)) {
                Some(&next) => node = next,
                None => return shorter,
            }
        }
        shorter.or(self.nodes[node].ending)
    }
}

/// A path's folders and its file, the last first.
fn components(path: &str) -> impl Iterator<Item = &str> {
    path.rsplit(['/', '\\']).filter(|component| !matches!(*component, "" | "."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(others: &[&str], path: &str) -> Place {
        let others: Vec<Cow<'_, str>> = others.iter().copied().map(Cow::from).collect();
        Paths::of(&others).find(path)
    }

    #[test]
    fn of_two_paths_one_ends_with_the_other() {
        assert_eq!(find(&["val/1.jpg"], "train/1.jpg"), Place::Nowhere);
        assert_eq!(find(&["val/1.jpg"], "1.jpg"), Place::At(0));
        assert_eq!(find(&["val/1.jpg"], "data\\val\\1.jpg"), Place::At(0));
        assert_eq!(find(&["/data//val/./1.jpg"], "./val/1.jpg"), Place::At(0));
        assert_eq!(find(&["val/1.jpg"], "l/1.jpg"), Place::Nowhere);
        assert_eq!(find(&["val/11.jpg"], "1.jpg"), Place::Nowhere);
        assert_eq!(find(&["", "/"], ""), Place::Nowhere);
    }

    #[test]
    fn a_path_that_fits_several_is_not_guessed() {
        let others = ["train/1.jpg", "val/1.jpg"];
        assert_eq!(find(&others, "1.jpg"), Place::Several);
        assert_eq!(find(&others, "x/val/1.jpg"), Place::At(1));
        assert_eq!(find(&["1.jpg", "val/1.jpg"], "x/val/1.jpg"), Place::Several);
        assert_eq!(find(&["1.jpg", "1.jpg"], "1.jpg"), Place::Several);
    }
}
