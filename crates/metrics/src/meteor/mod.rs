//! METEOR: words matched with a reference's by form, stem, meaning and paraphrase, in an alignment.
//!
//! Banerjee & Lavie, "METEOR: An Automatic Metric for MT Evaluation with Improved Correlation with Human Judgments"
//! (2005); Lavie & Denkowski, "The METEOR Metric for Automatic Evaluation of Machine Translation" (2009); Denkowski
//! & Lavie, "Meteor 1.3: Automatic Metric for Reliable Optimization and Evaluation of Machine Translation Systems"
//! (2011); the same, "Meteor Universal: Language Specific Translation Evaluation for Any Target Language" (2014).
//!
//! The numbers are those of METEOR 1.5 for English (`-l en -norm`) as pycocoevalcap 1.2 calls it. What the papers
//! leave open was found by experiment with that program.
//!
//! METEOR is its data: [`Table`] holds them, compiled from the [`Sources`] that everyone has who has METEOR. They
//! are not part of this crate. In `meteor-1.5.jar`, a zip archive, lie
//!
//! | file | what |
//! |---|---|
//! | `function/english.words` | function words |
//! | `nonbreaking/english.prefixes` | abbreviations |
//! | `synonym/english.synsets`, `synonym/english.exceptions` | WordNet 3's synonyms, irregular forms |
//!
//! and beside it `data/paraphrase-en.gz`, the paraphrases: in the folder `pycocoevalcap/meteor` of an installed
//! pycocoevalcap and of its wheel (a zip archive as well), or in the folder `meteor-1.5` of METEOR's own archive.
//!
//! ```
//! use nid_metrics::meteor::{Meteor, Sources, Table};
//!
//! let sources = Sources {
//!     function_words: b"a\nthe\n",
//!     prefixes: b"Mr\n",
//!     synsets: b"couch\n04256520\nsofa\n04256520\n",
//!     exceptions: b"",
//!     paraphrases: &b"0.5\nsitting on\nseated on\n"[..],
//! };
//! let bytes = Table::compile(sources)?;
//! let meteor = Meteor::new(Table::open(&bytes)?);
//! let statistics = meteor.statistics("a cat sitting on a couch", &["cats seated on the sofa", "a black cat"]);
//! assert_eq!(statistics.matched().candidate, 4);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod align;
mod compile;
mod inflection;
mod lexicon;
mod matches;
mod normalise;
mod phrases;
mod score;
mod sentence;
mod table;

use std::borrow::Cow;
use std::fmt;

pub use compile::{CompileError, Sources};
pub use score::{Sides, Stage, Statistics};
pub use table::{Error, Table};

use align::{Aligner, Alignment, straight};
use lexicon::Lexicon;
use matches::Matches;
use sentence::Sentence;

/// Separates the sentences of a line where METEOR is spoken to.
const SEPARATOR: &str = "|||";

/// Scores captions with a table of METEOR's data.
#[derive(Clone, Copy, Debug)]
pub struct Meteor<'a> {
    table: Table<'a>,
}

impl<'a> Meteor<'a> {
    /// Scores with this table.
    pub fn new(table: Table<'a>) -> Self {
        Self { table }
    }

    /// For many captions, one after the other: it remembers words.
    pub fn scorer(&self) -> Scorer<'a> {
        Scorer {
            lexicon: Lexicon::new(self.table),
            candidate: Sentence::default(),
            reference: Sentence::default(),
            matches: Matches::default(),
            aligner: Aligner::default(),
        }
    }

    /// Compares one candidate with its references, as [`Scorer::statistics`] does.
    pub fn statistics(&self, candidate: &str, references: &[&str]) -> Statistics {
        self.scorer().statistics(candidate, references)
    }
}

/// Scores captions one after the other.
pub struct Scorer<'a> {
    lexicon: Lexicon<'a>,
    candidate: Sentence<'a>,
    reference: Sentence<'a>,
    matches: Matches,
    aligner: Aligner,
}

impl fmt::Debug for Scorer<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Scorer").finish_non_exhaustive()
    }
}

impl Scorer<'_> {
    /// Compares a candidate with its references, all as Penn Treebank tokens joined by single spaces, and counts for
    /// the reference that it scores highest with; the first of several. Without references it is compared with the
    /// empty sentence.
    ///
    /// As in pycocoevalcap, `|||` in a candidate is left out, and in a reference it makes two references of one.
    pub fn statistics(&mut self, candidate: &str, references: &[&str]) -> Statistics {
        let candidate = if candidate.contains(SEPARATOR) || candidate.contains("  ") {
            Cow::Owned(candidate.replace(SEPARATOR, "").replace("  ", " "))
        } else {
            Cow::Borrowed(candidate)
        };
        self.lexicon.bound();
        self.candidate.read(&candidate, &mut self.lexicon);
        self.matches.begin();
        let references = if references.is_empty() { &[""] } else { references };
        let mut best: Option<(f64, Statistics)> = None;
        for reference in references.iter().flat_map(|reference| reference.split(SEPARATOR)) {
            let statistics = self.compare(reference);
            let score = statistics.score();
            if best.is_none_or(|(highest, _)| score > highest) {
                best = Some((score, statistics));
            }
        }
        best.map(|(_, statistics)| statistics).unwrap_or_default()
    }

    fn compare(&mut self, reference: &str) -> Statistics {
        self.reference.read(reference, &mut self.lexicon);
        let Self { lexicon, candidate, reference, matches, aligner } = self;
        let alignment = if candidate.keys == reference.keys {
            straight(candidate.words.len())
        } else {
            matches.find(candidate, reference, lexicon);
            aligner.align(matches, candidate.words.len(), reference.words.len())
        };
        count(candidate, reference, &alignment, lexicon)
    }
}

fn count(
    candidate: &Sentence<'_>,
    reference: &Sentence<'_>,
    alignment: &Alignment,
    lexicon: &Lexicon<'_>,
) -> Statistics {
    let functions = |words: &[u32]| words.iter().filter(|&&place| lexicon.word(place).is_function_word).count() as u64;
    let mut statistics = Statistics {
        words: Sides { candidate: candidate.words.len() as u64, reference: reference.words.len() as u64 },
        function_words: Sides { candidate: functions(&candidate.words), reference: functions(&reference.words) },
        chunks: alignment.chunks as u64,
        penalised_chunks: alignment.chunks as u64,
        ..Statistics::default()
    };
    for one in &alignment.matches {
        let function = Sides {
            candidate: functions(&candidate.words[one.candidate.range()]),
            reference: functions(&reference.words[one.reference.range()]),
        };
        let stage = &mut statistics.stages[one.stage];
        stage.function = stage.function + function;
        stage.content = stage.content
            + Sides {
                candidate: one.candidate.length as u64 - function.candidate,
                reference: one.reference.length as u64 - function.reference,
            };
    }
    if statistics.chunks == 1 && statistics.matched() == statistics.words {
        statistics.penalised_chunks = 0;
    }
    statistics
}
