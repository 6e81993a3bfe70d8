//! Convolutions and pooling against their definitions: one number at a time, in double precision.

mod common;

use common::{check, extents, numbers, paddings, threads};
use nid_kernels::bottleneck::{Bottleneck, Scratch};
use nid_kernels::convolution::{Activation, Convolution, Filter, Gathered, Layer};
use nid_kernels::dense::Dense;
use nid_kernels::depthwise::Depthwise;
use nid_kernels::pool::{average_pool, max_pool};
use nid_kernels::window::{Extent, Padding, Window};
use nid_kernels::{Level, Threads};
use proptest::prelude::*;

/// The definition's view of a map: outside it there is nothing.
struct Map<'a> {
    numbers: &'a [f32],
    extent: Extent,
}

impl Map<'_> {
    fn at(&self, y: isize, x: isize, channel: usize) -> Option<f64> {
        let Extent { height, width, channels } = self.extent;
        let (y, x) = (usize::try_from(y).ok()?, usize::try_from(x).ok()?);
        (y < height && x < width).then(|| f64::from(self.numbers[(y * width + x) * channels + channel]))
    }
}

/// Output length and padding before the first pixel.
fn side(window: Window, length: usize) -> (usize, isize) {
    match window.padding {
        Padding::Same => {
            let outputs = length.div_ceil(window.stride);
            let missing = ((outputs - 1) * window.stride + window.size).saturating_sub(length);
            (outputs, (missing / 2) as isize)
        }
        Padding::Explicit(padding) => {
            let outputs = (length + 2 * padding + window.stride).saturating_sub(window.size) / window.stride;
            (outputs, padding as isize)
        }
    }
}

/// Calls `number(y, x, channel, seen)` for each number of the output; `seen` gives the input under each tap.
fn by_definition(
    input: Map<'_>,
    window: Window,
    channels: usize,
    number: impl Fn(usize, &dyn Fn(usize, usize) -> Option<f64>) -> f64,
) -> Vec<f32> {
    let (height, top) = side(window, input.extent.height);
    let (width, left) = side(window, input.extent.width);
    let mut output = Vec::new();
    for (y, x) in (0..height).flat_map(|y| (0..width).map(move |x| (y, x))) {
        for channel in 0..channels {
            let seen = |tap: usize, from: usize| {
                let (row, column) = (tap / window.size, tap % window.size);
                let y = (y * window.stride + row) as isize - top;
                let x = (x * window.stride + column) as isize - left;
                input.at(y, x, from)
            };
            output.push(number(channel, &seen) as f32);
        }
    }
    output
}

fn activate(activation: Activation, x: f64) -> f64 {
    match activation {
        Activation::Identity => x,
        Activation::Relu => x.max(0.0),
        Activation::Relu6 => x.clamp(0.0, 6.0),
    }
}

fn filter(weights: usize, outputs: usize, activation: Activation) -> Filter {
    Filter { weights: numbers(weights, 2), bias: numbers(outputs, 3), activation }
}

fn activations() -> impl Strategy<Value = Activation> {
    prop_oneof![Just(Activation::Identity), Just(Activation::Relu), Just(Activation::Relu6)]
}

/// Every level makes of the input what is expected, in memory that a layer before it has used.
fn check_layer(
    window: Window,
    filter: &Filter,
    input: &[f32],
    extent: Extent,
    threads: Threads,
    expected: &[f32],
) -> Result<(), TestCaseError> {
    let mut gathered = Gathered::default();
    for level in Level::available() {
        let mut output = vec![f32::NAN; expected.len()];
        Layer::new(window, filter.clone(), level).run(&mut output, input, extent, &mut gathered, threads);
        check(&output, expected)?;
    }
    Ok(())
}

