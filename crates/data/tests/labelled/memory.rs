//! What files claim and what they unpack to costs no memory.

use std::path::Path;

use allocation_counter::measure;
use nid_data::labelled::{self, Set};

use crate::write::{gzip, idx, zip};

/// An honest start and then far more than it says.
fn bomb(start: &[u8], filler: u8) -> Vec<u8> {
    let mut bytes = start.to_vec();
    bytes.resize(64 << 20, filler);
    bytes
}

#[test]
fn a_header_is_not_believed() {
    let labels = idx(&[1], &[0]);
    let check_idx = |pictures: &[u8], labels: &[u8], expected: &str| {
        check_memory(
            || Set::from_idx((Path::new("pictures"), pictures), (Path::new("labels"), labels)).unwrap_err().to_string(),
            expected,
        );
    };
    let claims = |size| idx(&[size, 28, 28], &[1, 2, 3]);
    check_idx(&claims(1_000_000), &labels, "found 3 bytes after the header, expected 784000000");
    check_idx(&gzip(&claims(1_000_000)), &labels, "found 3 bytes after the header, expected 784000000");
    check_idx(&claims(4_000_000), &labels, "found a header that claims 4000000 x 28 x 28 bytes, expected at most");
    let picture = idx(&[1, 28, 28], &[]);
    check_idx(&gzip(&bomb(&picture, 0)), &labels, "found more bytes after the header, expected 784");
    check_idx(&idx(&[1, 1, 1], &[0]), &gzip(&bomb(&labels, 0)), "found more bytes after the header, expected 1");

    let check_file = |bytes: &[u8], expected: &str| {
        check_memory(|| labelled::parse(Path::new("file"), bytes).unwrap_err().to_string(), expected);
    };
    check_file(&gzip(&bomb(b"label,pixel1\n0,", b'0')), "file:2: found a longer line, expected at most");
    check_file(&gzip(&bomb(b"label,pixel1\n", b'\n')), "found no picture after the header");
    let named = |bytes| vec![("train-images-idx3-ubyte".to_owned(), bytes)];
    check_file(&zip(&named(bomb(&picture, 0))), "found more bytes after the header, expected 784");
    // A zip's end that speaks of 65,535 files and of a directory that reaches over all there is.
    let end = [b"PK\x05\x06\0\0\0\0", &[0xff; 12][..], &[0; 2]].concat();
    check_file(&end, "expected a zip archive that is whole");
}

#[track_caller]
fn check_memory(work: impl Fn() -> String, expected: &str) {
    let mut error = String::new();
    let taken = measure(|| error = work()).bytes_max;
    assert!(error.contains(expected), "{error}");
    assert!(taken < 4 << 20, "{taken} bytes for: {error}");
}
