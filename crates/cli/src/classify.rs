//! `nid classify`: the likeliest of a model's classes for each picture.

use std::num::NonZeroUsize;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{Args, ValueEnum};
use nid_data::photos::display;
use nid_data::picture::Picture;
use nid_engine::bundle::ClassifierConfig;
use nid_engine::{Background, Classified, Classifier, ClassifierBundle, Ground, ToldBy};
use nid_metrics::classification::ranked;
use serde::Serialize;

use crate::args::{DEFAULT_CLASSIFIER, Pictures, Results, Work};
use crate::message::Usage;
use crate::pictures::{Batches, Outcome, Reader};
use crate::records::{Findings, Reporting};

const EXAMPLES: &str = "\
Examples:
  nid classify shoe.png                              the three likeliest classes
  nid classify pictures/ --recursive                 path: classes, for each picture
  nid classify shoe.png --top 10 --background light
  nid classify 'pictures/*.png' --json --output all.json
  find . -name '*.jpg' | nid classify - --format csv --top 1
  nid classify photo.jpg --model runs/output/mine/bundle

Probabilities are calibrated on pictures that the model did not learn from. A model of small pictures is shown the \
object alone, on a dark ground and at the size that it knows; the ground is told from the picture's border, and what was \
told is said. A model of photos sees them whole.
A picture that cannot be read costs one line on standard error; the others are classified, and the exit \
status is 3.";

#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pictures: Pictures,
    /// The model: a folder, or the name of a model inside this program
    #[arg(long, short, value_name = "BUNDLE", default_value = DEFAULT_CLASSIFIER)]
    model: String,
    /// Classes to say of each picture, the likeliest first
    #[arg(long, value_name = "K", default_value = "3")]
    top: NonZeroUsize,
    /// What the object is on
    #[arg(long, value_name = "GROUND", default_value = "auto")]
    background: Said,
    #[command(flatten)]
    results: Results,
    #[command(flatten)]
    work: Work,
}

/// What a person says about the background.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Said {
    /// Told from the border of each picture
    Auto,
    /// Dark, as in the pictures that models of small pictures learn from
    Dark,
    /// Light, as paper
    Light,
}

impl From<Said> for Ground {
    fn from(said: Said) -> Self {
        match said {
            Said::Auto => Self::Auto,
            Said::Dark => Self::Dark,
            Said::Light => Self::Light,
        }
    }
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let Arguments { pictures, model, top, background, results, work } = arguments;
    work.prepare()?;
    let output = results.open()?;
    let classifier = Classifier::new(ClassifierBundle::open(model)?);
    check_background(&classifier, arguments)?;
    let classes = &classifier.bundle.manifest.classes;

    let (found, total) = pictures.find();
    let preparation = classifier.preparation((*background).into());
    let ready = move |picture: &Picture, _: &[u8]| Ok(preparation.prepare(picture)?);
    let reader = Reader { limits: work.limits(), ready };
    let mut reporting = Reporting::new(output, results, total, work);
    for batch in Batches::of(found, reader, work.batch) {
        let batch = batch?;
        let alone = batch.alone;
        let outcomes = batch.through(|prepared| Ok(classifier.classify_prepared(&prepared)?))?;
        let said = |Outcome { path, result }: Outcome<Result<Classified, _>>| {
            let found = result.and_then(|found| found.with_context(|| display(&path)));
            Outcome { path, result: found.map(|found| Classes::of(&found, classes, *top)) }
        };
        reporting.write(outcomes.into_iter().map(said).collect(), alone)?;
    }
    reporting.finish()
}

/// Refuses to be told a ground by one who would then think that it counted.
fn check_background(classifier: &Classifier, Arguments { model, background, .. }: &Arguments) -> Result<(), Usage> {
    match classifier.bundle.manifest.model {
        ClassifierConfig::Head { .. } if *background != Said::Auto => Err(Usage(format!(
            "the model {model} sees photos whole; --background is for models of small pictures of an object"
        ))),
        _ => Ok(()),
    }
}

/// What a picture is taken for.
#[derive(Debug, Serialize)]
struct Classes {
    /// The likeliest classes, best first.
    classes: Vec<Likely>,
    /// None where the model sees photos whole.
    background: Option<Background>,
}

/// A class with its probability.
#[derive(Debug, Serialize)]
struct Likely {
    class: String,
    probability: f32,
}

impl Classes {
    /// The `top` classes; of equally likely ones that which comes first in the model.
    fn of(Classified { probabilities, background }: &Classified, names: &[String], top: NonZeroUsize) -> Self {
        let likely = |class: usize| Likely { class: names[class].clone(), probability: probabilities[class] };
        Self {
            classes: ranked(probabilities).into_iter().take(top.get()).map(likely).collect(),
            background: *background,
        }
    }
}

impl Findings for Classes {
    const COLUMNS: &'static [&'static str] = &["class", "probability", "background", "told_by", "level"];

    fn rows(&self) -> Vec<Vec<String>> {
        let background = match self.background {
            Some(Background { kind, told_by, level }) => [kind.to_string(), told_by.to_string(), level.to_string()],
            None => [const { String::new() }; 3],
        };
        let row = |Likely { class, probability }: &Likely| {
            [class.clone(), probability.to_string()].into_iter().chain(background.clone()).collect()
        };
        self.classes.iter().map(row).collect()
    }

    fn alone(&self) -> Vec<String> {
        let width = self.classes.iter().map(|likely| likely.class.chars().count()).max().unwrap_or(0);
        let line = |Likely { class, probability }: &Likely| format!("{class:width$}  {:5.1} %", 100.0 * probability);
        let background = self.background.map(|Background { kind, told_by, level }| match told_by {
            ToldBy::Border => format!("{kind} background, told by its border (median level {level} of 255)"),
            ToldBy::User => format!("{kind} background, told by --background"),
        });
        self.classes.iter().map(line).chain(background).collect()
    }

    fn among_others(&self) -> Vec<String> {
        let class = |Likely { class, probability }: &Likely| format!("{class} {:.1} %", 100.0 * probability);
        let mut line = self.classes.iter().map(class).collect::<Vec<_>>().join(", ");
        if let Some(Background { kind, told_by, .. }) = self.background {
            let teller = match told_by {
                ToldBy::Border => "its border",
                ToldBy::User => "--background",
            };
            line += &format!("  ({kind} background, by {teller})");
        }
        vec![line]
    }
}
