//! Dense layers, and convolutions that see one pixel: weights, bias and activation in one pass.

use crate::convolution::{Activation, Filter, for_each_band};
use crate::packed::{Finish, Packed, Rows};
use crate::{Level, Threads};

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
        Self { packed: Packed::new(&weights, [inputs, bias.len()], level), bias, activation }
    }

    /// `activation(rows · weights + bias)`, over each row of `input`.
    ///
    /// # Panics
    /// If the lengths do not fit together.
    pub fn run(&self, output: &mut [f32], input: &[f32], threads: Threads) {
        let (inputs, outputs) = (self.packed.inputs(), self.packed.outputs());
        let rows = output.len() / outputs.max(1);
        assert_eq!((output.len(), input.len()), (rows * outputs, rows * inputs), "numbers of {rows} rows");
        let finish = Finish { bias: &self.bias, range: self.activation.range(), added: None };
        let band = rows.div_ceil(threads.count()).max(1);
        for_each_band(output, band * outputs, threads, |index, output| {
            let first = index * band * inputs;
            let input = Rows { numbers: &input[first..first + output.len() / outputs * inputs], stride: inputs };
            self.packed.multiply(0..self.packed.panels(), 0..inputs, input, output, outputs, &finish);
        });
    }
}
