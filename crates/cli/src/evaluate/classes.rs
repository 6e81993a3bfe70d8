//! How well a classifier tells the classes of labelled pictures, through the very code that `classify` uses.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use nid_data::labelled::{self, Data, Files, Set, fashion_mnist};
use nid_data::photos::display;
use nid_data::picture::Picture;
use nid_engine::report::{self, ClassReport, Example, Photo, Tested};
use nid_engine::{Classifier, ClassifierBundle, Ground};
use nid_metrics::classification::{self, Evaluation};
use serde::Serialize;

use super::{Arguments, open, save};
use crate::interrupt::{self, Interrupted};
use crate::message::{self, Tally, Usage};
use crate::names::{self, Named};
use crate::output::Output;
use crate::pictures::{Batches, Found, Reader};
use crate::progress::Progress;

/// Small pictures that go through a network between two looks at Ctrl-C.
const CHUNK: usize = 256;
/// Pictures to learn from that a report shows.
const SHOWN: usize = 25;

pub(super) fn run(arguments: &Arguments, bundle: ClassifierBundle) -> Result<ExitCode> {
    if [&arguments.photos, &arguments.captions, &arguments.split].iter().any(|path| path.is_some()) {
        let why = "is a classifier; --photos, --captions and --split are for captioners, it is evaluated on --data";
        return Err(Usage(format!("the model {} {why}", arguments.model)).into());
    }
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
    let truth = Truth::read(&path, &classifier.bundle.manifest.classes)?;
    let judged = judge(&classifier, &truth, arguments)?;
    if judged.labels.is_empty() {
        bail!("found no picture that can be read in {}", display(&path));
    }
    let manifest = &classifier.bundle.manifest;
    let classes = &manifest.classes;
    let evaluation = classification::evaluate(&judged.logits, &judged.labels, classes.len(), manifest.temperature);
    save(predictions_file, &judged.predictions(&classifier))?;
    let saved = Saved { evaluation: &evaluation, names: classes, skipped: judged.tally.skipped };
    save(scores_file, &saved)?;
    print(&evaluation, classes)?;
    if let Some(folder) = &arguments.report {
        write_report(arguments, folder, (&path, &truth), &classifier, &judged, &evaluation)?;
    }
    Ok(judged.tally.status())
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
    /// The names of the classes, in the order of `classes` and of the rows of `confusion`.
    names: &'a [String],
    /// Pictures that could not be read.
    skipped: usize,
}

/// Labelled pictures, by the classes of a model.
enum Truth {
    /// Small ones, and some to learn from.
    Set { test: Set, train: Option<Set> },
    /// Files with their classes.
    Files(Vec<(PathBuf, usize)>),
}

impl Truth {
    fn read(path: &Path, classes: &[String]) -> Result<Self> {
        let data = labelled::read(path)?;
        let places = data.classes().into_iter().map(|name| {
            let place = classes.iter().position(|class| class == name);
            place.with_context(|| format!("{}: found the class {name:?}, which the model does not know", display(path)))
        });
        let places: Vec<usize> = places.collect::<Result<_>>()?;
        match data {
            Data::Sets(sets) => {
                let test = sets.test.with_context(|| format!("{}: found no pictures to test by", display(path)))?;
                Ok(Self::Set { test, train: sets.train })
            }
            Data::Files(Files { paths, labels, .. }) => {
                Ok(Self::Files(paths.into_iter().zip(labels).map(|(path, label)| (path, places[label])).collect()))
            }
        }
    }
}

/// What a classifier says of pictures.
struct Judged {
    /// `[pictures, classes]`.
    logits: Vec<f32>,
    labels: Vec<usize>,
    photos: Vec<Photo>,
    tally: Tally,
}

fn judge(classifier: &Classifier, truth: &Truth, arguments: &Arguments) -> Result<Judged> {
    match truth {
        Truth::Set { test, .. } => judge_set(classifier, test, arguments.work.quiet),
        Truth::Files(files) => judge_files(classifier, files, arguments),
    }
}

