//! VGG16: thirteen 3×3 convolutions in five blocks, then fully connected layers.
//!
//! Simonyan and Zisserman, "Very Deep Convolutional Networks for Large-Scale Image Recognition" (2015),
//! configuration D. *Show, Attend and Tell* looks at the regions of `conv5_3`; older captioners read the 4,096
//! numbers of `fc7`.

use nid_kernels::convolution::Activation;
use nid_kernels::window::Padding;

use super::table::{Channels, Convolution, Dense, Layer, window};

/// Convolutions and channels of each block.
const BLOCKS: [(usize, usize); 5] = [(2, 64), (2, 128), (3, 256), (3, 512), (3, 512)];

/// The regions after the last convolution: 512 channels at 1/16 of the picture's sides.
pub(super) fn conv5_3() -> Vec<Layer> {
    let mut layers = Vec::new();
    for (block, (count, channels)) in BLOCKS.iter().enumerate() {
        if block > 0 {
            layers.push(halve());
        }
        for index in 0..*count {
            layers.push(Layer::Convolution(Convolution {
                name: format!("block{}_conv{}", block + 1, index + 1),
                window: window(3, 1, Padding::Explicit(1)),
                channels: Channels::Mixed(*channels),
                bias: true,
                norm: None,
                activation: Activation::Relu,
            }));
        }
    }
    layers
}

/// The 4,096 numbers of the second fully connected layer, for pictures of 224 by 224 pixels.
pub(super) fn fc7() -> Vec<Layer> {
    let dense = |name: &str, sees| {
        Layer::Dense(Dense { name: name.to_owned(), sees, outputs: 4096, activation: Activation::Relu })
    };
    let mut layers = conv5_3();
    layers.extend([halve(), dense("fc1", [7, 7]), dense("fc2", [1, 1])]);
    layers
}

fn halve() -> Layer {
    Layer::MaxPool(window(2, 2, Padding::Explicit(0)))
}
