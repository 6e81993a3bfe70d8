//! Every operation's gradient against finite differences, on tiny shapes.

use nid_autograd::{Graph, Initialiser, ParameterId, Parameters, Tensor, Var};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

const STEP: f32 = 1e-2;
const TOLERANCE: f32 = 2e-2;

/// Parameters of these shapes, drawn from a seed, and their places.
fn drawn(shapes: &[&[usize]]) -> (Parameters, Vec<ParameterId>) {
    let mut init = Initialiser::new(7);
    let ids = shapes.iter().enumerate().map(|(index, shape)| init.uniform(&index.to_string(), shape, 0.8)).collect();
    (init.finish(), ids)
}

/// A loss that no symmetry of the operation can hide from: the squares of numbers weighted unevenly.
fn uneven(graph: &Graph<'_>, x: &Var) -> Var {
    let count = x.value().data().len();
    let weights: Vec<f32> = (0..count).map(|i| ((i * 37 + 11) % 17) as f32 / 8.0 - 1.0).collect();
    let weighted = graph.multiply(x, &Var::constant(Tensor::new(x.value().shape(), weights)));
    graph.departure_from_one(&[weighted])
}

fn check(shapes: &[&[usize]], loss: impl Fn(&Graph<'_>, &[Var]) -> Var) {
    let (mut parameters, ids) = drawn(shapes);
    let value = |parameters: &Parameters| {
        let graph = Graph::inference(parameters);
        let inputs: Vec<Var> = ids.iter().map(|&id| graph.parameter(id)).collect();
        loss(&graph, &inputs).value().data()[0]
    };
    let gradients = {
        let graph = Graph::training(&parameters, ChaCha8Rng::seed_from_u64(0));
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

#[test]
fn linear() {
    check(&[&[3, 4], &[5, 4], &[5]], |g, x| uneven(g, &g.linear(&x[0], &x[1], Some(&x[2]))));
    // One weight used twice: both uses count.
    check(&[&[2, 3], &[3, 3]], |g, x| uneven(g, &g.linear(&g.linear(&x[0], &x[1], None), &x[1], None)));
}

#[test]
fn functions_of_single_numbers() {
    check(&[&[3, 4]], |g, x| uneven(g, &g.tanh(&x[0])));
    check(&[&[3, 4]], |g, x| uneven(g, &g.sigmoid(&x[0])));
    check(&[&[3, 4]], |g, x| uneven(g, &g.scale(&x[0], -1.7)));
    check(&[&[3, 4], &[3, 4]], |g, x| uneven(g, &g.add(&x[0], &x[1])));
    check(&[&[3, 4], &[3, 4]], |g, x| uneven(g, &g.multiply(&x[0], &x[1])));
    // Away from its corner, where differences mean nothing.
    check(&[&[3, 4]], |g, x| {
        let corner = |y: &f32| if y.abs() < 2.0 * STEP { 1.0 } else { 0.0 };
        let away: Vec<f32> = x[0].value().data().iter().map(corner).collect();
        uneven(g, &g.relu(&g.add(&x[0], &Var::constant(Tensor::new(&[3, 4], away)))))
    });
}

#[test]
fn layer_normalisation() {
    check(&[&[3, 6], &[6], &[6]], |g, x| uneven(g, &g.layer_norm(&x[0], &x[1], &x[2])));
}

#[test]
fn rows_and_columns() {
    check(&[&[3, 2], &[3, 4]], |g, x| uneven(g, &g.concatenate(&[&x[0], &x[1]])));
    check(&[&[3, 2], &[1, 2]], |g, x| uneven(g, &g.stack(&[x[0].clone(), x[1].clone(), x[0].clone()])));
    check(&[&[4, 3]], |g, x| uneven(g, &g.first_rows(&x[0], 2)));
    check(&[&[4, 3]], |g, x| uneven(g, &g.gather(&x[0], &[2, 0, 2])));
    check(&[&[2, 3, 4]], |g, x| uneven(g, &g.mean_regions(&x[0])));
}

#[test]
fn lstm() {
    check(&[&[2, 12], &[2, 3]], |g, x| {
        let state = g.lstm(&x[0], &x[1]);
        uneven(g, &g.concatenate(&[&state.hidden, &state.cell]))
    });
    check(&[&[2, 12], &[2, 3]], |g, x| uneven(g, &g.lstm(&x[0], &x[1]).cell));
}

#[test]
fn attention() {
    let shapes: [&[usize]; 4] = [&[2, 3, 4], &[2, 3, 5], &[3, 4], &[4]];
    check(&shapes, |g, x| {
        let attended = g.attend(&x[0], &x[1], &x[2], &x[3], &[1, 0, 1]);
        uneven(g, &g.concatenate(&[&attended.context, &attended.weights]))
    });
}

#[test]
fn losses() {
    check(&[&[3, 5]], |g, x| g.cross_entropy(&x[0], &[4, 0, 2], 0.0));
    check(&[&[3, 5]], |g, x| g.cross_entropy(&x[0], &[4, 0, 2], 0.2));
    check(&[&[3, 2], &[2, 2]], |g, x| g.departure_from_one(&[x[0].clone(), x[1].clone()]));
}
