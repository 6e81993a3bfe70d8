//! No bytes make a reader of labelled pictures panic, and what it reads is whole.
#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use nid_data::labelled::{self, Part, Set, fashion_mnist};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(sets) = labelled::parse(Path::new("fuzzed"), bytes) {
        assert!(sets.train.is_some() || sets.test.is_some());
        sets.train.iter().chain(&sets.test).for_each(check);
    }
    // Two files of IDX: the first byte says where the one ends.
    let Some((&end, bytes)) = bytes.split_first() else { return };
    let Some((pictures, labels)) = bytes.split_at_checked(usize::from(end)) else { return };
    if let Ok(set) = Set::from_idx((Path::new("pictures"), pictures), (Path::new("labels"), labels)) {
        check(&set);
    }
});

fn check(set: &Set) {
    assert!(!set.labels.is_empty());
    assert_eq!(set.pixels.len(), set.labels.len() * set.height * set.width);
    assert_eq!(set.pictures().len(), set.labels.len());
    if let Ok(parts) = labelled::hold_out(&set.labels, &fashion_mnist::CLASSES, Part::Share(0.1), 0) {
        assert!(!parts.training.is_empty() && !parts.validation.is_empty());
        assert_eq!(parts.training.len() + parts.validation.len(), set.labels.len());
    }
}
