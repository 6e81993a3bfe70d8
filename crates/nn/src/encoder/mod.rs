//! Convolutional encoders: a picture becomes regions, each a vector of features.
//!
//! An encoder is a table of its layers (`Architecture`, plain data) and weights that carry the names in
//! that table. One executor runs every table, so that a further encoder is a further table. Published weights
//! are used as they are: names and layouts are PyTorch's, batch normalisation is folded in when they are
//! loaded.
//!
//! What a picture's numbers mean (RGB or BGR, mean, scale) belongs to whoever prepares it: pictures come in
//! as the network was trained to read them, `[height, width, 3]`.

mod efficientnet;
mod load;
mod run;
mod table;
mod vgg;

use std::sync::{Mutex, PoisonError};

use nid_kernels::window::Extent;
use nid_kernels::{Level, Threads};
use rayon::prelude::*;

pub use nid_kernels::convolution::Activation;
pub use nid_kernels::window::{Padding, Window};
pub use table::{Architecture, Channels, Convolution, Dense, Layer, Norm};
use table::{extents, regions};

/// Threads for each picture from which on all work together on one after another; they have hardly more to share.
const FEW: usize = 4;
/// Channels of a picture.
const COLOURS: usize = 3;

/// Why an array could not be had.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// What can go wrong with an encoder.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no architecture of that name.
    #[error("unknown encoder {found:?}, expected one of {}", known.join(", "))]
    Unknown {
        /// What was asked for.
        found: String,
        /// What there is.
        known: Vec<&'static str>,
    },
    /// An array could not be read.
    #[error("cannot load the encoder's {name}")]
    Weights {
        /// The array.
        name: String,
        /// Why.
        source: Failure,
    },
    /// An array has another size than its layer.
    #[error("the encoder's {name} has {found} numbers, expected shape {shape:?}")]
    Length {
        /// The array.
        name: String,
        /// The shape that the layer needs.
        shape: Vec<usize>,
        /// How many numbers came.
        found: usize,
    },
    /// A table asks for a depthwise convolution that there is no kernel for.
    #[error("{name} is a depthwise convolution of {size} by {size}, expected 3, 5 or 7")]
    Depthwise {
        /// The layer.
        name: String,
        /// Its window.
        size: usize,
    },
    /// Pictures of that size do not go through the layers.
    #[error(
        "pictures of {height} by {width} pixels do not fit this encoder: layer {layer} cannot take a map of {} by {} \
         pixels", map.height, map.width
    )]
    Picture {
        /// Rows of pixels.
        height: usize,
        /// Pixels in a row.
        width: usize,
        /// The row of the table at which it ended, from 0.
        layer: usize,
        /// The map that reached it.
        map: Extent,
    },
    /// The pictures' numbers are not as many as their size says.
    #[error("{count} pictures of {height} by {width} pixels have {found} numbers, expected {expected}")]
    Pixels {
        /// How many pictures there should be.
        count: usize,
        /// Rows of pixels.
        height: usize,
        /// Pixels in a row.
        width: usize,
        /// How many numbers came.
        found: usize,
        /// How many that size needs.
        expected: u128,
    },
}

/// What an encoder sees in some pictures.
#[derive(Clone, Debug, PartialEq)]
pub struct Features {
    /// `[pictures, regions, channels]`; regions go row by row over the picture.
    pub numbers: Vec<f32>,
    /// Regions of one picture: 1 where the last layer is dense.
    pub regions: usize,
    /// Numbers of one region.
    pub channels: usize,
}

/// A network with its weights, ready to run from any number of threads.
pub struct Encoder {
    layers: Vec<Layer>,
    steps: Vec<(load::Step, usize)>,
    workspaces: Mutex<Vec<run::Workspace>>,
}

impl Encoder {
    /// Builds the network of a table from the arrays that `array` gives by name and expected shape
    /// (PyTorch's layout, row-major).
    ///
    /// # Errors
    /// If an array cannot be had or has the wrong size.
    pub fn new<E: Into<Failure>>(
        architecture: &Architecture,
        array: impl Fn(&str, &[usize]) -> Result<Vec<f32>, E>,
    ) -> Result<Self, Error> {
        let source = |name: &str, shape: &[usize]| array(name, shape).map_err(Into::into);
        let steps = load::steps(&architecture.layers, COLOURS, &source, Level::best())?;
        Ok(Self { layers: architecture.layers.clone(), steps, workspaces: Mutex::default() })
    }

    /// Regions and channels of the features of pictures of that size.
    ///
    /// # Errors
    /// If such pictures do not fit the layers.
    pub fn shape(&self, height: usize, width: usize) -> Result<[usize; 2], Error> {
        Ok(regions(&extents(&self.layers, height, width)?))
    }

    /// Encodes `count` pictures, `[count, height, width, 3]`.
    ///
    /// One picture, or some where there are several times as many threads, are worked on by all threads together; of more,
    /// each thread of the current rayon pool takes one at a time. The features are the same to the last bit.
    ///
    /// # Errors
    /// If the pictures' numbers are not as many as their size says, or such pictures do not fit the layers.
    pub fn encode(&self, pictures: &[f32], count: usize, height: usize, width: usize) -> Result<Features, Error> {
        let expected = [count, height, width].iter().try_fold(COLOURS as u128, |n, side| n.checked_mul(*side as u128));
        let expected = expected.unwrap_or(u128::MAX);
        if expected != pictures.len() as u128 {
            return Err(Error::Pixels { count, height, width, found: pictures.len(), expected });
        }
        let extents = extents(&self.layers, height, width)?;
        let [regions, channels] = regions(&extents);
        let mut numbers = vec![0.0; count * regions * channels];
        let (made, read) = (regions * channels, height * width * COLOURS);
        let run = |features: &mut [f32], picture: &[f32], threads| {
            let mut workspace = self.workspaces().pop().unwrap_or_default();
            workspace.run(&self.steps, &extents, picture, features, threads);
            self.workspaces().push(workspace);
        };
        if count == 1 || count * FEW <= rayon::current_num_threads() {
            let pairs = numbers.chunks_exact_mut(made).zip(pictures.chunks_exact(read));
            pairs.for_each(|(features, picture)| run(features, picture, Threads::All));
        } else {
            let pairs = numbers.par_chunks_exact_mut(made).zip(pictures.par_chunks_exact(read));
            pairs.for_each(|(features, picture)| run(features, picture, Threads::One));
        }
        Ok(Features { numbers, regions, channels })
    }

    /// Buffers that nobody uses at the moment.
    fn workspaces(&self) -> std::sync::MutexGuard<'_, Vec<run::Workspace>> {
        self.workspaces.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
