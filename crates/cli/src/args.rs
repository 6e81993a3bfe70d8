//! What can be said on the command line, and the arguments that several commands share.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::{Args, Parser, Subcommand};
use nid_data::picture::Limits;

use crate::output::Output;
use crate::pictures::{self, Found};
use crate::records::Format;
use crate::{
    caption, classify, data, documents, evaluate, export, extract, import, inspect, interrupt, model, score, tokenize,
};

/// The model that is used where none is named.
pub(crate) const DEFAULT_MODEL: &str = "flickr8k";
/// The classifier that is used where none is named.
pub(crate) const DEFAULT_CLASSIFIER: &str = "fashion-mnist";

const EXAMPLES: &str = "\
Examples:
  nid caption photo.jpg                    one sentence about one photo
  nid caption photos/ --recursive --json   records of all photos in a folder
  nid classify shoe.png --model my/bundle  what it is, of the classes that the model knows
  nid score captions.json --references annotations.json
  nid model list                           the models inside this program

Exit status: 0 all done, 1 failure, 2 wrong usage, 3 some inputs skipped, 130 interrupted.";

/// Describes pictures in words, offline.
#[derive(Debug, Parser)]
#[command(name = "nid", version, about, after_help = EXAMPLES, arg_required_else_help = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Say what is in pictures
    Caption(caption::Arguments),
    /// Say which of a model's classes pictures are of
    Classify(classify::Arguments),
    /// Write what an encoder sees in photos to a NumPy file
    Extract(extract::Arguments),
    /// Score a model: its captions of photos, or its classes of pictures
    Evaluate(evaluate::Arguments),
    /// Score captions against what people wrote
    Score(score::Arguments),
    /// Write captions as the words that are scored
    Tokenize(tokenize::Arguments),
    /// Train a model as a TOML file says
    #[cfg(feature = "train")]
    Train(crate::train::Arguments),
    /// Fetch a file, or a model from the hub
    #[cfg(feature = "download")]
    Pull(crate::pull::Arguments),
    /// Make data available that are not part of this program
    #[command(subcommand)]
    Data(data::Command),
    /// Write a model for other programs: ONNX, safetensors or NumPy
    Export(export::Arguments),
    /// Look at models
    #[command(subcommand)]
    Model(model::Command),
    /// Say what arrays are in a file of any program's
    Inspect(inspect::Arguments),
    /// Make a model of another program's files
    Import(import::Arguments),
    /// Print the completions of a shell
    Completions(documents::Completions),
    /// Print the manual page
    Man(documents::Man),
}

impl Command {
    /// Does what was asked for.
    pub(crate) fn run(&self) -> Result<ExitCode> {
        match self {
            Self::Caption(arguments) => caption::run(arguments),
            Self::Classify(arguments) => classify::run(arguments),
            Self::Extract(arguments) => extract::run(arguments),
            Self::Evaluate(arguments) => evaluate::run(arguments),
            Self::Score(arguments) => score::run(arguments),
            Self::Tokenize(arguments) => tokenize::run(arguments),
            #[cfg(feature = "train")]
            Self::Train(arguments) => crate::train::run(arguments),
            #[cfg(feature = "download")]
            Self::Pull(arguments) => crate::pull::run(arguments),
            Self::Data(command) => data::run(command),
            Self::Export(arguments) => export::run(arguments),
            Self::Model(command) => model::run(command),
            Self::Inspect(arguments) => inspect::run(arguments),
            Self::Import(arguments) => import::run(arguments),
            Self::Completions(arguments) => documents::completions(arguments),
            Self::Man(arguments) => documents::man(arguments),
        }
    }
}

/// The pictures to look at.
#[derive(Args, Debug)]
pub(crate) struct Pictures {
    /// Pictures, folders of pictures, patterns, or - for paths on standard input
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<PathBuf>,
    /// Look into the folders of folders too
    #[arg(long, short)]
    recursive: bool,
}

impl Pictures {
    /// The pictures that were found, and how many they are: nobody knows before standard input ends.
    pub(crate) fn find(&self) -> (Box<dyn Iterator<Item = Found> + Send>, Option<usize>) {
        let found = pictures::find(self.paths.clone(), self.recursive);
        if self.paths.iter().any(|path| pictures::is_standard_input(path)) {
            return (Box::new(found), None);
        }
        let found: Vec<Found> = found.collect();
        let total = found.len();
        (Box::new(found.into_iter()), Some(total))
    }
}

