//! Convolutions, pooling and batch normalisation over maps: gradients, and what they compute.

mod common;

use common::{check, check_in_training, drawn, training, uneven};
use nid_autograd::{Gradients, Graph, ParameterId, Parameters, Running, Tensor, Var};
use nid_kernels::convolution::{Activation, Filter, Gathered, Layer};
use nid_kernels::window::{Extent, Padding, Window};
use nid_kernels::{Level, Threads};
use proptest::prelude::*;

const SAME: Window = Window { size: 3, stride: 1, padding: Padding::Same };
const HALVING: Window = Window { size: 2, stride: 2, padding: Padding::Explicit(0) };

#[test]
fn convolutions() {
    let windows = [
        SAME,
        Window { stride: 2, ..SAME },
        Window { size: 2, stride: 1, padding: Padding::Explicit(1) },
        Window { size: 1, stride: 1, padding: Padding::Same },
        Window { size: 1, stride: 2, padding: Padding::Explicit(0) },
    ];
    for window in windows {
        let taps = window.size * window.size;
        check(&[&[2, 4, 3, 2], &[taps * 2, 3], &[3]], |g, x| uneven(g, &g.conv2d(&x[0], &x[1], Some(&x[2]), window)));
    }
    // One weight used twice, and an input: all uses count.
    check(&[&[2, 3, 3, 2], &[18, 2]], |g, x| {
        let once = g.conv2d(&x[0], &x[1], None, SAME);
        uneven(g, &g.add(&x[0], &g.conv2d(&once, &x[1], None, SAME)))
    });
}

/// Numbers so far apart that no step makes another one the greatest.
#[test]
fn pools() {
    let apart: Vec<f32> = (0..96).map(|i| (i * 37 % 96) as f32 * 4.0 - 200.0).collect();
    let apart = Var::constant(Tensor::new(&[2, 4, 4, 3], apart));
    for window in [HALVING, Window { size: 3, stride: 1, padding: Padding::Same }] {
        check(&[&[2, 4, 4, 3]], |g, x| {
            let pooled = g.max_pool(&g.add(&x[0], &apart), window);
            uneven(g, &g.scale(&pooled, 0.01))
        });
        check(&[&[2, 4, 4, 3]], |g, x| uneven(g, &g.average_pool(&x[0], window)));
    }
    check(&[&[2, 2, 3, 4]], |g, x| uneven(g, &g.global_average(&x[0])));
    check(&[&[2, 2, 3, 4]], |g, x| uneven(g, &g.mirror(&x[0])));
}

/// Running statistics of so many channels among these parameters, of mean 0.5 and variance 2.
fn running(parameters: &mut Parameters, channels: usize) -> Running {
    Running {
        mean: parameters.push("mean", Tensor::new(&[channels], vec![0.5; channels])),
        variance: parameters.push("variance", Tensor::new(&[channels], vec![2.0; channels])),
    }
}

/// A loss over batch normalisation of the first array, with the next two as gain and shift.
fn normalised(g: &Graph<'_>, x: &[Var], running: Running, activation: Activation) -> Var {
    uneven(g, &g.batch_norm(&x[0], &x[1], &x[2], running, activation))
}

/// Arrays `[maps, 2, 2, 3]`, gain and shift, and running statistics.
fn normalisation(maps: usize) -> (Parameters, Vec<ParameterId>, Running) {
    let (mut parameters, ids) = drawn(&[&[maps, 2, 2, 3], &[3], &[3]]);
    let running = running(&mut parameters, 3);
    (parameters, ids, running)
}

