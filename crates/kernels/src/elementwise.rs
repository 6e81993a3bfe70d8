//! Functions of single numbers, over whole slices.
//!
//! `exp` is the usual range reduction, `e^x = 2^n · e^r` with `|r| ≤ ln 2 / 2`, and a polynomial for `e^r`;
//! `tanh` and `sigmoid` follow from it. Errors against `f64` are below 2e-7, relative for `exp` and absolute
//! for the other two (tested). None of them branches, so loops over them vectorise.

use crate::vectorised;

/// `e^x`; 0 below -87, and finite up to 88.
#[inline(always)]
pub(crate) fn exp(x: f32) -> f32 {
    // Adding 1.5 · 2^23 rounds to the nearest integer and leaves it in the low bits of the mantissa.
    const ROUND: f32 = 12_582_912.0;
    const LN_2_HIGH: f32 = 0.693_359_4;
    const LN_2_LOW: f32 = -2.121_944_4e-4;

    let x = x.clamp(-87.3, 88.0);
    let shifted = x * std::f32::consts::LOG2_E + ROUND;
    let n = shifted - ROUND;
    let r = x - n * LN_2_HIGH - n * LN_2_LOW;
    // Taylor's series: the first term left out is below 6e-9 where |r| ≤ ln 2 / 2.
    let mut sum = 1.0 / 5040.0;
    for coefficient in [1.0 / 720.0, 1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 0.5, 1.0, 1.0] {
        sum = sum * r + coefficient;
    }
    let power = f32::from_bits((shifted.to_bits() << 23).wrapping_add(0x3f80_0000));
    sum * power
}

#[inline(always)]
pub(crate) fn tanh(x: f32) -> f32 {
    let e = exp(2.0 * x.clamp(-9.1, 9.1));
    (e - 1.0) / (e + 1.0)
}

#[inline(always)]
pub(crate) fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + exp(-x))
}

/// Puts the exponential of every number in its place.
pub fn exp_in_place(values: &mut [f32]) {
    vectorised(|| values.iter_mut().for_each(|x| *x = exp(*x)));
}

/// Puts `tanh` of every number in its place.
pub fn tanh_in_place(values: &mut [f32]) {
    vectorised(|| values.iter_mut().for_each(|x| *x = tanh(*x)));
}

/// Puts the logistic function of every number in its place.
pub fn sigmoid_in_place(values: &mut [f32]) {
    vectorised(|| values.iter_mut().for_each(|x| *x = sigmoid(*x)));
}

/// Puts `max(x, 0)` in the place of every number; what is not a number stays as it is.
pub fn relu_in_place(values: &mut [f32]) {
    vectorised(|| values.iter_mut().for_each(|x| *x = if *x < 0.0 { 0.0 } else { *x }));
}

/// Puts zero in the place of every gradient where `output`, the result of [`relu_in_place`], is not above zero.
///
/// # Panics
/// If the lengths differ.
pub fn relu_backward(gradient: &mut [f32], output: &[f32]) {
    assert_eq!(gradient.len(), output.len(), "lengths of a gradient and its output");
    vectorised(|| gradient.iter_mut().zip(output).for_each(|(g, y)| *g = if *y > 0.0 { *g } else { 0.0 }));
}

/// `target += source`, number by number.
pub fn add(target: &mut [f32], source: &[f32]) {
    assert_eq!(target.len(), source.len(), "lengths of a sum");
    vectorised(|| target.iter_mut().zip(source).for_each(|(t, s)| *t += s));
}

/// Adds `bias` to every row of `values`.
pub fn add_to_rows(values: &mut [f32], bias: &[f32]) {
    vectorised(|| {
        for row in values.chunks_exact_mut(bias.len()) {
            row.iter_mut().zip(bias).for_each(|(x, b)| *x += b);
        }
    });
}

