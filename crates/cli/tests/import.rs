//! `nid inspect`, `nid import` and what is done with what they made, as people run them.

use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use serde_json::Value;
use tempfile::TempDir;

fn engine(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../engine/tests").join(path)
}

fn nid(arguments: &[&str], folder: &Path) -> Command {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("nid"));
    command.args(arguments).current_dir(folder);
    command
}

/// What a command that succeeds prints.
fn printed(mut command: Command) -> String {
    let output = command.assert().success().get_output().clone();
    String::from_utf8(output.stdout).expect("UTF-8")
}

#[test]
fn the_starting_systems_folder_captions_features() {
    let folder = TempDir::new().unwrap();
    let seed = engine("seed").display().to_string();
    let text = printed(nid(&["import", &seed, "--output", "mine"], folder.path()));
    assert!(text.contains("img_embedding [12, 8] -> picture.weight [8, 12]\n"), "{text}");
    assert!(text.contains("data/vgg16.tfmodel is missing: "), "{text}");

    let features = engine("seed/data/feats.npy").display().to_string();
    let said = printed(nid(&["caption", "--model", "mine", "--features", &features, "--raw"], folder.path()));
    let sentences: Vec<Value> = serde_json::from_slice(&fs::read(engine("seed/sentences.json")).unwrap()).unwrap();
    let expected: String = sentences.iter().map(|each| format!("{}\n", each["sentence"].as_str().unwrap())).collect();
    assert_eq!(said, expected, "a sentence a row");

    let photo = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../photos").display().to_string();
    let refused = nid(&["caption", "--model", "mine", &photo], folder.path()).assert().code(1).get_output().clone();
    assert!(String::from_utf8_lossy(&refused.stderr).contains("found a model without an encoder"));
    nid(&["import", &seed, "--output", "mine"], folder.path()).assert().code(1);
    nid(&["import", &seed, "--output", "mine", "--force"], folder.path()).assert().success();
}

#[test]
fn arrays_are_inspected() {
    let folder = TempDir::new().unwrap();
    let path = engine("seed/models/model-19").display().to_string();
    let record: Value = serde_json::from_str(&printed(nid(&["inspect", &path, "--json"], folder.path()))).unwrap();
    let file = &record["files"][0];
    assert_eq!((&file["format"], file["arrays"].as_array().unwrap().len()), (&"tensorflow-checkpoint".into(), 8));
    let kernel = &file["arrays"][1];
    assert_eq!(kernel["name"], "RNN/basic_lstm_cell/kernel");
    assert_eq!(
        (&kernel["dtype"], &kernel["shape"], &kernel["bytes"]),
        (&"float32".into(), &[16, 32][..].into(), &2048.into())
    );
    assert!(kernel["least"].as_f64().unwrap() < kernel["mean"].as_f64().unwrap());
    assert_eq!(kernel["sha256"].as_str().unwrap().len(), 64);

    let text = printed(nid(&["inspect", &path, "--brief"], folder.path()));
    assert!(text.lines().any(|line| line.trim() == "img_embedding               float32  [12, 8]"), "{text}");
}

#[test]
fn objects_of_python_are_told() {
    let folder = TempDir::new().unwrap();
    let words = engine("seed/data/idx_to_word.npy").display().to_string();
    let text = printed(nid(&["inspect", &words], folder.path()));
    let expected =
        "Python objects, a dictionary of 20 entries, from an integer (20) to a text (20): 0 numbers, 0 bytes\n";
    assert!(text.ends_with(expected), "{text}");
    let record: Value = serde_json::from_str(&printed(nid(&["inspect", &words, "--json"], folder.path()))).unwrap();
    assert_eq!(record["type"], "Python objects, a dictionary of 20 entries, from an integer (20) to a text (20)");

    // `print`, which would be called to make the object.
    let header = b"\x93NUMPY\x01\x00\x38\x00{'descr': '|O', 'fortran_order': False, 'shape': ()}    ";
    fs::write(folder.path().join("call.npy"), [&header[..], b"cbuiltins\nprint\n)R."].concat()).unwrap();
    let output = nid(&["inspect", "call.npy"], folder.path()).assert().code(1).get_output().clone();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("call.npy") && said.contains("pickle names `builtins.print`"), "{said}");
}

