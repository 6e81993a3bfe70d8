//! HDF5 files and Keras models: h5py's and Keras's own (renew them with `tests/goldens/make_keras.py`).

#![allow(clippy::unwrap_used, reason = "a test that cannot prepare itself fails")]

use std::fs;
use std::path::PathBuf;

use nid_weights::{Archive, Element, Format};
use tempfile::TempDir;

static OLD: &[u8] = include_bytes!("goldens/hdf5.h5");
static LATEST: &[u8] = include_bytes!("goldens/hdf5_latest.h5");
static MANY: &[u8] = include_bytes!("goldens/hdf5_many.h5");
static USER_BLOCK: &[u8] = include_bytes!("goldens/hdf5_user_block.h5");
static KERAS2: &[u8] = include_bytes!("goldens/keras2.h5");
static KERAS3: &[u8] = include_bytes!("goldens/keras3.keras");
static DEFLATED: &[u8] = include_bytes!("goldens/keras3_deflated.keras");
const RAMP: [f32; 6] = [-1.0, -0.5, 0.0, 0.5, 1.0, 1.5];

fn golden(name: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "tests/goldens", name].iter().collect()
}

fn count(length: usize) -> Vec<f32> {
    (0..length).map(|number| number as f32).collect()
}

#[test]
fn arrays_written_by_h5py_are_read() {
    for bytes in [OLD, LATEST] {
        let archive = Archive::from_bytes(bytes).unwrap();
        assert_eq!(archive.format(), Format::Hdf5);
        for name in ["float16", "float32", "float64", "big_endian", "compact", "again", "soft"] {
            assert_eq!(archive.f32(name, &[2, 3]).unwrap(), RAMP, "{name}");
        }
        assert_eq!(archive.f32("scalar", &[]).unwrap(), [2.5]);
        assert_eq!(archive.f32("empty", &[0, 3]).unwrap(), [0.0; 0]);
        assert_eq!(archive.f32("null", &[0]).unwrap(), [0.0; 0]);
        assert_eq!(archive.f32("chunked", &[5, 7]).unwrap(), count(35));
        assert_eq!(archive.f32("deflated", &[5, 7]).unwrap(), count(35));
        assert_eq!(archive.f32("growing", &[7]).unwrap(), count(7));
        assert_eq!(archive.f32("unwritten", &[2, 2]).unwrap(), [7.0; 4]);
        let sparse = archive.f32("sparse", &[4, 4]).unwrap();
        assert_eq!(sparse.iter().filter(|number| **number == 3.0).count(), 15);
        assert_eq!(sparse[5], 1.0);
        assert_eq!(archive.f32("a/b/c/deep", &[2]).unwrap(), [0.0, 1.0]);
    }
    let latest = Archive::from_bytes(LATEST).unwrap();
    assert_eq!(latest.f32("growing_both_ways", &[5, 7]).unwrap(), count(35));
    assert_eq!(Archive::from_bytes(USER_BLOCK).unwrap().f32("float64", &[2, 3]).unwrap(), RAMP);
    let many = Archive::from_bytes(MANY).unwrap();
    for number in 0..20 {
        assert_eq!(many.f32(&format!("array{number}"), &[]).unwrap(), [number as f32]);
        assert_eq!(many.text(&format!("text{number}")), Some(number.to_string().as_str()));
    }
}

#[test]
fn what_an_array_holds_is_said() {
    let archive = Archive::from_bytes(OLD).unwrap();
    let check = |name: &str, element, shape: &[usize], called: &str| {
        let info = archive.info(name).unwrap();
        assert_eq!((info.element, info.shape, &*info.element_name), (element, shape, called), "{name}");
    };
    check("float16", Some(Element::F16), &[2, 3], "float16");
    check("uint8", Some(Element::U8), &[6], "uint8");
    check("int16", Some(Element::I16), &[6], "int16");
    check("big_endian_integers", Some(Element::I16), &[6], "int16");
    check("int64", Some(Element::I64), &[6], "int64");
    check("switches", Some(Element::Bool), &[2], "bool");
    check("fixed_words", None, &[2], "text");
    check("words", None, &[2], "text");
    check("record", None, &[2], "compound");
    check("complex", None, &[2], "compound");
    check("colours", None, &[2], "enumeration");
    check("triples", None, &[2], "array");
    check("rough", None, &[2], "opaque");
    assert_eq!(archive.bytes("switches").unwrap(), [1, 0]);
    assert_eq!(archive.bytes("big_endian_integers").unwrap(), archive.bytes("int16").unwrap());
}

