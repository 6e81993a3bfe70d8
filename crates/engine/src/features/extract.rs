//! Filling a feature file, in as many sittings as it takes.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use nid_data::picture::{Limits, Picture};
use nid_nn::encoder::{Encoder, Features};
use nid_weights::Precision;
use nid_weights::npy::Writer;
use rayon::iter::Either;
use rayon::prelude::*;

use super::cache::Cache;
use super::{FeatureFile, View, numbered};
use crate::Error;
use crate::preprocessing::{Preprocessing, open_picture, preprocess};

/// How features are extracted.
#[derive(Clone, Debug)]
pub struct Options {
    /// How exactly they are written.
    pub precision: Precision,
    /// Photos that are worked on at once.
    pub batch: usize,
    /// Starts anew, whatever is there.
    pub force: bool,
    /// What a photo may cost.
    pub limits: Limits,
    /// How each photo is looked at. It is decoded once; its row has the regions of all views, view by view.
    pub views: Vec<View>,
    /// Keeps of each view the mean of its regions, as if there were one.
    pub pooled: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            precision: Precision::F16,
            batch: 16,
            force: false,
            limits: Limits::default(),
            views: vec![View::WHOLE],
            pooled: false,
        }
    }
}

/// What an extraction did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Summary {
    /// Photos that were encoded now.
    pub encoded: usize,
    /// Photos that were there from before.
    pub kept: usize,
    /// Photos that could not be read, and have no row.
    pub skipped: usize,
    /// Regions of a photo, in all its views.
    pub regions: usize,
    /// Numbers of a region.
    pub channels: usize,
}

/// What an extraction says while it runs.
#[derive(Debug)]
pub enum Report {
    /// So many photos are behind it.
    Progress {
        /// Photos encoded or skipped.
        done: usize,
        /// Photos in all.
        total: usize,
    },
    /// A photo cannot be read; it gets no row.
    Skipped(Error),
}

/// Encodes photos, given by name and path, into `output` (`X.npy`, with `X.names.txt` and `X.key`).
///
/// `report` is told how it goes; when it breaks, the work is left to be resumed. What is whole already is left as it
/// is. A photo that cannot be read is reported and left out: neither a row nor a name is written for it, and it is tried
/// again the next time. The pictures in memory at once are as many as `batch` times `views`.
///
/// # Errors
/// No photo that can be read; names that are not lines, or stand twice; files of that name made from anything
/// else (unless `force`); a disk that refuses; [`Error::Interrupted`]. What was done until then is kept.
///
/// # Panics
/// If there is no view.
pub fn extract(
    encoder: &Encoder,
    preprocessing: &Preprocessing,
    photos: &[(String, PathBuf)],
    output: &Path,
    options: &Options,
    report: &mut dyn FnMut(Report) -> ControlFlow<()>,
) -> Result<Summary, Error> {
    assert!(!options.views.is_empty(), "a photo is looked at in at least one view");
    let names: Vec<&str> = photos.iter().map(|(name, _)| name.as_str()).collect();
    numbered(&names)?;
    let [seen, channels] = encoder.shape(preprocessing.height, preprocessing.width)?;
    let regions = options.views.len() * if options.pooled { 1 } else { seen };
    let summary = |encoded, kept| Summary { encoded, kept, skipped: photos.len() - encoded - kept, regions, channels };
    let cache = Cache::new(output, encoder, preprocessing, &names, options)?;
    let work = Work { encoder, preprocessing, photos, options };

    let whole = if options.force { None } else { cache.whole()? };
    if let Some(file) = &whole
        && !work.can_add_to(file, report)
    {
        return Ok(summary(0, file.names().len()));
    }
    let mut writer = cache.begin(options, &[photos.len(), regions, channels])?;
    if let Some(file) = whole {
        copy(&file, &names, &mut writer)?;
    }
    let kept = photos.len() - writer.missing().count();
    work.fill(&mut writer, report)?;
    let written = cache.finish(writer, &names)?;
    Ok(summary(written - kept, kept))
}

/// Writes the rows of a file that lacks some.
fn copy(file: &FeatureFile, names: &[&str], writer: &mut Writer) -> Result<(), Error> {
    for row in writer.missing().collect::<Vec<_>>() {
        if let Some(found) = file.row_of(names[row]) {
            writer.write_row(row, &file.rows(&[found])).map_err(Error::Features)?;
        }
    }
    Ok(())
}