fn gradients(parameters: &Parameters, loss: impl FnOnce(&Graph<'_>) -> Var) -> Gradients {
    let graph = training(parameters);
    let loss = loss(&graph);
    graph.backward(&loss)
}

#[test]
fn batch_normalisation() {
    // Training does not read the running statistics: any two arrays may stand for them.
    let (_, ids) = drawn(&[&[3], &[3]]);
    let unread = Running { mean: ids[0], variance: ids[1] };
    check_in_training(&[&[2, 2, 2, 3], &[3], &[3]], |g, x| normalised(g, x, unread, Activation::Identity));
}

#[test]
fn an_activation_in_the_same_pass_changes_no_gradient() {
    let (parameters, ids, running) = normalisation(5);
    let inputs = |g: &Graph<'_>| ids.iter().map(|&id| g.parameter(id)).collect::<Vec<Var>>();
    let fused = gradients(&parameters, |g| normalised(g, &inputs(g), running, Activation::Relu));
    let apart = gradients(&parameters, |g| {
        let x = inputs(g);
        uneven(g, &g.relu(&g.batch_norm(&x[0], &x[1], &x[2], running, Activation::Identity)))
    });
    for &id in &ids {
        let (fused, apart) = (fused.parameter(id).unwrap(), apart.parameter(id).unwrap());
        assert!(fused.iter().any(|x| *x != 0.0));
        fused.iter().zip(apart).for_each(|(x, y)| assert!((x - y).abs() <= 1e-6, "{x}, not {y}"));
    }
}

#[test]
fn inference_normalises_by_the_running_statistics() {
    let (parameters, ids, running) = normalisation(2);
    let graph = Graph::inference(&parameters);
    let [x, gain, shift] = [0, 1, 2].map(|i| graph.parameter(ids[i]));
    let output = graph.batch_norm(&x, &gain, &shift, running, Activation::Identity);
    for (i, found) in output.value().data().iter().enumerate() {
        let (gain, shift) = (gain.value().data()[i % 3], shift.value().data()[i % 3]);
        let expected = (x.value().data()[i] - 0.5) / (2.0f32 + 1e-5).sqrt() * gain + shift;
        assert!((found - expected).abs() < 1e-5, "{found}, not {expected}");
    }
}

/// Mean and unbiased variance of every third number from `channel` on.
fn seen(numbers: &[f32], channel: usize) -> (f32, f32) {
    let of_channel = || numbers.iter().skip(channel).step_by(3);
    let count = of_channel().count() as f32;
    let mean = of_channel().sum::<f32>() / count;
    (mean, of_channel().map(|x| (x - mean).powi(2)).sum::<f32>() / (count - 1.0))
}

#[test]
fn running_statistics_follow_the_whole_batch_and_no_gradient() {
    let (parameters, ids, running) = normalisation(5);
    // The batch in two parts of unlike size, as two threads have it.
    let whole = parameters.tensor(ids[0]).clone();
    let part = |range: std::ops::Range<usize>| {
        gradients(&parameters, |g| {
            let x = Var::constant(whole.select(&range.collect::<Vec<usize>>()));
            let [gain, shift] = [1, 2].map(|i| g.parameter(ids[i]));
            uneven(g, &g.batch_norm(&x, &gain, &shift, running, Activation::Relu))
        })
    };
    let mut sum = part(0..2);
    sum.add(part(2..5));
    assert!(sum.parameter(running.mean).is_none() && sum.parameter(running.variance).is_none());

    let mut followed = parameters.clone();
    followed.follow(&sum, 0.25);
    for channel in 0..3 {
        let (mean, variance) = seen(whole.data(), channel);
        let near = |id, expected: f32| {
            let found = followed.tensor(id).data()[channel];
            assert!((found - expected).abs() < 1e-5, "{found}, not {expected}");
        };
        near(running.mean, 0.75 * 0.5 + 0.25 * mean);
        near(running.variance, 0.75 * 2.0 + 0.25 * variance);
    }
    assert_eq!(followed.tensor(ids[1]).data(), parameters.tensor(ids[1]).data());
}

proptest! {
    #[test]
    fn a_convolution_in_a_graph_is_the_encoders(
        maps in 1usize..5, side in 1usize..9, inputs in 1usize..6, outputs in 1usize..6, size in 1usize..4,
        stride in 1usize..3,
    ) {
        let window = Window { size, stride, padding: Padding::Same };
        let (parameters, ids) = drawn(&[&[maps, side, side, inputs], &[size * size * inputs, outputs], &[outputs]]);
        let graph = Graph::inference(&parameters);
        let [x, weight, bias] = [0, 1, 2].map(|i| graph.parameter(ids[i]));
        let found = graph.conv2d(&x, &weight, Some(&bias), window);

        let extent = Extent { height: side, width: side, channels: inputs };
        let made = window.output(extent, outputs);
        prop_assert_eq!(found.value().shape(), [maps, made.height, made.width, outputs]);
        let [weights, bias] = [&weight, &bias].map(|var| var.value().data().to_vec());
        let filter = Filter { weights, bias, activation: Activation::Identity };
        let layer = Layer::new(window, filter, Level::best());
        let mut output = vec![f32::NAN; made.numbers()];
        let each = found.value().data().chunks_exact(made.numbers()).zip(x.value().data().chunks_exact(extent.numbers()));
        for (found, input) in each {
            layer.run(&mut output, input, extent, &mut Gathered::default(), Threads::One);
            prop_assert!(found.iter().zip(&output).all(|(x, y)| (x - y).abs() < 1e-4));
        }
    }
}
