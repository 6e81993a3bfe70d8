//! `nid evaluate`: how well a model captions the photos of a split, through the very code that `caption` uses.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Result, bail};
use clap::Args;
use nid_data::captions::{self, Photo};
use nid_data::photos::display;
use nid_data::split::Split;
use nid_decode::Settings;
use nid_engine::evaluate::{Prediction, score};
use nid_engine::meteor::MeteorFile;
use nid_engine::report::{self, Captioned, PAGE, Report};
use nid_engine::score::Fields;
use nid_engine::{Bundle, Captioner};
use nid_metrics::resample::Draws;
use nid_metrics::{Scores, Statistics};
use serde::Serialize;

use crate::args::{DEFAULT_MODEL, Work};
use crate::message::{self, Tally};
use crate::metrics::Metrics;
use crate::names::{self, Named};
use crate::output::Output;
use crate::pictures::{Batch, Batches, Described, Found, Reader};
use crate::progress::Progress;
use crate::scored;
use crate::search::Search;

const EXAMPLES: &str = "\
Examples:
  nid evaluate --photos images/ --captions Flickr8k.token.txt --split Flickr_8k.devImages.txt
  nid evaluate runs/output/mine/bundle --photos images/ --captions dataset.json --split dataset.json:val \\
      --json scores.json --predictions captions.json --report report/

BLEU is the corpus's, with its brevity penalty; CIDEr is CIDEr-D; METEOR needs `nid data meteor` once; SPICE is not
available. Printed are hundredths, --json has fractions under pycocoevalcap's names. The predictions are COCO's
results, which other tools can score. The report is one page, index.html, with intervals, histograms, and the best
and worst captions beside their photos. A photo that cannot be read costs one line on standard error and is not
scored; the exit status is 3.";

#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The model: a folder, or the name of a model inside this program
    #[arg(value_name = "BUNDLE", default_value = DEFAULT_MODEL)]
    model: String,
    /// The folder of photos
    #[arg(long, value_name = "DIR")]
    photos: PathBuf,
    /// What people wrote: Flickr's .token, Kaggle's CSV, COCO's or Karpathy's JSON, or a folder of .txt files
    #[arg(long, value_name = "FILE")]
    captions: PathBuf,
    /// The photos to score: a file with one name a line, or dataset.json:val
    #[arg(long, value_name = "FILE")]
    split: PathBuf,
    /// Write the scores to a file
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Write the captions to a file
    #[arg(long, value_name = "FILE")]
    predictions: Option<PathBuf>,
    /// Write a page about the captions into a folder
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
    check(arguments)?;
    arguments.work.prepare()?;
    let metrics = Metrics::find(&[])?;
    let meteor = metrics.meteor.as_ref().map(MeteorFile::meteor).transpose()?;
    let scores_file = open(arguments.json.as_deref(), arguments.force)?;
    let predictions_file = open(arguments.predictions.as_deref(), arguments.force)?;
    let collection = captions::read(&arguments.captions)?;
    let photos = collection.select(&Split::open(&arguments.split)?)?;

    let captioner = Captioner::new(Bundle::open(&arguments.model)?);
    let settings = arguments.search.settings(captioner.settings(), &captioner.bundle.vocabulary)?;
    if let Some(folder) = &arguments.report {
        report::prepare(folder, arguments.force)?;
    }
    if !arguments.work.quiet {
        metrics.tell();
    }
    let mut evaluation = Evaluation::new(captioner, settings, photos.len(), arguments.work.quiet);
    let batches = evaluation.batches(arguments, &photos);
    for (batch, photos) in batches.zip(photos.chunks(arguments.work.batch.get())) {
        evaluation.caption(batch?, photos)?;
    }

    let Evaluation { predictions, scored, tally, progress, settings, .. } = evaluation;
    drop(progress);
    if scored.is_empty() {
        bail!("found no photo of the split in {}", display(&arguments.photos));
    }
    let each = score(&scored, &predictions, meteor.as_ref())?;
    let scores = each.iter().copied().sum::<Statistics>().scores();
    save(predictions_file, &predictions)?;
    let unavailable = Fields(metrics.unavailable.clone());
    save(scores_file, &Saved { scores: &scores, photos: each.len(), skipped: photos.len() - each.len(), unavailable })?;
    print(&scores, &metrics.unavailable, &tally)?;
    if let Some(folder) = &arguments.report {
        let captioned = captioned(arguments, &scored, &predictions, &each);
        write_report(arguments, folder, &captioned, &metrics.unavailable, &settings)?;
    }
    Ok(tally.status())
}

