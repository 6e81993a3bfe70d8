//! Linear maps and layer normalisation.

use nid_kernels::convolution::Activation;
use nid_kernels::normalise::{EPSILON, layer_norm, layer_norm_backward};
use nid_kernels::{Matrix, Threads, elementwise, product};

use crate::graph::Source;
use crate::trace::Operation;
use crate::{Buffer, Graph, Tensor, Var};

impl Graph<'_> {
    /// `x · weightᵀ + bias` in every row: `x` `[…, inputs]`, `weight` `[outputs, inputs]`, `bias` `[outputs]`.
    ///
    /// # Panics
    /// If the shapes do not fit together.
    #[must_use]
    pub fn linear(&self, x: &Var, weight: &Var, bias: Option<&Var>) -> Var {
        let (rows, inputs) = (x.value().rows(), x.value().width());
        let outputs = weight.value().rows();
        let mut data = Buffer::scratch(rows * outputs);
        if let Some((packed, threads)) = self.packed(weight) {
            let bias = bias.map_or(&[][..], |bias| bias.value().data());
            packed.run(&mut data, x.value().data(), bias, Activation::Identity, threads);
        } else {
            let right = Matrix::new(weight.value().data(), outputs, inputs).transposed();
            product(&mut data, Matrix::new(x.value().data(), rows, inputs), right, false, Threads::One);
            if let Some(bias) = bias {
                elementwise::add_to_rows(&mut data, bias.value().data());
            }
        }
        let mut shape = x.value().shape().to_vec();
        shape.truncate(shape.len() - 1);
        shape.push(outputs);
        let parents: Vec<&Var> = [x, weight].into_iter().chain(bias).collect();
        let output = self.node(Tensor::new(&shape, data), &parents);
        self.trace(Operation::Linear, parents.iter().map(|parent| parent.source()), [&output]);

        let (x, weight, bias, out) = (x.clone(), weight.clone(), bias.cloned(), output.clone());
        self.record(&output, move |gradients| {
            let Some(gradient) = gradients.take(&out) else { return };
            if let Some(bias) = &bias {
                gradients.accumulate(bias, |sums| elementwise::sum_rows(sums, &gradient));
            }
            let up = Matrix::new(&gradient, rows, outputs);
            gradients.product(&x, up, Matrix::new(weight.value().data(), outputs, inputs));
            match weight.source() {
                Source::Parameter(id) => gradients.defer(id, x.value().clone(), gradient),
                Source::Node(_) | Source::Constant => {
                    let x = Matrix::new(x.value().data(), rows, inputs);
                    gradients.product(&weight, up.transposed(), x);
                }
            }
        });
        output
    }

    /// Layer normalisation over the last axis; `gain` and `bias` have its size.
    #[must_use]
    pub fn layer_norm(&self, x: &Var, gain: &Var, bias: &Var) -> Var {
        let mut normalised = Buffer::copy_of(x.value().data());
        let mut scales = Buffer::scratch(x.value().rows());
        let mut data = Buffer::scratch(normalised.len());
        layer_norm(&mut normalised, &mut scales, &mut data, gain.value().data(), bias.value().data());
        let output = self.node(Tensor::new(x.value().shape(), data), &[x, gain, bias]);
        self.trace(Operation::LayerNorm(EPSILON), [x, gain, bias].map(Var::source), [&output]);

        let (x, gain, bias, out) = (x.clone(), gain.clone(), bias.clone(), output.clone());
        self.record(&output, move |gradients| {
            let Some(mut gradient) = gradients.take(&out) else { return };
            let width = gain.value().width();
            let (mut gain_sum, mut bias_sum) = (Buffer::zeros(width), Buffer::zeros(width));
            let weight = gain.value().data();
            layer_norm_backward(&normalised, &scales, weight, &mut gradient, &mut gain_sum, &mut bias_sum);
            gradients.give(&gain, gain_sum);
            gradients.give(&bias, bias_sum);
            gradients.give(&x, gradient);
        });
        output
    }
}
