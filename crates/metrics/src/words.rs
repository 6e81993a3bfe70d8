//! Words as numbers.

use rustc_hash::FxHashMap;

/// Gives each different word a number, counted from 0.
#[derive(Clone, Debug, Default)]
pub struct Words {
    numbers: FxHashMap<Box<str>, u32>,
}

impl Words {
    /// The number of a word; a new one if it was not met before.
    pub fn number(&mut self, word: &str) -> u32 {
        if let Some(&number) = self.numbers.get(word) {
            return number;
        }
        let number = self.numbers.len() as u32;
        self.numbers.insert(word.into(), number);
        number
    }

    /// The numbers of words.
    pub fn numbers<'a>(&mut self, words: impl IntoIterator<Item = &'a str>) -> Vec<u32> {
        words.into_iter().map(|word| self.number(word)).collect()
    }

    /// How many different words were met.
    pub fn len(&self) -> usize {
        self.numbers.len()
    }

    /// Whether none was met.
    pub fn is_empty(&self) -> bool {
        self.numbers.is_empty()
    }

    /// The words in the order of their numbers.
    pub(crate) fn in_order(&self) -> Vec<&str> {
        let mut words: Vec<(u32, &str)> = self.numbers.iter().map(|(word, &number)| (number, &**word)).collect();
        words.sort_unstable();
        words.into_iter().map(|(_, word)| word).collect()
    }
}

/// Whether Python's `str.split()` parts words here: at white space and at the four separators of ASCII.
fn is_python_space(c: char) -> bool {
    c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c)
}

/// A tokenised caption as the words that BLEU and CIDEr count.
///
/// Few tokens have white space within (`1 1/2` with a no-break space is one); these two metrics split there too.
pub fn split(tokens: &str) -> impl Iterator<Item = &str> {
    tokens.split(is_python_space).filter(|word| !word.is_empty())
}

/// Whether all white space in a caption of so many words are single spaces between them.
pub(crate) fn has_single_spaces(tokens: &str, words: usize) -> bool {
    let is_other = |c: char| c != ' ' && is_python_space(c);
    tokens.split(' ').count() == words && !tokens.contains(is_other)
}
