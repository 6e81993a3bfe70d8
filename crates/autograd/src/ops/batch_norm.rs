//! Batch normalisation.

use nid_kernels::batch_norm::{self, BatchNorm};
use nid_kernels::convolution::Activation;
use nid_kernels::normalise::EPSILON;

use crate::moments::{Moments, Running};
use crate::trace::Operation;
use crate::{Buffer, Graph, Tensor, Var};

impl Graph<'_> {
    /// Batch normalisation of the last axis, `x` `[…, channels]`, with `gain` and `shift` `[channels]`, and the
    /// activation that follows, in the same pass.
    ///
    /// Training normalises by the mean and variance of `x` itself and notes them for [`Gradients::moments`], from
    /// which [`Parameters::follow`] moves the running ones; inference normalises by those.
    ///
    /// [`Gradients::moments`]: crate::Gradients::moments
    /// [`Parameters::follow`]: crate::Parameters::follow
    ///
    /// # Panics
    /// If the shapes do not fit together.
    #[must_use]
    pub fn batch_norm(&self, x: &Var, gain: &Var, shift: &Var, running: Running, activation: Activation) -> Var {
        let channels = x.value().width();
        let numbers = x.value().data();
        let (mean, variance) = if self.is_training() {
            let (mut mean, mut variance) = (vec![0.0; channels], vec![0.0; channels]);
            batch_norm::moments(numbers, &mut mean, &mut variance);
            let moments = Moments { count: x.value().rows(), mean: mean.clone(), variance: variance.clone() };
            self.note(running, moments);
            (Tensor::new(&[channels], mean), Tensor::new(&[channels], variance))
        } else {
            (self.parameter(running.mean).value().clone(), self.parameter(running.variance).value().clone())
        };
        let arrays = [mean, variance, gain.value().clone(), shift.value().clone()];
        let mut data = Buffer::scratch(numbers.len());
        batch_norm::forward(&mut data, numbers, norm(&arrays, activation));
        let output = self.node(Tensor::new(x.value().shape(), data), &[x, gain, shift]);
        let read = [x, gain, shift, &self.parameter(running.mean), &self.parameter(running.variance)].map(Var::source);
        self.trace(Operation::BatchNorm { epsilon: EPSILON, activation }, read, [&output]);

        let (x, gain, shift, out) = (x.clone(), gain.clone(), shift.clone(), output.clone());
        self.record(&output, move |gradients| {
            let Some(mut gradient) = gradients.take(&out) else { return };
            let (mut of_gain, mut of_shift) = (Buffer::zeros(channels), Buffer::zeros(channels));
            let norm = norm(&arrays, activation);
            batch_norm::backward(&mut gradient, x.value().data(), norm, &mut of_gain, &mut of_shift);
            gradients.give(&gain, of_gain);
            gradients.give(&shift, of_shift);
            gradients.give(&x, gradient);
        });
        output
    }
}

fn norm([mean, variance, gain, shift]: &[Tensor; 4], activation: Activation) -> BatchNorm<'_> {
    let [mean, variance, gain, shift] = [mean, variance, gain, shift].map(Tensor::data);
    BatchNorm { mean, variance, gain, shift, activation }
}
