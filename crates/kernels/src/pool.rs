//! Max pooling: the largest number under the window, channel by channel.

use crate::convolution::for_each_band;
use crate::window::{Extent, Window};
use crate::{Threads, vectorised};

/// The maximum over each place of `window`; `output` is the map that it makes of `extent`, as deep as the
/// input. Padding holds nothing: a window that sees only padding gives minus infinity.
///
/// # Panics
/// If the lengths do not fit together.
pub fn max_pool(output: &mut [f32], input: &[f32], extent: Extent, window: Window, threads: Threads) {
    let made = window.output(extent, extent.channels);
    assert_eq!(input.len(), extent.numbers(), "numbers in a map of {extent:?}");
    assert_eq!(output.len(), made.numbers(), "numbers in a map of {made:?}");
    if output.is_empty() {
        return;
    }

    let vertical = window.along(extent.height);
    let horizontal = window.along(extent.width);
    for_each_band(output, made.row(), threads, |y, output| {
        vectorised(|| {
            output.fill(f32::NEG_INFINITY);
            for tap in vertical.taps(y) {
                let first = vertical.input(y, tap) * extent.row();
                let row = &input[first..first + extent.row()];
                for (x, pixel) in output.chunks_exact_mut(extent.channels).enumerate() {
                    for column in horizontal.taps(x) {
                        let seen = &row[horizontal.input(x, column) * extent.channels..][..extent.channels];
                        pixel.iter_mut().zip(seen).for_each(|(most, x)| *most = if *x > *most { *x } else { *most });
                    }
                }
            }
        });
    });
}
