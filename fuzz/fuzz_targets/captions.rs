//! No bytes make a reader of captions or splits panic, and what it reads is whole.
#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use nid_data::captions;
use nid_data::split::Split;

fuzz_target!(|bytes: &[u8]| {
    let path = Path::new("fuzzed");
    if let Ok(collection) = captions::parse(path, bytes) {
        assert!(!collection.photos.is_empty());
        assert!(collection.photos.iter().all(|photo| !photo.name.is_empty() && !photo.captions.is_empty()));

        let names = collection.photos.iter().map(|photo| photo.name.clone());
        let everything = Split::new("everything", names);
        assert_eq!(everything.names().len(), collection.photos.len(), "a photo stands twice");
        assert!(collection.select(&everything).is_ok());
    }
    for name in [None, Some("train"), Some("val")] {
        // What fails is an error, which is all that is asked.
        let _ = Split::parse(path, name, bytes);
    }
});
