//! The words a model knows.
//!
//! A word's number is its line in `vocabulary.txt`, counted from 0: four special tokens, then the
//! words by falling count in the training captions, so that the frequent ones have small numbers.
//! What is seen too seldom to be learnt stands as `<unk>`, the usual cut of the field.

use std::collections::HashMap;
use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::process;

use crate::text::{self, Error, Fault, quote};

/// Fills short rows of a batch.
pub const PAD: u32 = 0;
/// Stands before the first word.
pub const START: u32 = 1;
/// Stands after the last word.
pub const END: u32 = 2;
/// Stands for a word that is not in the vocabulary.
pub const UNKNOWN: u32 = 3;
/// The special tokens, each at its own number. No caption can hold one: [`words`] drops the brackets.
pub const SPECIALS: [&str; 4] = ["<pad>", "<start>", "<end>", "<unk>"];

/// Words and their numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vocabulary {
    words: Vec<String>,
    ids: HashMap<String, u32>,
}

impl Vocabulary {
    /// The words seen at least `threshold` times, by falling count, equal counts by the alphabet.
    pub fn build<'a>(captions: impl IntoIterator<Item = &'a str>, threshold: usize) -> Self {
        let mut counts: HashMap<String, usize> = HashMap::new();
        for word in captions.into_iter().flat_map(words) {
            *counts.entry(word).or_default() += 1;
        }
        counts.retain(|_, count| *count >= threshold);
        let mut counted: Vec<(String, usize)> = counts.into_iter().collect();
        counted.sort_unstable_by(|(a, m), (b, n)| n.cmp(m).then_with(|| a.cmp(b)));

        let specials = SPECIALS.iter().map(|&special| special.to_owned());
        Self::new(specials.chain(counted.into_iter().map(|(word, _)| word)).collect())
    }

    /// Takes the words, each different, the specials first.
    fn new(words: Vec<String>) -> Self {
        let ids = words.iter().cloned().zip(0..).collect();
        Self { words, ids }
    }

    /// Reads `vocabulary.txt`.
    ///
    /// # Errors
    /// What cannot be read, and as [`Vocabulary::from_text`].
    pub fn load(path: &Path) -> Result<Self, Error> {
        Self::parse(path, &text::read(path)?)
    }

    /// Reads the bytes of `vocabulary.txt`; `path` is for the errors alone.
    ///
    /// # Errors
    /// Bytes that are not UTF-8, special tokens that are not where they should be, an empty line, a
    /// line with white space in it, and a word that stands twice: each with its line.
    pub fn parse(path: &Path, bytes: &[u8]) -> Result<Self, Error> {
        let mut numbers: HashMap<&str, usize> = HashMap::new();
        let mut words = Vec::new();
        let mut lines = (1..).zip(text::decode(path, bytes)?.lines());
        for special in SPECIALS {
            let (number, found) = match lines.next() {
                Some((number, word)) if word == special => (number, None),
                Some((number, word)) => (number, Some(quote(word))),
                None => (words.len() + 1, Some("the end of the file".to_owned())),
            };
            if let Some(found) = found {
                return Err(Fault::new(found, special).at(path, number));
            }
            numbers.insert(special, number);
            words.push(special.to_owned());
        }
        for (number, word) in lines {
            if word.is_empty() || word.contains(char::is_whitespace) {
                return Err(Fault::new(quote(word), "one word").at(path, number));
            }
            if let Some(first) = numbers.insert(word, number) {
                let found = format!("{} again (first on line {first})", quote(word));
                return Err(Fault::new(found, "each word once").at(path, number));
            }
            words.push(word.to_owned());
        }
        Ok(Self::new(words))
    }

    /// Reads the text of `vocabulary.txt`, as a bundle holds it.
    ///
    /// # Errors
    /// As [`Vocabulary::parse`].
    pub fn from_text(text: &str) -> Result<Self, Error> {
        Self::parse(Path::new("vocabulary.txt"), text.as_bytes())
    }

    /// The text of `vocabulary.txt`: a word a line.
    pub fn to_text(&self) -> String {
        self.words.iter().flat_map(|word| [word, "\n"]).collect()
    }

    /// Writes `vocabulary.txt` whole or not at all; a file that is there is replaced.
    ///
    /// # Errors
    /// A folder that cannot be written, or a full disk.
    pub fn save(&self, path: &Path) -> Result<(), Error> {
        let mut partial = path.as_os_str().to_owned();
        partial.push(format!(".{}.partial", process::id()));
        let write = || -> io::Result<()> {
            let mut file = fs::File::create(&partial)?;
            file.write_all(self.to_text().as_bytes())?;
            file.sync_all()?;
            fs::rename(&partial, path)
        };
        write().map_err(|source| {
            // The disk may be full or the folder gone: the first error is the one to tell.
            let _ = fs::remove_file(&partial);
            Error::Write { path: path.to_path_buf(), source }
        })
    }

    /// The numbers of a caption's words, without start and end.
    pub fn encode(&self, caption: &str) -> Vec<u32> {
        words(caption).map(|word| self.id(&word).unwrap_or(UNKNOWN)).collect()
    }

    /// The words of these numbers with spaces between; special tokens and unknown numbers left out.
    pub fn decode(&self, ids: &[u32]) -> String {
        let plain = ids.iter().filter(|&&id| id as usize >= SPECIALS.len());
        plain.filter_map(|&id| self.word(id)).collect::<Vec<_>>().join(" ")
    }

    /// The word's number.
    pub fn id(&self, word: &str) -> Option<u32> {
        self.ids.get(word).copied()
    }

    /// The number's word.
    pub fn word(&self, id: u32) -> Option<&str> {
        self.words.get(id as usize).map(String::as_str)
    }

    /// How many words there are, special tokens included: never 0.
    #[expect(clippy::len_without_is_empty, reason = "the special tokens are always there")]
    pub fn len(&self) -> usize {
        self.words.len()
    }
}

/// The words of a caption, as models are trained on them: lower case, split on white space,
/// without punctuation but for apostrophes and hyphens inside a word. Words of nothing are dropped.
///
/// (Scores are computed on other words, the Penn Treebank's: this is no tokenizer for metrics.)
pub fn words(caption: &str) -> impl Iterator<Item = String> {
    caption.split_whitespace().map(word).filter(|word| !word.is_empty())
}

fn word(token: &str) -> String {
    let is_joint = |letter| matches!(letter, '\'' | '-');
    let plain: String = token
        .to_lowercase()
        .chars()
        .map(|letter| if letter == '’' { '\'' } else { letter })
        .filter(|&letter| letter.is_alphanumeric() || is_joint(letter))
        .collect();
    plain.trim_matches(is_joint).to_owned()
}
