//! `nid train`: one file says everything.

use std::fs;
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use clap::Args;
use nid_engine::features::Report;
use nid_train::{Event, Finish, Kept, Run, Session, fit, prepare};

use crate::args;
use crate::interrupt::{self, Interrupted};
use crate::message::{self, Tally};
use crate::progress::Progress;

const EXAMPLES: &str = "\
Examples:
  nid train runs/flickr8k.toml             train the default model
  nid train runs/flickr8k.toml --resume    go on after a stop; the result is the same, bit for bit

The output folder named in the file gets run.toml (a copy), checkpoints, events.jsonl, curves.svg and, in
`bundle`, the best model so far: nid caption --model OUTPUT/bundle photo.jpg";

/// The copy of a run's file in its output folder.
const COPY: &str = "run.toml";

#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The run's file
    run: PathBuf,
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

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    args::prepare(arguments.threads)?;
    let run = Run::open(&arguments.run)?;
    let output = run.output.clone();
    check_free(&output, arguments.resume)?;
    let mut session = extracted(run, arguments.quiet)?;
    claim(&output, &arguments.run)?;
    if session.skipped > 0 && !arguments.quiet {
        message::note(&format!("{} photos could not be read and are left out", session.skipped));
    }

    let bundle = output.join("bundle");
    let keep = |session: &Session, kept: Kept<'_>| session.save_bundle(&bundle, kept.parameters, &card(session, &kept));
    let mut display = Display::new(arguments.quiet);
    match fit(&mut session, &output, arguments.resume, interrupt::flag(), keep, |event| display.show(event))? {
        Finish::Interrupted => Err(Interrupted.into()),
        Finish::Complete | Finish::Patience => {
            let done = session.train.examples.len() + session.dev.examples.len();
            Ok(Tally { done, skipped: session.skipped }.status())
        }
    }
}

/// Sees to it that no other run is overwritten.
fn check_free(output: &Path, resume: bool) -> Result<()> {
    if output.join(COPY).exists() && !resume {
        bail!("{} already holds a run; --resume goes on with it, another `output` keeps it", output.display());
    }
    Ok(())
}

/// Makes the output folder this run's own, with a copy of its file: a resumed run keeps the one it began with.
fn claim(output: &Path, run: &Path) -> Result<()> {
    let copy = output.join(COPY);
    fs::create_dir_all(output).with_context(|| format!("{} cannot be made", output.display()))?;
    if !copy.exists() {
        fs::copy(run, &copy).with_context(|| format!("{} cannot be written", copy.display()))?;
    }
    Ok(())
}

/// Everything in memory, features extracted where they are not cached.
fn extracted(run: Run, quiet: bool) -> Result<Session> {
    let mut progress: Option<(usize, Progress)> = None;
    let session = prepare(run, |report| {
        if let Report::Progress { total, .. } = report
            && progress.as_ref().is_none_or(|(of, _)| *of != total)
        {
            progress = Some((total, Progress::new(Some(total), "photos", quiet)));
        }
        progress.as_ref().map_or(ControlFlow::Continue(()), |(_, bar)| bar.extracting(report))
    });
    match session {
        Err(nid_train::Error::Engine(nid_engine::Error::Interrupted { .. })) => Err(Interrupted.into()),
        other => Ok(other?),
    }
}

/// What is known of a bundle that training has just made.
fn card(session: &Session, kept: &Kept<'_>) -> String {
    let Session { run, train, dev, vocabulary, .. } = session;
    let judged = match run.training.dev_photos {
        0 => dev.examples.len(),
        photos => photos.min(dev.examples.len()),
    };
    let mut card = format!(
        "# A captioner\n\nTrained by `nid train` on {} photos of {}, with {} words; of {} epochs, these are the weights after {}.\n\n{}\n\n\
         On {judged} dev photos, by its own search settings (beam {}, length penalty {}):\n\n| metric | score |\n|---|---|\n",
        train.examples.len(),
        run.data.captions.display(),
        vocabulary.len(),
        run.training.epochs,
        kept.epoch,
        origin(run),
        run.search.beam,
        run.search.length_penalty,
    );
    for (name, score) in kept.scores.named() {
        card.push_str(&format!("| {name} | {:.1} % |\n", score * 100.0));
    }
    card
}

/// What else the model was made from, each of which has terms of its own.
fn origin(run: &Run) -> String {
    let weights = run.encoder.weights.as_ref();
    let weights = weights.map_or("those inside `nid`, see its NOTICE".to_owned(), |path| path.display().to_string());
    let encoder =
        format!("Its encoder is {} with given weights ({weights}), whose terms hold for it.", run.encoder.architecture);
    match &run.init {
        Some(parent) => {
            format!("It goes on from the model `{parent}`: the terms in that model's card hold for it. {encoder}")
        }
        None => encoder,
    }
}

/// The bar of a run, and a line for every evaluation.
struct Display {
    progress: Option<Progress>,
    quiet: bool,
    began: Instant,
    captions: usize,
}

impl Display {
    fn new(quiet: bool) -> Self {
        Self { progress: None, quiet, began: Instant::now(), captions: 0 }
    }

    fn show(&mut self, event: &Event) {
        match event {
            Event::Started { step, steps, parameters, vocabulary } => {
                self.line(format!("{parameters} parameters, {vocabulary} words, step {step} of {steps}"));
                let progress = Progress::new(Some(*steps), "steps", self.quiet);
                progress.resumed(*step);
                self.progress = Some(progress);
            }
            Event::Step { step, loss, rate, captions, .. } => {
                self.captions += captions;
                let pace = self.captions as f64 / self.began.elapsed().as_secs_f64();
                if let Some(progress) = &self.progress {
                    progress.note(format!("loss {loss:.3}, rate {rate:.1e}, {pace:.0} captions/s"));
                    progress.at(*step);
                }
            }
            Event::Evaluated { epoch, scores, best, .. } => {
                let scores: Vec<String> =
                    scores.named().iter().map(|(name, score)| format!("{name} {:.1}", score * 100.0)).collect();
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
