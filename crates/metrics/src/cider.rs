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

pub use crate::frequencies::{DocumentFrequencies, Unreadable};
use crate::ngrams::{Ngrams, ORDER};

/// Standard deviation, in words, of the penalty on a difference in length.
const SIGMA: f64 = 6.0;
/// The scale on which CIDEr is published.
const SCALE: f64 = 10.0;

/// CIDEr-D with its document frequencies fixed.
///
/// ```
/// use nid_metrics::Ngrams;
/// use nid_metrics::cider::{Cider, DocumentFrequencies, Products};
///
/// let photos = [vec![vec![1, 2], vec![1, 3]], vec![vec![4]]];
/// let cider = Cider::new(DocumentFrequencies::of(&photos, |photo, ngrams| ngrams.read(photo)));
/// let references = cider.photo(&photos[0]);
/// let mut room = Products::default(); // used again for each candidate
/// assert!(cider.score(&Ngrams::of(&[1, 2]), &references, &mut room) > 1.0);
/// assert_eq!(cider.score(&Ngrams::of(&[4]), &references, &mut room), 0.0);
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
    pub fn photo(&self, references: impl IntoIterator<Item = impl AsRef<[u32]>>) -> Photo {
        let mut photo = Photo::default();
        self.read(references, &mut photo);
        photo
    }

    /// Makes of `photo` what [`photo`](Self::photo) makes of the references, in the memory that is there.
    pub fn read(&self, references: impl IntoIterator<Item = impl AsRef<[u32]>>, photo: &mut Photo) {
        let Photo { references: ngrams, weights, norms } = photo;
        ngrams.read(references);
        weights.clear();
        norms.clear();
        norms.resize(ngrams.lengths().len(), [0.0; ORDER]);
        // In a walk of its own: lookups that wait for nothing but memory wait together.
        weights.extend(ngrams.ngrams().iter().map(|&ngram| f64::from(self.frequencies.of_ngram(ngram))));
        for (place, (ngram, weight)) in ngrams.ngrams().iter().zip(&mut *weights).enumerate() {
            *weight = self.weight(*weight);
            for (norm, &times) in norms.iter_mut().zip(ngrams.counts(place)) {
                norm[ngram.rank()] += (f64::from(times) * *weight).powi(2);
            }
        }
        norms.iter_mut().flatten().for_each(|norm| *norm = norm.sqrt());
    }

    /// The score of a candidate, which is one sentence, for a photo: 0 says nothing of what people say, 10 says just
    /// what they all say. 0 where the photo has no references.
    ///
    /// `room` is overwritten; used again, it saves its memory from being taken anew.
    ///
    /// # Panics
    /// When `candidate` is not one sentence.
    pub fn score(&self, candidate: &Ngrams, photo: &Photo, room: &mut Products) -> f64 {
        let length = candidate.length();
        if photo.norms.is_empty() {
            return 0.0;
        }
        let norms = self.multiply(candidate, photo, &mut room.0);
        let references = room.0.iter().zip(&photo.norms).zip(photo.references.lengths());
        let total: f64 = references
            .map(|((products, others), &other)| damping(length, other) * cosines(products, &norms, others))
            .sum();
        SCALE * total / photo.norms.len() as f64
    }

    /// The clipped products of the candidate with each reference, by rank; returned are the norms of the candidate.
    fn multiply(&self, candidate: &Ngrams, photo: &Photo, products: &mut Vec<[f64; ORDER]>) -> [f64; ORDER] {
        products.clear();
        products.resize(photo.norms.len(), [0.0; ORDER]);
        let mut squares = [0.0; ORDER];
        for (place, ngram, said) in candidate.beside(&photo.references) {
            let rank = ngram.rank();
            let weight = said
                .map_or_else(|| self.weight(f64::from(self.frequencies.of_ngram(ngram))), |said| photo.weights[said]);
            let own = f64::from(candidate.counts(place)[0]) * weight;
            squares[rank] += own * own;
            let Some(said) = said else { continue };
            for (product, &times) in products.iter_mut().zip(photo.references.counts(said)) {
                let other = f64::from(times) * weight;
                product[rank] += own.min(other) * other;
            }
        }
        squares.map(f64::sqrt)
    }

    /// The weight of an n-gram that so many photos have.
    fn weight(&self, frequency: f64) -> f64 {
        self.log_photos - frequency.ln()
    }
}

/// A photo's references, weighed by [`Cider::photo`].
#[derive(Clone, Debug, Default)]
pub struct Photo {
    references: Ngrams,
    /// Of each n-gram, for one time that it is said.
    weights: Vec<f64>,
    /// The Euclidean norm of each reference's weights, by rank.
    norms: Vec<[f64; ORDER]>,
}

impl Photo {
    /// The n-grams of the references.
    pub fn references(&self) -> &Ngrams {
        &self.references
    }
}

/// Room that [`Cider::score`] works in.
#[derive(Clone, Debug, Default)]
pub struct Products(Vec<[f64; ORDER]>);

/// The mean of the cosines over n-gram orders: 0 to 1.
fn cosines(products: &[f64; ORDER], norms: &[f64; ORDER], others: &[f64; ORDER]) -> f64 {
    let cosines = (0..ORDER).map(|rank| {
        let norm = norms[rank] * others[rank];
        if norm == 0.0 { products[rank] } else { products[rank] / norm }
    });
    cosines.sum::<f64>() / ORDER as f64
}

/// What a difference in length takes: 1 where there is none.
///
/// The reference implementation measures a sentence in bigrams, one fewer than its words: the difference between two
/// sentences is the same, except where one of them is empty.
fn damping(length: usize, other: usize) -> f64 {
    let apart = length.saturating_sub(1).abs_diff(other.saturating_sub(1)) as f64;
    (-(apart * apart) / (2.0 * SIGMA * SIGMA)).exp()
}
