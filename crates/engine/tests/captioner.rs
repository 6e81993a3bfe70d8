//! A captioner says of a picture what it says of it alone; what it says is scored fairly.

#![allow(clippy::unwrap_used, reason = "a test that cannot prepare itself fails")]

mod support;

use std::num::NonZeroUsize;

use nid_data::captions::Photo;
use nid_data::picture::Picture;
use nid_decode::{Sampling, Settings};
use nid_engine::evaluate::{Prediction, score};
use nid_engine::{Bundle, Captioner, Error, seed_of, sentence};
use nid_metrics::Statistics;
use proptest::prelude::*;
use support::{made, picture};

fn captioner() -> Captioner {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("bundle");
    made().save(&folder);
    Captioner::new(Bundle::load(&folder).unwrap())
}

fn texts(captioner: &Captioner, pictures: &[Picture], seeds: &[u64], settings: &Settings) -> Vec<Vec<String>> {
    let found = captioner.caption(pictures, seeds, settings).unwrap();
    found.into_iter().map(|captions| captions.into_iter().map(|caption| caption.caption).collect()).collect()
}

#[test]
fn a_caption_does_not_depend_on_its_batch() {
    let captioner = captioner();
    let pictures: Vec<Picture> = (0..7).map(picture).collect();
    let seeds: Vec<u64> = pictures.iter().map(|picture| seed_of(&picture.pixels)).collect();
    let two = NonZeroUsize::new(2).unwrap();
    let searched = Settings { n_best: two, ..captioner.settings() };
    let sampling = Some(Sampling { temperature: 1.0, top_k: None, top_p: None, seed: 3 });
    let sampled = Settings { sampling, ..searched.clone() };
    for settings in [searched, sampled] {
        let together = texts(&captioner, &pictures, &seeds, &settings);
        for ((picture, seed), expected) in pictures.chunks(1).zip(seeds.chunks(1)).zip(&together) {
            assert_eq!(texts(&captioner, picture, seed, &settings), std::slice::from_ref(expected));
        }
        let different: std::collections::HashSet<_> = together.iter().collect();
        assert!(different.len() > 1, "the captions depend on the pictures: {together:?}");
    }
}

#[test]
fn nothing_special_is_said() {
    let captioner = captioner();
    for captions in captioner.caption(&[picture(2)], &[0], &captioner.settings()).unwrap() {
        assert_eq!(captions.len(), 1);
        assert!(!captions[0].caption.contains('<') && captions[0].score < 0.0, "{captions:?}");
    }
    assert!(captioner.caption(&[], &[], &captioner.settings()).unwrap().is_empty());
}

#[test]
fn features_must_be_as_many_as_the_pictures_need() {
    let captioner = captioner();
    let refused = captioner.captions_of_features(&[0.0; 10], &[1], &captioner.settings());
    assert!(matches!(refused, Err(Error::FeatureCount { found: 10, pictures: 1, expected: 5120 })));
    let settings = Settings { n_best: NonZeroUsize::new(9).unwrap(), ..captioner.settings() };
    assert!(matches!(captioner.captions_of_features(&[], &[], &settings), Err(Error::Search(_))));
}

fn photo(name: &str, id: Option<u64>, captions: [&str; 2]) -> Photo {
    Photo { name: name.to_owned(), id, split: None, captions: captions.map(str::to_owned).to_vec() }
}

#[test]
fn predictions_are_scored_by_photo_in_any_order() {
    let dog = photo("dog.jpg", None, ["a dog runs over the grass", "a brown dog runs"]);
    let boat = photo("boat.jpg", Some(5), ["two men sit in a boat", "men in a boat"]);
    let mut predictions = [Prediction::new(&dog, "a brown dog runs"), Prediction::new(&boat, "two men sit in a boat")];
    assert_eq!(
        serde_json::to_value(&predictions[1]).unwrap(),
        serde_json::json!(
            {"image_id": 5, "file_name": "boat.jpg", "caption": "two men sit in a boat"}
        )
    );
    let each = score(&[&dog, &boat], &predictions, None).unwrap();
    let scores = each.iter().copied().sum::<Statistics>().scores();
    assert!((scores.bleu[3] - 1.0).abs() < 1e-6, "{scores:?}");
    predictions.reverse();
    assert_eq!(score(&[&dog, &boat], &predictions, None).unwrap(), each);

    let refused =
        |photos: &[&Photo], predictions: &[Prediction]| score(photos, predictions, None).unwrap_err().to_string();
    assert_eq!(refused(&[&dog, &boat], &predictions[..1]), "found no prediction for photo \"dog.jpg\", expected one");
    assert_eq!(refused(&[&dog], &predictions), "found a prediction but no captions for photo 5, expected one");
    let twice = [predictions[0].clone(), predictions[0].clone()];
    assert_eq!(refused(&[&boat], &twice), "found two predictions for photo 5, expected one");
}

#[test]
fn sentences_begin_with_a_capital_and_end_with_a_full_stop() {
    for (raw, expected) in
        [("a dog runs", "A dog runs."), (" élan ", "Élan."), ("stop!", "Stop!"), ("", ""), ("ßa", "SSa.")]
    {
        assert_eq!(sentence(raw), expected);
    }
}

proptest! {
    #[test]
    fn a_sentence_is_a_sentence_already(raw in "[a-z '.-]{0,20}") {
        let once = sentence(&raw);
        prop_assert_eq!(sentence(&once), once);
    }
}

#[test]
fn a_seed_is_the_start_of_the_sha_256() {
    // FIPS 180-4's own example: SHA-256 of "abc" begins ba7816bf 8f01cfea.
    assert_eq!(seed_of(b"abc"), 0xba78_16bf_8f01_cfea);
}
