//! Filling a feature file, in as many sittings as it takes.

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
/// is. A photo that cannot be read is reported and left out: neither a row nor a name is written for it.
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
    let shape = [photos.len(), regions, channels];
    let key = key(encoder, preprocessing, &names, options.precision)?;

    let cache = Cache { output, key };
    if !options.force && cache.is_whole()? {
        let kept = FeatureFile::open(output)?.names().len();
        return Ok(Summary { encoded: 0, kept, skipped: photos.len() - kept, regions, channels });
    }
    let mut writer = cache.begin(options, &shape)?;
    let missing: Vec<usize> = writer.missing().collect();
    let (kept, total) = (photos.len() - missing.len(), photos.len());
    let mut done = kept;
    for rows in missing.chunks(options.batch.max(1)) {
        if report(Report::Progress { done, total }).is_break() {
            return Err(Error::Interrupted { done, total });
        }
        let (pictures, errors) = read(preprocessing, photos, rows, &options.limits);
        let features = encode(encoder, preprocessing, &pictures)?;
        for ((row, _), features) in pictures.iter().zip(features.chunks(regions * channels)) {
            writer.write_row(*row, features).map_err(Error::Features)?;
        }
        for error in errors {
            // Whether to stop is asked before the next batch.
            let _ = report(Report::Skipped(error));
        }
        done += rows.len();
    }
    // All is done: whether to stop is no question any more.
    let _ = report(Report::Progress { done, total });
    let written = cache.finish(writer, &names)?;
    Ok(Summary { encoded: written - kept, kept, skipped: total - written, regions, channels })
}

/// The pixels of those photos that can be read, with their rows; errors for the others.
fn read(
    preprocessing: &Preprocessing,
    photos: &[(String, PathBuf)],
    rows: &[usize],
    limits: &Limits,
) -> (Vec<(usize, Vec<f32>)>, Vec<Error>) {
    let read = rows.par_iter().map(|&row| {
        let path = &photos[row].1;
        match Picture::open(path, limits) {
            Ok(picture) => Either::Left((row, preprocess(&picture, preprocessing))),
            Err(source) => Either::Right(Error::Picture { path: path.clone(), source }),
        }
    });
    read.partition_map(|result| result)
}

/// The features of some pictures, `[pictures, regions, channels]`.
fn encode(encoder: &Encoder, how: &Preprocessing, pictures: &[(usize, Vec<f32>)]) -> Result<Vec<f32>, Error> {
    let pixels: Vec<f32> = pictures.iter().flat_map(|(_, pixels)| pixels).copied().collect();
    Ok(encoder.encode(&pixels, pictures.len(), how.height, how.width)?.numbers)
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
    /// Whether the file that was asked for is there; an error where another is.
    fn is_whole(&self) -> Result<bool, Error> {
        if !self.output.exists() {
            return Ok(false);
        }
        self.check(self.output, &self.key_path())?;
        Ok(names_path(self.output).exists())
    }

    /// Continues what was begun for the same photos in the same way, or begins.
    fn begin(&self, options: &Options, shape: &[usize]) -> Result<Writer, Error> {
        let partial = with_end(self.output, ".partial");
        let key = with_end(&partial, ".key");
        if !options.force && partial.exists() {
            self.check(&partial, &key)?;
            return Writer::resume(self.output, options.precision, shape).map_err(Error::Features);
        }
        if let Err(source) = fs::remove_file(&partial)
            && source.kind() != io::ErrorKind::NotFound
        {
            return Err(Error::Write { path: partial, source });
        }
        files::replace(&key, self.key.as_bytes())?;
        Writer::create(self.output, options.precision, shape).map_err(Error::Features)
    }

    /// Names first, features last: whoever finds `X.npy` finds what belongs to it. Returns how many rows there are.
    fn finish(&self, mut writer: Writer, names: &[&str]) -> Result<usize, Error> {
        if writer.missing().count() == names.len() && !names.is_empty() {
            self.abandon()?;
            return Err(Error::NoPhoto { photos: names.len() });
        }
        let rows = writer.leave_out_missing().map_err(Error::Features)?;
        if let Err(source) = fs::remove_file(self.output)
            && source.kind() != io::ErrorKind::NotFound
        {
            return Err(Error::Write { path: self.output.to_owned(), source });
        }
        let lines: String = rows.iter().flat_map(|&row| [names[row], "\n"]).collect();
        files::replace(&names_path(self.output), lines.as_bytes())?;
        files::replace(&self.key_path(), self.key.as_bytes())?;
        writer.finish().map_err(Error::Features)?;
        // Left behind it would be harmless: the next beginning replaces it.
        fs::remove_file(with_end(self.output, ".partial.key")).ok();
        Ok(rows.len())
    }

    /// Leaves nothing of a beginning.
    fn abandon(&self) -> Result<(), Error> {
        let partial = with_end(self.output, ".partial");
        for path in [with_end(&partial, ".key"), partial] {
            fs::remove_file(&path).map_err(|source| Error::Write { path, source })?;
        }
        Ok(())
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
