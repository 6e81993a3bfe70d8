//! Checkpoints: all that a run needs to go on as if nothing had happened.
//!
//! One folder each, `checkpoint-STEP`, written under another name and renamed when its files are whole and on the disk;
//! older ones, and what a killed run left half-written, are removed after that. It holds parameters and the optimiser's
//! means in full precision, the place in the run, and what tells whether the run is still the same.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use nid_weights::{Archive, Precision};
use serde::{Deserialize, Serialize};

use crate::adamw::AdamW;
use crate::{Error, Run, Session};

const PREFIX: &str = "checkpoint-";
/// What a checkpoint's name begins with until it is whole.
const PARTIAL: &str = ".checkpoint";
const ARRAYS: &str = "state.safetensors";
const PROGRESS: &str = "progress.json";

/// The place in a run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Progress {
    /// Steps taken.
    pub(crate) step: usize,
    /// The best score so far, of the kind that decides.
    pub(crate) best: Option<f64>,
    /// Evaluations since.
    pub(crate) stale: usize,
}

#[derive(Serialize, Deserialize)]
struct Saved {
    progress: Progress,
    optimiser_steps: u64,
    run: Run,
    /// [`Session::examples_digest`] in hexadecimal: JSON's numbers are not safe above 2^53.
    examples: String,
}

/// Writes a checkpoint into the run's folder, if it is not there yet, and removes the older ones.
pub(crate) fn save(folder: &Path, session: &Session, progress: &Progress, optimiser: &AdamW) -> Result<(), Error> {
    let write_error = |source| Error::Write { path: folder.into(), source };
    let target = folder.join(format!("{PREFIX}{}", progress.step));
    if !target.exists() {
        let partial = tempfile::Builder::new().prefix(PARTIAL).tempdir_in(folder).map_err(write_error)?;
        fill(partial.path(), session, progress, optimiser)?;
        fs::rename(partial.path(), &target).map_err(write_error)?;
        // It has another name now: there is nothing to remove any more.
        let _ = partial.keep();
    }
    for path in entries(folder, |name| step(name).is_some() || name.starts_with(PARTIAL))? {
        if path != target {
            fs::remove_dir_all(path).map_err(write_error)?;
        }
    }
    Ok(())
}

fn fill(folder: &Path, session: &Session, progress: &Progress, optimiser: &AdamW) -> Result<(), Error> {
    let mut arrays: Vec<(String, &[usize], &[f32])> = Vec::new();
    for (((name, tensor), mean), square) in session.parameters.iter().zip(&optimiser.means).zip(&optimiser.squares) {
        arrays.push((name.to_owned(), tensor.shape(), tensor.data()));
        arrays.push((format!("mean/{name}"), tensor.shape(), mean));
        arrays.push((format!("square/{name}"), tensor.shape(), square));
    }
    nid_weights::save(folder.join(ARRAYS), arrays, Precision::F32)?;
    let saved = Saved {
        progress: progress.clone(),
        optimiser_steps: optimiser.steps,
        run: session.run.clone(),
        examples: format!("{:016x}", session.examples_digest()),
    };
    let path = folder.join(PROGRESS);
    let written = serde_json::to_vec_pretty(&saved).map_err(Into::into).and_then(|text| {
        let mut file = File::create(&path)?;
        file.write_all(&text)?;
        file.sync_all()
    });
    written.map_err(|source| Error::Write { path, source })
}

/// What lies in a folder under names of some kind.
fn entries(folder: &Path, is_wanted: impl Fn(&str) -> bool) -> Result<Vec<PathBuf>, Error> {
    let entries = fs::read_dir(folder).map_err(|source| Error::Read { path: folder.into(), source })?;
    let wanted = entries.flatten().filter(|entry| entry.file_name().to_str().is_some_and(&is_wanted));
    Ok(wanted.map(|entry| entry.path()).collect())
}

/// The step of a checkpoint of this name.
fn step(name: &str) -> Option<usize> {
    name.strip_prefix(PREFIX)?.parse().ok()
}

/// The newest checkpoint in a folder.
fn newest(folder: &Path) -> Result<Option<PathBuf>, Error> {
    let found = entries(folder, |name| step(name).is_some())?;
    Ok(found.into_iter().max_by_key(|path| path.file_name().and_then(|name| step(name.to_str()?))))
}

/// Loads the newest checkpoint of a folder into the session's parameters; `None` where there is none.
pub(crate) fn load(folder: &Path, session: &mut Session) -> Result<Option<(Progress, AdamW)>, Error> {
    let Some(path) = newest(folder)? else { return Ok(None) };
    let text = fs::read(path.join(PROGRESS)).map_err(|source| Error::Read { path: path.join(PROGRESS), source })?;
    let saved: Saved = serde_json::from_slice(&text)
        .map_err(|error| Error::Checkpoint { path: path.clone(), problem: error.to_string() })?;
    if saved.run != session.run {
        return Err(Error::OtherRun { path });
    }
    if saved.examples != format!("{:016x}", session.examples_digest()) {
        return Err(Error::OtherExamples { path });
    }
    let archive = Archive::open(path.join(ARRAYS))?;
    let mut optimiser = AdamW::new(&session.parameters);
    optimiser.steps = saved.optimiser_steps;
    let moments = optimiser.means.iter_mut().zip(&mut optimiser.squares);
    for ((name, tensor), (mean, square)) in session.parameters.iter_mut().zip(moments) {
        let shape = tensor.shape().to_vec();
        *mean = archive.f32(&format!("mean/{name}"), &shape)?;
        *square = archive.f32(&format!("square/{name}"), &shape)?;
        tensor.data_mut().copy_from_slice(&archive.f32(name, &shape)?);
    }
    Ok(Some((saved.progress, optimiser)))
}
