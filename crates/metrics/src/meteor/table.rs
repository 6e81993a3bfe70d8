//! METEOR's resources in one piece of bytes that is read where it lies.
//!
//! [`Table::compile`](super::Table::compile) makes it from the files that METEOR comes with, [`Table::open`] takes
//! it as it is: nothing is parsed or copied, so a mapped file is ready at once and shared between processes.
//!
//! Layout: the magic, the version, then for each of [`SECTIONS`] its offset and length in bytes, then the sections.
//! All numbers are 32 bits, little-endian. A word is known by its number. Lists of lists are two sections: where
//! each list begins (one number more than there are lists), and the lists, end to end.
//!
//! Phrases are a trie whose nodes are numbered level by level, so that the children of a node lie side by side,
//! ordered by word: `CHILDREN` says where they begin, `EDGES` which word leads to each.
//!
//! Every offset is checked where it is used. Bytes that were tampered with give wrong scores, never a panic.

use thiserror::Error;

use super::inflection;

pub(super) const MAGIC: [u8; 8] = *b"nidmeteo";
pub(super) const VERSION: u32 = 1;

/// The sections, in order.
#[derive(Clone, Copy)]
pub(super) enum Section {
    /// Where each word's text begins, one more at the end.
    WordStarts,
    /// The words' texts.
    WordTexts,
    /// An open-addressed hash table of words: number plus one, zero where free.
    WordSlots,
    /// For each word what it is: see [`Flags`].
    Flags,
    /// For each word the number of its stem, which is a word too.
    Stems,
    /// Where each word's own meanings begin.
    OwnStarts,
    /// Synonym sets that list the word itself, ascending.
    Own,
    /// Where each word's meanings begin.
    MeaningStarts,
    /// Synonym sets of the word and of its base forms, ascending.
    Meanings,
    /// Where the children of each node begin.
    Children,
    /// The word that leads to each node from its parent; the root's is zero.
    Edges,
    /// Where the paraphrases of each node begin.
    ParaphraseStarts,
    /// The nodes of the paraphrases, in the order of the source.
    Paraphrases,
}

pub(super) const SECTIONS: usize = 13;
pub(super) const HEADER: usize = MAGIC.len() + 4 + SECTIONS * 8;

/// What a word is, as bits.
pub(super) struct Flags;

impl Flags {
    /// A function word.
    pub(super) const FUNCTION: u32 = 1;
    /// Keeps its full stop.
    pub(super) const PREFIX: u32 = 2;
    /// Keeps its full stop before a number.
    pub(super) const NUMERIC_PREFIX: u32 = 4;
}

/// When a word keeps its full stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Prefix {
    Always,
    BeforeNumbers,
}

/// Why bytes are not a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Error {
    /// The bytes do not begin as a table does.
    #[error("found {0:?} at the beginning, expected {MAGIC:?}: not a compiled METEOR table")]
    Magic([u8; 8]),
    /// The table was compiled by another version.
    #[error("found a METEOR table of version {0}, expected {VERSION}: compile it again")]
    Version(u32),
    /// The table is cut off, or its header is damaged.
    #[error("the METEOR table needs {needed} bytes, found {actual}")]
    Length {
        /// What the header asks for.
        needed: u64,
        /// What there is.
        actual: u64,
    },
    /// Two sections that belong together have different lengths.
    #[error("section {section} of the METEOR table has {actual} entries, expected {expected}")]
    Entries {
        /// The section's place in the table.
        section: usize,
        /// Entries that its partner asks for.
        expected: usize,
        /// Entries that there are.
        actual: usize,
    },
}

/// METEOR's resources: function words, abbreviations, synonyms and paraphrases, read from compiled bytes.
#[derive(Clone, Copy, Debug)]
pub struct Table<'a> {
    sections: [Numbers<'a>; SECTIONS],
}

/// A run of numbers in the bytes.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Numbers<'a>(&'a [u8]);

impl<'a> Numbers<'a> {
    pub(super) fn len(self) -> usize {
        self.0.len() / 4
    }

    pub(super) fn get(self, at: usize) -> Option<u32> {
        let bytes = self.0.get(at.checked_mul(4)?..)?.first_chunk()?;
        Some(u32::from_le_bytes(*bytes))
    }

    pub(super) fn iter(self) -> impl Iterator<Item = u32> + use<'a> {
        self.0.as_chunks::<4>().0.iter().map(|bytes| u32::from_le_bytes(*bytes))
    }

    /// The part from `start` to `end`; nothing where there is no such part.
    fn slice(self, start: u32, end: u32) -> Self {
        let bytes = (start as usize).saturating_mul(4)..(end as usize).saturating_mul(4);
        Self(self.0.get(bytes).unwrap_or_default())
    }

    /// Where `value` is; the numbers ascend.
    fn find(self, value: u32) -> Option<usize> {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low + (high - low) / 2;
            match self.get(middle)?.cmp(&value) {
                std::cmp::Ordering::Equal => return Some(middle),
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        None
    }
}

