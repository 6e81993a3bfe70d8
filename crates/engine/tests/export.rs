//! Exported networks are those that run here: another program runs them, and gives the same.

#![allow(clippy::unwrap_used, reason = "a test that cannot prepare itself fails")]

mod support;

use std::fs;
use std::path::{Path, PathBuf};

use nid_autograd::Packs;
use nid_decode::Model;
use nid_engine::bundle::{ClassifierConfig, Input};
use nid_engine::export::{Format, export};
use nid_engine::{Bundle, ClassifierBundle, head_logits, network_logits};
use nid_nn::decoder::{Config, Kind, Reader, Tables};
use nid_nn::encoder::Encoder;
use support::classifier::{self, NETWORKS, SIDE};
use support::exported::{Network, check_near, indices, numbers};
use support::{made, problem};

/// Numbers between -1 and 1 without a pattern.
fn noise(count: usize) -> Vec<f32> {
    let mut state = 1_u64;
    let next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f32 / (1 << 23) as f32 - 1.0
    };
    std::iter::repeat_with(next).take(count).collect()
}

/// Where a bundle is, and the folder of its export to ONNX.
fn exported(place: &Path) -> PathBuf {
    let folder = place.join("onnx");
    export(place.join("bundle").to_str().unwrap(), Format::Onnx, &folder, false).unwrap();
    folder
}

fn check_encoder(folder: &Path, encoder: &Encoder, side: usize) {
    let network = Network::open(folder, "encoder.onnx");
    for count in [1, 3] {
        let pictures = noise(count * side * side * 3);
        let seen = encoder.encode(&pictures, count, side, side).unwrap();
        let inputs = vec![("pictures", numbers(&[count, side, side, 3], &pictures))];
        let [features] = network.run(inputs, ["features"]);
        check_near(&features, &seen.numbers);
    }
}

fn check_captioner(made: &support::Made) {
    let place = tempfile::tempdir().unwrap();
    made.save(&place.path().join("bundle"));
    let bundle = Bundle::load(&place.path().join("bundle")).unwrap();
    let folder = exported(place.path());
    match &bundle.encoder {
        Some(encoder) => check_encoder(&folder, encoder, made.manifest.preprocessing.width),
        None => assert!(!folder.join("encoder.onnx").exists()),
    }
    for pictures in [1, 3] {
        check_decoder(&folder, &bundle, made.manifest.decoder.kind, pictures);
    }
}

/// Reads two words in sentences about pictures, the first picture with two sentences.
fn check_decoder(folder: &Path, bundle: &Bundle, kind: Kind, pictures: usize) {
    let [regions, channels] = bundle.feature_shape().unwrap();
    let Bundle { decoder, parameters, .. } = bundle;
    let packs = Packs::default();
    let reader = Reader::new(decoder, parameters, &packs);
    let features = noise(pictures * regions * channels);
    let owners: Vec<usize> = std::iter::once(0).chain(0..pictures).collect();
    let rows = owners.len();
    let mut expected = reader.select(&reader.look(&features, pictures, regions), &owners);

    let is_attentive = kind == Kind::ShowAttendAndTell;
    let [start, step] = ["decoder_start.onnx", "decoder_step.onnx"].map(|file| Network::open(folder, file));
    let given = vec![("features", numbers(&[pictures, regions, channels], &features))];
    let [hidden, cell] = start.run(given.clone(), ["hidden", "cell"]);
    let width = hidden.len() / pictures;
    let select = |numbers: Vec<f32>| -> Vec<f32> {
        owners.iter().flat_map(|&owner| numbers[owner * width..(owner + 1) * width].to_vec()).collect()
    };
    let [mut hidden, mut cell] = [hidden, cell].map(select);
    for tokens in [vec![1; rows], (0..rows).map(|row| 4 + row % 3).collect::<Vec<usize>>()] {
        let words: Vec<u32> = tokens.iter().map(|&token| token as u32).collect();
        let (next, scores) = reader.step(expected, &words);
        expected = next;
        let mut inputs = Vec::new();
        if is_attentive {
            let [keys, values] = start.run(given.clone(), ["keys", "values"]);
            let shaped = |seen: &[f32]| numbers(&[pictures, regions, seen.len() / (pictures * regions)], seen);
            inputs = vec![("keys", shaped(&keys)), ("values", shaped(&values)), ("owners", indices(&owners))];
        }
        let state = |seen: &[f32]| numbers(&[rows, width], seen);
        inputs.extend([("hidden", state(&hidden)), ("cell", state(&cell)), ("tokens", indices(&tokens))]);
        let found;
        [found, hidden, cell] = step.run(inputs.clone(), ["log_probabilities", "next_hidden", "next_cell"]);
        check_near(&found, &scores);
        if is_attentive {
            let [weights] = step.run(inputs, ["attention"]);
            let sums: Vec<f32> = weights.chunks_exact(regions).map(|row| row.iter().sum()).collect();
            check_near(&sums, &vec![1.0; rows]);
        }
    }
}

#[test]
fn exported_captioners_are_those_that_run_here() {
    let decoder = |kind, tables| Config { kind, tables, ..made().manifest.decoder };
    check_captioner(&support::made_with(decoder(Kind::ShowAttendAndTell, Tables::Tied)));
    for kind in [Kind::ShowAndTell, Kind::ShowAttendAndTell] {
        check_captioner(&support::made_of_features(decoder(kind, Tables::Tied)));
        check_captioner(&support::made_of_features(decoder(kind, Tables::Apart)));
    }
}

