//! Captions to score: drawn from real ones, or made up.
//!
//! What is made up is as much work as captions are: words come as often as their rank says (Zipf's law in Mandelbrot's
//! form), mostly out of the few that tend to follow the word before, so that n-grams come again about as often as in
//! Flickr8k. A photo's sentences are one sentence told anew: they share words, forms and meanings of words but not their
//! order. They are written as people write, with capitals, punctuation, contractions and quotes.

use std::collections::HashMap;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use nid_data::sentences;
use nid_data::vocabulary::{SPECIALS, Vocabulary};

use crate::common::repository;
use crate::draw::Dice;
use crate::work::REFERENCES;

/// A photo, as far as scores go.
pub(crate) struct Photo {
    pub(crate) candidate: String,
    pub(crate) references: Vec<String>,
}

impl Photo {
    /// The references, then the candidate.
    pub(crate) fn sentences(&self) -> impl Iterator<Item = &str> {
        self.references.iter().chain([&self.candidate]).map(String::as_str)
    }
}

/// Draws photos from a file. A photo's candidate is one of its captions; the others are its references, to which other
/// photos' captions are added until there are enough.
pub(crate) fn real(path: &Path, count: usize) -> Result<Vec<Photo>> {
    let photos = sentences::read(path)?.photos;
    ensure!(!photos.is_empty(), "{} has no captions", path.display());
    let mut dice = Dice::new();
    let mut photo = || {
        let mut captions: Vec<String> = dice.one(&photos).sentences.clone();
        let candidate = captions.swap_remove(dice.below(captions.len()));
        captions.truncate(REFERENCES);
        while captions.len() < REFERENCES {
            let other = dice.one(&photos);
            captions.push(dice.one(&other.sentences).clone());
        }
        // Where a caption has several lines, files of lines would lose their place.
        let line = |caption: String| caption.replace(['\n', '\r'], " ");
        Photo { candidate: line(candidate), references: captions.into_iter().map(line).collect() }
    };
    Ok((0..count).map(|_| photo()).collect())
}

/// Makes photos up, of the default model's words.
pub(crate) fn made_up(count: usize) -> Result<Vec<Photo>> {
    let vocabulary = Vocabulary::load(&repository().join("models/flickr8k/vocabulary.txt"))?;
    let mut author = Author::new(&vocabulary).context("the vocabulary has no words")?;
    let mut photo = || {
        let scene = author.scene();
        let mut tell = || author.sentence(&scene);
        Photo { candidate: tell(), references: (0..REFERENCES).map(|_| tell()).collect() }
    };
    Ok((0..count).map(|_| photo()).collect())
}

/// Words that may stand for each other.
const MEANINGS: [&[&str]; 14] = [
    &["man", "guy", "person", "gentleman"],
    &["child", "kid", "toddler", "baby"],
    &["woman", "lady", "female"],
    &["dog", "puppy", "canine"],
    &["large", "big", "huge"],
    &["small", "little", "tiny"],
    &["street", "road", "sidewalk", "path"],
    &["picture", "photo", "photograph"],
    &["couch", "sofa"],
    &["bike", "bicycle"],
    &["near", "beside", "by", "behind"],
    &["in", "inside", "into", "within"],
    &["on", "upon", "over"],
    &["jumping", "leaping", "hopping"],
];
/// What a word may end in and still be of the same stem.
const ENDINGS: [&str; 4] = ["s", "es", "ed", "ing"];
/// What takes the tokenizer more than a glance.
const CONTRACTIONS: [&str; 8] = ["isn't", "they're", "it's", "can't", "well-known", "3", "(left)", "U.S."];

/// How many words tend to follow a word.
const FOLLOWERS: usize = 6;
/// Once in so many times any word follows.
const SURPRISE: usize = 30;

/// One who writes captions; a word is its rank.
struct Author<'a> {
    words: Vec<&'a str>,
    /// The sum of the weights of a word and all before it.
    weights: Vec<u64>,
    /// What tends to follow each word, the likeliest first.
    followers: Vec<[usize; FOLLOWERS]>,
    /// Other forms and other words for each word.
    relatives: Vec<Vec<usize>>,
    dice: Dice,
}

