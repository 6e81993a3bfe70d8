//! NumPy's archives: NumPy's own (renew them with `python crates/weights/tests/goldens/make.py`), and broken ones.

mod support;

use std::error::Error as _;
use std::io::{Cursor, Write};

use nid_weights::{Archive, Element, Format};
use proptest::prelude::*;
use support::{changed, survive, survive_every_cut};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

const PLAIN: &[u8] = include_bytes!("goldens/plain.npz");
const COMPRESSED: &[u8] = include_bytes!("goldens/compressed.npz");
const RAMP: [f32; 6] = [-1.0, -0.5, 0.0, 0.5, 1.0, 1.5];

#[test]
fn archives_written_by_numpy_are_read() {
    for bytes in [PLAIN, COMPRESSED] {
        let archive = Archive::from_bytes(bytes).unwrap();
        assert_eq!(archive.format(), Format::Npz);
        let names: Vec<&str> = archive.iter().map(|info| info.name).collect();
        assert_eq!(names, ["big_endian", "fortran", "half", "integers", "switches", "words"]);
        for name in ["big_endian", "fortran", "half"] {
            assert_eq!(archive.f32(name, &[2, 3]).unwrap(), RAMP, "{name}");
        }
        assert_eq!(archive.info("half").unwrap().element, Some(Element::F16));
        assert_eq!(archive.bytes("switches").unwrap(), [1, 0]);
        assert_eq!(archive.info("words").unwrap().element_name, "<U3");
        assert!(archive.bytes("words").is_err());
    }
}

#[test]
fn a_summary_says_what_numpy_says() {
    let archive = Archive::from_bytes(COMPRESSED).unwrap();
    let summary = archive.summary("fortran").unwrap();
    assert_eq!((summary.least, summary.greatest, summary.mean), (Some(-1.0), Some(1.5), Some(0.25)));
    // `hashlib.sha256(np.ascontiguousarray(RAMP).tobytes()).hexdigest()`, doubles
    assert_eq!(summary.sha256, "65993fbdac6651019cf68a70980bd29700080ddc4a6ffcd146bf183585b175cf");
    let same = archive.summary("big_endian").unwrap();
    assert_eq!(same.sha256, Archive::from_bytes(PLAIN).unwrap().summary("big_endian").unwrap().sha256);
    let integers = archive.summary("integers").unwrap();
    assert_eq!((integers.least, integers.greatest, integers.mean), (Some(-9.0), Some(9.0), Some(0.0)));
}

#[test]
fn what_is_broken_is_named() {
    let check = |bytes: &[u8], expected: &str| {
        let error = Archive::from_bytes(bytes).unwrap_err();
        assert_eq!(error.to_string(), expected);
    };
    check(
        &packed(&[("../x.npy", b"")]),
        "not a valid NumPy archive: found an entry `../x.npy` that climbs out of the archive, expected names within it",
    );
    check(
        &packed(&[("x.npy", b""), ("readme.txt", b"")]),
        "not a valid NumPy archive: found a zip archive of 2 entries, x.npy, readme.txt …, expected NumPy files",
    );
    check(&packed(&[("x.npy", b"no array")]), "array `x`");
}

#[test]
fn a_changed_number_is_told() {
    for (bytes, name) in [(PLAIN, "half"), (COMPRESSED, "half")] {
        assert!(Archive::from_bytes(bytes).unwrap().bytes(name).is_ok());
        // The checksum in the list of entries at the end, which counts: 16 bytes behind the entry's mark.
        let entry = format!("{name}.npy");
        let at = bytes.windows(entry.len()).rposition(|place| place == entry.as_bytes()).unwrap() - 46;
        let mut broken = bytes.to_vec();
        broken[at + 16] ^= 1;
        let archive = Archive::from_bytes(&broken).unwrap();
        for error in [archive.bytes(name).unwrap_err(), archive.summary(name).unwrap_err()] {
            let said = error.source().unwrap().to_string();
            assert_eq!(error.to_string(), "array `half`");
            assert!(said.starts_with("not a valid NumPy archive: found an entry `half.npy` of CRC-32 "), "{said}");
        }
        assert!(archive.bytes("fortran").is_ok(), "the others have theirs");
    }
    let mut packed = packed(&[("x.npy", &npy(&[2], b"\x01\x02"))]);
    assert_eq!(Archive::from_bytes(&packed).unwrap().bytes("x").unwrap(), [1, 2]);
    let at = packed.windows(2).position(|place| place == b"\x01\x02").unwrap();
    packed[at] = 3;
    assert!(Archive::from_bytes(&packed).unwrap().bytes("x").is_err());
}

#[test]
fn entries_in_the_same_bytes_are_refused() {
    let array = npy(&[2], b"\x01\x02");
    let mut packed = packed(&[("x.npy", &array), ("y.npy", &array)]);
    // The second entry of the list says that it begins where the first does: 42 bytes behind its mark.
    let second = packed.windows(4).rposition(|place| place == b"PK\x01\x02").unwrap();
    packed[second + 42..][..4].fill(0);
    assert_eq!(
        Archive::from_bytes(&packed).unwrap_err().to_string(),
        "not a valid NumPy archive: found entries `x.npy` and `y.npy` in the same bytes, expected bytes for each"
    );
}

#[test]
fn many_arrays_are_opened_without_reading_the_list_for_each() {
    let array = npy(&[2], b"\x01\x02");
    let names: Vec<String> = (0..5000).map(|i| format!("{i}.npy")).collect();
    let files: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), array.as_slice())).collect();
    let bytes = packed(&files);
    let used = allocation_counter::measure(|| {
        assert_eq!(Archive::from_bytes(&bytes).unwrap().iter().count(), 5000);
    });
    assert!(used.bytes_total < 30 * bytes.len() as u64, "{used:?} for {} bytes", bytes.len());
}

#[test]
fn every_cut_is_an_answer() {
    survive_every_cut(PLAIN);
    survive_every_cut(COMPRESSED);
}

proptest! {
    #[test]
    fn a_changed_byte_never_panics(at: prop::sample::Index, byte: u8) {
        survive(&changed(PLAIN, at, byte));
        survive(&changed(COMPRESSED, at, byte));
    }
}

/// A NumPy file of bytes.
fn npy(shape: &[usize], numbers: &[u8]) -> Vec<u8> {
    let shape: String = shape.iter().map(|size| format!("{size},")).collect();
    let header = format!("{{'descr': '|u1', 'fortran_order': False, 'shape': ({shape})}}");
    let length = u16::try_from(header.len()).expect("a short header").to_le_bytes();
    [b"\x93NUMPY\x01\x00", length.as_slice(), header.as_bytes(), numbers].concat()
}

/// A zip archive of these files.
fn packed(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
        writer.start_file(*name, options).expect("memory can be written");
        writer.write_all(bytes).expect("memory can be written");
    }
    writer.finish().expect("memory can be written").into_inner()
}
