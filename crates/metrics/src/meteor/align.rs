//! Chooses among the matches: every word in at most one.
//!
//! Denkowski & Lavie (2011, "Meteor 1.3", section 2.1): as many words covered as possible, then as few chunks as
//! possible (runs that are contiguous and in the same order in both sentences), then the smallest sum of distances
//! between where matches start; a beam search over the words of the reference. What the program that everyone
//! reports does in particular was found by experiment, and is part of the metric:
//!
//! - A match of equal words counts its words; any other counts half of its words on each side, rounded down. A
//!   single word matched by its stem or meaning counts nothing, and is taken only where it makes no further chunk.
//! - A match is settled beforehand if none of its words is in any other match, whatever chunks that makes.
//! - A chunk counts when it ends; one that is still open at the end counts then.
//! - Of the matches that begin at one word, each carries the distances of those before it, not its own; leaving
//!   all of them out carries them all.
//! - Ties keep the order in which they arose: matches before leaving out.

use super::matches::{Match, Matches, Span};

/// How many alignments are followed at a time.
const BEAM: usize = 40;

/// The chosen matches.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Alignment {
    pub(super) matches: Vec<Match>,
    pub(super) chunks: usize,
}

/// An alignment of the first words of the reference.
#[derive(Clone, Copy, Debug)]
struct Path {
    covered: u32,
    chunks: u32,
    distance: u64,
    /// Where in the candidate the open chunk would go on; [`NONE`] where none is open.
    open: u32,
    /// The first word of the reference that is not settled yet.
    next: u32,
    /// The last match taken, in `Aligner::taken`, or [`NONE`].
    last: u32,
    /// The match that is taken with this word, in the matches, until it is known that the path is followed; or [`NONE`].
    takes: u32,
    /// Whose set of used words this path's is, and what it uses besides.
    used: u32,
    uses: (u32, u32),
}

/// No place.
const NONE: u32 = u32::MAX;

/// How good a path is, the smaller the better: words covered (the more, the better), chunks, distance, and the path's
/// place among others, which keeps ties in order. Ranks are sorted rather than paths, which are large.
type Rank = u128;

/// Bits of a rank that tell the place, and the distance.
const PLACE_BITS: u32 = 24;
const DISTANCE_BITS: u32 = 40;

/// Aligns sentences, in memory that is used again.
#[derive(Debug, Default)]
pub(super) struct Aligner {
    settled: Vec<Option<Match>>,
    /// In how many matches each word is, of the candidate and of the reference.
    times: (Vec<u32>, Vec<u32>),
    paths: Vec<Path>,
    next: Vec<Path>,
    ranks: Vec<Rank>,
    /// Matches that paths took, with the one before.
    taken: Vec<(u32, u32)>,
    used: Used,
    next_used: Used,
}

/// Sets of words of the candidate, one for each path.
#[derive(Debug, Default)]
struct Used {
    bits: Vec<u64>,
    stride: usize,
}

impl Used {
    fn clear(&mut self, words: usize) {
        self.stride = words.div_ceil(64).max(1);
        self.bits.clear();
        self.bits.resize(self.stride * BEAM, 0);
    }

    fn any(&self, path: usize, span: Span) -> bool {
        let bits = &self.bits[path * self.stride..];
        span.range().any(|word| bits[word / 64] >> (word % 64) & 1 == 1)
    }

    /// Makes the set of `path` that of `from` in another, and `span`.
    fn copy(&mut self, path: usize, other: &Self, from: usize, span: std::ops::Range<usize>) {
        let own = path * self.stride..(path + 1) * self.stride;
        let bits = &mut self.bits[own];
        bits.copy_from_slice(&other.bits[from * other.stride..(from + 1) * other.stride]);
        for word in span {
            bits[word / 64] |= 1 << (word % 64);
        }
    }
}

impl Aligner {
    /// Aligns sentences of these many words.
    pub(super) fn align(&mut self, matches: &Matches, candidate_words: usize, reference_words: usize) -> Alignment {
        self.settle(matches, candidate_words, reference_words);
        self.taken.clear();
        self.paths.clear();
        self.paths.push(Path::default());
        self.used.clear(candidate_words);
        self.next_used.clear(candidate_words);
        for position in 0..reference_words {
            self.step(matches, position);
        }
        self.finish(matches)
    }