impl<'a> Author<'a> {
    /// None where there are no words.
    fn new(vocabulary: &'a Vocabulary) -> Option<Self> {
        let words: Vec<&str> = (SPECIALS.len()..vocabulary.len()).filter_map(|id| vocabulary.word(id as u32)).collect();
        let weight = |rank: u64| (1 << 32) / (rank + 3);
        let weights: Vec<u64> = (0..words.len() as u64).scan(0, |sum, rank| Some(add(sum, weight(rank)))).collect();
        if words.is_empty() {
            return None;
        }
        let relatives = relatives(&words);
        let mut author = Self { words, weights, followers: Vec::new(), relatives, dice: Dice::new() };
        author.followers = (0..author.words.len()).map(|_| [(); FOLLOWERS].map(|()| author.any_word())).collect();
        Some(author)
    }

    fn any_word(&mut self) -> usize {
        let all = self.weights[self.weights.len() - 1];
        let drawn = self.dice.below(all as usize) as u64;
        self.weights.partition_point(|&sum| sum <= drawn)
    }

    /// What might be said after the last of these words.
    fn following(&mut self, words: &[usize]) -> usize {
        match words.last() {
            Some(&last) if !self.dice.once_in(SURPRISE) => {
                let place = (0..3).map(|_| self.dice.below(FOLLOWERS)).min().unwrap_or_default();
                self.followers[last][place]
            }
            _ => self.any_word(),
        }
    }

    fn follow(&mut self, words: &mut Vec<usize>) {
        let next = self.following(words);
        words.push(next);
    }

    /// What there is to say about a photo.
    fn scene(&mut self) -> Vec<usize> {
        let mut words = Vec::new();
        for _ in 0..8 + self.dice.below(7) {
            self.follow(&mut words);
        }
        words
    }

    /// A scene in words of its own.
    fn sentence(&mut self, scene: &[usize]) -> String {
        let mut words = Vec::with_capacity(2 * scene.len());
        for &word in scene {
            let relatives = &self.relatives[word];
            match self.dice.below(20) {
                0..2 => self.follow(&mut words),
                2..4 => {}
                4..6 => {
                    words.push(word);
                    self.follow(&mut words);
                }
                6..8 if !relatives.is_empty() => words.push(*self.dice.one(relatives)),
                _ => words.push(word),
            }
        }
        if self.dice.once_in(4) && !words.is_empty() {
            let turn = self.dice.below(words.len());
            words.rotate_left(turn);
        }
        self.written(&words)
    }

    /// Words as people write them.
    fn written(&mut self, words: &[usize]) -> String {
        let mut text = String::new();
        for &word in words {
            let word = self.words[word];
            let separator = if text.is_empty() { "" } else { " " };
            text += &match self.dice.below(200) {
                0..3 => format!("{separator}{}", self.dice.one(&CONTRACTIONS)),
                3..7 => format!("{separator}{word}'s"),
                7..9 => format!("{separator}\"{word}\""),
                9..17 => format!("{separator}{word},"),
                _ => format!("{separator}{word}"),
            };
        }
        if !self.dice.once_in(4)
            && let Some(first) = text.get_mut(..1)
        {
            first.make_ascii_uppercase();
        }
        text + *self.dice.one(&["", ".", " ."])
    }
}

/// Other forms of each word, and other words for it.
fn relatives(words: &[&str]) -> Vec<Vec<usize>> {
    let ranks: HashMap<&str, usize> = words.iter().copied().zip(0..).collect();
    let mut relatives = vec![Vec::new(); words.len()];
    let mut relate = |one: &str, other: &str| {
        if let (Some(&one), Some(&other)) = (ranks.get(one), ranks.get(other)) {
            relatives[one].push(other);
        }
    };
    for group in MEANINGS {
        let pairs = group.iter().flat_map(|one| group.iter().map(move |other| (one, other)));
        pairs.filter(|(one, other)| one != other).for_each(|(one, other)| relate(one, other));
    }
    for (word, form) in words.iter().flat_map(|word| ENDINGS.map(|ending| (word, format!("{word}{ending}")))) {
        relate(word, &form);
        relate(&form, word);
    }
    relatives
}

/// Adds to a sum, and gives what it is then.
fn add(sum: &mut u64, weight: u64) -> u64 {
    *sum += weight;
    *sum
}
