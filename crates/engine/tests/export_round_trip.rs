//! A bundle that was exported as arrays comes back as it was, to the last byte.

#![allow(clippy::unwrap_used, reason = "a test that cannot prepare itself fails")]

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use nid_autograd::Parameters;
use nid_engine::Bundle;
use nid_engine::bundle::Parts;
use nid_engine::export::{Array, Arrays, Format, export};
use nid_engine::import::exported;
use nid_nn::decoder::{Config, Kind, Tables};
use nid_weights::{Archive, Precision};
use proptest::prelude::*;
use support::{classifier, made_of_features, made_with, problem};

/// Pictures of a network must not shrink to nothing.
fn networks() -> impl Strategy<Value = String> {
    let widths = (1usize..4, 1usize..6);
    (prop::sample::select(vec!["mlp", "cnn", "small", "best"]), widths).prop_map(|(kind, (width, hidden))| match kind {
        "mlp" => format!("kind = 'mlp'\nhidden = {hidden}"),
        "cnn" => format!("kind = 'cnn'\nwidth = {width}\nhidden = {hidden}"),
        _ => format!("kind = '{kind}'\nwidth = {width}"),
    })
}

fn decoders() -> impl Strategy<Value = Config> {
    let kinds = prop::sample::select(vec![Kind::ShowAndTell, Kind::ShowAttendAndTell]);
    let tables = prop::sample::select(vec![Tables::Tied, Tables::Apart]);
    let widths = (1usize..5, 1usize..5, 1usize..5, 1usize..5);
    (kinds, tables, widths).prop_map(|(kind, tables, (projection, embedding, hidden, attention))| Config {
        kind,
        projection,
        embedding,
        hidden,
        attention,
        dropout: 0.25,
        tables,
    })
}

/// Puts any finite 16-bit floats in the place of parameters.
fn fill(parameters: &mut Parameters, bits: &[u16]) {
    const NOT_FINITE: u16 = 0x7c00;
    let mut bits = bits.iter().filter(|bits| *bits & NOT_FINITE != NOT_FINITE).cycle();
    for (_, tensor) in parameters.iter_mut() {
        tensor.data_mut().fill_with(|| bits.next().map_or(0.0, |bits| half::f16::from_bits(*bits).to_f32()));
    }
}

fn contents(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    entries.map(|entry| (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap())).collect()
}

/// Saves a bundle, exports it in both forms, and compares what comes back.
fn check(save: impl FnOnce(&Path)) {
    let place = tempfile::tempdir().unwrap();
    let bundle = place.path().join("bundle");
    save(&bundle);
    for (format, name) in [(Format::Safetensors, "safetensors"), (Format::Npz, "npz")] {
        let (folder, again) = (place.path().join(name), place.path().join(format!("{name}-bundle")));
        export(bundle.to_str().unwrap(), format, &folder, false).unwrap();
        exported(&folder, &again, false).unwrap();
        assert!(contents(&again) == contents(&bundle), "{name}");
    }
}

proptest! {
    #[test]
    fn a_classifier_comes_back_as_it_was(words in networks(), bits: [u16; 31]) {
        let mut made = classifier::network(&words);
        fill(&mut made.parameters, &bits);
        check(|folder| made.save(folder));
    }

    #[test]
    fn a_captioner_comes_back_as_it_was(decoder in decoders(), bits: [u16; 31], half: bool) {
        let mut made = made_of_features(decoder);
        fill(&mut made.parameters, &bits);
        let precision = if half { Precision::F16 } else { Precision::F32 };
        check(|folder| Bundle::save(folder, Parts { precision, ..made.parts(false) }).unwrap());
    }
}

proptest! {
    // With the weights of a real encoder in each.
    #![proptest_config(ProptestConfig::with_cases(3))]

    #[test]
    fn a_captioner_of_pictures_comes_back_as_it_was(decoder in decoders(), bits: [u16; 31]) {
        let mut made = made_with(decoder);
        fill(&mut made.parameters, &bits);
        check(|folder| made.save(folder));
    }

    #[test]
    fn a_head_comes_back_as_it_was(hidden in prop::option::of(1usize..5), bits: [u16; 31]) {
        let mut made = classifier::head_of(hidden);
        fill(&mut made.parameters, &bits);
        check(|folder| made.save(folder));
    }
}

fn arrays_of(path: &Path) -> Vec<Array> {
    Arrays::of(&Archive::open(path).unwrap()).unwrap().arrays
}

/// A saved classifier, exported as safetensors.
fn exported_classifier(place: &Path) {
    classifier::network("kind = 'small'\nwidth = 2").save(&place.join("bundle"));
    export(place.join("bundle").to_str().unwrap(), Format::Safetensors, &place.join("export"), false).unwrap();
}

