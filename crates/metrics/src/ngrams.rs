//! Runs of one to four words, the unit that BLEU and CIDEr count.
//!
//! Words are numbers here, so that four of them fit into one integer: n-grams compare, sort and hash as such. What
//! begins at each word of some sentences is sorted once; every n-gram then stands right before those that begin with it,
//! and one walk finds them all. Two lists are compared in one walk over both, and sums of weights are taken in
//! the same order in every run: a score used as a training reward repeats bit for bit.

/// The longest n-gram that is counted.
pub(crate) const ORDER: usize = 4;

/// Bits of a word within an n-gram.
const BITS: usize = u32::BITS as usize;

/// One to four words, the first in the highest bits. A word takes 32 bits, and is stored as one more than its number: 0 says
/// that there is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Ngram(u128);

impl Ngram {
    /// Of at most [`ORDER`] words.
    pub(crate) fn of(words: &[u32]) -> Self {
        debug_assert!((1..=ORDER).contains(&words.len()));
        (0..ORDER).fold(Self::default(), |ngram, place| ngram.then(words.get(place)))
    }

    /// The last three words, and one more or none.
    fn then(self, word: Option<&u32>) -> Self {
        Self(self.0 << BITS | word.map_or(0, |&word| u128::from(word) + 1))
    }

    /// How many words it has, less one: 0 for a single word.
    pub(crate) fn rank(self) -> usize {
        ORDER - 1 - self.0.trailing_zeros() as usize / BITS
    }

    /// Its first words, as many as an n-gram of this rank has.
    pub(crate) fn prefix(self, rank: usize) -> Self {
        Self(self.0 & (u128::MAX << ((ORDER - 1 - rank) * BITS)))
    }

    /// How many words two n-grams begin with in common; [`ORDER`] if they are the same.
    fn common(self, other: Self) -> usize {
        (self.0 ^ other.0).leading_zeros() as usize / BITS
    }

    /// The four words' places, to be kept where alignment costs memory.
    pub(crate) fn parts(self) -> [u32; ORDER] {
        std::array::from_fn(|place| (self.0 >> ((ORDER - 1 - place) * BITS)) as u32)
    }

    /// The n-gram of which these are the [`parts`](Self::parts).
    pub(crate) fn of_parts(parts: [u32; ORDER]) -> Self {
        Self(parts.into_iter().fold(0, |ngram, part| ngram << BITS | u128::from(part)))
    }

    /// Its words, in order.
    pub(crate) fn words(self) -> impl Iterator<Item = u32> {
        self.parts().into_iter().take_while(|&part| part != 0).map(|part| part - 1)
    }
}

/// The n-grams of one or more sentences and how often each occurs in each of these.
///
/// A word's number must be less than [`u32::MAX`].
#[derive(Clone, Debug, Default)]
pub struct Ngrams {
    /// In ascending order, each once.
    ngrams: Vec<Ngram>,
    /// For each n-gram a row, with the times of each sentence.
    counts: Vec<u32>,
    /// Words of each sentence.
    lengths: Vec<usize>,
    /// Room for what begins at each word, with the sentence it is of.
    windows: Vec<(Ngram, usize)>,
}

impl Ngrams {
    /// Those of a sentence, given by the numbers of its words.
    pub fn of(words: &[u32]) -> Self {
        Self::of_all([words])
    }

    /// Those of several sentences.
    pub fn of_all(sentences: impl IntoIterator<Item = impl AsRef<[u32]>>) -> Self {
        let mut ngrams = Self::default();
        ngrams.read(sentences);
        ngrams
    }

    /// Becomes those of other sentences, in the memory that is there.
    pub fn read(&mut self, sentences: impl IntoIterator<Item = impl AsRef<[u32]>>) {
        self.windows.clear();
        self.lengths.clear();
        for (place, sentence) in sentences.into_iter().enumerate() {
            let words = sentence.as_ref();
            let mut window =
                words.iter().take(ORDER - 1).fold(Ngram::default(), |window, word| window.then(Some(word)));
            // A short sentence does not fill the window: what is missing is none of its words.
            (words.len()..ORDER - 1).for_each(|_| window = window.then(None));
            for start in 0..words.len() {
                window = window.then(words.get(start + ORDER - 1));
                self.windows.push((window, place));
            }
            self.lengths.push(words.len());
        }
        self.windows.sort_unstable_by_key(|(window, _)| *window);
        self.count();
    }

