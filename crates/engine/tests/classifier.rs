//! A classifier sees the same object in whatever picture it comes.

#![allow(clippy::unwrap_used, reason = "a test that cannot prepare itself fails")]

mod support;

use std::sync::LazyLock;

use nid_data::picture::{Limits, Picture};
use nid_engine::bundle::{ClassifierConfig, Input};
use nid_engine::{Background, Classified, Classifier, Error, Ground, Preparation, Prepared, Shade, ToldBy};
use proptest::prelude::*;
use support::classifier::{CLASSES, SIDE, boot, grey, head, negative, network};
use support::picture;

const SIDES: [usize; 2] = [SIDE, SIDE];
const SMALL: &str = "kind = 'mlp'\nhidden = 16";

/// One for all tests, for it takes a while to save.
fn classifier() -> &'static Classifier {
    static CLASSIFIER: LazyLock<Classifier> = LazyLock::new(|| network(SMALL).opened());
    &CLASSIFIER
}

fn classified(classifier: &Classifier, picture: &Picture, ground: Ground) -> Classified {
    classifier.classify(std::slice::from_ref(picture), ground).unwrap().remove(0)
}

/// What the network reads.
fn input() -> Input {
    match &classifier().bundle.manifest.model {
        ClassifierConfig::Network { input, .. } => input.clone(),
        ClassifierConfig::Head { .. } => panic!("a network reads levels"),
    }
}

