//! Pictures set apart for validation, so that the test set is looked at once.
//!
//! Every class gives its share of them, so that what is set apart is like what is left. Which pictures these are
//! depends on their labels in order and on the seed alone, and stays so in every release: each picture draws a number of
//! 64 bits, the pictures of a class with the least numbers are set apart. The numbers are the stream of ChaCha with 8
//! rounds whose key is the seed, little-endian, the bytes of `hold out`, and zeros.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// How many pictures are set apart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Part {
    /// This many.
    Count(usize),
    /// This share of them, above 0 and below 1, rounded, but of each class at least one and not all.
    Share(f64),
}

/// The indices of the pictures on either side, each picture on one, in ascending order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parts {
    /// What is learnt from.
    pub training: Vec<usize>,
    /// What is set apart.
    pub validation: Vec<usize>,
}

/// Why pictures cannot be set apart.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A class cannot be on both sides.
    #[error("class {class:?}: found one picture, expected at least two, one to learn from and one to validate by")]
    Class {
        /// The class's name.
        class: String,
    },
    /// Too few or too many pictures are asked for.
    #[error(
        "found {count} of {total} pictures to set apart, expected {least} to {most}, so that each class is on both sides"
    )]
    Count {
        /// How many are asked for.
        count: usize,
        /// How many there are.
        total: usize,
        /// The fewest that can be set apart: one of each class.
        least: usize,
        /// The most: all but one of each class.
        most: usize,
    },
    /// The share is none.
    #[error("found {0} as the share of pictures to set apart, expected a number above 0 and below 1")]
    Share(f64),
    /// There is nothing to set apart.
    #[error("found no picture to set apart")]
    Empty,
}

/// Sets a part of the pictures apart, of each class its share: exact but for rounding, at least one picture, and not
/// all. A class without any picture is left out.
///
/// `classes` names the classes that the labels are indices of.
///
/// # Errors
/// A class of one picture; a number or a share that cannot be.
///
/// # Panics
/// If a label is not below the number of classes.
pub fn hold_out<L: Copy + Into<usize>>(
    labels: &[L],
    classes: &[impl AsRef<str>],
    part: Part,
    seed: u64,
) -> Result<Parts, Error> {
    let mut sizes = vec![0; classes.len()];
    for &label in labels {
        sizes[label.into()] += 1;
    }
    if let Some(class) = sizes.iter().position(|&size| size == 1) {
        return Err(Error::Class { class: classes[class].as_ref().to_owned() });
    }
    let mut places = places(&sizes, count(&sizes, part)?);
    let mut is_validation = vec![false; labels.len()];
    for index in shuffled(labels.len(), seed) {
        let left = &mut places[labels[index].into()];
        if *left > 0 {
            *left -= 1;
            is_validation[index] = true;
        }
    }
    let (validation, training) = (0..labels.len()).partition(|&index| is_validation[index]);
    Ok(Parts { training, validation })
}

/// How many pictures are to be set apart, of classes of these sizes.
fn count(sizes: &[usize], part: Part) -> Result<usize, Error> {
    let total: usize = sizes.iter().sum();
    let least = sizes.iter().filter(|&&size| size > 0).count();
    let most = total - least;
    match part {
        _ if total == 0 => Err(Error::Empty),
        Part::Count(count) if (least..=most).contains(&count) => Ok(count),
        Part::Count(count) => Err(Error::Count { count, total, least, most }),
        Part::Share(share) if share > 0.0 && share < 1.0 => {
            Ok(((total as f64 * share).round() as usize).clamp(least, most))
        }
        Part::Share(share) => Err(Error::Share(share)),
    }
}

/// How many pictures each class gives: one, and then one more to whichever is furthest behind its share. So each gives
/// its share rounded up or down, where no class's share is none or all of it.
fn places(sizes: &[usize], count: usize) -> Vec<usize> {
    let total: usize = sizes.iter().sum();
    // By how much a class is behind, in units of a picture divided by the total.
    let lag = |class: usize, places: usize| count as i128 * sizes[class] as i128 - places as i128 * total as i128;
    let mut places: Vec<usize> = sizes.iter().map(|&size| size.min(1)).collect();
    let mut behind: BinaryHeap<_> =
        (0..sizes.len()).filter(|&class| sizes[class] > 2).map(|class| (lag(class, 1), Reverse(class))).collect();
    for _ in places.iter().sum()..count {
        let Some((_, Reverse(class))) = behind.pop() else { break };
        places[class] += 1;
        if places[class] + 1 < sizes[class] {
            behind.push((lag(class, places[class]), Reverse(class)));
        }
    }
    places
}

/// Numbers below `count`, in an order that the seed decides.
fn shuffled(count: usize, seed: u64) -> impl Iterator<Item = usize> {
    let mut key = [0; 32];
    key[..8].copy_from_slice(&seed.to_le_bytes());
    key[8..16].copy_from_slice(b"hold out");
    let mut random = ChaCha8Rng::from_seed(key);
    let mut drawn: Vec<(u64, usize)> = (0..count).map(|index| (random.next_u64(), index)).collect();
    drawn.sort_unstable();
    drawn.into_iter().map(|(_, index)| index)
}
