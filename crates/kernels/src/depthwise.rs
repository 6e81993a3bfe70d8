//! Depthwise convolution: every channel has its own small filter and meets no other.
//!
//! There is no product to hand this to. The loop goes over the channels of a vector at a time: the filter of
//! those channels stays in registers while the window slides along a row of pixels; two rows at once where they
//! share most of what they see. Rows above and below the map are a row of zeros, so that only the few places at the
//! left and right edge need a test.

use std::ops::Range;

use pulp::{Scalar, Simd, WithSimd};

use crate::convolution::{Filter, for_each_band};
use crate::level::clamp;
use crate::window::{Axis, Extent, Window};
use crate::{Level, Threads};

/// A depthwise convolution.
#[derive(Debug)]
pub struct Depthwise {
    level: Level,
    window: Window,
    filter: Filter,
}

impl Depthwise {
    /// The convolution of a window and its filter, whose weights are `[taps, channels]`.
    ///
    /// # Panics
    /// If the lengths do not fit together, or for a window that is not 3, 5 or 7 pixels wide.
    #[must_use]
    pub fn new(window: Window, filter: Filter, level: Level) -> Self {
        let (weights, taps) = (filter.weights.len(), window.size * window.size);
        assert_eq!(weights, taps * filter.bias.len(), "weights of {window:?}");
        assert!(matches!(window.size, 3 | 5 | 7), "a depthwise window of {} pixels, expected 3, 5 or 7", window.size);
        Self { level, window, filter }
    }

    /// What it sees at each place.
    #[must_use]
    pub fn window(&self) -> Window {
        self.window
    }

    /// How many channels it has.
    #[must_use]
    pub fn channels(&self) -> usize {
        self.filter.bias.len()
    }

    /// Makes a map, as deep as the input, of a map of that extent.
    ///
    /// # Panics
    /// If the lengths do not fit together.
    pub fn run(&self, output: &mut [f32], input: &[f32], extent: Extent, threads: Threads) {
        let made = self.window.output(extent, extent.channels);
        assert_eq!(extent.channels, self.channels(), "channels of a map");
        assert_eq!(input.len(), extent.numbers(), "numbers in a map of {extent:?}");
        assert_eq!(output.len(), made.numbers(), "numbers in a map of {made:?}");
        if output.is_empty() {
            return;
        }
        let zeros = vec![0.0; extent.row()];
        let rows = self.rows_at_once();
        for_each_band(output, rows * made.row(), threads, |band, output| {
            let first = band * rows;
            let row = |y: usize| &input[y * extent.row()..(y + 1) * extent.row()];
            self.rows(output, first, row, &zeros, extent, 0..extent.channels);
        });
    }

    /// How many rows are best computed together.
    pub(crate) fn rows_at_once(&self) -> usize {
        if self.window.stride == 1 && self.window.size < 7 { 2 } else { 1 }
    }

    /// Fills some rows of output from `first` on, at most [`Self::rows_at_once`], for some of the channels: rows of input, which `row`
    /// gives, and of output hold these alone. `zeros` is a row of zeros.
    pub(crate) fn rows<'a>(
        &self,
        output: &mut [f32],
        first: usize,
        row: impl Fn(usize) -> &'a [f32],
        zeros: &'a [f32],
        extent: Extent,
        channels: Range<usize>,
    ) {
        let (vertical, horizontal) = (self.window.along(extent.height), self.window.along(extent.width));
        let length = extent.width * channels.len();
        let source = |tap: usize| {
            // Where two rows are computed, the second's last tap is one after the first's.
            let (y, tap) = if tap < self.window.size { (first, tap) } else { (first + 1, tap - 1) };
            let row = if vertical.taps(y).contains(&tap) { row(vertical.input(y, tap)) } else { zeros };
            &row[..length]
        };
        let slide = Slide { output, horizontal, width: extent.width, filter: &self.filter, channels };
        match (self.window.size, slide.output.len() > horizontal.outputs * slide.channels.len()) {
            (3, false) => self.level.run(Rows::<3, 1, 3> { slide, rows: std::array::from_fn(source) }),
            (3, true) => self.level.run(Rows::<3, 2, 4> { slide, rows: std::array::from_fn(source) }),
            (5, false) => self.level.run(Rows::<5, 1, 5> { slide, rows: std::array::from_fn(source) }),
            (5, true) => self.level.run(Rows::<5, 2, 6> { slide, rows: std::array::from_fn(source) }),
            _ => self.level.run(Rows::<7, 1, 7> { slide, rows: std::array::from_fn(source) }),
        }
    }
}

