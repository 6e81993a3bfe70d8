//! Depthwise convolution: every channel has its own small filter and meets no other.
//!
//! There is no product to hand this to. The loop goes over the channels of a vector at a time: the filter of
//! those channels stays in registers while the window slides along a row of pixels. Rows above and below the
//! map are a row of zeros, so that only the few places at the left and right edge need a test.

use pulp::{Scalar, Simd, WithSimd};

use crate::Threads;
use crate::convolution::{Filter, for_each_band};
use crate::window::{Axis, Extent, Window};

/// A depthwise convolution; `output` is the map that `window` makes of `extent`, as deep as the input, and
/// `filter.weights` is `[taps, channels]`.
///
/// # Panics
/// If the lengths do not fit together, or for a window that is not 3, 5 or 7 pixels wide.
pub fn depthwise(output: &mut [f32], input: &[f32], extent: Extent, window: Window, filter: &Filter, threads: Threads) {
    let made = window.output(extent, extent.channels);
    assert_eq!(input.len(), extent.numbers(), "numbers in a map of {extent:?}");
    assert_eq!(output.len(), made.numbers(), "numbers in a map of {made:?}");
    assert_eq!(filter.weights.len(), window.size * window.size * extent.channels, "weights of {window:?}");
    assert_eq!(filter.bias.len(), extent.channels, "biases of a map of {extent:?}");
    if output.is_empty() {
        return;
    }

    let zeros = vec![0.0; extent.row()];
    let vertical = window.along(extent.height);
    let horizontal = window.along(extent.width);
    for_each_band(output, made.row(), threads, |y, output| {
        let inside = vertical.taps(y);
        let source = |tap: usize| {
            if !inside.contains(&tap) {
                return &zeros[..];
            }
            let first = vertical.input(y, tap) * extent.row();
            &input[first..first + extent.row()]
        };
        let row = Row { output, horizontal, filter, channels: extent.channels };
        match window.size {
            3 => row.run::<3>(source),
            5 => row.run::<5>(source),
            7 => row.run::<7>(source),
            size => panic!("a depthwise window of {size} by {size} pixels, expected 3, 5 or 7"),
        }
    });
}

/// One row of output pixels.
struct Row<'a> {
    output: &'a mut [f32],
    horizontal: Axis,
    filter: &'a Filter,
    channels: usize,
}

impl<'a> Row<'a> {
    /// Fills the row from the `SIZE` rows of input that `source` gives.
    fn run<const SIZE: usize>(self, source: impl Fn(usize) -> &'a [f32]) {
        let rows: [&[f32]; SIZE] = std::array::from_fn(source);
        pulp::Arch::new().dispatch(Slide { row: self, rows });
    }
}

/// A window of `SIZE` by `SIZE` sliding along one row.
struct Slide<'a, const SIZE: usize> {
    row: Row<'a>,
    rows: [&'a [f32]; SIZE],
}

impl<const SIZE: usize> WithSimd for Slide<'_, SIZE> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let channels = self.row.channels;
        let whole = channels - channels % S::F32_LANES;
        for channel in (0..whole).step_by(S::F32_LANES) {
            self.slide(simd, channel);
        }
        for channel in whole..channels {
            self.slide(Scalar::new(), channel);
        }
    }
}

impl<const SIZE: usize> Slide<'_, SIZE> {
    /// Computes one vector of channels, from `channel` on, in every pixel of the row.
    #[inline(always)]
    fn slide<S: Simd>(&mut self, simd: S, channel: usize) {
        let Row { filter, horizontal, channels, .. } = self.row;
        let mut weights = [[simd.splat_f32s(0.0); SIZE]; SIZE];
        for (tap, weight) in weights.as_flattened_mut().iter_mut().enumerate() {
            *weight = load::<S>(&filter.weights, tap * channels + channel);
        }
        let bias = load::<S>(&filter.bias, channel);
        let (low, high) = filter.activation.range();
        let (low, high) = (simd.splat_f32s(low), simd.splat_f32s(high));

        let interior = horizontal.interior();
        for x in 0..horizontal.outputs {
            let mut sum = bias;
            if interior.contains(&x) {
                let first = horizontal.input(x, 0) * channels + channel;
                for (row, weights) in self.rows.iter().zip(&weights) {
                    for (column, weight) in weights.iter().enumerate() {
                        sum = simd.mul_add_e_f32s(*weight, load::<S>(row, first + column * channels), sum);
                    }
                }
            } else {
                for column in horizontal.taps(x) {
                    let at = horizontal.input(x, column) * channels + channel;
                    for (row, weights) in self.rows.iter().zip(&weights) {
                        sum = simd.mul_add_e_f32s(weights[column], load::<S>(row, at), sum);
                    }
                }
            }
            // In this order of operands, what is not a number stays as it is.
            let sum = simd.min_f32s(high, simd.max_f32s(low, sum));
            store::<S>(self.row.output, x * channels + channel, sum);
        }
    }
}

/// The vector that starts at `from[at]`.
#[inline(always)]
fn load<S: Simd>(from: &[f32], at: usize) -> S::f32s {
    S::as_simd_f32s(&from[at..at + S::F32_LANES]).0[0]
}

/// Puts a vector at `to[at]`.
#[inline(always)]
fn store<S: Simd>(to: &mut [f32], at: usize, vector: S::f32s) {
    S::as_mut_simd_f32s(&mut to[at..at + S::F32_LANES]).0[0] = vector;
}
