//! Many pictures at once: no picture sees another, and what has ended is not read on.

mod support;

use nid_decode::{Sampling, Settings};
use proptest::prelude::*;
use support::{END, START, Tables, count, settings, tables};

proptest! {
    #[test]
    fn a_picture_gets_the_same_in_any_batch(
        tables in tables(3),
        settings in settings(3),
        order in Just(vec![0, 1, 2]).prop_shuffle(),
        sampling in prop::option::of(any::<u64>()),
    ) {
        let sampling = sampling.map(|seed| Sampling { temperature: 1.5, top_k: None, top_p: None, seed });
        let settings = Settings { sampling, ..settings };
        let together = tables.search(&order, &settings);
        for (picture, sentences) in order.into_iter().zip(together) {
            prop_assert_eq!(sentences, tables.search(&[picture], &settings).remove(0));
        }
    }
}

/// One picture ends at once, the other says "2" three times.
fn short_and_long() -> Tables {
    let certain = |word: usize| {
        let mut row = [f32::NEG_INFINITY; 3];
        row[word] = 0.0;
        row
    };
    Tables::new(3, vec![certain(1).repeat(9), certain(2).repeat(9)])
}

#[test]
fn a_picture_that_is_done_leaves_the_batch() {
    let tables = short_and_long();
    let settings = Settings { max_words: 3, ..Settings::new(START, END) };
    tables.search(&[0, 1, 0], &settings);
    assert_eq!(tables.steps.take(), [3, 1, 1, 1]);
}

#[test]
fn samples_share_the_batch_from_the_first_word() {
    let tables = short_and_long();
    let sampling = Some(Sampling { temperature: 1.0, top_k: None, top_p: None, seed: 0 });
    let settings = Settings { n_best: count(5), max_words: 1, sampling, ..Settings::new(START, END) };
    tables.search(&[0, 1], &settings);
    assert_eq!(tables.steps.take(), [10, 5]);
}

#[test]
fn no_pictures_give_no_lists() {
    let tables = short_and_long();
    assert!(tables.search(&[], &Settings::new(START, END)).is_empty());
    assert!(tables.steps.take().is_empty());
}
