//! Keras's own models (renew them with `tests/keras/make.py`) score here what they scored there; what is no such model is
//! told with all that is wrong.

#![allow(clippy::unwrap_used, reason = "a test that cannot prepare itself fails")]

use std::error::Error as _;
use std::fs;
use std::path::{Path, PathBuf};

use nid_data::labelled::fashion_mnist::CLASSES;
use nid_engine::bundle::ClassifierConfig;
use nid_engine::import::keras::{Files, InputRange, Options, import, is_whole, read_classes};
use nid_engine::import::{Imported, Mapped};
use nid_engine::{Classifier, ClassifierBundle, Error};
use nid_nn::classifier::Config;
use nid_weights::Archive;
use serde_json::{Value, json};
use tempfile::TempDir;

/// How far a probability may be from Keras's.
const CLOSE: f64 = 1e-5;

fn golden(name: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "tests/keras", name].iter().collect()
}

fn options(classes: usize) -> Options {
    Options { classes: Some((0..classes).map(|class| format!("class {class}")).collect()), range: None }
}

/// What an error and its causes say.
fn chain(error: &Error) -> String {
    let sources = std::iter::successors(error.source(), |error| (*error).source());
    sources.fold(error.to_string(), |text, source| format!("{text}: {source}"))
}

/// Imports a model, and opens what was made of it.
fn read(files: Files<'_>, options: Options) -> Result<(Imported, ClassifierBundle), Error> {
    let place = TempDir::new().unwrap();
    let folder = place.path().join("bundle");
    let imported = import(files, options, &folder, false)?;
    Ok((imported, ClassifierBundle::load(&folder)?))
}

/// Compares what a bundle says of Keras's pictures with what Keras has said.
fn check_scores(bundle: ClassifierBundle, expected: &str) {
    let classifier = Classifier::new(bundle);
    let expected: Value = serde_json::from_slice(&fs::read(golden(expected)).unwrap()).unwrap();
    let levels: Vec<u8> = serde_json::from_value::<Vec<Vec<u8>>>(expected["levels"].clone()).unwrap().concat();
    let logits = classifier.logits_of_levels(&levels, [12, 12]).unwrap();
    let found = classifier.probabilities(&logits);
    let expected: Vec<f64> =
        serde_json::from_value::<Vec<Vec<f64>>>(expected["probabilities"].clone()).unwrap().concat();
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        assert!((f64::from(*found) - expected).abs() < CLOSE, "found {found}, expected {expected}");
    }
}

#[test]
fn models_score_what_they_scored_in_keras() {
    let check = |architecture: Option<&str>, weights: &str, expected: &str| {
        let architecture = architecture.map(golden);
        let files = Files { architecture: architecture.as_deref(), weights: &golden(weights) };
        check_scores(read(files, options(3)).unwrap().1, expected);
    };
    check(Some("keras2_cnn.json"), "keras2_cnn.h5", "keras2_cnn.expected.json");
    check(None, "keras3_cnn.keras", "keras3_cnn.expected.json");
    check(Some("keras3_mlp.json"), "keras3_mlp.weights.h5", "keras3_mlp.expected.json");
}

#[test]
fn what_became_of_each_tensor_is_told() {
    let architecture = golden("keras3_mlp.json");
    let files = Files { architecture: Some(&architecture), weights: &golden("keras3_mlp.weights.h5") };
    let (imported, _) = read(files, options(3)).unwrap();
    let mapped = |from: &str, from_shape: &[usize], to: &str, to_shape: &[usize]| Mapped {
        from: from.to_owned(),
        from_shape: from_shape.to_vec(),
        to: to.to_owned(),
        to_shape: to_shape.to_vec(),
    };
    let expected = [
        mapped("layers/dense/vars/0", &[144, 5], "dense1.weight", &[5, 144]),
        mapped("layers/dense/vars/1", &[5], "dense1.bias", &[5]),
        mapped("layers/dense_1/vars/0", &[5, 3], "dense2.weight", &[3, 5]),
        mapped("layers/dense_1/vars/1", &[3], "dense2.bias", &[3]),
    ];
    assert_eq!(imported.mapped, expected);
    assert_eq!(
        imported.notes,
        [
            "it is taken to read levels from 0 to 255, which it does not say",
            "the 144 numbers that it reads are taken for 12 by 12 pixels",
            "the softmax at its end is left out: probabilities are made of scores here",
            "the rescaling that the model does first is part of how pictures are read",
            "arrays of the optimiser are left out: 2",
        ]
    );

    let architecture = golden("keras2_cnn.json");
    let files = Files { architecture: Some(&architecture), weights: &golden("keras2_cnn.h5") };
    let (imported, bundle) = read(files, options(3)).unwrap();
    for name in ["conv2.bias", "norm2.shift"] {
        let note = format!("{name} is 0 throughout, which Keras leaves out");
        assert!(imported.notes.contains(&note), "{:?}", imported.notes);
        assert!(bundle.card.contains(&note), "{}", bundle.card);
    }
    let kernel = mapped("conv2d/conv2d/kernel:0", &[3, 3, 1, 4], "conv1.weight", &[9, 4]);
    assert_eq!(imported.mapped[0], kernel);
    assert!(bundle.card.contains("| `keras2_cnn.h5` | `"), "{}", bundle.card);
    assert!(bundle.card.contains("Keras 2.15.0"), "{}", bundle.card);
}

