//! How quick and how small `nid` is, beside PyTorch doing the same work: `cargo bench -p nid --bench figures`.
//!
//! The program itself is what is measured, as people run it: how long it takes from its start to its first sentence,
//! when each later sentence and each training step comes, how much memory it holds. Extraction alone says nothing
//! while it runs, and is called in the library, where it reports each batch; so is classification, which is measured
//! without files. PyTorch's side is `recipes/pytorch_bench.py`, measured by the same clocks. Rates leave out the start:
//! the first photos, steps, epochs and passes are not timed.
//!
//! Every round measures each figure for both sides, one right after the other, so that a busy machine is busy for
//! both. Ratios are taken within a round; of rounds, medians are printed. Clock times belong to a machine and its day,
//! ratios travel.

mod clock;
#[path = "../common/mod.rs"]
mod common;
mod contestant;
mod lesson;
mod ours;
mod pytorch;
mod work;

use std::fmt;

use anyhow::Result;
use clap::Parser;
use serde::{Deserialize, Serialize};

use clock::Observed;
use common::arguments::Arguments;
use common::recipe::Recipe;
use common::report::{Machine, Report};
use common::{note, repository, say};
use contestant::{Contestant, Measure};
use ours::Ours;
use pytorch::PyTorch;
use work::{CAPTIONS_A_STEP, Work};

/// Measures nid, and PyTorch at the same work where it is installed: torch, numpy, pillow and safetensors.
#[derive(Parser)]
struct CommandLine {
    #[command(flatten)]
    arguments: Arguments,
}

fn main() -> Result<()> {
    let CommandLine { arguments } = CommandLine::parse();
    let rounds = arguments.rounds(3);
    let work = Work::prepare(arguments.quick)?;
    let recipe = Recipe::find(&arguments.python, "pytorch_bench.py");
    let machine = Machine::describe("PyTorch", recipe.as_ref().map(|recipe| &recipe.about), arguments.quick)?;
    say(&machine.to_string())?;
    let pytorch = recipe.ok().map(|recipe| PyTorch { recipe, threads: work.threads });

    let mut report = Report::new(machine);
    report.agreement = pytorch.as_ref().map(SameCaptions::of).transpose()?;
    for round in 1..=rounds {
        for measure in Measure::ALL {
            note(&format!("round {round} of {rounds}: {measure}"))?;
            let ours = measure.of(&Ours, &work)?;
            let theirs = pytorch.as_ref().map(|pytorch| measure.of(pytorch, &work)).transpose()?.flatten();
            report.add(&measure.to_string(), measure.unit(), ours, theirs);
            if measure == Measure::Training {
                let rate = |ms: f64| CAPTIONS_A_STEP as f64 * 1e3 / ms;
                report.add("training", "captions/s", ours.map(rate), theirs.map(rate));
            }
        }
    }

    say(&report.to_string())?;
    arguments.json.as_deref().map_or(Ok(()), |path| report.keep(path))
}

/// On how many of the repository's photos both say the same.
#[derive(Serialize)]
struct SameCaptions {
    equal: usize,
    photos: usize,
}

impl SameCaptions {
    fn of(pytorch: &PyTorch) -> Result<Self> {
        let (ours, theirs) = (captions(&Ours)?, captions(pytorch)?);
        let equal = ours.iter().zip(&theirs).filter(|(ours, theirs)| ours == theirs).count();
        Ok(Self { equal, photos: ours.len() })
    }
}

impl fmt::Display for SameCaptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { equal, photos } = self;
        write!(f, "The same caption for {equal} of {photos} photos; their JPEG decoders differ a little.")
    }
}

/// What is said of the repository's photos, in the order of their names.
fn captions(contestant: &dyn Contestant) -> Result<Vec<String>> {
    let observed = Observed::lines(contestant.caption(&repository().join("photos"), 16))?;
    observed.lines.iter().map(|line| Ok(serde_json::from_str::<Record>(line)?.caption)).collect()
}

/// What both print for a photo, as far as it matters here.
#[derive(Deserialize)]
struct Record {
    caption: String,
}
