//! No bytes make a vocabulary panic, and one that is read is written back as it was.
#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use nid_data::vocabulary::Vocabulary;

const SPECIALS: &[u8] = b"<pad>\n<start>\n<end>\n<unk>\n";

fuzz_target!(|bytes: &[u8]| {
    for file in [bytes, &[SPECIALS, bytes].concat()] {
        if let Ok(vocabulary) = Vocabulary::parse(Path::new("fuzzed"), file) {
            assert_eq!(Vocabulary::from_text(&vocabulary.to_text()).as_ref().ok(), Some(&vocabulary));
        }
    }
    if let Ok(caption) = std::str::from_utf8(bytes) {
        let vocabulary = Vocabulary::build([caption], 1);
        let decoded = vocabulary.decode(&vocabulary.encode(caption));
        assert_eq!(vocabulary.encode(&decoded), vocabulary.encode(caption));
        assert_eq!(Vocabulary::from_text(&vocabulary.to_text()).ok(), Some(vocabulary));
    }
});