/// A description of layers over pictures of 12 by 12 pixels, each its class and what it was made with.
fn described(layers: &[(&str, Value)]) -> Value {
    let mut layers: Vec<Value> =
        layers.iter().map(|(class, config)| json!({ "class_name": class, "config": config })).collect();
    layers.insert(0, json!({ "class_name": "InputLayer", "config": { "batch_shape": [null, 12, 12, 1] } }));
    json!({ "class_name": "Sequential", "config": { "layers": layers } })
}

/// Reads weights with another description than theirs.
fn read_as(architecture: &Value, weights: &str, options: Options) -> Result<ClassifierBundle, Error> {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("model.json");
    fs::write(&path, architecture.to_string()).unwrap();
    read(Files { architecture: Some(&path), weights: &golden(weights) }, options).map(|(_, bundle)| bundle)
}

#[test]
fn what_is_not_known_is_told_at_once() {
    let check = |architecture: &Value, expected: &[&str]| {
        let error = read_as(architecture, "keras2_cnn.h5", options(3)).err().unwrap();
        let Error::Layers { problems, .. } = &error else { panic!("{}", chain(&error)) };
        let fits = problems.len() == expected.len()
            && problems.iter().zip(expected).all(|(problem, expected)| problem.contains(expected));
        assert!(fits, "found {problems:#?}, expected {expected:#?}");
    };
    let convolution = |key: &str, value: Value| {
        let mut config = json!({ "filters": 4, "kernel_size": [3, 3], "strides": [1, 1], "padding": "valid" });
        config[key] = value;
        ("Conv2D", config)
    };
    let end = [("Flatten", json!({})), ("Dense", json!({ "units": 3, "activation": "softmax" }))];
    let with = |layers: &[(&str, Value)]| described(&[layers, &end].concat());
    check(
        &with(&[("LSTM", json!({ "name": "memory" })), ("Add", json!({}))]),
        &["layer 2 `memory`, LSTM: not known", "layer 3 `Add`, Add: not known", "known are Activation, "],
    );
    check(&with(&[convolution("kernel_size", json!([3, 5]))]), &["kernel_size of [3,5], expected the same number"]);
    check(&with(&[convolution("strides", json!([1, 2]))]), &["strides of [1,2], expected the same number"]);
    check(&with(&[convolution("dilation_rate", json!([2, 2]))]), &["dilation_rate of [2,2], expected [1,1]"]);
    check(&with(&[convolution("groups", json!(2))]), &["groups of 2, expected 1"]);
    check(&with(&[convolution("padding", json!("causal"))]), &["padding of \"causal\", expected \"valid\""]);
    check(&with(&[convolution("filters", json!(0))]), &["filters of 0, expected a whole number above 0"]);
    check(
        &with(&[convolution("data_format", json!("channels_first"))]),
        &["data_format of \"channels_first\", expected \"channels_last\""],
    );
    check(&with(&[convolution("activation", json!("selu"))]), &["activation of \"selu\", expected linear, relu, "]);
    check(&with(&[convolution("activation", json!("softmax"))]), &["Flatten: comes after a softmax", "Dense: comes"]);
    check(
        &with(&[("Activation", json!({ "activation": "relu" })), ("Rescaling", json!({ "scale": 1, "offset": 0 }))]),
        &["Rescaling: is within the model"],
    );
    check(
        &described(&[end[0].clone(), ("Dense", json!({ "units": 3, "activation": "sigmoid" }))]),
        &["it ends in sigmoid, expected softmax"],
    );
    let mut colours = with(&[]);
    colours["config"]["layers"][0]["config"]["batch_shape"] = json!([null, 32, 32, 3]);
    check(&colours, &["pictures of 3 channels, expected grey ones"]);
    colours["config"]["layers"][0]["config"]["batch_shape"] = json!([null, null, null, 1]);
    check(&colours, &["reads [null,null,null,1], expected pictures of one size", "it does not say what it reads"]);
}

