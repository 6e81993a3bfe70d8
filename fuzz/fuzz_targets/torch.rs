//! PyTorch's files from anywhere, of both forms: opening one never panics, and every array of one that opens can be asked for.
#![no_main]

use libfuzzer_sys::fuzz_target;
use nid_weights::Archive;

/// How each form begins, which is not left to chance: a zip archive; the magic number and the version, each pickled.
const BEGINNINGS: [&[u8]; 2] = [b"PK\x03\x04", b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M\xe9\x03."];

fuzz_target!(|bytes: &[u8]| {
    let Some((form, rest)) = bytes.split_first() else { return };
    let mut file = [BEGINNINGS[usize::from(form % 2)], rest].concat();
    // Entries without checksums, as PyTorch may write them: chance would not find any.
    for at in 0..file.len().saturating_sub(20) {
        if file[at..].starts_with(b"PK\x01\x02") {
            file[at + 16..][..4].fill(0);
        }
    }
    let Ok(archive) = Archive::from_bytes(&file) else { return };
    for info in archive.iter() {
        // Arrays that hold no numbers are an error; what matters is that there is an answer.
        let _ = archive.f32(info.name, info.shape);
        let _ = archive.bytes(info.name);
        let _ = archive.summary(info.name);
    }
});
