//! `nid train`: one file says everything.

use std::fs;
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use clap::Args;
use nid_data::photos::display;
use nid_data::picture::Limits;
use nid_engine::ClassifierBundle;
use nid_engine::features::Report;
use nid_engine::report::ClassReport;
use nid_train::captioner::{self, CaptionerTask};
use nid_train::classifier::{self, ClassifierRun, ClassifierTask, HeldOut};
use nid_train::{Event, Finish, Kept, Learning, Output, Run, Task, curves, fit};

use crate::args;
use crate::evaluate::classes;
use crate::interrupt::{self, Interrupted};
use crate::message::{self, Tally};
use crate::progress::Progress;

const EXAMPLES: &str = "\
Examples:
  nid train runs/flickr8k.toml             train the default captioner
  nid train runs/flickr8k.toml --resume    go on after a stop; the result is the same, bit for bit
  nid train runs/fashion-mnist-small.toml --seed 2 --output runs/output/second
  nid train photos/ --output birds         tell the classes apart that have a folder each in photos/

The output folder gets run.toml (what was asked for), checkpoints, events.jsonl, curves.svg and, in `bundle`, the best \
model so far: nid caption --model OUTPUT/bundle photo.jpg, or nid classify --model OUTPUT/bundle photo.jpg. A classifier's \
run ends with how well it does on what was held out, and with a page about it, OUTPUT/report/index.html";

/// The best model so far, in its output folder.
const BUNDLE: &str = "bundle";
/// A report on a classifier, in its output folder.
const REPORT: &str = "report";
/// What a run was asked for, in its output folder.
const COPY: &str = "run.toml";

#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The run's file, or a folder with a folder of photos for each class
    #[arg(value_name = "RUN")]
    run: PathBuf,
    /// Where the results go, in place of the file's `output` [default for a folder: runs/output/NAME]
    #[arg(long, short, value_name = "DIR")]
    output: Option<PathBuf>,
    /// The seed of everything random, in place of the file's
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Go on from the newest checkpoint in the output folder
    #[arg(long)]
    resume: bool,
    /// Threads to work with [default: one for each core]
    #[arg(long, value_name = "N")]
    threads: Option<NonZeroUsize>,
    /// Show no progress
    #[arg(long, short)]
    quiet: bool,
}

impl Arguments {
    /// The run that is asked for.
    fn run(&self) -> Result<Run> {
        let mut run = if self.run.is_dir() {
            Run::Classifier(ClassifierRun::of_photos(self.run.clone(), self.default_output()?))
        } else {
            Run::open(&self.run)?
        };
        if let Some(output) = &self.output {
            run = run.with_output(output.clone());
        }
        if let Some(seed) = self.seed {
            run = run.with_seed(seed);
        }
        Ok(run)
    }

    /// Where results go that are about a folder.
    fn default_output(&self) -> Result<PathBuf> {
        let folder = fs::canonicalize(&self.run).with_context(|| format!("{} cannot be read", display(&self.run)))?;
        Ok(Path::new("runs/output").join(folder.file_name().unwrap_or("photos".as_ref())))
    }

    /// What to keep of what was asked for: the file itself, unless something was changed.
    fn text(&self, run: &Run) -> Result<String> {
        if self.run.is_dir() || self.output.is_some() || self.seed.is_some() {
            return toml::to_string(run).with_context(|| format!("{}: no TOML can say this", display(&self.run)));
        }
        fs::read_to_string(&self.run).with_context(|| format!("{} cannot be read", display(&self.run)))
    }
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    args::prepare(arguments.threads)?;
    let run = arguments.run()?;
    let output = run.output().to_owned();
    check_free(&output, arguments.resume)?;
    let text = arguments.text(&run)?;
    let bundle = output.join(BUNDLE);
    match run {
        Run::Captioner(run) => {
            let learning = extracted(arguments.quiet, |report| captioner::prepare(run, report))?;
            let CaptionerTask { train, dev, skipped, .. } = &learning.task;
            let tally = Tally { done: train.examples.len() + dev.examples.len(), skipped: *skipped };
            let keep = |task: &CaptionerTask, kept: Kept<'_>| task.save_bundle(&bundle, kept);
            Ok(learn(arguments, learning, (&output, &text), tally, keep)?.0)
        }
        Run::Classifier(run) => {
            let learning = extracted(arguments.quiet, |report| classifier::prepare(run, report))?;
            let tally = Tally { done: learning.task.pictures(), skipped: learning.task.skipped };
            let (status, task) = learn(arguments, learning, (&output, &text), tally, |task, kept| {
                task.save_bundle(&bundle, kept, &curves::epochs(&output)?)
            })?;
            tell(&task, &ClassifierBundle::load(&bundle)?, &output)?;
            if !arguments.quiet {
                message::note(&format!(
                    "the model is {}, a page about it is in {}",
                    display(&bundle),
                    display(&output.join(REPORT))
                ));
            }
            Ok(status)
        }
    }
}

/// Prints how well the best weights tell the pictures apart that were held out, and writes a report on it.
fn tell(task: &ClassifierTask, bundle: &ClassifierBundle, output: &Path) -> Result<()> {
    let HeldOut { evaluation, tested, learnt_from } = task.held_out(bundle);
    classes::print(&evaluation, &task.classes)?;
    let report = ClassReport {
        title: &format!("{}, on what was held out", display(output)),
        facts: &[
            ("model", display(&output.join(BUNDLE))),
            ("numbers learnt", bundle.learnt().to_string()),
            ("temperature", format!("{:.3}", bundle.manifest.temperature)),
        ],
        classes: &task.classes,
        evaluation: &evaluation,
        learnt_from: &learnt_from,
        tested: &tested,
        history: &curves::epochs(output)?,
        limits: Limits::default(),
    };
    Ok(report.write(&output.join(REPORT), true)?)
}

