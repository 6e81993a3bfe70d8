//! What METEOR counts, and the score that is read off the counts.
//!
//! Denkowski & Lavie (2014, "Meteor Universal"), section 2: matched words are weighted by stage, and function words
//! less than content words, in precision `P` and recall `R`; their weighted harmonic mean is reduced by how many
//! chunks the matched words fall into:
//!
//! `F = 1 / ((1 - α) / P + α / R)`, `score = F (1 - γ (chunks / matches)^β)`.
//!
//! A candidate that matches its reference whole and in one chunk has no penalty. The counts of a corpus are summed
//! before anything is divided; the chunks of such candidates are then left out as well.

use std::iter::Sum;
use std::ops::Add;

use super::matches::STAGES;

/// How much more recall counts than precision.
const ALPHA: f64 = 0.85;
/// How fast the penalty grows with the share of chunks.
const BETA: f64 = 0.20;
/// The penalty at its most.
const GAMMA: f64 = 0.60;
/// What a content word counts; a function word counts the rest.
const DELTA: f64 = 0.75;
/// What a match counts by its stage: equal words, equal stems, synonyms, paraphrases.
const WEIGHTS: [f64; STAGES] = [1.0, 0.6, 0.8, 0.6];

/// What METEOR needs to know about one candidate and the best of its references or, summed, about a corpus of them.
///
/// The numbers are those that METEOR prints for a segment; all are words of its own tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Words of the candidate and of the reference.
    pub words: Sides,
    /// Function words among them.
    pub function_words: Sides,
    /// Matched words by stage: equal words, equal stems, synonyms, paraphrases.
    pub stages: [Stage; STAGES],
    /// Runs of matched words that are contiguous and in the same order in both sentences.
    pub chunks: u64,
    /// Those of them that are held against it: none where a candidate matches its reference whole and in one chunk.
    pub penalised_chunks: u64,
}

/// A count in the candidate and one in the reference.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sides {
    /// In the candidate.
    pub candidate: u64,
    /// In the reference.
    pub reference: u64,
}

/// Words that were matched in one stage.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stage {
    /// Content words.
    pub content: Sides,
    /// Function words.
    pub function: Sides,
}

impl Statistics {
    /// The score, between 0 and 1: 0.3 is what is published as 30.
    pub fn score(&self) -> f64 {
        let precision = self.share(|sides| sides.candidate);
        let recall = self.share(|sides| sides.reference);
        if precision == 0.0 || recall == 0.0 {
            return 0.0;
        }
        let mean = 1.0 / ((1.0 - ALPHA) / precision + ALPHA / recall);
        mean * (1.0 - GAMMA * self.fragmentation().powf(BETA))
    }

    /// Words that were matched.
    pub fn matched(&self) -> Sides {
        self.stages.iter().map(|stage| stage.content + stage.function).sum()
    }

    /// The numbers as METEOR prints them in a line: words and function words of both sentences, candidate first,
    /// content and function words of each stage, chunks, matched words.
    pub fn numbers(&self) -> [u64; 4 + 4 * STAGES + 3] {
        let both = |sides: Sides| [sides.candidate, sides.reference];
        let stages = self.stages.iter().flat_map(|stage| [stage.content, stage.function]);
        let before = [self.words, self.function_words].into_iter().chain(stages).flat_map(both);
        let mut all = before.chain([self.chunks]).chain(both(self.matched()));
        std::array::from_fn(|_| all.next().unwrap_or_default())
    }

    /// Chunks by matched words.
    fn fragmentation(&self) -> f64 {
        let matched = self.matched();
        self.penalised_chunks as f64 / ((matched.candidate + matched.reference) as f64 / 2.0)
    }

    /// The weighted share of one sentence's words that were matched.
    ///
    /// Added up in METEOR's own order: references that are equally good on paper are told apart by the last bit.
    fn share(&self, side: impl Fn(Sides) -> u64) -> f64 {
        let mut matched = 0.0;
        for (stage, weight) in self.stages.iter().zip(WEIGHTS) {
            matched += weight * side(stage.content) as f64 * DELTA;
            matched += weight * side(stage.function) as f64 * (1.0 - DELTA);
        }
        let function = side(self.function_words);
        let content = side(self.words).saturating_sub(function);
        let words = DELTA * content as f64 + (1.0 - DELTA) * function as f64;
        if words == 0.0 { 0.0 } else { matched / words }
    }
}

impl Add for Sides {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { candidate: self.candidate + other.candidate, reference: self.reference + other.reference }
    }
}

impl Sum for Sides {
    fn sum<I: Iterator<Item = Self>>(sides: I) -> Self {
        sides.fold(Self::default(), Add::add)
    }
}

impl Add for Stage {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { content: self.content + other.content, function: self.function + other.function }
    }
}

impl Add for Statistics {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            words: self.words + other.words,
            function_words: self.function_words + other.function_words,
            stages: std::array::from_fn(|stage| self.stages[stage] + other.stages[stage]),
            chunks: self.chunks + other.chunks,
            penalised_chunks: self.penalised_chunks + other.penalised_chunks,
        }
    }
}

impl Sum for Statistics {
    fn sum<I: Iterator<Item = Self>>(statistics: I) -> Self {
        statistics.fold(Self::default(), Add::add)
    }
}
