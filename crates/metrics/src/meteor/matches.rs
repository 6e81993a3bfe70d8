//! Which words of two sentences could be matched with which: METEOR's four stages.
//!
//! Banerjee & Lavie (2005) match equal words, equal stems and synonyms; Denkowski & Lavie (2011, "Meteor 1.3")
//! add paraphrases, phrases of several words. All stages look at all words; which of the matches are used is for
//! the aligner to choose. Its choice depends on the order of matches that begin at one word of the reference, so
//! that order is part of the metric: by stage, then by the word of the candidate. Paraphrases come as the table
//! lists them, first those that are listed under the reference's phrase, then under the candidate's.

use std::ops::Range;

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

    pub(super) fn range(self) -> Range<usize> {
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
    words: WordMatches,
}

/// For words of references, the words of one candidate that match them: references of a photo use the same words.
#[derive(Debug, Default)]
struct WordMatches {
    /// Stages and places in the candidate.
    found: Vec<(usize, usize)>,
    /// By the place of a word in the lexicon, what was found for it.
    known: Vec<Option<Range<usize>>>,
    /// The places that are known.
    places: Vec<u32>,
}

impl Matches {
    /// Makes ready for another candidate.
    pub(super) fn begin(&mut self) {
        let WordMatches { found, known, places } = &mut self.words;
        found.clear();
        places.drain(..).for_each(|place| known[place as usize] = None);
    }

    /// Becomes those of the candidate that was made ready for, and a reference.
    pub(super) fn find(&mut self, candidate: &Sentence<'_>, reference: &Sentence<'_>, lexicon: &mut Lexicon<'_>) {
        let Self { starts, all, paraphrases, words } = self;
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
            let found = words.of(candidate, reference, position, lexicon).iter().map(|&(stage, start)| Match {
                stage,
                candidate: Span { start, length: 1 },
                reference: Span { start: position, length: 1 },
            });
            all.extend(found);
            while let Some(&(candidate, reference)) = paraphrases.next_if(|(_, span)| span.start == position) {
                all.push(Match { stage: 3, candidate, reference });
            }
        }
        starts.push(all.len());
    }

    /// Where the matches that begin at a word of the reference are.
    pub(super) fn at(&self, position: usize) -> Range<usize> {
        self.starts[position]..self.starts[position + 1]
    }

    /// All of them.
    pub(super) fn all(&self) -> &[Match] {
        &self.all
    }
}

impl WordMatches {
    /// The matches of one word of the reference, stage by stage.
    fn of(
        &mut self,
        candidate: &Sentence<'_>,
        reference: &Sentence<'_>,
        position: usize,
        lexicon: &mut Lexicon<'_>,
    ) -> &[(usize, usize)] {
        let (key, stem, word) = (reference.keys[position], reference.stems[position], reference.words[position]);
        if self.known.len() <= word as usize {
            self.known.resize(word as usize + 1, None);
        }
        let known = &mut self.known[word as usize];
        let found = &mut self.found;
        let range = known.get_or_insert_with(|| {
            let start = found.len();
            let words = || candidate.keys.iter().zip(&candidate.stems).zip(&candidate.words).zip(0..);
            found.extend(words().filter(|(((other, _), _), _)| **other == key).map(|(_, place)| (0, place)));
            let stems = words().filter(|(((other, same), _), _)| **same == stem && **other != key);
            found.extend(stems.map(|(_, place)| (1, place)));
            let synonyms =
                words().filter(|(((other, _), same), _)| **other != key && lexicon.are_synonyms(**same, word));
            found.extend(synonyms.map(|(_, place)| (2, place)));
            self.places.push(word);
            start..found.len()
        });
        &self.found[range.clone()]
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
