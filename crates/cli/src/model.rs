//! `nid model`: what models there are, and what is in them.

use std::io::Write;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, Subcommand};
use nid_engine::bundle::{ClassifierManifest, Epoch, Manifest, Model};
use nid_engine::{Bundle, ClassifierBundle};
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
#[serde(untagged)]
enum Description<'a> {
    Captioner {
        model: &'a str,
        words: usize,
        parameters: usize,
        manifest: &'a Manifest,
        card: &'a str,
    },
    Classifier {
        model: &'a str,
        parameters: usize,
        learnt: usize,
        manifest: &'a ClassifierManifest,
        history: &'a [Epoch],
        card: &'a str,
    },
}

pub(crate) fn run(command: &Command) -> Result<ExitCode> {
    let text = match command {
        Command::Show(arguments) => show(arguments)?,
        Command::List(List { json: true }) => serde_json::to_string_pretty(&Model::names())? + "\n",
        Command::List(_) => Model::names().iter().map(|name| format!("{name}\n")).collect(),
    };
    let mut output = Output::open(None, false)?;
    output.write_all(text.as_bytes())?;
    output.finish()?;
    Ok(ExitCode::SUCCESS)
}

fn show(arguments: &Show) -> Result<String> {
    let model = arguments.bundle.as_str();
    match Model::open(model)? {
        Model::Captioner(Bundle { vocabulary, parameters, manifest, card, .. }) => {
            let (words, parameters) = (vocabulary.len(), parameters.count());
            if arguments.json {
                return json(&Description::Captioner { model, words, parameters, manifest: &manifest, card: &card });
            }
            let summary = format!("vocabulary: {words} words; decoder: {parameters} numbers");
            text(&summary, &manifest, &card)
        }
        Model::Classifier(bundle) => {
            let learnt = bundle.learnt();
            let ClassifierBundle { manifest, parameters, history, card, .. } = &bundle;
            let parameters = parameters.count();
            if arguments.json {
                return json(&Description::Classifier { model, parameters, learnt, manifest, history, card });
            }
            let classes = manifest.classes.len();
            let summary = format!("{classes} classes; network: {parameters} numbers, of which {learnt} were learnt");
            text(&summary, manifest, card)
        }
    }
}

fn json(description: &Description<'_>) -> Result<String> {
    Ok(serde_json::to_string_pretty(description)? + "\n")
}

/// The manifest under a comment, so that it is TOML still, and the card.
fn text(summary: &str, manifest: &impl Serialize, card: &str) -> Result<String> {
    Ok(format!("# {summary}\n\n{}\n{card}", toml::to_string(manifest)?))
}
