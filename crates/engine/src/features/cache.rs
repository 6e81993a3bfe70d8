//! The files of an extraction: what is begun is gone on with, what is whole is left, and neither is taken for another.

use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use nid_nn::encoder::Encoder;
use nid_weights::npy::Writer;

use super::{FeatureFile, Options, View, names_path};
use crate::preprocessing::Preprocessing;
use crate::{Error, digest, files};

/// The files of one cache.
pub(super) struct Cache<'a> {
    output: &'a Path,
    key: String,
}

impl<'a> Cache<'a> {
    /// The cache of those photos, seen in this way.
    pub(super) fn new(
        output: &'a Path,
        encoder: &Encoder,
        preprocessing: &Preprocessing,
        names: &[&str],
        options: &Options,
    ) -> Result<Self, Error> {
        Ok(Self { output, key: key(encoder, preprocessing, names, options)? })
    }

    /// The file that was asked for, if it is there; an error where another is.
    pub(super) fn whole(&self) -> Result<Option<FeatureFile>, Error> {
        if !self.output.exists() {
            return Ok(None);
        }
        self.check(self.output, &self.key_path())?;
        if names_path(self.output).exists() { FeatureFile::open(self.output).map(Some) } else { Ok(None) }
    }

    /// Continues what was begun for the same photos in the same way, or begins.
    pub(super) fn begin(&self, options: &Options, shape: &[usize]) -> Result<Writer, Error> {
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
    pub(super) fn finish(&self, writer: Writer, names: &[&str]) -> Result<usize, Error> {
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

/// Tells encoders, preprocessings, names and options apart: the encoder by what it sees in a picture that is always the
/// same.
fn key(encoder: &Encoder, how: &Preprocessing, names: &[&str], options: &Options) -> Result<String, Error> {
    let probe: Vec<f32> = (0..how.width * how.height * 3).map(|i| (i * 7919 % 255) as f32 / 127.5 - 1.0).collect();
    let seen = encoder.encode(&probe, 1, how.height, how.width)?;
    let Options { precision, views, pooled, .. } = options;
    let mut bytes = format!("{how:?} {precision:?}").into_bytes();
    // Files from before there were views stay what they are.
    if *pooled || views[..] != [View::WHOLE] {
        bytes.extend(format!(" {views:?} {pooled}").bytes());
    }
    bytes.push(b'\n');
    bytes.extend(seen.numbers.iter().flat_map(|number| number.to_le_bytes()));
    names.iter().for_each(|name| bytes.extend([name.as_bytes(), b"\n"].concat()));
    Ok(digest::hex(&bytes))
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
