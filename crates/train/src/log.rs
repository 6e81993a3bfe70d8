//! Events, to a file of JSON lines and to whoever listens.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::{Error, Event, curves};

pub(crate) struct Log<R> {
    file: File,
    path: PathBuf,
    report: R,
}

impl<R: FnMut(&Event)> Log<R> {
    /// Goes on with the file of a run whose first `steps` steps are kept.
    ///
    /// Steps after them were taken, told and lost when the run broke off; they are taken again, so what was told of
    /// them goes.
    pub(crate) fn open(folder: &Path, steps: usize, report: R) -> Result<Self, Error> {
        let path = folder.join(curves::EVENTS);
        let told = match fs::read_to_string(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(String::new()),
            read => read,
        };
        let told = told.map_err(|source| Error::Read { path: path.clone(), source })?;
        let kept: String = told.split_inclusive('\n').filter(|line| is_of(line, steps)).collect();
        let file = replace(folder, &path, &kept).map_err(|source| Error::Write { path: path.clone(), source })?;
        Ok(Self { file, path, report })
    }

    pub(crate) fn tell(&mut self, event: &Event) -> Result<(), Error> {
        let mut line = serde_json::to_vec(event).unwrap_or_default();
        line.push(b'\n');
        self.file.write_all(&line).map_err(|source| Error::Write { path: self.path.clone(), source })?;
        (self.report)(event);
        Ok(())
    }
}

/// Whether a line is an event of the first `steps` steps, or of none.
fn is_of(line: &str, steps: usize) -> bool {
    serde_json::from_str(line).is_ok_and(|event: Value| event["step"].as_u64().is_none_or(|step| step <= steps as u64))
}

/// A file of this text under this name, open at its end.
fn replace(folder: &Path, path: &Path, text: &str) -> io::Result<File> {
    let mut file = tempfile::Builder::new().prefix(".events").tempfile_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    Ok(file.persist(path)?)
}
