//! `nid score`: anyone's captions, scored against what people wrote.

use std::io::Write;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Result, anyhow};
use clap::{ArgAction, Args};
use nid_engine::score::{self, Error, Metric, Report, Request};
use nid_metrics::resample::Draws;

use crate::args;
use crate::interrupt;
use crate::metrics::Metrics;
use crate::names::{self, Named};
use crate::output::Output;
use crate::pictures::is_standard_input;
use crate::scored;

const EXAMPLES: &str = "\
Examples:
  nid score captions.json --references captions_val2014.json
  nid score captions.txt --references references1.txt references2.txt     aligned lines
  nid score a.json --against b.json --references dataset.json --bootstrap
  nid score test.json --references test.csv --frequencies train.df --per-caption scores.csv

Sentences come as COCO's results or annotations, Karpathy's splits, Flickr's .token, CSV with a header, JSON \
Lines, or aligned text files. Candidates join references by image_id, else by file_name, else by paths of which one \
ends with the other. A photo without a candidate is an error unless --subset leaves it out; a candidate without \
references and a second one for a photo always are. Printed are hundredths; --json has fractions under \
pycocoevalcap's names. SPICE is not available.";

#[derive(Args, Debug)]
#[command(after_help = EXAMPLES, override_usage = "nid score <CANDIDATES> --references <FILE>... [OPTIONS]")]
pub(crate) struct Arguments {
    /// The captions to score, one for each photo; - is standard input
    candidates: PathBuf,
    /// What people wrote about the photos
    #[arg(long, short, value_name = "FILE", required = true, num_args = 1.., action = ArgAction::Append)]
    references: Vec<PathBuf>,
    /// What to compute, of bleu, meteor, rouge and cider [default: all that can be]
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    metrics: Vec<Metric>,
    /// The sentences are tokens already, with single spaces between
    #[arg(long)]
    tokenized: bool,
    /// Score only the photos that have a candidate
    #[arg(long)]
    subset: bool,
    /// Replace the files that are written if they exist
    #[arg(long)]
    force: bool,
    /// Threads to work with [default: one for each core]
    #[arg(long, value_name = "N")]
    threads: Option<NonZeroUsize>,
    #[command(flatten)]
    written: Written,
    #[command(flatten)]
    drawn: Drawn,
    #[command(flatten)]
    corpora: Corpora,
}

#[derive(Args, Debug)]
#[command(next_help_heading = "Written")]
struct Written {
    /// Write all that is known of the scores to a file
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Write the scores of each caption to a file that ends in .csv or .jsonl
    #[arg(long, value_name = "FILE", value_parser = per_caption)]
    per_caption: Option<PathBuf>,
    /// Write the references' document frequencies to a file, for --frequencies
    #[arg(long, value_name = "FILE", conflicts_with = "frequencies")]
    save_frequencies: Option<PathBuf>,
}

#[derive(Args, Debug)]
#[command(next_help_heading = "Confidence")]
struct Drawn {
    /// Print 95 % intervals of scores, by drawing the photos N times [default: 1000]
    #[arg(long, value_name = "N", num_args = 0..=1, default_missing_value = DRAWS, value_parser = draws)]
    bootstrap: Option<usize>,
    /// Compare with another system's captions of the same photos: 95 % intervals and p-values of differences
    #[arg(long, value_name = "FILE")]
    against: Option<PathBuf>,
    /// What the draws follow from
    #[arg(long, value_name = "N", default_value = "1")]
    seed: u64,
}

/// How often photos are drawn where no other number is given.
const DRAWS: &str = "1000";
/// More would only fill the memory: p-values and intervals are known to four digits long before.
const MOST_DRAWS: usize = 1_000_000;

