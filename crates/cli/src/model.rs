//! `nid model`: what models there are, and what is in them.

use std::io::Write;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, Subcommand};
use nid_engine::Bundle;
use nid_engine::bundle::Manifest;
use serde::Serialize;

use crate::args::DEFAULT_MODEL;
use crate::output::Output;

#[derive(Debug, Subcommand)]
#[command(after_help = "Examples:
  nid model list
  nid model show flickr8k
  nid model show runs/output/mine/bundle --json")]
pub(crate) enum Command {
    /// Print a model's manifest and its card
    Show(Show),
    /// Print the names of the models inside this program
    List(List),
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  nid model show flickr8k
  nid model show runs/output/mine/bundle --json")]
pub(crate) struct Show {
    /// A folder, or the name of a model inside this program
    #[arg(value_name = "BUNDLE", default_value = DEFAULT_MODEL)]
    bundle: String,
    /// Print a JSON record
    #[arg(long)]
    json: bool,
}

#[derive(Args, Debug)]
#[command(after_help = "Example:
  nid model list --json")]
pub(crate) struct List {
    /// Print a JSON array of names
    #[arg(long)]
    json: bool,
}

/// What there is to know about a model.
#[derive(Serialize)]
struct Description<'a> {
    model: &'a str,
    words: usize,
    parameters: usize,
    manifest: &'a Manifest,
    card: &'a str,
}

pub(crate) fn run(command: &Command) -> Result<ExitCode> {
    let text = match command {
        Command::Show(arguments) => show(arguments)?,
        Command::List(List { json: true }) => serde_json::to_string_pretty(&Bundle::names())? + "\n",
        Command::List(_) => Bundle::names().iter().map(|name| format!("{name}\n")).collect(),
    };
    let mut output = Output::open(None, false)?;
    output.write_all(text.as_bytes())?;
    output.finish()?;
    Ok(ExitCode::SUCCESS)
}

fn show(arguments: &Show) -> Result<String> {
    let bundle = Bundle::open(&arguments.bundle)?;
    let description = Description {
        model: &arguments.bundle,
        words: bundle.vocabulary.len(),
        parameters: bundle.parameters.count(),
        manifest: &bundle.manifest,
        card: &bundle.card,
    };
    if arguments.json {
        return Ok(serde_json::to_string_pretty(&description)? + "\n");
    }
    let Description { words, parameters, manifest, card, .. } = description;
    let manifest = toml::to_string(manifest)?;
    Ok(format!("# vocabulary: {words} words; decoder: {parameters} numbers\n\n{manifest}\n{card}"))
}
