//! A sentence made ready to be compared: everything that depends on it alone, found once.

use rust_stemmers::{Algorithm, Stemmer};

use super::normalise::normalise;
use super::table::{Numbers, Table, hash};

/// A sentence's words and phrases.
#[derive(Debug, Default)]
pub(super) struct Sentence<'a> {
    pub(super) words: Vec<Word<'a>>,
    pub(super) phrases: Vec<Phrase<'a>>,
}

/// What is compared of a word. Equal words have equal keys: the number of a word in the table, a hash of any other.
#[derive(Clone, Copy, Debug)]
pub(super) struct Word<'a> {
    pub(super) key: u64,
    pub(super) stem: u64,
    /// Its synonym sets, ascending.
    pub(super) meanings: Numbers<'a>,
    /// A bit for each of its synonym sets; where two words have none in common, no list needs to be read.
    pub(super) signature: u64,
    pub(super) is_function_word: bool,
}

/// A phrase of the table that occurs in the sentence.
#[derive(Clone, Copy, Debug)]
pub(super) struct Phrase<'a> {
    pub(super) node: u32,
    pub(super) start: u32,
    pub(super) length: u32,
    pub(super) paraphrases: Numbers<'a>,
}

impl<'a> Sentence<'a> {
    /// Takes a sentence of tokens joined by spaces.
    pub(super) fn new(text: &str, table: &Table<'a>, stemmer: &Words) -> Self {
        let mut tokens = String::new();
        normalise(text, table, &mut tokens);
        let mut sentence = Self::default();
        let mut numbers = Vec::new();
        for token in tokens.split(' ').filter(|token| !token.is_empty()) {
            let number = table.word(token);
            numbers.push(number);
            sentence.words.push(stemmer.word(token, number, table));
        }
        sentence.find_phrases(&numbers, table);
        sentence
    }

    /// Finds the phrases by their first word, then by their length.
    fn find_phrases(&mut self, numbers: &[Option<u32>], table: &Table<'a>) {
        for start in 0..numbers.len() {
            let mut node = 0;
            for (length, number) in (1..).zip(&numbers[start..]) {
                let Some(child) = number.and_then(|number| table.child(node, number)) else { break };
                node = child;
                let paraphrases = table.paraphrases(node);
                self.phrases.push(Phrase { node, start: start as u32, length, paraphrases });
            }
        }
    }
}

/// Looks words up.
pub(super) struct Words(Stemmer);

impl Default for Words {
    fn default() -> Self {
        Self(Stemmer::create(Algorithm::English))
    }
}

impl Words {
    fn word<'a>(&self, text: &str, number: Option<u32>, table: &Table<'a>) -> Word<'a> {
        let (stem, meanings) = match number {
            Some(number) => (table.stem(number), table.meanings(number)),
            None => (None, table.meanings_of_unknown(text)),
        };
        Word {
            key: key(text, number),
            stem: stem.map_or_else(|| self.stem(text, table), u64::from),
            meanings,
            signature: meanings.iter().fold(0, |bits, set| bits | 1 << (set.wrapping_mul(0x9e37_79b1) >> 26)),
            is_function_word: number.is_some_and(|number| table.is_function_word(number)),
        }
    }

    fn stem(&self, text: &str, table: &Table<'_>) -> u64 {
        let stem = self.0.stem(text);
        key(&stem, table.word(&stem))
    }
}

/// Numbers in the table have 32 bits; a hash has the highest bit set.
fn key(text: &str, number: Option<u32>) -> u64 {
    number.map_or_else(|| hash(text) | 1 << 63, u64::from)
}
