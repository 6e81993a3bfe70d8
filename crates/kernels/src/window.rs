//! Square windows sliding over a feature map: what convolutions and pooling share.
//!
//! Maps are channels-last: the channels of one pixel lie side by side, then its neighbour to the right.

use std::ops::Range;

/// The extent of one feature map, `[height, width, channels]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    /// Rows of pixels.
    pub height: usize,
    /// Pixels in a row.
    pub width: usize,
    /// Numbers in a pixel.
    pub channels: usize,
}

impl Extent {
    /// Pixels in the map.
    #[must_use]
    pub fn pixels(self) -> usize {
        self.height * self.width
    }

    /// Numbers in one row of pixels.
    #[must_use]
    pub fn row(self) -> usize {
        self.width * self.channels
    }

    /// Numbers in the map.
    #[must_use]
    pub fn numbers(self) -> usize {
        self.pixels() * self.channels
    }
}

/// What surrounds a map; pixels outside it read as zero (as nothing at all where a maximum is taken).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Padding {
    /// TensorFlow's "SAME": `⌈length / stride⌉` outputs; of an odd number of missing pixels the larger half
    /// goes to the right and to the bottom.
    Same,
    /// That many pixels on every side.
    Explicit(usize),
}

/// A square window and the steps that it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Side of the square in pixels, at least 1.
    pub size: usize,
    /// Pixels from one place of the window to the next, at least 1.
    pub stride: usize,
    /// What surrounds the map.
    pub padding: Padding,
}

impl Window {
    /// The window's places along a side of `length` pixels.
    #[must_use]
    pub fn along(self, length: usize) -> Axis {
        let (before, outputs) = match self.padding {
            Padding::Same => {
                let outputs = length.div_ceil(self.stride);
                let covered = outputs.saturating_sub(1) * self.stride + self.size;
                (covered.saturating_sub(length) / 2, outputs)
            }
            Padding::Explicit(padding) => {
                let padded = length + 2 * padding;
                (padding, padded.checked_sub(self.size).map_or(0, |room| room / self.stride + 1))
            }
        };
        Axis { window: self, before, length, outputs }
    }

    /// The extent of the map that the window makes, `channels` deep; empty where the window does not fit.
    #[must_use]
    pub fn output(self, input: Extent, channels: usize) -> Extent {
        Extent { height: self.along(input.height).outputs, width: self.along(input.width).outputs, channels }
    }

    /// Whether the window looks at one pixel at a time, and at each of them.
    #[must_use]
    pub fn is_pointwise(self) -> bool {
        self.size == 1 && self.stride == 1 && matches!(self.padding, Padding::Same | Padding::Explicit(0))
    }
}

/// A window's places along one side of a map.
#[derive(Clone, Copy, Debug)]
pub struct Axis {
    window: Window,
    before: usize,
    length: usize,
    /// How many places there are.
    pub outputs: usize,
}

impl Axis {
    /// Pixels before and after the side that some place of the window sees.
    #[must_use]
    pub fn padding(&self) -> [usize; 2] {
        let seen = self.outputs.saturating_sub(1) * self.window.stride + self.window.size;
        [self.before, seen.saturating_sub(self.before + self.length)]
    }

    /// The taps of the window that lie inside the map at place `output`.
    pub(crate) fn taps(&self, output: usize) -> Range<usize> {
        let start = output * self.window.stride;
        let first = self.before.saturating_sub(start).min(self.window.size);
        let end = (self.length + self.before).saturating_sub(start).min(self.window.size);
        first..end.max(first)
    }

    /// The pixel under tap `tap` at place `output`; the tap must be one of [`Axis::taps`].
    pub(crate) fn input(&self, output: usize, tap: usize) -> usize {
        output * self.window.stride + tap - self.before
    }

    /// The pixel that lies so many pixels after the first that the window's first place sees, if it lies inside the map.
    pub(crate) fn pixel(&self, offset: usize) -> Option<usize> {
        offset.checked_sub(self.before).filter(|pixel| *pixel < self.length)
    }

    /// The pixels that the places of a range see between them.
    pub(crate) fn seen(&self, places: Range<usize>) -> Range<usize> {
        let start = (places.start * self.window.stride).saturating_sub(self.before).min(self.length);
        let last = places.end.saturating_sub(1) * self.window.stride + self.window.size;
        start..last.saturating_sub(self.before).clamp(start, self.length)
    }

    /// The places whose taps all lie inside the map.
    pub(crate) fn interior(&self) -> Range<usize> {
        let first = self.before.div_ceil(self.window.stride).min(self.outputs);
        let room = (self.length + self.before).checked_sub(self.window.size);
        let end = room.map_or(0, |room| room / self.window.stride + 1).min(self.outputs);
        first..end.max(first)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn same_padding_is_tensorflows() {
        let check = |size, stride, length, outputs, before| {
            let axis = Window { size, stride, padding: Padding::Same }.along(length);
            assert_eq!((axis.outputs, axis.before), (outputs, before), "{size} by {stride} over {length}");
        };
        check(3, 1, 7, 7, 1);
        check(3, 2, 7, 4, 1);
        check(3, 2, 8, 4, 0);
        check(5, 2, 112, 56, 1);
        check(5, 2, 113, 57, 2);
        check(1, 2, 8, 4, 0);
    }

    proptest! {
        #[test]
        fn taps_and_interior_agree(
            size in 1usize..6, stride in 1usize..4, length in 1usize..12, same: bool, padding in 0usize..3,
        ) {
            let padding = if same { Padding::Same } else { Padding::Explicit(padding) };
            let axis = Window { size, stride, padding }.along(length);
            for output in 0..axis.outputs {
                let inside: Vec<usize> = (0..size)
                    .filter(|tap| (axis.before..axis.before + length).contains(&(output * stride + tap)))
                    .collect();
                prop_assert_eq!(axis.taps(output).collect::<Vec<_>>(), inside.clone());
                prop_assert_eq!(axis.interior().contains(&output), inside.len() == size);
            }
            if axis.outputs > 0 {
                // Those who do not know where a window's places come from count them so.
                let padded: usize = length + axis.padding().iter().sum::<usize>();
                prop_assert_eq!((padded - size) / stride + 1, axis.outputs);
            }
        }
    }
}
