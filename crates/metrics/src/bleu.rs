//! BLEU: the share of a candidate's n-grams that some reference has too.
//!
//! Papineni et al., "BLEU: a Method for Automatic Evaluation of Machine Translation" (2002): clipped
//! n-gram precisions, their geometric mean, and a brevity penalty `exp(1 - r/c)`. The counts of a
//! corpus are summed before anything is divided, so [`Counts`] is a monoid, and the score is read
//! off once. Effective reference length ("closest", the shorter one on a tie) and the two epsilons
//! are those of pycocoevalcap 1.2; its score of a single caption is the score of that caption's counts.
//!
//! Words are numbers: those of a vocabulary, or of a [`Words`](crate::Words).

use std::iter::Sum;
use std::ops::{Add, AddAssign};

use crate::ngrams::{Ngrams, ORDER};

/// Added to every numerator: a precision of nothing matched stays a number above zero.
const TINY: f64 = 1e-15;
/// Added to every denominator: nothing is divided by zero.
const SMALL: f64 = 1e-9;

/// What BLEU needs to know about one candidate or, summed, about a corpus of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// N-grams of the candidate that a reference has, each counted at most as often as in that reference.
    matched: [u64; ORDER],
    /// N-grams of the candidate.
    total: [u64; ORDER],
    candidate_len: u64,
    reference_len: u64,
}

impl Counts {
    /// Counts one candidate, which is one sentence, against its references.
    ///
    /// Without references nothing matches and the reference length is zero.
    ///
    /// ```
    /// use nid_metrics::Ngrams;
    /// use nid_metrics::bleu::Counts;
    ///
    /// let counts = Counts::of(&Ngrams::of(&[1, 2, 3, 4]), &Ngrams::of_all([[1, 2, 3, 5]]));
    /// assert!((counts.score(1) - 0.75).abs() < 1e-6);
    /// ```
    ///
    /// # Panics
    /// When `candidate` is not one sentence.
    pub fn of(candidate: &Ngrams, references: &Ngrams) -> Self {
        let mut counts = Self::of_lengths(candidate.length(), references.lengths().iter().copied());
        for (place, ngram, said) in candidate.beside(references) {
            let times = candidate.counts(place)[0];
            // The most that any one reference has of it.
            let most = said.and_then(|said| references.counts(said).iter().copied().max()).unwrap_or(0);
            counts.matched[ngram.rank()] += u64::from(times.min(most));
            counts.total[ngram.rank()] += u64::from(times);
        }
        counts
    }

    /// The lengths alone, in words: nothing is counted as matched.
    pub(crate) fn of_lengths(candidate: usize, references: impl Iterator<Item = usize>) -> Self {
        let reference_len = closest_length(candidate, references);
        Self { candidate_len: candidate as u64, reference_len, ..Self::default() }
    }

    /// BLEU of order `order` (BLEU-4 is the usual one), between 0 and 1.
    ///
    /// # Panics
    /// When `order` is not in `1..=4`.
    pub fn score(&self, order: usize) -> f64 {
        assert!((1..=ORDER).contains(&order), "order {order}, expected 1 to {ORDER}");
        self.scores()[order - 1]
    }

    /// BLEU-1, BLEU-2, BLEU-3 and BLEU-4, each between 0 and 1.
    pub fn scores(&self) -> [f64; ORDER] {
        let penalty = self.brevity_penalty();
        let mut product = 1.0;
        std::array::from_fn(|n| {
            product *= (self.matched[n] as f64 + TINY) / (self.total[n] as f64 + SMALL);
            product.powf(1.0 / (n + 1) as f64) * penalty
        })
    }

    /// The factor that makes up for leaving out what is hard to say: 1 where candidates are as long as
    /// their references or longer, `exp(1 - r/c)` where they are shorter.
    pub fn brevity_penalty(&self) -> f64 {
        let ratio = self.length_ratio();
        if ratio < 1.0 { (1.0 - 1.0 / ratio).exp() } else { 1.0 }
    }

    /// Words in the candidates over words in the references closest to them in length.
    pub fn length_ratio(&self) -> f64 {
        (self.candidate_len as f64 + TINY) / (self.reference_len as f64 + SMALL)
    }

    /// Words in the candidates.
    pub fn candidate_len(&self) -> u64 {
        self.candidate_len
    }

    /// Words in the references, where of each candidate's references the one closest in length counts.
    pub fn reference_len(&self) -> u64 {
        self.reference_len
    }
}

/// The length nearest to the candidate's; of two as near, the shorter.
fn closest_length(candidate: usize, references: impl Iterator<Item = usize>) -> u64 {
    references.min_by_key(|&length| (length.abs_diff(candidate), length)).unwrap_or(0) as u64
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        for n in 0..ORDER {
            self.matched[n] += other.matched[n];
            self.total[n] += other.total[n];
        }
        self.candidate_len += other.candidate_len;
        self.reference_len += other.reference_len;
    }
}

impl Add for Counts {
    type Output = Self;

    fn add(mut self, other: Self) -> Self {
        self += other;
        self
    }
}

impl Sum for Counts {
    fn sum<I: Iterator<Item = Self>>(counts: I) -> Self {
        counts.fold(Self::default(), Add::add)
    }
}
