//! `nid export`: folders for other programs.

#![cfg(feature = "fashion-mnist")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use serde_json::Value;

/// Runs `nid export` in a folder; returns what it printed.
#[track_caller]
fn export(folder: &Path, arguments: &str, status: i32) -> (String, String) {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("nid"));
    let command = command.current_dir(folder).arg("export").args(arguments.split(' '));
    let output = command.assert().code(status).get_output().clone();
    (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn a_model_is_exported_and_what_was_written_is_said() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path();
    for (format, model) in [("onnx", "classifier.onnx"), ("safetensors", "model.safetensors"), ("npz", "model.npz")] {
        let (text, error) = export(folder, &format!("fashion-mnist --format {format} --output {format}"), 0);
        assert_eq!(error, "");
        let bytes = fs::metadata(folder.join(format).join(model)).unwrap().len();
        assert!(text.contains(&format!("{format}/{model}: {bytes} bytes\n")), "{text}");
        assert_eq!(text.lines().count(), 5, "{text}");
        let mut inspect = Command::new(assert_cmd::cargo::cargo_bin!("nid"));
        let status = i32::from(format == "onnx");
        inspect.current_dir(folder).args(["inspect", "--brief", format]).assert().code(status);
    }

    let (text, _) = export(folder, "fashion-mnist --format npz --output onnx --force --json", 0);
    let record: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((&record["bundle"], &record["format"]), (&"fashion-mnist".into(), &"npz".into()));
    assert_eq!((&record["folder"], &record["files"][0]["file"]), (&"onnx".into(), &"export.json".into()));
    assert!(!folder.join("onnx/classifier.onnx").exists(), "nothing of the former export is left");
}

#[test]
fn what_cannot_be_exported_is_said_and_nothing_is_touched() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path();
    fs::create_dir(folder.join("mine")).unwrap();
    fs::write(folder.join("mine/notes.txt"), "mine").unwrap();
    let fails = |arguments: &str, status, words: &str| {
        let (text, error) = export(folder, arguments, status);
        assert_eq!(text, "");
        assert!(error.contains(words), "{arguments}: {error}");
    };
    fails("fashion-mnist --output x", 2, "--format");
    fails("fashion-mnist --format hdf5 --output x", 2, "safetensors");
    fails("nothing --format npz --output x", 1, "nothing");
    fails("fashion-mnist --format npz --output mine --force", 1, "something that is no exported model");
    fails("fashion-mnist --format npz --output mine/notes.txt/x", 1, "cannot be written");
    assert_eq!(fs::read_to_string(folder.join("mine/notes.txt")).unwrap(), "mine");
    assert_eq!(fs::read_dir(folder).unwrap().count(), 1, "nothing is left");
}

#[test]
fn what_was_exported_is_imported() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path();
    export(folder, "fashion-mnist --format npz --output arrays", 0);
    export(folder, "fashion-mnist --format onnx --output networks", 0);
    let import = |from: &str, status: i32| {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin!("nid"));
        let command = command.current_dir(folder).args(["import", from, "--output", "mine"]);
        let output = command.assert().code(status).get_output().clone();
        (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    let (text, _) = import("arrays", 0);
    assert!(text.lines().any(|line| line.contains(".running_var [") && line.contains(".variance [")), "{text}");
    let (_, error) = import("networks", 1);
    assert!(error.contains("found ONNX networks, expected safetensors or npz"), "{error}");
    let mut inspect = Command::new(assert_cmd::cargo::cargo_bin!("nid"));
    inspect.current_dir(folder).args(["inspect", "mine"]).assert().success();
}
