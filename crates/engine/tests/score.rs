//! What goes together is scored, what contradicts itself is said, in files of many forms.

use std::fs;
use std::path::PathBuf;

use nid_engine::score::{Metric, Report, Request, score};
use nid_metrics::resample::Draws;

/// Scores files of these texts: the first are the candidates, the others the references. Errors lack the folder.
fn scored(
    files: &[(&str, &str)],
    change: impl FnOnce(&mut Request, &dyn Fn(&str) -> PathBuf),
) -> Result<Report, String> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name);
    files.iter().for_each(|(name, text)| fs::write(path(name), text).expect("a file"));
    let mut request = Request {
        candidates: path(files[0].0),
        references: files[1..].iter().map(|(name, _)| path(name)).collect(),
        metrics: vec![Metric::Rouge, Metric::Cider],
        ..Request::default()
    };
    change(&mut request, &path);
    score(&request).map_err(|error| error.to_string().replace(&format!("{}/", folder.path().display()), ""))
}

#[track_caller]
fn fails(files: &[(&str, &str)], expected: &str) {
    assert_eq!(scored(files, |request, _| request.subset = true).err().as_deref(), Some(expected));
}

/// How many references photos have, of files that go together.
#[track_caller]
fn references(files: &[(&str, &str)]) -> String {
    let report = scored(files, |request, _| request.subset = true).expect("files that go together");
    report.signature.split('|').find_map(|part| part.strip_prefix("refs:")).expect("their number").to_owned()
}

const COCO: &str = r#"{"images": [{"id": 5, "file_name": "d/foo.jpg"}, {"id": 6, "file_name": "d/bar.jpg"}],
    "annotations": [{"image_id": 5, "caption": "a dog runs"}, {"image_id": 6, "caption": "two men sit"}]}"#;
const CANDIDATES: (&str, &str) =
    ("c.json", r#"[{"image_id": 5, "caption": "a dog"}, {"image_id": 6, "caption": "two men"}]"#);

/// The files of candidates, of COCO's references, and a further one.
fn with<'a>(name: &'a str, text: &'a str) -> [(&'a str, &'a str); 3] {
    [CANDIDATES, ("r.json", COCO), (name, text)]
}

#[test]
fn further_references_join_by_any_key() {
    assert_eq!(references(&with("r.token", "foo.jpg#0\ta brown dog\nbar.jpg#0\tmen\n")), "2.0(2-2)");
    assert_eq!(references(&with("r.token", "foo.jpg#0\ta brown dog\n")), "1.5(1-2)");
    assert_eq!(references(&with("r.csv", "path,caption\nx\\d\\bar.jpg,men\n/x/d/foo.jpg,a dog\n")), "2.0(2-2)");
    let renumbered = COCO.replace("\"id\": 5", "\"id\": 7").replace("\"image_id\": 5", "\"image_id\": 7");
    assert_eq!(references(&with("more.json", &renumbered)), "2.0(2-2)");
    let unnamed = r#"{"annotations": [{"image_id": 6, "caption": "men"}]}"#;
    assert_eq!(references(&with("more.json", unnamed)), "1.5(1-2)");
    let token = ("1.token", "foo.jpg#0\ta dog runs\n");
    assert_eq!(
        references(&[
            ("c.csv", "image,caption\nfoo.jpg,a dog\n"),
            token,
            (
                "r.json",
                r#"{"images": [
        {"id": 5, "file_name": "d/foo.jpg"}], "annotations": [{"image_id": 5, "caption": "a dog"}]}"#
            )
        ]),
        "2.0(2-2)"
    );
}

#[test]
fn further_references_may_be_of_other_photos() {
    let others =
        COCO.replace("\"id\": 5", "\"id\": 7").replace("\"image_id\": 5", "\"image_id\": 7").replace("foo", "new");
    assert_eq!(references(&with("more.json", &others)), "1.5(1-2)");
    let candidates = ("c.csv", "image,caption\na.jpg,a dog\nb.jpg,a cat\n");
    let tokens = [("1.token", "a.jpg#0\ta dog\n"), ("2.token", "b.jpg#0\ta cat\na.jpg#1\tdogs\n")];
    assert_eq!(references(&[candidates, tokens[0], tokens[1]]), "1.5(1-2)");
}

