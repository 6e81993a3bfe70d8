//! CIDEr-D as a reward in training: the references of each photo are weighed once, then candidates come by the million.

use allocation_counter::measure;
use nid_metrics::Ngrams;
use nid_metrics::cider::{Cider, DocumentFrequencies, Photo, Products};

/// Sentences of a few words that differ with the seed, of up to twenty words.
fn sentence(seed: u32) -> Vec<u32> {
    (0..seed % 21).map(|place| seed.wrapping_mul(2_654_435_761).rotate_left(place) % 50).collect()
}

fn photos() -> Vec<Vec<Vec<u32>>> {
    (0..40).map(|photo| (0..5).map(|reference| sentence(5 * photo + reference)).collect()).collect()
}

#[test]
fn a_reward_takes_no_memory_after_the_first() {
    let photos = photos();
    let cider = Cider::new(DocumentFrequencies::of(&photos, |references, ngrams| ngrams.read(references)));
    let references: Vec<Photo> = photos.iter().map(|photo| cider.photo(photo)).collect();
    let candidates: Vec<Vec<u32>> = (1000..1100).map(sentence).collect();

    let (mut ngrams, mut room) = (Ngrams::default(), Products::default());
    let mut rewards = || {
        let mut total = 0.0;
        for (candidate, photo) in candidates.iter().zip(references.iter().cycle()) {
            ngrams.read([candidate]);
            total += cider.score(&ngrams, photo, &mut room);
        }
        total
    };
    let first = rewards();
    let mut second = 0.0;
    let taken = measure(|| second = rewards());
    assert_eq!((taken.count_total, taken.bytes_total), (0, 0));
    assert!(first > 0.0 && first == second, "{first} {second}");
}
