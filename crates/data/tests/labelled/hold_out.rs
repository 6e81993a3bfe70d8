//! What is set apart is a share of every class, and the same in every release.

use expect_test::{Expect, expect};
use nid_data::labelled::{Part, Parts, fashion_mnist, hold_out};
use proptest::collection::vec;
use proptest::prelude::*;

const CLASSES: [&str; 3] = ["cat", "dog", "owl"];

fn sizes(labels: &[u8], indices: &[usize]) -> [usize; 3] {
    let mut sizes = [0; 3];
    indices.iter().for_each(|&index| sizes[usize::from(labels[index])] += 1);
    sizes
}

#[test]
fn a_seed_holds_out_the_same_in_every_release() {
    let labels: Vec<u8> = (0..30).map(|index| index % 3).collect();
    let validation = |seed| hold_out(&labels, &CLASSES, Part::Count(6), seed).unwrap().validation;
    // Recipe: ChaCha with 8 rounds, the key the seed as 8 bytes (little-endian), `hold out` and 16 zeros, the nonce zeros;
    // of the numbers of 64 bits that it gives, one for each picture, the two least of each class.
    expect!["[0, 10, 15, 19, 20, 26]"].assert_eq(&format!("{:?}", validation(0)));
    expect!["[1, 17, 20, 24, 27, 28]"].assert_eq(&format!("{:?}", validation(1 << 40)));
}

#[test]
fn fashion_mnist_gives_500_of_each_class() {
    let labels: Vec<u8> = (0..60_000_u32).map(|index| (index * 7 % 10) as u8).collect();
    let parts = hold_out(&labels, &fashion_mnist::CLASSES, Part::Count(5000), 1).unwrap();
    assert_eq!(parts.training.len(), 55_000);
    for class in 0..10 {
        assert_eq!(parts.validation.iter().filter(|&&index| labels[index] == class).count(), 500);
    }
}

#[test]
fn what_cannot_be_held_out_is_said() {
    let check = |labels: &[u8], part, expected: Expect| {
        expected.assert_eq(&hold_out(labels, &CLASSES, part, 0).unwrap_err().to_string());
    };
    check(
        &[0, 1, 0, 2, 2],
        Part::Share(0.1),
        expect![[r#"class "dog": found one picture, expected at least two, one to learn from and one to validate by"#]],
    );
    check(&[], Part::Share(0.1), expect!["found no picture to set apart"]);
    check(
        &[0, 0, 1, 1, 1],
        Part::Count(1),
        expect!["found 1 of 5 pictures to set apart, expected 2 to 3, so that each class is on both sides"],
    );
    check(
        &[0, 0, 1, 1, 1],
        Part::Count(4),
        expect!["found 4 of 5 pictures to set apart, expected 2 to 3, so that each class is on both sides"],
    );
    check(
        &[0, 0, 1, 1, 1],
        Part::Share(1.0),
        expect!["found 1 as the share of pictures to set apart, expected a number above 0 and below 1"],
    );
    check(
        &[0, 0, 1, 1, 1],
        Part::Share(f64::NAN),
        expect!["found NaN as the share of pictures to set apart, expected a number above 0 and below 1"],
    );
}

/// Labels of which no class has but one.
fn labels() -> impl Strategy<Value = Vec<u8>> {
    let several =
        |labels: &Vec<u8>| !labels.is_empty() && !sizes(labels, &(0..labels.len()).collect::<Vec<_>>()).contains(&1);
    vec(0_u8..3, 2..80).prop_filter("a class of one", several)
}

proptest! {
    #[test]
    fn every_picture_is_on_one_side_and_every_class_on_both(labels in labels(), share in 0.001..0.999_f64, seed: u64) {
        let parts = hold_out(&labels, &CLASSES, Part::Share(share), seed).unwrap();
        let Parts { training, validation } = &parts;
        let mut all = [&training[..], validation].concat();
        all.sort_unstable();
        prop_assert!(all.iter().copied().eq(0..labels.len()));
        prop_assert!(training.is_sorted() && validation.is_sorted());

        let (total, apart) = (sizes(&labels, &all), sizes(&labels, validation));
        for (total, apart) in total.into_iter().zip(apart).filter(|(total, _)| *total > 0) {
            prop_assert!(0 < apart && apart < total);
        }
        prop_assert_eq!(&parts, &hold_out(&labels, &CLASSES, Part::Count(validation.len()), seed).unwrap());
    }

    #[test]
    fn a_class_gives_its_share_rounded_up_or_down(labels in labels(), part in 0.0..1.0_f64, seed: u64) {
        let all: Vec<usize> = (0..labels.len()).collect();
        let total = sizes(&labels, &all);
        let count = ((labels.len() as f64 * part) as usize).max(1);
        let share = |class: usize| total[class] as f64 * count as f64 / labels.len() as f64;
        let present = || (0..3).filter(|&class| total[class] > 0);
        prop_assume!(present().all(|class| share(class) >= 1.0 && share(class) <= (total[class] - 1) as f64));
        let apart = sizes(&labels, &hold_out(&labels, &CLASSES, Part::Count(count), seed).unwrap().validation);
        for class in present() {
            prop_assert!((apart[class] as f64 - share(class)).abs() < 1.0, "{} of {}", apart[class], share(class));
        }
    }

    #[test]
    fn another_seed_holds_out_others(seed in 0..u64::MAX) {
        let labels = [0_u8; 100];
        let validation = |seed| hold_out(&labels, &CLASSES, Part::Share(0.5), seed).unwrap().validation;
        prop_assert_ne!(validation(seed), validation(seed + 1));
    }
}
