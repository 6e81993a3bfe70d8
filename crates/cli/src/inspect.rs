//! `nid inspect`: the arrays in a file of any program's.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Args;
use nid_data::photos::display;
use nid_engine::inspect::{Inspection, Subject, inspect};
use nid_weights::{Archive, Info, Summary};
use serde::Serialize;

use crate::interrupt;
use crate::message::{self, Tally};
use crate::output::Output;
use crate::progress::Progress;

const EXAMPLES: &str = "\
Examples:
  nid inspect vgg16-397923af.pth                what PyTorch saved
  nid inspect models/model-19.index             a checkpoint of TensorFlow 1; also its folder, or models/model-19
  nid inspect data/vgg16.tfmodel --json
  nid inspect model.keras                       a model of Keras; also its weights, .h5
  nid inspect runs/output/mine/bundle           a bundle: all its arrays

Reads safetensors, NumPy (.npy, .npz), PyTorch (.pt, .pth, .bin), TensorFlow (frozen graphs, checkpoints) and Keras (.keras, .h5). \
Nothing in a file is ever executed. An array that cannot be read costs one line on standard error, and the \
exit status is 3.";

/// Hexadecimal digits of a checksum that people are shown.
const SHORT: usize = 12;

#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// A file of arrays, or a folder of them
    #[arg(value_name = "FILE")]
    path: PathBuf,
    /// Print a JSON record
    #[arg(long)]
    json: bool,
    /// Names, types and shapes alone: the numbers are not read
    #[arg(long)]
    brief: bool,
    /// Show no progress
    #[arg(long, short)]
    quiet: bool,
}

/// What is in a file or a folder.
#[derive(Serialize)]
struct Record {
    path: String,
    #[serde(rename = "type")]
    kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    photos: Option<usize>,
    /// How many numbers all arrays have together.
    numbers: u64,
    /// How many bytes these take.
    bytes: u64,
    files: Vec<File>,
}

#[derive(Serialize)]
struct File {
    path: String,
    format: &'static str,
    arrays: Vec<Array>,
}

#[derive(Serialize)]
struct Array {
    name: String,
    dtype: String,
    shape: Vec<usize>,
    /// None where the type is not known.
    bytes: Option<u64>,
    #[serde(flatten)]
    numbers: Option<Numbers>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

#[derive(Serialize)]
struct Numbers {
    sha256: String,
    least: Option<f64>,
    greatest: Option<f64>,
    mean: Option<f64>,
    nan: u64,
}

impl From<Summary> for Numbers {
    fn from(Summary { least, greatest, mean, nan, sha256 }: Summary) -> Self {
        Self { sha256, least, greatest, mean, nan }
    }
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    interrupt::watch()?;
    let Inspection { subject, files } = inspect(&arguments.path)?;
    let total = files.iter().map(|(_, archive)| archive.iter().count()).sum();
    let progress = Progress::new(Some(total), "arrays", arguments.quiet);
    let mut looking = Looking { brief: arguments.brief, progress, tally: Tally::default() };
    let files = files.iter().map(|(path, archive)| looking.file(path, archive)).collect::<Result<Vec<_>>>()?;
    let Looking { tally, progress, .. } = looking;
    drop(progress);

    let record = Record::of(&arguments.path, &subject, files);
    let mut output = Output::open(None, false)?;
    let text = if arguments.json { serde_json::to_string_pretty(&record)? + "\n" } else { record.text() };
    output.write_all(text.as_bytes())?;
    output.finish()?;
    Ok(tally.status())
}

/// Goes through arrays.
struct Looking {
    brief: bool,
    progress: Progress,
    tally: Tally,
}

impl Looking {
    fn file(&mut self, path: &Path, archive: &Archive<'_>) -> Result<File> {
        let arrays = archive.iter().map(|info| self.array(path, archive, &info)).collect::<Result<_>>()?;
        Ok(File { path: display(path), format: archive.format().name(), arrays })
    }

