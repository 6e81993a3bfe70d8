//! What a classifier says of pictures whose classes are known.

use std::path::PathBuf;

use anyhow::{Result, bail};
use nid_data::photos::display;
use nid_data::picture::Picture;
use nid_engine::report::Photo;
use nid_engine::{Classifier, Error, Ground};
use nid_metrics::classification::top;
use serde::Serialize;

use super::truth::{Small, Truth};
use crate::evaluate::Arguments;
use crate::interrupt::{self, Interrupted};
use crate::message::{self, Tally};
use crate::pictures::{Batches, Found, Reader};
use crate::progress::Progress;

/// Small pictures that go through a network between two looks at Ctrl-C.
const CHUNK: usize = 256;

/// What a classifier says of pictures.
#[derive(Default)]
pub(super) struct Judged {
    /// `[pictures, classes]`, all finite.
    pub(super) logits: Vec<f32>,
    /// The true class of each picture.
    pub(super) labels: Vec<usize>,
    pub(super) photos: Vec<Photo>,
    pub(super) tally: Tally,
}

impl Judged {
    /// Shows the pictures to the classifier.
    ///
    /// # Errors
    /// Ctrl-C; scores that are not finite, for the evaluation of what is left would be of another model.
    pub(super) fn of(classifier: &Classifier, truth: &Truth, arguments: &Arguments) -> Result<Self> {
        let judged = match truth {
            Truth::Small { test, .. } => Self::of_small(classifier, test, arguments.work.quiet),
            Truth::Files(files) => Self::of_files(classifier, files, arguments),
        }?;
        if !judged.logits.iter().all(|score| score.is_finite()) {
            bail!("{}: {}", arguments.model, Error::Scores);
        }
        Ok(judged)
    }

    fn of_small(classifier: &Classifier, small: &Small, quiet: bool) -> Result<Self> {
        let Small { set, labels } = small;
        let progress = Progress::new(Some(labels.len()), "pictures", quiet);
        let photos = (0..labels.len()).map(|place| small.photo(place)).collect();
        let mut judged = Self { labels: labels.clone(), photos, ..Self::default() };
        for levels in set.pixels.chunks(CHUNK * set.height * set.width) {
            if interrupt::is_pressed() {
                return Err(Interrupted.into());
            }
            judged.logits.extend(classifier.logits_of_levels(levels, [set.height, set.width])?);
            judged.tally.done += levels.len() / (set.height * set.width);
            progress.at(judged.tally.done);
        }
        Ok(judged)
    }

    fn of_files(classifier: &Classifier, files: &[(PathBuf, usize)], arguments: &Arguments) -> Result<Self> {
        let progress = Progress::new(Some(files.len()), "pictures", arguments.work.quiet);
        let preparation = classifier.preparation(Ground::Auto);
        let ready = move |picture: &Picture, _: &[u8]| Ok(preparation.prepare(picture)?);
        let reader = Reader { limits: arguments.work.limits(), ready };
        let found: Vec<Found> = files.iter().map(|(path, _)| Ok(path.clone())).collect();
        let mut judged = Self::default();
        let count = classifier.bundle.manifest.classes.len();
        let batches = Batches::of(found.into_iter(), reader, arguments.work.batch);
        for (batch, files) in batches.zip(files.chunks(arguments.work.batch.get())) {
            let said = batch?.through(|prepared| {
                let logits = classifier.logits(&prepared)?;
                Ok(logits.chunks_exact(count).map(<[f32]>::to_vec).collect())
            })?;
            for (outcome, file) in said.into_iter().zip(files) {
                match outcome.result {
                    Ok(logits) => judged.add(&logits, file),
                    Err(error) => {
                        judged.tally.skipped += 1;
                        progress.aside(|| message::say(&error));
                    }
                }
            }
            progress.at(judged.tally.done + judged.tally.skipped);
        }
        Ok(judged)
    }

    fn add(&mut self, logits: &[f32], (path, label): &(PathBuf, usize)) {
        self.tally.done += 1;
        self.logits.extend(logits);
        self.labels.push(*label);
        self.photos.push(Photo::File(path.clone()));
    }
}

/// What `--predictions` has of a picture.
#[derive(Serialize)]
pub(super) struct Prediction<'a> {
    /// The picture's file, where it has one of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    label: &'a str,
    predicted: &'a str,
    /// Of the class that was predicted, calibrated.
    probability: f32,
}

impl Judged {
    pub(super) fn predictions<'a>(&self, classifier: &'a Classifier) -> Vec<Prediction<'a>> {
        let classes = &classifier.bundle.manifest.classes;
        let probabilities = classifier.probabilities(&self.logits);
        let prediction = |picture: usize| {
            let row = picture * classes.len()..(picture + 1) * classes.len();
            let said = top(&self.logits[row.clone()]);
            let path = match &self.photos[picture] {
                Photo::File(path) => Some(display(path)),
                Photo::Pixels(_) => None,
            };
            let (label, probability) = (&classes[self.labels[picture]], probabilities[row][said]);
            Prediction { path, label, predicted: &classes[said], probability }
        };
        (0..self.labels.len()).map(prediction).collect()
    }
}
