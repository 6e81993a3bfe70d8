//! `nid evaluate`: how good a model is, through the very code that it is used with.

mod captions;
pub(crate) mod classes;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use nid_engine::bundle::Model;
use serde::Serialize;

use crate::args::{DEFAULT_MODEL, Work};
use crate::output::Output;
use crate::search::Search;

const EXAMPLES: &str = "\
Examples:
  nid evaluate --photos images/ --captions Flickr8k.token.txt --split Flickr_8k.devImages.txt
  nid evaluate runs/output/mine/bundle --photos images/ --captions dataset.json --split dataset.json:val \\
      --json scores.json --predictions captions.json --report report/
  nid evaluate fashion-mnist --json scores.json --report report/
  nid evaluate runs/output/birds/bundle --data other-birds/

Captioners: BLEU is the corpus's, with its brevity penalty; CIDEr is CIDEr-D; METEOR needs `nid data meteor` once; SPICE is \
not available. Printed are hundredths, --json has fractions under pycocoevalcap's names. The predictions are COCO's \
results, which other tools can score. The report is one page, index.html, with intervals, histograms, and the best \
and worst captions beside their photos.

Classifiers: --data is Fashion-MNIST, of which the test set is looked at (four IDX files, Kaggle's CSV files or zip), or a \
folder with a folder of pictures for each class. The report has figures beside its page, as PNG files.

A photo that cannot be read costs one line on standard error and is not scored; the exit status is 3.";

#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The model: a folder, or the name of a model inside this program
    #[arg(value_name = "BUNDLE", default_value = DEFAULT_MODEL)]
    model: String,
    /// For a captioner: the folder of photos
    #[arg(long, value_name = "DIR")]
    photos: Option<PathBuf>,
    /// What people wrote: Flickr's .token, Kaggle's CSV, COCO's or Karpathy's JSON, or a folder of .txt files
    #[arg(long, value_name = "FILE")]
    captions: Option<PathBuf>,
    /// The photos to score: a file with one name a line, or dataset.json:val
    #[arg(long, value_name = "FILE")]
    split: Option<PathBuf>,
    /// For a classifier: the labelled pictures [default: Debian's package of Fashion-MNIST]
    #[arg(long, value_name = "PATH")]
    data: Option<PathBuf>,
    /// Write the scores to a file
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Write the captions, or the classes, to a file
    #[arg(long, value_name = "FILE")]
    predictions: Option<PathBuf>,
    /// Write a page about them into a folder
    #[arg(long, value_name = "DIR")]
    report: Option<PathBuf>,
    /// Replace these files if they exist
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    search: Search,
    #[command(flatten)]
    work: Work,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    arguments.work.prepare()?;
    match Model::open(&arguments.model)? {
        Model::Captioner(bundle) => captions::run(arguments, bundle),
        Model::Classifier(bundle) => classes::run(arguments, bundle),
    }
}

fn open(path: Option<&Path>, force: bool) -> Result<Option<Output>> {
    path.map(|path| Output::open(Some(path), force)).transpose()
}

fn save(output: Option<Output>, value: &impl Serialize) -> Result<()> {
    let Some(mut output) = output else { return Ok(()) };
    output.write_all(&serde_json::to_vec_pretty(value)?)?;
    output.write_all(b"\n")?;
    output.finish()
}
