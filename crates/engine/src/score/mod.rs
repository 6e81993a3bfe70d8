//! Captions from anywhere, scored against what people wrote.
//!
//! The sentences come from files, and the numbers have to be those of everyone who has the same files: what is scored
//! against what is never guessed ([`Error`] says what is missing or twice), and a [signature](Report::signature) says
//! all that a number depends on besides the files.

mod corpus;
mod error;
mod matching;
mod metric;
mod report;
mod signature;
mod variety;

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use nid_data::sentences::{self, Sentences};
use nid_data::text;
use nid_metrics::resample::{Draws, compare, intervals};
use nid_metrics::{Pair, Statistics, tokenise_lines, tokenised};
use rayon::prelude::*;

use crate::meteor::MeteorFile;
use corpus::Corpus;
pub use error::Error;
use matching::Match;
pub use metric::Metric;
pub use report::{Against, Fields, Report};
use signature::Signature;
pub use variety::Variety;

/// What is to be scored, and how.
#[derive(Debug, Default)]
pub struct Request {
    /// The file of captions to score; `-` is standard input.
    pub candidates: PathBuf,
    /// The files of what people wrote.
    pub references: Vec<PathBuf>,
    /// The metrics to report.
    pub metrics: Vec<Metric>,
    /// What is to be reported as unavailable, under pycocoevalcap's names, with the reason.
    pub unavailable: Vec<(&'static str, String)>,
    /// METEOR's table, where it was found.
    pub meteor: Option<MeteorFile>,
    /// Whether the sentences are tokens already, with single spaces between.
    pub tokenised: bool,
    /// Whether only photos that have a candidate are scored.
    pub subset: bool,
    /// How often to draw photos for intervals, if these are asked for.
    pub bootstrap: Option<Draws>,
    /// The file of another system's captions, with the draws to compare by.
    pub against: Option<(PathBuf, Draws)>,
    /// The file of CIDEr's document frequencies. Without it they are the references' own.
    pub frequencies: Option<PathBuf>,
    /// Whether the references' document frequencies are wanted as text.
    pub keep_frequencies: bool,
    /// The file of captions that the model was trained on.
    pub training: Option<PathBuf>,
}

/// Scores captions as the request says.
///
/// # Errors
/// Files that cannot be read or do not parse, and sentences that do not go together.
pub fn score(request: &Request) -> Result<Report, Error> {
    let Scored { system, other, references } = read(request)?;

    let counts: Vec<usize> = references.photos.iter().map(|photo| photo.sentences.len()).collect();
    let (ids, written): (Vec<_>, Vec<_>) =
        references.photos.into_iter().map(|photo| (photo.id, photo.sentences)).unzip();
    let mut pairs: Vec<Pair> =
        system.into_iter().zip(written).map(|(candidate, references)| Pair { candidate, references }).collect();
    if !request.tokenised {
        pairs = tokenised(&pairs);
    }
    let corpus = Corpus::new(request, &pairs)?;
    let meteor = request.meteor.as_ref().map(MeteorFile::meteor).transpose()?;
    let training = training(request)?;
    let (each, variety) =
        rayon::join(|| corpus.measure(&pairs, meteor.as_ref()), || Variety::of(&pairs, training.as_deref()));

    let against = other.zip(request.against.as_ref()).map(|(other, (_, draws))| {
        replace(&mut pairs, other, request.tokenised);
        against(&each, &corpus.measure(&pairs, meteor.as_ref()), Variety::of(&pairs, training.as_deref()), *draws)
    });
    Ok(Report {
        signature: Signature { request, references: &counts, frequencies: &corpus.origin }.to_string(),
        frequencies: corpus.text,
        metrics: request.metrics.clone(),
        unavailable: request.unavailable.clone(),
        scores: each.iter().copied().sum::<Statistics>().scores(),
        intervals: request.bootstrap.map(|draws| intervals(&each, draws)),
        ids,
        each,
        variety,
        against,
    })
}

/// What goes together, photo by photo.
struct Scored {
    system: Vec<String>,
    other: Option<Vec<String>>,
    references: Sentences,
}

fn read(request: &Request) -> Result<Scored, Error> {
    let other = || request.against.as_ref().map(|(path, _)| sentences::read(path)).transpose();
    let (references, (system, other)) =
        rayon::join(|| read_all(&request.references), || rayon::join(|| candidates(&request.candidates), other));
    let mut references = references?;
    let (path, system) = system?;
    let system = Match::new(path, system, &references)?;
    let matched = |(sentences, (path, _)): (_, &(PathBuf, _))| Match::new(path, sentences, &references);
    let other = other?.zip(request.against.as_ref()).map(matched).transpose()?;
    if request.subset {
        if let Some(other) = &other {
            system.captions_the_same(other, &references)?;
        }
        let mut kept = system.has_candidate().into_iter();
        references.photos.retain(|_| kept.next().unwrap_or(false));
    } else {
        [Some(&system), other.as_ref()].into_iter().flatten().try_for_each(|found| found.is_complete(&references))?;
    }
    Ok(Scored { system: system.candidates(), other: other.map(Match::candidates), references })
}

/// The candidates, and what errors are to call their source.
fn candidates(path: &Path) -> Result<(&Path, Sentences), text::Error> {
    if path != Path::new("-") {
        return Ok((path, sentences::read(path)?));
    }
    let path = Path::new("standard input");
    let mut bytes = Vec::new();
    let read = io::stdin().lock().take(text::LARGEST + 1).read_to_end(&mut bytes);
    read.map_err(|source| text::Error::Read { path: path.to_path_buf(), source })?;
    if bytes.len() as u64 > text::LARGEST {
        return Err(text::Error::Size { path: path.to_path_buf() });
    }
    Ok((path, sentences::parse(path, &bytes)?))
}

fn read_all(paths: &[PathBuf]) -> Result<Sentences, Error> {
    matching::distinct(paths)?;
    let files: Result<Vec<Sentences>, _> = paths.par_iter().map(|path| sentences::read(path)).collect();
    matching::references(paths.iter().map(PathBuf::as_path).zip(files?).collect())
}

/// The sentences that were trained on, in tokens.
fn training(request: &Request) -> Result<Option<Vec<String>>, Error> {
    let Some(path) = &request.training else { return Ok(None) };
    let sentences: Vec<String> = sentences::read(path)?.photos.into_iter().flat_map(|photo| photo.sentences).collect();
    if sentences.is_empty() {
        return Err(Error::NoPhotos { path: path.clone() });
    }
    Ok(Some(if request.tokenised { sentences } else { tokens(&sentences) }))
}

fn tokens(sentences: &[String]) -> Vec<String> {
    tokenise_lines(&sentences.iter().map(String::as_str).collect::<Vec<_>>())
}

/// Puts other candidates in place of those that are there.
fn replace(pairs: &mut [Pair], candidates: Vec<String>, tokenised: bool) {
    let candidates = if tokenised { candidates } else { tokens(&candidates) };
    pairs.iter_mut().zip(candidates).for_each(|(pair, candidate)| pair.candidate = candidate);
}

fn against(each: &[Statistics], other: &[Statistics], variety: Variety, draws: Draws) -> Against {
    Against {
        scores: other.iter().copied().sum::<Statistics>().scores(),
        variety,
        differences: compare(each, other, draws),
    }
}
