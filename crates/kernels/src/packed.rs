//! Products with a matrix that is known beforehand: the weights of a layer, laid out once as the loop reads them.
//!
//! The weights, `[inputs, outputs]`, are cut into panels of a few vectors of outputs. A tile of some rows by one panel is
//! summed up in registers over all inputs: rows are read where they lie, a number at a time, and the panel from its
//! beginning to its end. Nothing is packed at run time, and what follows a product (bias, clamping, a sum with another
//! map) is done before a tile leaves the registers.

use std::ops::Range;

use pulp::{Simd, WithSimd};

use crate::aligned::Aligned;
use crate::convolution::{Activation, for_each_band};
use crate::level::clamp;
use crate::{Level, Matrix, Threads};

/// The most vectors of outputs in a panel.
const WIDEST: usize = 4;
/// Into how many parts the work on a layer is cut, so that threads can share it.
const SHARES: usize = 4;
/// Rows for each thread below which threads take outputs rather than rows: weights are then what has to be read.
const FEW_ROWS: usize = 16;
/// Numbers in a cache line.
const LINE: usize = 16;
/// Numbers of input that are read again for every panel: what a first cache and some of a second holds.
const BLOCK: usize = 1 << 15;

/// The weights of many products.
#[derive(Debug)]
pub struct Packed {
    level: Level,
    inputs: usize,
    outputs: usize,
    panels: Vec<Panel>,
    /// Panel by panel, `[inputs, vectors × lanes]` each, zeros beyond the last output.
    weights: Aligned,
}

/// Some neighbouring outputs.
#[derive(Clone, Copy, Debug)]
struct Panel {
    /// The first output.
    first: usize,
    /// How many there are.
    width: usize,
    /// How many vectors hold them.
    vectors: usize,
    /// Where its weights begin.
    start: usize,
}

/// Rows of numbers, each beginning `stride` after the one before.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rows<'a> {
    /// All of them.
    pub(crate) numbers: &'a [f32],
    /// Numbers from the beginning of one row to that of the next.
    pub(crate) stride: usize,
}

/// What follows a product.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Finish<'a> {
    /// Added to each row, a number an output; nothing where it is empty.
    pub(crate) bias: &'a [f32],
    /// The range into which is clamped.
    pub(crate) range: (f32, f32),
    /// Added after that: rows that lie as the output does.
    pub(crate) added: Option<&'a [f32]>,
}

impl Finish<'_> {
    /// Nothing.
    pub(crate) const NONE: Self = Self { bias: &[], range: (f32::NEG_INFINITY, f32::INFINITY), added: None };
}

impl Packed {
    /// Lays out weights, `[inputs, outputs]`, for the vectors of a level.
    #[must_use]
    pub fn new(weights: Matrix<'_>, level: Level) -> Self {
        let [inputs, outputs] = weights.sides();
        let panels = panels(inputs, outputs, level.lanes());
        let length = panels.last().map_or(0, |last| last.start + last.length(inputs, level));
        let mut packed = Self { level, inputs, outputs, panels, weights: Aligned::zeros(length) };
        for panel in &packed.panels {
            let rows = packed.weights[panel.start..].chunks_exact_mut(panel.vectors * level.lanes());
            for (input, row) in rows.take(inputs).enumerate() {
                let row = row[..panel.width].iter_mut().enumerate();
                row.for_each(|(output, weight)| *weight = weights.at(input, panel.first + output));
            }
        }
        packed
    }

    /// Numbers of a row that is read.
    #[must_use]
    pub fn inputs(&self) -> usize {
        self.inputs
    }

    /// Numbers of a row that is made.
    #[must_use]
    pub fn outputs(&self) -> usize {
        self.outputs
    }

    /// How many panels there are.
    pub(crate) fn panels(&self) -> usize {
        self.panels.len()
    }

    /// Into how many shares the panels are cut, the same for any number of threads.
    pub(crate) fn shares(&self) -> usize {
        SHARES.min(self.panels())
    }

