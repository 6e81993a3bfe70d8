//! A sentence made ready to be compared: everything that depends on it alone, found once.

use rust_stemmers::{Algorithm, Stemmer};
use rustc_hash::FxHashMap;

use super::normalise::normalise;
use super::table::{Numbers, Table, hash};

/// A sentence's words and phrases. Of each word a list has what the stages compare.
#[derive(Clone, Debug, Default)]
pub(super) struct Sentence<'a> {
    /// Places in the [`Lexicon`].
    pub(super) words: Vec<u32>,
    /// Equal words have equal keys.
    pub(super) keys: Vec<u64>,
    /// Words of one stem have equal stems.
    pub(super) stems: Vec<u64>,
    pub(super) phrases: Vec<Phrase<'a>>,
}

/// What is known of a word.
#[derive(Clone, Copy, Debug)]
pub(super) struct Word<'a> {
    /// Its number in the table, a hash of any other.
    key: u64,
    stem: u64,
    pub(super) meanings: Meanings<'a>,
    pub(super) is_function_word: bool,
    number: Option<u32>,
    /// The node of the phrase that is this word.
    phrase: Option<u32>,
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

    /// Whether two words have a set in common.
    pub(super) fn meet(&self, other: &Self) -> bool {
        self.bits.iter().zip(&other.bits).fold(0, |common, (a, b)| common | a & b) != 0
            && have_common(self.sets, other.sets)
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

/// A phrase of the table that occurs in the sentence.
#[derive(Clone, Copy, Debug)]
pub(super) struct Phrase<'a> {
    pub(super) node: u32,
    pub(super) start: u32,
    pub(super) length: u32,
    pub(super) paraphrases: Numbers<'a>,
}

impl<'a> Sentence<'a> {
    /// Becomes that of tokens joined by spaces.
    pub(super) fn read(&mut self, text: &str, lexicon: &mut Lexicon<'a>) {
        [&mut self.keys, &mut self.stems].into_iter().for_each(Vec::clear);
        self.words.clear();
        let mut tokens = std::mem::take(&mut lexicon.tokens);
        normalise(text, &lexicon.table, &mut tokens);
        for token in tokens.split(' ').filter(|token| !token.is_empty()) {
            let place = lexicon.place(token);
            let word = lexicon.word(place);
            self.keys.push(word.key);
            self.stems.push(word.stem);
            self.words.push(place);
        }
        lexicon.tokens = tokens;
        self.find_phrases(lexicon);
    }

    /// Finds the phrases by their first word, then by their length.
    fn find_phrases(&mut self, lexicon: &Lexicon<'a>) {
        self.phrases.clear();
        let table = &lexicon.table;
        for start in 0..self.words.len() {
            let mut next = lexicon.word(self.words[start]).phrase;
            let mut length = 1;
            while let Some(node) = next {
                let paraphrases = table.paraphrases(node);
                self.phrases.push(Phrase { node, start: start as u32, length, paraphrases });
                let word = self.words.get(start + length as usize).map(|&place| lexicon.word(place));
                next = word.and_then(|word| table.child(node, word.number?));
                length += 1;
            }
        }
    }
}

/// The most words that are remembered: those of a corpus are fewer, and memory is bounded.
const MOST_WORDS: usize = 1 << 16;

/// Looks words up, and remembers them.
pub(super) struct Lexicon<'a> {
    table: Table<'a>,
    stemmer: Stemmer,
    places: FxHashMap<Box<str>, u32>,
    words: Vec<Word<'a>>,
    /// Room for a sentence's tokens.
    tokens: String,
}

impl<'a> Lexicon<'a> {
    pub(super) fn new(table: Table<'a>) -> Self {
        Self {
            table,
            stemmer: Stemmer::create(Algorithm::English),
            places: FxHashMap::default(),
            words: Vec::new(),
            tokens: String::new(),
        }
    }

    /// What is known of the word at a place.
    pub(super) fn word(&self, place: u32) -> &Word<'a> {
        &self.words[place as usize]
    }

    /// Forgets all words if there are too many. Sentences that were read before mean nothing then.
    pub(super) fn bound(&mut self) {
        if self.words.len() > MOST_WORDS {
            self.places.clear();
            self.words.clear();
        }
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