#[test]
fn links_lead_nowhere_else_and_not_in_circles() {
    for bytes in [OLD, LATEST] {
        let archive = Archive::from_bytes(bytes).unwrap();
        let is_linked = |name: &str| ["elsewhere", "dangling", "upwards"].iter().any(|link| name.contains(link));
        assert_eq!(archive.iter().find(|info| is_linked(info.name)), None);
    }
}

#[test]
fn texts_of_groups_are_read() {
    for bytes in [OLD, LATEST] {
        let archive = Archive::from_bytes(bytes).unwrap();
        assert_eq!(archive.text("text"), Some("grüße"));
        assert_eq!(archive.text("bytes"), Some("fixed"));
        assert_eq!(archive.text("lines"), Some("a\n\ndog"));
        assert_eq!(archive.text("fixed_lines"), Some("a\ndog"));
        assert_eq!(archive.text("a/text"), Some("of a group"));
        assert_eq!(archive.text("number"), None);
    }
}

#[test]
fn weights_of_keras_2_are_read() {
    let model = Archive::from_bytes(KERAS2).unwrap();
    let kernel: Vec<f32> = count(12).iter().map(|number| number / 4.0).collect();
    assert_eq!(model.f32("model_weights/dense/dense/kernel:0", &[6, 2]).unwrap(), kernel);
    assert_eq!(model.text("keras_version"), Some("2.15.0"));
    assert!(model.text("model_config").unwrap().starts_with(r#"{"class_name": "Sequential", "#));
    assert_eq!(model.text("model_weights/layer_names"), Some("flatten\ndense\ndense_1"));
    assert_eq!(model.text("model_weights/dense/weight_names"), Some("dense/kernel:0\ndense/bias:0"));

    let weights = Archive::open(golden("keras2_weights.h5")).unwrap();
    assert_eq!(weights.f32("dense/dense/kernel:0", &[6, 2]).unwrap(), kernel);
    assert_eq!(weights.f32("dense_1/dense_1/bias:0", &[2]).unwrap(), [3.0, 4.0]);
    assert_eq!(weights.text("layer_names"), Some("flatten\ndense\ndense_1"));

    let archive = Archive::open(golden("keras2.keras")).unwrap();
    assert_eq!((archive.format(), archive.f32("layers/dense/vars/0", &[6, 2]).unwrap()), (Format::Keras, kernel));
}

#[test]
fn models_of_keras_3_are_read() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("model.keras");
    for bytes in [KERAS3, DEFLATED] {
        fs::write(&path, bytes).unwrap();
        // Mapped, and lent.
        for model in [Archive::open(&path).unwrap(), Archive::from_bytes(bytes).unwrap()] {
            assert_eq!(model.format(), Format::Keras);
            assert_eq!(model.f32("layers/dense_1/vars/0", &[2, 2]).unwrap(), count(4));
            assert_eq!(model.f32("layers/dense_1/vars/1", &[2]).unwrap(), [3.0, 4.0]);
            assert!(model.text("config.json").unwrap().contains("Sequential"));
            assert!(model.text("metadata.json").unwrap().contains(r#""keras_version": "3.15.1""#));
        }
    }
    let weights = Archive::open(golden("keras3.weights.h5")).unwrap();
    assert_eq!(weights.f32("layers/dense_1/vars/0", &[2, 2]).unwrap(), count(4));

    let brief = Archive::open(golden("keras3_bfloat16.weights.h5")).unwrap();
    assert_eq!(brief.info("layers/dense/vars/1").unwrap().element, Some(Element::Bf16));
    assert_eq!(brief.f32("layers/dense/vars/1", &[2]).unwrap(), [1.5, -10.0]);
}