    /// The panels of a share.
    pub(crate) fn share(&self, index: usize) -> Range<usize> {
        let edge = |index: usize| self.panels() * index / self.shares();
        edge(index)..edge(index + 1)
    }

    /// The outputs of some panels.
    pub(crate) fn columns(&self, panels: Range<usize>) -> Range<usize> {
        let edge = |panel: usize| self.panels.get(panel).map_or(self.outputs, |panel| panel.first);
        edge(panels.start)..edge(panels.end)
    }

    /// `activation(input · weights + bias)` in every row of `input`; without a bias where that is empty.
    ///
    /// # Panics
    /// If the lengths do not fit together.
    pub fn run(&self, output: &mut [f32], input: &[f32], bias: &[f32], activation: Activation, threads: Threads) {
        let rows = output.len() / self.outputs.max(1);
        assert_eq!((output.len(), input.len()), (rows * self.outputs, rows * self.inputs), "numbers of {rows} rows");
        let finish = Finish { bias, range: activation.range(), added: None };
        let multiply = |panels: Range<usize>, input: &[f32], output: &mut [f32]| {
            let (stride, input) = (self.columns(panels.clone()).len(), Rows { numbers: input, stride: self.inputs });
            self.multiply(panels, 0..self.inputs, input, output, stride, &finish);
        };
        let count = threads.count();
        if count > 1 && rows < FEW_ROWS * count {
            // Threads take some outputs each, of all rows.
            let mut shares = vec![Vec::new(); self.shares()];
            threads.each(&mut shares, |index, share| {
                share.resize(rows * self.columns(self.share(index)).len(), 0.0);
                multiply(self.share(index), input, share);
            });
            for (index, share) in shares.iter().enumerate() {
                let columns = self.columns(self.share(index));
                let rows = output.chunks_exact_mut(self.outputs).zip(share.chunks_exact(columns.len()));
                rows.for_each(|(row, share)| row[columns.clone()].copy_from_slice(share));
            }
            return;
        }
        let band = rows.div_ceil(count).max(1);
        for_each_band(output, band * self.outputs, threads, |index, output| {
            let first = index * band * self.inputs;
            let rows = output.len() / self.outputs;
            multiply(0..self.panels(), &input[first..first + rows * self.inputs], output);
        });
    }

    /// `input · weights`, and what follows: as many rows as the output has, each the outputs of `panels` from its beginning. Of
    /// the weights, only those of `inputs` count; the rows of `input` hold these and no more.
    ///
    /// # Panics
    /// If the rows do not hold what is read and written.
    pub(crate) fn multiply(
        &self,
        panels: Range<usize>,
        inputs: Range<usize>,
        input: Rows<'_>,
        output: &mut [f32],
        stride: usize,
        finish: &Finish<'_>,
    ) {
        let columns = self.columns(panels.clone());
        assert!(finish.bias.is_empty() || finish.bias.len() == self.outputs, "{} biases", finish.bias.len());
        assert!(columns.len() <= stride && inputs.end <= self.inputs, "panels {panels:?} and inputs {inputs:?}");
        let rows = output.len().div_ceil(stride.max(1));
        let needed = rows.checked_sub(1).map_or(0, |last| last * input.stride + inputs.len());
        assert!(input.numbers.len() >= needed, "{} numbers, expected {needed}", input.numbers.len());
        let block = (BLOCK / inputs.len().max(1)).max(64);
        for first in (0..rows).step_by(block) {
            let places = first * stride..(first * stride + block * stride).min(output.len());
            for index in panels.clone() {
                let panel = &self.panels[index];
                let strip = Strip {
                    weights: self.weights_of(panel, &inputs),
                    ahead: self.panels.get(index + 1).map_or(&[], |next| self.weights_of(next, &inputs)),
                    input: Rows { numbers: &input.numbers[(first * input.stride).min(input.numbers.len())..], ..input },
                    depth: inputs.len(),
                    output: &mut output[places.clone()],
                    stride,
                    columns: panel.first - columns.start..panel.first - columns.start + panel.width,
                    bias: finish.bias.get(panel.first..panel.first + panel.width).unwrap_or_default(),
                    range: finish.range,
                    added: finish.added.map(|added| &added[places.clone()]),
                };
                match panel.vectors {
                    1 => self.level.run(Vectors::<1>(strip)),
                    2 => self.level.run(Vectors::<2>(strip)),
                    3 => self.level.run(Vectors::<3>(strip)),
                    _ => self.level.run(Vectors::<WIDEST>(strip)),
                }
            }
        }
    }

