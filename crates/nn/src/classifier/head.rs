//! A classifier of photos over an encoder's features: the encoder stays as it is, and little is left to learn.

use std::num::NonZeroUsize;

use nid_autograd::{Graph, Initialiser, Parameters, Var};
use serde::{Deserialize, Serialize};

use super::builder::Builder;
use super::layers::Network;
use super::{Error, check};

/// A head's shape: a linear map of the mean over regions, or one with a hidden layer before it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeadConfig {
    /// Width of the hidden layer; absent in a linear head.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hidden: Option<NonZeroUsize>,
    /// Share dropped in training of what each dense layer reads.
    #[serde(default)]
    pub dropout: f32,
}

/// A classifier of features: the places of its parameters and what is done with them.
#[derive(Clone, Debug)]
pub struct Head {
    network: Network,
    channels: usize,
    classes: usize,
}

impl Head {
    /// A head over features of `channels` numbers a region, with first parameters from `init`.
    ///
    /// # Errors
    /// No channels, fewer than two classes, a dropout outside `[0, 1)`.
    pub fn new(config: &HeadConfig, channels: usize, classes: usize, init: &mut Initialiser) -> Result<Self, Error> {
        check(classes, &[config.dropout])?;
        if channels == 0 {
            return Err(Error::Features);
        }
        let mut network = Builder::over_regions(channels, init);
        network.dropout(config.dropout);
        if let Some(hidden) = config.hidden {
            network.dense("hidden", hidden.get()).relu().dropout(config.dropout);
        }
        network.dense("output", classes);
        Ok(Self { network: network.finish()?, channels, classes })
    }

    /// Numbers of a region's features.
    #[must_use]
    pub fn channels(&self) -> usize {
        self.channels
    }

    /// How many classes it tells apart.
    #[must_use]
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// Scores of all classes, `[N, K]`, for `features` `[N, R, C]`.
    ///
    /// # Panics
    /// If there are not three axes or another count of channels.
    #[must_use]
    pub fn logits(&self, graph: &Graph<'_>, features: &Var) -> Var {
        assert_eq!(features.value().width(), self.channels, "channels of features");
        self.network.forward(graph, features)
    }

    /// How many numbers it learns.
    #[must_use]
    pub fn learnt(&self, parameters: &Parameters) -> usize {
        self.network.learnt(parameters)
    }
}
