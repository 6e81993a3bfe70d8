//! METEOR's data are taken once, and replaced only when asked or when they cannot be used. They are made up here.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::print_stderr, reason = "what is skipped is said")]

use std::fs;
use std::io::Write;
use std::path::Path;

use assert_cmd::Command;
use flate2::Compression;
use flate2::write::GzEncoder;
use nid_engine::meteor::compile_from;
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
fn other_data_than_meteor_s_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    install(&folder.path().join("meteor"), "0.5\nsitting on\nseated upon\n");
    let (status, printed, error) = take(folder.path(), &["--from", "meteor"]);
    assert_eq!((status, printed.as_str()), (1, ""), "{error}");
    assert!(error.starts_with("error: meteor: found other data than METEOR 1.5's (SHA-256 "), "{error}");
    assert!(!folder.path().join("cache").exists());
}

#[test]
fn a_table_is_replaced_only_when_asked_or_when_it_cannot_be_used() {
    let folder = tempfile::tempdir().unwrap();
    install(&folder.path().join("meteor"), "");
    let table = folder.path().join("cache/of/mine/meteor-1.5.table");
    compile_from(folder.path().join("meteor")).unwrap().write(&table).unwrap();
    let whole = fs::read(&table).unwrap();
    let from = |more: &[&str]| take(folder.path(), &[&["--from", "meteor"], more].concat()).2;
    assert!(from(&[]).contains("are there already (--force replaces them)"));
    // What is asked for is looked at, and refused for what it is.
    assert!(from(&["--force"]).contains("other data"));
    fs::write(&table, &whole[..whole.len() / 2]).unwrap();
    assert!(from(&[]).contains("other data"));
}

#[test]
fn meteor_s_own_data_are_taken() {
    let Some(path) = std::env::var_os("NID_METEOR") else {
        eprintln!("skipped: NID_METEOR names no installed pycocoevalcap or other source of METEOR's own data");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let (status, printed, error) = take(folder.path(), &["--from", path.to_str().unwrap()]);
    assert_eq!((status, printed.trim()), (0, "cache/of/mine/meteor-1.5.table"), "{error}");
    assert!(folder.path().join(printed.trim()).exists());
}
