//! Gradients against finite differences.

use nid_autograd::{Graph, Initialiser, ParameterId, Parameters, Tensor, Var};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

pub(crate) const STEP: f32 = 1e-2;
const TOLERANCE: f32 = 2e-2;

/// Parameters of these shapes, drawn from a seed, and their places.
pub(crate) fn drawn(shapes: &[&[usize]]) -> (Parameters, Vec<ParameterId>) {
    let mut init = Initialiser::new(7);
    let ids = shapes.iter().enumerate().map(|(index, shape)| init.uniform(&index.to_string(), shape, 0.8)).collect();
    (init.finish(), ids)
}

/// A loss that no symmetry of the operation can hide from: the squares of numbers weighted unevenly.
pub(crate) fn uneven(graph: &Graph<'_>, x: &Var) -> Var {
    let count = x.value().data().len();
    let weights: Vec<f32> = (0..count).map(|i| ((i * 37 + 11) % 17) as f32 / 8.0 - 1.0).collect();
    let weighted = graph.multiply(x, &Var::constant(Tensor::new(x.value().shape(), weights)));
    graph.departure_from_one(&[weighted])
}

/// How a graph is begun.
type Start = for<'p> fn(&'p Parameters) -> Graph<'p>;

/// Compares the gradient of a loss of parameters of these shapes with its differences in inference.
pub(crate) fn check(shapes: &[&[usize]], loss: impl Fn(&Graph<'_>, &[Var]) -> Var) {
    check_from(|parameters| Graph::inference(parameters), shapes, loss);
}

/// [`check`] for what is another function in training.
pub(crate) fn check_in_training(shapes: &[&[usize]], loss: impl Fn(&Graph<'_>, &[Var]) -> Var) {
    check_from(training, shapes, loss);
}

pub(crate) fn training(parameters: &Parameters) -> Graph<'_> {
    Graph::training(parameters, ChaCha8Rng::seed_from_u64(0))
}

fn check_from(start: Start, shapes: &[&[usize]], loss: impl Fn(&Graph<'_>, &[Var]) -> Var) {
    let (mut parameters, ids) = drawn(shapes);
    let value = |parameters: &Parameters| {
        let graph = start(parameters);
        let inputs: Vec<Var> = ids.iter().map(|&id| graph.parameter(id)).collect();
        loss(&graph, &inputs).value().data()[0]
    };
    let gradients = {
        let graph = training(&parameters);
        let inputs: Vec<Var> = ids.iter().map(|&id| graph.parameter(id)).collect();
        let loss = loss(&graph, &inputs);
        graph.backward(&loss)
    };
    for (input, &id) in ids.iter().enumerate() {
        for place in 0..parameters.tensor(id).data().len() {
            let start = parameters.tensor(id).data()[place];
            let mut at = |x: f32| {
                parameters.tensor_mut(id).data_mut()[place] = x;
                value(&parameters)
            };
            let expected = (at(start + STEP) - at(start - STEP)) / (2.0 * STEP);
            at(start);
            let found = gradients.parameter(id).map_or(0.0, |gradient| gradient[place]);
            let near = (found - expected).abs() <= TOLERANCE * (1.0 + expected.abs());
            assert!(near, "input {input}, number {place}: {found}, by differences {expected}");
        }
    }
}
