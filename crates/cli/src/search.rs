//! The flags of the search, and what they mean for a model.

use std::num::NonZeroUsize;

use anyhow::Result;
use clap::Args;
use nid_data::vocabulary::{Vocabulary, words};
use nid_decode::{Sampling, Settings};

use crate::message::Usage;

/// How sentences are looked for. What is not given is as the model's bundle says.
#[derive(Args, Debug, Default, PartialEq)]
#[command(next_help_heading = "Search")]
pub(crate) struct Search {
    /// Unfinished sentences kept at every word; 1 is greedy [flickr8k: 3]
    #[arg(long, value_name = "N", value_parser = sentences, conflicts_with = "sample")]
    beam: Option<NonZeroUsize>,
    /// Sentences for each picture, best first [flickr8k: 1]
    #[arg(long, value_name = "N", value_parser = sentences)]
    n_best: Option<NonZeroUsize>,
    /// Exponent of the length that a sentence's log-probability is divided by [flickr8k: 0.7]
    #[arg(long, value_name = "ALPHA", allow_negative_numbers = true)]
    length_penalty: Option<f64>,
    /// Fewest words of a sentence
    #[arg(long, value_name = "N")]
    min_words: Option<usize>,
    /// Most words of a sentence [flickr8k: 20]
    #[arg(long, value_name = "N")]
    max_words: Option<NonZeroUsize>,
    /// A word never to say; may be given again
    #[arg(long, value_name = "WORD")]
    forbid: Vec<String>,
    /// How every sentence begins
    #[arg(long, value_name = "TEXT")]
    prefix: Option<String>,
    /// Say no sequence of N words twice in a sentence
    #[arg(long, value_name = "N")]
    no_repeat_ngram: Option<usize>,
    /// Draw sentences at random instead of looking for the likeliest
    #[arg(long)]
    sample: bool,
    /// Below 1 likely words become likelier [default: 1]
    #[arg(long, value_name = "T", requires = "sample", allow_negative_numbers = true)]
    temperature: Option<f64>,
    /// Draw from the N likeliest words only
    #[arg(long, value_name = "N", requires = "sample")]
    top_k: Option<NonZeroUsize>,
    /// Draw from the fewest words that are this probable together
    #[arg(long, value_name = "P", requires = "sample")]
    top_p: Option<f64>,
    /// The same seed draws the same sentences for the same picture [default: 0]
    #[arg(long, value_name = "N", requires = "sample")]
    seed: Option<u64>,
}

impl Search {
    /// Whether any flag was given.
    pub(crate) fn is_given(&self) -> bool {
        *self != Self::default()
    }

    /// The model's settings, changed as asked for.
    ///
    /// # Errors
    /// Wrong usage: settings out of range or against each other, words that are none.
    pub(crate) fn settings(&self, mut settings: Settings, vocabulary: &Vocabulary) -> Result<Settings> {
        settings.n_best = self.n_best.unwrap_or(settings.n_best);
        // Who asks for five sentences means a beam that can hold them.
        settings.beam = self.beam.unwrap_or(settings.beam.max(settings.n_best));
        settings.length_penalty = self.length_penalty.unwrap_or(settings.length_penalty);
        settings.min_words = self.min_words.unwrap_or(settings.min_words);
        settings.max_words = self.max_words.map_or(settings.max_words, NonZeroUsize::get);
        settings.no_repeat_ngram = self.no_repeat_ngram.unwrap_or(settings.no_repeat_ngram);
        for text in &self.forbid {
            settings.forbid.extend(forbidden(text, vocabulary)?);
        }
        if let Some(prefix) = &self.prefix {
            settings.prefix = words(prefix).map(|word| known(&word, vocabulary)).collect::<Result<_>>()?;
        }
        settings.sampling = self.sampling();
        settings.check(vocabulary.len()).map_err(|error| Usage(error.to_string()))?;
        Ok(settings)
    }

    fn sampling(&self) -> Option<Sampling> {
        self.sample.then(|| Sampling {
            temperature: self.temperature.unwrap_or(1.0),
            top_k: self.top_k,
            top_p: self.top_p,
            seed: self.seed.unwrap_or(0),
        })
    }
}

/// Beams cost memory and time; beyond this many they find nothing better.
const MOST_SENTENCES: usize = 1000;

fn sentences(text: &str) -> Result<NonZeroUsize, String> {
    let number = text.parse().ok().filter(|number: &NonZeroUsize| number.get() <= MOST_SENTENCES);
    number.ok_or_else(|| format!("expected a whole number from 1 to {MOST_SENTENCES}"))
}

/// The word's number. One that the model does not know is never said anyway.
fn forbidden(text: &str, vocabulary: &Vocabulary) -> Result<Option<u32>> {
    let mut parts = words(text);
    match (parts.next(), parts.next()) {
        (Some(word), None) => Ok(vocabulary.id(&word)),
        _ => Err(Usage(format!("--forbid: found {text:?}, expected one word")).into()),
    }
}

fn known(word: &str, vocabulary: &Vocabulary) -> Result<u32> {
    let unknown = || Usage(format!("--prefix: found {word:?}, expected words that the model knows")).into();
    vocabulary.id(word).ok_or_else(unknown)
}

#[cfg(test)]
mod tests {
    use nid_data::vocabulary::{END, START};

    use super::*;

    fn resolve(search: &Search) -> Result<Settings, String> {
        let vocabulary = Vocabulary::build(["a dog runs"], 1);
        search.settings(Settings::new(START, END), &vocabulary).map_err(|error| error.to_string())
    }

    #[test]
    fn nothing_given_changes_nothing() {
        assert_eq!(resolve(&Search::default()), Ok(Settings::new(START, END)));
    }

    #[test]
    fn a_longer_list_widens_the_beam() {
        let settings = resolve(&Search { n_best: NonZeroUsize::new(5), ..Search::default() });
        assert_eq!(settings.map(|settings| settings.beam.get()), Ok(5));
        let narrow = Search { n_best: NonZeroUsize::new(5), beam: NonZeroUsize::new(2), ..Search::default() };
        assert!(resolve(&narrow).is_err());
    }

    #[test]
    fn words_become_numbers() {
        let forbid = vec!["Dog".to_owned(), "unheard-of".to_owned()];
        let settings = resolve(&Search { forbid, prefix: Some("A runs".to_owned()), ..Search::default() });
        let settings = settings.expect("both are fine");
        assert_eq!((settings.forbid, settings.prefix), (vec![5], vec![4, 6]));
    }

    #[test]
    fn what_is_no_word_is_wrong_usage() {
        for text in ["a dog", "...", ""] {
            let error = resolve(&Search { forbid: vec![text.to_owned()], ..Search::default() });
            assert_eq!(error, Err(format!("--forbid: found {text:?}, expected one word")));
        }
        let error = resolve(&Search { prefix: Some("a unicorn".to_owned()), ..Search::default() });
        assert_eq!(error, Err("--prefix: found \"unicorn\", expected words that the model knows".to_owned()));
    }
}
