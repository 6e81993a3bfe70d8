//! Convolutions over all channels, as matrix products.
//!
//! A 1×1 convolution is one product: pixels × input channels by input channels × output channels. A larger
//! window first gathers what it sees at each place into a row of a matrix ("im2col"), a few rows of pixels
//! at a time so that the matrix stays in the cache. [`Layer`] has weights of its own, laid out for that once;
//! [`Convolution`] takes them as they come, for a batch of maps, and has the gradients.

mod batch;
mod gather;
mod layer;
mod winograd;

pub use batch::Convolution;
pub use layer::{Gathered, Layer};

use crate::Threads;

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
    work: impl Fn(usize, &mut [f32]) + Sync,
) {
    let mut nothing = vec![(); values.len().div_ceil(band)];
    threads.bands(values, band, &mut nothing, |index, band, ()| work(index, band));
}