    /// Counts what begins each of the sorted windows.
    fn count(&mut self) {
        self.ngrams.clear();
        self.counts.clear();
        let sentences = self.lengths.len();
        let mut last = Ngram::default();
        // Where the rows of the last window's first words begin.
        let mut rows = [0; ORDER];
        for &(window, sentence) in &self.windows {
            let common = window.common(last);
            for (rank, row) in rows.iter_mut().enumerate().take(window.rank() + 1) {
                if rank >= common {
                    *row = self.counts.len();
                    self.ngrams.push(window.prefix(rank));
                    self.counts.resize(self.counts.len() + sentences, 0);
                }
                self.counts[*row + sentence] += 1;
            }
            last = window;
        }
    }

    /// Words of each sentence.
    pub fn lengths(&self) -> &[usize] {
        &self.lengths
    }

    /// Words of the only sentence.
    ///
    /// # Panics
    /// When there is not just one.
    pub(crate) fn length(&self) -> usize {
        let &[length] = &*self.lengths else { panic!("found {} sentences, expected one", self.lengths.len()) };
        length
    }

    /// The n-grams in ascending order, so that each comes right before those that begin with it.
    pub(crate) fn ngrams(&self) -> &[Ngram] {
        &self.ngrams
    }

    /// How often each sentence has the n-gram at this place.
    pub(crate) fn counts(&self, place: usize) -> &[u32] {
        &self.counts[place * self.lengths.len()..][..self.lengths.len()]
    }

    /// The n-grams in ascending order, each with its place and that in another list, if it is there.
    pub(crate) fn beside<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = (usize, Ngram, Option<usize>)> + 'a {
        let mut rest = 0;
        self.ngrams.iter().enumerate().map(move |(place, &ngram)| {
            while other.ngrams.get(rest).is_some_and(|&smaller| smaller < ngram) {
                rest += 1;
            }
            (place, ngram, other.ngrams.get(rest).filter(|&&equal| equal == ngram).map(|_| rest))
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_ngram_gives_its_words_back() {
        for words in [&[0][..], &[7, 0], &[0, 0, 0], &[u32::MAX - 1, 1, u32::MAX - 1, 0]] {
            let ngram = Ngram::of(words);
            assert_eq!((ngram.rank() + 1, ngram.words().collect::<Vec<_>>()), (words.len(), words.to_vec()));
        }
    }

    /// By the definition: every run of words of every sentence, one by one.
    fn counted(sentences: &[Vec<u32>]) -> BTreeMap<Vec<u32>, Vec<u32>> {
        let mut counts = BTreeMap::new();
        for (place, sentence) in sentences.iter().enumerate() {
            for ngram in (1..=ORDER).flat_map(|order| sentence.windows(order)) {
                counts.entry(ngram.to_vec()).or_insert_with(|| vec![0; sentences.len()])[place] += 1;
            }
        }
        counts
    }

    proptest! {
        #[test]
        fn every_run_of_words_is_counted_for_its_sentence(sentences in vec(vec(0..3_u32, 0..9), 0..4)) {
            let mut ngrams = Ngrams::of(&[9, 9, 9, 9, 9]);
            ngrams.read(&sentences);
            let found = ngrams.ngrams().iter().enumerate();
            let found = found.map(|(place, ngram)| (ngram.words().collect(), ngrams.counts(place).to_vec()));
            // The map is in the order of the words too, and a shorter run comes before those that begin with it.
            prop_assert_eq!(found.collect::<Vec<_>>(), counted(&sentences).into_iter().collect::<Vec<_>>());
            prop_assert_eq!(ngrams.lengths(), sentences.iter().map(Vec::len).collect::<Vec<_>>());
        }

        #[test]
        fn two_lists_meet_where_both_have_an_ngram(left in vec(0..3_u32, 0..9), right in vec(0..3_u32, 0..9)) {
            let (left, right) = (Ngrams::of(&left), Ngrams::of(&right));
            for (place, ngram, other) in left.beside(&right) {
                prop_assert_eq!(ngram, left.ngrams()[place]);
                prop_assert_eq!(other, right.ngrams().iter().position(|&each| each == ngram));
            }
        }
    }
}
