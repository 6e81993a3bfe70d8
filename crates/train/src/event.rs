//! What a training run says while it runs.

use serde::Serialize;

use crate::{Judgement, Output};

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
        /// What the network can say.
        output: Output,
    },
    /// A step was taken.
    Step {
        /// Steps taken so far.
        step: usize,
        /// The epoch it belongs to, from 0.
        epoch: usize,
        /// Mean cross-entropy, smoothing included.
        loss: f32,
        /// The learning rate it was taken at.
        rate: f64,
        /// The length of all gradients as one vector, before clipping.
        gradient: f64,
        /// Captions or pictures it learnt from.
        examples: usize,
    },
    /// The weights were judged by what is not learnt from.
    Evaluated {
        /// Steps taken so far.
        step: usize,
        /// Epochs taken so far.
        epoch: usize,
        /// How good they are.
        #[serde(flatten)]
        judgement: Judgement,
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