/// What would be found out only after long work.
fn check(arguments: &Arguments) -> Result<()> {
    if !arguments.photos.is_dir() {
        bail!("{} is no folder, expected one with the photos", display(&arguments.photos));
    }
    let Arguments { json, predictions, report, captions, split, .. } = arguments;
    let page = report.as_ref().map(|folder| folder.join(PAGE));
    let written = |page| -> Vec<Named<'_>> {
        let files = [("--json", json), ("--predictions", predictions), ("--report", page)];
        files.into_iter().filter_map(|(argument, path)| Some((argument, path.as_deref()?))).collect()
    };
    names::check(&written(&page), &[("--captions", captions), ("--split", Split::file(split))])?;
    names::check(&written(report), &[])
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

/// What `--json` has: the scores, and what there is none of.
#[derive(Serialize)]
struct Saved<'a> {
    #[serde(flatten)]
    scores: &'a Scores,
    /// Photos that were scored.
    photos: usize,
    /// Photos of the split that could not be read.
    skipped: usize,
    unavailable: Fields<String>,
}

fn print(scores: &Scores, unavailable: &[(&'static str, String)], tally: &Tally) -> Result<()> {
    let mut output = Output::open(None, false)?;
    writeln!(output, "photos         {:6}", tally.done)?;
    for (name, score) in scores.named() {
        writeln!(output, "{name:14} {:6.2}", 100.0 * score)?;
    }
    scored::unavailable(unavailable, &mut output)?;
    writeln!(output, "length ratio   {:6.3}", scores.length_ratio)?;
    output.finish()
}

/// How often photos are drawn for the intervals of a report.
const DRAWS: Draws = Draws { count: 1000, seed: 1 };

fn captioned(
    arguments: &Arguments,
    photos: &[&Photo],
    predictions: &[Prediction],
    each: &[Statistics],
) -> Vec<Captioned> {
    let captioned = |((photo, prediction), statistics): ((&&Photo, &Prediction), &Statistics)| Captioned {
        name: photo.name.clone(),
        path: arguments.photos.join(&photo.name),
        caption: prediction.caption.clone(),
        references: photo.captions.clone(),
        statistics: *statistics,
    };
    photos.iter().zip(predictions).zip(each).map(captioned).collect()
}

fn write_report(
    arguments: &Arguments,
    folder: &Path,
    photos: &[Captioned],
    unavailable: &[(&'static str, String)],
    settings: &Settings,
) -> Result<()> {
    let report = Report {
        title: &format!("{} on {}", arguments.model, display(&arguments.split)),
        facts: &[
            ("model", arguments.model.clone()),
            ("captions", display(&arguments.captions)),
            ("photos", photos.len().to_string()),
            ("search", format!("beam {}, length penalty {}", settings.beam, settings.length_penalty)),
            ("intervals", format!("bootstrap over photos, {} draws", DRAWS.count)),
        ],
        unavailable,
        photos,
        draws: DRAWS,
        limits: arguments.work.limits(),
    };
    Ok(report.write(folder, arguments.force)?)
}

/// Evaluation under way.
struct Evaluation<'a> {
    captioner: Captioner,
    settings: Settings,
    predictions: Vec<Prediction>,
    /// The photos that they are about.
    scored: Vec<&'a Photo>,
    progress: Progress,
    tally: Tally,
}

impl<'a> Evaluation<'a> {
    fn new(captioner: Captioner, settings: Settings, total: usize, quiet: bool) -> Self {
        let progress = Progress::new(Some(total), "photos", quiet);
        Self { captioner, settings, predictions: Vec::new(), scored: Vec::new(), progress, tally: Tally::default() }
    }

    fn batches(&self, arguments: &Arguments, photos: &[&Photo]) -> Batches {
        let paths: Vec<Found> = photos.iter().map(|photo| Ok(arguments.photos.join(&photo.name))).collect();
        let preprocessing = self.captioner.bundle.manifest.preprocessing.clone();
        let reader = Reader { limits: arguments.work.limits(), preprocessing };
        Batches::of(paths.into_iter(), reader, arguments.work.batch)
    }

    fn caption(&mut self, batch: Batch, photos: &[&'a Photo]) -> Result<()> {
        for (photo, Described { captions, .. }) in photos.iter().zip(batch.describe(&self.captioner, &self.settings)?) {
            match captions {
                Ok(captions) => {
                    self.tally.done += 1;
                    self.predictions.push(Prediction::new(photo, captions[0].caption.as_str()));
                    self.scored.push(photo);
                }
                Err(error) => {
                    self.tally.skipped += 1;
                    self.progress.aside(|| message::say(&error));
                }
            }
        }
        self.progress.at(self.tally.done + self.tally.skipped);
        Ok(())
    }
}
