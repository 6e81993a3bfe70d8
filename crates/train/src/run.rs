//! A run: one file that says everything.

use std::path::{Path, PathBuf};

use nid_engine::bundle::Search;
use nid_engine::{Preprocessing, config};
use nid_nn::decoder;
use serde::{Deserialize, Serialize};

use crate::Error;

/// What `runs/NAME.toml` holds. Unknown keys are errors.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Run {
    /// Everything random follows from this number and the step.
    #[serde(default)]
    pub seed: u64,
    /// Where checkpoints, events and the best bundle go.
    pub output: PathBuf,
    /// A bundle whose decoder weights and vocabulary to start from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub init: Option<String>,
    /// Photos and captions.
    pub data: Data,
    /// The encoder, which is not trained.
    #[serde(default)]
    pub encoder: Encoder,
    /// The decoder.
    pub decoder: decoder::Config,
    /// How to train.
    #[serde(default)]
    pub training: Training,
    /// How captions are searched for, in evaluation and in the bundle that comes of it.
    #[serde(default)]
    pub search: Search,
}

/// Photos and captions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Data {
    /// The folder of photos.
    pub photos: PathBuf,
    /// A captions file of any known form, or a folder of `.txt` files beside photos.
    pub captions: PathBuf,
    /// The photos to learn from: a file of names, or `dataset.json:train`.
    pub train: PathBuf,
    /// The photos to judge by.
    pub dev: PathBuf,
    /// Words seen less often in training captions become `<unk>`.
    #[serde(default = "five")]
    pub threshold: usize,
    /// Where features are kept between runs.
    #[serde(default = "cache")]
    pub cache: PathBuf,
}

fn five() -> usize {
    5
}

fn cache() -> PathBuf {
    "cache".into()
}

/// The encoder.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Encoder {
    /// Its name.
    pub architecture: String,
    /// Its weights, a safetensors file; those of an embedded model where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weights: Option<PathBuf>,
    /// How pictures are made ready for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preprocessing: Option<Preprocessing>,
}

impl Default for Encoder {
    fn default() -> Self {
        Self { architecture: "efficientnet-lite2".into(), weights: None, preprocessing: None }
    }
}

/// How to train.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Training {
    /// Times through the photos.
    pub epochs: usize,
    /// Photos a step, each with all its captions.
    pub batch: usize,
    /// Batches whose gradients are added before a step is taken.
    pub accumulate: usize,
    /// The greatest learning rate.
    pub learning_rate: f64,
    /// Steps over which the rate rises from nothing.
    pub warmup: usize,
    /// How it falls.
    pub schedule: crate::Schedule,
    /// AdamW's decoupled weight decay.
    pub weight_decay: f64,
    /// The greatest length of all gradients as one vector.
    pub clip: f64,
    /// Label smoothing.
    pub smoothing: f32,
    /// λ of the doubly stochastic regulariser.
    pub attention_penalty: f32,
    /// The chance, at the end of training, that a step reads the decoder's own last word; it rises evenly from 0.
    pub scheduled_sampling: f32,
    /// Epochs between evaluations.
    pub evaluate_every: usize,
    /// How many dev photos an evaluation looks at; 0 for all.
    pub dev_photos: usize,
    /// What decides which weights are kept.
    pub keep: Keep,
    /// Evaluations without a better one before training stops; 0 for never.
    pub patience: usize,
    /// Seconds between checkpoints.
    pub checkpoint_seconds: u64,
}

impl Default for Training {
    fn default() -> Self {
        Self {
            epochs: 10,
            batch: 24,
            accumulate: 1,
            learning_rate: 1e-3,
            warmup: 300,
            schedule: crate::Schedule::Cosine { floor: 0.05 },
            weight_decay: 1e-4,
            clip: 2.0,
            smoothing: 0.1,
            attention_penalty: 0.0,
            scheduled_sampling: 0.0,
            evaluate_every: 1,
            dev_photos: 0,
            keep: Keep::Cider,
            patience: 4,
            checkpoint_seconds: 120,
        }
    }
}

/// What decides which weights are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Keep {
    /// CIDEr-D.
    #[serde(rename = "CIDEr")]
    Cider,
    /// BLEU-4.
    #[serde(rename = "Bleu_4")]
    Bleu4,
}

impl Run {
    /// Reads a run file.
    ///
    /// # Errors
    /// If it cannot be read, is not TOML, or has a key or a value that does not belong; the nearest known key is named.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let run: Self = config::read(path)?;
        run.check(path)?;
        Ok(run)
    }

    fn check(&self, path: &Path) -> Result<(), Error> {
        let (training, decoder) = (&self.training, &self.decoder);
        let counts = [training.epochs, training.batch, training.accumulate, training.evaluate_every];
        let widths = [decoder.projection, decoder.embedding, decoder.hidden, decoder.attention];
        let shares = [decoder.dropout, training.smoothing, training.scheduled_sampling];
        let is_positive = |number: f64| number.is_finite() && number > 0.0;
        let is_penalty = |number: f64| number.is_finite() && number >= 0.0;
        let problem = if counts.contains(&0) {
            "epochs, batch, accumulate and evaluate_every must be at least 1"
        } else if widths.contains(&0) {
            "the decoder's widths must be at least 1"
        } else if !shares.iter().all(|share| (0.0..1.0).contains(share)) {
            "dropout, smoothing and scheduled_sampling must be at least 0 and less than 1"
        } else if !is_positive(training.learning_rate) || !is_positive(training.clip) {
            "learning_rate and clip must be numbers above 0"
        } else if !is_penalty(training.weight_decay) || !is_penalty(training.attention_penalty.into()) {
            "weight_decay and attention_penalty must be numbers of at least 0"
        } else if !training.schedule.is_finite() {
            "the schedule's floor and factor must be numbers of at least 0"
        } else {
            return Ok(());
        };
        Err(Error::Value { path: path.into(), problem })
    }
}
