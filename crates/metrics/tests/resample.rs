//! Intervals and p-values do what statistics says they do.

use nid_metrics::resample::{Draws, compare, intervals};
use nid_metrics::{Pair, Statistics, evaluate_each};
use proptest::collection::vec;
use proptest::prelude::*;

const DRAWS: Draws = Draws { count: 500, seed: 7 };

/// A corpus in which a share of the candidates says what a person said, and the others something else.
fn corpus(photos: usize, is_right: impl Fn(usize) -> bool) -> Vec<Statistics> {
    let pair = |photo: usize| {
        let reference = format!("thing {photo} stands beside the other thing {}", photo * 7 % 31);
        let candidate = if is_right(photo) { reference.clone() } else { "a b c d e".to_owned() };
        Pair { candidate, references: vec![reference] }
    };
    evaluate_each(&(0..photos).map(pair).collect::<Vec<_>>())
}

fn scores(each: &[Statistics]) -> Vec<f64> {
    each.iter().copied().sum::<Statistics>().scores().named().iter().map(|(_, score)| *score).collect()
}

#[test]
fn an_interval_holds_its_score_and_narrows_with_photos() {
    let widths = [50, 800].map(|photos| {
        let each = corpus(photos, |photo| photo % 3 == 0);
        let intervals = intervals(&each, DRAWS);
        for ((name, interval), score) in intervals.iter().zip(scores(&each)) {
            assert!(interval.low <= score && score <= interval.high, "{name}: {interval:?}, {score}");
        }
        intervals[4].1.high - intervals[4].1.low
    });
    // A mean of n photos spreads as 1 / sqrt(n): a sixteenfold corpus has a quarter of the width.
    assert!((widths[0] / widths[1] - 4.0).abs() < 1.0, "{widths:?}");
}

#[test]
fn the_interval_of_a_mean_is_that_of_the_binomial() {
    // ROUGE-L is 1 for a third of the photos, else 0.
    let photos = 600;
    let each = corpus(photos, |photo| photo % 3 == 0);
    let (name, interval) = intervals(&each, Draws { count: 4000, seed: 1 })[4];
    let expected = 2.0 * 1.96 * (1.0 / 3.0 * 2.0 / 3.0 / photos as f64).sqrt();
    assert_eq!(name, "ROUGE_L");
    assert!((interval.high - interval.low - expected).abs() < 0.1 * expected, "{interval:?}, width {expected}");
}

#[test]
fn a_better_system_is_told_from_its_equal() {
    let worse = corpus(200, |photo| photo % 3 == 0);
    let better = corpus(200, |photo| photo % 3 != 1);
    for (name, difference) in compare(&better, &worse, DRAWS) {
        assert!(difference.difference > 0.0 && difference.interval.low > 0.0, "{name}: {difference:?}");
        assert!(difference.bootstrap < 0.01 && difference.randomisation < 0.01, "{name}: {difference:?}");
    }
    for (name, difference) in compare(&worse, &worse, DRAWS) {
        assert_eq!((difference.difference, difference.bootstrap, difference.randomisation), (0.0, 1.0, 1.0), "{name}");
    }
}

#[test]
fn equals_that_err_on_different_photos_are_seldom_told_apart() {
    let one = corpus(300, |photo| photo % 2 == 0);
    let other = corpus(300, |photo| photo % 2 == 1);
    for (name, difference) in compare(&one, &other, DRAWS) {
        assert!(difference.bootstrap > 0.05 && difference.randomisation > 0.05, "{name}: {difference:?}");
    }
}

/// Systems that differ in the first few photos alone, by the same word in each; the scores of the others are of many sizes,
/// the sentences of one length.
fn one_sided(photos: usize, differing: usize) -> [Vec<Statistics>; 2] {
    [0, differing].map(|wrong| {
        let pair = |photo: usize| {
            let last = if photo < wrong { "elsewhere" } else { "there" };
            let words = ["the dog of sort", "a dog of sort", "a cat of sort", "a cat by sort"];
            let words = if photo < differing { words[1] } else { words[photo % 7 % 4] };
            let candidate = format!("{words} {photo} is {last}");
            Pair { candidate, references: vec![format!("the dog of sort {photo} was there")] }
        };
        evaluate_each(&(0..photos).map(pair).collect::<Vec<_>>())
    })
}

#[test]
fn one_differing_photo_has_the_p_value_of_being_drawn_once() {
    let photos = 100;
    let [one, other] = one_sided(photos, 1);
    // A draw with the photo k times has k times the difference: as far out as the one found, unless k is 1.
    let expected = 1.0 - (1.0 - 1.0 / photos as f64).powi(photos as i32 - 1);
    for (name, found) in compare(&one, &other, Draws { count: 20_000, seed: 3 }) {
        // The higher orders of BLEU are no means: a photo that is there twice counts for less than twice as much.
        if ["Bleu_1", "ROUGE_L", "CIDEr"].contains(&name) {
            assert!((found.bootstrap - expected).abs() < 0.015, "{name}: {found:?}, expected {expected}");
        }
        assert_eq!(found.randomisation, 1.0, "{name}: {found:?}");
    }
}

#[test]
fn equal_differences_on_one_side_have_the_p_value_of_as_many_equal_throws() {
    for differing in 1..6 {
        let [one, other] = one_sided(100, differing);
        let expected = 2.0f64.powi(1 - differing as i32);
        for (name, found) in compare(&one, &other, Draws { count: 20_000, seed: 3 }) {
            let message = format!("{name}, {differing} photos: {found:?}, expected {expected}");
            assert!((found.randomisation - expected).abs() < 0.015, "{message}");
        }
    }
}

#[test]
fn nothing_to_draw_from_is_no_interval() {
    for (name, interval) in intervals(&[], DRAWS) {
        assert_eq!(interval.low, interval.high, "{name}");
    }
    let each = corpus(5, |_| true);
    for ((_, interval), score) in intervals(&each, Draws { count: 0, seed: 0 }).iter().zip(scores(&each)) {
        assert_eq!((interval.low, interval.high), (score, score));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn the_same_seed_draws_the_same_and_systems_may_be_exchanged(right in vec(any::<bool>(), 1..40), seed: u64) {
        let (one, other) = (corpus(right.len(), |photo| right[photo]), corpus(right.len(), |photo| photo % 2 == 0));
        let draws = Draws { count: 40, seed };
        prop_assert_eq!(intervals(&one, draws), intervals(&one, draws));
        for ((_, there), (_, back)) in compare(&one, &other, draws).iter().zip(compare(&other, &one, draws)) {
            prop_assert_eq!(there.difference, -back.difference);
            prop_assert_eq!((there.bootstrap, there.randomisation), (back.bootstrap, back.randomisation));
        }
    }
}
