//! Scores of classifiers. The goldens are scikit-learn's: renew them with `python recipes/classification_goldens.py`.

use nid_metrics::classification::{
    Bin, Evaluation, LabelError, TEMPERATURES, evaluate, label_errors, probabilities, ranked, temperature, top, wilson,
};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};

fn floats(value: &Value) -> Vec<f64> {
    value.as_array().expect("a list").iter().map(|number| number.as_f64().expect("a number")).collect()
}

#[track_caller]
fn assert_close(actual: f64, expected: f64) {
    assert!((actual - expected).abs() <= 1e-9, "{actual}, expected {expected}");
}

/// Logits that give these probabilities at a temperature of 1.
fn logits(probabilities: &[&[f32]]) -> Vec<f32> {
    probabilities.iter().flat_map(|row| row.iter().map(|probability| probability.ln())).collect()
}

#[test]
fn scores_are_those_of_scikit_learn() {
    let cases: Vec<Value> =
        serde_json::from_str(include_str!("goldens/classification.json")).expect("the golden file is JSON");
    for case in cases {
        let logits: Vec<f32> = floats(&case["logits"]).iter().map(|&logit| logit as f32).collect();
        let labels: Vec<usize> = floats(&case["labels"]).iter().map(|&label| label as usize).collect();
        let classes = case["classes"].as_u64().expect("a count") as usize;
        let evaluation = evaluate(&logits, &labels, classes, case["temperature"].as_f64().expect("a number"));
        let number = |name: &str| case[name].as_f64().expect("a number");
        assert_close(evaluation.accuracy, number("accuracy"));
        assert_close(evaluation.loss, number("loss"));
        assert_close(evaluation.macro_f1, number("macro_f1"));
        assert_eq!(json!(evaluation.confusion), case["confusion"]);
        assert_eq!(json!(evaluation.classes.iter().map(|class| class.pictures).collect::<Vec<_>>()), case["pictures"]);
        for (place, class) in evaluation.classes.iter().enumerate() {
            assert_close(class.precision, floats(&case["precision"])[place]);
            assert_close(class.recall, floats(&case["recall"])[place]);
            assert_close(class.f1, floats(&case["f1"])[place]);
        }
    }
}

#[test]
fn four_pictures_counted_by_hand() {
    let logits = logits(&[&[0.7, 0.3], &[0.6, 0.4], &[0.4, 0.6], &[0.5, 0.5]]);
    let Evaluation { pictures, accuracy, loss, confusion, classes, .. } = evaluate(&logits, &[0, 1, 1, 1], 2, 1.0);
    assert_eq!((pictures, accuracy), (4, 0.5));
    assert_eq!(confusion, [[1, 0], [2, 1]], "of equal logits the first class is said");
    assert_close((classes[0].precision * 3.0).round(), 1.0);
    assert_close(classes[1].recall, 1.0 / 3.0);
    assert!((loss + (0.7_f64 * 0.4 * 0.6 * 0.5).ln() / 4.0).abs() < 1e-6, "{loss}");
}

#[test]
fn of_equal_scores_the_first_is_the_highest() {
    assert_eq!(ranked(&[1.0, 3.0, -0.0, 3.0, 0.0]), [1, 3, 0, 2, 4]);
    assert_eq!(top(&[-0.0, 0.0]), 0);
    assert_eq!((top(&[]), ranked(&[])), (0, vec![]));
}

#[test]
fn wilsons_interval_is_the_published_one() {
    // Newcombe, "Two-sided confidence intervals for the single proportion" (1998), table I, method 3.
    for (right, pictures, expected) in
        [(81, 263, [0.2553, 0.3662]), (15, 148, [0.0624, 0.1605]), (0, 20, [0.0, 0.1611]), (1, 29, [0.0061, 0.1718])]
    {
        let interval = wilson(right, pictures);
        for (bound, expected) in interval.iter().zip(expected) {
            assert!((bound - expected).abs() < 5e-5, "{right} of {pictures}: {interval:?}");
        }
    }
    assert_eq!(wilson(0, 0), [0.0, 1.0]);
}

