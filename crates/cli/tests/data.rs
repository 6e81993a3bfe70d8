//! METEOR's data are taken once, and replaced only when asked or when they cannot be used. They are made up here.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::io::Write;
use std::path::Path;

use assert_cmd::Command;
use flate2::Compression;
use flate2::write::GzEncoder;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// Runs `nid data meteor` in a folder; returns its exit status, standard output and standard error.
fn take(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("nid"));
    command.current_dir(folder).env("NID_CACHE", "cache/of/mine").args(["data", "meteor"]).args(arguments);
    let output = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

fn install(folder: &Path, paraphrases: &str) {
    fs::create_dir_all(folder.join("data")).unwrap();
    let mut jar = ZipWriter::new(fs::File::create(folder.join("meteor-1.5.jar")).unwrap());
    for name in [
        "function/english.words",
        "nonbreaking/english.prefixes",
        "synonym/english.synsets",
        "synonym/english.exceptions",
    ] {
        jar.start_file(name, SimpleFileOptions::default()).unwrap();
    }
    jar.finish().unwrap();
    let file = fs::File::create(folder.join("data/paraphrase-en.gz")).unwrap();
    let mut encoder = GzEncoder::new(file, Compression::fast());
    encoder.write_all(paraphrases.as_bytes()).unwrap();
    encoder.finish().unwrap();
}

#[test]
fn data_are_replaced_only_when_asked_or_when_they_cannot_be_used() {
    let folder = tempfile::tempdir().unwrap();
    let from = ["--from", "meteor"];
    let table = folder.path().join("cache/of/mine/meteor-1.5.table");
    install(&folder.path().join("meteor"), "");
    let (status, printed, error) = take(folder.path(), &from);
    assert_eq!((status, printed.trim()), (0, "cache/of/mine/meteor-1.5.table"), "{error}");
    assert!(error.contains("SHA-256") && error.contains("not METEOR 1.5's"), "{error}");
    let first = fs::read(&table).unwrap();

    install(&folder.path().join("meteor"), "0.5\nsitting on\nseated upon\n");
    let (status, _, error) = take(folder.path(), &from);
    assert!(status == 1 && error.contains("--force"), "{error}");
    assert_eq!(fs::read(&table).unwrap(), first);
    assert_eq!(take(folder.path(), &["--from", "meteor", "--force"]).0, 0);
    let second = fs::read(&table).unwrap();
    assert_ne!(second, first);

    fs::write(&table, &second[..second.len() / 2]).unwrap();
    assert_eq!(take(folder.path(), &from).0, 0);
    assert_eq!(fs::read(&table).unwrap(), second);
}
