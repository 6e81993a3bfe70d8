//! How to train, whatever is learnt.

use serde::{Deserialize, Serialize};

use crate::Schedule;

/// The table `[training]` of a run file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Training {
    /// Times through the examples.
    pub epochs: usize,
    /// Photos a step, each with all its captions, or pictures a step.
    pub batch: usize,
    /// Batches whose gradients are added before a step is taken.
    pub accumulate: usize,
    /// The greatest learning rate.
    pub learning_rate: f64,
    /// Steps over which the rate rises from nothing; a twentieth of all where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warmup: Option<usize>,
    /// How it falls.
    pub schedule: Schedule,
    /// AdamW's decoupled weight decay.
    pub weight_decay: f64,
    /// The greatest length of all gradients as one vector.
    pub clip: f64,
    /// Label smoothing.
    pub smoothing: f32,
    /// Judges and keeps running averages of the weights, of which each step leaves this share; their own where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub average: Option<f64>,
    /// Epochs between evaluations.
    pub evaluate_every: usize,
    /// What decides which weights are kept: CIDEr of captions and the accuracy of classes, where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keep: Option<Keep>,
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
            warmup: None,
            schedule: Schedule::Cosine { floor: 0.05 },
            weight_decay: 1e-4,
            clip: 2.0,
            smoothing: 0.1,
            average: None,
            evaluate_every: 1,
            keep: None,
            patience: 4,
            checkpoint_seconds: 120,
        }
    }
}

/// What decides which weights are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Keep {
    /// CIDEr-D of captions.
    #[serde(rename = "CIDEr")]
    Cider,
    /// BLEU-4 of captions.
    #[serde(rename = "Bleu_4")]
    Bleu4,
    /// The share of pictures whose class is told.
    #[serde(rename = "accuracy")]
    Accuracy,
    /// The cross-entropy of classes, the less the better.
    #[serde(rename = "loss")]
    Loss,
}

/// The most epochs or examples that make sense; so many times so many can still be counted.
const MOST: usize = 1_000_000;

impl Training {
    /// Examples of one step of the optimiser.
    #[must_use]
    pub fn step_size(&self) -> usize {
        self.batch * self.accumulate
    }

    /// The learning rate of a step.
    pub(crate) fn rate(&self, step: usize, steps: usize) -> f64 {
        self.learning_rate * self.schedule.share(step, steps, self.warmup.unwrap_or(steps / 20))
    }

    /// What must hold and does not, for weights that can be kept by one of `keeps`.
    pub(crate) fn problem(&self, keeps: [Keep; 2]) -> Option<&'static str> {
        let counts = [self.epochs, self.batch, self.accumulate, self.evaluate_every];
        let is_positive = |number: f64| number.is_finite() && number > 0.0;
        if !counts.iter().all(|count| (1..=MOST).contains(count)) {
            Some("epochs, batch, accumulate and evaluate_every must be at least 1 and at most a million")
        } else if !(0.0..1.0).contains(&self.smoothing) {
            Some("smoothing must be at least 0 and less than 1")
        } else if !is_positive(self.learning_rate) || !is_positive(self.clip) {
            Some("learning_rate and clip must be numbers above 0")
        } else if !(0.0..f64::INFINITY).contains(&self.weight_decay) {
            Some("weight_decay must be a number of at least 0")
        } else if self.average.is_some_and(|share| !(0.0..1.0).contains(&share)) {
            Some("average must be at least 0 and less than 1")
        } else if !self.schedule.is_finite() {
            Some("the schedule's floor and factor must be numbers of at least 0")
        } else if self.keep.is_some_and(|keep| !keeps.contains(&keep)) {
            Some("keep must be CIDEr or Bleu_4 where captions are learnt, accuracy or loss where classes are")
        } else {
            None
        }
    }
}
