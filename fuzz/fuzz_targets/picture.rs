//! Picture files from anywhere: decoding one never panics, and what decodes has all its samples.
#![no_main]

use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use nid_data::picture::{Limits, Picture};

fuzz_target!(|bytes: &[u8]| {
    let limits = Limits { pixels: 1 << 20, bytes: 1 << 20, time: Duration::from_secs(10) };
    if let Ok(picture) = Picture::decode(bytes, &limits) {
        assert_eq!(picture.pixels.len(), picture.width * picture.height * 3);
    }
});
