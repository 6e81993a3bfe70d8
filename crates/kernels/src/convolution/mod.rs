//! Convolutions over all channels, as matrix products.
//!
//! A 1×1 convolution is one product: pixels × input channels by input channels × output channels. A larger
//! window first gathers what it sees at each place into a row of a matrix ("im2col"), a few rows of pixels
//! at a time so that the matrix stays in the cache. Bias and activation follow in one pass, while the
//! product's output is still near. [`Convolution`] does so for a batch of maps, and has the gradients.

mod batch;
mod gather;

pub use batch::Convolution;
use rayon::prelude::*;

use crate::window::{Extent, Window};
use crate::{Matrix, Threads, product, vectorised};

/// Numbers of output that one thread finishes before it takes the next: 256 KiB, which a cache holds.
const BAND: usize = 1 << 16;
/// Pixels for which windows are gathered at a time: enough that packing the weights for each product is cheap.
const GATHERED_PIXELS: usize = 2048;

/// What is done to every number after the bias.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Activation {
    /// Nothing.
    #[default]
    Identity,
    /// `max(x, 0)`.
    Relu,
    /// `min(max(x, 0), 6)`.
    Relu6,
}

impl Activation {
    /// The range into which the activation clamps.
    pub(crate) fn range(self) -> (f32, f32) {
        match self {
            Self::Identity => (f32::NEG_INFINITY, f32::INFINITY),
            Self::Relu => (0.0, f32::INFINITY),
            Self::Relu6 => (0.0, 6.0),
        }
    }
}

/// The learnt numbers of one layer.
#[derive(Clone, Debug, PartialEq)]
pub struct Filter {
    /// `[taps, input channels, output channels]` for a convolution (taps row by row), `[taps, channels]` for a
    /// depthwise one, `[inputs, outputs]` for a dense layer.
    pub weights: Vec<f32>,
    /// One number an output channel.
    pub bias: Vec<f32>,
    /// What follows the bias.
    pub activation: Activation,
}

/// `activation(rows · weights + bias)`: a dense layer over each row of `input`, or a 1×1 convolution over
/// each pixel; `output` is `[rows, outputs]`.
///
/// # Panics
/// If the lengths do not fit together.
pub fn dense(output: &mut [f32], input: &[f32], filter: &Filter, threads: Threads) {
    let outputs = filter.bias.len();
    let inputs = filter.weights.len() / outputs;
    let rows = output.len() / outputs;
    let weights = Matrix::new(&filter.weights, inputs, outputs);
    let layer = |output: &mut [f32], input: &[f32], threads| {
        product(output, Matrix::new(input, output.len() / outputs, inputs), weights, false, threads);
        finish(output, filter, threads);
    };
    let band = (BAND / outputs).max(1);
    if threads == Threads::All && rows < 2 * band * rayon::current_num_threads() {
        return layer(output, input, threads);
    }
    for_each_band(output, band * outputs, threads, |index, output| {
        let first = index * band * inputs;
        let input = &input[first..first + output.len() / outputs * inputs];
        layer(output, input, Threads::One);
    });
}

/// A convolution of any window over all input channels; `output` is the map that `window` makes of `extent`,
/// and `gathered` is working memory, kept between calls only so that it need not be allocated anew.
///
/// # Panics
/// If the lengths do not fit together.
pub fn convolution(
    output: &mut [f32],
    input: &[f32],
    extent: Extent,
    window: Window,
    filter: &Filter,
    gathered: &mut Vec<f32>,
    threads: Threads,
) {
    assert_eq!(input.len(), extent.numbers(), "numbers in a map of {extent:?}");
    if window.is_pointwise() {
        return dense(output, input, filter, threads);
    }
    let convolution = Convolution { extent, window, channels: filter.bias.len() };
    let made = convolution.output();
    assert_eq!(output.len(), made.numbers(), "numbers in a map of {made:?}");
    if output.is_empty() {
        return;
    }

    let rows = (GATHERED_PIXELS / made.width).max(1).min(made.height);
    if gathered.len() < rows * made.width * convolution.seen() {
        gathered.resize(rows * made.width * convolution.seen(), 0.0);
    }
    let finish = |output: &mut [f32]| finish(output, filter, threads);
    convolution.multiply(output, input, &filter.weights, rows, gathered, threads, finish);
}

/// Adds the bias to every row and applies the activation.
fn finish(values: &mut [f32], filter: &Filter, threads: Threads) {
    let (low, high) = filter.activation.range();
    let bias = &filter.bias[..];
    let rows = (BAND / bias.len()).max(1);
    for_each_band(values, rows * bias.len(), threads, |_, values| {
        vectorised(|| {
            for row in values.chunks_exact_mut(bias.len()) {
                for (value, bias) in row.iter_mut().zip(bias) {
                    *value = clamp(*value + bias, low, high);
                }
            }
        });
    });
}

/// `value` within the range; what is not a number stays as it is.
#[inline(always)]
pub(crate) fn clamp(value: f32, low: f32, high: f32) -> f32 {
    let value = if value < low { low } else { value };
    if value > high { high } else { value }
}

/// Calls `work` with each `band` of numbers and its index.
pub(crate) fn for_each_band(
    values: &mut [f32],
    band: usize,
    threads: Threads,
    work: impl Fn(usize, &mut [f32]) + Send + Sync,
) {
    match threads {
        Threads::One => values.chunks_mut(band).enumerate().for_each(|(index, band)| work(index, band)),
        Threads::All => values.par_chunks_mut(band).enumerate().for_each(|(index, band)| work(index, band)),
    }
}