#[test]
fn calibration_counted_by_hand() {
    // Two with 0.9, of which one is right; one with 0.6, right. Their bins are (13/15, 14/15] and (8/15, 9/15].
    let logits = logits(&[&[0.9, 0.1], &[0.1, 0.9], &[0.41, 0.59]]);
    let calibration = evaluate(&logits, &[0, 0, 1], 2, 1.0).calibration;
    assert_eq!(calibration.bins.len(), 15);
    let filled: Vec<(usize, &Bin)> = calibration.bins.iter().enumerate().filter(|(_, bin)| bin.pictures > 0).collect();
    assert_eq!(filled.iter().map(|(place, bin)| (*place, bin.pictures)).collect::<Vec<_>>(), [(8, 1), (13, 2)]);
    assert_eq!(filled.iter().map(|(_, bin)| bin.accuracy).collect::<Vec<_>>(), [1.0, 0.5]);
    let expected = (2.0 * 0.4 + (1.0 - 0.59)) / 3.0;
    assert!((calibration.error - expected).abs() < 1e-6, "{}", calibration.error);
}

#[test]
fn a_known_temperature_is_found() {
    // Four in five are of the first class, so the honest logits are ln 4 and 0: these are three times too sure.
    let row = [3.0 * 4.0_f32.ln(), 0.0];
    let (logits, labels): (Vec<f32>, Vec<usize>) =
        (row.repeat(10_000), (0..10_000).map(|n| usize::from(n >= 8_000)).collect());
    assert!((temperature(&logits, &labels, 2) - 3.0).abs() < 0.01);
    let evaluation = evaluate(&logits, &labels, 2, 3.0);
    assert!(evaluation.calibration.error < 1e-6 && evaluate(&logits, &labels, 2, 1.0).calibration.error > 0.1);
}

#[test]
fn a_few_pictures_move_the_temperature_a_little() {
    let all_right = |count: usize| temperature(&[1.0, 0.0].repeat(count), &vec![0; count], 2);
    assert!((0.8..1.0).contains(&all_right(2)), "{}", all_right(2));
    assert!(all_right(20) < all_right(2) && all_right(2_000) < all_right(20));
    assert!(temperature(&[3.0, 0.0], &[1], 2) > 1.0, "wrong, and too sure of it");
    assert_eq!(temperature(&[2.0, 2.0], &[0], 2), 1.0, "nothing to choose");
    assert_eq!(temperature(&[f32::NAN, 2.0], &[0], 2), 1.0, "no numbers");
    assert_eq!(temperature(&[], &[], 2), 1.0, "no pictures");
}

#[test]
fn a_label_is_doubted_where_another_class_reaches_its_threshold() {
    // The thresholds are (0.9 + 0.8 + 0.1) / 3 = 0.6 and (0.5 + 0.7 + 0.45) / 3 = 0.55.
    let probabilities = [0.9, 0.1, 0.8, 0.2, 0.1, 0.9, 0.5, 0.5, 0.3, 0.7, 0.55, 0.45];
    let errors = label_errors(&probabilities, &[0, 0, 0, 1, 1, 1], 2);
    // The last is more of class 0 than of its own, but 0.55 is not what is usual for class 0.
    let [LabelError { picture: 2, likely: 1, margin }] = errors[..] else { panic!("{errors:?}") };
    assert!((margin + 0.8).abs() < 1e-6, "{margin}");
}

#[test]
fn the_likeliest_label_error_comes_first() {
    let probabilities = [0.3, 0.7, 0.1, 0.9, 0.8, 0.2, 0.4, 0.6, 0.45, 0.55];
    let errors = label_errors(&probabilities, &[0, 0, 0, 1, 1], 2);
    // The thresholds are 0.4 and 0.575: the last picture reaches that of the other class only.
    assert_eq!(errors.iter().map(|error| error.picture).collect::<Vec<_>>(), [1, 0, 4]);
    assert!(label_errors(&[], &[], 2).is_empty());
    assert!(label_errors(&[0.1, 0.9], &[0], 2).is_empty(), "no picture shows what is usual for class 1");
}

#[test]
fn no_pictures_give_no_score() {
    let evaluation = evaluate(&[], &[], 3, 1.0);
    assert_eq!((evaluation.pictures, evaluation.accuracy, evaluation.loss, evaluation.macro_f1), (0, 0.0, 0.0, 0.0));
    assert_eq!((evaluation.interval, evaluation.calibration.error), ([0.0, 1.0], 0.0));
}

#[test]
#[should_panic(expected = "expected 3 for each label")]
fn logits_of_other_pictures_are_refused() {
    evaluate(&[0.0; 6], &[0, 1, 2], 3, 1.0);
}

const CLASSES: usize = 4;

