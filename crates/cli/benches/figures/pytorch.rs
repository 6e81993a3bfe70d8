//! PyTorch at the same work: `recipes/pytorch_bench.py`.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};

use crate::clock::Observed;
use crate::contestant::Contestant;
use crate::work::{Work, repository};

/// A Python that has what the recipe needs.
pub(crate) struct PyTorch {
    python: PathBuf,
    threads: usize,
    /// Which it is.
    pub(crate) versions: Versions,
}

/// Of whom the figures are.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Versions {
    pub(crate) python: String,
    pub(crate) torch: String,
}

impl PyTorch {
    /// Asks an interpreter whether it can do the work.
    ///
    /// # Errors
    /// Why it cannot, in a line.
    pub(crate) fn find(python: &Path, threads: usize) -> Result<Self> {
        let mut command = recipe(python, threads);
        let told = command.arg("about").output().with_context(|| format!("{} does not run", python.display()))?;
        if !told.status.success() {
            let complaint = String::from_utf8_lossy(&told.stderr);
            bail!("{}: {}", python.display(), complaint.trim_end().lines().last().unwrap_or("it does not say why"));
        }
        Ok(Self { python: python.to_owned(), threads, versions: serde_json::from_slice(&told.stdout)? })
    }

    fn recipe(&self, command: &str) -> Command {
        let mut recipe = recipe(&self.python, self.threads);
        recipe.arg(command);
        recipe
    }
}

fn recipe(python: &Path, threads: usize) -> Command {
    let mut command = Command::new(python);
    command.arg(repository().join("recipes/pytorch_bench.py")).arg("--threads").arg(threads.to_string());
    command
}

impl Contestant for PyTorch {
    fn extract(&self, work: &Work, batch: usize) -> Result<Observed> {
        let mut command = self.recipe("extract");
        command.args([work.photos(), work.path("theirs.npy")]).arg("--batch").arg(batch.to_string());
        Observed::lines(command)
    }

    fn caption(&self, photos: &Path, batch: usize) -> Command {
        let mut command = self.recipe("caption");
        command.arg(photos).arg("--batch").arg(batch.to_string());
        command
    }

    fn train(&self, work: &Work) -> Result<Observed> {
        let mut command = self.recipe("train");
        command.args([work.captions(), work.features()]).arg("--steps").arg(work.sizes.steps.total().to_string());
        Observed::lines(command)
    }
}
