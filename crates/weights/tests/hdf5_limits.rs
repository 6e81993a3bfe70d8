//! HDF5 files and Keras models that are broken, or made to take all memory: what comes of them is an error, at a bounded cost.

#![allow(clippy::unwrap_used, reason = "a test that cannot prepare itself fails")]

mod support;

use std::error::Error as _;
use std::io::{Cursor, Write as _};

use allocation_counter::measure;
use nid_weights::{Archive, Error};
use proptest::prelude::*;
use support::{changed, survive, survive_every_cut};
use zip::CompressionMethod;
use zip::write::SimpleFileOptions;

static OLD: &[u8] = include_bytes!("goldens/hdf5.h5");
static LATEST: &[u8] = include_bytes!("goldens/hdf5_latest.h5");
static MANY: &[u8] = include_bytes!("goldens/hdf5_many.h5");
static USER_BLOCK: &[u8] = include_bytes!("goldens/hdf5_user_block.h5");
static HOSTILE: &[u8] = include_bytes!("goldens/hdf5_hostile.h5");
static DEEP: &[u8] = include_bytes!("goldens/hdf5_deep.h5");
static FILTERS: &[u8] = include_bytes!("goldens/hdf5_filters.h5");
static KERAS2: &[u8] = include_bytes!("goldens/keras2.h5");
static KERAS3: &[u8] = include_bytes!("goldens/keras3.keras");
static DEFLATED: &[u8] = include_bytes!("goldens/keras3_deflated.keras");
/// What lists of parts may take that are announced by two bytes, until they turn out to be shorter.
const LISTS: u64 = 8 << 20;

/// What an error and its causes say.
fn chain(error: &Error) -> String {
    let sources = std::iter::successors(error.source(), |error| (*error).source());
    sources.fold(error.to_string(), |text, source| format!("{text}: {source}"))
}

/// A file with other bytes in the place of the first that are like these.
fn patched(file: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let at = file.windows(from.len()).position(|bytes| bytes == from).unwrap();
    let mut patched = file.to_vec();
    patched[at..at + to.len()].copy_from_slice(to);
    patched
}

/// The sides of an array, as a description of the old kind has them.
fn sides(sides: &[u64]) -> Vec<u8> {
    let rank = u8::try_from(sides.len()).unwrap();
    let mut bytes = vec![1, rank, 1, 0, 0, 0, 0, 0];
    bytes.extend(sides.iter().flat_map(|side| side.to_le_bytes()));
    bytes
}

#[test]
fn an_array_is_compared_with_the_file() {
    let check = |from: &[u64], to: &[u64], expected: &str| {
        let said = chain(&Archive::from_bytes(&patched(OLD, &sides(from), &sides(to))).unwrap_err());
        assert!(said.starts_with(expected), "found {said:?}, expected {expected:?}");
    };
    // Of bytes one after another, in chunks, in very many chunks, and never written.
    check(
        &[2, 3],
        &[1 << 40, 3],
        "array `float16`: shape [1099511627776, 3] of float16 needs 6597069766656 bytes, there",
    );
    check(&[2, 3], &[1 << 40, 1 << 40], "array `float16`: shape [1099511627776, 1099511627776] of float16 needs ");
    check(
        &[5, 7],
        &[1 << 40, 7],
        "array `chunked`: not a valid HDF5 file: found shape [1099511627776, 7] of float32 in ",
    );
    check(&[5, 7], &[1 << 17, 7], "array `chunked`: not a valid HDF5 file: found 196608 chunks in a file of ");
    check(&[2, 2], &[1 << 40, 1 << 40], "array `unwritten`: not a valid HDF5 file: found shape [1099511627776, ");
    check(
        &[7],
        &[u64::MAX],
        "array `growing`: not a valid HDF5 file: found shape [18446744073709551615] of float32 in ",
    );
}

