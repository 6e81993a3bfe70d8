//! In how many photos of a corpus each n-gram is said: what CIDEr weighs n-grams by.
//!
//! A large corpus has millions of different n-grams, so they are counted in parallel: each shard has the n-grams whose
//! hash says so, and goes through all photos by itself.

use std::hash::{BuildHasher, Hash, Hasher};

use rayon::prelude::*;
use rustc_hash::{FxBuildHasher, FxHashMap};

use crate::ngrams::{Ngram, Ngrams, ORDER};
use crate::{Words, split};

/// Maps that the counts are spread over.
const SHARDS: usize = 16;

/// The rank of the longest n-grams.
const LONGEST: usize = ORDER - 1;

/// The most letters of a line that an error shows.
const SHOWN: usize = 60;

/// Photos that one task goes through.
const TASK: usize = 256;
/// Photos that are gone through before their n-grams are counted: bounds what is in memory.
const BLOCK: usize = 8 * TASK;

/// In how many photos of a corpus each n-gram occurs in at least one reference.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DocumentFrequencies {
    photos: usize,
    /// `SHARDS` maps, or none where nothing was counted.
    shards: Vec<Counts>,
}

type Counts = FxHashMap<Packed, u32>;

/// An n-gram's parts: without the alignment of 128 bits an entry takes a third less memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Packed([u32; ORDER]);

impl Hash for Packed {
    /// By halves, which costs half of what hashing by words does.
    fn hash<H: Hasher>(&self, state: &mut H) {
        let [a, b, c, d] = self.0.map(u64::from);
        state.write_u64(a << u32::BITS | b);
        state.write_u64(c << u32::BITS | d);
    }
}

/// The n-grams of some photos, by shard.
type Said = [Vec<Packed>; SHARDS];

fn shard(ngram: Packed) -> usize {
    // The maps use the highest and the lowest bits of the same hash.
    (FxBuildHasher.hash_one(ngram) >> 24) as usize % SHARDS
}

impl DocumentFrequencies {
    /// Counts photos, of each of which `read` reads all references.
    pub fn of<P: Sync>(photos: &[P], read: impl Fn(&P, &mut Ngrams) + Sync) -> Self {
        let mut found = Self { photos: photos.len(), shards: vec![Counts::default(); SHARDS] };
        // What is said of one photo only is not said of more with a word behind it: the longest n-grams, of which there
        // are most, are counted where the shorter ones leave something to count.
        found.add(photos, &read, |ngram, _| ngram.rank() < LONGEST);
        found.add(photos, &read, |ngram, found| {
            ngram.rank() == LONGEST && found.of_ngram(ngram.prefix(LONGEST - 1)) > 1
        });
        found
    }

    /// Counts those n-grams of all photos that are wanted; which are, may depend on what was counted before.
    fn add<P: Sync>(
        &mut self,
        photos: &[P],
        read: impl Fn(&P, &mut Ngrams) + Sync,
        wanted: impl Fn(Ngram, &Self) -> bool + Sync,
    ) {
        let mut shards = vec![Counts::default(); SHARDS];
        for block in photos.chunks(BLOCK) {
            let wanted = |ngram| wanted(ngram, self);
            let parts: Vec<Said> = block.par_chunks(TASK).map(|photos| said(photos, &read, wanted)).collect();
            shards.par_iter_mut().enumerate().for_each(|(shard, counts)| {
                for &ngram in parts.iter().flat_map(|part| &part[shard]) {
                    *counts.entry(ngram).or_insert(0) += 1;
                }
            });
        }
        self.shards.par_iter_mut().zip(shards).for_each(|(kept, mut counts)| {
            // An n-gram of one photo weighs as much as one of none.
            counts.retain(|_, count| *count > 1);
            kept.reserve(counts.len());
            kept.extend(counts);
        });
    }

    /// How many photos were counted.
    pub fn photos(&self) -> usize {
        self.photos
    }

