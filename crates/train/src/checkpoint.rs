//! Checkpoints: all that a run needs to go on as if nothing had happened.
//!
//! One folder each, `checkpoint-STEP`, written under another name and renamed when its files are whole and on the disk;
//! older ones, and what a killed run left half-written, are removed after that. It holds parameters, their averages and
//! the optimiser's means in full precision, the place in the run, and what tells whether the run is still the same.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use nid_autograd::Parameters;
use nid_weights::{Archive, Precision};
use serde::{Deserialize, Serialize};

use crate::adamw::AdamW;
use crate::{Error, Learning, Task};

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

/// All that changes in a run but the weights.
#[derive(Clone, Debug)]
pub(crate) struct State {
    pub(crate) progress: Progress,
    pub(crate) optimiser: AdamW,
    /// Running averages of the weights, where the run asks for them.
    pub(crate) average: Option<Parameters>,
}

impl State {
    /// Nothing done yet.
    pub(crate) fn new<T: Task>(Learning { task, parameters }: &Learning<T>) -> Self {
        let average = task.training().average.map(|_| parameters.clone());
        Self { progress: Progress::default(), optimiser: AdamW::new(parameters), average }
    }
}

#[derive(Serialize, Deserialize)]
struct Saved<R> {
    progress: Progress,
    optimiser_steps: u64,
    run: R,
    /// [`Task::digest`] in hexadecimal: JSON's numbers are not safe above 2^53.
    examples: String,
}

/// Writes a checkpoint into the run's folder, if it is not there yet, and removes the older ones.
pub(crate) fn save<T: Task>(folder: &Path, learning: &Learning<T>, state: &State) -> Result<(), Error> {
    let write_error = |source| Error::Write { path: folder.into(), source };
    let target = folder.join(format!("{PREFIX}{}", state.progress.step));
    if !target.exists() {
        let partial = tempfile::Builder::new().prefix(PARTIAL).tempdir_in(folder).map_err(write_error)?;
        fill(partial.path(), learning, state)?;
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

fn fill<T: Task>(
    folder: &Path,
    Learning { task, parameters }: &Learning<T>,
    State { progress, optimiser, average }: &State,
) -> Result<(), Error> {
    let mut arrays: Vec<(String, &[usize], &[f32])> = Vec::new();
    for (((name, tensor), mean), square) in parameters.iter().zip(&optimiser.means).zip(&optimiser.squares) {
        arrays.push((name.to_owned(), tensor.shape(), tensor.data()));
        arrays.push((format!("mean/{name}"), tensor.shape(), mean));
        arrays.push((format!("square/{name}"), tensor.shape(), square));
    }
    for (name, tensor) in average.iter().flat_map(Parameters::iter) {
        arrays.push((format!("average/{name}"), tensor.shape(), tensor.data()));
    }
    nid_weights::save(folder.join(ARRAYS), arrays, Precision::F32)?;
    let saved = Saved {
        progress: progress.clone(),
        optimiser_steps: optimiser.steps,
        run: task.run().clone(),
        examples: format!("{:016x}", task.digest()),
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

/// Loads the newest checkpoint of a folder, weights included; `None` where there is none.
pub(crate) fn load<T: Task>(folder: &Path, learning: &mut Learning<T>) -> Result<Option<State>, Error> {
    let Some(path) = newest(folder)? else { return Ok(None) };
    let text = fs::read(path.join(PROGRESS)).map_err(|source| Error::Read { path: path.join(PROGRESS), source })?;
    let saved: Saved<T::Run> = serde_json::from_slice(&text)
        .map_err(|error| Error::Checkpoint { path: path.clone(), problem: error.to_string() })?;
    if saved.run != *learning.task.run() {
        return Err(Error::OtherRun { path });
    }
    if saved.examples != format!("{:016x}", learning.task.digest()) {
        return Err(Error::OtherExamples { path });
    }
    let archive = Archive::open(path.join(ARRAYS))?;
    let mut state = State { progress: saved.progress, ..State::new(learning) };
    state.optimiser.steps = saved.optimiser_steps;
    let moments = state.optimiser.means.iter_mut().zip(&mut state.optimiser.squares);
    for ((name, tensor), (mean, square)) in learning.parameters.iter_mut().zip(moments) {
        let shape = tensor.shape().to_vec();
        *mean = archive.f32(&format!("mean/{name}"), &shape)?;
        *square = archive.f32(&format!("square/{name}"), &shape)?;
        tensor.data_mut().copy_from_slice(&archive.f32(name, &shape)?);
    }
    for (name, tensor) in state.average.iter_mut().flat_map(Parameters::iter_mut) {
        let shape = tensor.shape().to_vec();
        tensor.data_mut().copy_from_slice(&archive.f32(&format!("average/{name}"), &shape)?);
    }
    Ok(Some(state))
}