impl<'a> Table<'a> {
    /// Takes compiled bytes as a table, in constant time.
    ///
    /// # Errors
    /// When the bytes are no table of this version, or do not hold what their header says.
    pub fn open(bytes: &'a [u8]) -> Result<Self, Error> {
        let too_short = |needed: u64| Error::Length { needed, actual: bytes.len() as u64 };
        let magic = bytes.first_chunk().ok_or(too_short(HEADER as u64))?;
        if *magic != MAGIC {
            return Err(Error::Magic(*magic));
        }
        let header = Numbers(&bytes[MAGIC.len()..]);
        let entry = |at| header.get(at).ok_or(too_short(HEADER as u64));
        let version = entry(0)?;
        if version != VERSION {
            return Err(Error::Version(version));
        }
        let mut sections = [Numbers::default(); SECTIONS];
        for (index, section) in sections.iter_mut().enumerate() {
            let (start, length) = (entry(1 + 2 * index)? as usize, entry(2 + 2 * index)? as usize);
            let end = start as u64 + length as u64;
            *section = Numbers(start.checked_add(length).and_then(|end| bytes.get(start..end)).ok_or(too_short(end))?);
        }
        let table = Self { sections };
        table.check()?;
        Ok(table)
    }

    /// Sections that run in step are equally long.
    fn check(&self) -> Result<(), Error> {
        let words = self.section(Section::Flags).len();
        let nodes = self.section(Section::Edges).len();
        let lists = [
            (Section::WordStarts, words + 1),
            (Section::Stems, words),
            (Section::OwnStarts, words + 1),
            (Section::MeaningStarts, words + 1),
            (Section::Children, nodes + 1),
            (Section::ParaphraseStarts, nodes + 1),
        ];
        for (section, expected) in lists {
            let actual = self.section(section).len();
            if actual != expected {
                return Err(Error::Entries { section: section as usize, expected, actual });
            }
        }
        Ok(())
    }

    fn section(&self, section: Section) -> Numbers<'a> {
        self.sections[section as usize]
    }

    /// The list with this index.
    fn list(&self, starts: Section, lists: Section, index: u32) -> Numbers<'a> {
        let starts = self.section(starts);
        let bounds = starts.get(index as usize).zip(starts.get(index as usize + 1));
        bounds.map(|(start, end)| self.section(lists).slice(start, end)).unwrap_or_default()
    }

    /// The number of a word.
    pub(super) fn word(&self, text: &str) -> Option<u32> {
        let slots = self.section(Section::WordSlots);
        let mask = slots.len().checked_sub(1)?;
        let mut slot = hash(text) as usize & mask;
        for _ in 0..=mask {
            let word = slots.get(slot)?.checked_sub(1)?;
            if self.text(word) == Some(text.as_bytes()) {
                return Some(word);
            }
            slot = (slot + 1) & mask;
        }
        None
    }

    fn text(&self, word: u32) -> Option<&'a [u8]> {
        let starts = self.section(Section::WordStarts);
        let (start, end) = (starts.get(word as usize)?, starts.get(word as usize + 1)?);
        self.section(Section::WordTexts).0.get(start as usize..end as usize)
    }

    fn has(&self, word: u32, flag: u32) -> bool {
        self.section(Section::Flags).get(word as usize).is_some_and(|flags| flags & flag != 0)
    }

    pub(super) fn is_function_word(&self, word: u32) -> bool {
        self.has(word, Flags::FUNCTION)
    }

    /// Whether a word keeps its full stop.
    pub(super) fn prefix(&self, text: &str) -> Option<Prefix> {
        let word = self.word(text)?;
        if self.has(word, Flags::PREFIX) {
            Some(Prefix::Always)
        } else {
            self.has(word, Flags::NUMERIC_PREFIX).then_some(Prefix::BeforeNumbers)
        }
    }

    /// The stem of a known word.
    pub(super) fn stem(&self, word: u32) -> Option<u32> {
        self.section(Section::Stems).get(word as usize)
    }

    /// The synonym sets of a known word and of its base forms, ascending.
    pub(super) fn meanings(&self, word: u32) -> Numbers<'a> {
        self.list(Section::MeaningStarts, Section::Meanings, word)
    }

    /// The synonym sets of a word that is not in the table: those of its base form.
    pub(super) fn meanings_of_unknown(&self, text: &str) -> Numbers<'a> {
        let known = |form: &str| {
            let own = self.list(Section::OwnStarts, Section::Own, self.word(form)?);
            (own.len() > 0).then_some(own)
        };
        inflection::base(text, known).unwrap_or_default()
    }

    /// The node that `word` leads to.
    pub(super) fn child(&self, node: u32, word: u32) -> Option<u32> {
        let starts = self.section(Section::Children);
        let (start, end) = (starts.get(node as usize)?, starts.get(node as usize + 1)?);
        let found = self.section(Section::Edges).slice(start, end).find(word)?;
        Some(start + found as u32)
    }

    /// The phrases that a phrase can be said as, in the order of the source.
    pub(super) fn paraphrases(&self, node: u32) -> Numbers<'a> {
        self.list(Section::ParaphraseStarts, Section::Paraphrases, node)
    }
}

/// FNV-1a, its bits mixed once more because the table is as large as a power of two.
pub(super) fn hash(text: &str) -> u64 {
    let hash = text
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    hash ^ (hash >> 32)
}
