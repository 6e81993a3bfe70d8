//! A convolution over a batch of maps, and its gradients: what training asks for.
//!
//! All three are products over gathered windows, a band of places at a time. Bands go through the maps of a batch as
//! if they were one tall map, so that many small maps make few large products. With `X` the gathered windows,
//! `[places, taps × input channels]`, `W` the weights and `G` the gradient of the output, `[places, output channels]`:
//! the output is `X · W`, the gradient of the weights `Xᵀ · G`, and that of the input `G · Wᵀ` with each number added
//! to where the window had it from ("col2im"). One thread works on each: training gives every thread its own part of
//! the batch.

use super::gather::Windows;
use crate::convolution::for_each_band;
use crate::window::{Extent, Window};
use crate::{Matrix, Threads, elementwise, product};

/// Numbers gathered at a time: 1 MiB, so that what was gathered is still in the cache when the product reads it.
const GATHERED: usize = 1 << 18;
/// Places gathered at a time, at least: packing the weights for each product must not count.
const FEWEST_PLACES: usize = 512;

/// A window over all channels of maps of one extent. Weights are `[taps × input channels, output channels]`, taps
/// row by row, as a [`Filter`](super::Filter) has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Convolution {
    /// Of each map that it reads.
    pub extent: Extent,
    /// What it sees at each place.
    pub window: Window,
    /// How many channels the maps have that it makes.
    pub channels: usize,
}

impl Convolution {
    /// The extent of each map that it makes.
    #[must_use]
    pub fn output(self) -> Extent {
        self.window.output(self.extent, self.channels)
    }

    /// Numbers of working memory that a batch of `maps` maps asks for.
    #[must_use]
    pub fn working_memory(self, maps: usize) -> usize {
        if self.window.is_pointwise() { 0 } else { self.rows(maps) * self.output().width * self.seen() }
    }

    /// `X · W + bias`: `input` is `[maps, height, width, channels]`, `output` likewise with [`Self::output`]'s sizes;
    /// `gathered` is [`Self::working_memory`], whatever it holds.
    ///
    /// # Panics
    /// If the lengths do not fit together.
    pub fn forward(
        self,
        output: &mut [f32],
        input: &[f32],
        weights: &[f32],
        bias: Option<&[f32]>,
        gathered: &mut [f32],
    ) {
        let maps = self.maps(input, output);
        self.multiply(output, input, weights, self.rows(maps), gathered, Threads::One, |output| {
            if let Some(bias) = bias {
                elementwise::add_to_rows(output, bias);
            }
        });
    }

    /// Adds `Xᵀ · G`, the gradient of the weights, to `sums`; shapes as [`Self::forward`] has them.
    ///
    /// # Panics
    /// If the lengths do not fit together.
    pub fn weight_gradient(self, sums: &mut [f32], input: &[f32], gradient: &[f32], gathered: &mut [f32]) {
        let rows = self.rows(self.maps(input, gradient));
        for (index, gradient) in self.bands(gradient, rows).enumerate() {
            let seen = self.see(input, index * rows, gradient.len(), gathered, Threads::One);
            let gradient = Matrix::new(gradient, gradient.len() / self.channels, self.channels);
            product(sums, seen.transposed(), gradient, true, Threads::One);
        }
    }

    /// Adds `G · Wᵀ`, the gradient of the input, to `sums`, each number where the window had it from; shapes as
    /// [`Self::forward`] has them.
    ///
    /// # Panics
    /// If the lengths do not fit together.
    pub fn input_gradient(self, sums: &mut [f32], weights: &[f32], gradient: &[f32], gathered: &mut [f32]) {
        let rows = self.rows(self.maps(sums, gradient));
        let windows = Windows::new(self);
        let weights = Matrix::new(weights, self.seen(), self.channels).transposed();
        let pointwise = self.window.is_pointwise();
        for (index, gradient) in self.bands(gradient, rows).enumerate() {
            let places = gradient.len() / self.channels;
            let gradient = Matrix::new(gradient, places, self.channels);
            if pointwise {
                let first = index * rows * self.extent.row();
                product(&mut sums[first..first + places * self.seen()], gradient, weights, true, Threads::One);
                continue;
            }
            let gathered = &mut gathered[..places * self.seen()];
            product(gathered, gradient, weights, false, Threads::One);
            for (row, seen) in gathered.chunks_exact(self.output().width * self.seen()).enumerate() {
                windows.scatter(sums, seen, index * rows + row);
            }
        }
    }

    /// `X · W`, and `finish` on each band while it is in the cache; `rows` are gathered at a time.
    #[expect(clippy::too_many_arguments, reason = "the whole of a convolution; its public forms take fewer")]
    pub(super) fn multiply(
        self,
        output: &mut [f32],
        input: &[f32],
        weights: &[f32],
        rows: usize,
        gathered: &mut [f32],
        threads: Threads,
        finish: impl Fn(&mut [f32]),
    ) {
        let weights = Matrix::new(weights, self.seen(), self.channels);
        for (index, output) in output.chunks_mut((rows * self.output().row()).max(1)).enumerate() {
            let seen = self.see(input, index * rows, output.len(), gathered, threads);
            product(output, seen, weights, false, threads);
            finish(output);
        }
    }

    /// `X` for the `length` numbers of output from row `row` on: gathered, or the input itself where the window is
    /// one pixel.
    fn see<'a>(
        self,
        input: &'a [f32],
        row: usize,
        length: usize,
        gathered: &'a mut [f32],
        threads: Threads,
    ) -> Matrix<'a> {
        let places = length / self.channels;
        let numbers = places * self.seen();
        if self.window.is_pointwise() {
            let first = row * self.extent.row();
            return Matrix::new(&input[first..first + numbers], places, self.seen());
        }
        let windows = Windows::new(self);
        let gathered = &mut gathered[..numbers];
        for_each_band(gathered, self.output().width * self.seen(), threads, |band, seen| {
            windows.gather(seen, input, row + band);
        });
        Matrix::new(gathered, places, self.seen())
    }

    /// Numbers that the window sees at one place.
    pub(super) fn seen(self) -> usize {
        self.window.size * self.window.size * self.extent.channels
    }

    /// How many rows of output to gather at a time, of a batch of `maps` maps.
    fn rows(self, maps: usize) -> usize {
        let Extent { height, width, .. } = self.output();
        let places = (GATHERED / self.seen().max(1)).max(FEWEST_PLACES);
        (places / width.max(1)).clamp(1, (maps * height).max(1))
    }

    /// The output's numbers, `rows` rows at a time.
    fn bands(self, output: &[f32], rows: usize) -> impl Iterator<Item = &[f32]> {
        output.chunks((rows * self.output().row()).max(1))
    }

    /// How many maps these are.
    pub(super) fn maps(self, input: &[f32], output: &[f32]) -> usize {
        let maps = input.len() / self.extent.numbers().max(1);
        assert_eq!(input.len(), maps * self.extent.numbers(), "numbers in maps of {:?}", self.extent);
        assert_eq!(output.len(), maps * self.output().numbers(), "numbers in {maps} maps of {:?}", self.output());
        maps
    }
}
