//! Decoders: from a picture's features to words, one at a time.
//!
//! Two papers, chosen by a word in a configuration:
//!
//! * `show-and-tell`: Vinyals et al., "Show and Tell" (2015). The picture is an LSTM's first input; after that it
//!   sees words only.
//! * `show-attend-and-tell`: Xu et al., "Show, Attend and Tell" (2015), soft attention. Before each word the decoder
//!   looks at the regions anew, with a gate on what it sees (section 4.2.1) and words scored from the state and
//!   the context together (deep output).
//!
//! Both read and score words with one table, or with two: see [`Tables`]. The steps are written once: [`teach`] records them
//! for training, [`Reader`] runs them under a search, and writes them down for others to run.
//!
//! Shapes: `P` pictures, `R` regions, `C` channels, `B` rows (sentences), `V` vocabulary.

mod layers;
mod reader;
mod show_and_tell;
mod show_attend_and_tell;
mod teach;
mod trace;

use nid_autograd::{Graph, Indices, Initialiser, LstmState, Var};
use serde::{Deserialize, Serialize};

use layers::Words;
pub use reader::{Reader, State};
use show_and_tell::ShowAndTell;
use show_attend_and_tell::ShowAttendAndTell;
pub use teach::{Lesson, Taught, Teaching, teach};

/// Which decoder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// The picture once, then words.
    ShowAndTell,
    /// Attention before every word.
    ShowAttendAndTell,
}

/// How many tables words have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tables {
    /// One: words are scored with the vectors that they are read as.
    #[default]
    Tied,
    /// Two; "Show and Tell" then scores words straight from the LSTM's state, as in the paper.
    Apart,
}

impl Tables {
    fn are_tied(&self) -> bool {
        *self == Self::Tied
    }
}

/// A decoder's shape.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Which decoder.
    pub kind: Kind,
    /// Width to which regions are projected (attention only).
    #[serde(default = "defaults::projection")]
    pub projection: usize,
    /// Width of a word's vector.
    #[serde(default = "defaults::embedding")]
    pub embedding: usize,
    /// Width of the LSTM's state.
    #[serde(default = "defaults::hidden")]
    pub hidden: usize,
    /// Width of the space in which regions and state are compared (attention only).
    #[serde(default = "defaults::attention")]
    pub attention: usize,
    /// Share of numbers dropped, in training, from regions, word vectors and outputs.
    #[serde(default)]
    pub dropout: f32,
    /// How many tables words have.
    #[serde(default, skip_serializing_if = "Tables::are_tied")]
    pub tables: Tables,
}

impl Config {
    /// How many numbers words are scored from.
    #[must_use]
    pub fn scored(&self) -> usize {
        match (self.kind, self.tables) {
            (Kind::ShowAndTell, Tables::Apart) => self.hidden,
            _ => self.embedding,
        }
    }
}

mod defaults {
    pub(super) fn projection() -> usize {
        512
    }
    pub(super) fn embedding() -> usize {
        256
    }
    pub(super) fn hidden() -> usize {
        512
    }
    pub(super) fn attention() -> usize {
        256
    }
}

/// A decoder: the places of its parameters and what is done with them.
#[derive(Clone, Debug)]
pub struct Decoder {
    words: Words,
    body: Body,
    dropout: f32,
    hidden: usize,
    vocabulary: usize,
}

#[derive(Clone, Debug)]
enum Body {
    ShowAndTell(ShowAndTell),
    ShowAttendAndTell(ShowAttendAndTell),
}

/// Pictures as a decoder sees them, and the states in which it begins to speak of each.
#[derive(Clone, Debug)]
pub(crate) struct Scene {
    /// Regions and their keys, `[P, R, ·]`, where the decoder attends.
    regions: Option<Regions>,
    /// `[P, hidden]`.
    start: LstmState,
}

#[derive(Clone, Debug)]
pub(crate) struct Regions {
    values: Var,
    keys: Var,
}

/// One step's results.
pub(crate) struct Step {
    state: LstmState,
    /// What words are scored from, `[B, Config::scored()]`.
    output: Var,
    /// Attention over regions, `[B, R]`.
    weights: Option<Var>,
}

impl Decoder {
    /// A decoder over features of `channels` numbers a region, with first parameters from `init`.
    pub fn new(config: &Config, channels: usize, vocabulary: usize, init: &mut Initialiser) -> Self {
        Self {
            words: match config.tables {
                Tables::Tied => Words::tied(init, vocabulary, config.embedding),
                Tables::Apart => Words::apart(init, vocabulary, config.embedding, config.scored()),
            },
            body: match config.kind {
                Kind::ShowAndTell => Body::ShowAndTell(ShowAndTell::new(config, channels, init)),
                Kind::ShowAttendAndTell => Body::ShowAttendAndTell(ShowAttendAndTell::new(config, channels, init)),
            },
            dropout: config.dropout,
            hidden: config.hidden,
            vocabulary,
        }
    }

    /// How many words it knows, special ones included.
    #[must_use]
    pub fn vocabulary(&self) -> usize {
        self.vocabulary
    }

    /// Looks at pictures `[P, R, C]`.
    pub(crate) fn look(&self, graph: &Graph<'_>, features: &Var) -> Scene {
        match &self.body {
            Body::ShowAndTell(body) => body.look(graph, features, self),
            Body::ShowAttendAndTell(body) => body.look(graph, features, self),
        }
    }

    /// Reads one more word in every row; row `b` speaks of picture `owners[b]`.
    pub(crate) fn step(
        &self,
        graph: &Graph<'_>,
        scene: &Scene,
        owners: Indices<'_>,
        state: &LstmState,
        tokens: Indices<'_>,
    ) -> Step {
        let word = graph.dropout(&self.words.read(graph, tokens), self.dropout);
        let mut step = match (&self.body, &scene.regions) {
            (Body::ShowAndTell(body), _) => body.step(graph, &word, state),
            (Body::ShowAttendAndTell(body), Some(regions)) => body.step(graph, regions, owners, &word, state),
            (Body::ShowAttendAndTell(_), None) => unreachable!("its `look` always gives regions"),
        };
        step.output = graph.dropout(&step.output, self.dropout);
        step
    }

    /// Scores of all words, `[B, V]`.
    pub(crate) fn logits(&self, graph: &Graph<'_>, output: &Var) -> Var {
        self.words.logits(graph, output)
    }

    /// Natural log-probabilities of all words, `[B, V]`.
    pub(crate) fn log_probabilities(&self, graph: &Graph<'_>, output: &Var) -> Var {
        graph.log_softmax(&self.logits(graph, output))
    }
}