#[test]
fn a_shape_that_no_memory_could_hold_is_only_told() {
    let folder = TempDir::new().unwrap();
    let header = "{'descr': '<c8', 'fortran_order': False, 'shape': (9223372036854775807, 4)}";
    let file = [b"\x93NUMPY\x01\x00", &[header.len() as u8, 0][..], header.as_bytes()].concat();
    fs::write(folder.path().join("complex.npy"), file).unwrap();
    let text = printed(nid(&["inspect", "complex.npy"], folder.path()));
    assert!(text.contains("<c8") && text.ends_with("arrays: 0 numbers, 0 bytes\n"), "{text}");
}

#[test]
fn an_array_that_cannot_be_read_costs_a_line() {
    let folder = TempDir::new().unwrap();
    fs::copy(engine("seed/models/model-19.index"), folder.path().join("model-19.index")).unwrap();
    let output = nid(&["inspect", "model-19.index"], folder.path()).assert().code(1).get_output().clone();
    assert_eq!(String::from_utf8_lossy(&output.stderr).lines().count(), 8);
    assert!(String::from_utf8_lossy(&output.stdout).contains("word_encoding_bias          float32  [20]"));
    nid(&["inspect", "model-19.index", "--brief"], folder.path()).assert().success();
}

/// The files of a small classifier that Keras 2 has saved.
fn keras() -> [String; 2] {
    ["keras/keras2_cnn.json", "keras/keras2_cnn.h5"].map(|path| engine(path).display().to_string())
}

#[test]
fn what_is_meant_for_keras_and_is_not_is_told() {
    let folder = TempDir::new().unwrap();
    let [description, weights] = keras();
    fs::write(folder.path().join("names.txt"), "\u{feff}Shirt\n Bag \nBag\n").unwrap();
    fs::write(folder.path().join("empty.h5"), "").unwrap();
    let check = |arguments: &[&str], code: i32, words: &str| {
        let mut command = nid(&[&["import"], arguments, &["--output", "mine"]].concat(), folder.path());
        let output = command.assert().code(code).get_output().clone();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(said.contains(words), "{arguments:?}: {said}");
    };
    check(&[&weights, &description], 1, "that is no text, expected the JSON that describes a Keras model");
    check(&[&description], 2, "goes before its weights");
    check(&[&description, &weights, "--classes", "names.txt"], 1, "names.txt: found the class \"Bag\" twice");
    check(&["empty.h5"], 1, "found an empty file");
}

#[test]
fn a_classifier_of_keras_does_what_ours_do() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("names.txt"), "Shirt\nBag\nAnkle boot\n").unwrap();
    let [description, weights] = keras();
    let import = ["import", &description, &weights, "--output", "mine", "--classes", "names.txt"];
    let text = printed(nid(&import, folder.path()));
    assert!(text.contains("conv2d/conv2d/kernel:0 [3, 3, 1, 4] -> conv1.weight [9, 4]\n"), "{text}");
    assert!(text.contains("\nit is taken to read levels from 0 to 1, which it does not say\n"), "{text}");
    assert!(text.ends_with(&format!("mine: classifier, made of {description} and {weights}\n")), "{text}");
    let again = printed(nid(&[&import[..], &["--force", "--json", "--input-scale", "0..255"]].concat(), folder.path()));
    let record: Value = serde_json::from_str(&again).unwrap();
    assert_eq!((&record["model"], &record["arrays"][0]["to"]), (&"classifier".into(), &"conv1.weight".into()));
    assert!(!again.contains("is taken to read levels"), "{again}");

    let photo = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../photos/cat.jpg").display().to_string();
    let said = printed(nid(&["classify", "--model", "mine", &photo], folder.path()));
    assert!(["Shirt", "Bag", "Ankle boot"].iter().all(|class| said.contains(class)), "{said}");
    let inspected = printed(nid(&["inspect", "mine", "--brief"], folder.path()));
    assert!(inspected.contains("conv1.weight"), "{inspected}");

    for (format, file) in [("onnx", "classifier.onnx"), ("safetensors", "model.safetensors"), ("npz", "model.npz")] {
        nid(&["export", "mine", "--format", format, "--output", format], folder.path()).assert().success();
        assert!(folder.path().join(format).join(file).is_file(), "{format}");
    }
    let model = |bundle: &str| fs::read(folder.path().join(bundle).join("model.safetensors")).unwrap();
    for format in ["safetensors", "npz"] {
        let bundle = format!("{format} again");
        nid(&["import", format, "--output", &bundle], folder.path()).assert().success();
        assert_eq!(model(&bundle), model("mine"), "{format}");
    }
}

