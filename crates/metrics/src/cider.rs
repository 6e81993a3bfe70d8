//! CIDEr-D: how much a caption says of what people agree on about this photo and not about every photo.
//!
//! Vedantam et al., "CIDEr: Consensus-based Image Description Evaluation" (2015). Each sentence is a
//! vector of its n-grams' counts times `log(N / df)`: `N` photos, of which `df` have the n-gram in
//! some reference. A candidate's vector is compared with each reference's by a cosine whose
//! numerator clips the candidate to the reference, damped by a Gaussian of the difference in length
//! (sigma 6); the mean over n-gram orders and references, times ten, is the score. All as in
//! pycocoevalcap 1.2.
//!
//! Frequencies and references are arguments of their own, because the metric has two uses. To
//! evaluate, the frequencies come from the very references that are scored against; to reward a
//! model in training, from the captions of the training photos. Words may be of any ordered type:
//! strings, or the numbers of a vocabulary with its end word counted.

use std::collections::{BTreeMap, BTreeSet};

use crate::ngrams::{self, ORDER};

/// Standard deviation, in words, of the penalty on a difference in length.
const SIGMA: f64 = 6.0;
/// The scale on which CIDEr is published.
const SCALE: f64 = 10.0;

/// In how many photos of a corpus each n-gram occurs in at least one reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentFrequencies<T> {
    photos: usize,
    counts: BTreeMap<Box<[T]>, u32>,
}

impl<T: Ord> Default for DocumentFrequencies<T> {
    fn default() -> Self {
        Self { photos: 0, counts: BTreeMap::new() }
    }
}

impl<T: Ord + Clone> DocumentFrequencies<T> {
    /// Counts one more photo, given by all its references.
    pub fn add(&mut self, references: &[Vec<T>]) {
        self.photos += 1;
        let ngrams: BTreeSet<&[T]> = references.iter().flat_map(|words| ngrams::count(words).into_keys()).collect();
        for ngram in ngrams {
            match self.counts.get_mut(ngram) {
                Some(count) => *count += 1,
                None => drop(self.counts.insert(ngram.into(), 1)),
            }
        }
    }

    /// How many photos were counted.
    pub fn photos(&self) -> usize {
        self.photos
    }
}

impl<'a, T: Ord + Clone + 'a> FromIterator<&'a Vec<Vec<T>>> for DocumentFrequencies<T> {
    /// Counts photos, each given by all its references.
    fn from_iter<I: IntoIterator<Item = &'a Vec<Vec<T>>>>(photos: I) -> Self {
        let mut frequencies = Self::default();
        photos.into_iter().for_each(|references| frequencies.add(references));
        frequencies
    }
}

/// CIDEr-D with its document frequencies fixed.
#[derive(Clone, Debug)]
pub struct Cider<T> {
    frequencies: DocumentFrequencies<T>,
    /// `log N`: the weight of an n-gram that no reference has.
    log_photos: f64,
}

impl<T: Ord + Clone> Cider<T> {
    /// The metric over `frequencies`, which should be of several photos: with one, every weight is zero.
    pub fn new(frequencies: DocumentFrequencies<T>) -> Self {
        let log_photos = (frequencies.photos.max(1) as f64).ln();
        Self { frequencies, log_photos }
    }

    /// Weighs a photo's references, once for all the candidates that will be compared with them.
    pub fn photo(&self, references: &[Vec<T>]) -> Photo<T> {
        Photo { references: references.iter().map(|words| self.vector(words).into_owned()).collect() }
    }

    /// The score of a candidate for a photo: 0 says nothing of what people say, 10 says just what they
    /// all say. 0 where the photo has no references.
    pub fn score(&self, candidate: &[T], photo: &Photo<T>) -> f64 {
        if photo.references.is_empty() {
            return 0.0;
        }
        let candidate = self.vector(candidate);
        let total: f64 = photo.references.iter().map(|reference| similarity(&candidate, reference)).sum();
        SCALE * total / photo.references.len() as f64
    }

    fn vector<'a>(&self, sentence: &'a [T]) -> Vector<&'a [T]> {
        let mut squares = [0.0; ORDER];
        let mut weights = BTreeMap::new();
        for (ngram, times) in ngrams::count(sentence) {
            let frequency = self.frequencies.counts.get(ngram).copied().unwrap_or(1);
            let weight = f64::from(times) * (self.log_photos - f64::from(frequency).ln());
            squares[ngram.len() - 1] += weight * weight;
            weights.insert(ngram, weight);
        }
        // The reference implementation measures a sentence in bigrams, one fewer than its words: the
        // difference between two sentences is the same, except where one of them is empty.
        let length = sentence.len().saturating_sub(1);
        Vector { weights, norms: squares.map(f64::sqrt), length }
    }
}

/// A photo's references, weighed by [`Cider::photo`].
#[derive(Clone, Debug)]
pub struct Photo<T> {
    references: Vec<Vector<Box<[T]>>>,
}

/// A sentence as n-gram weights, with the Euclidean norm of each order's.
#[derive(Clone, Debug)]
struct Vector<N> {
    weights: BTreeMap<N, f64>,
    norms: [f64; ORDER],
    length: usize,
}

impl<T: Ord + Clone> Vector<&[T]> {
    fn into_owned(self) -> Vector<Box<[T]>> {
        let weights = self.weights.into_iter().map(|(ngram, weight)| (ngram.into(), weight)).collect();
        Vector { weights, norms: self.norms, length: self.length }
    }
}

/// The mean over n-gram orders of the clipped cosine, damped by the difference in length: 0 to 1.
fn similarity<T: Ord>(candidate: &Vector<&[T]>, reference: &Vector<Box<[T]>>) -> f64 {
    let mut products = [0.0; ORDER];
    for (&ngram, &weight) in &candidate.weights {
        if let Some(&expected) = reference.weights.get(ngram) {
            products[ngram.len() - 1] += weight.min(expected) * expected;
        }
    }
    let cosines = (0..ORDER).map(|n| {
        let norm = candidate.norms[n] * reference.norms[n];
        if norm == 0.0 { products[n] } else { products[n] / norm }
    });
    let apart = candidate.length.abs_diff(reference.length) as f64;
    let damping = (-(apart * apart) / (2.0 * SIGMA * SIGMA)).exp();
    damping * cosines.sum::<f64>() / ORDER as f64
}
