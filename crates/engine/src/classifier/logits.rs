//! Scores of all classes, for many pictures at once.
//!
//! Pictures go through the network in chunks of a fixed size, which the threads of the current rayon pool share: how
//! many threads there are decides how soon the scores are there, never what they are.
//!
//! Shapes: `N` pictures, `R` regions, `C` channels, `K` classes.

use nid_autograd::{Graph, Parameters, Tensor, Trace, Var};
use nid_nn::classifier::{Classifier, Head};
use rayon::prelude::*;

use crate::bundle::Input;

/// What the first axis of pictures, features and scores counts.
const COUNTS: &str = "pictures";
/// Pictures that go through a network together.
const CHUNK: usize = 32;

/// Scores `[N, K]` of pictures given as grey levels `[N, height, width]` on a dark ground.
///
/// # Panics
/// If the levels are not those of whole pictures of the network's size.
pub fn network_logits(network: &Classifier, parameters: &Parameters, input: &Input, levels: &[u8]) -> Vec<f32> {
    let [height, width, channels] = network.input();
    in_chunks(levels, height * width * channels, |levels, count| {
        let pictures = Tensor::new(&[count, height, width, channels], input.numbers(levels));
        scores(network, &Graph::inference(parameters), input, &Var::constant(pictures))
    })
}

/// Scores `[N, K]` of `pictures` `[N, height, width, 1]`, seen in a mirror too where the bundle says so.
fn scores(network: &Classifier, graph: &Graph<'_>, input: &Input, pictures: &Var) -> Var {
    let seen = network.logits(graph, pictures);
    if !input.mirror {
        return seen;
    }
    let mirrored = network.logits(graph, &graph.mirror(pictures));
    graph.scale(&graph.add(&seen, &mirrored), 0.5)
}

/// [`network_logits`] written down: from `pictures` `[N, height, width, 1]` to `logits` `[N, K]`.
pub(crate) fn trace_network(network: &Classifier, parameters: &Parameters, input: &Input) -> Trace {
    let [height, width, channels] = network.input();
    trace(parameters, "pictures", &[height, width, channels], |graph, pictures| scores(network, graph, input, pictures))
}

/// [`head_logits`] written down: from `features` `[N, regions, C]` to `logits` `[N, K]`.
pub(crate) fn trace_head(head: &Head, parameters: &Parameters, regions: usize) -> Trace {
    trace(parameters, "features", &[regions, head.channels()], |graph, features| head.logits(graph, features))
}

/// Writes down what `logits` makes of an input of this name and this shape of each picture.
fn trace(parameters: &Parameters, name: &str, shape: &[usize], logits: impl FnOnce(&Graph<'_>, &Var) -> Var) -> Trace {
    let graph = Graph::tracing(parameters);
    let example = Tensor::new(&[&[1], shape].concat(), vec![0.0; shape.iter().product()]);
    let scores = logits(&graph, &graph.input(name, COUNTS, example));
    graph.into_trace(&[(["logits", COUNTS], &scores)])
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
