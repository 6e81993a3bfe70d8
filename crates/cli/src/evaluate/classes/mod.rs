//! How well a classifier tells the classes of labelled pictures, through the very code that `classify` uses.

mod judge;
mod page;
mod print;
mod truth;

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use nid_data::labelled::fashion_mnist;
use nid_data::photos::display;
use nid_engine::report::{self, ClassReport};
use nid_engine::{Classifier, ClassifierBundle};
use nid_metrics::classification::{self, Evaluation};
use serde::Serialize;

use super::{Arguments, open, save};
use crate::message::Usage;
use crate::names::{self, Named};
use judge::Judged;
use truth::Truth;

pub(crate) use print::print;

pub(super) fn run(arguments: &Arguments, bundle: ClassifierBundle) -> Result<ExitCode> {
    refuse_captioners(arguments)?;
    let path = arguments.data.clone().or_else(fashion_mnist::find);
    let path =
        path.context("found no Fashion-MNIST: give --data, or install Debian's package dataset-fashion-mnist")?;
    check(arguments, &path)?;
    let scores_file = open(arguments.json.as_deref(), arguments.force)?;
    let predictions_file = open(arguments.predictions.as_deref(), arguments.force)?;
    if let Some(folder) = &arguments.report {
        report::prepare(folder, ClassReport::FILES, arguments.force)?;
    }

    let classifier = Classifier::new(bundle);
    let truth = Truth::read(&path, &classifier)?;
    let judged = Judged::of(&classifier, &truth, arguments)?;
    if judged.labels.is_empty() {
        bail!("found no picture that can be read in {}", display(&path));
    }
    let manifest = &classifier.bundle.manifest;
    let (names, temperature) = (&manifest.classes, manifest.temperature);
    let evaluation = classification::evaluate(&judged.logits, &judged.labels, names.len(), temperature);
    save(predictions_file, &judged.predictions(&classifier))?;
    save(scores_file, &Saved { evaluation: &evaluation, temperature, names, skipped: judged.tally.skipped })?;
    print(&evaluation, names)?;
    if let Some(folder) = &arguments.report {
        page::write(arguments, folder, (&path, &truth), &classifier, &judged, &evaluation)?;
    }
    Ok(judged.tally.status())
}

/// Refuses what is said of captioners alone.
fn refuse_captioners(arguments: &Arguments) -> Result<(), Usage> {
    let refused = |why| Err(Usage(format!("the model {} is a classifier; {why}", arguments.model)));
    if [&arguments.photos, &arguments.captions, &arguments.split].iter().any(|path| path.is_some()) {
        return refused("--photos, --captions and --split are for captioners, it is evaluated on --data");
    }
    if arguments.search.is_given() {
        return refused("--beam and the other flags of the search are for captioners");
    }
    Ok(())
}

/// What would be found out only after long work.
fn check(Arguments { json, predictions, report, .. }: &Arguments, data: &Path) -> Result<()> {
    let files = [("--json", json), ("--predictions", predictions), ("--report", report)];
    let written: Vec<Named<'_>> =
        files.into_iter().filter_map(|(argument, path)| Some((argument, path.as_deref()?))).collect();
    names::check(&written, &[("--data", data)])
}

/// What `--json` has.
#[derive(Serialize)]
struct Saved<'a> {
    #[serde(flatten)]
    evaluation: &'a Evaluation,
    /// What scores are divided by before `loss` and `calibration` are taken of them.
    temperature: f64,
    /// The names of the classes, in the order of `classes` and of the rows of `confusion`.
    names: &'a [String],
    /// Pictures that could not be read.
    skipped: usize,
}
