//! The gradients of one batch: its photos shared out among the threads.

use nid_autograd::{Gradients, Graph, Tensor};
use nid_data::vocabulary::{END, START};
use nid_nn::decoder::{Lesson, Teaching, teach};
use rayon::prelude::*;

use crate::order::{Purpose, random};
use crate::{Example, Session};

/// Captions, and words with their ends, of some photos.
pub(crate) fn sizes(examples: &[&Example]) -> (usize, usize) {
    let captions = examples.iter().map(|example| example.captions.len()).sum();
    let words = examples.iter().flat_map(|example| &example.captions).map(|words| words.len() + 1).sum();
    (captions, words)
}

/// Adds the gradients of `examples` up, and their cross-entropy.
///
/// Each thread takes every n-th photo with a graph of its own; parts are added in a fixed order.
pub(crate) fn gradients(session: &Session, examples: &[&Example], teaching: Teaching, moment: u64) -> (Gradients, f32) {
    let threads = rayon::current_num_threads().min(examples.len());
    let parts: Vec<(Gradients, f32)> = (0..threads)
        .into_par_iter()
        .map(|thread| {
            let mine: Vec<&Example> = examples.iter().skip(thread).step_by(threads).copied().collect();
            part(session, &mine, teaching, moment * rayon::current_num_threads() as u64 + thread as u64)
        })
        .collect();
    let mut parts = parts.into_iter();
    let (mut sum, mut cross_entropy) = parts.next().unwrap_or_default();
    for (gradients, more) in parts {
        sum.add(gradients);
        cross_entropy += more;
    }
    (sum, cross_entropy)
}

fn part(session: &Session, examples: &[&Example], teaching: Teaching, moment: u64) -> (Gradients, f32) {
    let features = &session.train.features;
    let rows: Vec<usize> = examples.iter().map(|example| example.row).collect();
    let shape = [rows.len(), features.regions(), features.channels()];
    let regions = Tensor::new(&shape, features.rows(&rows));
    let captions: Vec<(usize, &[u32])> = examples
        .iter()
        .enumerate()
        .flat_map(|(owner, example)| example.captions.iter().map(move |words| (owner, words.as_slice())))
        .collect();
    let lesson = Lesson { features: &regions, captions: &captions, start: START, end: END };
    let graph = Graph::training(&session.parameters, random(session.run.seed, Purpose::Dropout, moment));
    let taught = teach(&session.decoder, &graph, lesson, teaching);
    (graph.backward(&taught.loss), taught.cross_entropy)
}
