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

use std::cmp::Reverse;

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
struct Path<'m> {
    covered: usize,
    chunks: usize,
    distance: usize,
    /// Where in the candidate the open chunk would go on.
    open: Option<usize>,
    /// The first word of the reference that is not settled yet.
    next: usize,
    /// The last match taken, in `Search::taken`.
    last: Option<usize>,
    /// The match that is taken with this word, until it is known that the path is followed.
    takes: Option<&'m Match>,
    /// Whose set of used words this path's is, and what it uses besides.
    used: usize,
    uses: Option<Span>,
}

/// Words covered, chunks, distance: the smaller, the better.
type Rank = (Reverse<usize>, usize, usize);

struct Search<'m> {
    matches: &'m Matches,
    settled: Vec<Option<Match>>,
    paths: Vec<Path<'m>>,
    next: Vec<Path<'m>>,
    /// Room for ranks with places, and for the paths that are kept.
    order: Vec<(Rank, usize)>,
    kept: Vec<Path<'m>>,
    /// Matches that paths took, with the one before.
    taken: Vec<(&'m Match, Option<usize>)>,
    used: Used,
    next_used: Used,
}

/// Sets of words of the candidate, one for each path.
struct Used {
    bits: Vec<u64>,
    stride: usize,
}

impl Used {
    fn new(words: usize) -> Self {
        let stride = words.div_ceil(64).max(1);
        Self { bits: vec![0; stride * BEAM], stride }
    }

    fn any(&self, path: usize, span: Span) -> bool {
        let bits = &self.bits[path * self.stride..];
        span.range().any(|word| bits[word / 64] >> (word % 64) & 1 == 1)
    }

    /// Makes the set of `path` that of `from` in another, and `span`.
    fn copy(&mut self, path: usize, other: &Self, from: usize, span: Option<Span>) {
        let own = path * self.stride..(path + 1) * self.stride;
        let bits = &mut self.bits[own];
        bits.copy_from_slice(&other.bits[from * other.stride..(from + 1) * other.stride]);
        for word in span.into_iter().flat_map(Span::range) {
            bits[word / 64] |= 1 << (word % 64);
        }
    }
}

/// Aligns sentences of these many words.
pub(super) fn align(matches: &Matches, candidate_words: usize, reference_words: usize) -> Alignment {
    let settled = settle(matches, candidate_words, reference_words);
    let begin =
        Path { covered: 0, chunks: 0, distance: 0, open: None, next: 0, last: None, takes: None, used: 0, uses: None };
    let mut search = Search {
        matches,
        settled,
        paths: vec![begin],
        next: Vec::new(),
        order: Vec::new(),
        kept: Vec::new(),
        taken: Vec::new(),
        used: Used::new(candidate_words),
        next_used: Used::new(candidate_words),
    };
    for position in 0..reference_words {
        search.step(position);
    }
    search.finish()
}

/// The matches that share no word with another, by the word of the reference at which they begin.
fn settle(matches: &Matches, candidate_words: usize, reference_words: usize) -> Vec<Option<Match>> {
    let mut candidate = vec![0_u32; candidate_words];
    let mut reference = vec![0_u32; reference_words];
    for one in matches.iter() {
        candidate[one.candidate.range()].iter_mut().for_each(|times| *times += 1);
        reference[one.reference.range()].iter_mut().for_each(|times| *times += 1);
    }
    let alone = |one: &&Match| {
        let mut times = candidate[one.candidate.range()].iter().chain(&reference[one.reference.range()]);
        times.all(|times| *times == 1)
    };
    let mut settled = vec![None; reference_words];
    for one in matches.iter().filter(alone) {
        settled[one.reference.start] = Some(*one);
    }
    settled
}

impl Search<'_> {
    /// Settles one more word of the reference.
    fn step(&mut self, position: usize) {
        self.next.clear();
        for (index, path) in self.paths.iter().enumerate() {
            let path = Path { used: index, uses: None, ..*path };
            if position < path.next {
                self.next.push(path);
            } else if let Some(one) = self.settled[position] {
                self.next.push(path.with(&one));
            } else {
                let mut distance = path.distance;
                for one in self.matches.at(position) {
                    if !self.used.any(index, one.candidate) {
                        self.next.push(Path { distance, takes: Some(one), ..path.with(one) });
                        distance += one.candidate.start.abs_diff(one.reference.start);
                    }
                }
                self.next.push(Path { distance, ..path.without() });
            }
        }
        self.keep_the_best();
        for path in &mut self.next {
            if let Some(one) = path.takes.take() {
                self.taken.push((one, path.last));
                path.last = Some(self.taken.len() - 1);
            }
        }
        if self.next.len() > 1 || self.paths.len() > 1 || self.next.iter().any(|path| path.uses.is_some()) {
            for (index, path) in self.next.iter().enumerate() {
                self.next_used.copy(index, &self.used, path.used, path.uses);
            }
            std::mem::swap(&mut self.used, &mut self.next_used);
        }
        std::mem::swap(&mut self.paths, &mut self.next);
    }

    /// Puts the best of the next paths in order, and drops the others.
    fn keep_the_best(&mut self) {
        // Places are sorted rather than paths, which are large; they also keep ties in order.
        self.order.clear();
        self.order.extend(self.next.iter().enumerate().map(|(place, path)| (path.rank(), place)));
        if self.order.len() > BEAM {
            self.order.select_nth_unstable(BEAM);
            self.order.truncate(BEAM);
        }
        self.order.sort_unstable();
        self.kept.clear();
        self.kept.extend(self.order.iter().map(|&(_, place)| self.next[place]));
        std::mem::swap(&mut self.kept, &mut self.next);
    }

    /// The best path's matches, in no particular order.
    fn finish(self) -> Alignment {
        let paths = self.paths.iter().map(|path| path.without());
        let best = paths.min_by_key(Path::rank);
        let mut matches: Vec<Match> = self.settled.into_iter().flatten().collect();
        let mut last = best.and_then(|path| path.last);
        while let Some((one, before)) = last.and_then(|last| self.taken.get(last)) {
            matches.push(**one);
            last = *before;
        }
        Alignment { matches, chunks: best.map_or(0, |path| path.chunks) }
    }
}

impl Path<'_> {
    fn rank(&self) -> Rank {
        (Reverse(self.covered), self.chunks, self.distance)
    }

    fn with(self, one: &Match) -> Self {
        let lengths = (one.candidate.length, one.reference.length);
        let covers = if one.stage == 0 { lengths.0 + lengths.1 } else { lengths.0 / 2 + lengths.1 / 2 };
        Self {
            covered: self.covered + covers,
            chunks: self.chunks + usize::from(self.open.is_some_and(|open| open != one.candidate.start)),
            open: Some(one.candidate.end()),
            next: one.reference.end(),
            uses: Some(one.candidate),
            ..self
        }
    }

    fn without(self) -> Self {
        Self { chunks: self.chunks + usize::from(self.open.is_some()), open: None, ..self }
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
