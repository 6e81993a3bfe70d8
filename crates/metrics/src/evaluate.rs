//! All metrics of a list of captions at once.

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde::ser::{Serialize, SerializeStruct, Serializer};

use crate::bleu::Counts;
use crate::cider::{Cider, DocumentFrequencies};
use crate::tokens::tokens;

/// A photo's caption and what people wrote about that photo, all as plain sentences.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pair {
    /// The caption to score.
    pub candidate: String,
    /// The sentences to score it against: five in Flickr8k.
    pub references: Vec<String>,
}

/// The scores of a corpus, or of one caption, as fractions.
///
/// It serialises under pycocoevalcap's names (`Bleu_1` to `Bleu_4`, `CIDEr`), followed by the lengths
/// in words that the brevity penalty comes from (`candidate_length`, `reference_length`,
/// `length_ratio`).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Scores {
    /// BLEU-1 to BLEU-4, each between 0 and 1.
    pub bleu: [f64; 4],
    /// CIDEr-D, between 0 and 10: 0.5 is what is published as 50.
    pub cider: f64,
    /// Words in the candidates.
    pub candidate_len: u64,
    /// Words in the references closest to the candidates in length.
    pub reference_len: u64,
    /// Their ratio: below 1, BLEU was reduced for brevity.
    pub length_ratio: f64,
}

impl Scores {
    fn new(counts: &Counts, cider: f64) -> Self {
        Self {
            bleu: counts.scores(),
            cider,
            candidate_len: counts.candidate_len(),
            reference_len: counts.reference_len(),
            length_ratio: counts.length_ratio(),
        }
    }

    /// The metrics under pycocoevalcap's names, in its order.
    pub fn named(&self) -> [(&'static str, f64); 5] {
        let [one, two, three, four] = self.bleu;
        [("Bleu_1", one), ("Bleu_2", two), ("Bleu_3", three), ("Bleu_4", four), ("CIDEr", self.cider)]
    }
}

impl Serialize for Scores {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let metrics = self.named();
        let mut fields = serializer.serialize_struct("Scores", metrics.len() + 3)?;
        for (name, score) in &metrics {
            fields.serialize_field(name, score)?;
        }
        fields.serialize_field("candidate_length", &self.candidate_len)?;
        fields.serialize_field("reference_length", &self.reference_len)?;
        fields.serialize_field("length_ratio", &self.length_ratio)?;
        fields.end()
    }
}

/// Scores a corpus: BLEU over all counts together, CIDEr-D as the mean over photos, document
/// frequencies from the references given. The order of the pairs does not matter; an empty corpus
/// scores zero.
pub fn evaluate(pairs: &[Pair]) -> Scores {
    let each = measure(pairs);
    let counts = each.iter().map(|(counts, _)| *counts).sum();
    let ciders: f64 = each.iter().map(|(_, cider)| cider).sum();
    Scores::new(&counts, ciders / pairs.len().max(1) as f64)
}

/// Scores each caption of a corpus by itself, in order; the document frequencies are still the corpus's.
pub fn evaluate_each(pairs: &[Pair]) -> Vec<Scores> {
    measure(pairs).iter().map(|(counts, cider)| Scores::new(counts, *cider)).collect()
}

fn measure(pairs: &[Pair]) -> Vec<(Counts, f64)> {
    let candidates: Vec<Vec<String>> = pairs.par_iter().map(|pair| tokens(&pair.candidate)).collect();
    let references: Vec<Vec<Vec<String>>> =
        pairs.par_iter().map(|pair| pair.references.iter().map(|text| tokens(text)).collect()).collect();

    let mut numbers = Numbers::default();
    let candidates: Vec<Vec<u32>> = candidates.iter().map(|words| numbers.of(words)).collect();
    let references: Vec<Vec<Vec<u32>>> =
        references.iter().map(|all| all.iter().map(|words| numbers.of(words)).collect()).collect();

    let cider = Cider::new(DocumentFrequencies::from_iter(&references));
    let both = candidates.par_iter().zip(&references);
    both.map(|(candidate, references)| {
        let photo = cider.photo(references);
        (Counts::of(candidate, references), cider.score(candidate, &photo))
    })
    .collect()
}

/// A number for every different word: numbers compare and copy faster than strings.
#[derive(Default)]
struct Numbers<'a>(BTreeMap<&'a str, u32>);

impl<'a> Numbers<'a> {
    fn of(&mut self, words: &'a [String]) -> Vec<u32> {
        let number = |word: &'a String| {
            let next = self.0.len() as u32;
            *self.0.entry(word).or_insert(next)
        };
        words.iter().map(number).collect()
    }
}
