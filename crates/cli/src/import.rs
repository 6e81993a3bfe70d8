//! `nid import`: models of other programs as ours.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Result, bail};
use clap::Args;
use nid_data::photos::display;
use nid_engine::Preprocessing;
use nid_engine::import::seed::SeedFolder;
use nid_engine::import::{Imported, Mapped, exported, find_encoder, is_exported, torch};
use nid_weights::Archive;
use serde::Serialize;

use crate::message::Usage;
use crate::output::Output;

const EXAMPLES: &str = "\
Examples:
  nid import Neural-Image-Descriptor/ --output mine     the folder of that project: its captioner
  nid import vgg16-397923af.pth --output vgg16.safetensors
                                                        an encoder, to be named under [encoder] in a run file
  nid import captioner.pth --map map.toml --output mine an LSTM captioner of PyTorch; the map says which array is which
  nid import exported/ --output mine                    what `nid export` wrote, as safetensors or npz

What became of each array is printed. An array that is missing, left over or of another shape is an error, and all of \
them are named at once; nothing is written then.";

#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// What to import: a folder or a file
    #[arg(value_name = "PATH")]
    path: PathBuf,
    /// The bundle to write; for an encoder, the file
    #[arg(long, short, value_name = "PATH")]
    output: PathBuf,
    /// Replace the output if it exists
    #[arg(long)]
    force: bool,
    /// Feed pictures as the starting system did: blue before red and 255 times as bright
    #[arg(long)]
    as_fed: bool,
    /// Which array is which, in a TOML file
    #[arg(long, value_name = "FILE")]
    map: Option<PathBuf>,
    /// The encoder's name, where a file could be several
    #[arg(long, value_name = "NAME")]
    architecture: Option<String>,
    /// Print a JSON record
    #[arg(long)]
    json: bool,
}

/// What was imported.
#[derive(Serialize)]
struct Record<'a> {
    path: String,
    output: String,
    /// What it is: a captioner, or an encoder by its name.
    model: &'a str,
    arrays: &'a [Mapped],
    notes: &'a [String],
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let Arguments { path, output, force, as_fed, map, architecture, json } = arguments;
    if *as_fed && (!path.is_dir() || is_exported(path)) {
        return Err(Usage("--as-fed is of a folder of the starting system".to_owned()).into());
    }
    if architecture.is_some() && (path.is_dir() || map.is_some()) {
        return Err(Usage("--architecture is of an encoder's file".to_owned()).into());
    }
    let (model, imported) = match map {
        Some(map) => ("captioner".to_owned(), torch::import(path, map, output, *force)?),
        None if is_exported(path) => ("bundle".to_owned(), exported(path, output, *force)?),
        None if path.is_dir() => ("captioner".to_owned(), SeedFolder::find(path)?.import(output, *as_fed, *force)?),
        None => encoder(path, output, architecture.as_deref(), *force)?,
    };
    let Imported { mapped, notes } = &imported;
    let record = Record { path: display(path), output: display(output), model: &model, arrays: mapped, notes };
    let text = if *json { serde_json::to_string_pretty(&record)? + "\n" } else { record.text() };
    let mut standard = Output::open(None, false)?;
    standard.write_all(text.as_bytes())?;
    standard.finish()?;
    Ok(ExitCode::SUCCESS)
}

/// Writes an encoder; says how a run file names it.
fn encoder(path: &Path, output: &Path, architecture: Option<&str>, force: bool) -> Result<(String, Imported)> {
    if output.exists() && !force {
        bail!("{} exists (--force replaces it)", display(output));
    }
    let archive = Archive::open(path)?;
    let found = find_encoder(path, &archive, architecture)?;
    let comparison = found.compare()?;
    found.save(output)?;
    let section = RunSection {
        encoder: EncoderSection {
            architecture: found.architecture,
            weights: display(output),
            preprocessing: &found.preprocessing,
        },
    };
    let notes = vec![
        comparison.to_string(),
        format!(
            "{} as {} has it; in a run file:\n{}",
            found.architecture,
            found.program,
            toml::to_string(&section)?.trim_end()
        ),
    ];
    Ok((found.architecture.to_owned(), Imported { mapped: found.mapped, notes }))
}

#[derive(Serialize)]
struct RunSection<'a> {
    encoder: EncoderSection<'a>,
}

#[derive(Serialize)]
struct EncoderSection<'a> {
    architecture: &'a str,
    weights: String,
    preprocessing: &'a Preprocessing,
}

impl Record<'_> {
    fn text(&self) -> String {
        let arrows = self.arrays.iter().map(|Mapped { from, from_shape, to, to_shape }| {
            format!("{} {from_shape:?} -> {to} {to_shape:?}\n", from.escape_debug())
        });
        let notes = self.notes.iter().map(|note| format!("{note}\n"));
        let end = format!("{}: {}, made of {}\n", self.output, self.model, self.path);
        arrows.chain(notes).chain([end]).collect()
    }
}
