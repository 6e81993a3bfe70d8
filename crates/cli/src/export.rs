//! `nid export`: a model for other programs.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, ValueEnum};
use nid_data::photos::display;
use nid_engine::export::{self, Written, export};
use serde::Serialize;

use crate::output::Output;

const EXAMPLES: &str = "\
Examples:
  nid export flickr8k --format onnx --output captioner             networks for ONNX Runtime and others
  nid export runs/output/mine/bundle --format safetensors --output mine
  nid export fashion-mnist --format npz --output classifier --force --json

The folder says in README.md, and for programs in export.json, what is in it and how it is used. Networks are written in opset \
17, for any number of pictures, with 32-bit floats. Arrays keep their precision and have the names and layouts of PyTorch's \
modules.";

#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// A folder, or the name of a model inside this program
    #[arg(value_name = "BUNDLE")]
    bundle: String,
    /// What to write
    #[arg(long, value_name = "FORMAT")]
    format: Format,
    /// The folder to write, which appears when all is done
    #[arg(long, short, value_name = "FOLDER")]
    output: PathBuf,
    /// Replace the folder, if it holds an exported model
    #[arg(long)]
    force: bool,
    /// Print a JSON record
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// Networks that runtimes run
    Onnx,
    /// Arrays, and a module's state in one line of PyTorch
    Safetensors,
    /// Arrays in NumPy's own form
    Npz,
}

impl From<Format> for export::Format {
    fn from(format: Format) -> Self {
        match format {
            Format::Onnx => Self::Onnx,
            Format::Safetensors => Self::Safetensors,
            Format::Npz => Self::Npz,
        }
    }
}

/// What was written.
#[derive(Serialize)]
struct Record<'a> {
    bundle: &'a str,
    format: export::Format,
    folder: String,
    files: Vec<Written>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let Arguments { bundle, format, output: folder, force, json } = arguments;
    let format = (*format).into();
    let files = export(bundle, format, folder, *force)?;
    let record = Record { bundle, format, folder: display(folder), files };
    let mut output = Output::open(None, false)?;
    if *json {
        writeln!(output, "{}", serde_json::to_string_pretty(&record)?)?;
    } else {
        for Written { file, bytes } in &record.files {
            writeln!(output, "{}: {bytes} bytes", display(&folder.join(file)))?;
        }
    }
    output.finish()?;
    Ok(ExitCode::SUCCESS)
}
