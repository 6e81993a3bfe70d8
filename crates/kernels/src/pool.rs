//! Pooling: the largest number under the window, or the mean of all, channel by channel.

use crate::convolution::for_each_band;
use crate::window::{Extent, Window};
use crate::{Threads, vectorised};

/// The maximum over each place of `window`: `input` is any number of maps of `extent`, one after another, `output`
/// as many of the map that the window makes, as deep as the input. Padding holds nothing: a window that sees only
/// padding gives minus infinity.
///
/// # Panics
/// If the lengths do not fit together.
pub fn max_pool(output: &mut [f32], input: &[f32], extent: Extent, window: Window, threads: Threads) {
    let made = check(output, input, extent, window);
    if output.is_empty() {
        return;
    }
    for_each_band(output, made.row(), threads, |row, output| {
        vectorised(|| {
            output.fill(f32::NEG_INFINITY);
            for_each_tap(row, extent, window, |place, seen| {
                let (most, seen) = (&mut output[place..place + extent.channels], &input[seen..seen + extent.channels]);
                most.iter_mut().zip(seen).for_each(|(most, x)| *most = if *x > *most { *x } else { *most });
            });
        });
    });
}

/// The gradient of [`max_pool`] for its input, added to `sums`: each number of `gradient`, that of the output, goes
/// to the first tap that holds the maximum. What is left in `gradient` means nothing.
///
/// # Panics
/// If the lengths do not fit together.
pub fn max_pool_backward(
    sums: &mut [f32],
    gradient: &mut [f32],
    input: &[f32],
    output: &[f32],
    extent: Extent,
    window: Window,
) {
    let made = check(output, input, extent, window);
    assert_eq!((sums.len(), gradient.len()), (input.len(), output.len()), "numbers of gradients of a pool");
    if output.is_empty() {
        return;
    }
    let rows = gradient.chunks_exact_mut(made.row()).zip(output.chunks_exact(made.row()));
    for (row, (gradient, output)) in rows.enumerate() {
        vectorised(|| {
            for_each_tap(row, extent, window, |place, seen| {
                let (from, to) = (seen..seen + extent.channels, place..place + extent.channels);
                let places = gradient[to.clone()].iter_mut().zip(&output[to]);
                for ((sum, x), (gradient, most)) in sums[from.clone()].iter_mut().zip(&input[from]).zip(places) {
                    let passed = if x == most { *gradient } else { 0.0 };
                    *sum += passed;
                    // Paid out: further taps that hold the same number get nothing.
                    *gradient -= passed;
                }
            });
        });
    }
}

/// The mean over each place of `window` of the pixels under it; padding is none. The arguments are those of [`max_pool`]; a
/// window that sees only padding gives zero.
///
/// # Panics
/// If the lengths do not fit together.
pub fn average_pool(output: &mut [f32], input: &[f32], extent: Extent, window: Window, threads: Threads) {
    let made = check(output, input, extent, window);
    if output.is_empty() {
        return;
    }
    for_each_band(output, made.row(), threads, |row, output| {
        vectorised(|| {
            output.fill(0.0);
            for_each_tap(row, extent, window, |place, seen| {
                let (sums, seen) = (&mut output[place..place + extent.channels], &input[seen..seen + extent.channels]);
                sums.iter_mut().zip(seen).for_each(|(sum, x)| *sum += x);
            });
            divide(output, row, extent, window);
        });
    });
}

/// The gradient of [`average_pool`] for its input, added to `sums`: an equal share of each number of `gradient`, that of
/// the output, goes to each pixel under the window. What is left in `gradient` means nothing.
///
/// # Panics
/// If the lengths do not fit together.
pub fn average_pool_backward(sums: &mut [f32], gradient: &mut [f32], extent: Extent, window: Window) {
    let made = check(gradient, sums, extent, window);
    if gradient.is_empty() {
        return;
    }
    for (row, gradient) in gradient.chunks_exact_mut(made.row()).enumerate() {
        vectorised(|| {
            divide(gradient, row, extent, window);
            for_each_tap(row, extent, window, |place, seen| {
                let (sums, share) =
                    (&mut sums[seen..seen + extent.channels], &gradient[place..place + extent.channels]);
                sums.iter_mut().zip(share).for_each(|(sum, x)| *sum += x);
            });
        });
    }
}

/// Divides the numbers of one row of output by how many pixels each place sees.
#[inline(always)]
fn divide(output: &mut [f32], row: usize, extent: Extent, window: Window) {
    let (vertical, horizontal) = (window.along(extent.height), window.along(extent.width));
    let rows = vertical.taps(row % vertical.outputs).len();
    for (x, place) in output.chunks_exact_mut(extent.channels).enumerate() {
        let pixels = (rows * horizontal.taps(x).len()).max(1) as f32;
        place.iter_mut().for_each(|number| *number /= pixels);
    }
}

/// Calls `work` with where each place of one row of output starts in that row, and where each pixel that it sees
/// starts in the batch. Rows are counted through all maps.
#[inline(always)]
fn for_each_tap(row: usize, extent: Extent, window: Window, mut work: impl FnMut(usize, usize)) {
    let (vertical, horizontal) = (window.along(extent.height), window.along(extent.width));
    let (map, y) = (row / vertical.outputs, row % vertical.outputs);
    for tap in vertical.taps(y) {
        let first = map * extent.numbers() + vertical.input(y, tap) * extent.row();
        for x in 0..horizontal.outputs {
            for column in horizontal.taps(x) {
                work(x * extent.channels, first + horizontal.input(x, column) * extent.channels);
            }
        }
    }
}

/// The extent of a map that the window makes.
fn check(output: &[f32], input: &[f32], extent: Extent, window: Window) -> Extent {
    let made = window.output(extent, extent.channels);
    let maps = input.len() / extent.numbers().max(1);
    assert_eq!(input.len(), maps * extent.numbers(), "numbers in maps of {extent:?}");
    assert_eq!(output.len(), maps * made.numbers(), "numbers in {maps} maps of {made:?}");
    made
}