/// Where records go, and in what form.
#[derive(Args, Debug)]
pub(crate) struct Results {
    /// Write to a file, which appears when all is done
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Replace the file if it exists
    #[arg(long, requires = "output")]
    force: bool,
    /// How to write what was found
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
    /// The same as --format json
    #[arg(long, conflicts_with = "format")]
    json: bool,
}

impl Results {
    /// Opens what is written to.
    ///
    /// # Errors
    /// A file that exists, unless it may be replaced; a folder that cannot be written.
    pub(crate) fn open(&self) -> Result<Output> {
        Output::open(self.output.as_deref(), self.force)
    }

    pub(crate) fn format(&self) -> Format {
        if self.json { Format::Json } else { self.format }
    }
}

/// How to work through many pictures.
#[derive(Args, Debug)]
#[command(next_help_heading = "Work")]
pub(crate) struct Work {
    /// Threads to work with [default: one for each core]
    #[arg(long, value_name = "N")]
    threads: Option<NonZeroUsize>,
    /// Pictures that go through the model together; what comes of one depends on it from the seventh digit on
    #[arg(long, value_name = "N", default_value = "16")]
    pub(crate) batch: NonZeroUsize,
    /// Show no progress
    #[arg(long, short)]
    pub(crate) quiet: bool,
    /// Pictures of more pixels are skipped; k, M and G may follow the number
    #[arg(long, value_name = "N", value_parser = amount)]
    max_pixels: Option<u64>,
    /// Files of more bytes are skipped; k, M and G may follow the number
    #[arg(long, value_name = "N", value_parser = amount)]
    max_bytes: Option<u64>,
    /// Pictures that take longer to decode are skipped
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    max_seconds: Option<Duration>,
}

impl Work {
    /// Sets up the threads, and lets Ctrl-C end the work in an orderly way.
    pub(crate) fn prepare(&self) -> Result<()> {
        prepare(self.threads)
    }

    /// What a picture may cost.
    pub(crate) fn limits(&self) -> Limits {
        let usual = Limits::default();
        Limits {
            pixels: self.max_pixels.unwrap_or(usual.pixels),
            bytes: self.max_bytes.unwrap_or(usual.bytes),
            time: self.max_seconds.unwrap_or(usual.time),
        }
    }
}

/// Sets up this many threads, or one for each core, and lets Ctrl-C end the work in an orderly way.
pub(crate) fn prepare(threads: Option<NonZeroUsize>) -> Result<()> {
    interrupt::watch()?;
    let threads = threads.map_or(0, NonZeroUsize::get);
    rayon::ThreadPoolBuilder::new().num_threads(threads).build_global().context("threads cannot be started")
}

/// Reads `200M` as 200 million.
fn amount(text: &str) -> Result<u64, String> {
    let (digits, unit) = match text.as_bytes().last() {
        Some(b'k' | b'K') => (&text[..text.len() - 1], 1_000),
        Some(b'm' | b'M') => (&text[..text.len() - 1], 1_000_000),
        Some(b'g' | b'G') => (&text[..text.len() - 1], 1_000_000_000),
        _ => (text, 1u64),
    };
    let number: u64 = digits.parse().map_err(|_| "expected a whole number, as 500000 or 200M".to_owned())?;
    number.checked_mul(unit).filter(|&amount| amount > 0).ok_or_else(|| "expected a number from 1 to 2^64".to_owned())
}

fn seconds(text: &str) -> Result<Duration, String> {
    let number: f64 = text.parse().map_err(|_| "expected a number of seconds".to_owned())?;
    let time = Duration::try_from_secs_f64(number).ok().filter(|time| !time.is_zero());
    time.ok_or_else(|| "expected a number above 0".to_owned())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_arguments_are_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn amounts_have_units() {
        assert_eq!(amount("12"), Ok(12));
        assert_eq!(amount("3k"), Ok(3_000));
        assert_eq!(amount("200M"), Ok(200_000_000));
        for wrong in ["", "M", "0", "-1", "1.5M", "99999999999G", "é"] {
            assert!(amount(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_time_is_above_zero() {
        assert_eq!(seconds("0.5"), Ok(Duration::from_millis(500)));
        for wrong in ["", "0", "-1", "NaN", "inf", "soon"] {
            assert!(seconds(wrong).is_err(), "{wrong}");
        }
    }
}
