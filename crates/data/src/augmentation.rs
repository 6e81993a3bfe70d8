//! Small grey pictures changed a little each time they are seen, so that a network learns what they show and not their
//! pixels.
//!
//! Three changes, in this order: a shift, which is the random crop of a padded picture; a mirror image; and random
//! erasing, a rectangle of noise that keeps a network from relying on any one part: Zhong et al., "Random Erasing Data
//! Augmentation" (AAAI 2020), section 3. Theirs covers 2 to 40 % of a photo; here it is 25 % at the most, because the
//! objects are cut out and fill their pictures, so that what is left must still tell a shirt from a coat.
//!
//! Only integers, sums, products and square roots take part, which are the same on every machine: a stream of random
//! numbers gives the same picture everywhere.

use std::ops::{Range, RangeInclusive};

use rand_chacha::rand_core::Rng;
use serde::{Deserialize, Serialize};

/// The level around a picture.
const GROUND: u8 = 0;
/// The share of a picture that is erased.
const ERASED: RangeInclusive<f64> = 0.02..=0.25;
/// How many times as long as wide the erased rectangle may be.
const LONGEST: f64 = 3.3;

/// How pictures are changed; by default, not at all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Augmentation {
    /// Pixels by which a picture is moved at the most, up or down and left or right, each by as many as chance says.
    pub shift: usize,
    /// Whether every other picture is mirrored, left to right.
    pub flip: bool,
    /// The chance that a rectangle is erased, 0 to 1.
    pub erase: f32,
}

/// Writes a changed picture to `target`: levels `[height, width]`, as in `picture`.
///
/// # Panics
///
/// If `target` or `picture` is not of `height × width` levels.
pub fn augment(
    target: &mut [u8],
    picture: &[u8],
    [height, width]: [usize; 2],
    augmentation: &Augmentation,
    random: &mut impl Rng,
) {
    assert_eq!([target.len(), picture.len()], [height * width; 2], "levels of pictures of {height} by {width} pixels");
    if picture.is_empty() {
        return;
    }
    let by = [height, width].map(|side| offset(augmentation.shift.min(side), random));
    shift(target, picture, [height, width], by);
    if augmentation.flip && is_heads(random) {
        target.chunks_exact_mut(width).for_each(<[u8]>::reverse);
    }
    if uniform(random) < f64::from(augmentation.erase) {
        erase(target, [height, width], random);
    }
}

/// Moves a picture down and to the right (or, below 0, up and to the left); the ground comes in.
fn shift(target: &mut [u8], picture: &[u8], [height, width]: [usize; 2], [down, right]: [isize; 2]) {
    target.fill(GROUND);
    let [from_rows, to_rows] = kept(height, down);
    let [from_columns, to_columns] = kept(width, right);
    for (from, to) in from_rows.zip(to_rows) {
        target[to * width..][to_columns.clone()].copy_from_slice(&picture[from * width..][from_columns.clone()]);
    }
}

/// Where that part of a side is which a shift leaves in the picture: before and after.
fn kept(side: usize, by: isize) -> [Range<usize>; 2] {
    let gone = by.unsigned_abs();
    let (start, end) = (0..side - gone, gone..side);
    if by < 0 { [end, start] } else { [start, end] }
}

/// Fills a rectangle with random levels. In a square picture every one that can be drawn fits; in a longer one it is cut
/// to the picture, and none is drawn again.
fn erase(target: &mut [u8], [height, width]: [usize; 2], random: &mut impl Rng) {
    let share = ERASED.start() + (ERASED.end() - ERASED.start()) * uniform(random);
    let area = share * (height * width) as f64;
    let stretch = 1.0 + (LONGEST - 1.0) * uniform(random);
    let (long, short) = ((area * stretch).sqrt(), (area / stretch).sqrt());
    let sides = if is_heads(random) { [long, short] } else { [short, long] };
    let [rows, columns] = [(sides[0], height), (sides[1], width)].map(|(side, whole)| {
        let length = (side.round() as usize).min(whole);
        let start = below(whole - length + 1, random);
        start..start + length
    });
    for row in rows {
        target[row * width..][columns.clone()].iter_mut().for_each(|level| *level = random.next_u32() as u8);
    }
}

/// A whole number from `-most` to `most`, each as likely.
fn offset(most: usize, random: &mut impl Rng) -> isize {
    below(2 * most + 1, random) as isize - most as isize
}

/// A whole number below `bound`, each as likely.
fn below(bound: usize, random: &mut impl Rng) -> usize {
    ((u128::from(random.next_u64()) * bound as u128) >> u64::BITS) as usize
}

/// A number from 0 to below 1.
fn uniform(random: &mut impl Rng) -> f64 {
    let bits = random.next_u64() >> (u64::BITS - f64::MANTISSA_DIGITS);
    bits as f64 / (1_u64 << f64::MANTISSA_DIGITS) as f64
}

/// Whether a tossed coin shows heads.
fn is_heads(random: &mut impl Rng) -> bool {
    random.next_u32() >> 31 == 1
}
