//! A classifier's manifest.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use nid_metrics::classification::TEMPERATURES;
use nid_nn::classifier::{Config, HeadConfig};
use serde::{Deserialize, Serialize};

use super::{EncoderConfig, FORMAT, Kind, check_preprocessing, parse};
use crate::Error;
use crate::preprocessing::Preprocessing;

/// The longest side of a network's pictures: what a manifest claims must not fill the memory.
const LONGEST_SIDE: usize = 512;

/// Everything about a classifier's bundle but its numbers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClassifierManifest {
    /// The format's version, [`FORMAT`].
    pub format: i64,
    /// What the model does.
    pub kind: Kind,
    /// The names of the classes, in the order of the network's scores.
    pub classes: Vec<String>,
    /// What scores are divided by before they become probabilities: Guo et al., "On Calibration of Modern Neural
    /// Networks" (2017), section 4.2. Within [`TEMPERATURES`].
    pub temperature: f64,
    /// What looks at the picture.
    pub model: ClassifierConfig,
    /// The SHA-256 of each other file, in hexadecimal digits; filled in when a bundle is saved.
    #[serde(default)]
    pub files: BTreeMap<String, String>,
}

/// What looks at a picture.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum ClassifierConfig {
    /// A network over small grey pictures.
    Network {
        /// The network's shape.
        network: Config,
        /// The pictures that it reads.
        input: Input,
    },
    /// A head over what a captioner's encoder sees in a photo.
    Head {
        /// The head's shape.
        head: HeadConfig,
        /// What sees the photo.
        encoder: EncoderConfig,
        /// How photos are prepared for it.
        preprocessing: Preprocessing,
    },
}

/// Small grey pictures, as a network reads them: levels from 0, the dark ground, to 255 become
/// `(level - mean) / scale`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// Rows of pixels.
    pub height: usize,
    /// Pixels in a row.
    pub width: usize,
    /// Taken from each level.
    pub mean: f32,
    /// What each level is then divided by.
    pub scale: f32,
    /// Whether the network looks at the mirror image of each picture as well; scores are then the mean of both.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub mirror: bool,
}

impl ClassifierManifest {
    /// A classifier's manifest, its files still to be filled in.
    pub fn new(classes: Vec<String>, temperature: f64, model: ClassifierConfig) -> Self {
        Self { format: FORMAT, kind: Kind::Classifier, classes, temperature, model, files: BTreeMap::new() }
    }

    /// Reads the text of `bundle.toml`; `path` is for the errors alone.
    ///
    /// # Errors
    /// Another format (said before anything else, for it may have other keys), another kind of model, what does not
    /// parse, and numbers or names that nothing can be done with.
    pub fn parse(path: &Path, text: &str) -> Result<Self, Error> {
        let manifest: Self = parse(path, text, Kind::Classifier)?;
        manifest.check(path)?;
        Ok(manifest)
    }

    /// Makes sure that a bundle can have this manifest; `path` is for the errors alone.
    ///
    /// # Errors
    /// Numbers or names that nothing can be done with.
    pub fn check(&self, path: &Path) -> Result<(), Error> {
        if let Some((found, expected)) = self.problem() {
            return Err(Error::Content { path: path.to_owned(), found, expected });
        }
        match &self.model {
            ClassifierConfig::Head { preprocessing, .. } => check_preprocessing(path, preprocessing),
            ClassifierConfig::Network { .. } => Ok(()),
        }
    }

    /// What cannot be used: what there is, and what should be.
    fn problem(&self) -> Option<(String, String)> {
        if !TEMPERATURES.contains(&self.temperature) {
            let expected = format!("{} to {}", TEMPERATURES.start(), TEMPERATURES.end());
            return Some((format!("a temperature of {}", self.temperature), expected));
        }
        let mut seen = HashSet::new();
        let is_name = |name: &str| !name.trim().is_empty() && !name.contains(char::is_control);
        if let Some(name) = self.classes.iter().find(|name| !is_name(name) || !seen.insert(name.as_str())) {
            return Some((format!("a class {name:?}"), "names of one line, each once".to_owned()));
        }
        match &self.model {
            ClassifierConfig::Network { input, .. } => input.problem(),
            ClassifierConfig::Head { .. } => None,
        }
    }
}

impl Input {
    fn problem(&self) -> Option<(String, String)> {
        let &Self { height, width, mean, scale, .. } = self;
        if [height, width].iter().any(|side| !(1..=LONGEST_SIDE).contains(side)) {
            return Some((
                format!("pictures of {width} by {height} pixels"),
                format!("sides from 1 to {LONGEST_SIDE}"),
            ));
        }
        let is_good = mean.is_finite() && scale.is_normal();
        let expected = "finite numbers and no scale of 0 or next to it";
        (!is_good).then(|| (format!("a mean of {mean} and a scale of {scale}"), expected.to_owned()))
    }

    /// What the network reads of these levels.
    pub fn numbers(&self, levels: &[u8]) -> Vec<f32> {
        levels.iter().map(|level| (f32::from(*level) - self.mean) / self.scale).collect()
    }

    /// Pixels of a picture.
    pub fn pixels(&self) -> usize {
        self.height * self.width
    }
}