#[test]
fn a_chunk_is_compared_with_the_file() {
    // The sides of a chunk and the size of a number, in the layout of the array `chunked`.
    let chunk = |sides: [u32; 3]| sides.map(u32::to_le_bytes).concat();
    let bytes = patched(OLD, &chunk([2, 3, 4]), &chunk([u32::MAX, u32::MAX, 4]));
    let archive = Archive::from_bytes(&bytes).unwrap();
    let said = chain(&archive.f32("chunked", &[5, 7]).unwrap_err());
    assert!(said.starts_with("array `chunked`: not a valid HDF5 file: found "), "{said}");
}

#[test]
fn a_layout_of_the_oldest_kind_is_compared_with_the_file() {
    // The message of a layout: what it is, and its length; here of bytes one after another.
    const MESSAGE: [u8; 10] = [8, 0, 24, 0, 0, 0, 0, 0, 3, 1];
    let mut oldest = MESSAGE.to_vec();
    oldest[8..].copy_from_slice(&[1, 4]); // version 1, of four sides
    oldest.extend([1, 0, 0, 0, 0, 0]);
    oldest.extend(100_u64.to_le_bytes());
    oldest.extend([0xff; 8]);
    survive(&patched(OLD, &MESSAGE, &oldest));
}

/// Each of many texts may be the same long one.
#[test]
fn texts_are_compared_with_the_file() {
    let mut bytes = USER_BLOCK.to_vec();
    let archive = Archive::from_bytes(USER_BLOCK).unwrap();
    let lines: Vec<&str> = archive.text("lines").unwrap().lines().collect();
    // The length of the first, followed by which heap it is in, and where in it.
    let length = u32::try_from(lines[0].len()).unwrap().to_le_bytes();
    let first = bytes.windows(4).position(|bytes| bytes == length).unwrap();
    for line in 1..lines.len() {
        bytes.copy_within(first..first + 16, first + 16 * line);
    }
    let said = Archive::from_bytes(&bytes).unwrap_err().to_string();
    assert!(said.contains("found more texts than the file has bytes"), "{said}");
}

/// Groups that are their own children, and links that mean each other.
#[test]
fn what_means_itself_is_seen_once() {
    let archive = Archive::from_bytes(HOSTILE).unwrap();
    let names: Vec<&str> = archive.iter().map(|info| info.name).collect();
    assert_eq!(names, ["float64"]);
}

/// An object that announces more messages than there are, by two bytes, and many that do.
#[test]
fn what_is_announced_is_counted() {
    // Version, number of messages, references, length.
    let header = |messages: [u8; 2]| [1, 0, messages[0], messages[1], 1, 0, 0, 0];
    let mut bytes = OLD.to_vec();
    let places: Vec<usize> = (0..bytes.len() - 8).step_by(8).collect();
    let is_header = |bytes: &[u8]| bytes[..2] == [1, 0] && bytes[4..8] == [1, 0, 0, 0] && bytes[3] == 0 && bytes[2] > 3;
    let headers: Vec<usize> = places.into_iter().filter(|at| is_header(&bytes[*at..])).collect();
    assert!(headers.len() > 20, "{}", headers.len());
    for at in headers {
        bytes[at..at + 8].copy_from_slice(&header([0xff, 0xff]));
    }
    let mut said = String::new();
    let taken = measure(|| said = Archive::from_bytes(&bytes).unwrap_err().to_string());
    assert!(said.contains("more than 8 readings of the file"), "{said}");
    assert!(taken.bytes_max < LISTS, "{} bytes", taken.bytes_max);
}

