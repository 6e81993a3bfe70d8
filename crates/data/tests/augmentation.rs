//! What may happen to a picture that is augmented, and what may not.

#![allow(clippy::unwrap_used, reason = "a test that cannot prepare itself fails")]

use std::collections::HashSet;

use nid_data::augmentation::{Augmentation, augment};
use proptest::collection::vec;
use proptest::prelude::*;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

const NOTHING: Augmentation = Augmentation { shift: 0, flip: false, erase: 0.0 };
const FLIP: Augmentation = Augmentation { flip: true, ..NOTHING };
const ERASE: Augmentation = Augmentation { erase: 1.0, ..NOTHING };

/// The picture after one change; the target holds something else before.
fn augmented(picture: &[u8], size: [usize; 2], augmentation: &Augmentation, seed: u64) -> Vec<u8> {
    let mut target = vec![77; picture.len()];
    augment(&mut target, picture, size, augmentation, &mut ChaCha8Rng::seed_from_u64(seed));
    target
}

/// What a shift means, pixel by pixel.
fn moved(picture: &[u8], [height, width]: [usize; 2], [down, right]: [isize; 2]) -> Vec<u8> {
    let level = |row: isize, column: isize| {
        let is_inside = (0..height as isize).contains(&row) && (0..width as isize).contains(&column);
        if is_inside { picture[row as usize * width + column as usize] } else { 0 }
    };
    let places = (0..height as isize).flat_map(|row| (0..width as isize).map(move |column| (row, column)));
    places.map(|(row, column)| level(row - down, column - right)).collect()
}

fn offsets(shift: isize) -> impl Iterator<Item = [isize; 2]> {
    (-shift..=shift).flat_map(move |down| (-shift..=shift).map(move |right| [down, right]))
}

/// A picture of a size.
fn pictures(sides: std::ops::Range<usize>) -> impl Strategy<Value = (Vec<u8>, [usize; 2])> {
    [sides.clone(), sides].prop_flat_map(|[height, width]| (vec(any::<u8>(), height * width), Just([height, width])))
}

/// Where levels do not come from the picture: there, and only there, the picture and its opposite end alike.
fn erased(picture: &[u8], size: [usize; 2], seed: u64) -> Vec<bool> {
    let opposite: Vec<u8> = picture.iter().map(|level| !level).collect();
    let (one, other) = (augmented(picture, size, &ERASE, seed), augmented(&opposite, size, &ERASE, seed));
    one.iter().zip(&other).map(|(one, other)| one == other).collect()
}

/// The rows and columns that a region reaches, and whether it is all of them.
fn sides(region: &[bool], width: usize) -> ([usize; 2], bool) {
    let places: Vec<usize> = (0..region.len()).filter(|&place| region[place]).collect();
    let length = |along: fn(usize, usize) -> usize| {
        let least = places.iter().map(|&place| along(place, width)).min();
        let most = places.iter().map(|&place| along(place, width)).max();
        least.zip(most).map_or(0, |(least, most)| most - least + 1)
    };
    let [rows, columns] = [length(|place, width| place / width), length(|place, width| place % width)];
    ([rows, columns], rows * columns == places.len())
}

proptest! {
    #[test]
    fn no_augmentation_changes_nothing((picture, size) in pictures(0..9), seed: u64) {
        prop_assert_eq!(augmented(&picture, size, &Augmentation::default(), seed), picture);
    }

    #[test]
    fn the_same_stream_gives_the_same_picture(
        (picture, size) in pictures(1..9), shift in 0..4_usize, flip: bool, erase in 0.0..=1.0_f32, seed: u64,
    ) {
        let augmentation = Augmentation { shift, flip, erase };
        let once = augmented(&picture, size, &augmentation, seed);
        prop_assert_eq!(augmented(&picture, size, &augmentation, seed), once);
    }

    #[test]
    fn a_shift_moves_all_pixels_alike((picture, size) in pictures(1..9), shift in 0..12_usize, seed: u64) {
        let found = augmented(&picture, size, &Augmentation { shift, ..NOTHING }, seed);
        prop_assert!(offsets(shift as isize).any(|by| moved(&picture, size, by) == found));
    }

    #[test]
    fn a_flip_mirrors_and_twice_it_is_nothing((picture, size) in pictures(1..9), seed: u64) {
        let once = augmented(&picture, size, &FLIP, seed);
        let mirrored: Vec<u8> = picture.chunks(size[1]).flat_map(|row| row.iter().rev().copied()).collect();
        prop_assert!(once == picture || once == mirrored);
        prop_assert_eq!(augmented(&once, size, &FLIP, seed), picture);
    }

    #[test]
    fn erasing_changes_a_rectangle_and_no_more((picture, size) in pictures(1..40), seed: u64) {
        let found = augmented(&picture, size, &ERASE, seed);
        let region = erased(&picture, size, seed);
        let ([rows, columns], is_rectangle) = sides(&region, size[1]);
        prop_assert!(is_rectangle, "{:?} of {:?}: {:?}", [rows, columns], size, region);
        // Each side is rounded by half a pixel at the most.
        let most = 0.25 * (size[0] * size[1]) as f64;
        prop_assert!((rows as f64 - 0.5).max(0.0) * (columns as f64 - 0.5).max(0.0) <= most);
        let is_as_before = |place: usize| region[place] || found[place] == picture[place];
        prop_assert!((0..picture.len()).all(is_as_before));
    }

    #[test]
    fn what_nobody_would_ask_for_is_no_panic(
        (picture, size) in pictures(0..4), shift in prop_oneof![0..9_usize, Just(usize::MAX)], erase: f32, seed: u64,
    ) {
        augmented(&picture, size, &Augmentation { shift, flip: true, erase }, seed);
    }
}

