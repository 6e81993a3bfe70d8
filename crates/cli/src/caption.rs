//! `nid caption`: a sentence for each picture.

use std::process::ExitCode;

use anyhow::{Result, bail};
use clap::Args;
use nid_data::photos::display;
use nid_data::picture::{Limits, Picture};
use nid_decode::Settings;
use nid_engine::{Bundle, Caption, Captioner, Preprocessing, seed_of, sentence};
use serde::Serialize;

use crate::args::{DEFAULT_MODEL, Pictures, Results, Work};
use crate::pictures::{Batch, Batches, Outcome, Reader};
use crate::records::{Findings, Reporting};
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

A picture that cannot be read costs one line on standard error; the others are captioned, and the exit \
status is 3.";

#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pictures: Pictures,
    /// The model: a folder, or the name of a model inside this program
    #[arg(long, short, value_name = "BUNDLE", default_value = DEFAULT_MODEL)]
    model: String,
    #[command(flatten)]
    results: Results,
    /// The model's own words, without the capital and the full stop
    #[arg(long)]
    raw: bool,
    #[command(flatten)]
    search: Search,
    #[command(flatten)]
    work: Work,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let Arguments { pictures, model, results, raw, search, work } = arguments;
    work.prepare()?;
    let output = results.open()?;
    let captioner = Captioner::new(Bundle::open(model)?);
    let settings = search.settings(captioner.settings(), &captioner.bundle.vocabulary)?;

    let (found, total) = pictures.find();
    let reader = reader(&captioner, work.limits());
    let mut reporting = Reporting::new(output, results, total, work);
    for batch in Batches::of(found, reader, work.batch) {
        let batch = batch?;
        let alone = batch.alone;
        let captioned = |Outcome { path, result }: Outcome<Vec<Caption>>| {
            let result = result.map(|captions| Captions::of(&captions, *raw));
            Outcome { path, result }
        };
        let outcomes = describe(batch, &captioner, &settings)?.into_iter().map(captioned).collect();
        reporting.write(outcomes, alone)?;
    }
    reporting.finish()
}

/// A picture ready for the encoder.
pub(crate) struct Seen {
    /// The picture at the encoder's size.
    picture: Picture,
    /// Follows from the file's bytes: what is drawn at random depends on nothing else.
    seed: u64,
}

/// Reads pictures for a captioner.
pub(crate) fn reader(
    captioner: &Captioner,
    limits: Limits,
) -> Reader<impl Fn(&Picture, &[u8]) -> Result<Seen> + Send + Sync + 'static> {
    let Preprocessing { width, height, fit, filter, .. } = captioner.bundle.manifest.preprocessing;
    let ready = move |picture: &Picture, bytes: &[u8]| {
        Ok(Seen { picture: picture.fit(width, height, fit, filter), seed: seed_of(bytes) })
    };
    Reader { limits, ready }
}

/// Captions pictures together: at least one caption for each, best first.
pub(crate) fn describe(
    batch: Batch<Seen>,
    captioner: &Captioner,
    settings: &Settings,
) -> Result<Vec<Outcome<Vec<Caption>>>> {
    let described = batch.through(|seen| {
        let (pictures, seeds): (Vec<_>, Vec<_>) = seen.into_iter().map(|seen| (seen.picture, seen.seed)).unzip();
        Ok(captioner.caption(&pictures, &seeds, settings)?)
    })?;
    let possible = |Outcome { path, result }: Outcome<Vec<Caption>>| {
        let result = result.and_then(|captions| match captions.is_empty() {
            true => bail!("{}: no sentence is possible with these settings", display(&path)),
            false => Ok(captions),
        });
        Outcome { path, result }
    };
    Ok(described.into_iter().map(possible).collect())
}

/// What is said of a picture.
#[derive(Debug, Serialize)]
struct Captions {
    /// The best caption.
    caption: String,
    score: f64,
    /// All captions, best first.
    captions: Vec<Scored>,
}

/// A caption with its score.
#[derive(Debug, Serialize)]
struct Scored {
    caption: String,
    score: f64,
}

impl Captions {
    /// At least one caption, best first.
    fn of(captions: &[Caption], raw: bool) -> Self {
        let text = |caption: &str| if raw { caption.to_owned() } else { sentence(caption) };
        let scored = |found: &Caption| Scored { caption: text(&found.caption), score: found.score };
        Self {
            caption: text(&captions[0].caption),
            score: captions[0].score,
            captions: captions.iter().map(scored).collect(),
        }
    }
}

impl Findings for Captions {
    const COLUMNS: &'static [&'static str] = &["caption", "score"];

    fn rows(&self) -> Vec<Vec<String>> {
        self.captions.iter().map(|Scored { caption, score }| vec![caption.clone(), score.to_string()]).collect()
    }

    fn alone(&self) -> Vec<String> {
        self.captions.iter().map(|scored| scored.caption.clone()).collect()
    }

    fn among_others(&self) -> Vec<String> {
        self.alone()
    }
}
