//! Softmax and layer normalisation, row by row.

use crate::elementwise::{dot, exp, greatest, sum_of};
use crate::vectorised;

/// Turns every row of `width` logits into probabilities.
pub fn softmax_rows(values: &mut [f32], width: usize) {
    vectorised(|| values.chunks_exact_mut(width).for_each(softmax));
}

#[inline(always)]
pub(crate) fn softmax(row: &mut [f32]) {
    let shift = greatest(row);
    row.iter_mut().for_each(|x| *x = exp(*x - shift));
    let scale = 1.0 / sum_of(row, |x| x);
    row.iter_mut().for_each(|x| *x *= scale);
}

/// Turns every row of `width` logits into natural log-probabilities.
pub fn log_softmax_rows(values: &mut [f32], width: usize) {
    vectorised(|| {
        for row in values.chunks_exact_mut(width) {
            let top = greatest(row);
            let shift = top + sum_of(row, |x| exp(x - top)).ln();
            row.iter_mut().for_each(|x| *x -= shift);
        }
    });
}

/// Added to a variance before its root is taken, as PyTorch has it.
pub const EPSILON: f32 = 1e-5;

/// Layer normalisation (Ba et al., 2016): `(x − mean) / √(variance + ε) ∘ gain + bias` in every row.
///
/// `values` leaves as the normalised rows before gain and bias, `scales` holds `1 / √(variance + ε)` of each row:
/// [`layer_norm_backward`] wants both.
pub fn layer_norm(values: &mut [f32], scales: &mut [f32], output: &mut [f32], gain: &[f32], bias: &[f32]) {
    let width = gain.len();
    vectorised(|| {
        let rows = values.chunks_exact_mut(width).zip(output.chunks_exact_mut(width));
        for ((row, output), scale) in rows.zip(scales) {
            let mean = sum_of(row, |x| x) / width as f32;
            row.iter_mut().for_each(|x| *x -= mean);
            let variance = dot(row, row) / width as f32;
            *scale = 1.0 / (variance + EPSILON).sqrt();
            for j in 0..width {
                row[j] *= *scale;
                output[j] = row[j] * gain[j] + bias[j];
            }
        }
    });
}

/// The gradient of [`layer_norm`] for its input; those of gain and bias are added to.
pub fn layer_norm_backward(
    normalised: &[f32],
    scales: &[f32],
    gain: &[f32],
    gradient: &mut [f32],
    gain_gradient: &mut [f32],
    bias_gradient: &mut [f32],
) {
    let width = gain.len();
    vectorised(|| {
        let rows = normalised.chunks_exact(width).zip(gradient.chunks_exact_mut(width));
        for ((row, gradient), scale) in rows.zip(scales) {
            for j in 0..width {
                gain_gradient[j] += gradient[j] * row[j];
                bias_gradient[j] += gradient[j];
                gradient[j] *= gain[j];
            }
            let mean = sum_of(gradient, |x| x) / width as f32;
            let along = dot(gradient, row) / width as f32;
            for j in 0..width {
                gradient[j] = scale * (gradient[j] - mean - row[j] * along);
            }
        }
    });
}
