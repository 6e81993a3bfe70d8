//! A classifier's bundle.

use std::path::Path;

use nid_autograd::{Initialiser, Parameters};
use nid_nn::classifier::{self, Classifier, Config, Head, HeadConfig, LayerConfig};
use nid_nn::encoder::Encoder;
use nid_weights::Precision;
use serde::{Deserialize, Serialize};

use super::manifest::{ClassifierConfig, ClassifierManifest, EncoderConfig, Input, Kind};
use super::source::{CARD, ENCODER, HISTORY, Listed, MANIFEST, MODEL, Source};
use super::{Matrix, check_size, fill, read_encoder, save};
use crate::Error;
use crate::files::{Content, File};
use crate::preprocessing::Preprocessing;

/// All files but the manifest.
const FILES: [&str; 3] = [MODEL, HISTORY, CARD];
/// The same where there is an encoder.
const FILES_WITH_ENCODER: [&str; 4] = [ENCODER, MODEL, HISTORY, CARD];
/// A grey picture's numbers in a pixel.
const CHANNELS: usize = 1;

/// An opened bundle of a classifier.
pub struct ClassifierBundle {
    /// What it is.
    pub manifest: ClassifierManifest,
    /// What looks at the picture.
    pub network: Network,
    /// The numbers of the network or the head.
    pub parameters: Parameters,
    /// How it learnt.
    pub history: Vec<Epoch>,
    /// What people should know of it, in Markdown.
    pub card: String,
}

/// What looks at a picture.
pub enum Network {
    /// A network over small grey pictures.
    Pictures(Classifier),
    /// A head over what an encoder sees in a photo.
    Features {
        /// What sees the photo.
        encoder: Encoder,
        /// What tells the classes apart.
        head: Head,
    },
}

/// A point of the learning curves, up to the weights that were kept.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Epoch {
    /// How often all training pictures were seen, from 1.
    pub epoch: usize,
    /// The mean loss over the epoch's training pictures, as they were shown.
    pub training_loss: f64,
    /// The mean loss over the validation pictures after it.
    pub validation_loss: f64,
    /// The share of validation pictures that were told right after it.
    pub accuracy: f64,
}

/// What a classifier's bundle is made of.
#[derive(Clone, Copy)]
pub struct ClassifierParts<'a> {
    /// What it is; its `files` are filled in.
    pub manifest: &'a ClassifierManifest,
    /// The encoder's weights, the bytes of a safetensors file; for a head only.
    pub encoder_weights: Option<&'a [u8]>,
    /// The numbers of the network or the head.
    pub parameters: &'a Parameters,
    /// How exactly they are kept.
    pub precision: Precision,
    /// How it learnt.
    pub history: &'a [Epoch],
    /// What people should know of it, in Markdown.
    pub card: &'a str,
    /// Whether a bundle that is there is replaced.
    pub replace: bool,
}

impl ClassifierBundle {
    /// Opens the bundle in a folder, or the embedded one of that name. What exists as a path is a path.
    ///
    /// # Errors
    /// If there is neither, and as [`ClassifierBundle::load`].
    pub fn open(name_or_path: &str) -> Result<Self, Error> {
        Self::from_source(&Source::find(name_or_path, Some(Kind::Classifier))?)
    }

    /// Opens the bundle in a folder.
    ///
    /// # Errors
    /// A file that cannot be read, was changed since the bundle was saved, or does not agree with the others;
    /// another version; another kind of model; a key that is not known. Each names the file.
    pub fn load(folder: &Path) -> Result<Self, Error> {
        Self::from_source(&Source::Folder(folder))
    }

