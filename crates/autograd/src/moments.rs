//! What batch normalisation saw of a batch, on its way to the running statistics.
//!
//! Running means and variances are parameters like any other (they lie in the same file), but no gradient flows to
//! them, so no optimiser moves them. A training graph notes what each normalisation saw; [`Gradients`] carries it out
//! and adds up the parts of a batch; [`Parameters::follow`] moves the running statistics a little towards it.

use crate::{Gradients, ParameterId, Parameters};

/// Where a batch normalisation keeps what training saw on average, each `[channels]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Running {
    /// Means.
    pub mean: ParameterId,
    /// Variances.
    pub variance: ParameterId,
}

/// Mean and variance of each channel of some pixels.
#[derive(Clone, Debug, PartialEq)]
pub struct Moments {
    /// How many pixels.
    pub count: usize,
    /// Their mean, `[channels]`.
    pub mean: Vec<f32>,
    /// Their variance: squares around the mean, divided by the count.
    pub variance: Vec<f32>,
}

impl Moments {
    /// Those of these pixels and others together: Chan, Golub and LeVeque (1979).
    pub(crate) fn add(&mut self, other: &Self) {
        let count = self.count + other.count;
        let share = other.count as f32 / count.max(1) as f32;
        let own = self.mean.iter_mut().zip(&mut self.variance);
        for ((mean, variance), (other_mean, other_variance)) in own.zip(other.mean.iter().zip(&other.variance)) {
            let gap = other_mean - *mean;
            *mean += gap * share;
            *variance += (other_variance - *variance) * share + gap * gap * share * (1.0 - share);
        }
        self.count = count;
    }
}

impl Parameters {
    /// Moves all running statistics the part `share` of the way to what the batch of `gradients` showed (PyTorch's
    /// momentum; its default is 0.1). The variance is taken as an estimate of all pictures': squares divided by the
    /// count less one.
    pub fn follow(&mut self, gradients: &Gradients, share: f32) {
        for (running, moments) in gradients.moments() {
            let count = moments.count as f32;
            let unbiased = count / (count - 1.0).max(1.0);
            let towards = |target: &mut [f32], seen: &[f32], scale: f32| {
                target.iter_mut().zip(seen).for_each(|(x, seen)| *x += share * (seen * scale - *x));
            };
            towards(self.tensor_mut(running.mean).data_mut(), &moments.mean, 1.0);
            towards(self.tensor_mut(running.variance).data_mut(), &moments.variance, unbiased);
        }
    }
}
