//! Networks that are a list of layers, one after another: what other programs' models of small pictures are.
//!
//! A layer reads what the one before it has made: a map `[height, width, channels]`, the picture first of all, or a row of
//! numbers, which a map becomes by `flatten` or by a global pool. Parameters are named by what their layer is and which of
//! its kind: `conv1`, `norm1`, `dense1`, `dense2`.

mod shapes;

use std::collections::HashMap;
use std::num::{NonZeroU16, NonZeroU32};

use nid_kernels::convolution;
use nid_kernels::window::{self, Window};
use serde::{Deserialize, Serialize};

use super::Error;
use super::builder::Builder;
use shapes::Made;
pub use shapes::{matrices, outputs};

/// A layer of a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "layer", rename_all = "kebab-case", deny_unknown_fields)]
pub enum LayerConfig {
    /// A linear map of a row, and a bias.
    Dense {
        /// Numbers that it makes.
        outputs: NonZeroU32,
        /// What follows.
        #[serde(default, skip_serializing_if = "is_default")]
        activation: Activation,
    },
    /// A convolution over all channels, and a bias.
    Convolution {
        /// Channels that it makes.
        channels: NonZeroU32,
        /// Side of its square window in pixels.
        size: NonZeroU16,
        /// Pixels from one place of the window to the next.
        #[serde(default = "one", skip_serializing_if = "is_one")]
        stride: NonZeroU16,
        /// What surrounds the map.
        #[serde(default, skip_serializing_if = "is_default")]
        padding: Padding,
        /// What follows.
        #[serde(default, skip_serializing_if = "is_default")]
        activation: Activation,
    },
    /// Batch normalisation of every channel.
    Norm,
    /// The greatest number of each channel under a window.
    MaxPool {
        /// Side of the square window in pixels.
        size: NonZeroU16,
        /// Pixels from one place of the window to the next.
        stride: NonZeroU16,
        /// What surrounds the map.
        #[serde(default, skip_serializing_if = "is_default")]
        padding: Padding,
    },
    /// The mean of each channel under a window.
    AveragePool {
        /// Side of the square window in pixels.
        size: NonZeroU16,
        /// Pixels from one place of the window to the next.
        stride: NonZeroU16,
        /// What surrounds the map.
        #[serde(default, skip_serializing_if = "is_default")]
        padding: Padding,
    },
    /// The greatest number of each channel over its map, a row.
    GlobalMaximum,
    /// The mean of each channel over its map, a row.
    GlobalAverage,
    /// All numbers of a map in one row.
    Flatten,
    /// A function of every number.
    Activation {
        /// Which.
        function: Activation,
    },
    /// Drops a share of numbers in training.
    Dropout {
        /// The share.
        rate: f32,
    },
}

/// A function of every number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Activation {
    /// The number itself.
    #[default]
    Identity,
    /// `max(x, 0)`.
    Relu,
    /// The hyperbolic tangent.
    Tanh,
    /// The logistic function.
    Sigmoid,
}

/// What surrounds a map under a window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Padding {
    /// Nothing: the window stays within the map.
    #[default]
    Valid,
    /// As much as makes a map of the same sides, divided by the stride and rounded up.
    Same,
}

fn one() -> NonZeroU16 {
    NonZeroU16::MIN
}

fn is_one(number: &NonZeroU16) -> bool {
    *number == NonZeroU16::MIN
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl LayerConfig {
    /// The kind of its parameters, if it has any.
    fn kind(&self) -> Option<&'static str> {
        match self {
            Self::Dense { .. } => Some("dense"),
            Self::Convolution { .. } => Some("conv"),
            Self::Norm => Some("norm"),
            _ => None,
        }
    }

    /// The window that it looks through.
    fn window(&self) -> Option<Window> {
        let (size, stride, padding) = match *self {
            Self::Convolution { size, stride, padding, .. }
            | Self::MaxPool { size, stride, padding }
            | Self::AveragePool { size, stride, padding } => (size, stride, padding),
            _ => return None,
        };
        let padding = match padding {
            Padding::Valid => window::Padding::Explicit(0),
            Padding::Same => window::Padding::Same,
        };
        Some(Window { size: size.get().into(), stride: stride.get().into(), padding })
    }
}

/// What the parameters of every layer are called, up to the point in their names; none where it has none.
#[must_use]
pub fn names(layers: &[LayerConfig]) -> Vec<Option<String>> {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    let mut name = |layer: &LayerConfig| {
        let kind = layer.kind()?;
        let count = counts.entry(kind).or_default();
        *count += 1;
        Some(format!("{kind}{count}"))
    };
    layers.iter().map(&mut name).collect()
}

/// Shares to drop, as they are listed.
pub(super) fn dropouts(layers: &[LayerConfig]) -> impl Iterator<Item = f32> {
    layers.iter().filter_map(|layer| match *layer {
        LayerConfig::Dropout { rate } => Some(rate),
        _ => None,
    })
}

/// The greatest number of outputs or channels, or side of a window, that a list asks for.
pub(super) fn widest(layers: &[LayerConfig]) -> usize {
    let of_layer = |layer: &LayerConfig| match *layer {
        LayerConfig::Dense { outputs, .. } => outputs.get() as usize,
        LayerConfig::Convolution { channels, size, .. } => (channels.get() as usize).max(size.get().into()),
        _ => 1,
    };
    layers.iter().map(of_layer).max().unwrap_or(1)
}

/// Writes a list down.
///
/// # Errors
/// A layer that cannot read what the one before it has made, or a last one that makes no score for each class.
pub(super) fn build(
    network: &mut Builder<'_>,
    layers: &[LayerConfig],
    input: [usize; 3],
    classes: usize,
) -> Result<(), Error> {
    let found = outputs(layers, input)?;
    if found != classes {
        let (found, expected) = (Made::row(found).to_string(), Made::row(classes).to_string());
        return Err(Error::Layer {
            number: layers.len(),
            found,
            expected: format!("{expected}, a score for each class"),
        });
    }
    for (layer, name) in layers.iter().zip(names(layers)) {
        add(network, layer, name.as_deref().unwrap_or_default());
    }
    Ok(())
}

fn add<'b, 'a>(network: &'b mut Builder<'a>, layer: &LayerConfig, name: &str) -> &'b mut Builder<'a> {
    match (layer, layer.window()) {
        (&LayerConfig::Dense { outputs, activation }, _) => {
            activate(network.dense(name, outputs.get() as usize), activation)
        }
        (&LayerConfig::Convolution { channels, activation, .. }, Some(window)) => {
            activate(network.convolution(name, window, channels.get() as usize), activation)
        }
        (LayerConfig::MaxPool { .. }, Some(window)) => network.max_pool(window),
        (LayerConfig::AveragePool { .. }, Some(window)) => network.average_pool(window),
        (LayerConfig::Norm, _) => network.norm(name, convolution::Activation::Identity),
        (LayerConfig::GlobalMaximum, _) => network.global_maximum(),
        (LayerConfig::GlobalAverage, _) => network.global_average(),
        (LayerConfig::Flatten, _) => network.flatten(),
        (&LayerConfig::Activation { function }, _) => activate(network, function),
        (&LayerConfig::Dropout { rate }, _) => network.dropout(rate),
        (_, None) => network,
    }
}

fn activate<'b, 'a>(network: &'b mut Builder<'a>, activation: Activation) -> &'b mut Builder<'a> {
    match activation {
        Activation::Identity => network,
        Activation::Relu => network.relu(),
        Activation::Tanh => network.tanh(),
        Activation::Sigmoid => network.sigmoid(),
    }
}
