//! AVIF files that were tampered with: each ends in an error that says what is wrong, or in a picture.
#![cfg(feature = "avif")]

use std::fs;
use std::path::Path;
use std::time::Duration;

use expect_test::{Expect, expect};
use nid_data::picture::{Limits, Picture};
use proptest::prelude::*;

fn bytes(name: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pictures").join(name)).expect("a fixture")
}

/// The file with the first `from` made into `to`.
fn changed(name: &str, from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut file = bytes(name);
    let at = file.windows(from.len()).position(|window| window == from).expect("something to change");
    file[at..at + to.len()].copy_from_slice(to);
    file
}

fn check(file: &[u8], limits: Limits, expected: Expect) {
    expected.assert_eq(&match Picture::decode(file, &limits) {
        Ok(picture) => format!("{}x{}", picture.width, picture.height),
        Err(error) => error.to_string(),
    });
}

#[test]
fn what_is_not_supported_is_named() {
    let usual = Limits::default();
    check(
        &changed("photo.avif", b"nclx\0\x01\0\x0D\0\x06", b"nclx\0\x01\0\x0D\0\x0E"),
        usual,
        expect!["a broken AVIF picture: its colours are coded by matrix 14 of ITU-T H.273, which is not supported"],
    );
    check(
        &changed("photo.avif", b"av1C", b"lsel"),
        usual,
        expect![[r#"a broken AVIF picture: it needs the property "lsel", which is not supported"#]],
    );
    check(
        &changed("photo.avif", b"av01Color", b"iovlColor"),
        usual,
        expect![[r#"a broken AVIF picture: pictures made as "iovl" are not supported"#]],
    );
    check(
        &changed("grid.avif", b"\0\x03\0\0av01", b"\0\x03\0\0grid"),
        usual,
        expect![[r#"a broken AVIF picture: a tile made as "grid" is not supported"#]],
    );
}

#[test]
fn containers_that_lie_are_caught() {
    let usual = Limits::default();
    let few = Limits { pixels: 4_000, ..usual };
    check(&bytes("photo.avif"), few, expect!["the picture is 77x53, the limit is 4000 pixels"]);
    check(&bytes("grid.avif"), few, expect!["the picture is 100x90, the limit is 4000 pixels"]);
    let small = b"ispe\0\0\0\0\0\0\0\x08\0\0\0\x08";
    check(
        &changed("photo.avif", b"ispe\0\0\0\0\0\0\0\x4D\0\0\0\x35", small),
        few,
        expect!["a broken AVIF picture: its AV1 data are damaged, or its frames larger than the limit"],
    );
    check(
        &bytes("grid.avif"),
        Limits { pixels: 64 * 64 * 4 - 1, ..usual },
        expect!["the picture is 128x128, the limit is 16383 pixels"],
    );
    let [columns, wide] = [b"\0\0\x01\x01\0\x64\0\x5A", b"\0\0\x01\x02\0\x64\0\x5A"];
    check(
        &changed("grid.avif", columns, wide),
        usual,
        expect!["a broken AVIF picture: a grid of 2 by 3 tiles names 4"],
    );
    let large = b"\0\0\x01\x01\0\x64\0\x90";
    check(
        &changed("grid.avif", columns, large),
        usual,
        expect!["a broken AVIF picture: a grid of 100x144 has tiles for 128x128"],
    );
}

#[test]
fn damaged_data_are_an_error() {
    let usual = Limits::default();
    let mut file = bytes("photo.avif");
    let data = file.windows(4).position(|window| window == b"mdat").expect("data") + 4;
    file[data..].fill(0);
    check(&file, usual, expect!["a broken AVIF picture: it is truncated"]);
    file[data..].fill(0xFF);
    check(
        &file,
        usual,
        expect!["a broken AVIF picture: its AV1 data are damaged, or its frames larger than the limit"],
    );
    // A frame's header (kind 3, with a length) of one byte, over and over.
    for pair in file[data..].chunks_exact_mut(2) {
        pair.copy_from_slice(&[3 << 3 | 2, 0]);
    }
    check(&file, usual, expect!["a broken AVIF picture: a still picture of 788 frames"]);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_file_cut_short_is_an_error(grid: bool, cut in 0.0..1.0) {
        let file = bytes(if grid { "grid.avif" } else { "alpha.avif" });
        let length = (file.len() as f64 * cut) as usize;
        let limits = Limits { time: Duration::from_secs(10), ..Limits::default() };
        prop_assert!(Picture::decode(&file[..length], &limits).is_err());
    }
}