    /// The weights of some inputs in a panel.
    fn weights_of(&self, panel: &Panel, inputs: &Range<usize>) -> &[f32] {
        let lanes = panel.vectors * self.level.lanes();
        &self.weights[panel.start + inputs.start * lanes..panel.start + inputs.end * lanes]
    }
}

impl Panel {
    fn length(&self, inputs: usize, level: Level) -> usize {
        inputs * self.vectors * level.lanes()
    }
}

/// Cuts outputs into panels that are as equal as they can be; where there are many, into a number of them that can be shared out.
fn panels(inputs: usize, outputs: usize, lanes: usize) -> Vec<Panel> {
    let vectors = outputs.div_ceil(lanes);
    let fewest = vectors.div_ceil(WIDEST);
    let count = if fewest > 1 { fewest.next_multiple_of(SHARES).min(vectors) } else { fewest };
    let edge = |panel: usize| vectors * panel / count;
    let panel = |panel: usize| {
        let (from, to) = (edge(panel), edge(panel + 1));
        let first = from * lanes;
        Panel { first, width: (to * lanes).min(outputs) - first, vectors: to - from, start: first * inputs }
    };
    (0..count).map(panel).collect()
}

/// The product of some rows with a panel of weights, `[depth, vectors × lanes]`.
struct Strip<'a> {
    weights: &'a [f32],
    /// What is multiplied next, to be fetched meanwhile.
    ahead: &'a [f32],
    input: Rows<'a>,
    depth: usize,
    output: &'a mut [f32],
    stride: usize,
    /// Where in a row of output it goes.
    columns: Range<usize>,
    bias: &'a [f32],
    range: (f32, f32),
    added: Option<&'a [f32]>,
}

/// A strip of a panel of that many vectors.
struct Vectors<'a, const VECTORS: usize>(Strip<'a>);

impl<const VECTORS: usize> WithSimd for Vectors<'_, VECTORS> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        // As many sums as leave registers for a row of weights and a number of input.
        let done = match (S::REGISTER_COUNT > 16, VECTORS) {
            (true, 1 | 2) => self.tiles::<S, 12>(simd, 0),
            (true, 3) => self.tiles::<S, 8>(simd, 0),
            (true, _) => self.tiles::<S, 6>(simd, 0),
            (false, 1 | 2) => self.tiles::<S, 6>(simd, 0),
            (false, 3) => self.tiles::<S, 4>(simd, 0),
            (false, _) => self.tiles::<S, 3>(simd, 0),
        };
        let done = self.tiles::<S, 4>(simd, done);
        self.tiles::<S, 1>(simd, done);
    }
}

