//! A classifier's bundle at work: pictures in, a probability for each class out.

mod ground;
mod logits;

use nid_data::picture::Picture;
use nid_metrics::classification::probabilities;
use rayon::prelude::*;

pub use ground::{Background, Ground, Shade, ToldBy};
pub use logits::{head_logits, network_logits};

use crate::bundle::{ClassifierConfig, Input, Network};
use crate::preprocessing::{Preprocessing, preprocess};
use crate::{ClassifierBundle, Error};

/// What a picture is taken for.
#[derive(Clone, Debug, PartialEq)]
pub struct Classified {
    /// How likely each class is, in the classes' order, calibrated by the bundle's temperature; the sum is 1.
    pub probabilities: Vec<f32>,
    /// The ground that the object was taken to be on; none for a head, which reads photos as they are.
    pub background: Option<Background>,
}

/// Tells what pictures are of, from any number of threads.
pub struct Classifier {
    /// What it runs.
    pub bundle: ClassifierBundle,
}

/// How pictures are made ready for a classifier.
#[derive(Clone, Debug)]
pub struct Preparation {
    reads: Reads,
    ground: Ground,
}

#[derive(Clone, Debug)]
enum Reads {
    Levels(Input),
    Photo(Preprocessing),
}

/// A picture of the size that a classifier reads.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// `[height, width]` grey levels, or `[height, width, 3]` of a photo.
    samples: Vec<u8>,
    background: Option<Background>,
}

impl Prepared {
    /// Grey levels `[height, width]`, or colours `[height, width, 3]`.
    pub fn into_samples(self) -> Vec<u8> {
        self.samples
    }
}

impl Preparation {
    /// Makes small grey pictures of any, as a network reads them.
    pub fn small(input: Input, ground: Ground) -> Self {
        Self { reads: Reads::Levels(input), ground }
    }

    /// The small picture that the classifier reads of this one.
    ///
    /// # Errors
    /// A picture of one pixel.
    pub fn prepare(&self, picture: &Picture) -> Result<Prepared, Error> {
        if (picture.width, picture.height) == (1, 1) {
            return Err(Error::OnePixel);
        }
        Ok(match &self.reads {
            Reads::Levels(input) => {
                let (samples, background) = ground::levels(picture, self.ground, input);
                Prepared { samples, background: Some(background) }
            }
            &Reads::Photo(Preprocessing { width, height, fit, filter, .. }) => {
                Prepared { samples: picture.fit(width, height, fit, filter).pixels, background: None }
            }
        })
    }
}

impl Classifier {
    /// A classifier that runs this bundle.
    pub fn new(bundle: ClassifierBundle) -> Self {
        Self { bundle }
    }

    /// How pictures are made ready for it, with what a person says about their ground; a head's photos have none.
    pub fn preparation(&self, ground: Ground) -> Preparation {
        let reads = match &self.bundle.manifest.model {
            ClassifierConfig::Network { input, .. } => Reads::Levels(input.clone()),
            ClassifierConfig::Head { preprocessing, .. } => Reads::Photo(preprocessing.clone()),
        };
        Preparation { reads, ground }
    }

    /// What pictures are taken for.
    ///
    /// # Errors
    /// A picture of one pixel, and pictures of the bundle's size that do not fit its encoder.
    pub fn classify(&self, pictures: &[Picture], ground: Ground) -> Result<Vec<Classified>, Error> {
        let preparation = self.preparation(ground);
        let prepared = pictures.par_iter().map(|picture| preparation.prepare(picture));
        self.classify_prepared(&prepared.collect::<Result<Vec<_>, _>>()?)
    }

    /// What pictures are taken for that its own [`Classifier::preparation`] has made ready.
    ///
    /// # Errors
    /// Pictures that do not fit the bundle's encoder, or that were made ready for a classifier of another size.
    pub fn classify_prepared(&self, prepared: &[Prepared]) -> Result<Vec<Classified>, Error> {
        let probabilities = self.probabilities(&self.logits(prepared)?);
        let rows = probabilities.chunks_exact(self.bundle.manifest.classes.len());
        let classified = |(row, prepared): (&[f32], &Prepared)| Classified {
            probabilities: row.to_vec(),
            background: prepared.background,
        };
        Ok(rows.zip(prepared).map(classified).collect())
    }

    /// Scores `[pictures, classes]` of pictures that its own [`Classifier::preparation`] has made ready.
    ///
    /// # Errors
    /// As [`Classifier::classify_prepared`].
    pub fn logits(&self, prepared: &[Prepared]) -> Result<Vec<f32>, Error> {
        let samples: Vec<u8> = prepared.iter().flat_map(|prepared| &prepared.samples).copied().collect();
        match (&self.bundle.network, &self.bundle.manifest.model) {
            (Network::Features { encoder, head }, ClassifierConfig::Head { preprocessing, .. }) => {
                let numbers = photo_numbers(&samples, preprocessing);
                let Preprocessing { height, width, .. } = *preprocessing;
                let seen = encoder.encode(&numbers, prepared.len(), height, width)?;
                Ok(head_logits(head, &self.bundle.parameters, &seen.numbers, seen.regions))
            }
            _ => self.logits_of_levels(&samples),
        }
    }

    /// Scores `[pictures, classes]` of pictures given as grey levels `[pictures, height, width]` on a dark ground.
    ///
    /// # Errors
    /// A classifier that reads photos, and levels that are not those of whole pictures.
    pub fn logits_of_levels(&self, levels: &[u8]) -> Result<Vec<f32>, Error> {
        let ClassifierBundle { network, parameters, manifest, .. } = &self.bundle;
        let refused = |expected| Err(Error::Levels { found: levels.len(), expected });
        let (Network::Pictures(network), ClassifierConfig::Network { input, .. }) = (network, &manifest.model) else {
            return refused("photos: this classifier reads what an encoder sees in them".to_owned());
        };
        if !levels.len().is_multiple_of(input.pixels()) {
            return refused(format!("pictures of {} by {} pixels", input.width, input.height));
        }
        Ok(network_logits(network, parameters, input, levels))
    }

    /// Calibrated probabilities of scores, both `[pictures, classes]`.
    ///
    /// # Panics
    /// If the scores are not those of whole pictures.
    pub fn probabilities(&self, logits: &[f32]) -> Vec<f32> {
        let manifest = &self.bundle.manifest;
        probabilities(logits, manifest.classes.len(), manifest.temperature)
    }
}

/// The numbers of photos of the encoder's size, one after the other.
fn photo_numbers(samples: &[u8], how: &Preprocessing) -> Vec<f32> {
    let Preprocessing { width, height, .. } = *how;
    let photos = samples.par_chunks_exact(width * height * 3);
    let numbers = photos.map(|pixels| preprocess(&Picture { width, height, pixels: pixels.to_vec() }, how));
    numbers.collect::<Vec<_>>().concat()
}
