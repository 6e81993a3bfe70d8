//! The gradients of one batch: its photos shared out among the threads.

use nid_autograd::{Graph, Parameters, Tensor};
use nid_data::vocabulary::{END, START};
use nid_nn::decoder::{Lesson, Teaching, teach};

use super::{CaptionerTask, Example};
use crate::order::{Purpose, random};
use crate::parts::{Part, gather};

/// Captions, and words with their ends, of some photos.
pub(super) fn sizes(examples: &[&Example]) -> (usize, usize) {
    let captions = examples.iter().map(|example| example.captions.len()).sum();
    let words = examples.iter().flat_map(|example| &example.captions).map(|words| words.len() + 1).sum();
    (captions, words)
}

/// Adds the gradients of `examples` up, and their cross-entropy: each thread takes every n-th photo.
pub(super) fn gradients(
    task: &CaptionerTask,
    parameters: &Parameters,
    examples: &[&Example],
    teaching: Teaching,
    moment: u64,
) -> Part {
    let threads = rayon::current_num_threads();
    let count = threads.min(examples.len());
    gather(count, |thread| {
        let mine: Vec<&Example> = examples.iter().skip(thread).step_by(count).copied().collect();
        part(task, parameters, &mine, teaching, moment * threads as u64 + thread as u64)
    })
}

fn part(task: &CaptionerTask, parameters: &Parameters, examples: &[&Example], teaching: Teaching, moment: u64) -> Part {
    let features = &task.train.features;
    let rows: Vec<usize> = examples.iter().map(|example| example.row).collect();
    let shape = [rows.len(), features.regions(), features.channels()];
    let regions = Tensor::new(&shape, features.rows(&rows));
    let captions: Vec<(usize, &[u32])> = examples
        .iter()
        .enumerate()
        .flat_map(|(owner, example)| example.captions.iter().map(move |words| (owner, words.as_slice())))
        .collect();
    let lesson = Lesson { features: &regions, captions: &captions, start: START, end: END };
    let graph = Graph::training(parameters, random(task.run.seed, Purpose::Dropout, moment));
    let taught = teach(&task.decoder, &graph, lesson, teaching);
    (graph.backward(&taught.loss), taught.cross_entropy)
}
