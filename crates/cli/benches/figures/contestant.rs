//! What is measured, the same way for both sides.

use std::fmt;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::Result;

use crate::clock::Observed;
use crate::common::process::peak_memory;
use crate::work::Work;

/// One who does the work.
pub(crate) trait Contestant {
    /// Writes the features of all photos to a file; seen photo by photo.
    fn extract(&self, work: &Work, batch: usize) -> Result<Observed>;

    /// A program that prints a record with `path` and `caption` for a photo, or for each photo of a folder.
    fn caption(&self, photos: &Path, batch: usize) -> Command;

    /// Trains; seen step by step.
    fn train(&self, work: &Work) -> Result<Observed>;
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
    /// Milliseconds of a training step.
    Training,
}

impl Measure {
    pub(crate) const ALL: [Self; 8] = [
        Self::Extraction { batch: 1 },
        Self::Extraction { batch: 16 },
        Self::Captioning { batch: 1 },
        Self::Captioning { batch: 16 },
        Self::FirstCaption,
        Self::PhotoMemory,
        Self::FolderMemory,
        Self::Training,
    ];

    /// Measures once; nothing where this system cannot measure it.
    pub(crate) fn of(self, contestant: &dyn Contestant, work: &Work) -> Result<Option<f64>> {
        let rate = |observed: Observed| Ok(Some(work.sizes.photos.timed as f64 / observed.seconds(work.sizes.photos)?));
        let megabytes = |mut command: Command| Ok(peak_memory(command.stdout(Stdio::null()))?.map(|bytes| bytes / 1e6));
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
                Ok(Some(contestant.train(work)?.seconds(steps)? * 1e3 / steps.timed as f64))
            }
        }
    }

    /// What it is counted in.
    pub(crate) fn unit(self) -> &'static str {
        match self {
            Self::Extraction { .. } | Self::Captioning { .. } => "photos/s",
            Self::FirstCaption | Self::Training => "ms",
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
        }
    }
}
