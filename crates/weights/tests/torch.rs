//! PyTorch's files: PyTorch's own (renew them with `python crates/weights/tests/goldens/make_torch.py`), and broken ones.

mod support;

use std::error::Error as _;
use std::io::{Cursor, Write};
use std::path::PathBuf;

use half::{bf16, f16};
use nid_weights::{Archive, Element, Error, Format};
use proptest::prelude::*;
use support::{changed, survive, survive_every_cut};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

const NESTED: &[u8] = include_bytes!("goldens/nested.pt");
const PACKED: &[u8] = include_bytes!("goldens/packed.pt");
const PROTOCOL4: &[u8] = include_bytes!("goldens/protocol4.pt");
const LEGACY: &[u8] = include_bytes!("goldens/legacy.pt");
const LEGACY4: &[u8] = include_bytes!("goldens/legacy4.pt");
const ELEMENTS: &[u8] = include_bytes!("goldens/elements.pt");
const RAMP: [f32; 6] = [-1.0, -0.5, 0.0, 0.5, 1.0, 1.5];

fn open(name: &str) -> Result<Archive<'static>, Error> {
    Archive::open([env!("CARGO_MANIFEST_DIR"), "tests/goldens", name].iter().collect::<PathBuf>())
}

/// Everything that an error says but the file's name.
fn said(error: &Error) -> String {
    let sources = std::iter::successors(error.source(), |error| (*error).source());
    sources.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

#[test]
fn tensors_of_every_form_have_pytorch_s_numbers() {
    for bytes in [NESTED, PACKED, PROTOCOL4, LEGACY, LEGACY4] {
        let archive = Archive::from_bytes(bytes).unwrap();
        assert_eq!(archive.format(), Format::Torch);
        let check = |name: &str, shape: &[usize], expected: &[f32]| {
            assert_eq!(archive.f32(name, shape).unwrap(), expected, "{name}");
        };
        let count: Vec<f32> = (0..12).map(|i| i as f32).collect();
        check("state_dict.weight", &[3, 4], &count);
        check("state_dict.tied", &[3, 4], &count);
        let transposed: Vec<f32> = (0..12).map(|i| (i % 3 * 4 + i / 3) as f32).collect();
        check("state_dict.transposed", &[4, 3], &transposed);
        check("state_dict.slice", &[2, 2], &[5.0, 6.0, 9.0, 10.0]);
        check("state_dict.again", &[1, 4], &[4.0, 5.0, 6.0, 7.0]);
        check("state_dict.parameter", &[2, 3], &RAMP);
        check("state_dict.empty", &[0, 3], &[]);
        check("state_dict.scalar", &[], &[2.5]);
        check("list.0", &[2, 3], &RAMP);
        check("list.1.0", &[3, 2], &[-1.0, 0.5, -0.5, 1.0, 0.0, 1.5]);
        assert_eq!(archive.bytes("array").unwrap(), [0, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0]);
        assert_eq!(archive.bytes("7").unwrap(), 7_i64.to_le_bytes());
        assert_eq!(archive.iter().count(), 12, "what is no array is passed over");
    }
}

#[test]
fn every_type_of_elements_is_read_or_named() {
    let archive = Archive::from_bytes(ELEMENTS).unwrap();
    for (name, element) in
        [("float16", Element::F16), ("bfloat16", Element::Bf16), ("float32", Element::F32), ("float64", Element::F64)]
    {
        assert_eq!(archive.info(name).unwrap().element, Some(element));
        assert_eq!(archive.f32(name, &[2, 3]).unwrap(), RAMP, "{name}");
    }
    let integers = ["uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64"];
    for name in integers {
        assert_eq!(archive.info(name).unwrap().element_name, name);
        assert_eq!(archive.summary(name).unwrap().mean, Some(2.5), "{name}");
    }
    assert_eq!(archive.bytes("bool").unwrap(), [1, 0]);
    assert_eq!(archive.bytes("float16").unwrap(), RAMP.map(|x| f16::from_f32(x).to_le_bytes()).concat());
    assert_eq!(archive.bytes("bfloat16").unwrap(), RAMP.map(|x| bf16::from_f32(x).to_le_bytes()).concat());
    for (name, element) in [("complex", "complex64"), ("eight", "float8_e4m3fn"), ("quantised", "qint8")] {
        let info = archive.info(name).unwrap();
        assert_eq!((info.element, &*info.element_name, info.shape), (None, element, [2].as_slice()));
        assert!(matches!(archive.bytes(name), Err(Error::NotNumbers { .. })));
    }
}

#[test]
fn a_state_dict_has_its_keys_for_names() {
    let archive = open("state_dict.pt").unwrap();
    let names: Vec<&str> = archive.iter().map(|info| info.name).collect();
    let norm = ["norm.bias", "norm.num_batches_tracked", "norm.running_mean", "norm.running_var", "norm.weight"];
    assert_eq!(names, [["fc.bias", "fc.weight"].as_slice(), &norm].concat());
    assert_eq!(archive.f32("fc.weight", &[2, 3]).unwrap(), RAMP);
    assert_eq!(archive.f32("fc.bias", &[2]).unwrap(), [0.25, -8.0]);
    assert_eq!(archive.f32("norm.running_var", &[2]).unwrap(), [1.0, 1.0]);
}

#[test]
fn a_tensor_by_itself_and_one_of_another_machine_are_read() {
    assert_eq!(open("tensor.pt").unwrap().f32("tensor", &[2, 3]).unwrap(), RAMP);
    assert_eq!(open("big_endian.pt").unwrap().f32("weight", &[2, 3]).unwrap(), RAMP);
}

#[test]
fn what_is_refused_is_named() {
    let check = |name: &str, expected: &str| {
        let said = said(&open(name).unwrap_err());
        assert!(said.starts_with(expected), "{said}");
    };
    let class =
        "PyTorch file of more than plain tensors, numbers and texts: of a model, save its `state_dict()`: pickle names";
    check("network.pt", &format!("{class} `__main__.Network` at byte 2 (GLOBAL), expected nothing but"));
    check("network_legacy.pt", &format!("{class} `__main__.Network` at byte 16 (GLOBAL), expected nothing but"));
    check("sparse.pt", &format!("{class} `torch._utils._rebuild_sparse_tensor` at byte 16 (GLOBAL)"));
    check("expanded.pt", "array `bias`: shape [1000] of float32 needs 4000 bytes, there are 4");
    check(
        "negated.pt",
        "pickle has a dictionary as argument 6 of `torch._utils._rebuild_tensor_v2` at byte 175 (REDUCE), expected numbers \
         that are meant as they lie",
    );
}

#[test]
fn the_form_of_the_first_versions_is_named() {
    let mut tar = vec![0; 1024];
    tar[257..262].copy_from_slice(b"ustar");
    assert_eq!(
        Archive::from_bytes(&tar).unwrap_err().to_string(),
        "not a valid PyTorch file: found a tar archive, as PyTorch before 0.1.10 wrote it, expected a file that a later \
         PyTorch has saved again"
    );
}

/// The file with some bytes replaced by as many others.
fn replaced(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let at = bytes.windows(from.len()).position(|place| place == from).expect("bytes to replace");
    [&bytes[..at], to, &bytes[at + from.len()..]].concat()
}

/// The file with no checksums, as PyTorch writes it where it is told to compute none: a zero in each entry of the list at
/// the end, 16 bytes behind its mark.
fn unchecked(mut file: Vec<u8>) -> Vec<u8> {
    for at in 0..file.len() {
        if file[at..].starts_with(b"PK\x01\x02") {
            file[at + 16..][..4].fill(0);
        }
    }
    file
}

#[test]
fn a_changed_number_is_told() {
    let file = std::fs::read([env!("CARGO_MANIFEST_DIR"), "tests/goldens/tensor.pt"].iter().collect::<PathBuf>());
    let file = replaced(&file.unwrap(), &(-1.0_f32).to_le_bytes(), &(1.0_f32).to_le_bytes());
    for error in [
        Archive::from_bytes(&file).unwrap().f32("tensor", &[2, 3]).unwrap_err(),
        Archive::from_bytes(&file).unwrap().summary("tensor").unwrap_err(),
    ] {
        let said = [error.to_string(), said(&error)].join(": ");
        let entry = "array `tensor`: not a valid PyTorch file: found an entry `tensor/data/0` of CRC-32 ";
        assert!(said.starts_with(entry), "{said}");
    }
    let [_, changed @ ..] = RAMP;
    let without = unchecked(file);
    assert_eq!(Archive::from_bytes(&without).unwrap().f32("tensor", &[2, 3]).unwrap()[1..], changed);
}

#[test]
fn a_changed_pickle_is_told() {
    let file = std::fs::read([env!("CARGO_MANIFEST_DIR"), "tests/goldens/tensor.pt"].iter().collect::<PathBuf>());
    let error = Archive::from_bytes(&replaced(&file.unwrap(), b"QK\x00K\x02K\x03", b"QK\x00K\x03K\x02")).unwrap_err();
    let entry = "not a valid PyTorch file: found an entry `tensor/data.pkl` of CRC-32 ";
    assert!(error.to_string().starts_with(entry), "{error}");
}

#[test]
fn a_file_without_checksums_is_read() {
    assert_eq!(open("unchecked.pt").unwrap().f32("weight", &[2, 3]).unwrap(), RAMP);
}

#[test]
fn a_cut_file_is_said_to_be_pytorch_s() {
    let error = Archive::from_bytes(&NESTED[..NESTED.len() / 2]).unwrap_err().to_string();
    assert!(error.starts_with("not a valid PyTorch file: found "), "{error}");
}

/// A file of the older form without storages, whose object is that pickle.
fn legacy(object: &[u8]) -> Vec<u8> {
    let magic = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.";
    [magic.as_slice(), b"\x80\x02M\xe9\x03.", b"}.", object, b"]."].concat()
}

#[test]
fn names_are_joined_within_bounds() {
    let empty = b"cnumpy._core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(K\x00tU\x01btR(K\x01K\x00\x85\
                  cnumpy\ndtype\n(U\x02u1K\x00K\x01tR(K\x03U\x01|NNNtb\x89U\x00tb";
    let key = |key: &[u8]| [b"\x80\x02}".as_slice(), key, empty, b"s."].concat();
    let names = |object: &[u8]| -> Result<Vec<String>, String> {
        let file = legacy(object);
        let archive = Archive::from_bytes(&file).map_err(|error| error.to_string())?;
        Ok(archive.iter().map(|info| info.name.to_owned()).collect())
    };
    for (written, name) in
        [("U\x03a.b", "a.b"), ("J\u{7f}\x00\x00\x00", "127"), ("N", "None"), ("I01\n", "True"), ("F0.5\n", "0.5")]
    {
        assert_eq!(names(&key(written.as_bytes())).unwrap(), [name]);
    }
    assert_eq!(names(b"\x80\x02K\x01.").unwrap(), [""; 0]);

    let refused = |object: &[u8], expected: &str| assert_eq!(names(object).unwrap_err(), expected);
    let tuple = "not a valid PyTorch file: found a tuple as a key, expected texts and numbers";
    refused(&key(b"K\x01\x85"), tuple);
    let long = [b"X\x01\x04\x00\x00".as_slice(), &[b'a'; 1025]].concat();
    refused(&key(&long), "not a valid PyTorch file: found a name of 1025 bytes, expected at most 1024");
    let twice = [b"}(U\x03a.b".as_slice(), empty, b"q\x00U\x01a}U\x01bh\x00su."].concat();
    refused(&twice, "two arrays are called `a.b`");
}

#[test]
fn what_a_file_claims_is_compared_with_its_bytes() {
    let tensor =
        std::fs::read([env!("CARGO_MANIFEST_DIR"), "tests/goldens/tensor.pt"].iter().collect::<PathBuf>()).unwrap();
    let check = |from: &[u8], to: &[u8], expected: &str| {
        let file = unchecked(replaced(&tensor, from, to));
        let error = Archive::from_bytes(&file).unwrap_err();
        let said = [error.to_string(), said(&error)].join(": ");
        assert!(said.contains(expected), "{said}");
    };
    // The storage's elements, the offset, the shape and the strides.
    check(b"K\x06tq\x05Q", b"K\xfftq\x05Q", "found 24 bytes of storage `0`, expected 1020");
    check(b"QK\x00K\x02K\x03", b"QK\x01K\x02K\x03", "shape [2, 3] of float32 needs 24 bytes, there are 20");
    check(b"QK\x00K\x02K\x03", b"QK\x00K\xffK\x03", "shape [255, 3] of float32 needs 3060 bytes, there are 24");
    check(b"K\x03K\x01\x86", b"K\x09K\x01\x86", "shape [2, 3] of float32 needs 48 bytes, there are 24");
    check(b"X\x01\x00\x00\x000", b"X\x01\x00\x00\x001", "found no storage `1`, expected one for each tensor");
    check(b"X\x07\x00\x00\x00storage", b"X\x07\x00\x00\x00package", "expected the text `storage`");
}

#[test]
fn what_contradicts_itself_in_the_older_form_is_named() {
    let check = |file: &[u8], expected: &str| {
        assert_eq!(
            Archive::from_bytes(file).unwrap_err().to_string(),
            format!("not a valid PyTorch file: found {expected}")
        );
    };
    let storage = b"(U\x07storagectorch\nFloatStorage\nU\x010U\x03cpuK\x01NtQ.";
    let with = |rest: &[u8]| {
        let file = legacy(storage);
        [&file[..file.len() - b"].".len()], rest].concat()
    };
    assert_eq!(
        Archive::from_bytes(&with(b"]U\x010a.\x01\0\0\0\0\0\0\0\0\0\x80?")).unwrap().f32("tensor", &[1]).unwrap(),
        [1.0]
    );
    check(&with(b"}."), "a dictionary of storages, expected a list of their keys");
    check(&with(b"]Na."), "nothing as a storage's key, expected a text");
    check(&with(b"]U\x017a."), "a storage `7`, expected none");
    check(&with(b"]U\x010a."), "nothing of storage `0`, expected 1");
    check(&with(b"]U\x010a.\xff\0\0\0\0\0\0\xff"), "18374686479671623935 elements of storage `0`, expected 1");
    check(&with(b"]U\x010a.\x01\0\0\0\0\0\0\0\0\0\x80"), "3 bytes of storage `0`, expected 4");
    check(&replaced(&with(b"]."), b"M\xe9\x03", b"M\xe8\x03"), "another version, expected 1001");
    let view = b"(U\x07storagectorch\nFloatStorage\nU\x010U\x03cpuK\x01(U\x011K\x00K\x01ttQ.";
    assert_eq!(
        Archive::from_bytes(&legacy(view)).unwrap_err().to_string(),
        "pickle has a tuple as argument 5 of `BINPERSID` at byte 50 (BINPERSID), expected no view of another storage"
    );
}

#[test]
fn a_packed_pickle_is_no_longer_than_its_file_justifies() {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    writer.start_file("archive/data.pkl", SimpleFileOptions::default()).unwrap();
    writer.write_all(&vec![b'N'; 5 << 20]).unwrap();
    let file = writer.finish().unwrap().into_inner();
    let error = Archive::from_bytes(&file).unwrap_err().to_string();
    let expected = format!("found a pickle of 5242880 bytes, expected less in {}", file.len());
    assert_eq!(error, format!("not a valid PyTorch file: {expected}"));
}

#[test]
fn every_cut_is_an_answer() {
    for bytes in [NESTED, PACKED, PROTOCOL4, LEGACY, LEGACY4, ELEMENTS] {
        survive_every_cut(bytes);
    }
}

proptest! {
    #[test]
    fn a_changed_byte_never_panics(at: prop::sample::Index, byte: u8) {
        for bytes in [NESTED, PACKED, PROTOCOL4, LEGACY, LEGACY4, ELEMENTS] {
            survive(&changed(bytes, at, byte));
        }
    }
}