#[test]
fn convolutions_and_their_normalisations_are_pytorchs() {
    let place = tempfile::tempdir().unwrap();
    exported_classifier(place.path());
    let arrays = arrays_of(&place.path().join("export/model.safetensors"));
    let shape = |name: &str| arrays.iter().find(|array| array.name == name).map(|array| array.shape.clone());
    assert_eq!(shape("block1.conv2.weight"), Some(vec![4, 4, 3, 3]));
    assert_eq!(shape("stem_norm.running_var"), Some(vec![2]));
    assert_eq!(shape("stem_norm.weight"), Some(vec![2]));
    assert_eq!(shape("output.weight"), Some(vec![3, 6]));
    assert!(arrays.iter().all(|array| !array.name.ends_with(".gain")));

    let ours = arrays_of(&place.path().join("bundle/model.safetensors"));
    let numbers = |arrays: &[Array], name: &str| -> Vec<f32> {
        arrays.iter().find(|array| array.name == name).unwrap().numbers.clone()
    };
    // Tap 5 of the filter from channel 1 to channel 2.
    let [here, there] = [numbers(&ours, "conv1.weight"), numbers(&arrays, "conv1.weight")];
    assert_eq!(here[(5 * 2 + 1) * 4 + 2], there[(2 * 2 + 1) * 9 + 5]);
}

#[test]
fn arrays_of_another_model_are_not_imported() {
    let place = tempfile::tempdir().unwrap();
    exported_classifier(place.path());
    let (folder, file) = (place.path().join("export"), place.path().join("export/model.safetensors"));
    let exported_arrays = arrays_of(&file);
    let refused = |change: &dyn Fn(&mut Vec<Array>)| {
        let mut arrays = exported_arrays.clone();
        change(&mut arrays);
        let lent = arrays.iter().map(|array| (array.name.as_str(), &array.shape[..], &array.numbers[..]));
        nid_weights::save(&file, lent, Precision::F16).unwrap();
        let result = exported(&folder, &place.path().join("again"), false);
        assert!(!place.path().join("again").exists());
        problem(result, place.path())
    };
    let missing = refused(&|arrays| arrays.retain(|array| array.name != "output.bias"));
    assert!(missing.contains("no array `output.bias`"), "{missing}");
    let left_over = refused(&|arrays| {
        arrays.push(Array { name: "more".to_owned(), shape: vec![1], numbers: vec![0.0] });
    });
    assert!(left_over.contains("found 38 arrays, expected the model's 37"), "{left_over}");
    let misshaped = refused(&|arrays| arrays.iter_mut().for_each(|array| array.shape.reverse()));
    assert!(misshaped.contains("has shape"), "{misshaped}");
    let empty = refused(&|arrays| {
        for array in arrays {
            (array.shape, array.numbers) = (vec![0, 4, 3, 3], Vec::new());
        }
    });
    assert!(empty.contains("has shape"), "{empty}");
}

#[test]
fn what_was_not_exported_as_arrays_is_not_imported() {
    let place = tempfile::tempdir().unwrap();
    exported_classifier(place.path());
    let refused =
        |folder: &str| problem(exported(&place.path().join(folder), &place.path().join("again"), false), place.path());
    assert!(refused("bundle").starts_with("BUNDLE/bundle/export.json cannot be read"));
    export(place.path().join("bundle").to_str().unwrap(), Format::Onnx, &place.path().join("onnx"), false).unwrap();
    assert_eq!(refused("onnx"), "BUNDLE/onnx/export.json: found ONNX networks, expected safetensors or npz");
    let json = place.path().join("export/export.json");
    let text = fs::read_to_string(&json).unwrap();
    fs::write(&json, text.replace("\"version\": 1", "\"version\": 2")).unwrap();
    assert_eq!(refused("export"), "BUNDLE/export/export.json: found version 2, expected version 1");
    fs::write(&json, text.replace("\"temperature\"", "\"fever\"")).unwrap();
    assert!(refused("export").contains("unknown field `fever`"));
}

#[cfg(all(feature = "flickr8k", feature = "fashion-mnist"))]
#[test]
fn the_embedded_bundles_come_back_as_they_are() {
    let place = tempfile::tempdir().unwrap();
    for name in ["flickr8k", "fashion-mnist"] {
        let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models").join(name);
        for (format, end) in [(Format::Safetensors, "safetensors"), (Format::Npz, "npz")] {
            let [folder, again] = ["export", "bundle"].map(|what| place.path().join(format!("{name}-{end}-{what}")));
            export(name, format, &folder, false).unwrap();
            exported(&folder, &again, false).unwrap();
            assert!(contents(&again) == contents(&committed), "{name} by {end}");
        }
    }
}
