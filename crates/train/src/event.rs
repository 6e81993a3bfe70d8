//! What a training run says while it runs.

use nid_metrics::Scores;
use serde::Serialize;

/// One thing that happened. Written as a line of JSON, and told to whoever started the run.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// Training begins, anew or from a checkpoint.
    Started {
        /// The step that comes first.
        step: usize,
        /// Steps in all.
        steps: usize,
        /// Numbers that are learnt.
        parameters: usize,
        /// Words known, special ones included.
        vocabulary: usize,
    },
    /// A step was taken.
    Step {
        /// Steps taken so far.
        step: usize,
        /// The epoch it belongs to, from 0.
        epoch: usize,
        /// Mean cross-entropy a word, smoothing included.
        loss: f32,
        /// The learning rate it was taken at.
        rate: f64,
        /// The length of all gradients as one vector, before clipping.
        gradient: f64,
        /// Captions it learnt from.
        captions: usize,
    },
    /// Captions of the dev photos were searched for and scored.
    Evaluated {
        /// Steps taken so far.
        step: usize,
        /// Epochs taken so far.
        epoch: usize,
        /// Their scores.
        scores: Scores,
        /// Whether these weights are the best so far and were kept.
        best: bool,
    },
    /// A checkpoint was written.
    Checkpoint {
        /// Steps taken so far.
        step: usize,
    },
    /// Training ends.
    Finished {
        /// Why.
        reason: Finish,
    },
}

/// Why training ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Finish {
    /// All epochs were run.
    Complete,
    /// Nothing better came for as long as patience goes.
    Patience,
    /// It was asked to stop; it can be resumed.
    Interrupted,
}