#[test]
fn exported_classifiers_are_those_that_run_here() {
    for (words, mirror) in NETWORKS.iter().flat_map(|words| [(words, false), (words, true)]) {
        let place = tempfile::tempdir().unwrap();
        let mut made = classifier::network(words);
        let ClassifierConfig::Network { input, .. } = &mut made.manifest.model else { panic!("found a head") };
        *input = Input { mirror, ..input.clone() };
        made.stir();
        made.save(&place.path().join("bundle"));
        let bundle = ClassifierBundle::load(&place.path().join("bundle")).unwrap();
        let network = Network::open(&exported(place.path()), "classifier.onnx");

        let (nid_engine::bundle::Network::Pictures(ours), ClassifierConfig::Network { input, .. }) =
            (&bundle.network, &bundle.manifest.model)
        else {
            panic!("found a head")
        };
        for count in [1, 3] {
            let levels: Vec<u8> = noise(count * SIDE * SIDE).iter().map(|x| (x * 127.0 + 128.0) as u8).collect();
            let pictures = numbers(&[count, SIDE, SIDE, 1], &input.numbers(&levels));
            let [logits] = network.run(vec![("pictures", pictures)], ["logits"]);
            check_near(&logits, &network_logits(ours, &bundle.parameters, input, &levels));
        }
    }
}

#[test]
fn exported_heads_are_those_that_run_here() {
    for hidden in [None, Some(5)] {
        let place = tempfile::tempdir().unwrap();
        classifier::head_of(hidden).save(&place.path().join("bundle"));
        let bundle = ClassifierBundle::load(&place.path().join("bundle")).unwrap();
        let folder = exported(place.path());
        let nid_engine::bundle::Network::Features { encoder, head } = &bundle.network else { panic!("found no head") };
        let side = support::preprocessing().width;
        check_encoder(&folder, encoder, side);
        let [regions, channels] = encoder.shape(side, side).unwrap();
        for count in [1, 3] {
            let features = noise(count * regions * channels);
            let given = vec![("features", numbers(&[count, regions, channels], &features))];
            let [logits] = Network::open(&folder, "classifier.onnx").run(given, ["logits"]);
            check_near(&logits, &head_logits(head, &bundle.parameters, &features, regions));
        }
    }
}

#[test]
fn a_folder_says_what_is_in_it() {
    let place = tempfile::tempdir().unwrap();
    made().save(&place.path().join("bundle"));
    let folder = exported(place.path());
    let json: serde_json::Value = serde_json::from_slice(&fs::read(folder.join("export.json")).unwrap()).unwrap();
    assert_eq!((&json["format"], &json["tokens"]["end"]), (&"onnx".into(), &2.into()));
    assert_eq!(json["configuration"]["search"]["beam"], 3);
    assert_eq!(json["onnx"]["opset"], 17);
    let step = &json["onnx"]["networks"][2];
    assert_eq!(step["file"], "decoder_step.onnx");
    assert_eq!(step["inputs"][2], serde_json::json!({"name": "owners", "element": "int64", "shape": ["sentences"]}));
    let words = made().vocabulary.len();
    let scores = serde_json::json!({"name": "log_probabilities", "element": "float32", "shape": ["sentences", words]});
    assert_eq!(step["outputs"][0], scores);
    let text = fs::read_to_string(folder.join("README.md")).unwrap();
    assert!(text.contains("| encoder.onnx | input | pictures | float32 | [pictures, 64, 64, 3] |"), "{text}");
    assert!(text.contains("The encoder makes features of pictures. decoder_start makes"), "{text}");
    assert!(text.contains("Its words, with blanks between, a capital letter first"), "{text}");
    assert_eq!(fs::read_to_string(folder.join("vocabulary.txt")).unwrap(), made().vocabulary.to_text());
    assert_eq!(fs::read_to_string(folder.join("CARD.md")).unwrap(), "# A test\n");
}

#[test]
fn what_a_captioner_reads_and_where_it_stops_is_said() {
    let place = tempfile::tempdir().unwrap();
    support::made_of_features(made().manifest.decoder).save(&place.path().join("bundle"));
    let folder = exported(place.path());
    let json: serde_json::Value = serde_json::from_slice(&fs::read(folder.join("export.json")).unwrap()).unwrap();
    let water = made().vocabulary.id("water").unwrap();
    assert_eq!(json["tokens"], serde_json::json!({"start": 1, "end": 2, "also_end": [water], "never_said": [0, 1, 3]}));
    let text = fs::read_to_string(folder.join("README.md")).unwrap();
    for said in ["of each picture [3, 5]", "The word \"water\" ends a sentence too.", "from 0. decoder_start makes"] {
        assert!(text.contains(said), "{text}");
    }
}

#[test]
fn only_an_export_is_replaced_and_only_when_asked() {
    let place = tempfile::tempdir().unwrap();
    classifier::network(NETWORKS[0]).save(&place.path().join("bundle"));
    let bundle = place.path().join("bundle");
    let again =
        |folder: &str, replace| export(bundle.to_str().unwrap(), Format::Npz, &place.path().join(folder), replace);
    again("export", false).unwrap();
    let refused = |folder: &str, replace| problem(again(folder, replace), place.path());
    assert_eq!(
        refused("export", false),
        "BUNDLE/export: found an exported model, expected nothing (--force replaces it)"
    );
    again("export/", true).unwrap();
    fs::create_dir(place.path().join("mine")).unwrap();
    let found = "found something that is no exported model, expected nothing, or an exported model to replace";
    assert_eq!(refused("mine", true), format!("BUNDLE/mine: {found}"));
    assert_eq!(refused("bundle", true), format!("BUNDLE/bundle: {found}"));
    assert_eq!(fs::read_dir(place.path()).unwrap().count(), 3, "nothing is left beside them");
}