/// What is made from what, and how.
struct Work<'a> {
    encoder: &'a Encoder,
    preprocessing: &'a Preprocessing,
    photos: &'a [(String, PathBuf)],
    options: &'a Options,
}

impl Work<'_> {
    /// Whether photos that could not be read when this file was made can be read now. If none can, they are reported.
    fn can_add_to(&self, file: &FeatureFile, report: &mut dyn FnMut(Report) -> ControlFlow<()>) -> bool {
        let missing = (0..self.photos.len()).filter(|&row| file.row_of(&self.photos[row].0).is_none());
        let mut errors = Vec::new();
        for rows in missing.collect::<Vec<_>>().chunks(self.options.batch.max(1)) {
            let (readable, unreadable) = self.read(rows);
            if !readable.is_empty() {
                return true;
            }
            errors.extend(unreadable);
        }
        for error in errors {
            // There is nothing to stop any more.
            let _ = report(Report::Skipped(error));
        }
        false
    }

    /// Writes the rows that are missing.
    fn fill(&self, writer: &mut Writer, report: &mut dyn FnMut(Report) -> ControlFlow<()>) -> Result<(), Error> {
        let missing: Vec<usize> = writer.missing().collect();
        let total = self.photos.len();
        let mut done = total - missing.len();
        for rows in missing.chunks(self.options.batch.max(1)) {
            if report(Report::Progress { done, total }).is_break() {
                return Err(Error::Interrupted { done, total });
            }
            let (pictures, errors) = self.read(rows);
            for (row, features) in self.encode(pictures)? {
                writer.write_row(row, &features).map_err(Error::Features)?;
            }
            for error in errors {
                // Whether to stop is asked before the next batch.
                let _ = report(Report::Skipped(error));
            }
            done += rows.len();
        }
        // All is done: whether to stop is no question any more.
        let _ = report(Report::Progress { done, total });
        Ok(())
    }

    /// The pixels of those photos that can be read, `[views, height, width, 3]` each, with their rows; errors for the
    /// others.
    fn read(&self, rows: &[usize]) -> (Vec<(usize, Vec<f32>)>, Vec<Error>) {
        let read = rows.par_iter().map(|&row| {
            let path = &self.photos[row].1;
            match open_picture(path, &self.options.limits) {
                Ok(picture) => Either::Left((row, self.look(&picture))),
                Err(error) => Either::Right(error),
            }
        });
        read.partition_map(|result| result)
    }

    /// A picture in every view, ready for the encoder.
    fn look(&self, picture: &Picture) -> Vec<f32> {
        let views = self.options.views.iter();
        views.map(|view| preprocess(&view.of(picture), self.preprocessing)).collect::<Vec<_>>().concat()
    }

    /// The features of some photos, `[regions, channels]` each, with their rows.
    fn encode(&self, photos: Vec<(usize, Vec<f32>)>) -> Result<Vec<(usize, Vec<f32>)>, Error> {
        let (rows, pixels): (Vec<usize>, Vec<Vec<f32>>) = photos.into_iter().unzip();
        let Preprocessing { width, height, .. } = *self.preprocessing;
        let pictures = rows.len() * self.options.views.len();
        let seen = self.encoder.encode(&pixels.concat(), pictures, height, width)?;
        let numbers = if self.options.pooled { pooled(&seen) } else { seen.numbers };
        let size = numbers.len().checked_div(rows.len()).unwrap_or_default();
        Ok(rows.into_iter().enumerate().map(|(place, row)| (row, numbers[place * size..][..size].to_vec())).collect())
    }
}

/// The mean of each picture's regions, `[pictures, channels]`.
fn pooled(Features { numbers, regions, channels }: &Features) -> Vec<f32> {
    let mean = |picture: &[f32]| {
        let mut mean = vec![0.0; *channels];
        for region in picture.chunks_exact(*channels) {
            mean.iter_mut().zip(region).for_each(|(mean, number)| *mean += number / *regions as f32);
        }
        mean
    };
    numbers.chunks_exact(regions * channels).flat_map(mean).collect()
}
