//! `nid caption`: a sentence for each picture.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, bail};
use clap::Args;
use nid_decode::Settings;
use nid_engine::{Bundle, Captioner};

use crate::args::{DEFAULT_MODEL, Work};
use crate::message::{self, Tally};
use crate::output::Output;
use crate::pictures::{self, Batch, Batches, Described, Found, Reader};
use crate::progress::Progress;
use crate::records::{Format, Record, Records};
use crate::search::Search;

const EXAMPLES: &str = "\
Examples:
  nid caption photo.jpg                              just the sentence
  nid caption photos/ --recursive                    path: sentence, for each photo
  nid caption 'photos/*.jpg' --json --output all.json
  find . -name '*.heic' | nid caption - --format csv
  nid caption photo.jpg --n-best 5 --forbid dog      five sentences without a dog
  nid caption photo.jpg --prefix 'two people'        a sentence that begins so
  nid caption photo.jpg --sample --temperature 0.7 --seed 3

A picture that cannot be read costs one line on standard error; the others are captioned, and the exit
status is 3.";

#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// Pictures, folders of pictures, patterns, or - for paths on standard input
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<PathBuf>,
    /// Look into the folders of folders too
    #[arg(long, short)]
    recursive: bool,
    /// The model: a folder, or the name of a model inside this program
    #[arg(long, short, value_name = "BUNDLE", default_value = DEFAULT_MODEL)]
    model: String,
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
    /// The model's own words, without the capital and the full stop
    #[arg(long)]
    raw: bool,
    #[command(flatten)]
    search: Search,
    #[command(flatten)]
    work: Work,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    arguments.work.prepare()?;
    let output = Output::open(arguments.output.as_deref(), arguments.force)?;
    let format = if arguments.json { Format::Json } else { arguments.format };
    let captioner = Captioner::new(Bundle::open(&arguments.model)?);
    let settings = arguments.search.settings(captioner.settings(), &captioner.bundle.vocabulary)?;

    let (found, total) = inputs(arguments);
    let preprocessing = captioner.bundle.manifest.preprocessing.clone();
    let reader = Reader { limits: arguments.work.limits(), preprocessing };
    let mut work = Captioning {
        captioner,
        settings,
        raw: arguments.raw,
        records: Records::new(output, format),
        progress: Progress::new(total, "photos", arguments.work.quiet),
        tally: Tally::default(),
    };
    for batch in Batches::of(found, reader, arguments.work.batch) {
        work.caption(batch?)?;
    }
    work.finish()
}

/// The photos to caption, and how many they are: nobody knows before standard input ends.
fn inputs(arguments: &Arguments) -> (Box<dyn Iterator<Item = Found> + Send>, Option<usize>) {
    let found = pictures::find(arguments.paths.clone(), arguments.recursive);
    if arguments.paths.iter().any(|path| pictures::is_standard_input(path)) {
        return (Box::new(found), None);
    }
    let found: Vec<Found> = found.collect();
    let total = found.len();
    (Box::new(found.into_iter()), Some(total))
}

/// Captioning under way.
struct Captioning {
    captioner: Captioner,
    settings: Settings,
    raw: bool,
    records: Records,
    progress: Progress,
    tally: Tally,
}

impl Captioning {
    fn caption(&mut self, batch: Batch) -> Result<()> {
        let alone = batch.alone;
        for described in batch.describe(&self.captioner, &self.settings)? {
            let record = self.record(described);
            self.progress.aside(|| self.records.write(&record, alone))?;
        }
        self.progress.aside(|| self.records.flush())?;
        self.progress.at(self.tally.done + self.tally.skipped);
        Ok(())
    }

    fn record(&mut self, Described { path, captions }: Described) -> Record {
        let path = self.records.name(&path);
        match captions {
            Ok(captions) => {
                self.tally.done += 1;
                Record::captioned(path, &captions, self.raw)
            }
            Err(error) => {
                self.tally.skipped += 1;
                self.progress.aside(|| message::say(&error));
                Record::Skipped { path, error: message::one_line(&error) }
            }
        }
    }

    fn finish(self) -> Result<ExitCode> {
        if self.tally.done + self.tally.skipped == 0 {
            bail!("found no path on standard input, expected one a line");
        }
        drop(self.progress);
        self.records.finish()?;
        Ok(self.tally.status())
    }
}
