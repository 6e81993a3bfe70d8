//! Batch normalisation: every channel brought to mean 0 and variance 1 over all pixels of a batch.
//!
//! Ioffe and Szegedy, "Batch Normalization: Accelerating Deep Network Training by Reducing Internal Covariate Shift"
//! (2015). Training normalises by what the batch itself shows ([`moments`]), inference by what training saw on
//! average. Each pass reads its inputs once: the normalised numbers are not kept but computed again on the way back,
//! and the activation that mostly follows is done in the same pass.
//!
//! Values are `[pixels, channels]`, pixels of all maps below one another; all else is `[channels]`.

use crate::convolution::{Activation, clamp};
use crate::normalise::EPSILON;
use crate::vectorised;

/// Numbers summed in single precision before they are added up in double: 32 KiB, which the nearest cache holds.
const BLOCK: usize = 1 << 13;

/// Channels whose sums are kept in registers at a time.
const LANES: usize = 16;

/// What brings channels to their mean and variance.
#[derive(Clone, Copy, Debug)]
pub struct BatchNorm<'a> {
    /// What is taken away.
    pub mean: &'a [f32],
    /// What is divided by the root of.
    pub variance: &'a [f32],
    /// What is multiplied by then.
    pub gain: &'a [f32],
    /// What is added last.
    pub shift: &'a [f32],
    /// What follows.
    pub activation: Activation,
}

/// Mean and variance (of the batch itself: divided by the count) of every channel of `values`; zeros of none.
///
/// # Panics
/// If `mean` and `variance` differ in length or `values` are not whole pixels.
pub fn moments(values: &[f32], mean: &mut [f32], variance: &mut [f32]) {
    let width = mean.len();
    assert_eq!((variance.len(), values.len() % width), (width, 0), "channels of a variance, numbers beyond a pixel");
    let (mut means, mut squares) = (vec![0f64; width], vec![0f64; width]);
    let mut count = 0f64;
    vectorised(|| {
        for block in values.chunks(rows_in_block(width) * width) {
            let rows = (block.len() / width) as f64;
            moments_of_block(block, mean, variance);
            // Two sets' squares around their common mean: Chan, Golub and LeVeque (1979).
            let whole = count + rows;
            let (share, between) = (rows / whole, count * rows / whole);
            for c in 0..width {
                let gap = f64::from(mean[c]) - means[c];
                means[c] += gap * share;
                squares[c] += f64::from(variance[c]) + gap * gap * between;
            }
            count = whole;
        }
    });
    for c in 0..width {
        mean[c] = means[c] as f32;
        variance[c] = (squares[c] / count.max(1.0)) as f32;
    }
}

/// Mean of every channel, and the sum of squares around it.
#[inline(always)]
fn moments_of_block(block: &[f32], mean: &mut [f32], squares: &mut [f32]) {
    let width = mean.len();
    let (first, squares) = (&block[..width], &mut squares[..width]);
    // Distances from the first pixel are small: little is lost in their sum.
    mean.fill(0.0);
    for row in block.chunks_exact(width) {
        for c in 0..width {
            mean[c] += row[c] - first[c];
        }
    }
    let rows = (block.len() / width) as f32;
    mean.iter_mut().zip(first).for_each(|(sum, first)| *sum = *sum / rows + first);
    squares.fill(0.0);
    for row in block.chunks_exact(width) {
        for c in 0..width {
            let distance = row[c] - mean[c];
            squares[c] += distance * distance;
        }
    }
}

/// `activation((input − mean) / √(variance + ε) ∘ gain + shift)`.
///
/// # Panics
/// If the lengths do not fit together.
pub fn forward(output: &mut [f32], input: &[f32], norm: BatchNorm<'_>) {
    assert_eq!(output.len(), input.len(), "numbers in a batch normalisation");
    let factor = factors(norm);
    let (low, high) = norm.activation.range();
    let width = norm.gain.len();
    let (mean, factor, shift) = (&norm.mean[..width], &factor[..width], &norm.shift[..width]);
    vectorised(|| {
        for (output, input) in output.chunks_exact_mut(width).zip(input.chunks_exact(width)) {
            for c in 0..width {
                output[c] = clamp((input[c] - mean[c]) * factor[c] + shift[c], low, high);
            }
        }
    });
}

