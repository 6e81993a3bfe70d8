//! How quick and how small `nid` is, beside PyTorch doing the same work: `cargo bench -p nid`.
//!
//! The program itself is what is measured, as people run it: how long it takes from its start to its first sentence,
//! when each later sentence and each training step comes, how much memory it holds. Extraction alone says nothing while
//! it runs, and is called in the library, where it reports each batch. PyTorch's side is `recipes/pytorch_bench.py`,
//! measured by the same clocks. Rates leave out the start: the first photos and steps are not timed.
//!
//! Every round measures each figure for both sides, one right after the other, so that a busy machine is busy for
//! both. Ratios are taken within a round; of rounds, medians are printed. Clock times belong to a machine and its day,
//! ratios travel.

mod clock;
mod contestant;
mod ours;
mod pytorch;
mod report;
mod work;

use std::fs;
use std::io::Write;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Parser;
use serde::Deserialize;

use clock::Observed;
use contestant::{Contestant, Measure};
use ours::Ours;
use pytorch::PyTorch;
use report::{Figures, Machine};
use work::Work;

/// Measures nid, and PyTorch at the same work where it is installed.
#[derive(Parser)]
struct Arguments {
    /// The Python that has torch, numpy, pillow and safetensors
    #[arg(long, value_name = "PATH", default_value = "python3")]
    python: PathBuf,
    /// How often each figure is measured [default: 3, or 1 with --quick]
    #[arg(long, value_name = "N")]
    rounds: Option<NonZeroUsize>,
    /// Keep the figures of all rounds in a file
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// See whether everything runs; the figures mean little
    #[arg(long)]
    quick: bool,
    /// Said by cargo
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let rounds = arguments.rounds.map_or(if arguments.quick { 1 } else { 3 }, NonZeroUsize::get);
    let work = Work::prepare(arguments.quick)?;
    let pytorch = PyTorch::find(&arguments.python, work.threads);
    let machine = Machine::describe(work.threads, arguments.quick, &pytorch);
    say(&machine.to_string())?;
    let pytorch = pytorch.ok();

    let mut figures = Figures::new(machine);
    if let Some(pytorch) = &pytorch {
        figures.agreement = Some(agreement(pytorch)?);
    }
    for round in 1..=rounds {
        for measure in Measure::ALL {
            writeln!(std::io::stderr(), "round {round} of {rounds}: {measure}")?;
            let ours = measure.of(&Ours, &work)?;
            let theirs = pytorch.as_ref().map(|pytorch| measure.of(pytorch, &work)).transpose()?;
            figures.add(measure, ours, theirs.flatten());
        }
    }

    let figures = figures.finished();
    say(&figures.to_string())?;
    if let Some(path) = &arguments.json {
        let text = serde_json::to_string_pretty(&figures)?;
        fs::write(path, text + "\n").with_context(|| format!("{} cannot be written", path.display()))?;
    }
    Ok(())
}

/// On how many of the repository's photos both say the same, and how many these are.
fn agreement(pytorch: &PyTorch) -> Result<(usize, usize)> {
    let (ours, theirs) = (captions(&Ours)?, captions(pytorch)?);
    let equal = ours.iter().zip(&theirs).filter(|(ours, theirs)| ours == theirs).count();
    Ok((equal, ours.len()))
}

/// What is said of the repository's photos, in the order of their names.
fn captions(contestant: &dyn Contestant) -> Result<Vec<String>> {
    let observed = Observed::lines(contestant.caption(&work::repository().join("photos"), 16))?;
    observed.lines.iter().map(|line| Ok(serde_json::from_str::<Record>(line)?.caption)).collect()
}

/// What both print for a photo, as far as it matters here.
#[derive(Deserialize)]
struct Record {
    caption: String,
}

fn say(text: &str) -> Result<()> {
    Ok(writeln!(std::io::stdout(), "{text}")?)
}