#[test]
fn every_shift_comes_about_as_often() {
    let (picture, size): (Vec<u8>, _) = ((1..=25).collect(), [5, 5]);
    let counts = offsets(1).map(|by| {
        let expected = moved(&picture, size, by);
        let augmentation = Augmentation { shift: 1, ..NOTHING };
        (0..900).filter(|&seed| augmented(&picture, size, &augmentation, seed) == expected).count()
    });
    let counts: Vec<usize> = counts.collect();
    assert_eq!(counts.iter().sum::<usize>(), 900);
    assert!(counts.iter().all(|count| (65..=135).contains(count)), "{counts:?}");
}

#[test]
fn flips_and_erasures_come_as_often_as_asked_for() {
    let (picture, size): (Vec<u8>, _) = ((0..100).collect(), [10, 10]);
    for (augmentation, expected) in [(FLIP, 500), (Augmentation { erase: 0.25, ..NOTHING }, 250)] {
        let changed = (0..1000).filter(|&seed| augmented(&picture, size, &augmentation, seed) != picture).count();
        assert!(changed.abs_diff(expected) < 60, "{changed} of 1000 with {augmentation:?}");
    }
}

#[test]
fn rectangles_are_of_every_size_and_as_often_tall_as_wide() {
    let (picture, size) = (vec![9; 100 * 100], [100, 100]);
    let found = (0..400).map(|seed| sides(&erased(&picture, size, seed), 100).0);
    let found: Vec<[f64; 2]> = found.map(|sides| sides.map(|side| side as f64)).collect();
    let extent = |measure: fn(&[f64; 2]) -> f64| {
        let values = || found.iter().map(measure);
        [values().fold(f64::INFINITY, f64::min), values().fold(0.0, f64::max)]
    };
    let [least, most] = extent(|[rows, columns]| rows * columns / 1e4);
    assert!((0.018..0.03).contains(&least) && (0.24..0.26).contains(&most), "{least} to {most} of the picture");
    let [least, most] = extent(|[rows, columns]| rows / columns);
    assert!((0.28..0.4).contains(&least) && (2.6..3.5).contains(&most), "{least} to {most} times as tall as wide");
    let tall = found.iter().filter(|[rows, columns]| rows > columns).count();
    assert!((150..250).contains(&tall), "{tall} of 400 are tall");
}

#[test]
fn erased_levels_are_of_every_kind() {
    let levels: HashSet<u8> = augmented(&[0; 400 * 400], [400, 400], &ERASE, 1).into_iter().collect();
    assert_eq!(levels.len(), 256);
}

#[test]
fn a_picture_of_one_pixel_works() {
    let augmentation = Augmentation { shift: 2, flip: true, erase: 1.0 };
    for seed in 0..50 {
        let found = augmented(&[200], [1, 1], &augmentation, seed)[0];
        assert!(found == 200 || found == 0, "{found}: it is there or out of sight");
    }
}

#[test]
fn a_misspelt_key_is_an_error() {
    let read = |text| serde_json::from_str::<Augmentation>(text);
    assert_eq!(read(r#"{"shift": 4, "flip": true}"#).unwrap(), Augmentation { shift: 4, ..FLIP });
    assert_eq!(read("{}").unwrap(), NOTHING);
    assert!(read(r#"{"shfit": 4}"#).is_err());
}
