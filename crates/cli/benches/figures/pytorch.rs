//! PyTorch at the same work: `recipes/pytorch_bench.py`.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use crate::clock::Observed;
use crate::common::recipe::Recipe;
use crate::contestant::Contestant;
use crate::lesson::Lesson;
use crate::work::{Looks, Sizes, Work};

/// PyTorch, with as many threads as nid.
pub(crate) struct PyTorch {
    pub(crate) recipe: Recipe,
    pub(crate) threads: usize,
}

impl PyTorch {
    fn command(&self, name: &str) -> Command {
        let mut command = self.recipe.command(name);
        command.arg("--threads").arg(self.threads.to_string());
        command
    }
}

impl Contestant for PyTorch {
    fn extract(&self, work: &Work, batch: usize) -> Result<Observed> {
        let mut command = self.command("extract");
        command.args([work.photos(), work.path("theirs.npy")]).arg("--batch").arg(batch.to_string());
        Observed::lines(command)
    }

    fn caption(&self, photos: &Path, batch: usize) -> Command {
        let mut command = self.command("caption");
        command.arg(photos).arg("--batch").arg(batch.to_string());
        command
    }

    fn train(&self, work: &Work) -> Result<Observed> {
        let mut command = self.command("train");
        command.args([work.captions(), work.features()]).arg("--steps").arg(work.sizes.steps.total().to_string());
        Observed::lines(command)
    }

    fn train_classifier(&self, work: &Work, Lesson { network, pictures, epochs }: &Lesson) -> Result<Observed> {
        let mut command = self.command("train-classifier");
        command.arg(network).arg(work.path(network)).arg("--pictures").arg(pictures.to_string());
        command.arg("--epochs").arg(epochs.total().to_string());
        Observed::lines(command)
    }

    fn classify(&self, work: &Work) -> Result<Observed> {
        let Sizes { cnn: Lesson { network, .. }, looks: Looks { passes, .. }, .. } = work.sizes;
        let mut command = self.command("classify");
        command.arg(network).arg(work.path(network)).arg("--passes").arg(passes.total().to_string());
        Observed::lines(command)
    }
}
