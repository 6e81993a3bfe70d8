//! The gradients of one step.

use nid_autograd::{Graph, Parameters};

use super::ClassifierTask;
use crate::Moment;
use crate::order::{Purpose, random};
use crate::parts::{Part, gather};

/// Pictures that one graph holds. Batch normalisation sees a part alone, so its size is fixed: what is learnt does not
/// depend on how many threads there are.
const PART: usize = 32;

/// Adds up the gradients of the mean loss over these examples, and their cross-entropy.
pub(super) fn gradients(task: &ClassifierTask, parameters: &Parameters, examples: &[usize], moment: Moment) -> Part {
    let parts = parts(examples);
    let seed = task.run.seed;
    let look = |example: usize| random(seed, Purpose::View, (moment.epoch * task.train.len() + example) as u64);
    gather(parts.len(), |index| {
        let stream = (moment.step * task.run.training.step_size() + index) as u64;
        let graph = Graph::training(parameters, random(seed, Purpose::Dropout, stream));
        let logits = task.learner.logits(&graph, parts[index], look);
        let labels: Vec<u32> = parts[index].iter().map(|&example| task.train[example] as u32).collect();
        let sum = graph.cross_entropy(&logits, &labels, task.run.training.smoothing);
        let loss = graph.scale(&sum, 1.0 / examples.len() as f32);
        (graph.backward(&loss), sum.value().data()[0])
    })
}

/// Parts of about the same size: a last one of a picture or two would be normalised by itself.
fn parts(examples: &[usize]) -> Vec<&[usize]> {
    let count = examples.len().div_ceil(PART);
    let end = |part: usize| part * examples.len() / count.max(1);
    (0..count).map(|part| &examples[end(part)..end(part + 1)]).collect()
}