/// Learns to the end, and keeps the best weights as a bundle. Returns the exit status and what was learnt.
fn learn<T: Task>(
    arguments: &Arguments,
    mut learning: Learning<T>,
    (output, text): (&Path, &str),
    tally: Tally,
    keep: impl FnMut(&T, Kept<'_>) -> Result<(), nid_train::Error>,
) -> Result<(ExitCode, T)> {
    claim(output, text)?;
    if tally.skipped > 0 && !arguments.quiet {
        message::note(&format!("{} pictures could not be read and are left out", tally.skipped));
    }
    let mut display = Display::new(arguments.quiet);
    match fit(&mut learning, output, arguments.resume, interrupt::flag(), keep, |event| display.show(event))? {
        Finish::Interrupted => Err(Interrupted.into()),
        Finish::Complete | Finish::Patience => Ok((tally.status(), learning.task)),
    }
}

/// Sees to it that no other run is overwritten.
fn check_free(output: &Path, resume: bool) -> Result<()> {
    if output.join(COPY).exists() {
        if !resume {
            bail!("{} already holds a run; --resume goes on with it, --output names another folder", display(output));
        }
        return Ok(());
    }
    match [BUNDLE, REPORT, curves::EVENTS, curves::CURVES].iter().find(|name| output.join(name).exists()) {
        Some(name) => {
            bail!("{} is there, but no run that it is of; --output names another folder", display(&output.join(name)))
        }
        None => Ok(()),
    }
}

/// Makes the output folder this run's own, with what it was asked for: a resumed run keeps what it began with.
fn claim(output: &Path, text: &str) -> Result<()> {
    let copy = output.join(COPY);
    fs::create_dir_all(output).with_context(|| format!("{} cannot be made", display(output)))?;
    if !copy.exists() {
        fs::write(&copy, text).with_context(|| format!("{} cannot be written", display(&copy)))?;
    }
    Ok(())
}

/// Everything in memory, with a bar while features are extracted.
fn extracted<T>(
    quiet: bool,
    prepare: impl FnOnce(&mut dyn FnMut(Report) -> ControlFlow<()>) -> Result<T, nid_train::Error>,
) -> Result<T> {
    let mut progress: Option<(usize, Progress)> = None;
    let prepared = prepare(&mut |report| {
        if let Report::Progress { total, .. } = report
            && progress.as_ref().is_none_or(|(of, _)| *of != total)
        {
            progress = Some((total, Progress::new(Some(total), "photos", quiet)));
        }
        match (&progress, report) {
            (Some((_, bar)), report) => bar.extracting(report),
            (None, Report::Skipped(error)) => {
                message::say(&error.into());
                ControlFlow::Continue(())
            }
            (None, Report::Progress { .. }) => ControlFlow::Continue(()),
        }
    });
    match prepared {
        Err(nid_train::Error::Engine(nid_engine::Error::Interrupted { .. })) => Err(Interrupted.into()),
        other => Ok(other?),
    }
}

/// The bar of a run, and a line for every evaluation.
struct Display {
    progress: Option<Progress>,
    quiet: bool,
    began: Instant,
    /// Captions or pictures learnt from, and which of the two they are.
    examples: usize,
    unit: &'static str,
}

impl Display {
    fn new(quiet: bool) -> Self {
        Self { progress: None, quiet, began: Instant::now(), examples: 0, unit: "captions" }
    }

    fn show(&mut self, event: &Event) {
        match event {
            Event::Started { step, steps, parameters, output } => {
                let (knows, unit) = match output {
                    Output::Words(count) => (format!("{count} words"), "captions"),
                    Output::Classes(count) => (format!("{count} classes"), "pictures"),
                };
                self.unit = unit;
                self.line(format!("{parameters} parameters, {knows}, step {step} of {steps}"));
                let progress = Progress::new(Some(*steps), "steps", self.quiet);
                progress.resumed(*step);
                self.progress = Some(progress);
            }
            Event::Step { step, loss, rate, examples, .. } => {
                self.examples += examples;
                let pace = self.examples as f64 / self.began.elapsed().as_secs_f64();
                if let Some(progress) = &self.progress {
                    progress.note(format!("loss {loss:.3}, rate {rate:.1e}, {pace:.0} {}/s", self.unit));
                    progress.at(*step);
                }
            }
            Event::Evaluated { epoch, judgement, best, .. } => {
                let scores = judgement.scores.0.iter().map(|(name, score)| format!("{name} {:.1}", score * 100.0));
                let loss = judgement.loss.map(|loss| format!("loss {loss:.4}"));
                let scores: Vec<String> = scores.chain(loss).collect();
                let mark = if *best { ", kept" } else { "" };
                self.line(format!("epoch {epoch}: {}{mark}", scores.join(", ")));
            }
            Event::Checkpoint { .. } => {}
            Event::Finished { reason } => self.line(
                match reason {
                    Finish::Complete => "all epochs are done",
                    Finish::Patience => "nothing better came for a while: stopped",
                    Finish::Interrupted => "stopped; --resume goes on from here",
                }
                .to_owned(),
            ),
        }
    }

    fn line(&self, text: String) {
        if self.quiet {
            return;
        }
        match &self.progress {
            Some(progress) => progress.aside(|| message::note(&text)),
            None => message::note(&text),
        }
    }
}
