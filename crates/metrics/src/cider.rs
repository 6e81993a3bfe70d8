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
//! model in training, from the captions of the training photos, with [`Cider::photo`] kept for each. Words are
//! numbers: those of a vocabulary with its end word counted, or of a [`Words`](crate::Words).

pub use crate::frequencies::DocumentFrequencies;
use crate::ngrams::{Ngram, Ngrams, ORDER, shared};

/// Standard deviation, in words, of the penalty on a difference in length.
const SIGMA: f64 = 6.0;
/// The scale on which CIDEr is published.
const SCALE: f64 = 10.0;

/// CIDEr-D with its document frequencies fixed.
///
/// ```
/// use nid_metrics::Ngrams;
/// use nid_metrics::cider::{Cider, DocumentFrequencies, Vector};
///
/// let photos = [vec![Ngrams::of(&[1, 2]), Ngrams::of(&[1, 3])], vec![Ngrams::of(&[4])]];
/// let cider = Cider::new(DocumentFrequencies::of(&photos, Clone::clone));
/// let references = cider.photo(&photos[0]);
/// let mut vector = Vector::default(); // room that is used again for each candidate
/// assert!(cider.score(&Ngrams::of(&[1, 2]), &references, &mut vector) > 1.0);
/// assert_eq!(cider.score(&Ngrams::of(&[4]), &references, &mut vector), 0.0);
/// ```
#[derive(Clone, Debug)]
pub struct Cider {
    frequencies: DocumentFrequencies,
    /// `log N`: the weight of an n-gram that no reference has.
    log_photos: f64,
}

impl Cider {
    /// The metric over `frequencies`, which should be of several photos: with one, every weight is zero.
    pub fn new(frequencies: DocumentFrequencies) -> Self {
        let log_photos = (frequencies.photos().max(1) as f64).ln();
        Self { frequencies, log_photos }
    }

    /// Weighs a photo's references, once for all the candidates that will be compared with them.
    pub fn photo(&self, references: &[Ngrams]) -> Photo {
        let vector = |ngrams: &Ngrams| {
            let mut vector = Vector::default();
            self.weigh(ngrams, &mut vector);
            vector
        };
        Photo { references: references.iter().map(vector).collect() }
    }

    /// The score of a candidate for a photo: 0 says nothing of what people say, 10 says just what they
    /// all say. 0 where the photo has no references.
    ///
    /// `room` is overwritten; used again, it saves the memory of a vector from being taken anew.
    pub fn score(&self, candidate: &Ngrams, photo: &Photo, room: &mut Vector) -> f64 {
        if photo.references.is_empty() {
            return 0.0;
        }
        self.weigh(candidate, room);
        let total: f64 = photo.references.iter().map(|reference| similarity(room, reference)).sum();
        SCALE * total / photo.references.len() as f64
    }

    fn weigh(&self, sentence: &Ngrams, vector: &mut Vector) {
        vector.weights.clear();
        let mut squares = [0.0; ORDER];
        for &(ngram, times) in sentence.counts() {
            let frequency = self.frequencies.of_ngram(ngram);
            let weight = f64::from(times) * (self.log_photos - f64::from(frequency).ln());
            squares[ngram.rank()] += weight * weight;
            vector.weights.push((ngram, weight));
        }
        vector.norms = squares.map(f64::sqrt);
        // The reference implementation measures a sentence in bigrams, one fewer than its words: the
        // difference between two sentences is the same, except where one of them is empty.
        vector.length = sentence.len().saturating_sub(1);
    }
}

/// A photo's references, weighed by [`Cider::photo`].
#[derive(Clone, Debug)]
pub struct Photo {
    references: Vec<Vector>,
}

/// A sentence as n-gram weights, with the Euclidean norm of each order's.
#[derive(Clone, Debug, Default)]
pub struct Vector {
    /// In ascending order of the n-grams.
    weights: Vec<(Ngram, f64)>,
    norms: [f64; ORDER],
    length: usize,
}

/// The mean over n-gram orders of the clipped cosine, damped by the difference in length: 0 to 1.
fn similarity(candidate: &Vector, reference: &Vector) -> f64 {
    let mut products = [0.0; ORDER];
    shared(&candidate.weights, &reference.weights, |place, other| {
        let ((ngram, weight), (_, expected)) = (candidate.weights[place], reference.weights[other]);
        products[ngram.rank()] += weight.min(expected) * expected;
    });
    let cosines = (0..ORDER).map(|n| {
        let norm = candidate.norms[n] * reference.norms[n];
        if norm == 0.0 { products[n] } else { products[n] / norm }
    });
    let apart = candidate.length.abs_diff(reference.length) as f64;
    let damping = (-(apart * apart) / (2.0 * SIGMA * SIGMA)).exp();
    damping * cosines.sum::<f64>() / ORDER as f64
}
