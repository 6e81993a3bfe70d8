//! Classifiers: from small pictures, or from features of photos, to a score a class.
//!
//! Networks over pictures, chosen by a word in a configuration:
//!
//! * `mlp`: one hidden layer over all pixels.
//! * `cnn`: two convolutions, a pool and a hidden layer, the classic first network of tutorials.
//! * `small`: a residual network for few parameters, of two blocks: He et al., "Deep Residual Learning for Image
//!   Recognition" (2016), figure 2.
//! * `best`: a wide residual network with nine layers, "ResNet-9", made for reaching a high accuracy soon: Page, "How to
//!   Train Your ResNet" (2018–2019).
//! * `layers`: any [list of layers](LayerConfig), such as another program's model.
//!
//! [`Head`] is for photos that an encoder has turned into features of their regions: a linear map, or one hidden layer.
//!
//! All are lists of layers, written down one after another as papers print them, and give logits: scores whose softmax
//! is the probability of each class. Training is a graph of [`Graph::training`], and the running statistics of batch
//! normalisation follow it by [`Parameters::follow`].
//!
//! [`Parameters::follow`]: nid_autograd::Parameters::follow
//!
//! Shapes: `N` pictures, `H` rows of `W` pixels, `C` channels, `R` regions, `K` classes.

mod builder;
mod head;
mod layers;
mod listed;
mod networks;

use std::num::NonZeroUsize;

use nid_autograd::{Graph, Initialiser, Parameters, Var};
use serde::{Deserialize, Serialize};

use builder::Builder;
pub use head::{Head, HeadConfig};
use layers::Network;
pub use listed::{Activation, LayerConfig, Padding, matrices, names, outputs};

/// What batch normalisation adds to a variance before its root is taken.
pub const NORM_EPSILON: f32 = nid_kernels::normalise::EPSILON;

/// A classifier's shape: which network, and what can be chosen about it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Config {
    /// One hidden layer over all pixels.
    Mlp {
        /// Width of the hidden layer.
        #[serde(default = "defaults::hidden")]
        hidden: NonZeroUsize,
        /// Share of the hidden layer dropped in training.
        #[serde(default)]
        dropout: f32,
    },
    /// Two convolutions, a pool and a hidden layer, with a quarter of the map and half of the hidden layer dropped in
    /// training.
    Cnn {
        /// Channels of both convolutions.
        #[serde(default = "defaults::channels")]
        width: NonZeroUsize,
        /// Width of the hidden layer.
        #[serde(default = "defaults::hidden")]
        hidden: NonZeroUsize,
    },
    /// A residual network of few parameters.
    Small {
        /// Channels of the first layer; the two stages after it have twice and three times as many.
        #[serde(default = "defaults::narrow")]
        width: NonZeroUsize,
        /// Share dropped in training of what classes are told from.
        #[serde(default)]
        dropout: f32,
    },
    /// A wide residual network.
    Best {
        /// Channels of the first layer; the last has eight times as many.
        #[serde(default = "defaults::channels")]
        width: NonZeroUsize,
        /// Share dropped in training of what classes are told from.
        #[serde(default)]
        dropout: f32,
    },
    /// Any layers, one after another.
    Layers {
        /// The layers, the last of which makes a score for each class.
        layers: Vec<LayerConfig>,
    },
}

impl Config {
    /// The greatest width that can be chosen.
    #[must_use]
    pub fn widest(&self) -> usize {
        match self {
            Self::Mlp { hidden, .. } => hidden.get(),
            Self::Cnn { width, hidden } => width.max(hidden).get(),
            Self::Small { width, .. } | Self::Best { width, .. } => width.get(),
            Self::Layers { layers } => listed::widest(layers),
        }
    }

    /// The shares to drop that can be chosen.
    fn dropouts(&self) -> Vec<f32> {
        match self {
            Self::Mlp { dropout, .. } | Self::Small { dropout, .. } | Self::Best { dropout, .. } => vec![*dropout],
            Self::Cnn { .. } => Vec::new(),
            Self::Layers { layers } => listed::dropouts(layers).collect(),
        }
    }
}

mod defaults {
    use std::num::NonZeroUsize;

