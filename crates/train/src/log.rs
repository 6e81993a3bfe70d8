//! Events, to a file of JSON lines and to whoever listens.

use std::fs::{self, File, OpenOptions};
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
        nid_engine::replace_file(&path, kept.as_bytes())?;
        let opened = OpenOptions::new().append(true).open(&path);
        let file = opened.map_err(|source| Error::Write { path: path.clone(), source })?;
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
    let is_whole = line.ends_with('\n');
    is_whole
        && serde_json::from_str(line)
            .is_ok_and(|event: Value| event["step"].as_u64().is_none_or(|step| step <= steps as u64))
}