proptest! {
    #[test]
    fn convolution_is_its_definition(
        extent in extents(1..9), size in 1usize..5, stride in 1usize..4, padding in paddings(),
        channels in 1usize..10, activation in activations(), threads in threads(),
    ) {
        let window = Window { size, stride, padding };
        let input = numbers(extent.numbers(), 1);
        let filter = filter(size * size * extent.channels * channels, channels, activation);
        let map = Map { numbers: &input, extent };
        let expected = by_definition(map, window, channels, |channel, seen| {
            let mut sum = f64::from(filter.bias[channel]);
            for (tap, from) in (0..size * size).flat_map(|tap| (0..extent.channels).map(move |from| (tap, from))) {
                let weight = filter.weights[(tap * extent.channels + from) * channels + channel];
                sum += seen(tap, from).unwrap_or(0.0) * f64::from(weight);
            }
            activate(activation, sum)
        });
        check_layer(window, &filter, &input, extent, threads, &expected)?;
    }

    #[test]
    fn a_convolution_of_many_channels_is_its_definition(
        extent in extents(14..36), channels in 14usize..40, padding in paddings(), activation in activations(), threads in threads(),
    ) {
        let window = Window { size: 3, stride: 1, padding };
        let made = window.output(extent, channels);
        let input = numbers(extent.numbers(), 1);
        let mut filter = filter(9 * extent.channels * channels, channels, activation);
        filter.weights.iter_mut().for_each(|weight| *weight /= 20.0);
        let mut expected = vec![0.0; made.numbers()];
        let convolution = Convolution { extent, window, channels };
        let mut gathered = vec![0.0; convolution.working_memory(1)];
        convolution.forward(&mut expected, &input, &filter.weights, Some(&filter.bias), &mut gathered);
        expected.iter_mut().for_each(|x| *x = activate(activation, f64::from(*x)) as f32);
        check_layer(window, &filter, &input, extent, threads, &expected)?;
    }

    #[test]
    fn depthwise_is_its_definition(
        extent in extents(1..40), size in prop_oneof![Just(3), Just(5), Just(7)], stride in 1usize..4,
        padding in paddings(), activation in activations(), threads in threads(),
    ) {
        let window = Window { size, stride, padding };
        let made = window.output(extent, extent.channels);
        let input = numbers(extent.numbers(), 1);
        let filter = filter(size * size * extent.channels, extent.channels, activation);
        let map = Map { numbers: &input, extent };
        let expected = by_definition(map, window, extent.channels, |channel, seen| {
            let products = (0..size * size).map(|tap| {
                seen(tap, channel).unwrap_or(0.0) * f64::from(filter.weights[tap * extent.channels + channel])
            });
            activate(activation, products.sum::<f64>() + f64::from(filter.bias[channel]))
        });
        for level in Level::available() {
            let mut output = vec![f32::NAN; made.numbers()];
            Depthwise::new(window, filter.clone(), level).run(&mut output, &input, extent, threads);
            check(&output, &expected)?;
        }
    }

    #[test]
    fn a_dense_layer_is_its_definition(
        rows in 1usize..40, inputs in 1usize..70, outputs in 1usize..150, activation in activations(), threads in threads(),
    ) {
        let input = numbers(rows * inputs, 1);
        let filter = filter(inputs * outputs, outputs, activation);
        let number = |row: usize, output: usize| {
            let products = (0..inputs).map(|i| {
                f64::from(input[row * inputs + i]) * f64::from(filter.weights[i * outputs + output])
            });
            activate(activation, products.sum::<f64>() + f64::from(filter.bias[output])) as f32
        };
        let expected: Vec<f32> =
            (0..rows).flat_map(|row| (0..outputs).map(move |output| (row, output))).map(|(row, output)| number(row, output)).collect();
        for level in Level::available() {
            let mut output = vec![f32::NAN; rows * outputs];
            Dense::new(filter.clone(), level).run(&mut output, &input, threads);
            check(&output, &expected)?;
        }
    }

    #[test]
    fn a_bottleneck_is_its_layers(
        height in 1usize..80, width in 1usize..12, channels in 1usize..20, wide in 1usize..200, expands: bool, made in 1usize..40,
        size in prop_oneof![Just(3), Just(5)], stride in 1usize..3, threads in threads(),
    ) {
        let window = Window { size, stride, padding: Padding::Same };
        let (extent, wide) = (Extent { height, width, channels }, if expands { wide } else { channels });
        let residual = stride == 1 && made == channels;
        let input: Vec<f32> = numbers(extent.numbers(), 1);
        let small = |weights, outputs, activation| {
            let Filter { weights, bias, activation } = filter(weights, outputs, activation);
            Filter { weights: weights.into_iter().map(|x| x / 20.0).collect(), bias, activation }
        };
        let expand = small(channels * wide, wide, Activation::Relu6);
        let depthwise = small(size * size * wide, wide, Activation::Relu6);
        let project = small(wide * made, made, Activation::Identity);

        let seen = Extent { channels: wide, ..extent };
        let after = window.output(seen, wide);
        for level in Level::available() {
            let mut expanded = input.clone();
            if expands {
                expanded = vec![0.0; seen.numbers()];
                Dense::new(expand.clone(), level).run(&mut expanded, &input, Threads::One);
            }
            let mut mixed = vec![0.0; after.numbers()];
            Depthwise::new(window, depthwise.clone(), level).run(&mut mixed, &expanded, seen, Threads::One);
            let mut expected = vec![0.0; after.pixels() * made];
            Dense::new(project.clone(), level).run(&mut expected, &mixed, Threads::One);
            if residual {
                expected.iter_mut().zip(&input).for_each(|(sum, x)| *sum += x);
            }

            let bottleneck = Bottleneck::new(
                expands.then(|| Dense::new(expand.clone(), level)),
                Depthwise::new(window, depthwise.clone(), level),
                Dense::new(project.clone(), level),
                residual,
            );
            let mut scratch = Scratch::default();
            // The second time, memory holds something from before.
            for _ in 0..2 {
                let mut output = vec![f32::NAN; after.pixels() * made];
                bottleneck.run(&mut output, &input, extent, &mut scratch, threads);
                check(&output, &expected)?;
            }
        }
    }

    #[test]
    fn max_pooling_is_its_definition(
        extent in extents(1..20), size in 1usize..4, stride in 1usize..4, padding in paddings(), threads in threads(),
    ) {
        let window = Window { size, stride, padding };
        let made = window.output(extent, extent.channels);
        let input = numbers(extent.numbers(), 1);
        let map = Map { numbers: &input, extent };
        let expected = by_definition(map, window, extent.channels, |channel, seen| {
            (0..size * size).filter_map(|tap| seen(tap, channel)).fold(f64::NEG_INFINITY, f64::max)
        });
        let mut output = vec![f32::NAN; made.numbers()];
        max_pool(&mut output, &input, extent, window, threads);
        prop_assert_eq!(output, expected);
    }

    #[test]
    fn average_pooling_is_its_definition(
        extent in extents(1..20), size in 1usize..4, stride in 1usize..4, padding in paddings(), threads in threads(),
    ) {
        let window = Window { size, stride, padding };
        let made = window.output(extent, extent.channels);
        let input = numbers(extent.numbers(), 1);
        let map = Map { numbers: &input, extent };
        let expected = by_definition(map, window, extent.channels, |channel, seen| {
            let numbers: Vec<f64> = (0..size * size).filter_map(|tap| seen(tap, channel)).collect();
            numbers.iter().sum::<f64>() / numbers.len().max(1) as f64
        });
        let mut output = vec![f32::NAN; made.numbers()];
        average_pool(&mut output, &input, extent, window, threads);
        check(&output, &expected)?;
    }
}

