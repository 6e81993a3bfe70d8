//! A report on a network that tells classes apart: a page, and its pictures as PNG files.
//!
//! Its scores, overall and of each class; a picture to learn from, enlarged; what it said of some test pictures;
//! which classes it takes for which; how far its probabilities may be believed; how it learnt; its most confident
//! mistakes; and the labels that are likely wrong. What is right has a tick and what is wrong a cross, beside colours
//! that the colour-blind tell apart.

mod calibration;
mod confusion;
mod gallery;
mod grid;
mod page;
mod sample;

use std::path::Path;
use std::{fs, io};

use nid_data::picture::Limits;
use nid_metrics::classification::Evaluation;

use super::photo::{Photo, png};
use super::plot::{self, Curve, Figure, Panels};
use super::{PAGE, prepare};
use crate::bundle::Epoch;
use crate::{Error, files};
use calibration::Reliability;
use confusion::Confusion;
use gallery::Gallery;
use sample::Sample;

pub use gallery::spread;

const SAMPLE: &str = "sample.png";
const CONFUSION: &str = "confusion.png";
const CALIBRATION: &str = "calibration.png";
const CURVES: &str = "curves.png";

/// A picture and its label.
#[derive(Clone, Debug)]
pub struct Example {
    /// The picture.
    pub photo: Photo,
    /// The number of its class.
    pub label: usize,
}

/// A picture that the network was tested by, and what it said of it.
#[derive(Clone, Debug)]
pub struct Tested {
    /// The picture.
    pub photo: Photo,
    /// What it is called, if it is called anything.
    pub name: Option<String>,
    /// The number of its class.
    pub label: usize,
    /// The calibrated probability of each class.
    pub probabilities: Vec<f32>,
}

/// What a report on a classifier is made of.
#[derive(Debug)]
pub struct ClassReport<'a> {
    /// What was evaluated: the model and the pictures.
    pub title: &'a str,
    /// How it was evaluated, as names and values.
    pub facts: &'a [(&'static str, String)],
    /// The names of the classes.
    pub classes: &'a [String],
    /// What came out.
    pub evaluation: &'a Evaluation,
    /// Pictures to learn from, whoever learnt from them: the training set of these data. Of many, those that [`spread`]
    /// tells are shown; the first of these enlarged.
    pub learnt_from: &'a [Example],
    /// All pictures that were tested. Of many, those that [`spread`] tells are shown.
    pub tested: &'a [Tested],
    /// How the network learnt; may be empty.
    pub history: &'a [Epoch],
    /// What a picture may cost to decode again.
    pub limits: Limits,
}

/// All that is drawn.
struct Figures<'a> {
    sample: Option<Sample<'a>>,
    confusion: Confusion<'a>,
    calibration: Reliability<'a>,
    curves: Option<Panels>,
    galleries: Vec<Gallery>,
}

impl ClassReport<'_> {
    /// The files that a folder may have after [`Self::write`]. What there is nothing to show of has no file.
    pub const FILES: &'static [&'static str] = &[
        PAGE,
        SAMPLE,
        gallery::TRAINING,
        gallery::TESTED,
        CONFUSION,
        CALIBRATION,
        CURVES,
        gallery::MISTAKES,
        gallery::LABEL_ERRORS,
    ];

    /// Writes the page and its pictures into a folder, which is made if it is not there. Pictures of an earlier report
    /// that this one does not have are removed; the page comes last.
    ///
    /// # Errors
    /// As [`prepare`].
    ///
    /// # Panics
    /// If a label is no class, or there are not as many probabilities of a picture as classes.
    pub fn write(&self, folder: &Path, replace: bool) -> Result<(), Error> {
        prepare(folder, Self::FILES, replace)?;
        let figures = self.figures();
        for name in Self::FILES {
            let path = folder.join(name);
            let failed = |source| Error::Write { path: path.clone(), source };
            if *name != PAGE && path.exists() {
                fs::remove_file(&path).map_err(failed)?;
            }
        }
        for (name, bytes) in figures.pngs().map_err(|source| Error::Write { path: folder.to_owned(), source })? {
            files::replace(&folder.join(name), &bytes)?;
        }
        let page = folder.join(PAGE);
        let html = self.page(&figures).map_err(|source| Error::Write { path: page.clone(), source })?;
        files::replace(&page, html.as_bytes())
    }

    /// The page.
    ///
    /// # Errors
    /// If a figure cannot be drawn.
    ///
    /// # Panics
    /// As [`Self::write`].
    pub fn html(&self) -> io::Result<String> {
        self.page(&self.figures())
    }

    fn page(&self, figures: &Figures<'_>) -> io::Result<String> {
        page::page(self, figures).map(maud::Markup::into_string)
    }

    fn figures(&self) -> Figures<'_> {
        Figures {
            sample: self.learnt_from.first().and_then(|first| self.sample(first)),
            confusion: Confusion::new(self.classes, &self.evaluation.confusion),
            calibration: Reliability(&self.evaluation.calibration),
            curves: (!self.history.is_empty()).then(|| curves(self.history)),
            galleries: gallery::galleries(self),
        }
    }

    fn sample(&self, example: &Example) -> Option<Sample<'_>> {
        let picture = example.photo.reduced(sample::MOST, &self.limits)?;
        Some(Sample { picture, class: &self.classes[example.label] })
    }
}

impl Figures<'_> {
    /// The files, each with its name.
    fn pngs(&self) -> io::Result<Vec<(&'static str, Vec<u8>)>> {
        let mut files = vec![(CONFUSION, file(&self.confusion)?), (CALIBRATION, file(&self.calibration)?)];
        if let Some(sample) = &self.sample {
            files.push((SAMPLE, file(sample)?));
        }
        if let Some(curves) = &self.curves {
            files.push((CURVES, file(curves)?));
        }
        for gallery in self.galleries.iter().filter(|gallery| !gallery.tiles.is_empty()) {
            files.push((gallery.file, file(gallery)?));
        }
        Ok(files)
    }
}

fn file(figure: &impl Figure) -> io::Result<Vec<u8>> {
    png(&plot::pixels(figure)?)
}

fn curves(history: &[Epoch]) -> Panels {
    let curve = |name, number: fn(&Epoch) -> f64| Curve {
        name,
        points: history.iter().map(|epoch| (epoch.epoch as f64, number(epoch))).collect(),
    };
    let losses =
        vec![curve("training", |epoch| epoch.training_loss), curve("validation", |epoch| epoch.validation_loss)];
    let accuracy = vec![curve("validation", |epoch| 100.0 * epoch.accuracy)];
    Panels { across: "epoch", panels: vec![("Loss", losses), ("Accuracy in percent", accuracy)] }
}
