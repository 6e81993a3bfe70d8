//! The dense layer that decoders and classifiers share.

use nid_autograd::{Graph, Initialiser, ParameterId, Var};

/// `x · weightᵀ + bias`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Linear {
    weight: ParameterId,
    bias: ParameterId,
}

impl Linear {
    pub(crate) fn new(init: &mut Initialiser, name: &str, inputs: usize, outputs: usize) -> Self {
        let bound = 1.0 / (inputs as f32).sqrt();
        init.scope(name, |init| Self {
            weight: init.uniform("weight", &[outputs, inputs], bound),
            bias: init.constant("bias", &[outputs], 0.0),
        })
    }

    pub(crate) fn forward(&self, graph: &Graph<'_>, x: &Var) -> Var {
        graph.linear(x, &graph.parameter(self.weight), Some(&graph.parameter(self.bias)))
    }
}
