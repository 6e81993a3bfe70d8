//! What candidates are measured by besides their own references: CIDEr's document frequencies.

use std::path::Path;

use nid_data::text;
use nid_metrics::cider::{DocumentFrequencies, Unreadable};
use nid_metrics::meteor::Meteor;
use nid_metrics::{Pair, Resources, Statistics, Wanted, Words, frequencies, measure};

use super::{Error, Metric, Request};
use crate::digest;

/// Digits of a file's digest that a signature shows.
const DIGITS: usize = 8;

/// Document frequencies with the words that they are about.
type Frequencies = (Words, DocumentFrequencies);

pub(super) struct Corpus {
    /// None where the references' own are counted as they are scored, or none are needed.
    frequencies: Option<Frequencies>,
    wanted: Wanted,
    /// Where they are from, for the signature.
    pub(super) origin: String,
    /// As text, where that is wanted.
    pub(super) text: Option<String>,
}

impl Corpus {
    /// Reads or counts document frequencies as the request says.
    pub(super) fn new(request: &Request, pairs: &[Pair]) -> Result<Self, Error> {
        let origin = "references".to_owned();
        let is_wanted = |metric| request.metrics.contains(&metric);
        let wanted =
            Wanted { bleu: is_wanted(Metric::Bleu), rouge: is_wanted(Metric::Rouge), cider: is_wanted(Metric::Cider) };
        if let Some(path) = &request.frequencies {
            return Self::open(path, wanted);
        }
        // Two systems are measured by the same: they are counted once for both.
        if !request.keep_frequencies && (request.against.is_none() || !wanted.cider) {
            return Ok(Self { frequencies: None, wanted, origin, text: None });
        }
        let (words, frequencies) = frequencies(pairs);
        let text = request.keep_frequencies.then(|| frequencies.to_text(&words));
        Ok(Self { frequencies: Some((words, frequencies)), wanted, origin, text })
    }

    fn open(path: &Path, wanted: Wanted) -> Result<Self, Error> {
        let text = text::read_text(path)?;
        let mut words = Words::default();
        let frequencies =
            DocumentFrequencies::from_text(&text, &mut words).map_err(|Unreadable { line, found, expected }| {
                let (path, found) = (path.to_path_buf(), format!("{found:?}"));
                text::Error::Line { path, line, found, expected: expected.into() }
            })?;
        let origin = format!("{}({})", &digest::hex(text.as_bytes())[..DIGITS], frequencies.photos());
        Ok(Self { frequencies: Some((words, frequencies)), wanted, origin, text: None })
    }

    /// What is known of each pair.
    pub(super) fn measure(&self, pairs: &[Pair], meteor: Option<&Meteor<'_>>) -> Vec<Statistics> {
        measure(pairs, Resources { frequencies: self.frequencies.clone(), meteor, wanted: self.wanted })
    }
}