#[derive(Args, Debug)]
#[command(next_help_heading = "Other captions")]
struct Corpora {
    /// CIDEr's document frequencies, as --save-frequencies wrote them [default: the references']
    #[arg(long, value_name = "FILE")]
    frequencies: Option<PathBuf>,
    /// The captions that the model was trained on: how many of the scored are new is printed
    #[arg(long, value_name = "FILE")]
    training: Option<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let written = arguments.written.named();
    names::check(&written, &arguments.read())?;
    args::prepare(arguments.threads)?;
    let request = arguments.request()?;
    written.iter().try_for_each(|(_, path)| Output::check(path, arguments.force))?;

    interrupt::end_at_once(true)?;
    let report = score::score(&request).map_err(hinted)?;
    interrupt::end_at_once(false)?;
    arguments.written.write(&report, arguments.force)?;
    scored::print(&report)?;
    Ok(ExitCode::SUCCESS)
}

impl Written {
    fn named(&self) -> Vec<Named<'_>> {
        let Self { json, per_caption, save_frequencies } = self;
        let files = [("--json", json), ("--per-caption", per_caption), ("--save-frequencies", save_frequencies)];
        files.into_iter().filter_map(|(argument, path)| Some((argument, path.as_deref()?))).collect()
    }

    fn write(&self, report: &Report, force: bool) -> Result<()> {
        let open = |path: &Path| Output::open(Some(path), force);
        if let Some(path) = &self.json {
            let mut file = open(path)?;
            file.write_all(&serde_json::to_vec_pretty(report)?)?;
            file.write_all(b"\n")?;
            file.finish()?;
        }
        if let Some(path) = &self.per_caption {
            scored::write_each(report, open(path)?, is_csv(path))?;
        }
        if let (Some(path), Some(text)) = (&self.save_frequencies, &report.frequencies) {
            let mut file = open(path)?;
            file.write_all(text.as_bytes())?;
            file.finish()?;
        }
        Ok(())
    }
}

impl Arguments {
    /// The files that are read.
    fn read(&self) -> Vec<Named<'_>> {
        let candidates = Some(&self.candidates).filter(|path| !is_standard_input(path));
        let references = self.references.iter().map(|path| ("--references", path.as_path()));
        let others = [
            ("CANDIDATES", candidates),
            ("--against", self.drawn.against.as_ref()),
            ("--frequencies", self.corpora.frequencies.as_ref()),
            ("--training", self.corpora.training.as_ref()),
        ];
        let others = others.into_iter().filter_map(|(argument, path)| Some((argument, path?.as_path())));
        others.chain(references).collect()
    }

    fn request(&self) -> Result<Request> {
        let metrics = Metrics::find(&self.metrics)?;
        metrics.tell();
        let Metrics { computed, unavailable, meteor } = metrics;
        let seed = self.drawn.seed;
        let draws = |count: usize| Draws { count, seed };
        let bootstrap = self.drawn.bootstrap.map(draws);
        let usual = DRAWS.parse().map(draws)?;
        Ok(Request {
            candidates: self.candidates.clone(),
            references: self.references.clone(),
            metrics: computed,
            unavailable,
            meteor,
            tokenised: self.tokenized,
            subset: self.subset,
            bootstrap,
            against: self.drawn.against.clone().map(|path| (path, bootstrap.unwrap_or(usual))),
            frequencies: self.corpora.frequencies.clone(),
            keep_frequencies: self.written.save_frequencies.is_some(),
            training: self.corpora.training.clone(),
        })
    }
}

/// Reads how often photos are drawn.
fn draws(text: &str) -> Result<usize, String> {
    let count = text.parse().ok().filter(|count| (1..=MOST_DRAWS).contains(count));
    count.ok_or_else(|| format!("expected a whole number from 1 to {MOST_DRAWS}"))
}

/// The error with the option that allows what it forbids.
fn hinted(error: Error) -> anyhow::Error {
    match error {
        Error::NoCandidate { .. } => anyhow!("{error} (--subset scores only the photos that have one)"),
        error => error.into(),
    }
}

fn is_csv(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("csv"))
}

fn per_caption(path: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(path);
    let is_jsonl = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("jsonl"));
    if is_jsonl || is_csv(&path) { Ok(path) } else { Err("expected a name that ends in .csv or .jsonl".to_owned()) }
}