#[test]
fn what_is_no_sequential_model_is_told() {
    let check = |architecture: &Value, expected: &str| {
        let said = chain(&read_as(architecture, "keras2_cnn.h5", options(3)).err().unwrap());
        assert!(said.ends_with(expected), "found {said:?}, expected {expected:?}");
    };
    check(
        &json!({ "class_name": "Functional", "config": {} }),
        "found Functional, expected a Sequential model of Keras",
    );
    check(&json!({ "class_name": "Sequential" }), "found no list of layers, expected a Sequential model of Keras");
    check(&json!([1]), "found no class_name, expected a Sequential model of Keras");
    // Layers that do not fit one another, before anything is made of them.
    check(
        &described(&[("Dense", json!({ "units": 3, "activation": "softmax" }))]),
        "layer 1 of the list: found a map of 12 × 12 × 1, expected a row: flatten the map before",
    );
    let weights = golden("keras2_cnn.h5");
    let error = read(Files { architecture: None, weights: &weights }, options(3)).err().unwrap();
    let expected = "found weights alone (HDF5 file), expected the JSON of its architecture beside it, or a whole model";
    assert!(chain(&error).ends_with(expected), "{}", chain(&error));
}

#[test]
fn tensors_that_do_not_fit_are_all_told() {
    let mut architecture: Value = serde_json::from_slice(&fs::read(golden("keras2_cnn.json")).unwrap()).unwrap();
    let layers = architecture["config"]["layers"].as_array_mut().unwrap();
    // Another width, a bias more, and a layer less.
    let at = |layers: &[Value], name: &str| layers.iter().position(|layer| layer["config"]["name"] == name).unwrap();
    let [conv, dense, norm] = ["conv2d_1", "dense", "batch_normalization_1"].map(|name| at(layers, name));
    layers[conv]["config"]["use_bias"] = json!(true);
    layers[dense]["config"]["units"] = json!(7);
    layers.remove(norm);
    let error = read_as(&architecture, "keras2_cnn.h5", options(3)).err().unwrap();
    let said = chain(&error);
    let name = "batch_normalization_1/batch_normalization_1";
    let all = [
        "not the weights of the network that is described: missing `conv2d_1/conv2d_1/bias:0` [3]",
        &format!("left over `{name}/gamma:0` [3]"),
        &format!("left over `{name}/moving_mean:0` [3]"),
        &format!("left over `{name}/moving_variance:0` [3]"),
        "`dense/dense/kernel:0` has shape [27, 4], expected [27, 7]",
        "`dense/dense/bias:0` has shape [4], expected [7]",
        "`dense_1/dense_1/kernel:0` has shape [4, 3], expected [7, 3]",
    ];
    assert!(said.ends_with(&all.join("; ")), "{said}");
}

/// A model that was built anew has layers of other names.
#[test]
fn renamed_layers_are_told_by_their_order() {
    let text = fs::read_to_string(golden("keras2_cnn.json")).unwrap();
    let renamed = ["conv2d", "batch_normalization", "dense"]
        .iter()
        .fold(text, |text, name| text.replace(&format!("\"name\": \"{name}"), &format!("\"name\": \"other_{name}")));
    assert!(renamed.contains("\"other_dense_1\""));
    let renamed = serde_json::from_str(&renamed).unwrap();
    check_scores(read_as(&renamed, "keras2_cnn.h5", options(3)).unwrap(), "keras2_cnn.expected.json");
}