    const fn positive(number: usize) -> NonZeroUsize {
        NonZeroUsize::new(number).expect("a default is not zero")
    }
    pub(super) fn hidden() -> NonZeroUsize {
        const { positive(128) }
    }
    pub(super) fn channels() -> NonZeroUsize {
        const { positive(32) }
    }
    pub(super) fn narrow() -> NonZeroUsize {
        const { positive(16) }
    }
}

/// Why there can be no such classifier.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Error {
    /// Too few classes.
    #[error("{found} classes, expected at least 2")]
    Classes {
        /// How many were asked for.
        found: usize,
    },
    /// A share to drop that is none, or that leaves nothing.
    #[error("dropout of {found}, expected at least 0 and less than 1")]
    Dropout {
        /// What was asked for.
        found: f32,
    },
    /// A picture of which the network's windows leave nothing, or that has no pixels or channels.
    #[error("pictures of {height} × {width} pixels and {channels} channels are too small for this network")]
    Picture {
        /// Rows of pixels.
        height: usize,
        /// Pixels in a row.
        width: usize,
        /// Numbers in a pixel.
        channels: usize,
    },
    /// A layer of a list that does not fit the ones before it.
    #[error("layer {number} of the list: found {found}, expected {expected}")]
    Layer {
        /// Which, from 1.
        number: usize,
        /// What it would read or make.
        found: String,
        /// What it should.
        expected: String,
    },
    /// Features of no numbers.
    #[error("features of no channels, expected at least 1")]
    Features,
}

/// Whether so many classes can be told apart, with such shares dropped.
fn check(classes: usize, dropouts: &[f32]) -> Result<(), Error> {
    if classes < 2 {
        return Err(Error::Classes { found: classes });
    }
    match dropouts.iter().find(|dropout| !(0.0..1.0).contains(*dropout)) {
        Some(&found) => Err(Error::Dropout { found }),
        None => Ok(()),
    }
}

/// A classifier of pictures: the places of its parameters and what is done with them.
#[derive(Clone, Debug)]
pub struct Classifier {
    network: Network,
    input: [usize; 3],
    classes: usize,
}

impl Classifier {
    /// A classifier of pictures `input` = `[H, W, C]`, with first parameters from `init`.
    ///
    /// # Errors
    /// Pictures that are too small for the network, fewer than two classes, a dropout outside `[0, 1)`, layers that do not
    /// fit one another.
    pub fn new(config: &Config, input: [usize; 3], classes: usize, init: &mut Initialiser) -> Result<Self, Error> {
        check(classes, &config.dropouts())?;
        let mut network = Builder::over_pictures(input, init);
        match *config {
            Config::Layers { ref layers } => listed::build(&mut network, layers, input, classes)?,
            Config::Mlp { hidden, dropout } => networks::mlp(&mut network, hidden.get(), dropout, classes),
            Config::Cnn { width, hidden } => networks::cnn(&mut network, width.get(), hidden.get(), classes),
            Config::Small { width, dropout } => networks::small(&mut network, width.get(), dropout, classes),
            Config::Best { width, dropout } => networks::best(&mut network, width.get(), dropout, classes),
        }
        Ok(Self { network: network.finish()?, input, classes })
    }

    /// Rows of pixels, pixels in a row and channels of the pictures that it classifies.
    #[must_use]
    pub fn input(&self) -> [usize; 3] {
        self.input
    }

    /// How many classes it tells apart.
    #[must_use]
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// Scores of all classes, `[N, K]`, for `pictures` `[N, H, W, C]`.
    ///
    /// In inference no picture's scores depend on the others, but for rounding.
    ///
    /// # Panics
    /// If the pictures are of another shape.
    #[must_use]
    pub fn logits(&self, graph: &Graph<'_>, pictures: &Var) -> Var {
        assert_eq!(pictures.value().shape().get(1..), Some(&self.input[..]), "shape of each picture");
        self.network.forward(graph, pictures)
    }

    /// How many numbers it learns by gradients: all `parameters` but the running statistics of batch normalisation.
    #[must_use]
    pub fn learnt(&self, parameters: &Parameters) -> usize {
        self.network.learnt(parameters)
    }
}
