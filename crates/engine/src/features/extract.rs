//! Filling a feature file, in as many sittings as it takes.

use std::collections::HashSet;
use std::fs;
use std::io;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use nid_data::picture::{Limits, Picture};
use nid_nn::encoder::Encoder;
use nid_weights::Precision;
use nid_weights::npy::Writer;
use rayon::iter::Either;
use rayon::prelude::*;

use super::{FeatureFile, names_path, numbered};
use crate::preprocessing::{Preprocessing, preprocess};
use crate::{Error, digest, files};

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
}

impl Default for Options {
    fn default() -> Self {
        Self { precision: Precision::F16, batch: 16, force: false, limits: Limits::default() }
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
    /// Regions of a photo.
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
/// again the next time.
///
/// # Errors
/// No photo that can be read; names that are not lines, or stand twice; files of that name made from anything
/// else (unless `force`); a disk that refuses; [`Error::Interrupted`]. What was done until then is kept.
pub fn extract(
    encoder: &Encoder,
    preprocessing: &Preprocessing,
    photos: &[(String, PathBuf)],
    output: &Path,
    options: &Options,
    report: &mut dyn FnMut(Report) -> ControlFlow<()>,
) -> Result<Summary, Error> {
    let names: Vec<&str> = photos.iter().map(|(name, _)| name.as_str()).collect();
    numbered(&names)?;
    let [regions, channels] = encoder.shape(preprocessing.height, preprocessing.width)?;
    let summary = |encoded, kept| Summary { encoded, kept, skipped: photos.len() - encoded - kept, regions, channels };
    let cache = Cache { output, key: key(encoder, preprocessing, &names, options.precision)? };
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

    /// The pixels of those photos that can be read, with their rows; errors for the others.
    fn read(&self, rows: &[usize]) -> (Vec<(usize, Vec<f32>)>, Vec<Error>) {
        let read = rows.par_iter().map(|&row| {
            let path = &self.photos[row].1;
            match Picture::open(path, &self.options.limits) {
                Ok(picture) => Either::Left((row, preprocess(&picture, self.preprocessing))),
                Err(source) => Either::Right(Error::Picture { path: path.clone(), source }),
            }
        });
        read.partition_map(|result| result)
    }

    /// The features of some pictures, `[regions, channels]` each, with their rows.
    fn encode(&self, pictures: Vec<(usize, Vec<f32>)>) -> Result<Vec<(usize, Vec<f32>)>, Error> {
        let (rows, pixels): (Vec<usize>, Vec<Vec<f32>>) = pictures.into_iter().unzip();
        let Preprocessing { width, height, .. } = *self.preprocessing;
        let seen = self.encoder.encode(&pixels.concat(), rows.len(), height, width)?.numbers;
        let size = seen.len().checked_div(rows.len()).unwrap_or_default();
        Ok(rows.into_iter().enumerate().map(|(place, row)| (row, seen[place * size..][..size].to_vec())).collect())
    }
}

/// Tells encoders, preprocessings, names and precisions apart: the encoder by what it sees in a picture that
/// is always the same.
fn key(encoder: &Encoder, how: &Preprocessing, names: &[&str], precision: Precision) -> Result<String, Error> {
    let probe: Vec<f32> = (0..how.width * how.height * 3).map(|i| (i * 7919 % 255) as f32 / 127.5 - 1.0).collect();
    let seen = encoder.encode(&probe, 1, how.height, how.width)?;
    let mut bytes = format!("{how:?} {precision:?}\n").into_bytes();
    bytes.extend(seen.numbers.iter().flat_map(|number| number.to_le_bytes()));
    names.iter().for_each(|name| bytes.extend([name.as_bytes(), b"\n"].concat()));
    Ok(digest::hex(&bytes))
}

/// The files of one cache.
struct Cache<'a> {
    output: &'a Path,
    key: String,
}

impl Cache<'_> {
    /// The file that was asked for, if it is there; an error where another is.
    fn whole(&self) -> Result<Option<FeatureFile>, Error> {
        if !self.output.exists() {
            return Ok(None);
        }
        self.check(self.output, &self.key_path())?;
        if names_path(self.output).exists() { FeatureFile::open(self.output).map(Some) } else { Ok(None) }
    }

    /// Continues what was begun for the same photos in the same way, or begins.
    fn begin(&self, options: &Options, shape: &[usize]) -> Result<Writer, Error> {
        let partial = with_end(self.output, ".partial");
        let key = with_end(&partial, ".key");
        if !options.force && partial.exists() {
            self.check(&partial, &key)?;
            return Writer::resume(self.output, options.precision, shape).map_err(Error::Features);
        }
        remove(&partial)?;
        files::replace(&key, self.key.as_bytes())?;
        Writer::create(self.output, options.precision, shape).map_err(Error::Features)
    }

    /// Names first, features last: whoever finds `X.npy` finds what belongs to it. Returns how many rows there are.
    fn finish(&self, writer: Writer, names: &[&str]) -> Result<usize, Error> {
        let missing: HashSet<usize> = writer.missing().collect();
        if missing.len() == names.len() && !names.is_empty() {
            self.abandon()?;
            return Err(Error::NoPhoto { photos: names.len() });
        }
        remove(self.output)?;
        let written = names.iter().enumerate().filter(|(row, _)| !missing.contains(row));
        let lines: String = written.flat_map(|(_, name)| [name, "\n"]).collect();
        files::replace(&names_path(self.output), lines.as_bytes())?;
        files::replace(&self.key_path(), self.key.as_bytes())?;
        writer.finish_without_missing().map_err(Error::Features)?;
        // Left behind it would be harmless: the next beginning replaces it.
        fs::remove_file(with_end(self.output, ".partial.key")).ok();
        Ok(names.len() - missing.len())
    }

    /// Leaves nothing of a beginning.
    fn abandon(&self) -> Result<(), Error> {
        let partial = with_end(self.output, ".partial");
        remove(&with_end(&partial, ".key"))?;
        remove(&partial)
    }

    fn check(&self, made: &Path, key: &Path) -> Result<(), Error> {
        match fs::read_to_string(key) {
            Ok(found) if found == self.key => Ok(()),
            Ok(_) => Err(Error::Exists {
                path: made.to_owned(),
                found: "features of other photos, or from another \
                encoder or preprocessing",
                expected: "these (--force makes them anew)",
            }),
            Err(_) => Err(Error::Exists {
                path: made.to_owned(),
                found: "features of unknown origin",
                expected: "a key beside them (--force makes them anew)",
            }),
        }
    }

    fn key_path(&self) -> PathBuf {
        self.output.with_extension("key")
    }
}

fn with_end(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    name.into()
}

/// Removes a file, if it is there.
fn remove(path: &Path) -> Result<(), Error> {
    match fs::remove_file(path) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => Err(Error::Write { path: path.to_owned(), source }),
        _ => Ok(()),
    }
}
