//! A convolution whose weights are known beforehand.

use super::Convolution;
use super::gather::Windows;
use crate::aligned::Aligned;
use crate::convolution::Filter;
use crate::dense::Dense;
use crate::packed::{Finish, Rows};
use crate::window::{Extent, Window};
use crate::{Level, Threads};

/// Numbers that are gathered at a time: a quarter of a second cache.
const GATHERED: usize = 1 << 16;

/// A convolution of any window over all channels, with its weights.
#[derive(Debug)]
pub struct Layer {
    window: Window,
    dense: Dense,
}

/// What each thread gathers; kept between calls, for fresh memory is slow to touch.
#[derive(Debug, Default)]
pub struct Gathered {
    threads: Vec<Aligned>,
}

impl Layer {
    /// The layer of a filter, whose weights are `[taps × input channels, output channels]`.
    ///
    /// # Panics
    /// If the lengths do not fit together.
    #[must_use]
    pub fn new(window: Window, filter: Filter, level: Level) -> Self {
        Self { window, dense: Dense::new(filter, level) }
    }

    /// Makes a map of a map of that extent.
    ///
    /// # Panics
    /// If the lengths do not fit together.
    pub fn run(&self, output: &mut [f32], input: &[f32], extent: Extent, gathered: &mut Gathered, threads: Threads) {
        assert_eq!(input.len(), extent.numbers(), "numbers in a map of {extent:?}");
        if self.window.is_pointwise() {
            return self.dense.run(output, input, threads);
        }
        let packed = &self.dense.packed;
        let convolution = Convolution { extent, window: self.window, channels: packed.outputs() };
        let made = convolution.output();
        assert_eq!(packed.inputs(), convolution.seen(), "weights of a window over {extent:?}");
        assert_eq!(output.len(), made.numbers(), "numbers in a map of {made:?}");
        if output.is_empty() {
            return;
        }
        let windows = Windows::new(convolution);
        let finish = Finish { bias: &self.dense.bias, range: self.dense.activation.range(), added: None };
        let band = made.height.div_ceil(threads.count());
        let seen = made.width * convolution.seen();
        let rows = (GATHERED / seen).clamp(1, band);
        let own = &mut gathered.threads;
        if own.len() < threads.count() {
            own.resize_with(threads.count(), Aligned::default);
        }
        threads.bands(output, band * made.row(), own, |index, output, gathered| {
            let gathered = gathered.at_least(rows * seen);
            for (chunk, output) in output.chunks_mut(rows * made.row()).enumerate() {
                let count = output.len() / made.row();
                for (row, seen) in gathered.chunks_exact_mut(seen).take(count).enumerate() {
                    windows.gather(seen, input, index * band + chunk * rows + row);
                }
                let input = Rows { numbers: &gathered[..count * seen], stride: convolution.seen() };
                packed.multiply(0..packed.panels(), 0..packed.inputs(), input, output, packed.outputs(), &finish);
            }
        });
    }
}
