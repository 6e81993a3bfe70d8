//! Makes the table from the files that METEOR comes with.

use std::collections::HashMap;
use std::io::{self, BufRead};
use std::str;

use rust_stemmers::{Algorithm, Stemmer};
use thiserror::Error;

use super::inflection;
use super::phrases::{Phrases, Words};
use super::table::{Flags, HEADER, MAGIC, SECTIONS, Table, VERSION, hash};

/// The files, as they are unpacked. Lines end in a line feed.
#[derive(Debug)]
pub struct Sources<'a, R> {
    /// `function/english.words`: one function word a line.
    pub function_words: &'a [u8],
    /// `nonbreaking/english.prefixes`: one word a line that keeps its full stop, `#NUMERIC_ONLY#` after it if only
    /// before numbers; lines that begin with `#` are comments.
    pub prefixes: &'a [u8],
    /// `synonym/english.synsets`: a word, and on the next line the numbers of its synonym sets.
    pub synsets: &'a [u8],
    /// `synonym/english.exceptions`: a word, and on the next line its irregular forms.
    pub exceptions: &'a [u8],
    /// `paraphrase-en.gz`, decompressed as it is read: a probability, a phrase and its paraphrase, a line each.
    pub paraphrases: R,
}

/// Why sources cannot be compiled.
#[derive(Debug, Error)]
pub enum CompileError {
    /// A file is not text.
    #[error("line {line} of the {file} is not UTF-8")]
    Text {
        /// Which file.
        file: &'static str,
        /// The line, counted from one.
        line: usize,
    },
    /// A file ends within an entry.
    #[error("the {file} end within an entry, after line {line}: expected {expected} lines an entry")]
    Cut {
        /// Which file.
        file: &'static str,
        /// Lines that there are.
        line: usize,
        /// Lines that an entry has.
        expected: usize,
    },
    /// A line is not what stands there in such a file.
    #[error("line {line} of the {file} is {found:?}, expected {expected}")]
    Line {
        /// Which file.
        file: &'static str,
        /// The line, counted from one.
        line: usize,
        /// What stands there.
        found: String,
        /// What should.
        expected: &'static str,
    },
    /// The paraphrases could not be read.
    #[error("could not read the paraphrases")]
    Read(#[from] io::Error),
    /// The table would need offsets of more than 32 bits.
    #[error("the METEOR table would have {0} bytes, expected less than 4 GiB")]
    Size(usize),
}

impl Table<'_> {
    /// Compiles METEOR's resources into the bytes that [`Table::open`] takes.
    ///
    /// # Errors
    /// When a source is not what it should be, or reading fails.
    pub fn compile(sources: Sources<'_, impl BufRead>) -> Result<Vec<u8>, CompileError> {
        let mut compiler = Compiler::default();
        compiler.function_words(sources.function_words)?;
        compiler.prefixes(sources.prefixes)?;
        compiler.synonyms(sources.synsets, sources.exceptions)?;
        compiler.phrases.add(sources.paraphrases, &mut compiler.words)?;
        compiler.finish()
    }
}

#[derive(Default)]
struct Compiler {
    words: Words,
    flags: Vec<(u32, u32)>,
    own: HashMap<u32, Vec<u32>>,
    bases: HashMap<u32, Vec<u32>>,
    phrases: Phrases,
}

impl Compiler {
    fn function_words(&mut self, file: &[u8]) -> Result<(), CompileError> {
        for line in lines(file, "function words") {
            let word = line?.1.trim();
            if !word.is_empty() {
                self.flags.push((self.words.number(word), Flags::FUNCTION));
            }
        }
        Ok(())
    }

    fn prefixes(&mut self, file: &[u8]) -> Result<(), CompileError> {
        for line in lines(file, "prefixes") {
            let mut parts = line?.1.split_whitespace();
            if let Some(word) = parts.next().filter(|word| !word.starts_with('#')) {
                let numeric = parts.next() == Some("#NUMERIC_ONLY#");
                let flag = if numeric { Flags::NUMERIC_PREFIX } else { Flags::PREFIX };
                self.flags.push((self.words.number(word), flag));
            }
        }
        Ok(())
    }

    fn synonyms(&mut self, synsets: &[u8], exceptions: &[u8]) -> Result<(), CompileError> {
        for entry in entries(synsets, "synonym sets") {
            let (line, word, sets) = entry?;
            // The normaliser leaves no underscore inside a word: these can never be met.
            if word.contains('_') {
                continue;
            }
            let number = |set: &str| {
                let expected = "numbers of synonym sets";
                let error = || CompileError::Line { file: "synonym sets", line, found: set.to_owned(), expected };
                set.parse::<u32>().map_err(|_| error())
            };
            let sets = sets.split_ascii_whitespace().map(number).collect::<Result<Vec<u32>, _>>()?;
            self.own.entry(self.words.number(word)).or_default().extend(sets);
        }
        for entry in entries(exceptions, "exceptions") {
            let (_, word, forms) = entry?;
            let base = self.words.number(word);
            for form in forms.split_ascii_whitespace() {
                self.bases.entry(self.words.number(form)).or_default().push(base);
            }
        }
        self.own.values_mut().for_each(ascending);
        Ok(())
    }

