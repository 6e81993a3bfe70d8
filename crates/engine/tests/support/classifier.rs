//! Small classifiers with random parameters, and pictures to show them.

use std::fs;
use std::num::NonZeroUsize;
use std::path::Path;

use nid_autograd::{Initialiser, Parameters};
use nid_data::picture::Picture;
use nid_engine::bundle::{ClassifierConfig, ClassifierManifest, ClassifierParts, EncoderConfig, Epoch, Input};
use nid_engine::{Classifier, ClassifierBundle};
use nid_nn::classifier::{self, Config, Head, HeadConfig};
use nid_weights::Precision;

use super::{ARCHITECTURE, preprocessing, weights_path};

pub(crate) const CLASSES: [&str; 3] = ["Shirt", "Bag", "Ankle boot"];
pub(crate) const SIDE: usize = 28;
/// A small network of each kind.
pub(crate) const NETWORKS: [&str; 5] = [
    "kind = 'mlp'\nhidden = 16",
    "kind = 'cnn'\nwidth = 2\nhidden = 8",
    "kind = 'small'\nwidth = 2",
    "kind = 'best'\nwidth = 2",
    "kind = 'layers'\nlayers = [
        { layer = 'convolution', channels = 3, size = 4, stride = 2, padding = 'same', activation = 'tanh' },
        { layer = 'average-pool', size = 3, stride = 2, padding = 'same' },
        { layer = 'norm' },
        { layer = 'max-pool', size = 2, stride = 1 },
        { layer = 'flatten' },
        { layer = 'dense', outputs = 5, activation = 'sigmoid' },
        { layer = 'dropout', rate = 0.5 },
        { layer = 'dense', outputs = 3 },
    ]",
];
const HISTORY: [Epoch; 2] = [
    Epoch { epoch: 1, training_loss: 1.5, validation_loss: 1.25, accuracy: 0.5 },
    Epoch { epoch: 2, training_loss: 0.1, validation_loss: 0.3, accuracy: 0.9 },
];

/// What a classifier's bundle is made of, owned.
pub(crate) struct Made {
    pub(crate) manifest: ClassifierManifest,
    pub(crate) weights: Option<Vec<u8>>,
    pub(crate) parameters: Parameters,
    pub(crate) history: Vec<Epoch>,
}

impl Made {
    pub(crate) fn save(&self, folder: &Path) {
        ClassifierBundle::save(folder, self.parts()).unwrap();
    }

    pub(crate) fn parts(&self) -> ClassifierParts<'_> {
        let Self { manifest, weights, parameters, history } = self;
        let encoder_weights = weights.as_deref();
        let (precision, card) = (Precision::F16, "# A test\n");
        ClassifierParts { manifest, encoder_weights, parameters, precision, history, card, replace: false }
    }

    /// Makes all parameters differ, those too that are alike before training: statistics, gains, biases.
    pub(crate) fn stir(&mut self) {
        for (name, tensor) in self.parameters.iter_mut() {
            let is_variance = name.ends_with("variance");
            for (place, number) in tensor.data_mut().iter_mut().enumerate() {
                let change = ((place * 37 + name.len() * 11) % 17) as f32 / 16.0 - 0.5;
                *number += if is_variance { change.abs() } else { 0.5 * change };
            }
        }
    }

    /// What it is after it was saved and opened.
    pub(crate) fn opened(&self) -> Classifier {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("bundle");
        self.save(&folder);
        Classifier::new(ClassifierBundle::load(&folder).unwrap())
    }
}

/// A network over small pictures.
pub(crate) fn network(network: &str) -> Made {
    let network: Config = toml::from_str(network).unwrap();
    let mut initialiser = Initialiser::new(7);
    classifier::Classifier::new(&network, [SIDE, SIDE, 1], CLASSES.len(), &mut initialiser).unwrap();
    let input = Input { height: SIDE, width: SIDE, mean: 72.0, scale: 90.0, mirror: false };
    made(ClassifierConfig::Network { network, input }, None, initialiser)
}

/// A linear head over an encoder's features.
pub(crate) fn head() -> Made {
    head_of(None)
}

/// A head with a hidden layer of this width, if any.
pub(crate) fn head_of(hidden: Option<usize>) -> Made {
    let head = HeadConfig { hidden: hidden.and_then(NonZeroUsize::new), dropout: 0.0 };
    let mut initialiser = Initialiser::new(7);
    Head::new(&head, 1280, CLASSES.len(), &mut initialiser).unwrap();
    let encoder = EncoderConfig { architecture: ARCHITECTURE.to_owned() };
    let model = ClassifierConfig::Head { head, encoder, preprocessing: preprocessing() };
    made(model, Some(fs::read(weights_path()).unwrap()), initialiser)
}

fn made(model: ClassifierConfig, weights: Option<Vec<u8>>, initialiser: Initialiser) -> Made {
    let manifest = ClassifierManifest::new(CLASSES.map(str::to_owned).to_vec(), 1.5, model);
    Made { manifest, weights, parameters: initialiser.finish(), history: HISTORY.to_vec() }
}

/// A grey picture.
pub(crate) fn grey(width: usize, height: usize, level: impl Fn(usize, usize) -> u8) -> Picture {
    let pixels = (0..width * height).flat_map(|place| [level(place % width, place / width); 3]).collect();
    Picture { width, height, pixels }
}

/// The same picture with black for white.
pub(crate) fn negative(picture: &Picture) -> Picture {
    Picture { pixels: picture.pixels.iter().map(|level| 255 - level).collect(), ..picture.clone() }
}

/// A boot-like shape on a dark ground, a quarter of the way into a picture.
pub(crate) fn boot(width: usize, height: usize) -> Picture {
    grey(width, height, |x, y| {
        let (x, y) = (x as f64 / width as f64, y as f64 / height as f64);
        let is_leg = (0.3..0.5).contains(&x) && (0.25..0.75).contains(&y);
        let is_foot = (0.3..0.7).contains(&x) && (0.6..0.75).contains(&y);
        if is_leg || is_foot { 90 + (100.0 * y) as u8 } else { 0 }
    })
}
