//! `nid evaluate` with the model inside the program.

#![cfg(feature = "flickr8k")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use nid_engine::report::PAGE;
use serde_json::Value;
use tempfile::TempDir;

/// A folder with captions `c.csv` of two photos, and `s.txt` that names them.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let captions =
        "image,caption\ncat.jpg,A cat looks up <there>\ncat.jpg,a cat\nrocket.jpg,a rocket stands at night\n";
    fs::write(folder.path().join("c.csv"), captions).unwrap();
    fs::write(folder.path().join("s.txt"), "cat.jpg\nrocket.jpg\n").unwrap();
    folder
}

fn evaluate(folder: &Path, arguments: &str) -> Command {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("nid"));
    let photos = concat!(env!("CARGO_MANIFEST_DIR"), "/../../photos");
    // A person's own METEOR changes nothing here.
    let command_line = command.current_dir(folder).env("NID_CACHE", folder).args(["evaluate", "--photos", photos]);
    command_line.args("--quiet --captions c.csv --split s.txt".split(' ')).args(arguments.split(' '));
    command
}

/// Asserts that nothing came of the arguments, for this reason.
#[track_caller]
fn fails(arguments: &str, status: i32, expected: &str) {
    let folder = folder();
    fs::write(folder.path().join("there"), "before").unwrap();
    let output = evaluate(folder.path(), arguments).assert().code(status).stdout("").get_output().clone();
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(error, format!("error: {expected}\n"));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3, "nothing was written");
    assert_eq!(fs::read_to_string(folder.path().join("there")).unwrap(), "before");
}

#[test]
fn a_report_shows_the_photos_and_what_is_not_measured() {
    let folder = folder();
    let arguments = "--json s.json --predictions p.json --report new/report";
    let table = evaluate(folder.path(), arguments).assert().success().stderr("").get_output().stdout.clone();
    let table = String::from_utf8(table).unwrap();
    for name in ["METEOR", "SPICE"] {
        let told = |line: &&str| line.split_whitespace().eq([name, "n/a"]);
        assert_eq!(table.lines().filter(told).count(), 1, "{table}");
    }

    let read = |name: &str| -> Value { serde_json::from_slice(&fs::read(folder.path().join(name)).unwrap()).unwrap() };
    let scores = read("s.json");
    assert!(scores["CIDEr"].is_f64() && scores["candidate_length"].is_u64(), "{scores}");
    assert!(scores["unavailable"]["METEOR"].as_str().unwrap().contains("nid data meteor"), "{scores}");
    assert!(scores["unavailable"]["SPICE"].is_string(), "{scores}");

    let page = fs::read_to_string(folder.path().join("new/report").join(PAGE)).unwrap();
    assert_eq!(page.matches("src=\"data:image/jpeg;base64,").count(), 2);
    assert!(page.contains("A cat looks up &lt;there&gt;"));
    for prediction in read("p.json").as_array().unwrap() {
        assert!(page.contains(prediction["caption"].as_str().unwrap()), "{prediction}");
    }
    for name in ["METEOR", "SPICE"] {
        assert!(page.contains(&format!("<td>{name}</td><td class=\"number\">n/a</td>")), "{name}");
    }
}

#[test]
fn a_report_that_cannot_be_written_is_found_before() {
    fails("--report there", 1, "there: found a file, expected a folder or nothing");
    let arguments = "--report there --force --predictions p.json --json s.json";
    fails(arguments, 1, "there: found a file, expected a folder or nothing");
}

#[test]
fn a_file_is_not_named_twice() {
    fails("--json ev.json --predictions ./ev.json", 2, "--json and --predictions name the same file, ev.json");
    fails("--json ./c.csv --force", 2, "--json and --captions name the same file, ./c.csv");
    fails("--predictions s.txt --force", 2, "--predictions and --split name the same file, s.txt");
    fails("--predictions report --report report", 2, "--predictions and --report name the same file, report");
    fails("--json ./index.html --report .", 2, "--json and --report name the same file, ./index.html");
}
