//! Scores of captions from anywhere, and what is said where they do not go together.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use serde_json::{Value, json};
use tempfile::TempDir;

fn nid(folder: &TempDir) -> Command {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("nid"));
    // A person's own METEOR changes nothing here.
    command.current_dir(folder).env("NID_CACHE", folder.path());
    command
}

/// A folder with these files.
fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    files.iter().for_each(|(name, text)| fs::write(folder.path().join(name), text).unwrap());
    folder
}

/// The words of a command line.
fn words(arguments: &str) -> impl Iterator<Item = &str> {
    arguments.split(' ')
}

/// Scores the candidates, and returns what `--json` wrote.
fn score(folder: &TempDir, arguments: &str) -> Value {
    let file = folder.path().join("score.json");
    let command = words("score --metrics bleu,rouge,cider --force --json score.json").chain(words(arguments));
    nid(folder).args(command).assert().success().stderr("");
    serde_json::from_slice(&fs::read(file).unwrap()).unwrap()
}

/// Asserts that the files are not scored, for one reason in one line.
#[track_caller]
fn fails(files: &[(&str, &str)], arguments: &str, expected: &str) {
    let folder = folder(files);
    let command = words("score --metrics bleu,rouge,cider --json score.json").chain(words(arguments));
    let output = nid(&folder).args(command).assert().code(1).stdout("").get_output().clone();
    assert_eq!(String::from_utf8(output.stderr).unwrap(), format!("error: {expected}\n"));
    assert!(!folder.path().join("score.json").exists());
}

#[track_caller]
fn assert_close(actual: &Value, expected: &Value) {
    let [actual, expected] = [actual, expected].map(|number| number.as_f64().unwrap());
    assert!((actual - expected).abs() <= 1e-9 * expected.abs().max(1e-9), "{actual}, expected {expected}");
}