    /// Saves a bundle. The folder appears whole or not at all.
    ///
    /// # Errors
    /// If something is at `folder` that is not to be replaced or is no bundle; if the parts do not agree; if the disk
    /// refuses.
    pub fn save(folder: &Path, parts: ClassifierParts<'_>) -> Result<(), Error> {
        let model = save::arrays(folder, parts.parameters, parts.precision)?;
        let history = serde_json::to_vec_pretty(parts.history).map_err(|error| misfit(folder, error))?;
        let mut files: Vec<File<'_>> = vec![
            (MODEL, Content::Bytes(&model)),
            (HISTORY, Content::Bytes(&history)),
            (CARD, Content::Bytes(parts.card.as_bytes())),
        ];
        files.extend(parts.encoder_weights.map(|weights| (ENCODER, Content::Bytes(weights))));
        let manifest = ClassifierManifest { files: save::digests(&files)?, ..parts.manifest.clone() };
        save::save(folder, parts.replace, &manifest, &files, |folder| Self::load(folder).map(drop))
    }

    /// How many of its numbers were learnt by gradients: all but the running statistics of batch normalisation.
    pub fn learnt(&self) -> usize {
        match &self.network {
            Network::Pictures(network) => network.learnt(&self.parameters),
            Network::Features { head, .. } => head.learnt(&self.parameters),
        }
    }

    pub(super) fn from_source(source: &Source<'_>) -> Result<Self, Error> {
        let manifest = ClassifierManifest::parse(&source.path(MANIFEST), &source.manifest()?)?;
        let files: &[&str] = match manifest.model {
            ClassifierConfig::Network { .. } => &FILES,
            ClassifierConfig::Head { .. } => &FILES_WITH_ENCODER,
        };
        let files = source.listed(&manifest.files, files)?;
        let (history, card) = (files.text(HISTORY)?, files.text(CARD)?);
        let history: Vec<Epoch> = serde_json::from_str(&history).map_err(|error| misfit(&source.path(""), error))?;
        check_history(&history, &source.path(HISTORY))?;

        let model = files.bytes(MODEL)?;
        let mut initialiser = Initialiser::new(0);
        let opening = Opening { source, files, classes: manifest.classes.len(), model: &model };
        let network = match &manifest.model {
            ClassifierConfig::Network { network, input } => opening.network(network, input, &mut initialiser)?,
            ClassifierConfig::Head { head, encoder, preprocessing } => {
                opening.head(head, encoder, preprocessing, &mut initialiser)?
            }
        };
        let mut parameters = initialiser.finish();
        fill(&mut parameters, &model, &source.path(MODEL))?;
        Ok(Self { manifest, network, parameters, history, card })
    }
}

/// More than any loss of a network that has learnt something; larger numbers cannot be drawn.
const MOST_LOSS: f64 = 1e30;

/// Refuses learning curves that no training can have left.
fn check_history(history: &[Epoch], path: &Path) -> Result<(), Error> {
    let mut before = 0;
    for &Epoch { epoch, training_loss, validation_loss, accuracy } in history {
        let are_losses = [training_loss, validation_loss].iter().all(|loss| (0.0..=MOST_LOSS).contains(loss));
        if epoch <= before || !are_losses || !(0.0..=1.0).contains(&accuracy) {
            let found = format!(
                "epoch {epoch} after {before} with losses of {training_loss:e} and {validation_loss:e} and an accuracy \
                 of {accuracy}"
            );
            let expected = format!("rising epochs, losses from 0 to {MOST_LOSS:e}, accuracies from 0 to 1");
            return Err(Error::Content { path: path.to_owned(), found, expected });
        }
        before = epoch;
    }
    Ok(())
}

/// The learning curves of a bundle cannot be read or written.
fn misfit(folder: &Path, error: serde_json::Error) -> Error {
    let expected = "learning curves of finite numbers".to_owned();
    Error::Content { path: folder.join(HISTORY), found: error.to_string(), expected }
}

/// What a network is built from.
struct Opening<'a> {
    source: &'a Source<'a>,
    files: Listed<'a>,
    classes: usize,
    /// The bytes of its numbers, which bound what may be built.
    model: &'a [u8],
}

impl Opening<'_> {
    fn network(&self, config: &Config, input: &Input, initialiser: &mut Initialiser) -> Result<Network, Error> {
        check_size(self.source, "network", &matrices(config, input, self.classes), self.model.len())?;
        let shape = [input.height, input.width, CHANNELS];
        let network = Classifier::new(config, shape, self.classes, initialiser);
        network.map(Network::Pictures).map_err(|error| self.impossible(error))
    }

    fn head(
        &self,
        config: &HeadConfig,
        encoder: &EncoderConfig,
        preprocessing: &Preprocessing,
        initialiser: &mut Initialiser,
    ) -> Result<Network, Error> {
        let weights = self.files.bytes(ENCODER)?;
        let encoder = read_encoder(&encoder.architecture, &weights, &self.source.path(ENCODER))?;
        let [_, channels] = encoder.shape(preprocessing.height, preprocessing.width)?;
        check_size(self.source, "head", &head_matrices(config, channels, self.classes), self.model.len())?;
        let head = Head::new(config, channels, self.classes, initialiser).map_err(|error| self.impossible(error))?;
        Ok(Network::Features { encoder, head })
    }

    fn impossible(&self, source: classifier::Error) -> Error {
        Error::Classifier { path: self.source.path(MANIFEST), source }
    }
}

