//! NumPy files: NumPy's own (renew them with `python crates/weights/tests/goldens/make.py`), ours, and broken ones.

use std::error::Error as _;
use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use nid_weights::npy::{Array, Writer};
use nid_weights::{Archive, Element, Error, Precision};
use proptest::collection::vec;
use proptest::prelude::*;
use tempfile::TempDir;

const RAMP: [f32; 6] = [-1.0, -0.5, 0.0, 0.5, 1.0, 1.5];
const COUNT: [f32; 6] = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0];

fn golden(name: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "tests/goldens", name].iter().collect()
}

fn rows(array: &Array<'_>) -> Vec<f32> {
    (0..array.rows()).flat_map(|row| array.row(row)).collect()
}

/// A file of that header text and as many zeros behind it.
fn file(header: &str, data: usize) -> Vec<u8> {
    let length = u16::try_from(header.len()).expect("a short header").to_le_bytes();
    [b"\x93NUMPY\x01\x00", length.as_slice(), header.as_bytes(), &vec![0; data]].concat()
}

fn chain(error: &Error) -> String {
    let sources = std::iter::successors(error.source(), |error| (*error).source());
    sources.fold(error.to_string(), |text, source| format!("{text}: {source}"))
}

#[test]
fn files_written_by_numpy_are_read() {
    let check = |name: &str, element, shape: &[usize], values: &[f32]| {
        let array = Array::open(golden(name)).unwrap();
        assert_eq!((array.element(), array.shape()), (element, shape), "{name}");
        assert_eq!(rows(&array), values, "{name}");
    };
    check("float16.npy", Element::F16, &[2, 3], &RAMP);
    check("float32.npy", Element::F32, &[2, 3], &RAMP);
    check("float64.npy", Element::F64, &[2, 3], &RAMP);
    check("uint8.npy", Element::U8, &[2, 3], &COUNT);
    check("int32.npy", Element::I32, &[2, 3], &COUNT);
    check("int64.npy", Element::I64, &[2, 3], &COUNT);
    check("version2.npy", Element::F32, &[2, 3], &RAMP);
    check("vector.npy", Element::F32, &[3], &COUNT[..3]);
    check("scalar.npy", Element::F32, &[], &[2.5]);
    check("empty.npy", Element::F16, &[0, 3], &[]);
    check("fortran.npy", Element::F64, &[2, 3], &RAMP);
    check("big_endian.npy", Element::F32, &[2, 3], &RAMP);
}

#[test]
fn files_are_written_as_numpy_writes_them() {
    let folder = TempDir::new().unwrap();
    let check = |name: &str, precision, shape: &[usize], values: &[f32]| {
        let path = folder.path().join(name);
        let mut writer = Writer::create(&path, precision, shape).unwrap();
        let row_len: usize = shape.iter().skip(1).product();
        for (row, values) in values.chunks(row_len).enumerate() {
            writer.write_row(row, values).unwrap();
        }
        writer.finish().unwrap();
        assert_eq!(fs::read(path).unwrap(), fs::read(golden(name)).unwrap(), "{name}");
    };
    check("float16.npy", Precision::F16, &[2, 3], &RAMP);
    check("float32.npy", Precision::F32, &[2, 3], &RAMP);
    check("vector.npy", Precision::F32, &[3], &COUNT[..3]);
    check("scalar.npy", Precision::F32, &[], &[2.5]);
    check("empty.npy", Precision::F16, &[0, 3], &[]);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 5, "no partial file remains");
}

#[test]
fn a_shape_as_python_2_wrote_it_is_read() {
    let file = file("{'descr': '<f4', 'fortran_order': False, 'shape': (2L, 3L), }", 24);
    assert_eq!(Array::from_bytes(&file).unwrap().shape(), [2, 3]);
}

#[test]
fn dimensions_of_one_take_no_time() {
    let ones = "1,".repeat(30_000);
    let header = format!("{{'descr': '>u2', 'fortran_order': True, 'shape': ({ones}300,300,)}}");
    let file = file(&header, 2 * 300 * 300);
    let began = Instant::now();
    assert_eq!(Archive::from_bytes(&file).unwrap().summary("array").unwrap().greatest, Some(0.0));
    // Of a second or so where each is gone through for each number.
    assert!(began.elapsed() < Duration::from_millis(500), "{:?}", began.elapsed());
}

