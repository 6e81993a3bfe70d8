//! A classifier's bundle at work: pictures in, a probability for each class out.

mod ground;
mod logits;

use nid_data::picture::Picture;
use nid_metrics::classification::probabilities;
use rayon::prelude::*;

pub use ground::{Background, Ground, Shade, ToldBy};
pub use logits::{head_logits, network_logits};
pub(crate) use logits::{trace_head, trace_network};

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
    /// Height and width.
    sides: [usize; 2],
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
    /// A picture of one pixel, and one in which nothing stands out from the ground.
    pub fn prepare(&self, picture: &Picture) -> Result<Prepared, Error> {
        if (picture.width, picture.height) == (1, 1) {
            return Err(Error::OnePixel);
        }
        Ok(match &self.reads {
            Reads::Levels(input) => {
                let (samples, background) = ground::levels(picture, self.ground, input)?;
                Prepared { samples, sides: [input.height, input.width], background: Some(background) }
            }
            &Reads::Photo(Preprocessing { width, height, fit, filter, .. }) => {
                let samples = picture.fit(width, height, fit, filter).pixels;
                Prepared { samples, sides: [height, width], background: None }
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
    /// A picture of one pixel, one whose scores are not finite, and pictures of the bundle's size that do not fit its
    /// encoder.
    pub fn classify(&self, pictures: &[Picture], ground: Ground) -> Result<Vec<Classified>, Error> {
        let preparation = self.preparation(ground);
        let prepared = pictures.par_iter().map(|picture| preparation.prepare(picture));
        self.classify_prepared(&prepared.collect::<Result<Vec<_>, _>>()?)?.into_iter().collect()
    }

    /// What each picture is taken for that its own [`Classifier::preparation`] has made ready; an error where its scores
    /// are not finite.
    ///
    /// # Errors
    /// Pictures that do not fit the bundle's encoder, or that were made ready for a classifier of another size.
    pub fn classify_prepared(&self, prepared: &[Prepared]) -> Result<Vec<Result<Classified, Error>>, Error> {
        let logits = self.logits(prepared)?;
        let rows = logits.chunks_exact(self.bundle.manifest.classes.len());
        let classified = |(row, prepared): (&[f32], &Prepared)| {
            let is_finite = row.iter().all(|score| score.is_finite());
            let classified = || Classified { probabilities: self.probabilities(row), background: prepared.background };
            is_finite.then(classified).ok_or(Error::Scores)
        };
        Ok(rows.zip(prepared).map(classified).collect())
    }

    /// Scores `[pictures, classes]` of pictures that its own [`Classifier::preparation`] has made ready.
    ///
    /// # Errors
    /// As [`Classifier::classify_prepared`].
    pub fn logits(&self, prepared: &[Prepared]) -> Result<Vec<f32>, Error> {
        let Some(first) = prepared.first() else { return Ok(Vec::new()) };
        let samples: Vec<u8> = prepared.iter().flat_map(|prepared| &prepared.samples).copied().collect();
        match (&self.bundle.network, &self.bundle.manifest.model) {
            (Network::Features { encoder, head }, ClassifierConfig::Head { preprocessing, .. }) => {
                let numbers = photo_numbers(&samples, preprocessing);
                let Preprocessing { height, width, .. } = *preprocessing;
                let seen = encoder.encode(&numbers, prepared.len(), height, width)?;
                Ok(head_logits(head, &self.bundle.parameters, &seen.numbers, seen.regions))
            }
            _ => {
                prepared.iter().try_for_each(|prepared| self.check_levels(prepared.sides))?;
                self.logits_of_levels(&samples, first.sides)
            }
        }
    }

    /// Whether pictures of this height and width, as grey levels, are what the classifier reads.
    ///
    /// # Errors
    /// A classifier that reads photos, and one that reads pictures of another size.
    pub fn check_levels(&self, sides: [usize; 2]) -> Result<(), Error> {
        self.reading(sides).map(drop)
    }

    /// Scores `[pictures, classes]` of pictures given as grey levels `[pictures, height, width]` on a dark ground.
    ///
    /// # Errors
    /// As [`Classifier::check_levels`], and levels that are not those of whole pictures.
    pub fn logits_of_levels(&self, levels: &[u8], sides: [usize; 2]) -> Result<Vec<f32>, Error> {
        let (network, input) = self.reading(sides)?;
        if !levels.len().is_multiple_of(input.pixels()) {
            let expected = format!("those of whole pictures of {} by {} pixels", input.width, input.height);
            return Err(Error::Levels { found: format!("{} grey levels", levels.len()), expected });
        }
        Ok(network_logits(network, &self.bundle.parameters, input, levels))
    }

    /// The network that reads grey pictures of this height and width.
    fn reading(&self, [height, width]: [usize; 2]) -> Result<(&nid_nn::classifier::Classifier, &Input), Error> {
        let refused = |expected| {
            let found = format!("grey pictures of {width} by {height} pixels");
            Err(Error::Levels { found, expected })
        };
        match (&self.bundle.network, &self.bundle.manifest.model) {
            (Network::Pictures(network), ClassifierConfig::Network { input, .. }) => {
                if [input.height, input.width] == [height, width] {
                    return Ok((network, input));
                }
                refused(format!("{} by {}, which the model reads", input.width, input.height))
            }
            _ => refused("photos in class folders: the model reads what an encoder sees in them".to_owned()),
        }
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
