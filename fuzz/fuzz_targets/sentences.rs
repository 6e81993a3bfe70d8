//! No bytes make a reader of sentences panic, and each photo that it reads is there once.
#![no_main]

use std::collections::HashSet;
use std::path::Path;

use libfuzzer_sys::fuzz_target;
use nid_data::sentences;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(read) = sentences::parse(Path::new("fuzzed"), bytes) {
        assert!(read.photos.iter().all(|photo| !photo.sentences.is_empty()));
        let ids: HashSet<_> = read.photos.iter().map(|photo| photo.id.text()).collect();
        assert_eq!(ids.len(), read.photos.len(), "a photo stands twice");
    }
});
