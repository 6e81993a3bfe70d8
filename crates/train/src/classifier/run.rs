//! What there is to say of a classifier's training.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use nid_data::augmentation::Augmentation;
use nid_data::labelled::Part;
use nid_nn::classifier::{Config, HeadConfig};
use serde::{Deserialize, Serialize};

use crate::run::{EncoderChoice, cache};
use crate::{Keep, Schedule, Training};

/// What the run file of a classifier holds: a `[classifier]` that looks at small grey pictures itself, or a `[head]`
/// over an encoder's features of photos. Unknown keys are errors.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClassifierRun {
    /// Everything random follows from this number and the step, but for which pictures are held out.
    #[serde(default)]
    pub seed: u64,
    /// Where checkpoints, events and the best bundle go.
    pub output: PathBuf,
    /// A bundle of the same classes whose weights to start from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub init: Option<String>,
    /// Whether a network over pictures also looks at their mirror images, and takes the mean of both scores.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub mirror: bool,
    /// Pictures with labels.
    #[serde(default)]
    pub data: LabelledData,
    /// A network over pictures.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub classifier: Option<Config>,
    /// A network over features.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head: Option<HeadConfig>,
    /// The encoder that the features are of, which is not trained.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encoder: Option<EncoderChoice>,
    /// What is done to pictures before they are learnt from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub augmentation: Option<Augmentation>,
    /// How to train.
    #[serde(default)]
    pub training: Training,
}

/// Pictures with labels.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LabelledData {
    /// In any form that [`nid_data::labelled`] reads; where absent, Debian's package of Fashion-MNIST.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<PathBuf>,
    /// How many training pictures are held out to judge by: a number, or a share below 1. Where absent, 5,000 of
    /// Fashion-MNIST and a fifth of anything else.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub validation: Option<Validation>,
    /// Where features are kept between runs.
    pub cache: PathBuf,
}

impl Default for LabelledData {
    fn default() -> Self {
        Self { path: None, validation: None, cache: cache() }
    }
}

/// How many pictures are held out.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged, expecting = "expected a number of pictures, or a share below 1")]
pub enum Validation {
    /// So many.
    Count(usize),
    /// This share.
    Share(f64),
}

impl From<Validation> for Part {
    fn from(validation: Validation) -> Self {
        match validation {
            Validation::Count(count) => Self::Count(count),
            Validation::Share(share) => Self::Share(share),
        }
    }
}

/// Wider layers are slips of the pen, and would fill the memory.
const WIDEST: usize = 65_536;

impl ClassifierRun {
    /// A linear head over the default encoder, for the photos in a folder of class folders.
    #[must_use]
    pub fn of_photos(folder: PathBuf, output: PathBuf) -> Self {
        let training = Training {
            epochs: 60,
            batch: 32,
            learning_rate: 2e-3,
            schedule: Schedule::Cosine { floor: 0.01 },
            weight_decay: 0.02,
            patience: 0,
            ..Training::default()
        };
        Self {
            seed: 0,
            output,
            init: None,
            mirror: false,
            data: LabelledData {
                path: Some(folder),
                validation: Some(Validation::Share(0.2)),
                ..LabelledData::default()
            },
            classifier: None,
            head: Some(HeadConfig { hidden: None, dropout: 0.2 }),
            encoder: None,
            augmentation: None,
            training,
        }
    }

    /// What must hold and does not.
    pub(crate) fn problem(&self) -> Option<&'static str> {
        let is_head = self.head.is_some();
        let network = self.classifier.as_ref().map_or(1, Config::widest);
        let head = self.head.as_ref().and_then(|head| head.hidden).map_or(1, NonZeroUsize::get);
        let erase = self.augmentation.as_ref().map_or(0.0, |augmentation| augmentation.erase);
        if is_head == self.classifier.is_some() {
            Some("there must be one of the tables [classifier] and [head]")
        } else if is_head && (self.augmentation.is_some() || self.mirror) {
            Some("[augmentation] and mirror are for a [classifier]; a [head] learns from views of each photo anyway")
        } else if !is_head && self.encoder.is_some() {
            Some("[encoder] is for a [head]; a [classifier] looks at pictures itself")
        } else if network.max(head) > WIDEST {
            Some("hidden and width must be at most 65536")
        } else if !(0.0..=1.0).contains(&erase) {
            Some("erase must be at least 0 and at most 1")
        } else {
            self.training.problem([Keep::Accuracy, Keep::Loss])
        }
    }
}
