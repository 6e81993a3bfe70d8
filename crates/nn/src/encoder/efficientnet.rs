//! EfficientNet-Lite: inverted residual blocks without squeeze and excitation, ReLU6 throughout.
//!
//! Tan and Le, "EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks" (2019), as its
//! authors later trimmed it for small devices: stem, head and the number of blocks in the first and last
//! stage are not scaled. The input is RGB as `(x − 127) / 128`; the output is the head's 1,280 channels.

use nid_kernels::convolution::Activation;
use nid_kernels::window::Padding::Same;

use super::table::{Channels, Convolution, Layer, Norm, window};

/// A run of like blocks; the first takes the stride, and widths are before scaling.
struct Stage {
    blocks: usize,
    size: usize,
    stride: usize,
    expansion: usize,
    channels: usize,
}

const fn stage(blocks: usize, size: usize, stride: usize, expansion: usize, channels: usize) -> Stage {
    Stage { blocks, size, stride, expansion, channels }
}

const STAGES: [Stage; 7] = [
    stage(1, 3, 1, 1, 16),
    stage(2, 3, 2, 6, 24),
    stage(2, 5, 2, 6, 40),
    stage(3, 3, 2, 6, 80),
    stage(3, 5, 1, 6, 112),
    stage(4, 5, 2, 6, 192),
    stage(1, 3, 1, 6, 320),
];
const STEM: usize = 32;
const HEAD: usize = 1280;

/// The table for one width and depth; a map of 1,280 channels at 1/32 of the picture's sides.
pub(super) fn lite(width: f64, depth: f64) -> Vec<Layer> {
    let mut layers = vec![convolution("_conv_stem", "_bn0", 3, 2, Channels::Mixed(STEM), Activation::Relu6)];
    let mut block = 0;
    let mut channels = STEM;
    for (index, stage) in STAGES.iter().enumerate() {
        let scaled = (stage.blocks as f64 * depth).ceil() as usize;
        let fixed = index == 0 || index == STAGES.len() - 1;
        for repeat in 0..if fixed { stage.blocks } else { scaled } {
            let stride = if repeat == 0 { stage.stride } else { 1 };
            let made = widened(stage.channels, width);
            let residual = stride == 1 && channels == made;
            layers.extend(residual.then_some(Layer::Remember));
            layers.extend(inverted_bottleneck(block, stage, stride, channels, made));
            layers.extend(residual.then_some(Layer::AddRemembered));
            channels = made;
            block += 1;
        }
    }
    layers.push(convolution("_conv_head", "_bn1", 1, 1, Channels::Mixed(HEAD), Activation::Relu6));
    layers
}

/// Expand, convolve each channel by itself, project: the block of MobileNetV2.
fn inverted_bottleneck(block: usize, stage: &Stage, stride: usize, from: usize, to: usize) -> Vec<Layer> {
    let layer = |name: &str, norm: usize, size, stride, channels, activation| {
        let norm = format!("_blocks.{block}._bn{norm}");
        convolution(&format!("_blocks.{block}.{name}"), &norm, size, stride, channels, activation)
    };
    let mut layers = Vec::new();
    if stage.expansion > 1 {
        let wide = Channels::Mixed(from * stage.expansion);
        layers.push(layer("_expand_conv", 0, 1, 1, wide, Activation::Relu6));
    }
    layers.push(layer("_depthwise_conv", 1, stage.size, stride, Channels::Apart, Activation::Relu6));
    layers.push(layer("_project_conv", 2, 1, 1, Channels::Mixed(to), Activation::Identity));
    layers
}

fn convolution(
    name: &str,
    norm: &str,
    size: usize,
    stride: usize,
    channels: Channels,
    activation: Activation,
) -> Layer {
    Layer::Convolution(Convolution {
        name: name.to_owned(),
        window: window(size, stride, Same),
        channels,
        bias: false,
        norm: Some(Norm { name: norm.to_owned(), epsilon: 1e-3 }),
        activation,
    })
}

/// The nearest multiple of eight to `channels × width`, but never less than nine tenths of it.
fn widened(channels: usize, width: f64) -> usize {
    let wanted = channels as f64 * width;
    let rounded = ((wanted + 4.0) / 8.0) as usize * 8;
    if (rounded as f64) < 0.9 * wanted { rounded + 8 } else { rounded.max(8) }
}
