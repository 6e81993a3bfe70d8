//! A run: one file that says everything.

use std::path::{Path, PathBuf};

use nid_engine::{Preprocessing, config};
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::captioner::CaptionerRun;
use crate::classifier::ClassifierRun;

/// What `runs/NAME.toml` holds: one with a `[decoder]` trains a captioner, one with a `[classifier]` or a `[head]` a
/// classifier.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Run {
    /// Pictures to captions.
    Captioner(CaptionerRun),
    /// Pictures to classes.
    Classifier(ClassifierRun),
}

impl Run {
    /// Reads a run file.
    ///
    /// # Errors
    /// If it cannot be read, is not TOML, or has a key or a value that does not belong; the nearest known key is named.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let tables: toml::Table = config::read(path)?;
        let is_classifier = ["classifier", "head"].iter().any(|table| tables.contains_key(*table));
        let run =
            if is_classifier { Self::Classifier(config::read(path)?) } else { Self::Captioner(config::read(path)?) };
        let problem = match &run {
            Self::Captioner(run) => run.problem(),
            Self::Classifier(run) => run.problem(),
        };
        problem.map_or(Ok(run), |problem| Err(Error::Value { path: path.into(), problem }))
    }

    /// Where checkpoints, events and the best bundle go.
    #[must_use]
    pub fn output(&self) -> &Path {
        match self {
            Self::Captioner(run) => &run.output,
            Self::Classifier(run) => &run.output,
        }
    }

    /// The same run with its results elsewhere.
    #[must_use]
    pub fn with_output(mut self, folder: PathBuf) -> Self {
        match &mut self {
            Self::Captioner(run) => run.output = folder,
            Self::Classifier(run) => run.output = folder,
        }
        self
    }

    /// The same run with other random numbers.
    #[must_use]
    pub fn with_seed(mut self, seed: u64) -> Self {
        match &mut self {
            Self::Captioner(run) => run.seed = seed,
            Self::Classifier(run) => run.seed = seed,
        }
        self
    }
}

/// The encoder, which is not trained.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EncoderChoice {
    /// Its name.
    pub architecture: String,
    /// Its weights, a safetensors file; those of an embedded model where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weights: Option<PathBuf>,
    /// How pictures are made ready for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preprocessing: Option<Preprocessing>,
}

impl Default for EncoderChoice {
    fn default() -> Self {
        Self { architecture: "efficientnet-lite2".into(), weights: None, preprocessing: None }
    }
}

impl EncoderChoice {
    /// Where it comes from, in a sentence for a card.
    pub(crate) fn origin(&self) -> String {
        let weights = self.weights.as_ref();
        let weights =
            weights.map_or("those inside `nid`, see its NOTICE".to_owned(), |path| path.display().to_string());
        format!("Its encoder is {} with given weights ({weights}), whose terms hold for it.", self.architecture)
    }
}

/// Where features are kept between runs.
pub(crate) fn cache() -> PathBuf {
    "cache".into()
}