/// How far two pictures' probabilities are apart.
fn difference(one: &Classified, other: &Classified) -> f32 {
    let pairs = one.probabilities.iter().zip(&other.probabilities);
    pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

/// The grey levels of a picture.
fn levels(picture: &Picture) -> Vec<u8> {
    picture.pixels.iter().step_by(3).copied().collect()
}

#[test]
fn probabilities_are_the_calibrated_scores() {
    let classifier = classifier();
    let pictures: Vec<Picture> = (0..40).map(|shift| grey(SIDE, SIDE, |x, y| ((x * y + shift) % 100) as u8)).collect();
    let found = classifier.classify(&pictures, Ground::Dark).unwrap();
    let scores = classifier.logits_of_levels(&pictures.iter().flat_map(levels).collect::<Vec<_>>(), SIDES).unwrap();
    assert_eq!((found.len(), scores.len()), (40, 40 * CLASSES.len()));
    for (Classified { probabilities, .. }, scores) in found.iter().zip(scores.chunks(CLASSES.len())) {
        let weights: Vec<f64> = scores.iter().map(|score| (f64::from(*score) / 1.5).exp()).collect();
        let sum: f64 = weights.iter().sum();
        let is_near = |(found, weight): (&f32, &f64)| (f64::from(*found) - weight / sum).abs() < 1e-6;
        assert!(probabilities.iter().zip(&weights).all(is_near), "{probabilities:?} {weights:?}");
    }
}

#[test]
fn a_picture_of_the_networks_size_is_taken_as_it_is() {
    // Its border is dark but not black, and its object is small: elsewhere both would be changed.
    let picture = grey(SIDE, SIDE, |x, y| if (10..13).contains(&x) && y == 9 { 200 } else { 7 });
    let classifier = classifier();
    let scores = classifier.logits_of_levels(&levels(&picture), SIDES).unwrap();
    let expected = classifier.probabilities(&scores);
    let found = classified(classifier, &picture, Ground::Auto);
    assert_eq!(found.probabilities, expected);
    assert_eq!(found.background, Some(Background { kind: Shade::Dark, told_by: ToldBy::Border, level: 7 }));
    let light = classified(classifier, &negative(&picture), Ground::Auto);
    assert_eq!(light.probabilities, expected);
    assert_eq!(light.background, Some(Background { kind: Shade::Light, told_by: ToldBy::Border, level: 248 }));
}

#[test]
fn what_the_person_says_of_the_ground_counts() {
    let (classifier, picture) = (classifier(), boot(60, 80));
    let told = classified(classifier, &picture, Ground::Light);
    assert_eq!(told.background, Some(Background { kind: Shade::Light, told_by: ToldBy::User, level: 0 }));
    assert!(difference(&told, &classified(classifier, &picture, Ground::Dark)) > 1e-3);
    let dark = classified(classifier, &picture, Ground::Dark);
    assert_eq!(dark.probabilities, classified(classifier, &picture, Ground::Auto).probabilities);
}

#[test]
fn where_the_object_lies_and_how_large_the_picture_is_do_not_matter() {
    let classifier = classifier();
    let original = boot(200, 200);
    let shifted = grey(300, 240, |x, y| {
        let inside = x.checked_sub(90).zip(y.checked_sub(20)).filter(|(x, y)| *x < 200 && *y < 200);
        inside.map_or(0, |(x, y)| original.pixels[(y * 200 + x) * 3])
    });
    let found = classified(classifier, &original, Ground::Auto);
    assert_eq!(classified(classifier, &shifted, Ground::Auto).probabilities, found.probabilities);
    let larger = classified(classifier, &boot(400, 400), Ground::Auto);
    assert!(difference(&larger, &found) < 0.02, "{larger:?} {found:?}");
}

#[test]
fn pictures_of_nothing_are_refused() {
    let classifier = classifier();
    for (level, kind) in [(0, Shade::Dark), (127, Shade::Dark), (128, Shade::Light), (255, Shade::Light)] {
        for (width, height) in [(1, 2), (1, 300), (40, 2), (28, 28), (500, 500)] {
            let refused = classifier.classify(&[grey(width, height, |_, _| level)], Ground::Auto).unwrap_err();
            let expected = format!("found nothing that stands out from a {kind} background, expected an object");
            assert_eq!(refused.to_string(), expected, "{width} by {height}");
        }
    }
    assert!(classifier.classify(&[], Ground::Auto).unwrap().is_empty());
    let refused = classifier.classify(&[grey(1, 1, |_, _| 7)], Ground::Auto).unwrap_err();
    assert_eq!(refused.to_string(), "found a picture of one pixel, expected one that shows something");
}

/// A PNG of one black pixel on nothing: 3 by 3 pixels of grey and alpha, the middle one opaque.
const TRANSPARENT: &[u8] = include_bytes!("pictures/transparent.png");

#[test]
fn what_is_transparent_is_a_light_ground() {
    let picture = Picture::decode(TRANSPARENT, &Limits::default()).unwrap();
    let found = classified(classifier(), &picture, Ground::Auto);
    assert_eq!(found.background, Some(Background { kind: Shade::Light, told_by: ToldBy::Border, level: 255 }));
    let on_white = grey(3, 3, |x, y| if (x, y) == (1, 1) { 0 } else { 255 });
    assert_eq!(found.probabilities, classified(classifier(), &on_white, Ground::Auto).probabilities);
}

#[test]
fn a_head_reads_photos_as_they_are() {
    let classifier = head().opened();
    let photos: Vec<Picture> = (0..3).map(picture).collect();
    let together = classifier.classify(&photos, Ground::Auto).unwrap();
    for (photo, expected) in photos.iter().zip(&together) {
        assert_eq!(expected.background, None);
        assert!(difference(&classified(&classifier, photo, Ground::Light), expected) < 1e-5);
    }
    assert!(difference(&together[0], &together[2]) > 1e-4, "they depend on the photo: {together:?}");
    let refused = classifier.logits_of_levels(&[0; 784], SIDES).unwrap_err().to_string();
    assert!(
        refused.starts_with("found grey pictures of 28 by 28 pixels, expected photos in class folders"),
        "{refused}"
    );
}

#[test]
fn levels_are_of_whole_pictures() {
    let refused = |levels, sides| classifier().logits_of_levels(levels, sides).unwrap_err().to_string();
    let expected = "found 785 grey levels, expected those of whole pictures of 28 by 28 pixels";
    assert_eq!(refused(&[0; 785], SIDES), expected);
    // As many levels as a picture of the right size has, and as many as four have.
    for sides in [[14, 56], [56, 28], [14, 14]] {
        let expected = format!(
            "found grey pictures of {} by {} pixels, expected 28 by 28, which the model reads",
            sides[1], sides[0]
        );
        assert_eq!(refused(&[0; 784], sides), expected);
    }
}

#[test]
fn pictures_that_were_made_ready_for_another_size_are_refused() {
    let input = Input { height: 14, width: 14, mean: 0.0, scale: 1.0, mirror: false };
    let small = Preparation::small(input, Ground::Auto).prepare(&boot(60, 80)).unwrap();
    let refused = classifier().logits(&vec![small; 4]).unwrap_err();
    assert!(refused.to_string().starts_with("found grey pictures of 14 by 14 pixels"), "{refused}");
}

/// A light object on a dark ground that takes most of the border, and the levels that the network reads of it.
#[test]
fn an_object_that_reaches_the_edges_stays_where_the_person_tells_the_ground() {
    let picture = grey(60, 80, |x, _| if x < 45 { 200 } else { 10 });
    let Input { height, width, .. } = input();
    for (picture, ground) in [(picture.clone(), Ground::Dark), (negative(&picture), Ground::Light)] {
        let samples = classifier().preparation(ground).prepare(&picture).unwrap().into_samples();
        let middle = samples[height / 2 * width + width / 2];
        assert_eq!((samples[0], middle), (0, 198), "{ground:?}: (200 - 10) of 245, as of 255");
    }
    let all_object = classifier().preparation(Ground::Dark).prepare(&grey(40, 50, |_, _| 200)).unwrap().into_samples();
    assert!(all_object.contains(&200), "no border is dark: the ground is black");
}

#[test]
fn scores_that_are_not_finite_are_an_error_of_their_picture() {
    let mut classifier = network(SMALL).opened();
    let ClassifierConfig::Network { input, .. } = &mut classifier.bundle.manifest.model else { panic!("a network") };
    // A normal number, by which all levels but 0 become infinite.
    (input.mean, input.scale) = (0.0, 1.2e-38);
    let picture = grey(SIDE, SIDE, |x, _| if x == 3 { 200 } else { 0 });
    let prepared = classifier.preparation(Ground::Dark).prepare(&picture).unwrap();
    let found = classifier.classify_prepared(&[prepared]).unwrap();
    assert!(matches!(found[..], [Err(Error::Scores)]), "{found:?}");
    assert!(classifier.classify(&[picture], Ground::Dark).is_err());
}

proptest! {
    #[test]
    fn light_and_dark_grounds_give_the_same(
        (width, height, levels) in (1..40usize, 1..40usize).prop_flat_map(|(width, height)| {
            (Just(width), Just(height), prop::collection::vec(any::<u8>(), width * height))
        }),
    ) {
        let picture = grey(width, height, |x, y| levels[y * width + x]);
        // Of a picture that shows nothing neither gives anything.
        let samples = |picture: &Picture, ground| {
            classifier().preparation(ground).prepare(picture).ok().map(Prepared::into_samples)
        };
        prop_assert_eq!(samples(&picture, Ground::Dark), samples(&negative(&picture), Ground::Light));
    }

    #[test]
    fn no_score_depends_on_the_threads(seed in any::<u8>(), threads in 2..5usize) {
        let levels: Vec<u8> = (0..70 * SIDE * SIDE).map(|place| (place * 31 / 7) as u8 ^ seed).collect();
        let scores = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| classifier().logits_of_levels(&levels, SIDES).unwrap())
        };
        prop_assert_eq!(scores(1), scores(threads));
    }
}
