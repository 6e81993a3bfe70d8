//! 3×3 convolutions with a quarter of the multiplications: Winograd's F(4×4, 3×3).
//!
//! Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks" (2016). Four by four outputs see six by six
//! inputs. These are transformed, channel by channel; each of the 36 numbers that come of it is multiplied with the weights,
//! transformed likewise, as one matrix product over all tiles; what was summed up over the channels is transformed back. The
//! transforms only add and multiply by small constants, which costs about two bits of precision: a relative L2 error
//! below 1e-5 in a network of thirteen such layers.

use pulp::{Scalar, Simd, WithSimd};

use super::{Activation, Filter};
use crate::aligned::Aligned;
use crate::level::clamp;
use crate::packed::{Finish, Packed, Rows};
use crate::window::{Axis, Extent, Window};
use crate::{Level, Matrix, Threads};

/// Side of a tile of output.
const MADE: usize = 4;
/// Side of what it sees.
const SEEN: usize = 6;
/// Numbers of a transformed tile.
const TRANSFORMED: usize = SEEN * SEEN;
/// Tiles that are worked on together, least and most: enough for products to be quick, few enough for a cache.
const TILES: std::ops::RangeInclusive<usize> = 64..=256;

/// Transforms a filter of three taps: `G` of the paper.
const FILTER: [[f64; 3]; SEEN] = [
    [1.0 / 4.0, 0.0, 0.0],
    [-1.0 / 6.0, -1.0 / 6.0, -1.0 / 6.0],
    [-1.0 / 6.0, 1.0 / 6.0, -1.0 / 6.0],
    [1.0 / 24.0, 1.0 / 12.0, 1.0 / 6.0],
    [1.0 / 24.0, -1.0 / 12.0, 1.0 / 6.0],
    [0.0, 0.0, 1.0],
];

/// A convolution of 3×3 pixels and stride 1 over all channels.
#[derive(Debug)]
pub(super) struct Winograd {
    level: Level,
    window: Window,
    /// One for each number of a transformed tile.
    weights: Vec<Packed>,
    bias: Vec<f32>,
    activation: Activation,
}

/// What a layer works with.
#[derive(Debug, Default)]
pub(super) struct Tiles {
    /// `[tile, 36, input channels]`.
    seen: Aligned,
    /// `[36, tile, output channels]`.
    products: Aligned,
}

impl Winograd {
    /// Whether this is quicker than gathering what such a window sees.
    pub(super) fn pays(window: Window, inputs: usize, outputs: usize) -> bool {
        window.size == 3 && window.stride == 1 && inputs.min(outputs) >= 16
    }

    pub(super) fn new(window: Window, filter: &Filter, level: Level) -> Self {
        let outputs = filter.bias.len();
        let inputs = filter.weights.len() / (9 * outputs);
        let weights = (0..TRANSFORMED).map(|number| {
            let mut transformed = vec![0.0_f64; inputs * outputs];
            for (tap, weights) in filter.weights.chunks_exact(inputs * outputs).enumerate() {
                let factor = FILTER[number / SEEN][tap / 3] * FILTER[number % SEEN][tap % 3];
                transformed.iter_mut().zip(weights).for_each(|(sum, weight)| *sum += factor * f64::from(*weight));
            }
            let transformed: Vec<f32> = transformed.into_iter().map(|x| x as f32).collect();
            Packed::new(Matrix::new(&transformed, inputs, outputs), level)
        });
        let weights = weights.collect();
        Self { level, window, weights, bias: filter.bias.clone(), activation: filter.activation }
    }

    /// Makes a map of a map of that extent; the lengths have been checked.
    pub(super) fn run(&self, output: &mut [f32], input: &[f32], extent: Extent, tiles: &mut Tiles, threads: Threads) {
        let made = self.window.output(extent, self.bias.len());
        let [inputs, outputs] = [extent.channels, made.channels];
        let along = made.width.div_ceil(MADE);
        let rows = inputs.max(outputs).clamp(*TILES.start(), *TILES.end()).div_ceil(along);
        let Tiles { seen, products } = tiles;
        let axes = [self.window.along(extent.height), self.window.along(extent.width)];
        for (block, output) in output.chunks_mut(rows * MADE * made.row()).enumerate() {
            let count = output.len().div_ceil(MADE * made.row()) * along;
            let first = block * rows;
            let seen = seen.at_least(count * TRANSFORMED * inputs);
            let numbers = TRANSFORMED * inputs;
            super::for_each_band(seen, along * numbers, threads, |row, seen| {
                for (column, seen) in seen.chunks_exact_mut(numbers).enumerate() {
                    let place = [first + row, column].map(|tile| tile * MADE);
                    self.level.run(Look { seen, input, extent, axes, place });
                }
            });
            let products = products.at_least(count * TRANSFORMED * outputs);
            super::for_each_band(products, count * outputs, threads, |number, products| {
                let rows = Rows { numbers: &seen[number * inputs..], stride: numbers };
                let weights = &self.weights[number];
                weights.multiply(0..weights.panels(), 0..inputs, rows, products, outputs, &Finish::NONE);
            });
            super::for_each_band(output, MADE * made.row(), threads, |row, output| {
                let tile = row * along;
                self.level.run(Back { layer: self, output, products, tile, count, width: made.width });
            });
        }
    }
}

/// Transforms what one tile sees.
struct Look<'a> {
    /// `[36, channels]`.
    seen: &'a mut [f32],
    input: &'a [f32],
    extent: Extent,
    axes: [Axis; 2],
    /// Row and column of the tile's first output.
    place: [usize; 2],
}

