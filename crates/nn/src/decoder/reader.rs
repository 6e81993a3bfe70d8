//! A decoder under a search.

use std::sync::Arc;

use nid_autograd::{Graph, LstmState, Packs, Parameters, Tensor, Var};
use nid_decode::{Error, Model, Sentence, Settings, TokenId, search};
use nid_kernels::Threads;
use rayon::prelude::*;

use super::{Decoder, Scene};

/// A decoder with the parameters that it speaks with.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    /// The network.
    pub decoder: &'a Decoder,
    /// Its parameters.
    pub parameters: &'a Parameters,
    /// Their weights, laid out for products.
    packs: &'a Packs,
    /// Who works on a product.
    threads: Threads,
}

/// Pictures searched together by one thread: more would gain little and hold more memory.
const LARGEST_SHARE: usize = 16;

/// Unfinished sentences: the pictures, shared, and for each row its picture and what the LSTM remembers.
#[derive(Clone, Debug)]
pub struct State {
    scene: Arc<Scene>,
    owners: Vec<usize>,
    memory: LstmState,
}

impl<'a> Reader<'a> {
    /// A reader whose steps work on one thread; [`Self::describe`] takes all.
    #[must_use]
    pub fn new(decoder: &'a Decoder, parameters: &'a Parameters, packs: &'a Packs) -> Self {
        Self { decoder, parameters, packs, threads: Threads::One }
    }

    /// Searches for sentences about every picture: `features` `[pictures, regions, channels]`, a seed a picture for
    /// sampling. The n best of each, best first. Pictures are shared out among the threads of the current pool.
    ///
    /// # Errors
    /// If the settings do not fit the vocabulary.
    pub fn describe(
        &self,
        features: &[f32],
        regions: usize,
        seeds: &[u64],
        settings: &Settings,
    ) -> Result<Vec<Vec<Sentence>>, Error> {
        let pictures = seeds.len();
        if pictures == 0 {
            return Ok(Vec::new());
        }
        // Of fewer pictures than threads, all work on each together.
        let threads = if pictures < rayon::current_num_threads() { Threads::All } else { Threads::One };
        let reader = Self { threads, ..*self };
        let share = pictures.div_ceil(rayon::current_num_threads()).min(LARGEST_SHARE);
        let stride = features.len() / pictures;
        let found: Result<Vec<_>, Error> = features
            .par_chunks(share * stride)
            .zip(seeds.par_chunks(share))
            .map(|(features, seeds)| search(&reader, reader.look(features, seeds.len(), regions), seeds, settings))
            .collect();
        Ok(found?.into_iter().flatten().collect())
    }

    /// Looks at pictures: `features` `[pictures, regions, channels]`. One row a picture.
    ///
    /// # Panics
    /// If the features' length does not divide so.
    #[must_use]
    pub fn look(&self, features: &[f32], pictures: usize, regions: usize) -> State {
        let graph = Graph::repeated(self.parameters, self.packs, self.threads);
        let channels = features.len() / (pictures * regions).max(1);
        let features = Var::constant(Tensor::new(&[pictures, regions, channels], features.to_vec()));
        let scene = self.decoder.look(&graph, &features);
        State { owners: (0..pictures).collect(), memory: scene.start.clone(), scene: Arc::new(scene) }
    }
}

impl Model for Reader<'_> {
    type State = State;

    fn step(&self, state: State, tokens: &[TokenId]) -> (State, Vec<f32>) {
        let graph = Graph::repeated(self.parameters, self.packs, self.threads);
        let owners = state.owners.as_slice().into();
        let words: Vec<usize> = tokens.iter().map(|&token| token as usize).collect();
        let step = self.decoder.step(&graph, &state.scene, owners, &state.memory, words.as_slice().into());
        let scores = self.decoder.log_probabilities(&graph, &step.output).value().data().to_vec();
        (State { memory: step.state, ..state }, scores)
    }

    fn select(&self, state: &State, rows: &[usize]) -> State {
        let pick = |var: &Var| Var::constant(var.value().select(rows));
        State {
            scene: Arc::clone(&state.scene),
            owners: rows.iter().map(|&row| state.owners[row]).collect(),
            memory: LstmState { hidden: pick(&state.memory.hidden), cell: pick(&state.memory.cell) },
        }
    }
}