/// A window that slides along rows.
struct Slide<'a> {
    output: &'a mut [f32],
    horizontal: Axis,
    width: usize,
    filter: &'a Filter,
    channels: Range<usize>,
}

/// The same of `SIZE` by `SIZE` pixels, making `MADE` rows of `SEEN`.
struct Rows<'a, const SIZE: usize, const MADE: usize, const SEEN: usize> {
    slide: Slide<'a>,
    rows: [&'a [f32]; SEEN],
}

impl<const SIZE: usize, const MADE: usize, const SEEN: usize> WithSimd for Rows<'_, SIZE, MADE, SEEN> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let channels = self.slide.channels.len();
        for row in self.rows {
            assert_eq!(row.len(), self.slide.width * channels, "numbers of a row");
        }
        let whole = channels - channels % S::F32_LANES;
        for channel in (0..whole).step_by(S::F32_LANES) {
            self.slide(simd, channel);
        }
        for channel in whole..channels {
            self.slide(Scalar::new(), channel);
        }
    }
}

impl<const SIZE: usize, const MADE: usize, const SEEN: usize> Rows<'_, SIZE, MADE, SEEN> {
    /// Computes one vector of channels, from `channel` on, in every pixel of the rows.
    #[inline(always)]
    fn slide<S: Simd>(&mut self, simd: S, channel: usize) {
        let Slide { horizontal, filter, ref channels, .. } = self.slide;
        let (all, first, channels) = (filter.bias.len(), channels.start + channel, channels.len());
        let mut weights = [[simd.splat_f32s(0.0); SIZE]; SIZE];
        for (tap, weight) in weights.as_flattened_mut().iter_mut().enumerate() {
            *weight = load::<S>(&filter.weights, tap * all + first);
        }
        let bias = load::<S>(&filter.bias, first);
        let (low, high) = filter.activation.range();
        let range = (simd.splat_f32s(low), simd.splat_f32s(high));

        let interior = horizontal.interior();
        for x in 0..horizontal.outputs {
            let mut sums = [bias; MADE];
            if interior.contains(&x) {
                let first = horizontal.input(x, 0) * channels + channel;
                for column in 0..SIZE {
                    self.add(simd, &mut sums, &weights, column, first + column * channels);
                }
            } else {
                for column in horizontal.taps(x) {
                    let first = horizontal.input(x, column) * channels + channel;
                    self.add(simd, &mut sums, &weights, column, first);
                }
            }
            for (made, sum) in sums.into_iter().enumerate() {
                let place = (made * horizontal.outputs + x) * channels + channel;
                store::<S>(self.slide.output, place, clamp(simd, sum, range));
            }
        }
    }

    /// Adds what one column of the window sees, of which the channels' numbers begin at `place` in every row.
    #[inline(always)]
    fn add<S: Simd>(
        &self,
        simd: S,
        sums: &mut [S::f32s; MADE],
        weights: &[[S::f32s; SIZE]; SIZE],
        column: usize,
        place: usize,
    ) {
        for (seen, row) in self.rows.iter().enumerate() {
            let number = load::<S>(row, place);
            for (made, sum) in sums.iter_mut().enumerate() {
                // The second row, where there is one, begins a pixel below the first.
                if seen >= made && seen - made < SIZE {
                    *sum = simd.mul_add_e_f32s(weights[seen - made][column], number, *sum);
                }
            }
        }
    }
}

/// The vector that starts at `from[at]`.
#[inline(always)]
fn load<S: Simd>(from: &[f32], at: usize) -> S::f32s {
    S::as_simd_f32s(&from[at..at + S::F32_LANES]).0[0]
}

/// Puts a vector at `to[at]`.
#[inline(always)]
fn store<S: Simd>(to: &mut [f32], at: usize, vector: S::f32s) {
    S::as_mut_simd_f32s(&mut to[at..at + S::F32_LANES]).0[0] = vector;
}
