//! Free-running evaluation, by the search that captions are made with.

use nid_autograd::{Packs, Parameters};
use nid_metrics::{Pair, Scores};
use nid_nn::decoder::Reader;

use super::CaptionerTask;
use crate::Error;

/// Photos whose features are in memory at once.
const CHUNK: usize = 64;

/// Captions the dev photos that are to be looked at, and scores the captions.
pub(super) fn evaluate(task: &CaptionerTask, parameters: &Parameters) -> Result<Scores, Error> {
    let CaptionerTask { decoder, vocabulary, dev, run, .. } = task;
    let settings = run.search.settings(vocabulary);
    let packs = Packs::default();
    let reader = Reader::new(decoder, parameters, &packs);
    let mut pairs = Vec::with_capacity(task.judged());
    for examples in dev.examples[..task.judged()].chunks(CHUNK) {
        let rows: Vec<usize> = examples.iter().map(|example| example.row).collect();
        let seeds = vec![0; rows.len()];
        let found = reader.describe(&dev.features.rows(&rows), dev.features.regions(), &seeds, &settings)?;
        pairs.extend(examples.iter().zip(found).map(|(example, sentences)| Pair {
            candidate: sentences.first().map_or_else(String::new, |best| vocabulary.decode(&best.words)),
            references: example.references.clone(),
        }));
    }
    Ok(nid_metrics::evaluate(&pairs))
}
