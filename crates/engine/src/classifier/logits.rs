//! Scores of all classes, for many pictures at once.
//!
//! Pictures go through the network in chunks of a fixed size, which the threads of the current rayon pool share: how
//! many threads there are decides how soon the scores are there, never what they are.
//!
//! Shapes: `N` pictures, `R` regions, `C` channels, `K` classes.

use nid_autograd::{Graph, Parameters, Tensor, Var};
use nid_nn::classifier::{Classifier, Head};
use rayon::prelude::*;

use crate::bundle::Input;

/// Pictures that go through a network together.
const CHUNK: usize = 32;

/// Scores `[N, K]` of pictures given as grey levels `[N, height, width]` on a dark ground.
///
/// # Panics
/// If the levels are not those of whole pictures of the network's size.
pub fn network_logits(network: &Classifier, parameters: &Parameters, input: &Input, levels: &[u8]) -> Vec<f32> {
    let [height, width, channels] = network.input();
    in_chunks(levels, height * width * channels, |levels, pictures| {
        let graph = Graph::inference(parameters);
        let logits = |levels: &[u8]| {
            let numbers = Tensor::new(&[pictures, height, width, channels], input.numbers(levels));
            network.logits(&graph, &Var::constant(numbers))
        };
        let seen = logits(levels);
        if !input.mirror {
            return seen;
        }
        let mirrored: Vec<u8> = levels.chunks_exact(width).flat_map(|row| row.iter().rev()).copied().collect();
        graph.scale(&graph.add(&seen, &logits(&mirrored)), 0.5)
    })
}

/// Scores `[N, K]` of photos given as what an encoder sees in them, `[N, regions, C]`.
///
/// # Panics
/// If the features are not those of whole photos of so many regions.
pub fn head_logits(head: &Head, parameters: &Parameters, features: &[f32], regions: usize) -> Vec<f32> {
    let channels = head.channels();
    in_chunks(features, regions * channels, |features, photos| {
        let features = Var::constant(Tensor::new(&[photos, regions, channels], features.to_vec()));
        head.logits(&Graph::inference(parameters), &features)
    })
}

/// Runs `logits` over chunks of rows of `length`, and puts its results together.
fn in_chunks<T: Sync>(rows: &[T], length: usize, logits: impl Fn(&[T], usize) -> Var + Sync) -> Vec<f32> {
    assert!(rows.len().is_multiple_of(length), "{} numbers in rows of {length}", rows.len());
    let chunks = rows.par_chunks(CHUNK * length);
    let found: Vec<Vec<f32>> = chunks.map(|rows| logits(rows, rows.len() / length).value().data().to_vec()).collect();
    found.concat()
}
