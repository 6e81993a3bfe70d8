//! Any picture as a small grey one on a dark ground, which is what a network of small pictures has learnt from.
//!
//! Fashion-MNIST's authors trimmed product photos of what is close to the background, made the longest side 28 pixels,
//! put the rest in the middle, and negated the white ground: Xiao, Rasul and Vollgraf, "Fashion-MNIST: a Novel Image
//! Dataset for Benchmarking Machine Learning Algorithms" (2017), section 2. The same is done here to any picture, but
//! the ground may be of any level. A picture of just the network's size is taken for one that was made so already, and
//! only negated where its ground is light.

use std::fmt::{self, Display};

use nid_data::picture::{Filter, Picture};
use serde::Serialize;

use crate::Error;
use crate::bundle::Input;

/// Levels from here on are light.
const LIGHT: u8 = 128;
/// How far above the ground's a level must be to belong to the object: a twentieth of all levels, as in the paper.
const CLOSE: u8 = 13;

/// What a person says about the ground that the object is on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ground {
    /// Nothing: it is told from the border.
    #[default]
    Auto,
    /// It is dark.
    Dark,
    /// It is light.
    Light,
}

/// Dark or light.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Shade {
    /// Nearer to black.
    Dark,
    /// Nearer to white.
    Light,
}

/// Who said what the ground is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ToldBy {
    /// The border's pixels.
    Border,
    /// The person.
    User,
}

impl Display for Shade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Dark => "dark",
            Self::Light => "light",
        })
    }
}

impl Display for ToldBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Border => "border",
            Self::User => "user",
        })
    }
}

/// The ground of a picture, and how it was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Background {
    /// What it was taken for.
    pub kind: Shade,
    /// Who said so.
    pub told_by: ToldBy,
    /// The median level of the border's pixels, 0 to 255.
    pub level: u8,
}

/// Grey levels, row by row.
struct Grey {
    width: usize,
    height: usize,
    levels: Vec<u8>,
}

/// The levels `[height, width]` that a network reads of a picture, on a dark ground, and what the ground was.
///
/// # Errors
/// A picture in which nothing stands out from the ground.
pub(super) fn levels(picture: &Picture, ground: Ground, input: &Input) -> Result<(Vec<u8>, Background), Error> {
    let mut grey = Grey::of(picture);
    let background = grey.background(ground);
    if background.kind == Shade::Light {
        grey.levels.iter_mut().for_each(|level| *level = u8::MAX - *level);
    }
    let is_ready = (grey.height, grey.width) == (input.height, input.width);
    let ground = if is_ready { grey.levels.iter().copied().min().unwrap_or(0) } else { 0 };
    if !is_ready {
        grey.darken(background.told_by);
    }
    if grey.levels.iter().all(|level| level - ground <= CLOSE) {
        return Err(Error::Nothing { background: background.kind });
    }
    Ok((if is_ready { grey.levels } else { grey.trimmed().centred(input) }, background))
}

impl Grey {
    /// The luma of ITU-R BT.601, rounded as Pillow does; what is grey already keeps its levels.
    fn of(picture: &Picture) -> Self {
        let (pixels, _) = picture.pixels.as_chunks::<3>();
        let luma = |&[red, green, blue]: &[u8; 3]| {
            let sum = 19_595 * u32::from(red) + 38_470 * u32::from(green) + 7_471 * u32::from(blue);
            ((sum + (1 << 15)) >> 16) as u8
        };
        Self { width: picture.width, height: picture.height, levels: pixels.iter().map(luma).collect() }
    }

    fn background(&self, ground: Ground) -> Background {
        let level = median(self.border()).unwrap_or(0);
        let told = |kind| Background { kind, told_by: ToldBy::User, level };
        match ground {
            Ground::Dark => told(Shade::Dark),
            Ground::Light => told(Shade::Light),
            Ground::Auto => {
                let kind = if level < LIGHT { Shade::Dark } else { Shade::Light };
                Background { kind, told_by: ToldBy::Border, level }
            }
        }
    }

    /// The levels of the outermost pixels.
    fn border(&self) -> Vec<u8> {
        let mut border = Vec::with_capacity(2 * (self.width + self.height));
        for (y, row) in self.levels.chunks_exact(self.width).enumerate() {
            if y == 0 || y + 1 == self.height {
                border.extend_from_slice(row);
            } else {
                border.extend([row[0], row[self.width - 1]]);
            }
        }
        border
    }

    /// The level of the ground, which is dark by now. Where a person has said so, the border need not be all ground: what
    /// is light there belongs to an object that reaches the edges.
    fn ground_level(&self, told_by: ToldBy) -> u8 {
        let mut border = self.border();
        if told_by == ToldBy::User {
            border.retain(|level| *level < LIGHT);
        }
        median(border).unwrap_or(0)
    }

    /// Makes the ground's level 0; the highest level stays as it is.
    fn darken(&mut self, told_by: ToldBy) {
        let (ground, most) = (u32::from(self.ground_level(told_by)), u32::from(u8::MAX));
        let range = (most - ground).max(1);
        for level in &mut self.levels {
            let above = u32::from(*level).saturating_sub(ground);
            *level = ((above * most + range / 2) / range).min(most) as u8;
        }
    }

    /// The smallest part that has all levels which are not close to 0; all of it, if there is none.
    fn trimmed(self) -> Self {
        let (mut left, mut right, mut top, mut bottom) = (self.width, 0, self.height, 0);
        for (y, row) in self.levels.chunks_exact(self.width).enumerate() {
            let is_object = |level: &u8| *level > CLOSE;
            let (Some(first), Some(last)) = (row.iter().position(is_object), row.iter().rposition(is_object)) else {
                continue;
            };
            (left, right) = (left.min(first), right.max(last + 1));
            (top, bottom) = (top.min(y), y + 1);
        }
        if left >= right {
            return self;
        }
        let rows = self.levels.chunks_exact(self.width).take(bottom).skip(top);
        let levels = rows.flat_map(|row| &row[left..right]).copied().collect();
        Self { width: right - left, height: bottom - top, levels }
    }

    /// The levels of the largest picture of this shape that fits the network's size, in its middle.
    fn centred(self, input: &Input) -> Vec<u8> {
        let (own_width, own_height) = (self.width as f64, self.height as f64);
        let scale = (input.width as f64 / own_width).min(input.height as f64 / own_height);
        let side = |own: f64, most: usize| ((own * scale).round() as usize).clamp(1, most);
        let (width, height) = (side(own_width, input.width), side(own_height, input.height));
        let resized = self.picture().resize(width, height, Filter::Bicubic);

        let mut levels = vec![0; input.pixels()];
        let (left, top) = ((input.width - width) / 2, (input.height - height) / 2);
        let rows = levels.chunks_exact_mut(input.width).skip(top);
        for (target, row) in rows.zip(resized.pixels.chunks_exact(3 * width)) {
            let first_of_pixels = row.iter().step_by(3);
            target[left..left + width].iter_mut().zip(first_of_pixels).for_each(|(target, level)| *target = *level);
        }
        levels
    }

    fn picture(self) -> Picture {
        let pixels = self.levels.iter().flat_map(|level| [*level; 3]).collect();
        Picture { width: self.width, height: self.height, pixels }
    }
}

/// The middle one of these levels, of two the higher; none of none.
fn median(mut levels: Vec<u8>) -> Option<u8> {
    let middle = levels.len() / 2;
    (!levels.is_empty()).then(|| *levels.select_nth_unstable(middle).1)
}
