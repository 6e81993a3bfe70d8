//! NPZ files: what was written is read, entry by entry.

use std::io::{Cursor, Read};

use nid_weights::{Precision, npy, npz};
use proptest::collection::btree_map;
use proptest::prelude::*;
use zip::{CompressionMethod, ZipArchive};

/// Shapes of up to three axes, of up to four places each.
fn arrays() -> impl Strategy<Value = Vec<(String, Vec<usize>, Vec<f32>)>> {
    let shapes = prop::collection::vec(0usize..4, 0..4);
    let numbers = prop::collection::vec(-6e4f32..6e4, 27);
    btree_map("[a-z_.0-9]{1,12}", (shapes, numbers), 0..5).prop_map(|arrays| {
        let sized = |(name, (shape, numbers)): (String, (Vec<usize>, Vec<f32>))| {
            let count = shape.iter().product();
            (name, shape, numbers[..count].to_vec())
        };
        arrays.into_iter().map(sized).collect()
    })
}

fn written(arrays: &[(String, Vec<usize>, Vec<f32>)], precision: Precision) -> Result<Vec<u8>, nid_weights::Error> {
    npz::to_bytes(arrays.iter().map(|(name, shape, numbers)| (name.as_str(), &shape[..], &numbers[..])), precision)
}

proptest! {
    #[test]
    fn what_is_written_is_read(arrays in arrays(), half: bool) {
        let precision = if half { Precision::F16 } else { Precision::F32 };
        let bytes = written(&arrays, precision).unwrap();
        let mut archive = ZipArchive::new(Cursor::new(&bytes)).unwrap();
        prop_assert_eq!(archive.len(), arrays.len());
        for (index, (name, shape, numbers)) in arrays.iter().enumerate() {
            let mut entry = archive.by_index(index).unwrap();
            prop_assert_eq!(entry.name().unwrap(), format!("{name}.npy"));
            prop_assert_eq!(entry.compression(), CompressionMethod::Stored);
            let mut file = Vec::new();
            entry.read_to_end(&mut file).unwrap();
            let array = npy::Array::from_bytes(&file).unwrap();
            prop_assert_eq!((array.shape(), array.element()), (&shape[..], precision.element()));
            let mut expected = numbers.clone();
            precision.round(&mut expected);
            prop_assert_eq!((0..array.rows()).flat_map(|row| array.row(row)).collect::<Vec<f32>>(), expected);
        }
        prop_assert_eq!(bytes, written(&arrays, precision).unwrap());
    }
}

#[test]
fn what_cannot_be_kept_is_refused() {
    let check = |arrays: &[(&str, &[usize], &[f32])], expected: &str| {
        let error = npz::to_bytes(arrays.iter().copied(), Precision::F16).unwrap_err();
        assert_eq!(error.to_string(), expected);
    };
    check(&[("a", &[2], &[1.0])], "`a` has 1 values, its shape [2] needs 2");
    check(&[("a", &[1], &[1.0]), ("a", &[1], &[2.0])], "two arrays are called `a`");
    check(&[("a", &[1], &[1e6])], "`a` holds 1000000, beyond the range of 16-bit floats (65504)");
}