impl WithSimd for Look<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let channels = self.extent.channels;
        let whole = channels - channels % S::F32_LANES;
        for channel in (0..whole).step_by(S::F32_LANES) {
            self.transform(simd, channel);
        }
        for channel in whole..channels {
            self.transform(Scalar::new(), channel);
        }
    }
}

impl Look<'_> {
    #[inline(always)]
    fn transform<S: Simd>(&mut self, simd: S, channel: usize) {
        let Extent { width, channels, .. } = self.extent;
        let inside = |axis: usize, offset: usize| self.axes[axis].pixel(self.place[axis] + offset);
        let zero = simd.splat_f32s(0.0);
        let mut numbers = [[zero; SEEN]; SEEN];
        for (y, row) in numbers.iter_mut().enumerate() {
            let Some(y) = inside(0, y) else { continue };
            for (x, number) in row.iter_mut().enumerate() {
                if let Some(x) = inside(1, x) {
                    let start = (y * width + x) * channels + channel;
                    *number = S::as_simd_f32s(&self.input[start..start + S::F32_LANES]).0[0];
                }
            }
            *row = seen(simd, *row);
        }
        for x in 0..SEEN {
            let [a, b, c, d, e, f] = &numbers;
            let column = seen(simd, [a[x], b[x], c[x], d[x], e[x], f[x]]);
            for (y, number) in column.into_iter().enumerate() {
                let start = (y * SEEN + x) * channels + channel;
                S::as_mut_simd_f32s(&mut self.seen[start..start + S::F32_LANES]).0[0] = number;
            }
        }
    }
}

/// Transforms the sums of a row of tiles back.
struct Back<'a> {
    layer: &'a Winograd,
    /// Rows of the map, at most four.
    output: &'a mut [f32],
    products: &'a [f32],
    /// The first tile of the row, of so many.
    tile: usize,
    count: usize,
    width: usize,
}

impl WithSimd for Back<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let channels = self.layer.bias.len();
        let whole = channels - channels % S::F32_LANES;
        for column in (0..self.width).step_by(MADE) {
            for channel in (0..whole).step_by(S::F32_LANES) {
                self.transform(simd, column, channel);
            }
            for channel in whole..channels {
                self.transform(Scalar::new(), column, channel);
            }
        }
    }
}

impl Back<'_> {
    #[inline(always)]
    fn transform<S: Simd>(&mut self, simd: S, column: usize, channel: usize) {
        let channels = self.layer.bias.len();
        let tile = self.tile + column / MADE;
        let mut rows = [[simd.splat_f32s(0.0); MADE]; SEEN];
        for (y, row) in rows.iter_mut().enumerate() {
            let mut sums = [simd.splat_f32s(0.0); SEEN];
            for (x, sum) in sums.iter_mut().enumerate() {
                let start = ((y * SEEN + x) * self.count + tile) * channels + channel;
                *sum = S::as_simd_f32s(&self.products[start..start + S::F32_LANES]).0[0];
            }
            *row = made(simd, sums);
        }
        let bias = S::as_simd_f32s(&self.layer.bias[channel..channel + S::F32_LANES]).0[0];
        let (low, high) = self.layer.activation.range();
        let range = (simd.splat_f32s(low), simd.splat_f32s(high));
        let height = self.output.len() / (self.width * channels);
        for x in 0..MADE.min(self.width - column) {
            let [a, b, c, d, e, f] = &rows;
            let column_made = made(simd, [a[x], b[x], c[x], d[x], e[x], f[x]]);
            for (y, number) in column_made.into_iter().enumerate().take(height) {
                let start = (y * self.width + column + x) * channels + channel;
                let number = clamp(simd, simd.add_f32s(number, bias), range);
                S::as_mut_simd_f32s(&mut self.output[start..start + S::F32_LANES]).0[0] = number;
            }
        }
    }
}

/// `Bᵀ` of the paper.
#[inline(always)]
fn seen<S: Simd>(simd: S, [a, b, c, d, e, f]: [S::f32s; SEEN]) -> [S::f32s; SEEN] {
    let times = |factor: f32, x| simd.mul_f32s(simd.splat_f32s(factor), x);
    let add_times = |sum, factor: f32, x| simd.mul_add_e_f32s(simd.splat_f32s(factor), x, sum);
    let (even, odd) = (add_times(e, -4.0, c), add_times(d, -4.0, b));
    let (ec, db) = (simd.sub_f32s(e, c), times(2.0, simd.sub_f32s(d, b)));
    [
        add_times(add_times(e, -5.0, c), 4.0, a),
        simd.add_f32s(even, odd),
        simd.sub_f32s(even, odd),
        simd.add_f32s(ec, db),
        simd.sub_f32s(ec, db),
        add_times(add_times(f, -5.0, d), 4.0, b),
    ]
}

/// `Aᵀ` of the paper.
#[inline(always)]
fn made<S: Simd>(simd: S, [a, b, c, d, e, f]: [S::f32s; SEEN]) -> [S::f32s; MADE] {
    let add_times = |sum, factor: f32, x| simd.mul_add_e_f32s(simd.splat_f32s(factor), x, sum);
    let (bc, de) = (simd.add_f32s(b, c), simd.add_f32s(d, e));
    let (b_c, d_e) = (simd.sub_f32s(b, c), simd.sub_f32s(d, e));
    [
        simd.add_f32s(simd.add_f32s(a, bc), de),
        add_times(b_c, 2.0, d_e),
        add_times(bc, 4.0, de),
        simd.add_f32s(add_times(b_c, 8.0, d_e), f),
    ]
}
