//! Labelled pictures, by the classes of a model. Their numbers are the model's: data may have them in another order.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use nid_data::labelled::{self, Data, Files, Set, Sets};
use nid_data::photos::display;
use nid_data::picture::Picture;
use nid_engine::Classifier;
use nid_engine::report::Photo;

/// Labelled pictures, by the classes of a model.
pub(super) enum Truth {
    /// Small ones, of the size that the model reads, and some to learn from.
    Small { test: Small, train: Option<Small> },
    /// Files with their classes.
    Files(Vec<(PathBuf, usize)>),
}

/// Small grey pictures with their classes.
pub(super) struct Small {
    pub(super) set: Set,
    /// The model's class of each.
    pub(super) labels: Vec<usize>,
}

impl Truth {
    /// Reads the labelled pictures at a path.
    ///
    /// # Errors
    /// What is no such data, a class that the model does not know, small pictures that it does not read.
    pub(super) fn read(path: &Path, classifier: &Classifier) -> Result<Self> {
        let data = labelled::read(path)?;
        let classes = &classifier.bundle.manifest.classes;
        let place = |name: &str| classes.iter().position(|class| class == name);
        let known = |name| {
            let unknown = || format!("{}: found the class {name:?}, which the model does not know", display(path));
            place(name).with_context(unknown)
        };
        let places: Vec<usize> = data.classes().into_iter().map(known).collect::<Result<_>>()?;
        match data {
            Data::Sets(Sets { train, test }) => {
                let test = test.with_context(|| format!("{}: found no pictures to test by", display(path)))?;
                classifier.check_levels([test.height, test.width]).with_context(|| display(path))?;
                let small = |set| Small::new(set, &places);
                Ok(Self::Small { test: small(test), train: train.map(small) })
            }
            Data::Files(Files { paths, labels, .. }) => {
                Ok(Self::Files(paths.into_iter().zip(labels).map(|(path, label)| (path, places[label])).collect()))
            }
        }
    }
}

impl Small {
    /// Pictures whose labels stand for the classes in these places.
    fn new(set: Set, places: &[usize]) -> Self {
        let labels = set.labels.iter().map(|&label| places[usize::from(label)]).collect();
        Self { set, labels }
    }

    /// The picture in this place.
    pub(super) fn photo(&self, place: usize) -> Photo {
        let Set { width, height, pixels, .. } = &self.set;
        let levels = &pixels[place * width * height..][..width * height];
        Photo::Pixels(Picture::grey(*width, *height, levels))
    }
}