/// Logits and labels of some pictures.
fn pictures() -> impl Strategy<Value = Vec<([f32; CLASSES], usize)>> {
    vec((prop::array::uniform4(-30.0f32..30.0), 0..CLASSES), 1..40)
}

fn apart(pictures: &[([f32; CLASSES], usize)]) -> (Vec<f32>, Vec<usize>) {
    let (logits, labels): (Vec<_>, Vec<_>) = pictures.iter().copied().unzip();
    (logits.concat(), labels)
}

proptest! {
    #[test]
    fn the_order_of_pictures_does_not_matter(pictures in pictures(), turn in 0usize..40) {
        let mut turned = pictures.clone();
        turned.rotate_left(turn % pictures.len());
        let [one, other] = [&pictures, &turned].map(|pictures| {
            let (logits, labels) = apart(pictures);
            evaluate(&logits, &labels, CLASSES, 1.5)
        });
        prop_assert_eq!(&one.confusion, &other.confusion);
        prop_assert!((one.loss - other.loss).abs() <= 1e-9 * one.loss.max(1.0));
        prop_assert!((one.calibration.error - other.calibration.error).abs() <= 1e-9);
    }

    #[test]
    fn counts_add_up(pictures in pictures()) {
        let (logits, labels) = apart(&pictures);
        let evaluation = evaluate(&logits, &labels, CLASSES, 1.0);
        prop_assert_eq!(evaluation.confusion.concat().iter().sum::<u64>(), pictures.len() as u64);
        prop_assert_eq!(evaluation.calibration.bins.iter().map(|bin| bin.pictures).sum::<usize>(), pictures.len());
        let [low, high] = evaluation.interval;
        prop_assert!(low <= evaluation.accuracy + 1e-12 && evaluation.accuracy <= high + 1e-12);
    }

    #[test]
    fn probabilities_are_some_and_keep_their_order(pictures in pictures(), temperature in 0.1f64..20.0) {
        let (logits, _) = apart(&pictures);
        for (logits, row) in logits.chunks(CLASSES).zip(probabilities(&logits, CLASSES, temperature).chunks(CLASSES)) {
            prop_assert!((row.iter().sum::<f32>() - 1.0).abs() < 1e-5 && row.iter().all(|p| (0.0..=1.0).contains(p)));
            for (a, b) in (0..CLASSES).zip(1..CLASSES) {
                prop_assert!(logits[a] < logits[b] || row[a] >= row[b]);
            }
        }
    }

    #[test]
    fn the_classes_are_ranked_from_the_top(scores in vec((-3i8..3).prop_map(|score| f32::from(score) / 2.0), 1..9)) {
        let ranked = ranked(&scores);
        prop_assert_eq!(ranked[0], top(&scores));
        let is_before = |one: usize, other: usize| (-scores[one], one) < (-scores[other], other);
        prop_assert!(ranked.is_sorted_by(|one, other| is_before(*one, *other)), "{:?}", ranked);
        prop_assert_eq!(ranked.len(), scores.len());
    }

    #[test]
    fn a_temperature_of_one_is_the_softmax(pictures in pictures()) {
        let (logits, _) = apart(&pictures);
        for (logits, row) in logits.chunks(CLASSES).zip(probabilities(&logits, CLASSES, 1.0).chunks(CLASSES)) {
            let sum: f64 = logits.iter().map(|&logit| f64::from(logit).exp()).sum();
            for (&logit, &probability) in logits.iter().zip(row) {
                prop_assert!((f64::from(logit).exp() / sum - f64::from(probability)).abs() < 1e-6);
            }
        }
    }

    #[test]
    fn the_temperature_found_is_no_worse_than_none(pictures in pictures()) {
        let (logits, labels) = apart(&pictures);
        let loss = |temperature| evaluate(&logits, &labels, CLASSES, temperature).loss;
        let found = temperature(&logits, &labels, CLASSES);
        prop_assert!(TEMPERATURES.contains(&found), "{found}");
        prop_assert!(loss(found) <= loss(1.0));
    }

    #[test]
    fn no_finite_logits_give_an_infinite_loss(row in prop::array::uniform4(prop::num::f32::NORMAL), label in 0..CLASSES) {
        let evaluation = evaluate(&row, &[label], CLASSES, 0.05);
        prop_assert!(evaluation.loss.is_finite() && evaluation.loss >= -1e-9, "{}", evaluation.loss);
        prop_assert!(temperature(&row, &[label], CLASSES).is_finite());
    }
}