    /// The synonym sets of a word and of its base forms.
    fn meanings(&self, word: u32, text: &str) -> Vec<u32> {
        let own = |word: &u32| self.own.get(word).map_or(&[][..], Vec::as_slice);
        let mut meanings = own(&word).to_vec();
        if let Some(bases) = self.bases.get(&word) {
            meanings.extend(bases.iter().flat_map(own));
        } else {
            let known = |form: &str| self.words.numbers.get(form).map(own).filter(|own| !own.is_empty());
            meanings.extend(inflection::base(text, known).unwrap_or_default());
        }
        ascending(&mut meanings);
        meanings
    }

    fn finish(mut self) -> Result<Vec<u8>, CompileError> {
        let stemmer = Stemmer::create(Algorithm::English);
        let mut stems = Vec::new();
        // Stems are words, whose stems are needed in turn: the list grows while it is walked.
        while let Some(text) = self.words.texts.get(stems.len()) {
            let stem = stemmer.stem(text).into_owned();
            stems.push(self.words.number(&stem));
        }
        let count = self.words.texts.len();
        let mut flags = vec![0; count];
        for (word, flag) in &self.flags {
            flags[*word as usize] |= flag;
        }
        let texts: Vec<&[u8]> = self.words.texts.iter().map(String::as_bytes).collect();
        let own: Vec<Vec<u32>> =
            (0..count as u32).map(|word| self.own.get(&word).cloned().unwrap_or_default()).collect();
        let meanings: Vec<Vec<u32>> =
            self.words.texts.iter().enumerate().map(|(word, text)| self.meanings(word as u32, text)).collect();
        let trie = self.phrases.finish();

        let mut file = File::default();
        file.numbers(&starts(&texts));
        file.section(&texts.concat());
        file.numbers(&slots(&self.words.texts));
        file.numbers(&flags);
        file.numbers(&stems);
        file.numbers(&starts(&own));
        file.numbers(&own.concat());
        file.numbers(&starts(&meanings));
        file.numbers(&meanings.concat());
        for section in [&trie.children, &trie.edges, &trie.paraphrase_starts, &trie.paraphrases] {
            file.numbers(section);
        }
        file.finish()
    }
}

fn ascending(numbers: &mut Vec<u32>) {
    numbers.sort_unstable();
    numbers.dedup();
}

/// Where each list begins when they stand end to end, one more at the end.
fn starts<T>(lists: &[impl AsRef<[T]>]) -> Vec<u32> {
    let mut starts = vec![0];
    let mut end = 0;
    for list in lists {
        end += list.as_ref().len() as u32;
        starts.push(end);
    }
    starts
}

/// The hash table of words: at most half full.
fn slots(words: &[String]) -> Vec<u32> {
    let mut slots = vec![0; (2 * words.len()).next_power_of_two()];
    let mask = slots.len() - 1;
    for (number, word) in words.iter().enumerate() {
        let mut slot = hash(word) as usize & mask;
        while slots[slot] != 0 {
            slot = (slot + 1) & mask;
        }
        slots[slot] = number as u32 + 1;
    }
    slots
}

/// Sections, and a header that says where they are.
#[derive(Default)]
struct File {
    header: Vec<u32>,
    body: Vec<u8>,
}

impl File {
    fn section(&mut self, bytes: &[u8]) {
        self.header.extend([(HEADER + self.body.len()) as u32, bytes.len() as u32]);
        self.body.extend(bytes);
        self.body.resize(self.body.len().next_multiple_of(4), 0);
    }

    fn numbers(&mut self, numbers: &[u32]) {
        let bytes: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
        self.section(&bytes);
    }

    fn finish(self) -> Result<Vec<u8>, CompileError> {
        debug_assert_eq!(self.header.len(), 2 * SECTIONS, "one entry a section");
        let size = HEADER + self.body.len();
        if u32::try_from(size).is_err() {
            return Err(CompileError::Size(size));
        }
        let mut bytes = MAGIC.to_vec();
        bytes.extend(VERSION.to_le_bytes());
        bytes.extend(self.header.iter().flat_map(|number| number.to_le_bytes()));
        bytes.extend(self.body);
        Ok(bytes)
    }
}

/// The lines of a file with their numbers, counted from one.
fn lines<'a>(
    file: &'a [u8],
    name: &'static str,
) -> impl Iterator<Item = Result<(usize, &'a str), CompileError>> + use<'a> {
    let file = file.strip_suffix(b"\n").unwrap_or(file);
    file.split(|byte| *byte == b'\n').enumerate().map(move |(index, line)| {
        let line = str::from_utf8(line).map_err(|_| CompileError::Text { file: name, line: index + 1 })?;
        Ok((index + 1, line))
    })
}

/// Entries of two lines, with the number of the second.
fn entries<'a>(
    file: &'a [u8],
    name: &'static str,
) -> impl Iterator<Item = Result<(usize, &'a str, &'a str), CompileError>> + use<'a> {
    let mut lines = lines(file, name).filter(|_| !file.is_empty());
    std::iter::from_fn(move || {
        let first = match lines.next()? {
            Ok((number, line)) => (number, line),
            Err(error) => return Some(Err(error)),
        };
        Some(match lines.next() {
            Some(Ok((number, second))) => Ok((number, first.1, second)),
            Some(Err(error)) => Err(error),
            None => Err(CompileError::Cut { file: name, line: first.0, expected: 2 }),
        })
    })
}
