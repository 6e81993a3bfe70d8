//! How well a captioner describes the photos of a split, through the very code that `caption` uses.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Result, bail};
use nid_data::captions::{self, Photo};
use nid_data::photos::display;
use nid_data::split::Split;
use nid_decode::Settings;
use nid_engine::evaluate::{Prediction, score};
use nid_engine::meteor::MeteorFile;
use nid_engine::report::{self, CaptionReport, Captioned, PAGE};
use nid_engine::score::Fields;
use nid_engine::{Bundle, Captioner};
use nid_metrics::resample::Draws;
use nid_metrics::{Scores, Statistics};
use serde::Serialize;

use super::{Arguments, open, save};
use crate::caption::{Seen, describe, reader};
use crate::message::{self, Tally, Usage};
use crate::metrics::Metrics;
use crate::names::{self, Named};
use crate::output::Output;
use crate::pictures::{Batch, Batches, Found, Outcome};
use crate::progress::Progress;
use crate::scored;

/// Photos and what people wrote about them.
#[derive(Clone, Copy)]
struct Truth<'a> {
    photos: &'a Path,
    captions: &'a Path,
    split: &'a Path,
}

impl<'a> Truth<'a> {
    /// What the command line names.
    fn of(arguments: &'a Arguments) -> Result<Self> {
        match (&arguments.photos, &arguments.captions, &arguments.split) {
            (Some(photos), Some(captions), Some(split)) => Ok(Self { photos, captions, split }),
            _ => Err(Usage(format!(
                "the model {} is a captioner, which is evaluated on --photos, --captions and --split",
                arguments.model
            ))
            .into()),
        }
    }
}

pub(super) fn run(arguments: &Arguments, bundle: Bundle) -> Result<ExitCode> {
    if arguments.data.is_some() {
        return Err(
            Usage(format!("the model {} is a captioner, and --data is for classifiers", arguments.model)).into()
        );
    }
    let truth = Truth::of(arguments)?;
    check(arguments, truth)?;
    let metrics = Metrics::find(&[])?;
    let meteor = metrics.meteor.as_ref().map(MeteorFile::meteor).transpose()?;
    let scores_file = open(arguments.json.as_deref(), arguments.force)?;
    let predictions_file = open(arguments.predictions.as_deref(), arguments.force)?;
    let collection = captions::read(truth.captions)?;
    let photos = collection.select(&Split::open(truth.split)?)?;

    let captioner = Captioner::new(bundle);
    let settings = arguments.search.settings(captioner.settings(), &captioner.bundle.vocabulary)?;
    if let Some(folder) = &arguments.report {
        report::prepare(folder, CaptionReport::FILES, arguments.force)?;
    }
    if !arguments.work.quiet {
        metrics.tell();
    }
    let mut evaluation = Evaluation::new(captioner, settings, photos.len(), arguments.work.quiet);
    let batches = evaluation.batches(arguments, truth.photos, &photos);
    for (batch, photos) in batches.zip(photos.chunks(arguments.work.batch.get())) {
        evaluation.caption(batch?, photos)?;
    }

    let Evaluation { predictions, scored, tally, progress, settings, .. } = evaluation;
    drop(progress);
    if scored.is_empty() {
        bail!("found no photo of the split in {}", display(truth.photos));
    }
    let each = score(&scored, &predictions, meteor.as_ref())?;
    let scores = each.iter().copied().sum::<Statistics>().scores();
    save(predictions_file, &predictions)?;
    let unavailable = Fields(metrics.unavailable.clone());
    save(scores_file, &Saved { scores: &scores, photos: each.len(), skipped: photos.len() - each.len(), unavailable })?;
    print(&scores, &metrics.unavailable, &tally)?;
    if let Some(folder) = &arguments.report {
        let captioned = captioned(truth.photos, &scored, &predictions, &each);
        write_report((arguments, truth), folder, &captioned, &metrics.unavailable, &settings)?;
    }
    Ok(tally.status())
}

/// What would be found out only after long work.
fn check(Arguments { json, predictions, report, .. }: &Arguments, truth: Truth<'_>) -> Result<()> {
    if !truth.photos.is_dir() {
        bail!("{} is no folder, expected one with the photos", display(truth.photos));
    }
    let page = report.as_ref().map(|folder| folder.join(PAGE));
    let written = |page| -> Vec<Named<'_>> {
        let files = [("--json", json), ("--predictions", predictions), ("--report", page)];
        files.into_iter().filter_map(|(argument, path)| Some((argument, path.as_deref()?))).collect()
    };
    names::check(&written(&page), &[("--captions", truth.captions), ("--split", Split::file(truth.split))])?;
    names::check(&written(report), &[])
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

fn captioned(folder: &Path, photos: &[&Photo], predictions: &[Prediction], each: &[Statistics]) -> Vec<Captioned> {
    let captioned = |((photo, prediction), statistics): ((&&Photo, &Prediction), &Statistics)| Captioned {
        name: photo.name.clone(),
        path: folder.join(&photo.name),
        caption: prediction.caption.clone(),
        references: photo.captions.clone(),
        statistics: *statistics,
    };
    photos.iter().zip(predictions).zip(each).map(captioned).collect()
}

fn write_report(
    (arguments, truth): (&Arguments, Truth<'_>),
    folder: &Path,
    photos: &[Captioned],
    unavailable: &[(&'static str, String)],
    settings: &Settings,
) -> Result<()> {
    let report = CaptionReport {
        title: &format!("{} on {}", arguments.model, display(truth.split)),
        facts: &[
            ("model", arguments.model.clone()),
            ("captions", display(truth.captions)),
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

    fn batches(&self, arguments: &Arguments, folder: &Path, photos: &[&Photo]) -> Batches<Seen> {
        let paths: Vec<Found> = photos.iter().map(|photo| Ok(folder.join(&photo.name))).collect();
        Batches::of(paths.into_iter(), reader(&self.captioner, arguments.work.limits()), arguments.work.batch)
    }

    fn caption(&mut self, batch: Batch<Seen>, photos: &[&'a Photo]) -> Result<()> {
        for (photo, Outcome { result, .. }) in photos.iter().zip(describe(batch, &self.captioner, &self.settings)?) {
            match result {
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
