//! HDF5 files and Keras models from anywhere: opening one never panics, and every array of one that opens can be asked for.
#![no_main]

use libfuzzer_sys::fuzz_target;
use nid_weights::Archive;

/// How an HDF5 file begins, which the fuzzer need not find out.
const MAGIC: &[u8] = b"\x89HDF\r\n\x1a\n";

fuzz_target!(|bytes: &[u8]| {
    for file in [bytes, &[MAGIC, bytes].concat()] {
        let Ok(archive) = Archive::from_bytes(file) else { continue };
        for info in archive.iter() {
            // Arrays that hold no numbers are an error; what matters is that there is an answer.
            let _ = archive.bytes(info.name);
        }
    }
});
