//! Ways to look at a photo: whole or a part of it, as it is or in a mirror.
//!
//! A frozen encoder sees each photo the same way every time. What learns from its features gets the variety that
//! training on pictures would have from random crops and flips out of a few fixed views, each of them encoded once.

use std::borrow::Cow;
use std::ops::Range;

use nid_data::picture::Picture;

/// A part of a picture, and whether it is mirrored.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct View {
    /// The part's left, top, right and bottom edge, as shares of the picture's width and height: 0 to 1.
    pub crop: [f64; 4],
    /// Whether left and right change places.
    pub flip: bool,
}

impl View {
    /// The picture as it is.
    pub const WHOLE: Self = Self { crop: [0.0, 0.0, 1.0, 1.0], flip: false };

    /// Views to learn from: the whole picture as it is and mirrored, then four fifths of each side in every corner, two
    /// of them as they are and two mirrored.
    pub const STANDARD: [Self; 6] = [
        Self::WHOLE,
        Self { flip: true, ..Self::WHOLE },
        Self { crop: [0.0, 0.0, 0.8, 0.8], flip: false },
        Self { crop: [0.2, 0.0, 1.0, 0.8], flip: true },
        Self { crop: [0.0, 0.2, 0.8, 1.0], flip: true },
        Self { crop: [0.2, 0.2, 1.0, 1.0], flip: false },
    ];

    /// What this view shows of a picture. Edges are rounded to pixels, and at least one is shown, whatever the shares.
    pub fn of<'p>(&self, picture: &'p Picture) -> Cow<'p, Picture> {
        let [left, top, right, bottom] = self.crop;
        let columns = pixels(left, right, picture.width);
        let rows = pixels(top, bottom, picture.height);
        let mut seen = Cow::Borrowed(picture);
        if (&columns, &rows) != (&(0..picture.width), &(0..picture.height)) {
            seen = Cow::Owned(seen.crop(columns, rows));
        }
        if self.flip { Cow::Owned(seen.flip()) } else { seen }
    }
}

/// The pixels between two shares of a side.
fn pixels(start: f64, end: f64, side: usize) -> Range<usize> {
    let place = |share: f64| (share * side as f64).round() as usize;
    let start = place(start).min(side.saturating_sub(1));
    start..place(end).clamp(start + 1, side.max(start + 1))
}
