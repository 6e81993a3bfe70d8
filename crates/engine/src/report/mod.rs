//! A report on a captioner: one HTML page that needs nothing beside it.
//!
//! Scores with their intervals, how they are spread over the photos, and the best, middling and worst captions beside
//! their photos and what people wrote. Photos are small JPEGs within the page; there is no script and nothing is loaded.

mod histogram;
mod page;

use std::fs;
use std::path::{Path, PathBuf};

use nid_data::picture::{Filter, Limits, Picture};
use nid_metrics::resample::{Draws, intervals};
use nid_metrics::{Scores, Statistics};
use rayon::prelude::*;

use crate::{Error, files};

/// The page's name in its folder.
pub const PAGE: &str = "index.html";

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

/// What a report is made of.
#[derive(Debug)]
pub struct Report<'a> {
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

impl Report<'_> {
    /// Writes the page into a folder, which is made if it is not there.
    ///
    /// # Errors
    /// As [`prepare`].
    pub fn write(&self, folder: &Path, replace: bool) -> Result<(), Error> {
        prepare(folder, replace)?;
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
        page::Shown { photo, scores: *scores, jpeg: small(&photo.path, &self.limits) }
    }
}

/// Makes the folder of a report if it is not there. Called before long work, it finds out whether a page can be written.
///
/// # Errors
/// A page that is there already, unless `replace`; a file in the folder's place; a folder that cannot be written.
pub fn prepare(folder: &Path, replace: bool) -> Result<(), Error> {
    let page = folder.join(PAGE);
    if page.exists() && !replace {
        return Err(Error::Exists { path: page, found: "a page", expected: "nothing (--force replaces it)" });
    }
    if folder.exists() && !folder.is_dir() {
        return Err(Error::Exists { path: folder.to_owned(), found: "a file", expected: "a folder or nothing" });
    }
    let trial = files::beside(&page, "trial");
    let tried =
        fs::create_dir_all(folder).and_then(|()| files::write(&trial, b"")).and_then(|()| fs::remove_file(&trial));
    tried.map_err(|source| Error::Write { path: folder.to_owned(), source })
}

/// The photo as a small JPEG. It was read to be captioned; if it is gone since, the page does without.
fn small(path: &Path, limits: &Limits) -> Option<Vec<u8>> {
    let picture = Picture::open(path, limits).ok()?;
    let scale = (SIDE as f64 / picture.width.max(picture.height) as f64).min(1.0);
    let side = |length: usize| ((length as f64 * scale).round() as usize).max(1);
    picture.resize(side(picture.width), side(picture.height), Filter::Bilinear).to_jpeg().ok()
}
