//! All metrics of a list of captions at once.
//!
//! What is known of a caption is a [`Statistics`]; those of a corpus are the sum of its captions', and [`Scores`] are
//! read off a sum. That is what the metrics themselves are (BLEU and METEOR sum counts, ROUGE-L and CIDEr take means),
//! and it lets a corpus be resampled without anything being counted again.

use std::iter::Sum;
use std::ops::{Add, AddAssign};

use rayon::prelude::*;
use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::bleu::Counts;
use crate::cider::{Cider, DocumentFrequencies, Photo, Products};
use crate::meteor::{self, Meteor, Scorer};
use crate::ngrams::Ngrams;
use crate::tokens::tokenize_between;
use crate::words::{has_single_spaces, split};
use crate::{Words, rouge};

/// A photo's caption and what people wrote about that photo.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pair {
    /// The caption to score.
    pub candidate: String,
    /// The sentences to score it against: five in Flickr8k.
    pub references: Vec<String>,
}

/// What the metrics know of one caption or, summed, of a corpus.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Statistics {
    photos: u64,
    bleu: Counts,
    /// Where METEOR was asked for.
    meteor: Option<meteor::Statistics>,
    rouge_l: f64,
    cider: f64,
}

impl Statistics {
    /// The scores of all that was summed.
    pub fn scores(&self) -> Scores {
        let photos = self.photos.max(1) as f64;
        Scores {
            bleu: self.bleu.scores(),
            meteor: self.meteor.map(|meteor| meteor.score()),
            rouge_l: self.rouge_l / photos,
            cider: self.cider / photos,
            candidate_len: self.bleu.candidate_len(),
            reference_len: self.bleu.reference_len(),
            length_ratio: self.bleu.length_ratio(),
        }
    }
}

impl AddAssign for Statistics {
    fn add_assign(&mut self, other: Self) {
        // METEOR is known of a corpus if it is known of every photo.
        self.meteor = match (self.meteor, other.meteor) {
            (Some(meteor), Some(other)) => Some(meteor + other),
            (meteor, None) if other.photos == 0 => meteor,
            (None, meteor) if self.photos == 0 => meteor,
            _ => None,
        };
        self.photos += other.photos;
        self.bleu += other.bleu;
        self.rouge_l += other.rouge_l;
        self.cider += other.cider;
    }
}

impl Add for Statistics {
    type Output = Self;

    fn add(mut self, other: Self) -> Self {
        self += other;
        self
    }
}

impl Sum for Statistics {
    fn sum<I: Iterator<Item = Self>>(each: I) -> Self {
        each.fold(Self::default(), Add::add)
    }
}

/// The scores of a corpus, or of one caption, as fractions.
///
/// It serialises under pycocoevalcap's names (`Bleu_1` to `Bleu_4`, `METEOR`, `ROUGE_L`, `CIDEr`), followed by the lengths
/// in words that the brevity penalty comes from (`candidate_length`, `reference_length`,
/// `length_ratio`).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Scores {
    /// BLEU-1 to BLEU-4, each between 0 and 1.
    pub bleu: [f64; 4],
    /// METEOR, between 0 and 1, where it was measured.
    pub meteor: Option<f64>,
    /// ROUGE-L, between 0 and 1.
    pub rouge_l: f64,
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
    /// The metrics under pycocoevalcap's names, in its order.
    pub fn named(&self) -> Vec<(&'static str, f64)> {
        let [one, two, three, four] = self.bleu;
        let bleu = [("Bleu_1", one), ("Bleu_2", two), ("Bleu_3", three), ("Bleu_4", four)];
        let meteor = self.meteor.map(|meteor| ("METEOR", meteor));
        bleu.into_iter().chain(meteor).chain([("ROUGE_L", self.rouge_l), ("CIDEr", self.cider)]).collect()
    }
}

impl Serialize for Scores {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_map(None)?;
        for (name, score) in self.named() {
            fields.serialize_entry(name, &score)?;
        }
        fields.serialize_entry("candidate_length", &self.candidate_len)?;
        fields.serialize_entry("reference_length", &self.reference_len)?;
        fields.serialize_entry("length_ratio", &self.length_ratio)?;
        fields.end()
    }
}

