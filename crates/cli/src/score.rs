//! `nid score`: anyone's captions, scored against what people wrote.

use std::io::Write;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Result, anyhow, bail};
use clap::{ArgAction, Args};
use nid_engine::meteor::{self, MeteorFile};
use nid_engine::score::{self, Error, Metric, Request};
use nid_metrics::resample::Draws;

use crate::args;
use crate::interrupt::{self, Interrupted};
use crate::message;
use crate::output::Output;
use crate::scored;

const EXAMPLES: &str = "\
Examples:
  nid score captions.json --references captions_val2014.json
  nid score captions.txt --references references1.txt references2.txt     aligned lines
  nid score a.json --against b.json --references dataset.json --bootstrap
  nid score test.json --references test.csv --frequencies train.df --per-caption scores.csv

Sentences come as COCO's results or annotations, Karpathy's splits, Flickr's .token, CSV with a header, JSON
Lines, or aligned text files. Candidates join references by image_id, else by file_name, else by the name of the
file. A photo without a candidate is an error unless --subset says that it is not scored; a candidate without
references and a second one for a photo always are. Printed are hundredths; --json has fractions under
pycocoevalcap's names. SPICE is not available.";

#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The captions to score, one for each photo
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
    #[arg(long, value_name = "N", num_args = 0..=1, default_missing_value = DRAWS)]
    bootstrap: Option<NonZeroUsize>,
    /// Compare with another system's captions of the same photos: 95 % intervals and p-values of differences
    #[arg(long, value_name = "FILE")]
    against: Option<PathBuf>,
    /// What the draws follow from
    #[arg(long, value_name = "N", default_value = "1")]
    seed: u64,
}

/// How often photos are drawn where no other number is given.
const DRAWS: &str = "1000";

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
    args::prepare(arguments.threads)?;
    let request = arguments.request()?;
    let Written { json, per_caption, save_frequencies } = &arguments.written;
    let [json_file, captions_file, frequencies_file] = [json, per_caption, save_frequencies]
        .map(|path| path.as_deref().map(|path| Output::open(Some(path), arguments.force)).transpose());
    let (json_file, captions_file, frequencies_file) = (json_file?, captions_file?, frequencies_file?);

    let report = score::score(&request).map_err(hinted)?;
    if interrupt::is_pressed() {
        return Err(Interrupted.into());
    }
    if let Some(mut file) = json_file {
        file.write_all(&serde_json::to_vec_pretty(&report)?)?;
        file.write_all(b"\n")?;
        file.finish()?;
    }
    if let (Some(file), Some(path)) = (captions_file, per_caption) {
        scored::write_each(&report, file, is_csv(path))?;
    }
    if let (Some(mut file), Some(text)) = (frequencies_file, &report.frequencies) {
        file.write_all(text.as_bytes())?;
        file.finish()?;
    }
    scored::print(&report)?;
    Ok(ExitCode::SUCCESS)
}

impl Arguments {
    fn request(&self) -> Result<Request> {
        let Metrics { computed, unavailable, meteor } = self.metrics()?;
        let seed = self.drawn.seed;
        let draws = |count: NonZeroUsize| Draws { count: count.get(), seed };
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

    /// The metrics to compute. METEOR is left out with a note where its tables are missing, unless it was asked for.
    fn metrics(&self) -> Result<Metrics> {
        let is_all = self.metrics.is_empty();
        let is_asked = |metric: &Metric| is_all || self.metrics.contains(metric);
        let mut metrics = Metrics {
            computed: Metric::ALL.into_iter().filter(is_asked).collect(),
            unavailable: Vec::new(),
            meteor: None,
        };
        if metrics.computed.contains(&Metric::Meteor) {
            metrics.meteor = meteor::find()?;
            if metrics.meteor.is_none() {
                let reason = message::no_meteor();
                if !is_all {
                    bail!("METEOR: {reason}");
                }
                message::note(&format!("METEOR: {reason}"));
                metrics.computed.retain(|&metric| metric != Metric::Meteor);
                metrics.unavailable.push(("METEOR", reason));
            }
        }
        if is_all {
            metrics.unavailable.push(("SPICE", "not computed by this program".to_owned()));
        }
        Ok(metrics)
    }
}

/// What is computed, and what is not.
struct Metrics {
    computed: Vec<Metric>,
    /// Under pycocoevalcap's names, with the reason.
    unavailable: Vec<(&'static str, String)>,
    meteor: Option<MeteorFile>,
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
