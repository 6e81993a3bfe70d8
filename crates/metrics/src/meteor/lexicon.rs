//! The words of a corpus: a corpus says the same again and again, and what was looked up once is remembered.

use std::ops::Range;

use rust_stemmers::{Algorithm, Stemmer};
use rustc_hash::FxHashMap;

use super::normalise::{normalise, parts_stand_alone};
use super::table::{Numbers, Table, hash};

/// The most words that are remembered: those of a corpus are fewer, and memory is bounded.
const MOST_WORDS: usize = 1 << 16;
/// Answers that each of the two memories of pairs has room for.
const ANSWERS: usize = 1 << 16;

/// Looks words up, and remembers them.
pub(super) struct Lexicon<'a> {
    pub(super) table: Table<'a>,
    stemmer: Stemmer,
    places: FxHashMap<Box<str>, u32>,
    words: Vec<Word<'a>>,
    /// Of each token of a caption, where its words stand in `parts`.
    tokens: FxHashMap<Box<str>, Range<u32>>,
    parts: Vec<u32>,
    /// Which node a word leads to from another; none is zero, for none leads to the root.
    children: Memory,
    /// Whether two words are synonyms.
    synonyms: Memory,
    /// Room for a sentence's tokens.
    room: String,
}

/// Answers to questions about pairs of numbers. A new one takes the place of another.
struct Memory(Vec<(u64, u32)>);

impl Memory {
    fn new() -> Self {
        Self(vec![(u64::MAX, 0); ANSWERS])
    }

    fn get(&mut self, left: u32, right: u32, find: impl FnOnce() -> u32) -> u32 {
        let question = u64::from(left) << u32::BITS | u64::from(right);
        let place = question.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (u64::BITS - ANSWERS.ilog2());
        let slot = &mut self.0[place as usize];
        if slot.0 != question {
            *slot = (question, find());
        }
        slot.1
    }
}

/// What is known of a word.
#[derive(Clone, Copy, Debug)]
pub(super) struct Word<'a> {
    /// Its number in the table, a hash of any other.
    pub(super) key: u64,
    pub(super) stem: u64,
    meanings: Meanings<'a>,
    pub(super) is_function_word: bool,
    pub(super) number: Option<u32>,
    /// The node of the phrase that is this word.
    pub(super) phrase: Option<u32>,
}

/// The synonym sets of a word, ascending.
#[derive(Clone, Copy, Debug)]
pub(super) struct Meanings<'a> {
    sets: Numbers<'a>,
    /// A bit for each of them; where two words have none in common, no list needs to be read.
    bits: [u64; 8],
}

impl<'a> Meanings<'a> {
    fn new(sets: Numbers<'a>) -> Self {
        let mut bits = [0; 8];
        for set in sets.iter() {
            let bit = set.wrapping_mul(0x9e37_79b1) >> 23;
            bits[bit as usize / 64] |= 1 << (bit % 64);
        }
        Self { sets, bits }
    }

    /// Whether two words may have a set in common, as far as bits tell.
    fn may_meet(&self, other: &Self) -> bool {
        self.bits.iter().zip(&other.bits).fold(0, |common, (a, b)| common | a & b) != 0
    }

    /// Whether two words have a set in common.
    fn meet(&self, other: &Self) -> bool {
        have_common(self.sets, other.sets)
    }
}

/// Whether two ascending lists have a number in common.
fn have_common(a: Numbers<'_>, b: Numbers<'_>) -> bool {
    let (mut a, mut b) = (a.iter(), b.iter());
    let (mut left, mut right) = (a.next(), b.next());
    while let (Some(x), Some(y)) = (left, right) {
        match x.cmp(&y) {
            std::cmp::Ordering::Equal => return true,
            std::cmp::Ordering::Less => left = a.next(),
            std::cmp::Ordering::Greater => right = b.next(),
        }
    }
    false
}

impl<'a> Lexicon<'a> {
    pub(super) fn new(table: Table<'a>) -> Self {
        Self {
            table,
            stemmer: Stemmer::create(Algorithm::English),
            places: FxHashMap::default(),
            words: Vec::new(),
            tokens: FxHashMap::default(),
            parts: Vec::new(),
            children: Memory::new(),
            synonyms: Memory::new(),
            room: String::new(),
        }
    }

    /// Forgets all words if there are too many. Sentences that were read before mean nothing then.
    pub(super) fn bound(&mut self) {
        if self.words.len().max(self.tokens.len()) > MOST_WORDS {
            *self = Self::new(self.table);
        }
    }

    /// Adds the places of a sentence's words, in order.
    pub(super) fn read(&mut self, text: &str, words: &mut Vec<u32>) {
        if !parts_stand_alone(text) {
            return self.read_normalised(text, words);
        }
        for token in text.split(' ').filter(|token| !token.is_empty()) {
            let known = self.tokens.get(token).cloned();
            let parts = known.unwrap_or_else(|| {
                let start = self.parts.len() as u32;
                let mut parts = std::mem::take(&mut self.parts);
                self.read_normalised(token, &mut parts);
                self.parts = parts;
                let range = start..self.parts.len() as u32;
                self.tokens.insert(token.into(), range.clone());
                range
            });
            words.extend_from_slice(&self.parts[parts.start as usize..parts.end as usize]);
        }
    }

    fn read_normalised(&mut self, text: &str, words: &mut Vec<u32>) {
        let mut room = std::mem::take(&mut self.room);
        normalise(text, &self.table, &mut room);
        words.extend(room.split(' ').filter(|word| !word.is_empty()).map(|word| self.place(word)));
        self.room = room;
    }

    /// What is known of the word at a place.
    pub(super) fn word(&self, place: u32) -> &Word<'a> {
        &self.words[place as usize]
    }

    /// Whether two words have a synonym set in common.
    pub(super) fn are_synonyms(&mut self, left: u32, right: u32) -> bool {
        let [one, other] = [left, right].map(|place| &self.words[place as usize].meanings);
        one.may_meet(other) && self.synonyms.get(left, right, || u32::from(one.meet(other))) == 1
    }

    /// The node that a word of the table leads to.
    pub(super) fn child(&mut self, node: u32, number: u32) -> Option<u32> {
        let table = &self.table;
        let child = self.children.get(node, number, || table.child(node, number).unwrap_or(0));
        (child != 0).then_some(child)
    }

    fn place(&mut self, text: &str) -> u32 {
        if let Some(&place) = self.places.get(text) {
            return place;
        }
        let place = self.words.len() as u32;
        self.words.push(self.look_up(text));
        self.places.insert(text.into(), place);
        place
    }

    fn look_up(&self, text: &str) -> Word<'a> {
        let table = &self.table;
        let number = table.word(text);
        let (stem, meanings) = match number {
            Some(number) => (table.stem(number), table.meanings(number)),
            None => (None, table.meanings_of_unknown(text)),
        };
        Word {
            key: key(text, number),
            stem: stem.map_or_else(|| self.stem(text), u64::from),
            meanings: Meanings::new(meanings),
            is_function_word: number.is_some_and(|number| table.is_function_word(number)),
            number,
            phrase: number.and_then(|number| table.child(0, number)),
        }
    }

    fn stem(&self, text: &str) -> u64 {
        let stem = self.stemmer.stem(text);
        key(&stem, self.table.word(&stem))
    }
}

/// Numbers in the table have 32 bits; a hash has the highest bit set.
fn key(text: &str, number: Option<u32>) -> u64 {
    number.map_or_else(|| hash(text) | 1 << 63, u64::from)
}
