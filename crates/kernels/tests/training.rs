//! What training asks for: whole batches at once, gradients, batch normalisation.

mod common;

use common::{check, extents, numbers, paddings, threads};
use nid_kernels::batch_norm::{self, BatchNorm};
use nid_kernels::convolution::{Activation, Convolution, Filter, Gathered, Layer};
use nid_kernels::pool::{max_pool, max_pool_backward};
use nid_kernels::window::{Extent, Padding, Window};
use nid_kernels::{Level, Threads};
use proptest::prelude::*;

fn convolutions() -> impl Strategy<Value = Convolution> {
    (extents(1..9), 1usize..5, 1usize..4, paddings(), 1usize..10).prop_map(
        |(extent, size, stride, padding, channels)| Convolution {
            extent,
            window: Window { size, stride, padding },
            channels,
        },
    )
}

/// How many numbers the input of `maps` maps has, the weights and the output.
fn sizes(convolution: Convolution, maps: usize) -> [usize; 3] {
    let Convolution { extent, window, channels } = convolution;
    let weights = window.size * window.size * extent.channels * channels;
    [maps * extent.numbers(), weights, maps * convolution.output().numbers()]
}

fn forward(convolution: Convolution, maps: usize, input: &[f32], weights: &[f32]) -> Vec<f32> {
    let mut output = vec![f32::NAN; sizes(convolution, maps)[2]];
    let mut gathered = vec![f32::NAN; convolution.working_memory(maps)];
    convolution.forward(&mut output, input, weights, None, &mut gathered);
    output
}

fn inner(left: &[f32], right: &[f32]) -> f64 {
    left.iter().zip(right).map(|(x, y)| f64::from(*x) * f64::from(*y)).sum()
}

/// `found − start` must be the vector whose inner product with any other is `form` of that other.
fn represents(found: &[f32], start: &[f32], form: impl Fn(&[f32]) -> f64) -> Result<(), TestCaseError> {
    let gradient: Vec<f32> = found.iter().zip(start).map(|(found, start)| found - start).collect();
    for seed in 10..13 {
        let other = numbers(found.len(), seed);
        let scale: f64 = gradient.iter().zip(&other).map(|(x, y)| f64::from((x * y).abs())).sum();
        let (found, expected) = (inner(&gradient, &other), form(&other));
        prop_assert!((found - expected).abs() <= 1e-2 + 1e-5 * scale, "{found}, not {expected}");
    }
    Ok(())
}

/// A convolution is linear in its input and in its weights: each gradient is the adjoint map.
fn adjoint(shape: Convolution, maps: usize) -> Result<(), TestCaseError> {
    let [inputs, weights, outputs] = sizes(shape, maps);
    let (input, weights, gradient) = (numbers(inputs, 1), numbers(weights, 2), numbers(outputs, 3));
    let mut gathered = vec![f32::NAN; shape.working_memory(maps)];

    let start = numbers(weights.len(), 4);
    let mut sums = start.clone();
    shape.weight_gradient(&mut sums, &input, &gradient, &mut gathered);
    represents(&sums, &start, |weights| inner(&gradient, &forward(shape, maps, &input, weights)))?;

    let start = numbers(inputs, 5);
    let mut sums = start.clone();
    shape.input_gradient(&mut sums, &weights, &gradient, &mut gathered);
    represents(&sums, &start, |input| inner(&gradient, &forward(shape, maps, input, &weights)))
}

/// More places than are gathered at a time, and no whole number of bands.
#[test]
fn bands_do_not_show() {
    let extent = Extent { height: 13, width: 14, channels: 40 };
    for stride in [1, 2] {
        let window = Window { size: 3, stride, padding: Padding::Same };
        adjoint(Convolution { extent, window, channels: 7 }, 30).expect("gradients are adjoints");
    }
}