fn judge_set(classifier: &Classifier, set: &Set, quiet: bool) -> Result<Judged> {
    let progress = Progress::new(Some(set.labels.len()), "pictures", quiet);
    let mut judged = Judged {
        logits: Vec::new(),
        labels: set.labels.iter().map(|&label| label.into()).collect(),
        photos: set.pictures().map(|levels| Photo::Pixels(Picture::grey(set.width, set.height, levels))).collect(),
        tally: Tally::default(),
    };
    for levels in set.pixels.chunks(CHUNK * set.height * set.width) {
        if interrupt::is_pressed() {
            return Err(Interrupted.into());
        }
        judged.logits.extend(classifier.logits_of_levels(levels)?);
        judged.tally.done += levels.len() / (set.height * set.width);
        progress.at(judged.tally.done);
    }
    Ok(judged)
}

fn judge_files(classifier: &Classifier, files: &[(PathBuf, usize)], arguments: &Arguments) -> Result<Judged> {
    let progress = Progress::new(Some(files.len()), "pictures", arguments.work.quiet);
    let preparation = classifier.preparation(Ground::Auto);
    let ready = move |picture: &Picture, _: &[u8]| Ok(preparation.prepare(picture)?);
    let reader = Reader { limits: arguments.work.limits(), ready };
    let found: Vec<Found> = files.iter().map(|(path, _)| Ok(path.clone())).collect();
    let mut judged = Judged { logits: vec![], labels: vec![], photos: vec![], tally: Tally::default() };
    let count = classifier.bundle.manifest.classes.len();
    let batches = Batches::of(found.into_iter(), reader, arguments.work.batch);
    for (batch, files) in batches.zip(files.chunks(arguments.work.batch.get())) {
        let said = batch?.through(|prepared| {
            let logits = classifier.logits(&prepared)?;
            Ok(logits.chunks_exact(count).map(<[f32]>::to_vec).collect())
        })?;
        for (outcome, (path, label)) in said.into_iter().zip(files) {
            match outcome.result {
                Ok(logits) => {
                    judged.tally.done += 1;
                    judged.logits.extend(logits);
                    judged.labels.push(*label);
                    judged.photos.push(Photo::File(path.clone()));
                }
                Err(error) => {
                    judged.tally.skipped += 1;
                    progress.aside(|| message::say(&error));
                }
            }
        }
        progress.at(judged.tally.done + judged.tally.skipped);
    }
    Ok(judged)
}

/// What `--predictions` has of a picture.
#[derive(Serialize)]
struct Prediction<'a> {
    /// The picture's file, where it has one of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    label: &'a str,
    predicted: &'a str,
    /// Of the class that was predicted, calibrated.
    probability: f32,
}

impl Judged {
    fn predictions<'a>(&self, classifier: &'a Classifier) -> Vec<Prediction<'a>> {
        let classes = &classifier.bundle.manifest.classes;
        let probabilities = classifier.probabilities(&self.logits);
        let rows = probabilities.chunks_exact(classes.len()).zip(&self.labels).zip(&self.photos);
        let prediction = |((row, &label), photo): ((&[f32], &usize), &Photo)| {
            let best = (0..row.len()).rev().max_by(|&a, &b| row[a].total_cmp(&row[b])).unwrap_or(0);
            let path = match photo {
                Photo::File(path) => Some(display(path)),
                Photo::Pixels(_) => None,
            };
            Prediction { path, label: &classes[label], predicted: &classes[best], probability: row[best] }
        };
        rows.map(prediction).collect()
    }
}

