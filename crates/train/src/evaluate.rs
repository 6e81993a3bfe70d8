//! Free-running evaluation, by the search that captions are made with.

use nid_autograd::Parameters;
use nid_decode::Settings;
use nid_metrics::{Pair, Scores};
use nid_nn::decoder::{Decoder, Reader};

use nid_data::vocabulary::Vocabulary;

use crate::{Error, Set};

/// Photos whose features are in memory at once.
const CHUNK: usize = 64;

/// Captions the first `count` photos of a set (all if 0) and scores them.
///
/// # Errors
/// If the settings do not fit the vocabulary.
pub fn evaluate(
    decoder: &Decoder,
    parameters: &Parameters,
    vocabulary: &Vocabulary,
    set: &Set,
    settings: &Settings,
    count: usize,
) -> Result<Scores, Error> {
    let count = if count == 0 { set.examples.len() } else { count.min(set.examples.len()) };
    let reader = Reader { decoder, parameters };
    let mut pairs = Vec::with_capacity(count);
    for examples in set.examples[..count].chunks(CHUNK) {
        let rows: Vec<usize> = examples.iter().map(|example| example.row).collect();
        let seeds = vec![0; rows.len()];
        let found = reader.describe(&set.features.rows(&rows), set.features.regions(), &seeds, settings)?;
        pairs.extend(examples.iter().zip(found).map(|(example, sentences)| Pair {
            candidate: sentences.first().map_or_else(String::new, |best| vocabulary.decode(&best.words)),
            references: example.references.clone(),
        }));
    }
    Ok(nid_metrics::evaluate(&pairs))
}