#[test]
fn what_cannot_be_read_is_said() {
    let check = |name: &str, expected: &str| {
        let path = golden(name);
        let error = Array::open(&path).unwrap_err();
        assert_eq!(chain(&error), format!("cannot read {}: {expected}", path.display()));
    };
    check("complex.npy", "NumPy elements of type `<c8`, expected floating-point numbers, integers or booleans");
    check("record.npy", "NumPy header has `[('x', '<f4'), ('y',` where a quoted string should be");
    check("make.py", "not a NumPy file: it begins with [22, 22, 22, 57, 72, 69, 74, 65]");
    assert!(chain(&Array::open(golden("none.npy")).unwrap_err()).contains("none.npy: "));
}

#[test]
fn a_header_is_not_believed() {
    let check = |bytes: &[u8], expected: &str| assert_eq!(Array::from_bytes(bytes).unwrap_err().to_string(), expected);
    let header = |shape: &str| format!("{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}");

    check(&file(&header("(2, 3)"), 23), "shape [2, 3] of float32 needs 24 bytes, there are 23");
    check(&file(&header("(2, 3)"), 25), "shape [2, 3] of float32 needs 24 bytes, there are 25");
    let huge = file(&header("(0, 9223372036854775807, 9223372036854775807)"), 0);
    assert!(matches!(Array::from_bytes(&huge), Err(Error::Length { .. })));
    let wrapping = file(&header("(4294967296, 4294967296, 4294967296)"), 0);
    assert!(matches!(Array::from_bytes(&wrapping), Err(Error::Length { .. })));
    check(
        &file(&header("(99999999999999999999,)"), 0),
        "NumPy header has `99999999999999999999` where a size should be",
    );
    check(&file(&header("(-1,)"), 0), "NumPy header has `-1,), }` where a size should be");
    check(&file("{'shape': (1,)}", 4), "NumPy header has `}` where 'descr', 'fortran_order' and 'shape' should be");
    check(b"\x93NUMPY\x04\x00", "NumPy format version 4.0, expected 1.0, 2.0 or 3.0");
    check(b"\x93NUMPY\x02\x00\xff\xff\xff\xff{", "NumPy header of 4294967295 bytes in a file of 13");
}

#[test]
fn an_interrupted_array_is_continued() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("features.npy");
    let resume = || Writer::resume(&path, Precision::F16, &[3, 2]).unwrap();

    let mut first = resume();
    first.write_row(2, &[5.0, 6.0]).unwrap();
    drop(first);
    assert!(!path.exists());

    let mut second = resume();
    assert_eq!(second.missing().collect::<Vec<_>>(), [0, 1]);
    second.write_row(0, &[1.0, 2.0]).unwrap();
    assert_eq!(
        chain(&second.finish().unwrap_err()),
        format!("cannot write {}: 1 of 3 rows are still to be written", path.display())
    );

    let mut third = resume();
    assert_eq!(third.missing().collect::<Vec<_>>(), [1]);
    third.write_row(1, &[3.0, 4.0]).unwrap();
    drop(third);
    // As a run leaves it that is killed while it finishes: cut to length, not yet renamed.
    let partial = folder.path().join("features.npy.partial");
    fs::File::options().write(true).open(&partial).unwrap().set_len(128 + 12).unwrap();

    resume().finish().unwrap();
    assert_eq!(rows(&Array::open(&path).unwrap()), [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    assert!(!partial.exists());
}

#[test]
fn rows_that_were_not_written_can_be_left_out() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("features.npy");
    let mut writer = Writer::create(&path, Precision::F32, &[12, 2]).unwrap();
    for row in [0, 3, 4, 11] {
        writer.write_row(row, &[row as f32, -1.0]).unwrap();
    }
    writer.finish_without_missing().unwrap();
    let array = Array::open(&path).unwrap();
    assert_eq!(array.shape(), [4, 2]);
    assert_eq!(rows(&array), [0.0, -1.0, 3.0, -1.0, 4.0, -1.0, 11.0, -1.0]);

    // As a run leaves it that is killed before the array has its name.
    fs::rename(&path, folder.path().join("features.npy.partial")).unwrap();
    let begun = Writer::resume(&path, Precision::F32, &[12, 2]).unwrap();
    assert_eq!(begun.missing().count(), 12, "nothing that was moved is believed");
}