fn rows(path: &Path) -> Vec<Value> {
    fs::read_to_string(path).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The goldens of the metrics, which `recipes/metrics_goldens.py` made with pycocoevalcap.
mod goldens {
    use super::*;

    struct Photo {
        candidate: String,
        references: Vec<String>,
    }

    fn goldens() -> Value {
        serde_json::from_str(include_str!("../../metrics/tests/goldens/scores.json")).unwrap()
    }

    fn photos(goldens: &Value, candidate: &str, references: &str) -> Vec<Photo> {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let photo = |photo: &Value| Photo {
            candidate: text(&photo[candidate]),
            references: photo[references].as_array().unwrap().iter().map(text).collect(),
        };
        goldens["photos"].as_array().unwrap().iter().map(photo).collect()
    }

    /// Asserts that the files score as they should, all together and each.
    fn check(goldens: &Value, candidates: &str, references: &str, arguments: &str) {
        let folder = folder(&[("candidates", candidates), ("references", references)]);
        let arguments = format!("candidates --references references --per-caption each.jsonl{arguments}");
        let scores = score(&folder, &arguments);
        for (name, expected) in goldens["corpus"].as_object().unwrap() {
            assert_close(&scores[name], expected);
        }
        let each = rows(&folder.path().join("each.jsonl"));
        let photos = goldens["photos"].as_array().unwrap();
        assert_eq!(each.len(), photos.len());
        for (each, photo) in each.iter().zip(photos) {
            assert_close(&each["CIDEr"], &photo["cider"]);
            assert_close(&each["ROUGE_L"], &photo["rouge_l"]);
            assert_close(&each["Bleu_4"], &photo["bleu"][3]);
        }
    }

    fn results(photos: &[Photo]) -> String {
        let photos = photos.iter().enumerate();
        Value::from_iter(photos.map(|(id, photo)| json!({"image_id": id, "caption": photo.candidate}))).to_string()
    }

    fn annotations(photos: &[Photo]) -> String {
        let photos = photos.iter().enumerate();
        let annotations = photos.clone().flat_map(|(id, photo)| {
            photo.references.iter().map(move |text| json!({"image_id": id.to_string(), "caption": text}))
        });
        let images: Value = photos.clone().map(|(id, _)| json!({"id": id, "file_name": format!("{id}.jpg")})).collect();
        json!({"images": images, "annotations": annotations.collect::<Value>()}).to_string()
    }

    #[test]
    fn files_of_every_form_score_as_in_pycocoevalcap() {
        let goldens = goldens();
        let photos = photos(&goldens, "candidate", "references");
        let (results, annotations) = (results(&photos), annotations(&photos));
        check(&goldens, &results, &annotations, "");

        let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
        let table = |rows: Vec<(usize, &String)>| {
            let row = |(id, text): (usize, &String)| format!("{id}.jpg,{}\n", quoted(text));
            format!("image,caption\n{}", rows.into_iter().map(row).collect::<String>())
        };
        let said = table(photos.iter().enumerate().map(|(id, photo)| (id, &photo.candidate)).collect());
        check(&goldens, &said, &annotations, "");
        let written =
            photos.iter().enumerate().flat_map(|(id, photo)| photo.references.iter().map(move |text| (id, text)));
        check(&goldens, &said, &table(written.clone().collect()), "");
        let token: String =
            written.enumerate().map(|(line, (id, text))| format!("{id}.jpg#{line}\t{text}\n")).collect();
        check(&goldens, &said, &token, "");

        let paths = photos.iter().enumerate();
        let lines: String = paths
            .map(|(id, photo)| json!({"path": format!("x/{id}.jpg"), "caption": photo.candidate}).to_string() + "\n")
            .collect();
        check(&goldens, &lines, &token, "");
        let reversed: String = lines.lines().rev().map(|line| format!("{line}\n")).collect();
        check(&goldens, &reversed, &annotations, "");
    }

    #[test]
    fn tokens_are_scored_as_they_are() {
        let goldens = goldens();
        let photos = photos(&goldens, "candidate_tokens", "reference_tokens");
        check(&goldens, &results(&photos), &annotations(&photos), " --tokenized");
    }
}

const CANDIDATES: &str =
    r#"[{"image_id": 1, "caption": "a dog runs on the grass"}, {"image_id": "2", "caption": "two men sit"}]"#;
const REFERENCES: &str = r#"{"images": [{"id": 1, "file_name": "a.jpg"}, {"id": 2, "file_name": "b.jpg"}], "annotations": [
    {"image_id": 1, "caption": "A dog is running."}, {"image_id": 1, "caption": "A brown dog runs on the grass"},
    {"image_id": 2, "caption": "Two men sit on a bench ."}]}"#;

#[test]
fn a_photo_without_a_candidate_is_named() {
    let references: String = (1..=7).map(|photo| format!("p{photo}.jpg#0\ta dog\n")).collect();
    fails(
        &[("c.jsonl", "{\"image\": \"p3.jpg\", \"caption\": \"a\"}"), ("r.token", &references)],
        "c.jsonl --references r.token",
        r#"c.jsonl: found no candidate for 6 of 7 photos with references ("p1.jpg", "p2.jpg", "p4.jpg", "p5.jpg", "p6.jpg", …), expected one for each (--subset scores only the photos that have one)"#,
    );
}

#[test]
fn a_subset_scores_as_if_nothing_else_was_there() {
    let further = REFERENCES.replace("[\n", "[{\"image_id\": 3, \"caption\": \"two men on the grass\"},\n");
    let further = further.replace("[{\"id\": 1", "[{\"id\": 3}, {\"id\": 1");
    let folder = folder(&[("c.json", CANDIDATES), ("r.json", REFERENCES), ("more.json", &further)]);
    let mut whole = score(&folder, "c.json --references r.json");
    let mut subset = score(&folder, "c.json --references more.json --subset");
    assert_eq!(subset["photos"], 2);
    let [whole_signature, signature] =
        [&mut whole, &mut subset].map(|scores| scores.as_object_mut().unwrap().remove("signature").unwrap());
    assert_eq!(whole, subset);
    assert_eq!(whole_signature.as_str().unwrap().replace("subset:no", "subset:yes"), signature.as_str().unwrap());
}