/// Scores a corpus of plain sentences: BLEU over all counts together, ROUGE-L and CIDEr-D as means over photos, document
/// frequencies from the references given. The order of the pairs matters only to the tokens, as [`tokenise_lines`] says;
/// an empty corpus scores zero.
pub fn evaluate(pairs: &[Pair]) -> Scores {
    evaluate_each(pairs).into_iter().sum::<Statistics>().scores()
}

/// What is known of each caption of a corpus of plain sentences, in order; the document frequencies are the corpus's.
pub fn evaluate_each(pairs: &[Pair]) -> Vec<Statistics> {
    measure(&tokenised(pairs), Resources::default())
}

/// The same pairs with their sentences tokenised, as [`tokenise_lines`] does: all candidates as one file, and all
/// references in the order of the pairs as another.
pub fn tokenised(pairs: &[Pair]) -> Vec<Pair> {
    let candidates: Vec<&str> = pairs.iter().map(|pair| pair.candidate.as_str()).collect();
    let references: Vec<&str> = pairs.iter().flat_map(|pair| &pair.references).map(String::as_str).collect();
    let mut references = tokenise_lines(&references).into_iter();
    let with_references = |(pair, candidate): (&Pair, String)| Pair {
        candidate,
        references: references.by_ref().take(pair.references.len()).collect(),
    };
    pairs.iter().zip(tokenise_lines(&candidates)).map(with_references).collect()
}

/// Captions as their tokens with single spaces between.
///
/// The field's tokenizer reads the captions of a corpus as the lines of one file and looks over the ends of lines (see
/// [`tokenize_between`]), so their order matters a little.
pub fn tokenise_lines(captions: &[&str]) -> Vec<String> {
    let tokenise = |place: usize, begun: usize| {
        let mut tokens = String::with_capacity(captions[place].len());
        let over = tokenize_between(captions[place], begun, captions[place + 1..].iter().copied(), &mut tokens);
        (tokens, over)
    };
    let apart: Vec<_> = (0..captions.len()).into_par_iter().map(|place| tokenise(place, 0)).collect();
    // Hardly ever a token runs on into the next caption, which is then read again.
    let mut begun = 0;
    let read = |(place, apart): (usize, (String, usize))| {
        let (tokens, over) = if begun > 0 { tokenise(place, begun) } else { apart };
        begun = over;
        tokens
    };
    apart.into_iter().enumerate().map(read).collect()
}

/// What metrics need besides the captions, and which are wanted.
#[derive(Debug, Default)]
pub struct Resources<'a> {
    /// Document frequencies for CIDEr, with the words they are about; without them they are the references' own.
    pub frequencies: Option<(Words, DocumentFrequencies)>,
    /// METEOR with its data; without it METEOR is not measured.
    pub meteor: Option<&'a Meteor<'a>>,
    /// Which of the others are measured.
    pub wanted: Wanted,
}

/// The metrics that need nothing of their own. One that is not wanted counts 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// BLEU-1 to BLEU-4; lengths are counted in any case.
    pub bleu: bool,
    /// ROUGE-L.
    pub rouge: bool,
    /// CIDEr-D.
    pub cider: bool,
}

impl Wanted {
    /// None of them.
    pub const NOTHING: Self = Self { bleu: false, rouge: false, cider: false };
}

impl Default for Wanted {
    /// All of them.
    fn default() -> Self {
        Self { bleu: true, rouge: true, cider: true }
    }
}

/// What is known of each caption of a corpus that is tokenised already, in order.
pub fn measure(pairs: &[Pair], resources: Resources<'_>) -> Vec<Statistics> {
    let Resources { frequencies, meteor, wanted } = resources;
    if wanted == Wanted::NOTHING {
        let alone = |scorer: &mut Option<Scorer<'_>>, pair: &Pair| Statistics {
            photos: 1,
            bleu: lengths(pair),
            meteor: scorer.as_mut().map(|scorer| meteor_of(scorer, pair)),
            ..Statistics::default()
        };
        return pairs.par_iter().map_init(|| meteor.map(Meteor::scorer), alone).collect();
    }
    let (mut words, given) = frequencies.map_or_else(Default::default, |(words, given)| (words, Some(given)));
    let numbers = numbered(pairs, &mut words);
    let cider = wanted.cider.then(|| Cider::new(given.unwrap_or_else(|| counted(&numbers))));
    let statistics = |room: &mut Room<'_>, (pair, numbers): (&Pair, &Sentences)| {
        let (bleu, cider) = room.counted(numbers, wanted, cider.as_ref());
        Statistics {
            photos: 1,
            bleu,
            meteor: room.meteor.as_mut().map(|meteor| meteor_of(meteor, pair)),
            rouge_l: if wanted.rouge { rouge_l(pair, numbers) } else { 0.0 },
            cider,
        }
    };
    pairs.par_iter().zip(&numbers).map_init(|| Room::new(meteor), statistics).collect()
}

