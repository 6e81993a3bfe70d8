//! Windows as the rows of a matrix ("im2col"), and the way back.

use std::ops::Range;

use super::Convolution;
use crate::vectorised;
use crate::window::{Axis, Extent};

/// What a window sees of the maps of a batch, place by place.
pub(super) struct Windows {
    extent: Extent,
    vertical: Axis,
    horizontal: Axis,
    size: usize,
}

/// What one row of taps sees inside the map: `inside` of its `size × channels` numbers, which the batch holds from
/// `first` on.
struct Run {
    first: usize,
    inside: Range<usize>,
}

impl Windows {
    pub(super) fn new(Convolution { extent, window, .. }: Convolution) -> Self {
        let (vertical, horizontal) = (window.along(extent.height), window.along(extent.width));
        Self { extent, vertical, horizontal, size: window.size }
    }

    /// Writes what the window sees at each place of one row: `seen` is `[width, taps × channels]`. Rows are
    /// counted through all maps of the batch.
    pub(super) fn gather(&self, seen: &mut [f32], input: &[f32], row: usize) {
        self.for_each_tap_row(row, |tap_row, Run { first, inside }| {
            let seen = &mut seen[tap_row];
            seen[..inside.start].fill(0.0);
            seen[inside.clone()].copy_from_slice(&input[first..first + inside.len()]);
            seen[inside.end..].fill(0.0);
        });
    }

    /// Adds each number of `seen` to where [`gather`](Self::gather) had it from.
    pub(super) fn scatter(&self, sums: &mut [f32], seen: &[f32], row: usize) {
        vectorised(|| {
            self.for_each_tap_row(row, |tap_row, Run { first, inside }| {
                let sums = &mut sums[first..first + inside.len()];
                sums.iter_mut().zip(&seen[tap_row][inside]).for_each(|(sum, x)| *sum += x);
            });
        });
    }

    /// Calls `work` with the place of each row of taps among the numbers of one row of windows, and its run.
    #[inline(always)]
    fn for_each_tap_row(&self, row: usize, mut work: impl FnMut(Range<usize>, Run)) {
        let Extent { channels, .. } = self.extent;
        let length = self.size * channels;
        let (map, y) = (row / self.vertical.outputs, row % self.vertical.outputs);
        let rows = self.vertical.taps(y);
        for x in 0..self.horizontal.outputs {
            let columns = self.horizontal.taps(x);
            for tap in 0..self.size {
                let start = (x * self.size + tap) * length;
                let run = if rows.contains(&tap) && !columns.is_empty() {
                    let first = map * self.extent.numbers() + self.vertical.input(y, tap) * self.extent.row();
                    let first = first + self.horizontal.input(x, columns.start) * channels;
                    Run { first, inside: columns.start * channels..columns.end * channels }
                } else {
                    Run { first: 0, inside: 0..0 }
                };
                work(start..start + length, run);
            }
        }
    }
}
