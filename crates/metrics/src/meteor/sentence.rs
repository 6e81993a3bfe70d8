//! A sentence made ready to be compared: everything that depends on it alone, found once.

use super::lexicon::Lexicon;
use super::table::Numbers;

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
        self.words.clear();
        lexicon.read(text, &mut self.words);
        let words = || self.words.iter().map(|&place| lexicon.word(place));
        self.keys.clear();
        self.keys.extend(words().map(|word| word.key));
        self.stems.clear();
        self.stems.extend(words().map(|word| word.stem));
        self.find_phrases(lexicon);
    }

    /// Finds the phrases by their first word, then by their length.
    fn find_phrases(&mut self, lexicon: &mut Lexicon<'a>) {
        self.phrases.clear();
        for start in 0..self.words.len() {
            let mut next = lexicon.word(self.words[start]).phrase;
            let mut length = 1;
            while let Some(node) = next {
                let paraphrases = lexicon.table.paraphrases(node);
                self.phrases.push(Phrase { node, start: start as u32, length, paraphrases });
                let number = self.words.get(start + length as usize).and_then(|&place| lexicon.word(place).number);
                next = number.and_then(|number| lexicon.child(node, number));
                length += 1;
            }
        }
    }
}