    fn array(&mut self, path: &Path, archive: &Archive<'_>, info: &Info<'_>) -> Result<Array> {
        interrupt::check()?;
        let is_read = !self.brief && info.element.is_some();
        let summary = is_read.then(|| archive.summary(info.name).with_context(|| display(path))).transpose();
        let error = summary.as_ref().err().map(message::one_line);
        match &summary {
            Ok(_) => self.tally.done += 1,
            Err(error) => {
                self.tally.skipped += 1;
                self.progress.aside(|| message::say(error));
            }
        }
        self.progress.at(self.tally.done + self.tally.skipped);
        Ok(Array {
            name: info.name.to_owned(),
            dtype: info.element_name.clone().into_owned(),
            shape: info.shape.to_vec(),
            bytes: info.element.map(|element| count(info.shape) * element.size() as u64),
            numbers: summary.ok().flatten().map(Numbers::from),
            error,
        })
    }
}

impl Record {
    fn of(path: &Path, subject: &Subject, files: Vec<File>) -> Self {
        let arrays = || files.iter().flat_map(|file| &file.arrays);
        let (kind, photos) = match subject {
            Subject::Bundle(kind) => (format!("bundle of a {kind}"), None),
            Subject::Features(names) => ("features of photos".to_owned(), Some(names.len())),
            Subject::Objects(what) => (format!("Python objects, {what}"), None),
            Subject::Arrays => ("arrays".to_owned(), None),
        };
        Self {
            path: display(path),
            kind,
            photos,
            numbers: arrays().filter_map(Array::count).sum(),
            bytes: arrays().filter_map(|array| array.bytes).sum(),
            files,
        }
    }

    /// A table for people.
    fn text(&self) -> String {
        let mut text = String::new();
        for File { path, format, arrays } in &self.files {
            text.push_str(&format!("{path}: {format}, {} arrays\n", arrays.len()));
            let rows: Vec<[String; 7]> = arrays.iter().map(Array::row).collect();
            let head = ["name", "type", "shape", "least", "greatest", "mean", "sha256"].map(str::to_owned);
            let all = || [&head].into_iter().chain(&rows);
            let widths: [usize; 7] =
                std::array::from_fn(|column| all().map(|row| row[column].chars().count()).max().unwrap_or(0));
            for row in all() {
                let cells = row.iter().zip(widths).enumerate().map(|(column, (cell, width))| {
                    // Names, types and checksums begin below each other, numbers end so.
                    if (3..6).contains(&column) { format!("{cell:>width$}") } else { format!("{cell:<width$}") }
                });
                let line = cells.collect::<Vec<_>>().join("  ");
                text.push_str(&format!("  {}\n", line.trim_end()));
            }
        }
        let photos = self.photos.map_or(String::new(), |photos| format!(" of {photos} photos"));
        text + &format!("{}{photos}: {} numbers, {} bytes\n", self.kind, self.numbers, self.bytes)
    }
}

/// How many numbers are in an array of a type that is known; of others, a file may claim any shape.
fn count(shape: &[usize]) -> u64 {
    shape.iter().map(|&size| size as u64).product()
}

impl Array {
    /// How many numbers it has; none where its type is not known.
    fn count(&self) -> Option<u64> {
        self.bytes.map(|_| count(&self.shape))
    }

    fn row(&self) -> [String; 7] {
        let number = |number: Option<f64>| number.map_or("-".to_owned(), |number| format!("{number:.6}"));
        let shape = format!("{:?}", self.shape);
        let (name, dtype) = (self.name.escape_debug().to_string(), self.dtype.clone());
        match &self.numbers {
            Some(Numbers { sha256, least, greatest, mean, nan }) => {
                let nan = if *nan > 0 { format!(" ({nan} NaN)") } else { String::new() };
                let short = sha256[..SHORT].to_owned();
                [name, dtype, shape, number(*least), number(*greatest), number(*mean) + &nan, short]
            }
            None => {
                let [least, greatest, mean, sha256] = Default::default();
                [name, dtype, shape, least, greatest, mean, sha256]
            }
        }
    }
}
