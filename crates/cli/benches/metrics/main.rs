//! How quick and how small `nid`'s caption metrics are, beside pycocoevalcap: `cargo bench -p nid --bench metrics`.
//!
//! Each part is a whole process, as people run it: it starts, reads the same files as the other side, scores, writes
//! what it found, and ends. The other side is `recipes/pycocoevalcap_bench.py`, pycocoevalcap's own classes without
//! SPICE. Its memory is that of Python and Java together, while both are there. As a quick wrong answer is worth
//! nothing, what both sides have written is compared.
//!
//! Every round measures both sides of a part, one right after the other, so that a busy machine is busy for both. nid,
//! which is done in a moment, does its part several times in a round, of which the median counts. Ratios are taken within a
//! round; of rounds, medians are printed. The parts with METEOR, which takes minutes there, have one round unless more
//! are asked for. Clock times belong to a machine and its day, ratios travel.

mod agreement;
mod captions;
#[path = "../common/mod.rs"]
mod common;
mod contestant;
mod draw;
mod work;

use std::path::PathBuf;

use anyhow::{Result, anyhow};
use clap::Parser;
use nid_engine::meteor;

use agreement::Agreement;
use common::arguments::Arguments;
use common::recipe::Recipe;
use common::report::{Machine, Report};
use common::{note, say};
use contestant::{Part, Run, nid_does, pycocoevalcap_does};
use work::Work;

/// Measures nid's caption metrics, and pycocoevalcap at the same work where it is installed (it needs Java).
///
/// METEOR takes part where `nid data meteor` has been run before.
#[derive(Parser)]
struct CommandLine {
    #[command(flatten)]
    arguments: Arguments,
    /// Captions to draw from, in any form that `nid score` reads [default: made-up sentences]
    #[arg(long, value_name = "FILE")]
    captions: Option<PathBuf>,
}

fn main() -> Result<()> {
    let CommandLine { arguments, captions } = CommandLine::parse();
    let peer = Recipe::find(&arguments.python, "pycocoevalcap_bench.py");
    let machine = Machine::describe("pycocoevalcap", peer.as_ref().map(|recipe| &recipe.about), arguments.quick)?;
    say(&machine.to_string())?;
    let peer = peer.ok();
    let parts = parts()?;

    let work = Work::prepare(captions.as_deref(), arguments.quick)?;
    say(&work.to_string())?;
    let rounds = |part: Part| arguments.rounds(if part.has_meteor() { 1 } else { 3 });
    let mut report = Report::new(machine);
    let last = parts.iter().map(|&part| rounds(part)).max().unwrap_or_default();
    for round in 1..=last {
        for &part in parts.iter().filter(|&&part| round <= rounds(part)) {
            note(&format!("round {round} of {}: {part}", rounds(part)))?;
            let ours = nid_does(part, &work)?;
            let theirs = peer.as_ref().map(|peer| pycocoevalcap_does(part, &work, peer)).transpose()?;
            let memory = |run: &Run| run.peak_memory.map(|bytes| bytes / 1e6);
            report.add(&part.to_string(), "ms", Some(ours.seconds * 1e3), theirs.as_ref().map(|run| run.seconds * 1e3));
            report.add(&format!("{part}: memory"), "MB", memory(&ours), theirs.as_ref().and_then(memory));
        }
    }
    report.agreement = peer.map(|_| Agreement::of(&parts, &work)).transpose()?;

    say(&report.to_string())?;
    arguments.json.as_deref().map_or(Ok(()), |path| report.keep(path))
}

/// What can be measured; what cannot is said.
fn parts() -> Result<Vec<Part>> {
    let found = meteor::find().map_err(anyhow::Error::from);
    let missing = || anyhow!("its data are not there; `{}` takes them from who has them", meteor::COMMAND);
    let mut parts = Part::ALL.to_vec();
    if let Err(why) = found.and_then(|found| found.ok_or_else(missing)) {
        parts.retain(|part| !part.has_meteor());
        say(&format!("METEOR, and with it all from raw captions, is left out: {why:#}"))?;
    }
    Ok(parts)
}
