//! AdamW: Loshchilov and Hutter, "Decoupled Weight Decay Regularization" (2019).

use nid_autograd::{Gradients, Parameters};
use rayon::prelude::*;

const BETA_1: f32 = 0.9;
const BETA_2: f32 = 0.999;
const EPSILON: f32 = 1e-8;

/// Running means of gradients and of their squares, one pair a parameter.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct AdamW {
    pub(crate) means: Vec<Vec<f32>>,
    pub(crate) squares: Vec<Vec<f32>>,
    pub(crate) steps: u64,
}

impl AdamW {
    pub(crate) fn new(parameters: &Parameters) -> Self {
        let zeros = || parameters.iter().map(|(_, tensor)| vec![0.0; tensor.data().len()]).collect();
        Self { means: zeros(), squares: zeros(), steps: 0 }
    }

    /// Takes one step along `gradients · scale`. Weight decay is for matrices, not for biases and gains.
    pub(crate) fn step(
        &mut self,
        parameters: &mut Parameters,
        gradients: &Gradients,
        scale: f32,
        rate: f32,
        decay: f32,
    ) {
        self.steps += 1;
        let steps = i32::try_from(self.steps).unwrap_or(i32::MAX);
        let rate_1 = rate / (1.0 - BETA_1.powi(steps));
        let correction_2 = 1.0 / (1.0 - BETA_2.powi(steps));
        let moments = self.means.iter_mut().zip(&mut self.squares);
        for (((_, tensor), gradient), (mean, square)) in parameters.iter_mut().zip(gradients.parameters()).zip(moments)
        {
            let Some(gradient) = gradient else { continue };
            let shrink = if tensor.shape().len() > 1 { 1.0 - rate * decay } else { 1.0 };
            let weights = tensor.data_mut().par_chunks_mut(CHUNK).zip(gradient.par_chunks(CHUNK));
            let moments = mean.par_chunks_mut(CHUNK).zip(square.par_chunks_mut(CHUNK));
            weights.zip(moments).for_each(|((weights, gradient), (mean, square))| {
                for i in 0..weights.len() {
                    let g = gradient[i] * scale;
                    mean[i] = BETA_1 * mean[i] + (1.0 - BETA_1) * g;
                    square[i] = BETA_2 * square[i] + (1.0 - BETA_2) * g * g;
                    let size = (square[i] * correction_2).sqrt() + EPSILON;
                    weights[i] = weights[i] * shrink - rate_1 * mean[i] / size;
                }
            });
        }
    }
}

const CHUNK: usize = 1 << 14;
