//! The layers that decoders are made of: names of parameters, and what is done with them.

use nid_autograd::{Graph, Indices, Initialiser, LstmState, ParameterId, Var};

pub(crate) use crate::linear::Linear;

/// Layer normalisation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LayerNorm {
    gain: ParameterId,
    bias: ParameterId,
}

impl LayerNorm {
    pub(crate) fn new(init: &mut Initialiser, name: &str, width: usize) -> Self {
        init.scope(name, |init| Self {
            gain: init.constant("weight", &[width], 1.0),
            bias: init.constant("bias", &[width], 0.0),
        })
    }

    pub(crate) fn forward(&self, graph: &Graph<'_>, x: &Var) -> Var {
        graph.layer_norm(x, &graph.parameter(self.gain), &graph.parameter(self.bias))
    }
}

/// An LSTM: one map from input and hidden state to the sums of the four gates.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lstm {
    gates: Linear,
}

impl Lstm {
    pub(crate) fn new(init: &mut Initialiser, name: &str, inputs: usize, hidden: usize) -> Self {
        Self { gates: Linear::new(init, name, inputs + hidden, 4 * hidden) }
    }

    pub(crate) fn step(&self, graph: &Graph<'_>, inputs: &[&Var], state: &LstmState) -> LstmState {
        let all: Vec<&Var> = inputs.iter().copied().chain([&state.hidden]).collect();
        graph.lstm(&self.gates.forward(graph, &graph.concatenate(&all)), &state.cell)
    }
}

/// The tables that words are read from and scored with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Words {
    read: ParameterId,
    score: ParameterId,
    bias: ParameterId,
}

impl Words {
    /// One table for both: Press and Wolf, "Using the Output Embedding to Improve Language Models" (2017).
    pub(crate) fn tied(init: &mut Initialiser, vocabulary: usize, width: usize) -> Self {
        init.scope("words", |init| {
            let table = init.uniform("weight", &[vocabulary, width], 0.1);
            Self { read: table, score: table, bias: init.constant("bias", &[vocabulary], 0.0) }
        })
    }

    /// Words are read as vectors of `embedding` numbers and scored from `scored` numbers.
    pub(crate) fn apart(init: &mut Initialiser, vocabulary: usize, embedding: usize, scored: usize) -> Self {
        init.scope("words", |init| Self {
            read: init.uniform("weight", &[vocabulary, embedding], 0.1),
            score: init.uniform("score", &[vocabulary, scored], 0.1),
            bias: init.constant("bias", &[vocabulary], 0.0),
        })
    }

    pub(crate) fn read(&self, graph: &Graph<'_>, tokens: Indices<'_>) -> Var {
        graph.gather(&graph.parameter(self.read), tokens)
    }

    pub(crate) fn logits(&self, graph: &Graph<'_>, x: &Var) -> Var {
        graph.linear(x, &graph.parameter(self.score), Some(&graph.parameter(self.bias)))
    }
}
