//! Dense layers, and convolutions that see one pixel: weights, bias and activation in one pass.

use crate::convolution::{Activation, Filter};
use crate::packed::{Finish, Packed};
use crate::{Level, Matrix, Threads};

/// A dense layer.
#[derive(Debug)]
pub struct Dense {
    pub(crate) packed: Packed,
    pub(crate) bias: Vec<f32>,
    pub(crate) activation: Activation,
}

impl Dense {
    /// The layer of a filter, whose weights are `[inputs, outputs]`.
    ///
    /// # Panics
    /// If the lengths do not fit together.
    #[must_use]
    pub fn new(filter: Filter, level: Level) -> Self {
        let Filter { weights, bias, activation } = filter;
        let inputs = weights.len().checked_div(bias.len()).unwrap_or(0);
        Self { packed: Packed::new(Matrix::new(&weights, inputs, bias.len()), level), bias, activation }
    }

    /// What follows the product.
    pub(crate) fn finish(&self) -> Finish<'_> {
        Finish { bias: &self.bias, range: self.activation.range(), added: None }
    }

    /// `activation(rows · weights + bias)`, over each row of `input`.
    ///
    /// # Panics
    /// If the lengths do not fit together.
    pub fn run(&self, output: &mut [f32], input: &[f32], threads: Threads) {
        self.packed.run(output, input, &self.bias, self.activation, threads);
    }
}