    /// Finds the matches that share no word with another, by the word of the reference at which they begin.
    fn settle(&mut self, matches: &Matches, candidate_words: usize, reference_words: usize) {
        let (candidate, reference) = &mut self.times;
        for (times, words) in [(&mut *candidate, candidate_words), (&mut *reference, reference_words)] {
            times.clear();
            times.resize(words, 0);
        }
        for one in matches.all() {
            candidate[one.candidate.range()].iter_mut().for_each(|times| *times += 1);
            reference[one.reference.range()].iter_mut().for_each(|times| *times += 1);
        }
        let alone = |one: &&Match| {
            let mut times = candidate[one.candidate.range()].iter().chain(&reference[one.reference.range()]);
            times.all(|times| *times == 1)
        };
        self.settled.clear();
        self.settled.resize(reference_words, None);
        for one in matches.all().iter().filter(alone) {
            self.settled[one.reference.start] = Some(*one);
        }
    }

    /// Settles one more word of the reference.
    fn step(&mut self, matches: &Matches, position: usize) {
        self.next.clear();
        for (index, path) in self.paths.iter().enumerate() {
            let path = Path { used: index as u32, uses: (0, 0), ..*path };
            if position < path.next as usize {
                self.next.push(path);
            } else if let Some(one) = self.settled[position] {
                self.next.push(path.with(&one));
            } else {
                let mut distance = path.distance;
                for place in matches.at(position) {
                    let one = &matches.all()[place];
                    if !self.used.any(index, one.candidate) {
                        self.next.push(Path { distance, takes: place as u32, ..path.with(one) });
                        distance += one.candidate.start.abs_diff(one.reference.start) as u64;
                    }
                }
                self.next.push(Path { distance, ..path.without() });
            }
        }
        let is_alone = self.paths.len() == 1 && self.next.len() == 1;
        self.keep_the_best();
        if !is_alone || self.paths[0].uses != (0, 0) {
            for (index, path) in self.paths.iter().enumerate() {
                let span = path.uses.0 as usize..path.uses.1 as usize;
                self.next_used.copy(index, &self.used, path.used as usize, span);
            }
            std::mem::swap(&mut self.used, &mut self.next_used);
        }
    }

    /// Follows the best of the next paths, in order.
    fn keep_the_best(&mut self) {
        self.ranks.clear();
        self.ranks.extend(self.next.iter().zip(0..).map(|(path, place)| path.rank(place)));
        if self.ranks.len() > BEAM {
            self.ranks.select_nth_unstable(BEAM);
            self.ranks.truncate(BEAM);
        }
        self.ranks.sort_unstable();
        self.paths.clear();
        for rank in &self.ranks {
            let mut path = self.next[*rank as usize & ((1 << PLACE_BITS) - 1)];
            if path.takes != NONE {
                self.taken.push((path.takes, path.last));
                path.last = self.taken.len() as u32 - 1;
                path.takes = NONE;
            }
            self.paths.push(path);
        }
    }

    /// The best path's matches, in no particular order.
    fn finish(&self, matches: &Matches) -> Alignment {
        let best = self.paths.iter().map(|path| path.without()).min_by_key(|path| path.rank(0));
        let mut alignment = Alignment {
            matches: self.settled.iter().copied().flatten().collect(),
            chunks: best.map_or(0, |path| path.chunks as usize),
        };
        let mut last = best.map_or(NONE, |path| path.last);
        while last != NONE {
            let (one, before) = self.taken[last as usize];
            alignment.matches.push(matches.all()[one as usize]);
            last = before;
        }
        alignment
    }
}

impl Default for Path {
    /// Where every alignment begins.
    fn default() -> Self {
        Self { covered: 0, chunks: 0, distance: 0, open: NONE, next: 0, last: NONE, takes: NONE, used: 0, uses: (0, 0) }
    }
}

impl Path {
    fn rank(&self, place: u32) -> Rank {
        let head = u64::from(!self.covered) << u32::BITS | u64::from(self.chunks);
        let tail = self.distance.min((1 << DISTANCE_BITS) - 1) << PLACE_BITS | u64::from(place);
        u128::from(head) << u64::BITS | u128::from(tail)
    }

    fn with(self, one: &Match) -> Self {
        let lengths = (one.candidate.length as u32, one.reference.length as u32);
        let covers = if one.stage == 0 { lengths.0 + lengths.1 } else { lengths.0 / 2 + lengths.1 / 2 };
        let (start, end) = (one.candidate.start as u32, one.candidate.end() as u32);
        Self {
            covered: self.covered + covers,
            chunks: self.chunks + u32::from(self.open != NONE && self.open != start),
            open: end,
            next: one.reference.end() as u32,
            uses: (start, end),
            ..self
        }
    }

    fn without(self) -> Self {
        Self { chunks: self.chunks + u32::from(self.open != NONE), open: NONE, ..self }
    }
}

/// Equal sentences: every word with its equal in one chunk.
pub(super) fn straight(words: usize) -> Alignment {
    let one = |start| {
        let span = Span { start, length: 1 };
        Match { stage: 0, candidate: span, reference: span }
    };
    Alignment { matches: (0..words).map(one).collect(), chunks: usize::from(words > 0) }
}
