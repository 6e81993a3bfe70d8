//! A decoder written down as plain data, for whoever runs it elsewhere.

use nid_autograd::{Graph, LstmState, Tensor, Trace};

use super::{Reader, Regions, Scene};

/// Pictures in the example that is traced; a trace holds for any number.
const PICTURES: usize = 1;
/// What the first axis of what is seen counts.
const BY_PICTURE: &str = "pictures";
/// What the first axis of unfinished sentences counts.
const BY_SENTENCE: &str = "sentences";

impl Reader<'_> {
    /// How it looks at pictures of so many `regions` of so many `channels`: from `features` `[P, R, C]` to `hidden` and
    /// `cell`, `[P, hidden]`, in which it begins to speak, and, where it attends, `keys` and `values`, `[P, R, ·]`.
    #[must_use]
    pub fn trace_start(&self, [regions, channels]: [usize; 2]) -> Trace {
        let graph = Graph::tracing(self.parameters);
        let Scene { regions, start } = self.seen(&graph, regions, channels);
        let mut outputs = vec![(["hidden", BY_PICTURE], &start.hidden), (["cell", BY_PICTURE], &start.cell)];
        if let Some(Regions { keys, values }) = &regions {
            outputs.extend([(["keys", BY_PICTURE], keys), (["values", BY_PICTURE], values)]);
        }
        graph.into_trace(&outputs)
    }

    /// How it reads one more word in every sentence: from `hidden` and `cell`, `[B, hidden]`, and the numbers of words
    /// `tokens` `[B]` to `log_probabilities` `[B, V]` of the next word, `next_hidden` and `next_cell`. Where it attends, it is
    /// given `keys`, `values` and the picture of each sentence, `owners` `[B]`, and gives `attention` `[B, R]`.
    #[must_use]
    pub fn trace_step(&self, [regions, channels]: [usize; 2]) -> Trace {
        let seen = self.seen(&Graph::inference(self.parameters), regions, channels);
        let graph = Graph::tracing(self.parameters);
        let regions = seen.regions.map(|Regions { keys, values }| Regions {
            keys: graph.input("keys", BY_PICTURE, keys.value().clone()),
            values: graph.input("values", BY_PICTURE, values.value().clone()),
        });
        let [owners, tokens] = [[0; PICTURES]; 2];
        let owners = match regions {
            Some(_) => graph.input_indices("owners", BY_SENTENCE, &owners),
            None => owners.as_slice().into(),
        };
        let state = LstmState {
            hidden: graph.input("hidden", BY_SENTENCE, seen.start.hidden.value().clone()),
            cell: graph.input("cell", BY_SENTENCE, seen.start.cell.value().clone()),
        };
        let tokens = graph.input_indices("tokens", BY_SENTENCE, &tokens);

        let scene = Scene { regions, start: seen.start };
        let step = self.decoder.step(&graph, &scene, owners, &state, tokens);
        let scores = self.decoder.log_probabilities(&graph, &step.output);
        let mut outputs = vec![
            (["log_probabilities", BY_SENTENCE], &scores),
            (["next_hidden", BY_SENTENCE], &step.state.hidden),
            (["next_cell", BY_SENTENCE], &step.state.cell),
        ];
        outputs.extend(step.weights.as_ref().map(|weights| (["attention", BY_SENTENCE], weights)));
        graph.into_trace(&outputs)
    }

    /// What it sees in example pictures.
    fn seen(&self, graph: &Graph<'_>, regions: usize, channels: usize) -> Scene {
        let shape = [PICTURES, regions, channels];
        let example = Tensor::new(&shape, vec![0.0; shape.iter().product()]);
        self.decoder.look(graph, &graph.input("features", BY_PICTURE, example))
    }
}
