//! Decoders: gradients by finite differences, and that they can learn.

use nid_autograd::{Graph, Initialiser, Packs, Parameters, Tensor};
use nid_decode::Settings;
use nid_nn::decoder::{Config, Decoder, Kind, Lesson, Reader, Tables, Teaching, teach};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

const START: u32 = 0;
const END: u32 = 1;

fn config(kind: Kind) -> Config {
    Config { kind, projection: 6, embedding: 5, hidden: 7, attention: 4, dropout: 0.0, tables: Tables::Tied }
}

fn built(config: &Config, channels: usize, vocabulary: usize) -> (Decoder, Parameters) {
    let mut init = Initialiser::new(3);
    let decoder = Decoder::new(config, channels, vocabulary, &mut init);
    (decoder, init.finish())
}

/// Numbers that no two pictures share.
fn features(pictures: usize, regions: usize, channels: usize) -> Tensor {
    let count = pictures * regions * channels;
    Tensor::new(
        &[pictures, regions, channels],
        (0..count).map(|i| ((i * 29 + 7) % 31) as f32 / 16.0 - 1.0).collect::<Vec<_>>(),
    )
}

fn graph(parameters: &Parameters) -> Graph<'_> {
    Graph::training(parameters, ChaCha8Rng::seed_from_u64(0))
}

#[test]
fn gradients_agree_with_differences() {
    let kinds = [Kind::ShowAndTell, Kind::ShowAttendAndTell];
    for (kind, tables) in kinds.into_iter().flat_map(|kind| [(kind, Tables::Tied), (kind, Tables::Apart)]) {
        let (decoder, mut parameters) = built(&Config { tables, ..config(kind) }, 3, 6);
        let seen = features(2, 4, 3);
        let captions: [(usize, &[u32]); 3] = [(1, &[2, 3, 4]), (0, &[5]), (1, &[4, 4])];
        let lesson = Lesson { features: &seen, captions: &captions, start: START, end: END };
        let teaching =
            Teaching { smoothing: 0.1, attention_penalty: 0.5, sampling: 0.0, words: 9, captions: captions.len() };
        let gradients = {
            let graph = graph(&parameters);
            let taught = teach(&decoder, &graph, lesson, teaching);
            graph.backward(&taught.loss)
        };
        let found: Vec<Option<Vec<f32>>> = gradients.parameters().map(|g| g.map(<[f32]>::to_vec)).collect();
        let loss = |parameters: &Parameters| {
            teach(&decoder, &Graph::inference(parameters), lesson, teaching).loss.value().data()[0]
        };
        let step = 1e-2;
        for (index, found) in found.iter().enumerate() {
            let count = parameters.iter().nth(index).map_or(0, |(_, tensor)| tensor.data().len());
            for place in (0..count).step_by(5) {
                let mut moved = |by: f32| {
                    let mut entries = parameters.iter_mut();
                    let (_, tensor) = entries.nth(index).expect("the index is of this list");
                    tensor.data_mut()[place] += by;
                    drop(entries);
                    loss(&parameters)
                };
                let (up, down) = (moved(step), moved(-2.0 * step));
                moved(step);
                let expected = (up - down) / (2.0 * step);
                let found = found.as_ref().map_or(0.0, |gradient| gradient[place]);
                let near = (found - expected).abs() < 2e-3 + 0.02 * expected.abs();
                assert!(
                    near,
                    "{kind:?}, {tables:?}, parameter {index}, number {place}: {found}, by differences {expected}"
                );
            }
        }
    }
}

#[test]
fn eight_captions_are_learnt_by_heart() {
    for kind in [Kind::ShowAndTell, Kind::ShowAttendAndTell] {
        let config = Config { projection: 24, embedding: 24, hidden: 32, attention: 16, ..config(kind) };
        let (decoder, mut parameters) = built(&config, 6, 12);
        let seen = features(4, 3, 6);
        let words: Vec<Vec<u32>> =
            (0..8u32).map(|i| (0..3 + i % 3).map(|j| 2 + (i / 2 * 5 + j * 3) % 10).collect()).collect();
        let captions: Vec<(usize, &[u32])> =
            words.iter().enumerate().map(|(i, words)| (i / 2, words.as_slice())).collect();
        // Both captions of a picture begin alike and may part: what is left is their entropy, so one each is learnt.
        let captions: Vec<(usize, &[u32])> = captions.into_iter().step_by(2).collect();
        let count = captions.iter().map(|(_, words)| words.len() + 1).sum();
        let lesson = Lesson { features: &seen, captions: &captions, start: START, end: END };
        let teaching = Teaching { words: count, captions: captions.len(), ..Teaching::default() };
        let mut last = f32::INFINITY;
        let mut means: Vec<Vec<f32>> = parameters.iter().map(|(_, t)| vec![0.0; t.data().len()]).collect();
        for _ in 0..600 {
            let gradients = {
                let graph = graph(&parameters);
                let taught = teach(&decoder, &graph, lesson, teaching);
                last = taught.loss.value().data()[0];
                graph.backward(&taught.loss)
            };
            // Plain descent with momentum: the optimiser is another crate's.
            for (((_, tensor), gradient), mean) in parameters.iter_mut().zip(gradients.parameters()).zip(&mut means) {
                let Some(gradient) = gradient else { continue };
                for ((x, g), m) in tensor.data_mut().iter_mut().zip(gradient).zip(mean) {
                    *m = 0.9 * *m + g;
                    *x -= 0.15 * *m;
                }
            }
        }
        assert!(last < 0.05, "{kind:?} is left with a loss of {last}");

        // What was learnt is what a search says.
        let packs = Packs::default();
        let reader = Reader::new(&decoder, &parameters, &packs);
        let said = reader.describe(seen.data(), 3, &[0; 4], &Settings::new(START, END)).unwrap();
        for (sentences, (_, words)) in said.iter().zip(&captions) {
            assert_eq!(sentences[0].words, *words, "{kind:?}");
        }
    }
}
