//! Safetensors: Python's own (renew it with `python crates/weights/tests/goldens/make.py`), ours, and broken ones.

use std::collections::BTreeMap;
use std::error::Error as _;
use std::fs;
#[cfg(unix)]
use std::{path::Path, process::Command};

use nid_weights::{Archive, Element, Error, Precision, save, to_bytes};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use tempfile::TempDir;

static GOLDEN: &[u8] = include_bytes!("goldens/arrays.safetensors");
const RAMP: [f32; 6] = [-1.0, -0.5, 0.0, 0.5, 1.0, 1.5];

/// An archive of that header and as many zeros behind it.
fn archive(header: &str, data: usize) -> Vec<u8> {
    [&(header.len() as u64).to_le_bytes(), header.as_bytes(), &vec![0; data]].concat()
}

#[test]
fn an_archive_written_in_python_is_read() {
    let archive = Archive::from_bytes(GOLDEN).unwrap();
    let names: Vec<&str> = archive.iter().map(|info| info.name).collect();
    assert_eq!(names, ["double", "half", "integers", "scalar", "single", "switches"]);
    for name in ["half", "single", "double"] {
        assert_eq!(archive.f32(name, &[2, 3]).unwrap(), RAMP, "{name}");
    }
    assert_eq!(archive.f32("scalar", &[]).unwrap(), [2.5]);
    let half = archive.info("half").unwrap();
    assert_eq!((half.shape, half.element), ([2, 3].as_slice(), Some(Element::F16)));
    assert_eq!(archive.info("switches").unwrap().element, Some(Element::Bool));
    assert_eq!(archive.info("none"), None);
}

#[test]
fn half_of_a_single_is_read() {
    let header = r#"{"x":{"dtype":"BF16","shape":[2],"data_offsets":[0,4]}}"#;
    let mut bytes = archive(header, 4);
    let data = bytes.len() - 4;
    bytes[data..].copy_from_slice(&[0xc0, 0x3f, 0x20, 0xc1]);
    assert_eq!(Archive::from_bytes(&bytes).unwrap().f32("x", &[2]).unwrap(), [1.5, -10.0]);
}

#[test]
fn what_is_not_there_is_said() {
    let archive = Archive::from_bytes(GOLDEN).unwrap();
    let check = |name: &str, shape: &[usize], expected: &str| {
        assert_eq!(archive.f32(name, shape).unwrap_err().to_string(), expected);
    };
    check("whole", &[2, 3], "no array `whole`");
    check("half", &[3, 2], "array `half` has shape [2, 3], expected [3, 2]");
    check("integers", &[6], "array `integers` is stored as int64, expected floating-point numbers");
    check("switches", &[2], "array `switches` is stored as bool, expected floating-point numbers");
}

#[test]
fn an_archive_is_opened_by_path() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("model.safetensors");
    let error = Archive::open(&path).unwrap_err();
    assert_eq!(error.to_string(), format!("cannot read {}", path.display()));
    assert!(matches!(error, Error::Read { source, .. } if matches!(*source, Error::Io(_))));
    assert!(Archive::open(folder.path()).is_err(), "a folder");
    fs::write(&path, "").unwrap();
    assert!(Archive::open(&path).unwrap_err().source().is_some(), "an empty file");
    fs::write(&path, GOLDEN).unwrap();
    assert_eq!(Archive::open(&path).unwrap().f32("half", &[2, 3]).unwrap(), RAMP);
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_refused_unopened() {
    let folder = TempDir::new().unwrap();
    let pipe = folder.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    for path in [pipe.as_path(), Path::new("/dev/null")] {
        let error = Archive::open(path).unwrap_err();
        assert_eq!(error.source().unwrap().to_string(), "found a pipe or a device, expected a file");
    }
}