#[test]
fn what_was_begun_for_another_array_is_not_continued() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("x.npy");
    Writer::create(&path, Precision::F16, &[3, 2]).unwrap();
    let check = |precision, shape: &[usize], expected: &str| {
        let error = Writer::resume(&path, precision, shape).unwrap_err();
        assert_eq!(error.source().unwrap().to_string(), expected);
    };
    check(Precision::F32, &[3, 2], "begun as float16 of shape [3, 2], expected float32 of shape [3, 2]");
    check(Precision::F16, &[2, 2], "begun as float16 of shape [3, 2], expected float16 of shape [2, 2]");
    check(Precision::F16, &[3, 4], "begun as float16 of shape [3, 2], expected float16 of shape [3, 4]");

    let partial = folder.path().join("x.npy.partial");
    fs::write(&partial, vec![b'x'; 500]).unwrap();
    check(Precision::F16, &[3, 2], "begun as something else, expected float16 of shape [3, 2]");
    fs::write(&partial, "").unwrap();
    assert_eq!(Writer::resume(&path, Precision::F16, &[3, 2]).unwrap().missing().count(), 3, "nothing was begun");
}

#[test]
fn rows_that_do_not_fit_are_refused() {
    let folder = TempDir::new().unwrap();
    let mut writer = Writer::create(folder.path().join("x.npy"), Precision::F16, &[2, 3]).unwrap();
    let mut check = |row, values: &[f32], expected: &str| {
        assert_eq!(writer.write_row(row, values).unwrap_err().source().unwrap().to_string(), expected);
    };
    check(2, &[0.0; 3], "row 2 of 2");
    check(0, &[0.0; 4], "`row 0` has 4 values, its shape [3] needs 3");
    check(1, &[0.0, 1.0, 65520.0], "`row 1` holds 65520, beyond the range of 16-bit floats (65504)");
    assert_eq!(writer.missing().count(), 2);
}

proptest! {
    #[test]
    fn no_input_panics(bytes in vec(any::<u8>(), 0..200)) {
        Array::from_bytes(&bytes).ok();
    }

    #[test]
    fn no_header_panics(header in "[{}():,'\"a-z0-9<| -]*|\\{('(descr|shape|fortran_order)': ('<f[248]'|False|True|\\([0-9, ]*\\)),? ?){1,4}\\}", data in 0..64_usize) {
        if let Ok(array) = Array::from_bytes(&file(&header, data)) {
            prop_assert_eq!(rows(&array).len(), array.rows() * array.row_len());
        }
    }

    #[test]
    fn a_changed_byte_never_panics(at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut bytes = fs::read(golden("float16.npy")).unwrap();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        if let Ok(array) = Array::from_bytes(&bytes) {
            rows(&array);
        }
    }

    #[test]
    fn what_is_written_in_any_order_is_read_back(shape in vec(1..5_usize, 1..4), seed in any::<u64>()) {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("x.npy");
        let row_len: usize = shape.iter().skip(1).product();
        let value = |row: usize, at: usize| (seed % 1000) as f32 / 8.0 + row as f32 * 16.0 + at as f32;

        let mut writer = Writer::create(&path, Precision::F32, &shape).unwrap();
        let mut order: Vec<usize> = (0..shape[0]).collect();
        order.rotate_left(seed as usize % shape[0]);
        for &row in &order {
            let values: Vec<f32> = (0..row_len).map(|at| value(row, at)).collect();
            writer.write_row(row, &values).unwrap();
        }
        writer.finish().unwrap();

        let array = Array::open(&path).unwrap();
        prop_assert_eq!(array.shape(), &shape[..]);
        for row in 0..shape[0] {
            prop_assert_eq!(array.row(row), (0..row_len).map(|at| value(row, at)).collect::<Vec<_>>());
        }
    }
}
