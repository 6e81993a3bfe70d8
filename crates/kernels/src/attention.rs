//! Additive attention over the regions of several pictures at once, forward and backward.
//!
//! Bahdanau et al. (2015), over a picture's regions as in Xu et al., "Show, Attend and Tell" (2015), section 3.1.2:
//! `e = vᵀ tanh(key + query)`, `α = softmax(e)`, context `= Σ α · value`. Rows that describe one picture share its
//! keys and values, which are neither repeated nor projected anew.
//!
//! Shapes: `P` pictures, `R` regions, `A` attention space, `F` features, `B` rows; keys `[P, R, A]`, values
//! `[P, R, F]`, queries `[B, A]`, contexts `[B, F]`, weights `[B, R]`; `owners[b]` is the picture of row `b`.

use crate::elementwise::{dot, tanh};
use crate::normalise::softmax;
use crate::vectorised;

/// What is attended to, and by which rows.
#[derive(Clone, Copy, Debug)]
pub struct Scene<'a> {
    /// `[P, R, A]`.
    pub keys: &'a [f32],
    /// `[P, R, F]`.
    pub values: &'a [f32],
    /// `[B, A]`.
    pub queries: &'a [f32],
    /// `v`, `[A]`.
    pub score: &'a [f32],
    /// The picture of each row, `[B]`.
    pub owners: &'a [usize],
    /// `R`.
    pub regions: usize,
}

impl Scene<'_> {
    fn key_width(&self) -> usize {
        self.score.len()
    }

    fn value_width(&self) -> usize {
        self.values.len() * self.key_width() / self.keys.len().max(1)
    }
}

/// Attention weights `[B, R]` and contexts `[B, F]`, both overwritten.
pub fn forward(scene: Scene<'_>, weights: &mut [f32], contexts: &mut [f32]) {
    let (regions, a, f) = (scene.regions, scene.key_width(), scene.value_width());
    let mut squashed = vec![0.0; a];
    vectorised(|| {
        let rows = weights.chunks_exact_mut(regions).zip(contexts.chunks_exact_mut(f));
        for (row, (weights, context)) in rows.enumerate() {
            let owner = scene.owners[row];
            let query = &scene.queries[row * a..(row + 1) * a];
            let keys = scene.keys[owner * regions * a..(owner + 1) * regions * a].chunks_exact(a);
            for (weight, key) in weights.iter_mut().zip(keys) {
                squash(&mut squashed, key, query);
                *weight = dot(&squashed, scene.score);
            }
            softmax(weights);
            context.fill(0.0);
            let values = scene.values[owner * regions * f..(owner + 1) * regions * f].chunks_exact(f);
            for (weight, value) in weights.iter().zip(values) {
                context.iter_mut().zip(value).for_each(|(sum, x)| *sum += weight * x);
            }
        }
    });
}

#[inline(always)]
fn squash(squashed: &mut [f32], key: &[f32], query: &[f32]) {
    for ((s, k), q) in squashed.iter_mut().zip(key).zip(query) {
        *s = tanh(k + q);
    }
}

/// Gradients of [`forward`] for its inputs, each added to; shapes as the inputs'.
#[derive(Debug)]
pub struct Gradients<'a> {
    /// `[P, R, A]`.
    pub keys: &'a mut [f32],
    /// `[P, R, F]`.
    pub values: &'a mut [f32],
    /// `[B, A]`.
    pub queries: &'a mut [f32],
    /// `[A]`.
    pub score: &'a mut [f32],
}

/// From the gradients of the contexts and, where the loss looks at them, of the weights. `tanh` is computed anew
/// rather than kept: `B · R · A` numbers a step would not fit the cache.
pub fn backward(
    scene: Scene<'_>,
    weights: &[f32],
    context_gradient: &[f32],
    weights_gradient: Option<&[f32]>,
    gradients: &mut Gradients<'_>,
) {
    let (regions, a, f) = (scene.regions, scene.key_width(), scene.value_width());
    let mut squashed = vec![0.0; a];
    let mut energies = vec![0.0; regions];
    vectorised(|| {
        for (row, &owner) in scene.owners.iter().enumerate() {
            let weights = &weights[row * regions..(row + 1) * regions];
            let d_context = &context_gradient[row * f..(row + 1) * f];
            let query = &scene.queries[row * a..(row + 1) * a];
            let d_query = &mut gradients.queries[row * a..(row + 1) * a];

            for region in 0..regions {
                let at = (owner * regions + region) * f;
                let value = &scene.values[at..at + f];
                let d_value = &mut gradients.values[at..at + f];
                d_value.iter_mut().zip(d_context).for_each(|(sum, d)| *sum += weights[region] * d);
                let beside = weights_gradient.map_or(0.0, |g| g[row * regions + region]);
                energies[region] = dot(value, d_context) + beside;
            }
            // Through the softmax: dα → de.
            let mean = dot(&energies, weights);
            energies.iter_mut().zip(weights).for_each(|(e, w)| *e = w * (*e - mean));

            for (region, &energy) in energies.iter().enumerate() {
                let at = (owner * regions + region) * a;
                let d_key = &mut gradients.keys[at..at + a];
                squash(&mut squashed, &scene.keys[at..at + a], query);
                for j in 0..a {
                    gradients.score[j] += energy * squashed[j];
                    let inner = energy * scene.score[j] * (1.0 - squashed[j] * squashed[j]);
                    d_key[j] += inner;
                    d_query[j] += inner;
                }
            }
        }
    });
}