/// The largest matrices of a network, and its picture; of a list all numbers, as one row.
fn matrices(config: &Config, input: &Input, classes: usize) -> Vec<Matrix> {
    let Input { height, width: row, .. } = *input;
    let of_last = |channels: usize| [[channels.saturating_mul(9), channels], [channels, classes]];
    let mut matrices = vec![[height, row]];
    match *config {
        Config::Mlp { hidden, .. } => matrices.extend([[input.pixels(), hidden.get()], [hidden.get(), classes]]),
        Config::Cnn { width, hidden } => {
            let left = |side: usize| side.saturating_sub(4) / 2; // two 3×3 windows within the map, then every second
            let pixels = left(height) * left(row);
            let (width, hidden) = (width.get(), hidden.get());
            matrices.extend([
                [width.saturating_mul(9), width],
                [width.saturating_mul(pixels), hidden],
                [hidden, classes],
            ]);
        }
        Config::Layers { ref layers } => return vec![[1, listed(layers, input)]],
        Config::Small { width, .. } => matrices.extend(of_last(width.get().saturating_mul(3))),
        Config::Best { width, .. } => matrices.extend(of_last(width.get().saturating_mul(8))),
    }
    matrices
}

/// Numbers of all matrices of a list, which may be many; how large maps are it bounds itself. A list that is no network is
/// told when it is built.
fn listed(layers: &[LayerConfig], &Input { height, width, .. }: &Input) -> usize {
    let matrices = classifier::matrices(layers, [height, width, CHANNELS]).unwrap_or_default();
    let numbers = matrices.iter().map(|[rows, columns]| rows.saturating_mul(*columns));
    numbers.fold(0, usize::saturating_add)
}

/// The matrices of a head.
fn head_matrices(config: &HeadConfig, channels: usize, classes: usize) -> Vec<Matrix> {
    match config.hidden {
        Some(hidden) => vec![[channels, hidden.get()], [hidden.get(), classes]],
        None => vec![[channels, classes]],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is compared with the file must be what is then built.
    #[test]
    fn the_matrices_are_a_networks_own() {
        let input = Input { height: 30, width: 20, mean: 0.0, scale: 1.0, mirror: false };
        for words in ["mlp'\nhidden = 7", "cnn'\nwidth = 3\nhidden = 5", "small'\nwidth = 3", "best'\nwidth = 2"] {
            let config: Config = toml::from_str(&format!("kind = '{words}")).expect("a network's configuration");
            let mut initialiser = Initialiser::new(0);
            Classifier::new(&config, [30, 20, CHANNELS], 11, &mut initialiser).expect("a network");
            let parameters = initialiser.finish();
            let sizes: Vec<usize> = parameters.iter().map(|(_, tensor)| tensor.data().len()).collect();
            let claimed: Vec<usize> = matrices(&config, &input, 11)[1..].iter().map(|[a, b]| a * b).collect();
            assert!(claimed.iter().all(|size| sizes.contains(size)), "{claimed:?} {sizes:?}");
            assert_eq!(claimed.iter().max(), sizes.iter().max(), "the largest is among them");
        }
    }

    /// Each may fit the file where all together do not.
    #[test]
    fn all_matrices_of_a_list_are_counted() {
        let input = Input { height: 30, width: 20, mean: 0.0, scale: 1.0, mirror: false };
        let words = "kind = 'layers'\nlayers = [{ layer = 'convolution', channels = 3, size = 5 }, { layer = 'norm' }, \
                     { layer = 'flatten' }, { layer = 'dense', outputs = 11 }]";
        let config: Config = toml::from_str(words).expect("a network's configuration");
        assert_eq!(matrices(&config, &input, 11), [[1, 25 * 3 + 3 + 26 * 16 * 3 * 11]]);
    }
}