    /// The photos that have an n-gram, but at least 1.
    pub(crate) fn of_ngram(&self, ngram: Ngram) -> u32 {
        let ngram = Packed(ngram.parts());
        self.shards.get(shard(ngram)).and_then(|counts| counts.get(&ngram)).copied().unwrap_or(1)
    }

    /// As text: the number of photos, then for each n-gram of more than one photo a line with its count, a tab and its words.
    ///
    /// `words` are those that the n-grams' numbers came from.
    pub fn to_text(&self, words: &Words) -> String {
        let words = words.in_order();
        let mut lines: Vec<String> =
            self.shards.iter().flatten().map(|(ngram, &count)| line(Ngram::of_parts(ngram.0), count, &words)).collect();
        lines.par_sort_unstable();
        format!("{}\n{}", self.photos, lines.concat())
    }

    /// Reads what [`to_text`](Self::to_text) wrote; the numbers of the words are taken from `words`.
    ///
    /// # Errors
    /// The first line that is not as it should be.
    pub fn from_text(text: &str, words: &mut Words) -> Result<Self, Unreadable> {
        let mut lines = text.lines();
        let first = lines.next().unwrap_or_default();
        let photos = first.parse().ok().filter(|&photos| photos > 0);
        let photos = photos.ok_or_else(|| Unreadable::new(1, first, "the number of photos, at least 1"))?;
        let mut shards = vec![Counts::default(); SHARDS];
        for (number, line) in (2..).zip(lines) {
            let (ngram, count) = entry(line, photos, words).map_err(|wanted| Unreadable::new(number, line, wanted))?;
            if shards[shard(ngram)].insert(ngram, count).is_some() {
                return Err(Unreadable::new(number, line, "each n-gram once"));
            }
        }
        Ok(Self { photos, shards })
    }
}

/// A line that does not belong into a text of document frequencies.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: found {found:?}, expected {expected}")]
pub struct Unreadable {
    /// The line's number, counted from 1.
    pub line: usize,
    /// What stands there, cut where it is long.
    pub found: String,
    /// What should.
    pub expected: &'static str,
}

impl Unreadable {
    fn new(line: usize, found: &str, expected: &'static str) -> Self {
        Self { line, found: found.chars().take(SHOWN).collect(), expected }
    }
}

/// The wanted n-grams of each photo, once a photo, by shard.
fn said<P>(photos: &[P], read: impl Fn(&P, &mut Ngrams), wanted: impl Fn(Ngram) -> bool) -> Said {
    let mut parts = Said::default();
    let mut ngrams = Ngrams::default();
    for photo in photos {
        read(photo, &mut ngrams);
        let wanted = ngrams.ngrams().iter().copied().filter(|&ngram| wanted(ngram));
        for ngram in wanted.map(|ngram| Packed(ngram.parts())) {
            parts[shard(ngram)].push(ngram);
        }
    }
    parts
}

fn line(ngram: Ngram, count: u32, words: &[&str]) -> String {
    let ngram: Vec<&str> = ngram.words().map(|word| words.get(word as usize).copied().unwrap_or_default()).collect();
    format!("{count}\t{}\n", ngram.join(" "))
}

/// Reads the line of an n-gram, or says what should stand there.
fn entry(line: &str, photos: usize, words: &mut Words) -> Result<(Packed, u32), &'static str> {
    let (count, ngram) = line.split_once('\t').ok_or("a count, a tab and an n-gram")?;
    let count = count.parse().ok().filter(|&count: &u32| count > 0 && count as usize <= photos);
    let count = count.ok_or("a count from 1 to the number of photos")?;
    if !(1..=ORDER).contains(&ngram.split(' ').count()) || !ngram.split(' ').all(is_word) {
        return Err("one to four words with single spaces between");
    }
    Ok((Packed(Ngram::of(&words.numbers(ngram.split(' '))).parts()), count))
}

fn is_word(word: &str) -> bool {
    split(word).eq([word])
}
