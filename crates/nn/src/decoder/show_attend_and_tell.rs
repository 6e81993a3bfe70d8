//! "Show, Attend and Tell" with soft attention, in small widths: regions are projected first.

use nid_autograd::{Graph, Indices, Initialiser, LstmState, ParameterId, Var};

use super::layers::{LayerNorm, Linear, Lstm};
use super::{Config, Decoder, Regions, Scene, Step};

#[derive(Clone, Debug)]
pub(super) struct ShowAttendAndTell {
    regions: Linear,
    norm: LayerNorm,
    key: Linear,
    query: Linear,
    score: ParameterId,
    gate: Linear,
    start_hidden: Linear,
    start_cell: Linear,
    lstm: Lstm,
    output: Linear,
}

impl ShowAttendAndTell {
    pub(super) fn new(config: &Config, channels: usize, init: &mut Initialiser) -> Self {
        let &Config { projection, embedding, hidden, attention, .. } = config;
        Self {
            regions: Linear::new(init, "regions", channels, projection),
            norm: LayerNorm::new(init, "regions.norm", projection),
            key: Linear::new(init, "attention.key", projection, attention),
            query: Linear::new(init, "attention.query", hidden, attention),
            score: init.uniform("attention.score", &[attention], 1.0 / (attention as f32).sqrt()),
            gate: Linear::new(init, "gate", hidden, projection),
            start_hidden: Linear::new(init, "start.hidden", projection, hidden),
            start_cell: Linear::new(init, "start.cell", projection, hidden),
            lstm: Lstm::new(init, "lstm", embedding + projection, hidden),
            output: Linear::new(init, "output", hidden + projection, embedding),
        }
    }

    pub(super) fn look(&self, graph: &Graph<'_>, features: &Var, decoder: &Decoder) -> Scene {
        let projected = self.norm.forward(graph, &self.regions.forward(graph, features));
        let values = graph.dropout(&graph.relu(&projected), decoder.dropout); // [P, R, projection]
        let mean = graph.mean_regions(&values);
        let start = LstmState {
            hidden: graph.tanh(&self.start_hidden.forward(graph, &mean)),
            cell: graph.tanh(&self.start_cell.forward(graph, &mean)),
        };
        let keys = self.key.forward(graph, &values); // [P, R, attention]
        Scene { regions: Some(Regions { values, keys }), start }
    }

    pub(super) fn step(
        &self,
        graph: &Graph<'_>,
        regions: &Regions,
        owners: Indices<'_>,
        word: &Var,
        state: &LstmState,
    ) -> Step {
        let query = self.query.forward(graph, &state.hidden); // [B, attention]
        let score = graph.parameter(self.score);
        let attended = graph.attend(&regions.keys, &regions.values, &query, &score, owners);
        let gate = graph.sigmoid(&self.gate.forward(graph, &state.hidden)); // [B, projection]
        let context = graph.multiply(&attended.context, &gate);

        let state = self.lstm.step(graph, &[word, &context], state);
        let output = self.output.forward(graph, &graph.concatenate(&[&state.hidden, &context]));
        Step { state, output, weights: Some(attended.weights) }
    }
}
