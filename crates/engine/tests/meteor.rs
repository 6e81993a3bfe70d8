//! METEOR's data are found wherever people have them. All data here are made up.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs::{self, File};
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use nid_engine::meteor::{MeteorFile, compile_from};
use proptest::prelude::*;
use tempfile::TempDir;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

const PARAPHRASES: &str = "0.5\nsitting on\nseated upon\n";
const RESOURCES: [(&str, &str); 4] = [
    ("function/english.words", "a\nthe\n"),
    ("nonbreaking/english.prefixes", "Mr\n"),
    ("synonym/english.synsets", "couch\n04256520\nsofa\n04256520\n"),
    ("synonym/english.exceptions", "couch\ncouchen\n"),
];

fn zipped<'a>(files: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        archive.start_file(name, SimpleFileOptions::default()).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn tarred(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    for (name, bytes) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        archive.append_data(&mut header, name, *bytes).unwrap();
    }
    gzipped(&archive.into_inner().unwrap())
}

fn jar() -> Vec<u8> {
    zipped(RESOURCES.map(|(name, text)| (name, text.as_bytes())))
}

fn wheel() -> Vec<u8> {
    let (jar, paraphrases) = (jar(), gzipped(PARAPHRASES.as_bytes()));
    zipped([
        ("pycocoevalcap/spice/lib/Meteor-1.5.jar", &b"another"[..]),
        ("pycocoevalcap/meteor/meteor-1.5.jar", &jar),
        ("pycocoevalcap/meteor/data/paraphrase-en.gz", &paraphrases),
    ])
}

fn archive() -> Vec<u8> {
    let (jar, paraphrases) = (jar(), gzipped(PARAPHRASES.as_bytes()));
    tarred(&[
        ("meteor-1.5/README", b"to read"),
        ("meteor-1.5/data/paraphrase-en.gz", &paraphrases),
        ("meteor-1.5/meteor-1.5.jar", &jar),
    ])
}

/// A folder in which `inside` holds METEOR.
fn installed(inside: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    write(&folder.path().join(inside).join("meteor-1.5.jar"), &jar());
    write(&folder.path().join(inside).join("data/paraphrase-en.gz"), &gzipped(PARAPHRASES.as_bytes()));
    folder
}

fn write(path: &Path, bytes: &[u8]) -> PathBuf {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    File::create(path).unwrap().write_all(bytes).unwrap();
    path.to_owned()
}

/// The digest of the data at `path`, after their table has scored a synonym and a paraphrase.
fn taken(path: &Path) -> String {
    let compiled = compile_from(path).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let table = folder.path().join("new/folder/table");
    compiled.write(&table).unwrap();
    assert_eq!(table.metadata().unwrap().len(), compiled.size() as u64);
    let file = MeteorFile::open(&table).unwrap();
    let counts = file.meteor().unwrap().statistics("sitting on a couch", &["seated upon the sofa"]);
    assert_eq!(counts.matched().candidate, 3);
    assert!(!compiled.is_meteor_1_5());
    compiled.sha256().to_owned()
}

/// The error and its causes in one line.
fn message(error: &dyn std::error::Error) -> String {
    let mut chain = vec![error.to_string()];
    let mut cause = error.source();
    while let Some(error) = cause {
        chain.push(error.to_string());
        cause = error.source();
    }
    chain.join(": ")
}

fn refused(path: &Path) -> String {
    message(&compile_from(path).unwrap_err())
}

#[test]
fn the_data_are_the_same_wherever_they_lie() {
    let folder = tempfile::tempdir().unwrap();
    let expected = taken(&write(&folder.path().join("pycocoevalcap-1.2-py3-none-any.whl"), &wheel()));
    // By Python's hashlib, from the definition in `Compiled::sha256`.
    assert_eq!(expected, "2739e15c20f8099e02b991b3a979e5c84a5bf171b9b069a140053610a964127b");
    assert_eq!(taken(&write(&folder.path().join("meteor.tgz"), &archive())), expected);
    for inside in ["", "meteor", "pycocoevalcap/meteor", "meteor-1.5"] {
        assert_eq!(taken(installed(inside).path()), expected, "{inside}");
    }
}

#[test]
fn what_is_not_there_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let check = |name: &str, bytes: &[u8], words: [&str; 2]| {
        let found = refused(&write(&folder.path().join(name), bytes));
        assert!(found.contains(name) && words.iter().all(|words| found.contains(words)), "{found}");
    };
    let part = jar();
    check("text", b"something else", ["neither a zip archive", "expected meteor-1.5.jar"]);
    check("empty", b"", ["neither a zip archive", "expected meteor-1.5.jar"]);
    check("other.zip", &zipped([("a/ameteor-1.5.jar", &b""[..])]), ["without METEOR", "expected meteor-1.5.jar"]);
    check("other.tgz", &tarred(&[("meteor-1.5/meteor-1.5.jar", &part)]), ["a tar archive", "paraphrase-en.gz"]);
    check("bare.whl", &zipped([("meteor-1.5.jar", &part[..])]), ["data/paraphrase-en.gz", "not found"]);
    assert!(refused(&folder.path().join("nothing")).contains("nothing cannot be read"));
    assert!(refused(folder.path()).contains("found a folder without METEOR"));

    let installed = installed("meteor");
    write(
        &installed.path().join("meteor/meteor-1.5.jar"),
        &zipped(RESOURCES[..2].iter().map(|(n, t)| (*n, t.as_bytes()))),
    );
    assert!(refused(installed.path()).contains("synonym/english.synsets"));
    fs::remove_file(installed.path().join("meteor/data/paraphrase-en.gz")).unwrap();
    assert!(refused(installed.path()).contains("paraphrase-en.gz cannot be read"));
}

#[test]
fn damaged_data_are_never_taken() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data/paraphrase-en.gz");
    write(&folder.path().join("meteor-1.5.jar"), &jar());
    let whole = gzipped(PARAPHRASES.as_bytes());
    for length in 0..whole.len() {
        write(&path, &whole[..length]);
        assert!(compile_from(folder.path()).is_err(), "{length} of {} bytes", whole.len());
    }
    // From the tenth byte on: before it are the time of day and the system, which mean nothing.
    for place in 10..whole.len() {
        let mut changed = whole.clone();
        changed[place] ^= 0x55;
        write(&path, &changed);
        assert!(compile_from(folder.path()).is_err(), "byte {place}");
    }
    write(&path, &gzipped(b"0.5\nsitting on\n"));
    assert!(refused(folder.path()).contains("has other data than METEOR: the paraphrases end within an entry"));
}

#[test]
fn a_file_that_is_no_table_says_what_mends_it() {
    let folder = tempfile::tempdir().unwrap();
    let error = MeteorFile::open(write(&folder.path().join("table"), b"something else")).unwrap_err();
    assert!(message(&error).contains("table cannot be used, `nid data meteor --from PATH` makes it anew"), "{error}");
    assert!(message(&MeteorFile::open(folder.path()).unwrap_err()).contains("cannot be read"));
    assert!(MeteorFile::open(write(&folder.path().join("empty"), b"")).is_err());
}

proptest! {
    #[test]
    fn no_input_panics(
        which in 0..2,
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..8),
        length in any::<prop::sample::Index>(),
    ) {
        let mut bytes = if which == 0 { wheel() } else { archive() };
        for (place, byte) in damage {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        bytes.truncate(length.index(bytes.len()) + 1);
        let folder = tempfile::tempdir().unwrap();
        let _ = compile_from(write(&folder.path().join("archive"), &bytes));
    }
}
