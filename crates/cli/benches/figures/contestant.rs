//! What is measured, the same way for both sides.

use std::fmt;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::Result;

use crate::clock::{Observed, Window};
use crate::common::process::peak_memory;
use crate::lesson::Lesson;
use crate::work::{Looks, Work};

/// One who does the work.
pub(crate) trait Contestant {
    /// Writes the features of all photos to a file; seen photo by photo.
    fn extract(&self, work: &Work, batch: usize) -> Result<Observed>;

    /// A program that prints a record with `path` and `caption` for a photo, or for each photo of a folder.
    fn caption(&self, photos: &Path, batch: usize) -> Command;

    /// Trains the captioner; seen step by step.
    fn train(&self, work: &Work) -> Result<Observed>;

    /// Trains a classifier; seen step by step.
    fn train_classifier(&self, work: &Work, lesson: &Lesson) -> Result<Observed>;

    /// Scores the classes of pictures, in memory, with `cnn`; each pass over all of them is seen.
    fn classify(&self, work: &Work) -> Result<Observed>;
}

/// What can be measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Measure {
    /// Photos a second from file to features.
    Extraction { batch: usize },
    /// Photos a second from file to sentence.
    Captioning { batch: usize },
    /// Milliseconds from start to first caption.
    FirstCaption,
    /// Megabytes for one photo.
    PhotoMemory,
    /// Megabytes for a folder.
    FolderMemory,
    /// Milliseconds of a training step of the captioner.
    Training,
    /// Milliseconds of a training epoch of `mlp`.
    MlpEpoch,
    /// Milliseconds of a training step of `cnn`.
    CnnStep,
    /// Pictures a second from levels to scores by `cnn`.
    CnnClassification,
}

impl Measure {
    pub(crate) const ALL: [Self; 11] = [
        Self::Extraction { batch: 1 },
        Self::Extraction { batch: 16 },
        Self::Captioning { batch: 1 },
        Self::Captioning { batch: 16 },
        Self::FirstCaption,
        Self::PhotoMemory,
        Self::FolderMemory,
        Self::Training,
        Self::MlpEpoch,
        Self::CnnStep,
        Self::CnnClassification,
    ];

    /// Measures once; nothing where this system cannot measure it.
    pub(crate) fn of(self, contestant: &dyn Contestant, work: &Work) -> Result<Option<f64>> {
        let rate = |observed: Observed| Ok(Some(work.sizes.photos.timed as f64 / observed.seconds(work.sizes.photos)?));
        let megabytes = |mut command: Command| Ok(peak_memory(command.stdout(Stdio::null()))?.map(|bytes| bytes / 1e6));
        let milliseconds =
            |observed: Observed, parts: Window, number: usize| Ok(Some(observed.seconds(parts)? * 1e3 / number as f64));
        let epoch = |lesson: &Lesson| {
            milliseconds(contestant.train_classifier(work, lesson)?, lesson.steps(), lesson.epochs.timed)
        };
        match self {
            Self::Extraction { batch } => rate(contestant.extract(work, batch)?),
            Self::Captioning { batch } => rate(Observed::lines(contestant.caption(&work.photos(), batch))?),
            Self::FirstCaption => {
                let observed = Observed::lines(contestant.caption(&work.photo(), 1))?;
                Ok(Some(observed.until_first()?.as_secs_f64() * 1e3))
            }
            Self::PhotoMemory => megabytes(contestant.caption(&work.photo(), 1)),
            Self::FolderMemory => megabytes(contestant.caption(&work.photos(), 16)),
            Self::Training => {
                let steps = work.sizes.steps;
                milliseconds(contestant.train(work)?, steps, steps.timed)
            }
            Self::MlpEpoch => epoch(&work.sizes.mlp),
            Self::CnnStep => epoch(&work.sizes.cnn),
            Self::CnnClassification => {
                let Looks { pictures, passes } = work.sizes.looks;
                Ok(Some((pictures * passes.timed) as f64 / contestant.classify(work)?.seconds(passes)?))
            }
        }
    }

    /// What it is counted in.
    pub(crate) fn unit(self) -> &'static str {
        match self {
            Self::Extraction { .. } | Self::Captioning { .. } => "photos/s",
            Self::FirstCaption | Self::Training | Self::MlpEpoch | Self::CnnStep => "ms",
            Self::CnnClassification => "pictures/s",
            Self::PhotoMemory | Self::FolderMemory => "MB",
        }
    }
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Extraction { batch } => write!(f, "extraction, batch {batch}"),
            Self::Captioning { batch } => write!(f, "captioning, batch {batch}"),
            Self::FirstCaption => write!(f, "start to first caption"),
            Self::PhotoMemory => write!(f, "peak memory, one photo"),
            Self::FolderMemory => write!(f, "peak memory, a folder"),
            Self::Training => write!(f, "training step"),
            Self::MlpEpoch => write!(f, "mlp training epoch"),
            Self::CnnStep => write!(f, "cnn training step"),
            Self::CnnClassification => write!(f, "cnn classification"),
        }
    }
}