#[test]
fn what_does_not_go_together_is_said() {
    let references = ("r.json", REFERENCES);
    fails(
        &[("c.json", &CANDIDATES.replace("\"2\"", "20")), references],
        "c.json --references r.json --subset",
        r#"c.json: found no references for 1 of 2 candidates ("20"), expected some for each"#,
    );
    fails(
        &[("c.json", &CANDIDATES.replace("\"2\"", "1")), references],
        "c.json --references r.json --subset",
        r#"c.json: found a second candidate for 1 photo ("1"), expected one for each"#,
    );
    fails(
        &[("c.csv", "file_name,caption\na.jpg,a dog\nx/a.jpg,a cat\n"), references],
        "c.csv --references r.json --subset",
        r#"c.csv: found a second candidate for 1 photo ("x/a.jpg"), expected one for each"#,
    );
    fails(
        &[("c.json", "[]"), references],
        "c.json --references r.json --subset",
        "c.json: found no photo, expected at least one",
    );
    fails(
        &[("c.json", CANDIDATES), ("r.json", r#"{"images": [{"id": 1}], "annotations": []}"#)],
        "c.json --references r.json",
        "r.json: found no photo, expected at least one",
    );
    fails(&[("c.txt", ""), ("r.txt", "")], "c.txt --references r.txt", "r.txt: found no photo, expected at least one");
    fails(
        &[("c.txt", "a\nb\n"), ("r.txt", "a\nb\nc\n")],
        "c.txt --references r.txt --subset",
        "c.txt: found 2 lines, expected 3 as in the references",
    );
    fails(
        &[("c.txt", "a\nb\n"), ("r1.txt", "a\nb\n"), ("r2.txt", "a\n\nb\n")],
        "c.txt --references r1.txt r2.txt",
        "r2.txt: found 3 lines, expected 2 as in r1.txt",
    );
    fails(
        &[("c.txt", "a\nb\n"), references],
        "c.txt --references r.json",
        "c.txt: found aligned text, a sentence a line, expected sentences that name their photos as in the references",
    );
}

#[test]
fn bytes_that_are_no_text_are_named() {
    let references = ("r.json", REFERENCES);
    let surrogate = CANDIDATES.replace("two men", "\\ud83d men").replace(", {", ",\n{");
    fails(
        &[("c.json", &surrogate), references],
        "c.json --references r.json",
        "c.json:2:31: found half of a surrogate pair, expected both or neither",
    );
    let folder = folder(&[references]);
    fs::write(folder.path().join("c.txt"), b"one\ntwo caf\xe9\n").unwrap();
    let output = nid(&folder).args(words("score c.txt --references r.json --metrics bleu")).assert().code(1);
    output.stderr("error: c.txt:2: found byte 0xe9 at position 8 of the line, expected UTF-8\n");
}

#[test]
fn candidates_join_by_the_first_key_that_fits_all() {
    // The ids are another system's own: by them, each caption would be about the other's photo.
    let crossed = r#"[{"image_id": 2, "file_name": "a.jpg", "caption": "a dog runs on the grass"},
                      {"image_id": 3, "file_name": "b.jpg", "caption": "two men sit"}]"#;
    let paths = "path,caption,score,error\nphotos/a.jpg,a dog runs on the grass,-1,\nphotos\\b.jpg,two men sit,-1,\n";
    let folder = folder(&[("c.json", CANDIDATES), ("x.json", crossed), ("p.csv", paths), ("r.json", REFERENCES)]);
    let expected = score(&folder, "c.json --references r.json");
    assert_eq!(score(&folder, "x.json --references r.json"), expected);
    assert_eq!(score(&folder, "p.csv --references r.json"), expected);
}

#[test]
fn an_empty_caption_is_scored() {
    let empty = CANDIDATES.replace("two men sit", "");
    let folder = folder(&[("c.json", &empty), ("r.json", REFERENCES)]);
    let scores = score(&folder, "c.json --references r.json --per-caption each.csv");
    assert!(scores["ROUGE_L"].as_f64().unwrap() > 0.3);
    let each = fs::read_to_string(folder.path().join("each.csv")).unwrap();
    assert!(each.starts_with("image_id,Bleu_1,Bleu_2,Bleu_3,Bleu_4,"), "{each}");
    let row: Vec<&str> = each.lines().nth(2).unwrap().split(',').collect();
    assert_eq!((row[0], row.last().copied()), ("2", Some("0")));
}

#[test]
fn aligned_files_are_several_references() {
    let files = [
        ("c.txt", "a dog runs on the grass\r\ntwo men sit\n"),
        ("1.txt", "A dog is running.\nTwo men sit on a bench ."),
        ("2.txt", "A brown dog runs on the grass\n\n"),
    ];
    let folder = folder(&files);
    let scores = score(&folder, "c.txt --references 1.txt 2.txt");
    let signature = scores["signature"].as_str().unwrap();
    assert!(signature.contains("|tok:ptb-3.4.1|refs:2.0(2-2)|photos:2|df:references|subset:no"), "{signature}");
    assert_eq!(score(&folder, "c.txt --references 1.txt --references 2.txt"), scores);
}

#[test]
fn captions_are_told_varied_and_new() {
    let training = "caption,image\nTwo men sit!,x.jpg\nA dog runs.,y.jpg\n";
    let candidates = "image_id,caption\n1,a a a dog\n2,Two men sit\n";
    let folder = folder(&[("c.csv", candidates), ("r.json", REFERENCES), ("t.csv", training)]);
    let scores = score(&folder, "c.csv --references r.json --training t.csv");
    assert_eq!(scores["vocabulary"], 5);
    assert_close(&scores["distinct_1"], &json!(5.0 / 7.0));
    assert_close(&scores["distinct_2"], &json!(4.0 / 5.0));
    assert_close(&scores["novel"], &json!(0.5));
    assert_close(&scores["length_ratio"], &json!(7.0 / 10.0));
}

#[test]
fn saved_frequencies_score_the_same_and_others_do_not() {
    let other = r#"{"annotations": [{"image_id": 1, "caption": "a dog runs"}, {"image_id": 2, "caption": "a dog"}, {"image_id": 3, "caption": "two"}]}"#;
    let files = [
        ("c.json", CANDIDATES),
        ("r.json", REFERENCES),
        ("other.json", other),
        (
            "d.jsonl",
            "{\"image_id\":1,\"caption\":\"a\"}\n{\"image_id\":2,\"caption\":\"b\"}\n{\"image_id\":3,\"caption\":\"c\"}\n",
        ),
    ];
    let folder = folder(&files);
    let own = score(&folder, "c.json --references r.json --save-frequencies own.df");
    score(&folder, "d.jsonl --references other.json --save-frequencies other.df");
    let same = score(&folder, "c.json --references r.json --frequencies own.df");
    let others = score(&folder, "c.json --references r.json --frequencies other.df");
    assert_eq!(own["CIDEr"], same["CIDEr"]);
    assert_ne!(own["CIDEr"], others["CIDEr"]);
    let frequencies = |scores: &Value| {
        let parts: Vec<&str> = scores["signature"].as_str().unwrap().split('|').collect();
        parts.iter().find_map(|part| part.strip_prefix("df:")).unwrap().to_owned()
    };
    assert_eq!(frequencies(&own), "references");
    assert!(frequencies(&same).ends_with("(2)") && frequencies(&others).ends_with("(3)"));
    fails(
        &[("c.json", CANDIDATES), ("r.json", REFERENCES), ("x.df", "2\n2\ta dog\n3\ta\n")],
        "c.json --references r.json --frequencies x.df",
        r#"x.df:3: found "3\ta", expected a count from 1 to the number of photos"#,
    );
}

/// Aligned files of a corpus: candidates that are right about a share of the photos, and the references.
fn corpus(is_right: impl Fn(usize) -> bool) -> (String, String) {
    let reference = |photo: usize| format!("thing {photo} stands beside the other thing {}\n", photo * 7 % 31);
    let candidate = |photo| if is_right(photo) { reference(photo) } else { "a b c d e\n".to_owned() };
    ((0..200).map(candidate).collect(), (0..200).map(reference).collect())
}

#[test]
fn intervals_hold_their_scores_and_repeat() {
    let (candidates, references) = corpus(|photo| photo % 3 == 0);
    let folder = folder(&[("c.txt", &candidates), ("r.txt", &references)]);
    let scores = score(&folder, "c.txt --references r.txt --bootstrap 200");
    for (name, interval) in scores["intervals"].as_object().unwrap() {
        let [low, score, high] = [&interval[0], &scores[name], &interval[1]].map(|number| number.as_f64().unwrap());
        assert!(low < score && score < high, "{name}: {low} {score} {high}");
    }
    assert!(scores["signature"].as_str().unwrap().ends_with("|bootstrap:200|seed:1"));
    assert_eq!(scores, score(&folder, "c.txt --references r.txt --bootstrap 200 --threads 1"));
    assert_ne!(scores["intervals"], score(&folder, "c.txt --references r.txt --bootstrap 200 --seed 2")["intervals"]);
    let usual = score(&folder, "c.txt --references r.txt --bootstrap");
    assert!(usual["signature"].as_str().unwrap().contains("|bootstrap:1000|"));
}

#[test]
fn two_systems_are_compared() {
    let ((better, references), (worse, _)) = (corpus(|photo| photo % 3 != 1), corpus(|photo| photo % 3 == 0));
    let short = worse.lines().take(199).collect::<Vec<_>>().join("\n");
    let files = [("a.txt", better.as_str()), ("b.txt", &worse), ("r.txt", &references), ("short.txt", &short)];
    let folder = folder(&files);
    let scores = score(&folder, "a.txt --against b.txt --references r.txt");
    let alone = score(&folder, "b.txt --references r.txt");
    for name in ["Bleu_1", "Bleu_4", "ROUGE_L", "CIDEr"] {
        let found = &scores["against"]["differences"][name];
        let number = |value: &Value| value.as_f64().unwrap();
        assert_eq!(scores["against"][name], alone[name]);
        assert_close(&found["difference"], &json!(number(&scores[name]) - number(&alone[name])));
        assert!(number(&found["interval"][0]) > 0.0 && number(&found["interval"][1]) > number(&found["difference"]));
        assert!(number(&found["p_bootstrap"]) < 0.01 && number(&found["p_randomisation"]) < 0.01);
    }
    let same = score(&folder, "a.txt --against a.txt --references r.txt");
    assert_eq!(same["against"]["differences"]["CIDEr"]["p_randomisation"], 1.0);
    let table = nid(&folder).args(words("score a.txt --against b.txt --references r.txt")).assert().success();
    let table = String::from_utf8(table.get_output().stdout.clone()).unwrap();
    assert!(table.lines().any(|line| line.starts_with("CIDEr") && line.split_whitespace().count() == 8), "{table}");
    fails(
        &files,
        "a.txt --against short.txt --references r.txt",
        "short.txt: found 199 lines, expected 200 as in the references",
    );
}

#[test]
fn systems_are_compared_on_the_same_photos() {
    let one = r#"[{"image_id": 1, "caption": "a dog"}]"#;
    let files = [("c.json", CANDIDATES), ("one.json", one), ("r.json", REFERENCES)];
    fails(
        &files,
        "c.json --against one.json --references r.json --subset",
        r#"found 1 photo that only one of the two systems captioned ("2"), expected the same of both"#,
    );
    let folder = folder(&files);
    let arguments = words("score c.json --against one.json --references r.json --metrics bleu");
    let error = nid(&folder).args(arguments).assert().code(1).get_output().stderr.clone();
    assert!(String::from_utf8(error).unwrap().contains("one.json: found no candidate for 1 of 2"));
}

#[test]
fn what_was_not_asked_for_is_not_there() {
    let folder = folder(&[("c.json", CANDIDATES), ("r.json", REFERENCES)]);
    let command = words("score c.json --references r.json --metrics rouge --json s.json --per-caption e.jsonl");
    let output = nid(&folder).args(command).assert().success();
    let table = String::from_utf8(output.get_output().stdout.clone()).unwrap();
    assert!(table.contains("ROUGE_L") && !table.contains("CIDEr") && table.contains("|metrics:rouge|"), "{table}");
    let scores: Value = serde_json::from_slice(&fs::read(folder.path().join("s.json")).unwrap()).unwrap();
    assert!(scores.get("ROUGE_L").is_some() && scores.get("Bleu_1").is_none());
    let each = rows(&folder.path().join("e.jsonl"));
    assert_eq!(each[0].as_object().unwrap().keys().collect::<Vec<_>>(), ["ROUGE_L", "image_id"]);
    assert_eq!(each[0]["image_id"], 1);

    for (wrong, told) in [("spice", "SPICE is not available"), ("blue", "expected bleu")] {
        let arguments = words("score c.json --references r.json --metrics").chain([wrong]);
        let error = nid(&folder).args(arguments).assert().code(2).get_output().stderr.clone();
        assert!(String::from_utf8(error).unwrap().contains(told));
    }
    nid(&folder).args(words("score c.json --references r.json --per-caption e.txt")).assert().code(2);
    nid(&folder).args(words("score c.json --references r.json --metrics bleu --json s.json")).assert().code(1);
}

#[test]
fn meteor_without_its_tables_is_said() {
    let folder = folder(&[("c.json", CANDIDATES), ("r.json", REFERENCES)]);
    let told = |output: &assert_cmd::assert::Assert| String::from_utf8(output.get_output().stderr.clone()).unwrap();
    let output = nid(&folder).args(words("score c.json --references r.json --json s.json")).assert().success();
    let scores: Value = serde_json::from_slice(&fs::read(folder.path().join("s.json")).unwrap()).unwrap();
    assert!(scores["unavailable"]["METEOR"].as_str().unwrap().contains("nid data meteor"), "{scores}");
    assert!(scores["unavailable"]["SPICE"].is_string() && scores.get("METEOR").is_none(), "{scores}");
    assert!(told(&output).starts_with("METEOR: not available: ") && told(&output).contains("nid data meteor"));
    let output = nid(&folder).args(words("score c.json --references r.json --metrics bleu,meteor")).assert().code(1);
    assert!(told(&output).starts_with("error: METEOR: not available: ") && told(&output).lines().count() == 1);
}

#[test]
fn tokens_are_a_line_a_caption() {
    let folder = folder(&[("c.txt", "The dogs' toys aren't John's.\r\n\n...\n(a) last")]);
    let expected = "the dogs toys are n't john 's\n\n\n-lrb- a -rrb- last\n";
    nid(&folder).args(["tokenize", "c.txt"]).assert().success().stdout(expected).stderr("");
    let text = fs::read_to_string(folder.path().join("c.txt")).unwrap();
    nid(&folder).arg("tokenize").write_stdin(text.clone()).assert().success().stdout(expected);
    nid(&folder).args(["tokenize", "-"]).write_stdin(text).assert().success().stdout(expected);
    nid(&folder).arg("tokenize").write_stdin("").assert().success().stdout("");

    let many: String = (0..60_000).map(|line| format!("Line {line} isn't the same .\n")).collect();
    let tokens: String = (0..60_000).map(|line| format!("line {line} is n't the same\n")).collect();
    let output = nid(&folder).arg("tokenize").write_stdin(many).assert().success().get_output().stdout.clone();
    assert!(output == tokens.as_bytes(), "many lines come out in order");

    let error = "error: standard input:2: found byte 0xe9 at position 4 of the line, expected UTF-8\n";
    nid(&folder).arg("tokenize").write_stdin(b"a\ncaf\xe9\n".as_slice()).assert().code(1).stderr(error);
    nid(&folder).args(["tokenize", "missing.txt"]).assert().code(1).stdout("");
}
