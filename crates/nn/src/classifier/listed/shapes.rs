//! What the layers of a list read and make, told before memory is taken for any.

use std::fmt::{self, Display};
use std::num::NonZeroU16;

use nid_kernels::window::Extent;

use super::LayerConfig;
use crate::classifier::Error;

/// The most numbers that a map may have: what a list claims must not fill the memory.
const LARGEST_MAP: usize = 1 << 24;
/// The most numbers that a convolution may see at each place, for it gathers those of many places at a time.
const LARGEST_WINDOW: usize = 1 << 16;

/// What a layer reads or makes.
#[derive(Clone, Copy)]
pub(super) struct Made {
    extent: Extent,
    /// Whether it is a row, all of whose numbers are channels of one pixel.
    is_row: bool,
}

impl Made {
    pub(super) fn row(numbers: usize) -> Self {
        Self { extent: Extent { height: 1, width: 1, channels: numbers }, is_row: true }
    }

    /// Numbers of all pixels; the largest number where they are beyond counting.
    fn numbers(self) -> usize {
        let Extent { height, width, channels } = self.extent;
        height.saturating_mul(width).saturating_mul(channels)
    }
}

impl Display for Made {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Extent { height, width, channels } = self.extent;
        match self.is_row {
            true => write!(f, "a row of {channels} numbers"),
            false => write!(f, "a map of {height} × {width} × {channels}"),
        }
    }
}

impl LayerConfig {
    /// What it makes of this.
    ///
    /// # Errors
    /// What it cannot read: what it expects instead.
    fn made(&self, read: Made) -> Result<Made, &'static str> {
        const TOO_LARGE: &str = "no more than 16,777,216 numbers";
        if read.numbers() > LARGEST_MAP {
            return Err(TOO_LARGE);
        }
        let extent = read.extent;
        let made = match *self {
            Self::Norm | Self::Activation { .. } | Self::Dropout { .. } => read,
            Self::Flatten => Made::row(read.numbers()),
            Self::Dense { outputs, .. } if read.is_row => Made::row(outputs.get() as usize),
            Self::Dense { .. } => return Err("a row: flatten the map before"),
            _ if read.is_row => return Err("a map"),
            Self::GlobalMaximum | Self::GlobalAverage => Made::row(extent.channels),
            Self::Convolution { channels, size, .. } => {
                if taps(size).saturating_mul(extent.channels) > LARGEST_WINDOW {
                    return Err("a map of which the window sees no more than 65,536 numbers");
                }
                self.seen(extent, channels.get() as usize)
            }
            Self::MaxPool { .. } | Self::AveragePool { .. } => self.seen(extent, extent.channels),
        };
        match made.numbers() {
            0 => Err("a map that the window fits"),
            1..=LARGEST_MAP => Ok(made),
            _ => Err(TOO_LARGE),
        }
    }

    /// The map that its window makes.
    fn seen(&self, extent: Extent, channels: usize) -> Made {
        let extent = self.window().map_or(extent, |window| window.output(extent, channels));
        Made { extent, is_row: false }
    }
}

/// Pixels under a square window.
fn taps(size: NonZeroU16) -> usize {
    usize::from(size.get()).pow(2)
}

/// What every layer reads, and then what the last one makes.
fn shapes(layers: &[LayerConfig], [height, width, channels]: [usize; 3]) -> Result<Vec<Made>, Error> {
    let mut shapes = vec![Made { extent: Extent { height, width, channels }, is_row: false }];
    for (layer, number) in layers.iter().zip(1..) {
        let read = shapes[number - 1];
        let refused = |expected: &str| Error::Layer { number, found: read.to_string(), expected: expected.to_owned() };
        shapes.push(layer.made(read).map_err(refused)?);
    }
    Ok(shapes)
}

/// How many numbers the last layer makes in a row, over pictures `input` = `[H, W, C]`.
///
/// # Errors
/// A layer that cannot read what the one before it has made, or a last one that makes a map.
pub fn outputs(layers: &[LayerConfig], input: [usize; 3]) -> Result<usize, Error> {
    let shapes = shapes(layers, input)?;
    let made = shapes[layers.len()];
    if !made.is_row {
        let expected = "a row of numbers, a score for each class".to_owned();
        return Err(Error::Layer { number: layers.len(), found: made.to_string(), expected });
    }
    Ok(made.extent.channels)
}

/// Rows and columns of the parameters of every layer that has any, over pictures `input` = `[H, W, C]`.
///
/// # Errors
/// A layer that cannot read what the one before it has made.
pub fn matrices(layers: &[LayerConfig], input: [usize; 3]) -> Result<Vec<[usize; 2]>, Error> {
    let shapes = shapes(layers, input)?;
    let matrix = |(layer, read): (&LayerConfig, &Made)| match layer {
        LayerConfig::Dense { outputs, .. } => Some([read.extent.channels, outputs.get() as usize]),
        LayerConfig::Convolution { channels, size, .. } => {
            Some([taps(*size).saturating_mul(read.extent.channels), channels.get() as usize])
        }
        LayerConfig::Norm => Some([1, read.extent.channels]),
        _ => None,
    };
    Ok(layers.iter().zip(&shapes).filter_map(matrix).collect())
}
