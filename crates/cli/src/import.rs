//! `nid import`: models of other programs as ours.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::Args;
use nid_data::photos::display;
use nid_engine::Preprocessing;
use nid_engine::import::keras::{self, InputRange};
use nid_engine::import::seed::SeedFolder;
use nid_engine::import::{Imported, Mapped, exported, find_encoder, is_exported, torch};
use nid_weights::{Archive, Format};
use serde::Serialize;

use crate::message::Usage;
use crate::output::Output;

const EXAMPLES: &str = "\
Examples:
  nid import Neural-Image-Descriptor/ --output mine     the folder of that project: its captioner
  nid import vgg16-397923af.pth --output vgg16.safetensors
                                                        an encoder, to be named under [encoder] in a run file
  nid import model.json weights.h5 --output mine        a classifier of Keras: its description and its weights
  nid import model.keras --output mine --classes names.txt
                                                        the same in one file, also .h5, with the names of its classes
  nid import captioner.pth --map map.toml --output mine an LSTM captioner of PyTorch; the map says which array is which
  nid import exported/ --output mine                    what `nid export` wrote, as safetensors or npz

A file of Keras that is a whole Sequential model becomes a classifier, any other file an encoder. What became of each array \
is printed. An array that is missing, left over or of another shape is an error, and all of \
them are named at once; nothing is written then.";

/// What is said of a description or weights of Keras that come alone.
const DESCRIPTION_FIRST: &str = "the JSON of a classifier goes before its weights: nid import MODEL.json WEIGHTS.h5";

#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// What to import: a folder or a file
    #[arg(value_name = "PATH")]
    path: PathBuf,
    /// The weights, where PATH is the JSON that describes a classifier of Keras
    #[arg(value_name = "WEIGHTS", conflicts_with_all = ["map", "architecture"])]
    weights: Option<PathBuf>,
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
    /// The names of a classifier's classes, one a line, in the order of its scores
    #[arg(long, value_name = "FILE")]
    classes: Option<PathBuf>,
    /// What black and white were to a classifier: 0..1 or 0..255
    #[arg(long, value_name = "RANGE")]
    input_scale: Option<InputRange>,
    /// Print a JSON record
    #[arg(long)]
    json: bool,
}

/// What was imported.
#[derive(Serialize)]
struct Record<'a> {
    path: String,
    output: String,
    /// What it is: a captioner, a classifier, or an encoder by its name.
    model: &'a str,
    arrays: &'a [Mapped],
    notes: &'a [String],
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    check(arguments)?;
    let Arguments { path, weights, output, force, as_fed, map, json, .. } = arguments;
    let (model, imported) = match (weights, map) {
        (Some(weights), _) => classifier(Some(path), weights, arguments)?,
        (None, Some(map)) => ("captioner".to_owned(), torch::import(path, map, output, *force)?),
        (None, None) if is_exported(path) => ("bundle".to_owned(), exported(path, output, *force)?),
        (None, None) if path.is_dir() => {
            ("captioner".to_owned(), SeedFolder::find(path)?.import(output, *as_fed, *force)?)
        }
        (None, None) => file(arguments)?,
    };
    let Imported { mapped, notes } = &imported;
    let record = Record { path: source(arguments), output: display(output), model: &model, arrays: mapped, notes };
    let text = if *json { serde_json::to_string_pretty(&record)? + "\n" } else { record.text() };
    let mut standard = Output::open(None, false)?;
    standard.write_all(text.as_bytes())?;
    standard.finish()?;
    Ok(ExitCode::SUCCESS)
}

/// Refuses options of something else than what is to be imported, as far as that can be told without opening it.
fn check(arguments: &Arguments) -> Result<()> {
    let Arguments { path, weights, as_fed, map, architecture, classes, input_scale, .. } = arguments;
    let is_one_file = !path.is_dir() && map.is_none();
    if is_one_file && weights.is_none() && path.extension().is_some_and(|extension| extension == "json") {
        return Err(Usage(DESCRIPTION_FIRST.to_owned()).into());
    }
    if *as_fed && (!path.is_dir() || is_exported(path) || weights.is_some()) {
        return Err(Usage("--as-fed is of a folder of the starting system".to_owned()).into());
    }
    if architecture.is_some() && !is_one_file {
        return Err(Usage("--architecture is of an encoder's file".to_owned()).into());
    }
    if (classes.is_some() || input_scale.is_some()) && !is_one_file {
        return Err(no_classifier());
    }
    Ok(())
}

fn no_classifier() -> anyhow::Error {
    Usage("--classes and --input-scale are of a classifier of Keras".to_owned()).into()
}

/// What is imported, for people.
fn source(arguments: &Arguments) -> String {
    let weights = arguments.weights.iter().map(|weights| format!(" and {}", display(weights)));
    [display(&arguments.path)].into_iter().chain(weights).collect()
}

/// Imports a file that nothing else is said of: a whole classifier, or an encoder.
fn file(arguments: &Arguments) -> Result<(String, Imported)> {
    let Arguments { path, architecture, classes, input_scale, .. } = arguments;
    let archive = Archive::open(path)?;
    if architecture.is_none() && keras::is_whole(&archive) {
        return classifier(None, path, arguments);
    }
    if classes.is_some() || input_scale.is_some() {
        return Err(no_classifier());
    }
    encoder(&archive, arguments)
}

/// Makes a classifier of Keras's files.
fn classifier(description: Option<&Path>, weights: &Path, arguments: &Arguments) -> Result<(String, Imported)> {
    let Arguments { output, force, classes, input_scale, .. } = arguments;
    let classes = classes.as_deref().map(keras::read_classes).transpose()?;
    let options = keras::Options { classes, range: *input_scale };
    let files = keras::Files { architecture: description, weights };
    Ok(("classifier".to_owned(), keras::import(files, options, output, *force)?))
}

/// Writes an encoder; says how a run file names it.
fn encoder(archive: &Archive<'_>, arguments: &Arguments) -> Result<(String, Imported)> {
    let Arguments { path, output, force, architecture, .. } = arguments;
    if output.exists() && !force {
        bail!("{} exists (--force replaces it)", display(output));
    }
    let found = find_encoder(path, archive, architecture.as_deref());
    if found.is_err() && architecture.is_none() && keras::describes(archive) {
        // No list of layers either, which is what a model that describes itself should have been: so it is told.
        return classifier(None, path, arguments);
    }
    let found = match archive.format() {
        Format::Hdf5 | Format::Keras => {
            found.with_context(|| format!("no encoder and no whole Sequential model ({DESCRIPTION_FIRST})"))?
        }
        _ => found?,
    };
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
