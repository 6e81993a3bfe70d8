//! What a number depends on besides the files, in one line, after Post, "A Call for Clarity in Reporting BLEU Scores"
//! (2018).

use std::fmt;

use super::{Metric, Request};

/// Whose numbers these are.
const RULER: &str = "pycocoevalcap-1.2";
/// Whose tokens are counted.
const TOKENIZER: &str = "ptb-3.4.1";

/// The parts of a signature; it is written by `Display`.
pub(super) struct Signature<'a> {
    pub(super) request: &'a Request,
    /// How many references each photo has.
    pub(super) references: &'a [usize],
    /// Where document frequencies are from.
    pub(super) frequencies: &'a str,
}

impl fmt::Display for Signature<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { request, references, frequencies } = self;
        let metrics: Vec<&str> = request.metrics.iter().copied().map(Metric::name).collect();
        let least = references.iter().min().copied().unwrap_or(0);
        let most = references.iter().max().copied().unwrap_or(0);
        let mean = references.iter().sum::<usize>() as f64 / references.len().max(1) as f64;
        write!(formatter, "nid:{}|metrics:{}|as:{RULER}", env!("CARGO_PKG_VERSION"), metrics.join(","))?;
        write!(formatter, "|tok:{}", if request.tokenised { "none" } else { TOKENIZER })?;
        write!(formatter, "|refs:{mean:.1}({least}-{most})|photos:{}|df:{frequencies}", references.len())?;
        write!(formatter, "|subset:{}", if request.subset { "yes" } else { "no" })?;
        let draws = request.bootstrap.or(request.against.as_ref().map(|(_, draws)| *draws));
        draws.map_or(Ok(()), |draws| write!(formatter, "|bootstrap:{}|seed:{}", draws.count, draws.seed))
    }
}