/// The gradient of [`forward`] where mean and variance are the [`moments`] of `input` itself: `gradient`, that of the
/// output, becomes that of the input; those of gain and shift are added to.
///
/// # Panics
/// If the lengths do not fit together.
pub fn backward(
    gradient: &mut [f32],
    input: &[f32],
    norm: BatchNorm<'_>,
    gain_gradient: &mut [f32],
    shift_gradient: &mut [f32],
) {
    assert_eq!(gradient.len(), input.len(), "numbers in a batch normalisation");
    let width = norm.gain.len();
    let factor = factors(norm);
    let (mut sums, mut along) = pass_activation(gradient, input, norm, &factor);
    let count = (input.len() / width) as f32;
    for c in 0..width {
        let scale = 1.0 / (norm.variance[c] + EPSILON).sqrt();
        gain_gradient[c] += along[c] * scale;
        shift_gradient[c] += sums[c];
        // What mean and variance pass on: to each number, and to it by its distance from the mean.
        sums[c] *= factor[c] / count;
        along[c] *= factor[c] * scale * scale / count;
    }

    let (mean, factor, sums, along) = (&norm.mean[..width], &factor[..width], &sums[..width], &along[..width]);
    vectorised(|| {
        for (gradient, input) in gradient.chunks_exact_mut(width).zip(input.chunks_exact(width)) {
            for c in 0..width {
                gradient[c] = gradient[c] * factor[c] - sums[c] - along[c] * (input[c] - mean[c]);
            }
        }
    });
}

/// Makes `gradient` zero where the activation clamped; of what is left, for each channel, the sum and that of the
/// products with `input − mean`.
fn pass_activation(gradient: &mut [f32], input: &[f32], norm: BatchNorm<'_>, factor: &[f32]) -> (Vec<f32>, Vec<f32>) {
    let width = factor.len();
    let (mut sums, mut along) = (vec![0f64; width], vec![0f64; width]);
    let block = rows_in_block(width) * width;
    let whole = width - width % LANES;
    for (gradient, input) in gradient.chunks_mut(block).zip(input.chunks(block)) {
        vectorised(|| {
            for channel in (0..whole).step_by(LANES) {
                let found = pass_channels::<LANES>(gradient, input, norm, factor, channel);
                add_to(&mut sums[channel..], &mut along[channel..], found);
            }
            for channel in whole..width {
                let found = pass_channels::<1>(gradient, input, norm, factor, channel);
                add_to(&mut sums[channel..], &mut along[channel..], found);
            }
        });
    }
    let single = |sums: Vec<f64>| sums.into_iter().map(|sum| sum as f32).collect();
    (single(sums), single(along))
}

/// [`pass_activation`] for `N` channels from `channel` on, whose sums stay in registers.
#[inline(always)]
fn pass_channels<const N: usize>(
    gradient: &mut [f32],
    input: &[f32],
    norm: BatchNorm<'_>,
    factor: &[f32],
    channel: usize,
) -> [[f32; N]; 2] {
    let (low, high) = norm.activation.range();
    let width = factor.len();
    let [mean, factor, shift]: [[f32; N]; 3] =
        [norm.mean, factor, norm.shift].map(|values| std::array::from_fn(|i| values[channel + i]));
    let (mut sums, mut along) = ([0.0; N], [0.0; N]);
    for (gradient, input) in gradient.chunks_exact_mut(width).zip(input.chunks_exact(width)) {
        let (gradient, input) = (&mut gradient[channel..channel + N], &input[channel..channel + N]);
        let mut passed = [0.0; N];
        passed.copy_from_slice(gradient);
        for i in 0..N {
            let distance = input[i] - mean[i];
            let y = distance * factor[i] + shift[i];
            passed[i] = if (y > low) & (y < high) { passed[i] } else { 0.0 };
            sums[i] += passed[i];
            along[i] += passed[i] * distance;
        }
        gradient.copy_from_slice(&passed);
    }
    [sums, along]
}

#[inline(always)]
fn add_to<const N: usize>(sums: &mut [f64], along: &mut [f64], found: [[f32; N]; 2]) {
    for i in 0..N {
        sums[i] += f64::from(found[0][i]);
        along[i] += f64::from(found[1][i]);
    }
}

/// `gain / √(variance + ε)`.
fn factors(norm: BatchNorm<'_>) -> Vec<f32> {
    let lengths = [norm.mean.len(), norm.variance.len(), norm.shift.len()];
    assert_eq!(lengths, [norm.gain.len(); 3], "channels of mean, variance and shift");
    norm.gain.iter().zip(norm.variance).map(|(gain, variance)| gain / (variance + EPSILON).sqrt()).collect()
}

fn rows_in_block(channels: usize) -> usize {
    (BLOCK / channels).max(1)
}