/// Memory that is used again for each pair.
struct Room<'a> {
    candidate: Ngrams,
    references: Ngrams,
    photo: Photo,
    products: Products,
    meteor: Option<Scorer<'a>>,
}

impl<'a> Room<'a> {
    fn new(meteor: Option<&Meteor<'a>>) -> Self {
        Self {
            candidate: Ngrams::default(),
            references: Ngrams::default(),
            photo: Photo::default(),
            products: Products::default(),
            meteor: meteor.map(Meteor::scorer),
        }
    }

    /// What BLEU counts, and CIDEr's score where it is wanted.
    fn counted(&mut self, numbers: &Sentences, wanted: Wanted, cider: Option<&Cider>) -> (Counts, f64) {
        let Self { candidate, photo, references, products, .. } = self;
        if wanted.bleu || cider.is_some() {
            candidate.read([numbers.candidate()]);
        }
        if let Some(cider) = cider {
            cider.read(numbers.references(), photo);
            return (Counts::of(candidate, photo.references()), cider.score(candidate, photo, products));
        }
        if wanted.bleu {
            references.read(numbers.references());
            return (Counts::of(candidate, references), 0.0);
        }
        (Counts::of_lengths(numbers.candidate().len(), numbers.references().map(<[u32]>::len)), 0.0)
    }
}

/// The document frequencies of the references of a corpus that is tokenised already, with the words they are about.
pub fn frequencies(pairs: &[Pair]) -> (Words, DocumentFrequencies) {
    let mut words = Words::default();
    let frequencies = counted(&numbered(pairs, &mut words));
    (words, frequencies)
}

fn numbered(pairs: &[Pair], words: &mut Words) -> Vec<Sentences> {
    pairs.iter().map(|pair| Sentences::of(pair, words)).collect()
}

fn counted(corpus: &[Sentences]) -> DocumentFrequencies {
    DocumentFrequencies::of(corpus, |sentences, ngrams| ngrams.read(sentences.references()))
}

/// The lengths of a pair, in words.
fn lengths(pair: &Pair) -> Counts {
    let words = |sentence: &String| split(sentence).count();
    Counts::of_lengths(words(&pair.candidate), pair.references.iter().map(words))
}

fn meteor_of(meteor: &mut Scorer<'_>, pair: &Pair) -> meteor::Statistics {
    let references: Vec<&str> = pair.references.iter().map(String::as_str).collect();
    meteor.statistics(&pair.candidate, &references)
}

/// The sentences of a pair as numbers of words, the candidate first.
struct Sentences {
    words: Vec<u32>,
    /// Where each sentence ends.
    ends: Vec<usize>,
}

impl Sentences {
    fn of(pair: &Pair, words: &mut Words) -> Self {
        let mut numbers = Vec::new();
        let mut end = |sentence: &String| {
            numbers.extend(split(sentence).map(|word| words.number(word)));
            numbers.len()
        };
        let ends = std::iter::once(&pair.candidate).chain(&pair.references).map(&mut end).collect();
        Self { words: numbers, ends }
    }

    fn candidate(&self) -> &[u32] {
        &self.words[..self.ends[0]]
    }

    fn references(&self) -> impl Iterator<Item = &[u32]> {
        self.ends.windows(2).map(|ends| &self.words[ends[0]..ends[1]])
    }
}

/// ROUGE-L of a pair, which parts sentences at every single space. Where [`split`] parts otherwise, strings are compared.
fn rouge_l(pair: &Pair, numbers: &Sentences) -> f64 {
    let texts = || std::iter::once(&pair.candidate).chain(&pair.references);
    let counted = std::iter::once(numbers.candidate()).chain(numbers.references());
    if texts().zip(counted).all(|(text, words)| has_single_spaces(text, words.len())) {
        return rouge::score(numbers.candidate(), numbers.references());
    }
    let parted: Vec<Vec<&str>> = texts().map(|text| text.split(' ').collect()).collect();
    rouge::score(&parted[0], &parted[1..])
}
