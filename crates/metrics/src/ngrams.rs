//! Runs of one to four words, the unit that BLEU and CIDEr count.
//!
//! Words are numbers here, so that four of them fit into one integer: n-grams compare, sort and hash as such. The
//! n-grams of a sentence lie in their order, so that two sentences are compared in one walk over both, and that sums of
//! weights are taken in the same order in every run: a score used as a training reward repeats bit for bit.

/// The longest n-gram that is counted.
pub(crate) const ORDER: usize = 4;

/// Bits of a word within an n-gram.
const BITS: usize = u32::BITS as usize;

/// One to four words. A word takes 32 bits, and is stored as one more than its number: 0 says that there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Ngram(u128);

impl Ngram {
    /// Of at most [`ORDER`] words.
    pub(crate) fn of(words: &[u32]) -> Self {
        debug_assert!((1..=ORDER).contains(&words.len()));
        Self(words.iter().rev().fold(0, |ngram, &word| ngram << BITS | (u128::from(word) + 1)))
    }

    /// How many words it has, less one: 0 for a single word.
    pub(crate) fn rank(self) -> usize {
        (u128::BITS - 1 - self.0.leading_zeros()) as usize / BITS
    }

    /// The four words' places, to be kept where alignment costs memory.
    pub(crate) fn parts(self) -> [u32; ORDER] {
        std::array::from_fn(|place| (self.0 >> (place * BITS)) as u32)
    }

    /// The n-gram of which these are the [`parts`](Self::parts).
    pub(crate) fn of_parts(parts: [u32; ORDER]) -> Self {
        Self(parts.iter().rev().fold(0, |ngram, &part| ngram << BITS | u128::from(part)))
    }

    /// Its words, in order.
    pub(crate) fn words(self) -> impl Iterator<Item = u32> {
        (0..=self.rank()).map(move |place| ((self.0 >> (place * BITS)) as u32).wrapping_sub(1))
    }
}

/// The n-grams of a sentence and how often each occurs in it.
///
/// A word's number must be less than [`u32::MAX`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ngrams {
    /// In ascending order, each once.
    counts: Vec<(Ngram, u32)>,
    length: usize,
}

impl Ngrams {
    /// Those of a sentence, given by the numbers of its words.
    pub fn of(words: &[u32]) -> Self {
        let mut ngrams = Self::default();
        ngrams.read(words);
        ngrams
    }

    /// Becomes those of another sentence, in the memory that is there.
    pub fn read(&mut self, words: &[u32]) {
        self.length = words.len();
        self.counts.clear();
        for order in 1..=ORDER {
            // Every n-gram is greater than all shorter ones: parts in order are in order together.
            let shorter = self.counts.len();
            self.counts.extend(words.windows(order).map(|window| (Ngram::of(window), 1)));
            self.counts[shorter..].sort_unstable_by_key(|(ngram, _)| *ngram);
        }
        self.counts.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            kept.1 += u32::from(same);
            same
        });
    }

    /// Words of the sentence.
    pub fn len(&self) -> usize {
        self.length
    }

    /// Whether the sentence has no words.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// The n-grams in ascending order, each with how often it occurs.
    pub(crate) fn counts(&self) -> &[(Ngram, u32)] {
        &self.counts
    }
}

/// Calls `found` with the places of everything that two ascending lists both have.
pub(crate) fn shared<A, B>(left: &[(Ngram, A)], right: &[(Ngram, B)], mut found: impl FnMut(usize, usize)) {
    let (mut i, mut j) = (0, 0);
    while let (Some((a, _)), Some((b, _))) = (left.get(i), right.get(j)) {
        if a == b {
            found(i, j);
        }
        let (next_i, next_j) = (usize::from(a <= b), usize::from(b <= a));
        i += next_i;
        j += next_j;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ngram_gives_its_words_back() {
        for words in [&[0][..], &[7, 0], &[0, 0, 0], &[u32::MAX - 1, 1, u32::MAX - 1, 0]] {
            let ngram = Ngram::of(words);
            assert_eq!((ngram.rank() + 1, ngram.words().collect::<Vec<_>>()), (words.len(), words.to_vec()));
        }
    }

    #[test]
    fn ngrams_are_counted_within_the_sentence() {
        let ngrams = Ngrams::of(&[1, 2, 1, 2]);
        let count = |words: &[u32]| {
            ngrams.counts().iter().find(|(ngram, _)| *ngram == Ngram::of(words)).map_or(0, |(_, times)| *times)
        };
        assert_eq!(
            [count(&[1]), count(&[1, 2]), count(&[2, 1, 2]), count(&[1, 2, 1, 2]), count(&[2, 2])],
            [2, 2, 1, 1, 0]
        );
        assert_eq!((ngrams.len(), ngrams.counts().len()), (4, 2 + 2 + 2 + 1));
    }
}
