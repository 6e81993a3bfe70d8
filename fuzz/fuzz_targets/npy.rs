//! NumPy files from anywhere: opening one never panics, and what opens can be read to its last row.
#![no_main]

use libfuzzer_sys::fuzz_target;
use nid_weights::npy::Array;

fuzz_target!(|bytes: &[u8]| {
    let Ok(array) = Array::from_bytes(bytes) else { return };
    if array.row_len() > 0 {
        for row in 0..array.rows() {
            array.row(row);
        }
    }
});