impl<const VECTORS: usize> Vectors<'_, VECTORS> {
    /// Computes `ROWS` rows at a time from `first` on, while there are as many; tells how many rows are done.
    #[inline(always)]
    fn tiles<S: Simd, const ROWS: usize>(&mut self, simd: S, mut first: usize) -> usize {
        while first * self.0.stride + (ROWS - 1) * self.0.stride < self.0.output.len() {
            self.tile::<S, ROWS>(simd, first);
            first += ROWS;
        }
        first
    }

    /// Computes `ROWS` rows from `first` on.
    #[inline(always)]
    fn tile<S: Simd, const ROWS: usize>(&mut self, simd: S, first: usize) {
        let Strip { weights, ahead, input, depth, ref mut output, stride, ref columns, bias, range, added } = self.0;
        let rows: [&[f32]; ROWS] = std::array::from_fn(|row| {
            let start = (first + row) * input.stride;
            &input.numbers[start..start + depth]
        });
        // The first tiles fetch a vector of each row of weights; by then the next panel is here.
        let ahead = ahead.get(first / ROWS * depth * LINE..).filter(|ahead| !ahead.is_empty());
        // Where nothing is left to fetch, what is here is asked for again.
        let ahead = ahead.unwrap_or(weights);
        let sums = sums::<S, ROWS, VECTORS>(simd, rows, weights, ahead);

        let range = (simd.splat_f32s(range.0), simd.splat_f32s(range.1));
        let mut biases = [simd.splat_f32s(0.0); VECTORS];
        for (vector, bias) in biases.iter_mut().zip(bias.chunks(S::F32_LANES)) {
            *vector = simd.partial_load_f32s(bias);
        }
        for (row, mut sums) in sums.into_iter().enumerate() {
            let start = (first + row) * stride;
            let places = start + columns.start..start + columns.end;
            for (sum, bias) in sums.iter_mut().zip(&biases) {
                *sum = clamp(simd, simd.add_f32s(*sum, *bias), range);
            }
            if let Some(added) = added {
                for (sum, added) in sums.iter_mut().zip(added[places.clone()].chunks(S::F32_LANES)) {
                    *sum = simd.add_f32s(*sum, simd.partial_load_f32s(added));
                }
            }
            let made = &mut output[places];
            if let Ok(whole) = <&mut [S::f32s; VECTORS]>::try_from(S::as_mut_simd_f32s(made).0) {
                *whole = sums;
            } else {
                for (made, sum) in made.chunks_mut(S::F32_LANES).zip(sums) {
                    simd.partial_store_f32s(made, sum);
                }
            }
        }
    }
}

/// Asks for a number to be in the cache soon, wherever it is.
#[inline(always)]
fn fetch(numbers: &[f32], place: usize) {
    #[cfg(target_arch = "x86_64")]
    #[expect(unsafe_code, reason = "there is no safe way to say so")]
    // SAFETY: fetching ahead of use never faults, whatever the address.
    unsafe {
        use std::arch::x86_64::{_MM_HINT_T1, _mm_prefetch};
        _mm_prefetch::<_MM_HINT_T1>(numbers.as_ptr().wrapping_add(place).cast());
    }
}

/// The products of rows with `weights`, `[depth, VECTORS × lanes]`; all rows have `depth` numbers.
#[inline(always)]
fn sums<S: Simd, const ROWS: usize, const VECTORS: usize>(
    simd: S,
    rows: [&[f32]; ROWS],
    weights: &[f32],
    ahead: &[f32],
) -> [[S::f32s; VECTORS]; ROWS] {
    let (weights, _) = S::as_simd_f32s(weights).0.as_chunks::<VECTORS>();
    for row in rows {
        assert_eq!(row.len(), weights.len(), "numbers of a row");
    }
    let mut sums = [[simd.splat_f32s(0.0); VECTORS]; ROWS];
    for (place, weights) in weights.iter().enumerate() {
        fetch(ahead, place * LINE);
        for (sums, row) in sums.iter_mut().zip(rows) {
            #[expect(unsafe_code, reason = "a test for each number would take as long as the product")]
            // SAFETY: each row is as long as `weights`, as was asserted, and `place` counts these.
            let number = simd.splat_f32s(unsafe { *row.get_unchecked(place) });
            for (sum, weight) in sums.iter_mut().zip(weights) {
                *sum = simd.mul_add_e_f32s(number, *weight, *sum);
            }
        }
    }
    sums
}