#[test]
fn a_header_is_not_believed() {
    let entry = |i: u64, size: u64| {
        format!(r#""a{i}":{{"dtype":"U8","shape":[{size}],"data_offsets":[{},{}]}}"#, i * size, (i + 1) * size)
    };
    // Ends just below the largest integer: added to the header's length they overflow.
    let ends: Vec<String> = (0..8).map(|i| entry(i, (1 << 61) - 1)).collect();
    let error = Archive::from_bytes(&archive(&format!("{{{}}}", ends.join(",")), 0)).unwrap_err();
    assert!(matches!(error, Error::BeyondEnd { .. }), "{error}");

    let one = format!("{{{}}}", entry(0, 4));
    assert!(Archive::from_bytes(&archive(&one, 4)).is_ok());
    for wrong in [archive(&one, 3), archive(&one, 5), archive("{", 0), u64::MAX.to_le_bytes().to_vec(), vec![0; 7]] {
        assert!(Archive::from_bytes(&wrong).is_err());
    }
}

#[test]
fn arrays_that_cannot_be_saved_are_named() {
    let check = |arrays: &[(&str, &[usize], &[f32])], expected: &str| {
        let error = to_bytes(arrays.iter().copied(), Precision::F16).unwrap_err();
        assert_eq!(error.to_string(), expected);
    };
    check(&[("a", &[2, 2], &[0.0; 3])], "`a` has 3 values, its shape [2, 2] needs 4");
    check(&[("a", &[1], &[0.0]), ("a", &[1], &[1.0])], "two arrays are called `a`");
    check(&[("a", &[1], &[1e5])], "`a` holds 100000, beyond the range of 16-bit floats (65504)");

    let folder = TempDir::new().unwrap();
    let path = folder.path().join("x.safetensors");
    assert!(save(&path, [("a", [1].as_slice(), [1e5].as_slice())], Precision::F16).is_err());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "nothing half-written remains");
}

#[test]
fn a_file_that_cannot_be_replaced_stays_and_nothing_else_does() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("x.safetensors");
    fs::create_dir(&path).unwrap();
    assert!(save(&path, [("a", [1].as_slice(), [1.0].as_slice())], Precision::F32).is_err());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

proptest! {
    #[test]
    fn no_input_panics(bytes in vec(any::<u8>(), 0..200)) {
        Archive::from_bytes(&bytes).ok();
    }

    #[test]
    fn a_changed_byte_never_panics(at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut bytes = GOLDEN.to_vec();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        if let Ok(archive) = Archive::from_bytes(&bytes) {
            for info in archive.iter() {
                archive.f32(info.name, info.shape).ok();
            }
        }
    }

    #[test]
    fn what_is_saved_is_read_back(arrays in btree_map("[a-z.]{1,6}", vec(-1e4..1e4_f32, 0..150), 0..6)) {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("x.safetensors");
        let shapes: BTreeMap<&String, [usize; 2]> = arrays.iter().map(|(name, values)| (name, [1, values.len()])).collect();
        let listed: Vec<(&str, &[usize], &[f32])> =
            arrays.iter().map(|(name, values)| (name.as_str(), shapes[name].as_slice(), values.as_slice())).collect();

        save(&path, listed.iter().copied(), Precision::F32).unwrap();
        let archive = Archive::open(&path).unwrap();
        for (name, values) in &arrays {
            prop_assert_eq!(&archive.f32(name, &shapes[name]).unwrap(), values);
        }
        prop_assert_eq!(archive.iter().count(), arrays.len());

        // The same arrays in another order are the same bytes.
        let reversed = to_bytes(listed.iter().rev().copied(), Precision::F32).unwrap();
        prop_assert_eq!(fs::read(&path).unwrap(), reversed);

        let half = to_bytes(listed.iter().copied(), Precision::F16).unwrap();
        let half = Archive::from_bytes(&half).unwrap();
        for (name, values) in &arrays {
            for (rounded, value) in half.f32(name, &shapes[name]).unwrap().iter().zip(values) {
                prop_assert!((rounded - value).abs() <= value.abs() / 2048.0 + 1e-7, "{rounded}, expected {value}");
            }
        }
    }
}