/// What a description claims is compared with the file before memory is taken for it.
#[test]
fn a_description_is_not_believed() {
    let huge = u32::MAX;
    let dense = |units: u32| ("Dense", json!({ "units": units, "activation": "linear" }));
    let flatten = ("Flatten", json!({}));
    let said =
        |layers: &[(&str, Value)]| chain(&read_as(&described(layers), "keras2_cnn.h5", options(3)).err().unwrap());
    assert!(said(&[flatten.clone(), dense(huge), dense(3)]).contains("expected no more than 16,777,216 numbers"));
    let wide = said(&[flatten, dense(1 << 24), dense(1 << 24), dense(3)]);
    assert!(wide.contains("not the weights of the network"), "{wide}");
}

#[test]
fn what_the_files_do_not_say_has_to_be_given() {
    let folder = TempDir::new().unwrap();
    let architecture = golden("keras2_cnn.json");
    let files = Files { architecture: Some(&architecture), weights: &golden("keras2_cnn.h5") };
    let said = |options| chain(&read(files, options).err().unwrap());
    let none = said(Options::default());
    assert!(
        none.ends_with(
            "found pictures of 12 by 12 pixels and scores for 3 classes, expected the names of the classes to be given (--classes FILE)"
        ),
        "{none}"
    );
    let four = said(options(4));
    assert!(four.ends_with("found scores for 3 classes, expected 4, as names are given"), "{four}");
    let same = Options { classes: Some(vec!["a".to_owned(); 3]), range: None };
    assert!(said(same).contains("found a class \"a\", expected names of one line, each once"));

    let path = folder.path().join("classes.txt");
    fs::write(&path, "Shirt\r\nBag\nAnkle boot\n").unwrap();
    assert_eq!(read_classes(&path).unwrap(), ["Shirt", "Bag", "Ankle boot"]);
    assert!(
        chain(&read_classes(Path::new("no such file")).err().unwrap()).starts_with("no such file cannot be read: ")
    );
}

#[test]
fn levels_become_what_the_model_was_fed() {
    let architecture = golden("keras2_cnn.json");
    let files = Files { architecture: Some(&architecture), weights: &golden("keras2_cnn.h5") };
    let input = |range| {
        let (_, bundle) = read(files, Options { range, ..options(3) }).unwrap();
        let ClassifierConfig::Network { input, network: Config::Layers { .. } } = bundle.manifest.model else {
            panic!("no list of layers");
        };
        input.numbers(&[0, 255])
    };
    assert_eq!(input(None), [0.0, 1.0]);
    assert_eq!(input("0..1".parse().ok()), [0.0, 1.0]);
    assert_eq!(input("0..255".parse().ok()), [0.0, 255.0]);
    assert_eq!("0..2".parse::<InputRange>(), Err("found \"0..2\", expected 0..1 or 0..255".to_owned()));
}

/// A whole model within one HDF5 file, of Fashion-MNIST's size: nothing else has to be said.
#[test]
fn pictures_of_fashion_mnists_size_are_taken_for_it() {
    let weights = golden("keras2_whole.h5");
    let (imported, bundle) = read(Files { architecture: None, weights: &weights }, Options::default()).unwrap();
    assert_eq!(bundle.manifest.classes, CLASSES);
    assert_eq!(
        imported.notes[..2],
        [
            "its classes are taken for Fashion-MNIST's, which it does not say",
            "it is taken to read levels from 0 to 1, which it does not say",
        ]
    );
    let Mapped { from, to, .. } = &imported.mapped[0];
    assert_eq!(from, "model_weights/conv2d_2/conv2d_2/kernel:0");
    // All bits of the weights are kept.
    let read = Archive::open(&weights).unwrap().view(from).unwrap().f32().unwrap();
    let (_, kept) = bundle.parameters.iter().find(|(name, _)| name == to).unwrap();
    assert_eq!(kept.data(), read);
    assert_eq!(Classifier::new(bundle).logits_of_levels(&[0; 28 * 28], [28, 28]).unwrap(), [0.0; 10]);
}

/// Weights alone describe nothing, and no list of layers is told apart.
#[test]
fn whole_models_are_told_from_weights() {
    for (name, expected) in [
        ("keras2_whole.h5", true),
        ("keras3_cnn.keras", true),
        ("keras2_cnn.h5", false),
        ("keras3_mlp.weights.h5", false),
    ] {
        assert_eq!(is_whole(&Archive::open(golden(name)).unwrap()), expected, "{name}");
    }
}