/// A zip archive of deflated entries.
fn zipped(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let deflated = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for (name, bytes) in entries {
        archive.start_file(*name, deflated).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

#[test]
fn entries_become_only_so_much() {
    let zeros = vec![0; (1 << 24) + 1];
    let check = |bytes: Vec<u8>, entry: &str, most: usize| {
        let mut said = String::new();
        let taken = measure(|| said = Archive::from_bytes(&bytes).unwrap_err().to_string());
        let expected = format!("found an entry `{entry}` with 16777217 bytes, expected {most} at most");
        assert!(said.ends_with(&expected), "{said}");
        assert!(taken.bytes_max < 1 << 18, "{} bytes", taken.bytes_max);
    };
    let weights = zipped(&[("model.weights.h5", &zeros)]);
    let most = 64 * weights.len();
    check(weights, "model.weights.h5", most);
    check(zipped(&[("model.weights.h5", USER_BLOCK), ("config.json", &zeros)]), "config.json", 1 << 24);
}

#[test]
fn groups_are_only_so_deep() {
    let said = Archive::from_bytes(DEEP).unwrap_err().to_string();
    assert_eq!(said, "not a valid HDF5 file: found groups 65 deep, expected 64 at most");
}

/// Two kilobytes that would become 64 megabytes, where four numbers are meant.
#[test]
fn filters_make_no_more_than_is_meant() {
    let archive = Archive::from_bytes(FILTERS).unwrap();
    for (name, filters) in [("known", "1, 1, 1"), ("unknown", "400, 1, 1")] {
        let mut said = String::new();
        let taken = measure(|| said = chain(&archive.f32(name, &[4]).unwrap_err()));
        let expected = format!("found filters [{filters}], expected deflate, shuffle, fletcher32, each once");
        assert!(said.ends_with(&expected), "{said}");
        assert!(taken.bytes_max < 1 << 16, "{} bytes", taken.bytes_max);
    }
}

/// Descriptions have checksums since HDF5 1.8, and chunks may have.
#[test]
fn a_changed_byte_is_told() {
    let said = Archive::from_bytes(&patched(LATEST, b"float16", b"float61")).unwrap_err().to_string();
    assert!(said.contains("checksum"), "{said}");

    let archive = Archive::from_bytes(OLD).unwrap();
    let chunk = (0..OLD.len()).rev().find_map(|at| {
        let mut bytes = OLD.to_vec();
        bytes[at] ^= 1;
        let archive = Archive::from_bytes(&bytes).ok()?;
        Some(chain(&archive.f32("deflated", &[5, 7]).err()?)).filter(|said| said.contains("letcher"))
    });
    assert!(archive.f32("deflated", &[5, 7]).is_ok());
    assert!(chunk.is_some(), "no byte is held by a checksum");
}

#[test]
fn a_changed_byte_of_a_keras_model_is_told() {
    // The weights lie in the archive as they are.
    let place = KERAS3.windows(4).position(|bytes| bytes == b"\x89HDF").unwrap();
    let mut bytes = KERAS3.to_vec();
    bytes[place + 2000] ^= 1;
    let said = chain(&Archive::from_bytes(&bytes).unwrap_err());
    assert!(said.contains("entry `model.weights.h5` of CRC-32"), "{said}");
}

#[test]
fn every_cut_is_an_answer() {
    survive_every_cut(USER_BLOCK);
    survive_every_cut(KERAS2);
    survive_every_cut(DEFLATED);
}

proptest! {
    #[test]
    fn no_input_panics(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        survive(&[b"\x89HDF\r\n\x1a\n".as_slice(), &bytes].concat());
    }

    #[test]
    fn a_changed_byte_never_panics(at: prop::sample::Index, byte: u8) {
        for file in [OLD, LATEST, MANY, HOSTILE, FILTERS, KERAS2, KERAS3] {
            survive(&changed(file, at, byte));
        }
    }

    #[test]
    fn opening_takes_memory_by_the_bytes(at: prop::sample::Index, byte: u8) {
        for file in [OLD, LATEST, MANY, KERAS2] {
            let file = changed(file, at, byte);
            let taken = measure(|| drop(Archive::from_bytes(&file))).bytes_max;
            let most = 64 * file.len() as u64 + LISTS;
            prop_assert!(taken < most, "{} bytes for {}", taken, file.len());
        }
    }
}
