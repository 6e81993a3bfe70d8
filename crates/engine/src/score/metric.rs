//! What can be asked for.

use std::fmt;
use std::str::FromStr;

/// A metric that can be asked for. BLEU is four scores.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Metric {
    /// BLEU-1 to BLEU-4 of the corpus.
    Bleu,
    /// METEOR 1.5.
    Meteor,
    /// ROUGE-L.
    Rouge,
    /// CIDEr-D.
    Cider,
}

impl Metric {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Bleu, Self::Meteor, Self::Rouge, Self::Cider];

    /// What it is called on the command line and in signatures.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bleu => "bleu",
            Self::Meteor => "meteor",
            Self::Rouge => "rouge",
            Self::Cider => "cider",
        }
    }

    /// Whether a score, under pycocoevalcap's name of it, is of this metric.
    pub fn includes(self, score: &str) -> bool {
        score.get(..self.name().len()).is_some_and(|start| start.eq_ignore_ascii_case(self.name()))
    }
}

impl fmt::Display for Metric {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// A name that no metric here has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unknown {
    /// The metric exists, but not here.
    #[error("SPICE is not available here, and nothing else is given out as it")]
    Spice,
    /// Another name.
    #[error("expected {}", Metric::ALL.map(Metric::name).join(", "))]
    Other,
}

impl FromStr for Metric {
    type Err = Unknown;

    fn from_str(name: &str) -> Result<Self, Unknown> {
        let known = Self::ALL.into_iter().find(|metric| metric.name().eq_ignore_ascii_case(name));
        known.ok_or(if name.eq_ignore_ascii_case("spice") { Unknown::Spice } else { Unknown::Other })
    }
}
