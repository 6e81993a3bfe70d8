//! A bundle at work: pictures in, captions out.

use nid_autograd::Packs;
use nid_data::picture::Picture;
use nid_decode::{Sentence, Settings};
use nid_nn::decoder::Reader;
use rayon::prelude::*;

use crate::preprocessing::preprocess;
use crate::{Bundle, Error};

/// What is said of a picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Caption {
    /// The words, as the model says them; see [`sentence`](crate::sentence).
    pub caption: String,
    /// How likely the model finds them: see [`nid_decode`].
    pub score: f64,
}

/// Describes pictures, from any number of threads.
pub struct Captioner {
    /// What it runs.
    pub bundle: Bundle,
    /// The decoder's weights, laid out for products.
    packs: Packs,
}

impl Captioner {
    /// A captioner that runs this bundle.
    pub fn new(bundle: Bundle) -> Self {
        Self { bundle, packs: Packs::default() }
    }

    /// The bundle's own search settings; only words of a caption may be said.
    pub fn settings(&self) -> Settings {
        self.bundle.manifest.search.settings(&self.bundle.vocabulary)
    }

    /// What the encoder sees in pictures, `[pictures, regions, channels]`.
    ///
    /// # Errors
    /// If the bundle has no encoder, or pictures of its size do not fit it.
    pub fn features(&self, pictures: &[Picture]) -> Result<Vec<f32>, Error> {
        let encoder = self.bundle.encoder()?;
        let how = &self.bundle.manifest.preprocessing;
        let prepared: Vec<Vec<f32>> = pictures.par_iter().map(|picture| preprocess(picture, how)).collect();
        let seen = encoder.encode(&prepared.concat(), pictures.len(), how.height, how.width)?;
        Ok(seen.numbers)
    }

    /// Captions of features `[pictures, regions, channels]`: for each picture a list, best first.
    ///
    /// `seeds` has one number a picture, which sampling draws from: [`seed_of`](crate::seed_of). The pictures are
    /// shared out among the threads of the current rayon pool.
    ///
    /// # Errors
    /// Features that are not as many as the pictures need, and settings that contradict themselves or each other.
    pub fn captions_of_features(
        &self,
        features: &[f32],
        seeds: &[u64],
        settings: &Settings,
    ) -> Result<Vec<Vec<Caption>>, Error> {
        settings.check(self.bundle.vocabulary.len())?;
        let [regions, channels] = self.bundle.feature_shape()?;
        let (pictures, each) = (seeds.len(), regions * channels);
        if features.len() != pictures * each {
            return Err(Error::FeatureCount { found: features.len(), pictures, expected: pictures * each });
        }
        let Bundle { decoder, parameters, vocabulary, .. } = &self.bundle;
        let found = Reader::new(decoder, parameters, &self.packs).describe(features, regions, seeds, settings)?;
        let caption =
            |sentence: Sentence| Caption { caption: vocabulary.decode(&sentence.words), score: sentence.score };
        Ok(found.into_iter().map(|sentences| sentences.into_iter().map(caption).collect()).collect())
    }

    /// Captions of pictures: for each a list, best first; see [`Captioner::captions_of_features`].
    ///
    /// # Errors
    /// As [`Captioner::features`] and [`Captioner::captions_of_features`].
    pub fn caption(
        &self,
        pictures: &[Picture],
        seeds: &[u64],
        settings: &Settings,
    ) -> Result<Vec<Vec<Caption>>, Error> {
        self.captions_of_features(&self.features(pictures)?, seeds, settings)
    }
}
