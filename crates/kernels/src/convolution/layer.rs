//! A convolution whose weights are known beforehand.

use super::Convolution;
use super::gather::Windows;
use super::winograd::{Tiles, Winograd};
use crate::aligned::{Aligned, at_least};
use crate::convolution::Filter;
use crate::dense::Dense;
use crate::packed::Rows;
use crate::window::{Extent, Window};
use crate::{Level, Threads};

/// Numbers that are gathered at a time: a quarter of a second cache.
const GATHERED: usize = 1 << 16;

/// A convolution of any window over all channels, with its weights.
#[derive(Debug)]
pub struct Layer {
    window: Window,
    inputs: usize,
    outputs: usize,
    method: Method,
}

#[derive(Debug)]
enum Method {
    /// What the window sees is gathered and multiplied.
    Gather(Dense),
    Winograd(Winograd),
}

/// What a layer works with; kept between calls, for fresh memory is slow to touch.
#[derive(Debug, Default)]
pub struct Gathered {
    /// What each thread gathers.
    threads: Vec<Aligned>,
    tiles: Tiles,
}

impl Layer {
    /// The layer of a filter, whose weights are `[taps × input channels, output channels]`.
    ///
    /// # Panics
    /// If the lengths do not fit together.
    #[must_use]
    pub fn new(window: Window, filter: Filter, level: Level) -> Self {
        let seen = filter.weights.len().checked_div(filter.bias.len()).unwrap_or(0);
        let inputs = seen / (window.size * window.size);
        let outputs = filter.bias.len();
        assert_eq!(filter.weights.len(), window.size * window.size * inputs * outputs, "weights of {window:?}");
        let method = match Winograd::pays(window, inputs, outputs) {
            true => Method::Winograd(Winograd::new(window, &filter, level)),
            false => Method::Gather(Dense::new(filter, level)),
        };
        Self { window, inputs, outputs, method }
    }

    /// Makes a map of a map of that extent.
    ///
    /// # Panics
    /// If the lengths do not fit together.
    pub fn run(&self, output: &mut [f32], input: &[f32], extent: Extent, gathered: &mut Gathered, threads: Threads) {
        assert_eq!(input.len(), extent.numbers(), "numbers in a map of {extent:?}");
        assert_eq!(extent.channels, self.inputs, "channels of a map of {extent:?}");
        let made = self.window.output(extent, self.outputs);
        assert_eq!(output.len(), made.numbers(), "numbers in a map of {made:?}");
        if output.is_empty() {
            return;
        }
        let dense = match &self.method {
            Method::Gather(dense) => dense,
            Method::Winograd(layer) => {
                return layer.run(output, input, extent, &mut gathered.tiles, threads);
            }
        };
        if self.window.is_pointwise() {
            return dense.run(output, input, threads);
        }
        gather(
            dense,
            Convolution { extent, window: self.window, channels: self.outputs },
            output,
            input,
            &mut gathered.threads,
            threads,
        );
    }
}

/// Multiplies what the window sees with the weights.
fn gather(
    dense: &Dense,
    convolution: Convolution,
    output: &mut [f32],
    input: &[f32],
    own: &mut Vec<Aligned>,
    threads: Threads,
) {
    let made = convolution.output();
    let packed = &dense.packed;
    let windows = Windows::new(convolution);
    let finish = dense.finish();
    let band = made.height.div_ceil(threads.count());
    let seen = made.width * convolution.seen();
    let rows = (GATHERED / seen).clamp(1, band);
    let own = at_least(own, threads.count());
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