/// Prints what came out, and with a few classes which are taken for which.
pub(crate) fn print(evaluation: &Evaluation, classes: &[String]) -> Result<()> {
    let mut output = Output::open(None, false)?;
    let percent = |share: f64| 100.0 * share;
    let [low, high] = evaluation.interval.map(percent);
    writeln!(output, "pictures       {:8}", evaluation.pictures)?;
    writeln!(output, "accuracy       {:8.2} %  (95 % interval {low:.2} to {high:.2})", percent(evaluation.accuracy))?;
    writeln!(output, "loss           {:8.4}", evaluation.loss)?;
    writeln!(output, "macro F1       {:8.2} %", percent(evaluation.macro_f1))?;
    writeln!(output, "calibration    {:8.2} %  (expected calibration error)", percent(evaluation.calibration.error))?;
    let width = classes.iter().map(|class| class.chars().count()).max().unwrap_or(0).max(5);
    writeln!(output, "\n{:width$}  precision  recall      F1  pictures", "class")?;
    for (class, scores) in classes.iter().zip(&evaluation.classes) {
        let [precision, recall, f1] = [scores.precision, scores.recall, scores.f1].map(percent);
        writeln!(output, "{class:width$}  {precision:9.2}  {recall:6.2}  {f1:6.2}  {:8}", scores.pictures)?;
    }
    if classes.len() <= MOST_COLUMNS {
        confusion(&evaluation.confusion, classes, width, &mut output)?;
    }
    output.finish()
}

/// Classes of which a terminal can show the confusion matrix.
const MOST_COLUMNS: usize = 25;

fn confusion(counts: &[Vec<u64>], classes: &[String], width: usize, output: &mut Output) -> Result<()> {
    let digits = counts.iter().flatten().max().map_or(1, |most| most.to_string().len()).max(2) + 1;
    let letters: String = (0..classes.len()).map(|place| format!("{:>digits$}", letter(place))).collect();
    writeln!(output, "\n{:width$}   {letters}   taken for", "class")?;
    for (place, (class, row)) in classes.iter().zip(counts).enumerate() {
        let counts: String = row.iter().map(|count| format!("{count:>digits$}")).collect();
        writeln!(output, "{class:width$} {} {counts}", letter(place))?;
    }
    Ok(())
}

/// What a column is called: a, b, c, …
fn letter(place: usize) -> char {
    (b'a' + (place % 26) as u8) as char
}

fn write_report(
    arguments: &Arguments,
    folder: &Path,
    (path, truth): (&Path, &Truth),
    classifier: &Classifier,
    judged: &Judged,
    evaluation: &Evaluation,
) -> Result<()> {
    let ClassifierBundle { manifest, history, .. } = &classifier.bundle;
    let learnt_from: Vec<Example> = match truth {
        Truth::Set { train: Some(train), .. } => {
            let shown = train.pictures().zip(&train.labels).take(SHOWN);
            shown
                .map(|(levels, &label)| Example {
                    photo: Photo::Pixels(Picture::grey(train.width, train.height, levels)),
                    label: label.into(),
                })
                .collect()
        }
        _ => Vec::new(),
    };
    let probabilities = classifier.probabilities(&judged.logits);
    let rows = probabilities.chunks_exact(manifest.classes.len());
    let photos = judged.photos.iter().enumerate().zip(&judged.labels);
    let tested = photos.zip(rows).map(|(((place, photo), &label), row)| Tested {
        name: Some(match photo {
            Photo::File(path) => display(path),
            Photo::Pixels(_) => format!("picture {place} of the test set"),
        }),
        photo: photo.clone(),
        label,
        probabilities: row.to_vec(),
    });
    let report = ClassReport {
        title: &format!("{} on {}", arguments.model, display(path)),
        facts: &[
            ("model", arguments.model.clone()),
            ("pictures", display(path)),
            ("numbers learnt", classifier.bundle.learnt().to_string()),
            ("temperature", format!("{:.3}", manifest.temperature)),
        ],
        classes: &manifest.classes,
        evaluation,
        learnt_from: &learnt_from,
        tested: &tested.collect::<Vec<_>>(),
        history,
        limits: arguments.work.limits(),
    };
    Ok(report.write(folder, arguments.force)?)
}
