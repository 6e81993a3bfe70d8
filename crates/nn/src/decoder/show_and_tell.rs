//! "Show and Tell": the picture is the first thing the LSTM reads, words are the rest.

use nid_autograd::{Graph, Initialiser, LstmState, Var};

use super::layers::{Linear, Lstm};
use super::{Config, Decoder, Scene, Step, Tables};

#[derive(Clone, Debug)]
pub(super) struct ShowAndTell {
    picture: Linear,
    lstm: Lstm,
    /// From the LSTM's state to the width of word vectors, where these score words as well.
    output: Option<Linear>,
}

impl ShowAndTell {
    pub(super) fn new(config: &Config, channels: usize, init: &mut Initialiser) -> Self {
        Self {
            picture: Linear::new(init, "picture", channels, config.embedding),
            lstm: Lstm::new(init, "lstm", config.embedding, config.hidden),
            output: match config.tables {
                Tables::Tied => Some(Linear::new(init, "output", config.hidden, config.embedding)),
                Tables::Apart => None,
            },
        }
    }

    pub(super) fn look(&self, graph: &Graph<'_>, features: &Var, decoder: &Decoder) -> Scene {
        let picture = self.picture.forward(graph, &graph.mean_regions(features)); // [P, embedding]
        let picture = graph.dropout(&picture, decoder.dropout);
        let zeros = graph.zeros(&picture, decoder.hidden);
        let silence = LstmState { hidden: zeros.clone(), cell: zeros };
        Scene { regions: None, start: self.lstm.step(graph, &[&picture], &silence) }
    }

    pub(super) fn step(&self, graph: &Graph<'_>, word: &Var, state: &LstmState) -> Step {
        let state = self.lstm.step(graph, &[word], state);
        let output = match &self.output {
            Some(output) => output.forward(graph, &state.hidden),
            None => state.hidden.clone(),
        };
        Step { state, output, weights: None }
    }
}