#[test]
fn what_is_not_a_number_is_not_hidden() {
    let extent = Extent { height: 6, width: 6, channels: 19 };
    let mut input = numbers(extent.numbers(), 1);
    input[3 * extent.row() + 3 * 19..][..19].fill(f32::NAN);
    for level in Level::available() {
        let check = |output: &[f32], channels: usize| {
            let pixel = &output[(3 * extent.width + 3) * channels..][..channels];
            assert!(pixel.iter().all(|x| x.is_nan()), "{level:?}: {pixel:?}");
        };
        for activation in [Activation::Identity, Activation::Relu, Activation::Relu6] {
            let mut output = vec![0.0; extent.numbers()];
            Dense::new(filter(19 * 19, 19, activation), level).run(&mut output, &input, Threads::One);
            check(&output, 19);
            let window = Window { size: 3, stride: 1, padding: Padding::Same };
            Depthwise::new(window, filter(9 * 19, 19, activation), level).run(
                &mut output,
                &input,
                extent,
                Threads::One,
            );
            check(&output, 19);
            let layer = Layer::new(window, filter(9 * 19 * 19, 19, activation), level);
            layer.run(&mut output, &input, extent, &mut Gathered::default(), Threads::One);
            check(&output, 19);
        }
    }
}

/// Large enough that the work is cut into bands, and cut differently for one thread and for all.
#[test]
fn the_number_of_threads_changes_no_bit() {
    let both = |run: &dyn Fn(Threads) -> Vec<f32>| assert!(run(Threads::One) == run(Threads::All));
    for (rows, inputs, outputs) in [(12_544, 16, 96), (784, 88, 528), (49, 352, 1280), (1, 3000, 500)] {
        let input = numbers(rows * inputs, 1);
        let layer = Dense::new(filter(inputs * outputs, outputs, Activation::Relu), Level::best());
        both(&|threads| {
            let mut output = vec![0.0; rows * outputs];
            layer.run(&mut output, &input, threads);
            output
        });
    }
    let extent = Extent { height: 120, width: 100, channels: 3 };
    let window = Window { size: 3, stride: 1, padding: Padding::Same };
    let input = numbers(extent.numbers(), 1);
    let layer = Layer::new(window, filter(9 * 3 * 32, 32, Activation::Relu6), Level::best());
    both(&|threads| {
        let mut output = vec![0.0; window.output(extent, 32).numbers()];
        layer.run(&mut output, &input, extent, &mut Gathered::default(), threads);
        output
    });
    for (height, stride) in [(60, 1), (60, 2), (9, 1)] {
        let extent = Extent { height, width: 30, channels: 24 };
        let window = Window { size: 5, stride, padding: Padding::Same };
        let input = numbers(extent.numbers(), 1);
        let layers = Bottleneck::new(
            Some(Dense::new(filter(24 * 300, 300, Activation::Relu6), Level::best())),
            Depthwise::new(window, filter(25 * 300, 300, Activation::Relu6), Level::best()),
            Dense::new(filter(300 * 24, 24, Activation::Identity), Level::best()),
            stride == 1,
        );
        both(&|threads| {
            let mut output = vec![0.0; window.output(extent, 24).numbers()];
            layers.run(&mut output, &input, extent, &mut Scratch::default(), threads);
            output
        });
    }
}
