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

#[test]
fn wrong_usage_is_told() {
    let folder = TempDir::new().unwrap();
    let seed = engine("seed").display().to_string();
    nid(&["import", &seed], folder.path()).assert().code(2);
    nid(&["import", &seed, "--output", "x", "--architecture", "vgg16"], folder.path()).assert().code(2);
    nid(&["import", "none.pth", "--output", "x"], folder.path()).assert().code(1);
    nid(&["caption", "--features", "x.npy", "photo.jpg"], folder.path()).assert().code(2);
    nid(&["caption"], folder.path()).assert().code(2);
}
