//! Which words of two sentences could be matched with which: METEOR's four stages.
//!
//! Banerjee & Lavie (2005) match equal words, equal stems and synonyms; Denkowski & Lavie (2011, "Meteor 1.3")
//! add paraphrases, phrases of several words. All stages look at all words; which of the matches are used is for
//! the aligner to choose. Its choice depends on the order of matches that begin at one word of the reference, so
//! that order is part of the metric: by stage, then by the word of the candidate. Paraphrases come as the table
//! lists them, first those that are listed under the reference's phrase, then under the candidate's.

use super::lexicon::Lexicon;
use super::sentence::{Phrase, Sentence};

/// The stages: equal words, equal stems, synonyms, paraphrases.
pub(super) const STAGES: usize = 4;

/// A way to match words of the candidate with words of the reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Match {
    pub(super) stage: usize,
    /// The first word in the candidate, and how many.
    pub(super) candidate: Span,
    /// The first word in the reference, and how many.
    pub(super) reference: Span,
}

/// Neighbouring words of a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) start: usize,
    pub(super) length: usize,
}

impl Span {
    pub(super) fn end(self) -> usize {
        self.start + self.length
    }

    pub(super) fn range(self) -> std::ops::Range<usize> {
        self.start..self.end()
    }
}

/// The matches, by the word of the reference at which they begin.
#[derive(Debug, Default)]
pub(super) struct Matches {
    /// Where the matches of each word of the reference begin, one more at the end.
    starts: Vec<usize>,
    all: Vec<Match>,
    /// Room for pairs of phrases, the candidate's first.
    paraphrases: Vec<(Span, Span)>,
}

impl Matches {
    /// Becomes those of two sentences.
    pub(super) fn find(&mut self, candidate: &Sentence<'_>, reference: &Sentence<'_>, lexicon: &mut Lexicon<'_>) {
        let Self { starts, all, paraphrases } = self;
        paraphrases.clear();
        find_paraphrases(reference, candidate, |reference, candidate| paraphrases.push((candidate, reference)));
        find_paraphrases(candidate, reference, |candidate, reference| paraphrases.push((candidate, reference)));
        // The order at each word of the reference stays.
        paraphrases.sort_by_key(|(_, reference)| reference.start);

        starts.clear();
        all.clear();
        let mut paraphrases = paraphrases.iter().peekable();
        for position in 0..reference.words.len() {
            starts.push(all.len());
            add_words(all, candidate, reference, position, lexicon);
            while let Some(&(candidate, reference)) = paraphrases.next_if(|(_, span)| span.start == position) {
                all.push(Match { stage: 3, candidate, reference });
            }
        }
        starts.push(all.len());
    }

    /// Where the matches that begin at a word of the reference are.
    pub(super) fn at(&self, position: usize) -> std::ops::Range<usize> {
        self.starts[position]..self.starts[position + 1]
    }

    /// All of them.
    pub(super) fn all(&self) -> &[Match] {
        &self.all
    }
}

/// Adds the matches of one word of the reference, stage by stage.
fn add_words(
    matches: &mut Vec<Match>,
    candidate: &Sentence<'_>,
    reference: &Sentence<'_>,
    position: usize,
    lexicon: &mut Lexicon<'_>,
) {
    let (key, stem, word) = (reference.keys[position], reference.stems[position], reference.words[position]);
    let mut add = |stage, start| {
        let (candidate, reference) = (Span { start, length: 1 }, Span { start: position, length: 1 });
        matches.push(Match { stage, candidate, reference });
    };
    for (start, _) in candidate.keys.iter().enumerate().filter(|(_, other)| **other == key) {
        add(0, start);
    }
    let stems = candidate.keys.iter().zip(&candidate.stems).enumerate();
    for (start, _) in stems.filter(|(_, (other, same))| **same == stem && **other != key) {
        add(1, start);
    }
    let words = candidate.keys.iter().zip(&candidate.words).enumerate();
    for (start, _) in words.filter(|(_, (other, same))| **other != key && lexicon.are_synonyms(**same, word)) {
        add(2, start);
    }
}

/// Tells of every phrase of `from` that is listed with a phrase of `to`.
fn find_paraphrases(from: &Sentence<'_>, to: &Sentence<'_>, mut tell: impl FnMut(Span, Span)) {
    let bit = |node: u32| 1_u64 << (node.wrapping_mul(0x9e37_79b1) >> 26);
    let present = to.phrases.iter().fold(0, |bits, phrase| bits | bit(phrase.node));
    let span = |phrase: &Phrase<'_>| Span { start: phrase.start as usize, length: phrase.length as usize };
    for phrase in &from.phrases {
        for node in phrase.paraphrases.iter().filter(|&node| present & bit(node) != 0) {
            for other in to.phrases.iter().filter(|other| other.node == node) {
                tell(span(phrase), span(other));
            }
        }
    }
}