#[test]
fn further_references_that_join_in_part_are_named() {
    let expected = |file: &str, count: &str, names: &str| {
        format!(
            "{file}: found {count} that do not join the photos of r.json ({names}), expected the same ids or the same \
             file names for all, or new ids of the same kind"
        )
    };
    // Some are known by their files, some are not.
    fails(&with("r.token", "foo.jpg#0\ta\nbaz.jpg#0\tb\n"), &expected("r.token", "1 of 2 photos", "\"baz.jpg\""));
    // None is known, and names are no numbers.
    fails(&with("r.token", "baz.jpg#0\tb\n"), &expected("r.token", "1 of 1 photo", "\"baz.jpg\""));
    // One photo has two files that may be the same.
    fails(&with("r.token", "x/d/foo.jpg#0\ta\nfoo.jpg#0\tb\n"), &expected("r.token", "1 of 2 photos", "\"foo.jpg\""));
    // A photo that is new by its id is old by its file.
    let known = r#"[{"image_id": 6, "caption": "a"}, {"image_id": 7, "file_name": "d/foo.jpg", "caption": "b"}]"#;
    fails(&with("more.json", known), &expected("more.json", "1 of 2 photos", "\"7\""));
    // A name that several have.
    let several =
        ("r.json", r#"[{"image_id": "train/1.jpg", "caption": "a"}, {"image_id": "val/1.jpg", "caption": "b"}]"#);
    let candidates = ("c.json", r#"[{"image_id": "val/1.jpg", "caption": "a"}]"#);
    fails(&[candidates, several, ("r.token", "1.jpg#0\tc\n")], &expected("r.token", "1 of 1 photo", "\"1.jpg\""));
}

#[test]
fn an_id_that_contradicts_its_file_is_said() {
    let crossed = r#"[{"image_id": 5, "file_name": "d/bar.jpg", "caption": "a"}, {"image_id": 6, "file_name": "d/foo.jpg", "caption": "b"}]"#;
    fails(
        &[("c.json", crossed), ("r.json", COCO)],
        r#"c.json: found 2 photos with another file name than the same `image_id` has in the references ("5", "6"), expected them to agree"#,
    );
    let annotations = COCO.replace("foo", "fool");
    fails(
        &with("more.json", &annotations),
        r#"more.json: found 1 photo with another file name than the same `image_id` has in r.json ("5"), expected them to agree"#,
    );
    let elsewhere = crossed.replace("d/bar", "x/FOO").replace("d/foo", "x\\\\bar").replace("FOO", "foo");
    assert_eq!(references(&[("c.json", &elsewhere), ("r.json", COCO)]), "1.0(1-1)");
}

#[test]
fn files_of_the_same_name_in_other_folders_are_other_photos() {
    fails(
        &[("c.csv", "image,caption\ntrain/1.jpg,a dog\n"), ("r.csv", "image,caption\nval/1.jpg,a dog\n")],
        r#"c.csv: found no references for 1 of 1 candidate ("train/1.jpg"), expected some for each"#,
    );
    let references_of_both = ("r.csv", "image,caption\nval/1.jpg,a dog\ntrain/1.jpg,a cat\n");
    assert_eq!(references(&[("c.csv", "image,caption\nx/val/1.jpg,a dog\n"), references_of_both]), "1.0(1-1)");
}

#[test]
fn the_same_file_twice_is_said() {
    fails(
        &[CANDIDATES, ("r.json", COCO), ("./r.json", COCO)],
        "./r.json: found the file again among the references, expected each once",
    );
}

#[test]
fn a_file_without_photos_among_others_is_said() {
    fails(&with("empty.json", "[]"), "empty.json: found no photo, expected at least one");
}

#[test]
fn exactly_five_names_are_all_of_them() {
    let candidates =
        |count| -> String { (0..count).map(|id| format!("{{\"image_id\": 1{id}, \"caption\": \"a\"}}\n")).collect() };
    fails(
        &[("c.jsonl", &candidates(5)), ("r.json", COCO)],
        r#"c.jsonl: found no references for 5 of 5 candidates ("10", "11", "12", "13", "14"), expected some for each"#,
    );
    fails(
        &[("c.jsonl", &candidates(6)), ("r.json", COCO)],
        r#"c.jsonl: found no references for 6 of 6 candidates ("10", "11", "12", "13", "14", …), expected some for each"#,
    );
}

#[test]
fn training_without_captions_is_said() {
    for (name, text) in [("t.txt", ""), ("t.json", "[]")] {
        let files = [CANDIDATES, ("r.json", COCO)];
        let report = scored(&files, |request, path| {
            fs::write(path(name), text).expect("a file");
            request.training = Some(path(name));
        });
        assert_eq!(report.err(), Some(format!("{name}: found no photo, expected at least one")));
    }
}

#[test]
fn both_systems_are_told_new() {
    let files = [CANDIDATES, ("r.json", COCO)];
    let report = scored(&files, |request, path| {
        fs::write(path("other.json"), CANDIDATES.1.replace("two men", "a man")).expect("a file");
        fs::write(path("t.txt"), "A man.\nA dog .\n").expect("a file");
        request.training = Some(path("t.txt"));
        request.against = Some((path("other.json"), Draws { count: 10, seed: 1 }));
    });
    let report = report.expect("files that go together");
    assert_eq!(report.variety.novel, Some(0.5));
    assert_eq!(report.against.expect("another system").variety.novel, Some(0.0));
}

/// Scores with document frequencies of these bytes.
fn with_frequencies(bytes: &[u8]) -> Result<Report, String> {
    scored(&[CANDIDATES, ("r.json", COCO)], |request, path| {
        fs::write(path("x.df"), bytes).expect("a file");
        request.frequencies = Some(path("x.df"));
    })
}

#[test]
fn frequencies_with_a_byte_order_mark_are_the_same() {
    let plain = with_frequencies(b"9\n3\ta dog\n2\ta\n").expect("frequencies");
    let marked = with_frequencies("\u{feff}9\r\n3\ta dog\r\n2\ta\r\n".as_bytes()).expect("frequencies");
    assert_eq!(marked.scores, plain.scores);
}

#[test]
fn broken_frequencies_are_said_with_their_line() {
    #[track_caller]
    fn check(bytes: impl AsRef<[u8]>, expected: &str) {
        assert_eq!(with_frequencies(bytes.as_ref()).err().as_deref(), Some(expected));
    }
    check(b"9\n3\tcaf\xe9\n", "x.df:2: found byte 0xe9 at position 6 of the line, expected UTF-8");
    check("", r#"x.df:1: found "", expected the number of photos, at least 1"#);
    check("0\n", r#"x.df:1: found "0", expected the number of photos, at least 1"#);
    check("9\n3\ta dog\n2\ta\n3\ta dog\n", r#"x.df:4: found "3\ta dog", expected each n-gram once"#);
    check("9\n1\t\n", r#"x.df:2: found "1\t", expected one to four words with single spaces between"#);
    check("9\n1\ta  b\n", r#"x.df:2: found "1\ta  b", expected one to four words with single spaces between"#);
    check(
        "9\n1\ta b c d e\n",
        r#"x.df:2: found "1\ta b c d e", expected one to four words with single spaces between"#,
    );
    check("9\n10\ta\n", r#"x.df:2: found "10\ta", expected a count from 1 to the number of photos"#);
    check("9\n0\ta\n", r#"x.df:2: found "0\ta", expected a count from 1 to the number of photos"#);
    check("9\n\n", r#"x.df:2: found "", expected a count, a tab and an n-gram"#);
    assert!(with_frequencies(b"9\n9\ta\n").is_ok());
}