/// Adds every row of `values` to `sums`.
pub fn sum_rows(sums: &mut [f32], values: &[f32]) {
    vectorised(|| {
        for row in values.chunks_exact(sums.len()) {
            sums.iter_mut().zip(row).for_each(|(s, x)| *s += x);
        }
    });
}

/// The sum of all squares.
#[must_use]
pub fn square_sum(values: &[f32]) -> f64 {
    // Chunks summed in single precision, so that the loop vectorises, then in double, so that little is lost.
    vectorised(|| values.chunks(1024).map(|chunk| f64::from(dot(chunk, chunk))).sum())
}

/// How many partial results a reduction keeps: a fixed number, so that loops vectorise and the result does not
/// depend on the machine's vectors.
const LANES: usize = 16;

/// The dot product of two slices of one length.
#[inline(always)]
pub(crate) fn dot(left: &[f32], right: &[f32]) -> f32 {
    let mut lanes = [0f32; LANES];
    let (left_body, left_rest) = left.as_chunks::<LANES>();
    let (right_body, right_rest) = right.as_chunks::<LANES>();
    for (a, b) in left_body.iter().zip(right_body) {
        for i in 0..LANES {
            lanes[i] += a[i] * b[i];
        }
    }
    let rest: f32 = left_rest.iter().zip(right_rest).map(|(a, b)| a * b).sum();
    lanes.iter().sum::<f32>() + rest
}

/// The sum of a function of each number.
#[inline(always)]
pub(crate) fn sum_of(values: &[f32], function: impl Fn(f32) -> f32) -> f32 {
    let mut lanes = [0f32; LANES];
    let (body, rest) = values.as_chunks::<LANES>();
    for chunk in body {
        for i in 0..LANES {
            lanes[i] += function(chunk[i]);
        }
    }
    lanes.iter().sum::<f32>() + rest.iter().map(|&x| function(x)).sum::<f32>()
}

/// The greatest number; minus infinity of none. A NaN is passed over.
#[inline(always)]
pub(crate) fn greatest(values: &[f32]) -> f32 {
    let mut lanes = [f32::NEG_INFINITY; LANES];
    let (body, rest) = values.as_chunks::<LANES>();
    for chunk in body {
        for i in 0..LANES {
            lanes[i] = if chunk[i] > lanes[i] { chunk[i] } else { lanes[i] };
        }
    }
    lanes.iter().chain(rest).copied().fold(f32::NEG_INFINITY, f32::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_double_precision() {
        for i in -8_700..=8_700 {
            let x = i as f32 / 100.0;
            let wide = f64::from(x);
            let relative = (f64::from(exp(x)) - wide.exp()) / wide.exp();
            assert!(relative.abs() < 2e-7, "exp({x}) is off by {relative}");
            assert!((f64::from(tanh(x)) - wide.tanh()).abs() < 2e-7, "tanh({x})");
            assert!((f64::from(sigmoid(x)) - 1.0 / (1.0 + (-wide).exp())).abs() < 2e-7, "sigmoid({x})");
        }
    }

    #[test]
    fn the_far_ends_are_finite() {
        for x in [f32::NEG_INFINITY, -1e30, 1e30, f32::INFINITY] {
            assert!(exp(x).is_finite() && tanh(x).abs() == 1.0 && (0.0..=1.0).contains(&sigmoid(x)), "at {x}");
        }
    }

    #[test]
    fn relu_hides_nothing_that_is_not_a_number() {
        let mut values = [-1.0, 0.0, 2.0, f32::INFINITY, f32::NAN];
        relu_in_place(&mut values);
        assert_eq!(values[..4], [0.0, 0.0, 2.0, f32::INFINITY]);
        assert!(values[4].is_nan());
    }

    #[test]
    fn a_dot_product_of_any_length() {
        for length in [0, 1, 15, 16, 17, 100] {
            let ones = vec![1.0; length];
            let counting: Vec<f32> = (0..length).map(|i| i as f32).collect();
            assert_eq!(dot(&ones, &counting), (length * length.saturating_sub(1) / 2) as f32);
        }
    }
}
