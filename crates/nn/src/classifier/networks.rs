//! The networks, layer by layer.

use nid_kernels::convolution::Activation::{self, Identity, Relu};
use nid_kernels::window::Window;

use super::builder::{Builder, SAME, WITHIN};

/// A hidden layer over all pixels.
pub(super) fn mlp(network: &mut Builder<'_>, hidden: usize, dropout: f32, classes: usize) {
    network.flatten().dense("hidden", hidden).relu().dropout(dropout).dense("output", classes);
}

/// Two convolutions that stay within the picture, a pool, a hidden layer.
pub(super) fn cnn(network: &mut Builder<'_>, width: usize, hidden: usize, classes: usize) {
    network.convolution("conv1", WITHIN, width).relu();
    network.convolution("conv2", WITHIN, width).relu();
    network.halve().dropout(0.25);
    network.flatten().dense("hidden", hidden).relu().dropout(0.5);
    network.dense("output", classes);
}

/// A convolution at the picture's own sides, then two stages of one residual block each at half and a quarter of them:
/// most of the work is where maps are small and channels many.
pub(super) fn small(network: &mut Builder<'_>, width: usize, dropout: f32, classes: usize) {
    let halving = Window { stride: 2, ..SAME };
    network.normalised(["stem", "stem_norm"], SAME, width, Relu);
    network.normalised(["conv1", "norm1"], halving, 2 * width, Relu);
    block(network, "block1", Identity).relu();
    network.normalised(["conv2", "norm2"], halving, 3 * width, Relu);
    block(network, "block2", Identity).relu();
    network.global_average().dropout(dropout).dense("output", classes);
}

/// Page's network: four convolutions, three of them with a pool, and two residual blocks of two convolutions.
pub(super) fn best(network: &mut Builder<'_>, width: usize, dropout: f32, classes: usize) {
    network.normalised(["stem", "stem_norm"], SAME, width, Relu);
    network.normalised(["conv1", "norm1"], SAME, 2 * width, Relu).halve();
    block(network, "block1", Relu);
    network.normalised(["conv2", "norm2"], SAME, 4 * width, Relu).halve();
    network.normalised(["conv3", "norm3"], SAME, 8 * width, Relu).halve();
    block(network, "block2", Relu);
    network.global_maximum().dropout(dropout).dense("output", classes).scale(SCORE_SCALE);
}

/// What Page multiplies scores by: large weights then make moderate scores, which keeps the first steps calm.
const SCORE_SCALE: f32 = 0.125;

/// Two convolutions, the second with what follows it, added to what came in.
fn block<'b, 'a>(network: &'b mut Builder<'a>, name: &str, last: Activation) -> &'b mut Builder<'a> {
    let channels = network.channels();
    network.residual(name, |branch| {
        branch.normalised(["conv1", "norm1"], SAME, channels, Relu);
        branch.normalised(["conv2", "norm2"], SAME, channels, last);
    })
}