proptest! {
    #[test]
    fn a_batch_is_its_maps_one_by_one(shape in convolutions(), maps in 0usize..20, bias: bool) {
        let [inputs, weights, outputs] = sizes(shape, maps);
        let Convolution { extent, window, channels } = shape;
        let input = numbers(inputs, 1);
        let bias = if bias { numbers(channels, 3) } else { vec![0.0; channels] };
        let filter = Filter { weights: numbers(weights, 2), bias, activation: Activation::Identity };
        let layer = Layer::new(window, filter.clone(), Level::best());
        let mut expected = vec![f32::NAN; outputs];
        let each = input.chunks_exact(extent.numbers());
        for (output, input) in expected.chunks_exact_mut(shape.output().numbers().max(1)).zip(each) {
            layer.run(output, input, extent, &mut Gathered::default(), Threads::One);
        }
        let mut output = vec![f32::NAN; outputs];
        let mut gathered = vec![f32::NAN; shape.working_memory(maps)];
        let bias = filter.bias.iter().any(|x| *x != 0.0).then_some(&filter.bias[..]);
        shape.forward(&mut output, &input, &filter.weights, bias, &mut gathered);
        check(&output, &expected)?;
    }

    #[test]
    fn gradients_of_a_convolution_are_its_adjoints(shape in convolutions(), maps in 0usize..20) {
        adjoint(shape, maps)?;
    }

    #[test]
    fn a_pooled_batch_is_its_maps_one_by_one(
        extent in extents(1..20), size in 1usize..4, stride in 1usize..4, padding in paddings(), threads in threads(),
        maps in 0usize..5,
    ) {
        let window = Window { size, stride, padding };
        let made = window.output(extent, extent.channels);
        let input = numbers(maps * extent.numbers(), 1);
        let mut expected = vec![f32::NAN; maps * made.numbers()];
        let each = input.chunks_exact(extent.numbers());
        for (output, input) in expected.chunks_exact_mut(made.numbers().max(1)).zip(each) {
            max_pool(output, input, extent, window, Threads::One);
        }
        let mut output = vec![f32::NAN; maps * made.numbers()];
        max_pool(&mut output, &input, extent, window, threads);
        prop_assert_eq!(output, expected);
    }

    /// Whole numbers of a small range, so that many are equal.
    #[test]
    fn the_first_greatest_number_under_a_window_gets_the_gradient(
        height in 1usize..9, width in 1usize..9, size in 1usize..4, stride in 1usize..4, maps in 1usize..4,
    ) {
        let extent = Extent { height, width, channels: 3 };
        let window = Window { size, stride, padding: Padding::Explicit(0) };
        let made = window.output(extent, 3);
        let input: Vec<f32> = numbers(maps * extent.numbers(), 1).into_iter().map(f32::round).collect();
        let mut output = vec![f32::NAN; maps * made.numbers()];
        max_pool(&mut output, &input, extent, window, Threads::One);
        let gradient = numbers(output.len(), 2);

        let mut expected = numbers(input.len(), 3);
        let mut sums = expected.clone();
        for (place, gradient) in gradient.iter().enumerate() {
            let (pixel, channel) = (place / 3, place % 3);
            let (row, x) = (pixel / made.width, pixel % made.width);
            let (map, y) = (row / made.height, row % made.height);
            let under = (0..size * size).map(|tap| (y * stride + tap / size, x * stride + tap % size));
            let numbers = under.map(|(y, x)| ((map * height + y) * width + x) * 3 + channel);
            let first = numbers.reduce(|best, at| if input[at] > input[best] { at } else { best });
            expected[first.expect("a window has a tap")] += gradient;
        }
        max_pool_backward(&mut sums, &mut gradient.clone(), &input, &output, extent, window);
        check(&sums, &expected)?;
    }

    /// Far from zero, and in more pixels than are summed at a time.
    #[test]
    fn moments_are_those_of_double_precision(
        pixels in 1usize..3000, channels in 1usize..40, offset in -300f32..300.0,
    ) {
        let values: Vec<f32> = numbers(pixels * channels, 1).into_iter().map(|x| x + offset).collect();
        let (mut mean, mut variance) = (vec![f32::NAN; channels], vec![f32::NAN; channels]);
        batch_norm::moments(&values, &mut mean, &mut variance);
        for channel in 0..channels {
            let of_channel = || values.iter().skip(channel).step_by(channels).map(|x| f64::from(*x));
            let expected_mean = of_channel().sum::<f64>() / pixels as f64;
            let squares: f64 = of_channel().map(|x| (x - expected_mean).powi(2)).sum();
            prop_assert!((f64::from(mean[channel]) - expected_mean).abs() < 1e-5 + 2e-6 * expected_mean.abs());
            prop_assert!((f64::from(variance[channel]) - squares / pixels as f64).abs() < 1e-4);
        }
    }

    #[test]
    fn batch_normalisation_is_its_definition(pixels in 1usize..20, channels in 1usize..40) {
        let input = numbers(pixels * channels, 1);
        let variance: Vec<f32> = numbers(channels, 3).into_iter().map(f32::abs).collect();
        let (mean, gain, shift) = (numbers(channels, 2), numbers(channels, 4), numbers(channels, 5));
        let activation = Activation::Relu6;
        let norm = BatchNorm { mean: &mean, variance: &variance, gain: &gain, shift: &shift, activation };
        let expected: Vec<f32> = (0..input.len()).map(|i| {
            let c = i % channels;
            let normalised = (input[i] - mean[c]) / (variance[c] + 1e-5).sqrt();
            (normalised * gain[c] + shift[c]).clamp(0.0, 6.0)
        }).collect();
        let mut output = vec![f32::NAN; input.len()];
        batch_norm::forward(&mut output, &input, norm);
        check(&output, &expected)?;
    }

    /// In more channels than a vector holds, and more pixels than are summed at a time.
    #[test]
    fn the_gradient_of_batch_normalisation_is_its_definition(pixels in 1usize..700, channels in 1usize..40) {
        let input = numbers(pixels * channels, 1);
        let (gain, shift) = (numbers(channels, 2), numbers(channels, 3));
        let (mut mean, mut variance) = (vec![0.0; channels], vec![0.0; channels]);
        batch_norm::moments(&input, &mut mean, &mut variance);
        let activation = Activation::Relu;
        let norm = BatchNorm { mean: &mean, variance: &variance, gain: &gain, shift: &shift, activation };
        let mut output = vec![0.0; input.len()];
        batch_norm::forward(&mut output, &input, norm);
        let gradient = numbers(input.len(), 4);

        let [mut of_gain, mut of_shift] = [5, 6].map(|seed| numbers(channels, seed));
        let (mut expected_gain, mut expected_shift) = (of_gain.clone(), of_shift.clone());
        let mut expected = vec![0.0; input.len()];
        for c in 0..channels {
            let scale = 1.0 / (f64::from(variance[c]) + 1e-5).sqrt();
            let places = || (c..input.len()).step_by(channels);
            let normalised = |i: usize| (f64::from(input[i]) - f64::from(mean[c])) * scale;
            let passed = |i: usize| if output[i] > 0.0 { f64::from(gradient[i]) } else { 0.0 };
            let sum: f64 = places().map(passed).sum();
            let along: f64 = places().map(|i| passed(i) * normalised(i)).sum();
            expected_shift[c] += sum as f32;
            expected_gain[c] += along as f32;
            let count = pixels as f64;
            for i in places() {
                let through = passed(i) - sum / count - normalised(i) * along / count;
                expected[i] = (f64::from(gain[c]) * scale * through) as f32;
            }
        }
        let mut found = gradient.clone();
        batch_norm::backward(&mut found, &input, norm, &mut of_gain, &mut of_shift);
        check(&found, &expected)?;
        check(&of_gain, &expected_gain)?;
        check(&of_shift, &expected_shift)?;
    }
}