#[test]
fn a_whole_model_of_keras_is_one_file() {
    let folder = TempDir::new().unwrap();
    let whole = engine("keras/keras2_whole.h5").display().to_string();
    let text = printed(nid(&["import", &whole, "--output", "mine"], folder.path()));
    for note in ["its classes are taken for Fashion-MNIST's", "it is taken to read levels from 0 to 1"] {
        assert!(text.contains(&format!("\n{note}, which it does not say\n")), "{text}");
    }
    let listed = printed(nid(&["inspect", &whole, "--json", "--brief"], folder.path()));
    assert!(listed.contains("\"format\": \"hdf5\""), "{listed}");
    let archive = engine("keras/keras3_cnn.keras").display().to_string();
    let listed = printed(nid(&["inspect", &archive, "--json", "--brief"], folder.path()));
    assert!(listed.contains("\"format\": \"keras\""), "{listed}");
}

#[test]
fn what_does_not_fit_of_keras_is_told_at_once() {
    let folder = TempDir::new().unwrap();
    let [description, weights] = keras();
    let other = engine("keras/keras3_mlp.weights.h5").display().to_string();
    let check = |arguments: &[&str], expected: &[&str]| {
        let output = nid(arguments, folder.path()).assert().code(1).get_output().clone();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.lines().count() == 1 && expected.iter().all(|part| said.contains(part)), "{said}");
        assert!(!folder.path().join("x").exists());
    };
    check(
        &["import", &description, &other, "--output", "x"],
        &[
            "missing `layers/conv2d/vars/0` [3, 3, 1, 4]; ",
            "`layers/dense/vars/0` has shape [144, 5], expected [27, 4]",
        ],
    );
    check(&["import", &description, &weights, "--output", "x"], &["the names of the classes", "--classes FILE"]);
    check(
        &["import", &weights, "--output", "x"],
        &["nid import MODEL.json WEIGHTS.h5", "left over `dense/dense/bias:0` [4]"],
    );
}

#[test]
fn wrong_usage_is_told() {
    let folder = TempDir::new().unwrap();
    let seed = engine("seed").display().to_string();
    nid(&["import", &seed], folder.path()).assert().code(2);
    nid(&["import", &seed, "--output", "x", "--architecture", "vgg16"], folder.path()).assert().code(2);
    nid(&["import", "none.pth", "--output", "x"], folder.path()).assert().code(1);
    let [description, weights] = keras();
    let model = ["import", &description, &weights, "--output", "x"];
    for odd in [["--input-scale", "0..2"], ["--map", "map.toml"], ["--architecture", "vgg16"]] {
        nid(&[&model[..], &odd].concat(), folder.path()).assert().code(2);
    }
    nid(&["import", &seed, "--output", "x", "--classes", "names.txt"], folder.path()).assert().code(2);
    nid(&["import", &weights, "--output", "x", "--input-scale", "0..1"], folder.path()).assert().code(2);
    nid(&["caption", "--features", "x.npy", "photo.jpg"], folder.path()).assert().code(2);
    nid(&["caption"], folder.path()).assert().code(2);
}
