//! A report on a captioner: one page.
//!
//! Scores with their intervals, how they are spread over the photos, and the best, middling and worst captions beside
//! their photos and what people wrote.

mod histogram;
mod page;

use std::path::{Path, PathBuf};

use nid_data::picture::Limits;
use nid_metrics::resample::{Draws, intervals};
use nid_metrics::{Scores, Statistics};
use rayon::prelude::*;

use super::photo::Photo;
use super::{PAGE, prepare};
use crate::{Error, files};

/// The longest side of a photo on the page, in pixels.
const SIDE: usize = 280;
/// Photos shown of the best, the middling and the worst each.
const SHOWN: usize = 12;

/// A photo with what was said of it.
#[derive(Clone, Debug)]
pub struct Captioned {
    /// The photo's name.
    pub name: String,
    /// Where it lies.
    pub path: PathBuf,
    /// What the model said.
    pub caption: String,
    /// What people said.
    pub references: Vec<String>,
    /// What the metrics know of it.
    pub statistics: Statistics,
}

/// What a report on a captioner is made of.
#[derive(Debug)]
pub struct CaptionReport<'a> {
    /// What was evaluated: the model and the photos.
    pub title: &'a str,
    /// How it was evaluated, as names and values.
    pub facts: &'a [(&'static str, String)],
    /// Metrics that cannot be computed, with the reason.
    pub unavailable: &'a [(&'static str, String)],
    /// All photos that were captioned.
    pub photos: &'a [Captioned],
    /// How the intervals are drawn.
    pub draws: Draws,
    /// What a photo may cost to decode again.
    pub limits: Limits,
}

impl CaptionReport<'_> {
    /// The files that a folder has after [`Self::write`].
    pub const FILES: &'static [&'static str] = &[PAGE];

    /// Writes the page into a folder, which is made if it is not there.
    ///
    /// # Errors
    /// As [`prepare`].
    pub fn write(&self, folder: &Path, replace: bool) -> Result<(), Error> {
        prepare(folder, Self::FILES, replace)?;
        files::replace(&folder.join(PAGE), self.html().as_bytes())
    }

    /// The page.
    pub fn html(&self) -> String {
        let each: Vec<Statistics> = self.photos.iter().map(|photo| photo.statistics).collect();
        let scores = each.iter().copied().sum::<Statistics>().scores();
        let intervals = intervals(&each, self.draws);
        let each: Vec<Scores> = each.iter().map(Statistics::scores).collect();
        page::page(&page::Page {
            title: self.title,
            facts: self.facts,
            scores: &scores,
            unavailable: self.unavailable,
            intervals: &intervals,
            each: &each,
            groups: self.groups(&each),
        })
        .into_string()
    }

    /// The photos that are shown, by CIDEr; with few photos, each stands in one group only.
    fn groups(&self, each: &[Scores]) -> Vec<page::Group<'_>> {
        let mut order: Vec<usize> = (0..each.len()).collect();
        order.sort_by(|&a, &b| each[b].cider.total_cmp(&each[a].cider).then(a.cmp(&b)));
        let shown = SHOWN.min(order.len().div_ceil(3));
        let (best, rest) = order.split_at(shown.min(order.len()));
        let (rest, worst) = rest.split_at(rest.len().saturating_sub(shown));
        let middle = &rest[(rest.len() - shown.min(rest.len())) / 2..][..shown.min(rest.len())];
        let group = |name, places: &[usize]| page::Group {
            name,
            photos: places.par_iter().map(|&place| self.shown(&self.photos[place], &each[place])).collect(),
        };
        vec![group("Best", best), group("Middling", middle), group("Worst", worst)]
    }

    fn shown<'a>(&self, photo: &'a Captioned, scores: &Scores) -> page::Shown<'a> {
        let small = Photo::File(photo.path.clone()).reduced(SIDE, &self.limits);
        page::Shown { photo, scores: *scores, jpeg: small.and_then(|picture| picture.to_jpeg().ok()) }
    }
}
