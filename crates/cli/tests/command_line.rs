//! What a person meets: exit statuses, and errors in one line.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;

use assert_cmd::Command;

/// With a cache folder of its own, whatever the person who runs the tests keeps in theirs.
fn nid() -> Command {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("nid"));
    command.env("NID_CACHE", "cache");
    command
}

/// Runs `nid` in a folder; returns its exit status, standard output and standard error.
fn run(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let output = nid().current_dir(folder).args(arguments).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

fn fails(arguments: &[&str], status: i32, words: &str) {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("empty")).unwrap();
    fs::write(folder.path().join("there.txt"), "before").unwrap();
    let (found, printed, error) = run(folder.path(), arguments);
    assert_eq!((found, printed.as_str()), (status, ""), "{arguments:?}: {error}");
    assert!(error.contains(words), "{arguments:?}: {error}");
    if status == 1 {
        assert_eq!(error.lines().count(), 1, "{error}");
    }
    assert_eq!(fs::read_to_string(folder.path().join("there.txt")).unwrap(), "before");
}

#[test]
fn wrong_usage_is_status_2() {
    fails(&[], 2, "Usage: nid");
    fails(&["caption"], 2, "<PATH>");
    fails(&["capton"], 2, "caption");
    fails(&["caption", "a.jpg", "--beam", "0"], 2, "--beam");
    fails(&["caption", "a.jpg", "--top-k", "5"], 2, "--sample");
    fails(&["caption", "a.jpg", "--beam", "3", "--sample"], 2, "--sample");
    fails(&["caption", "a.jpg", "--json", "--format", "csv"], 2, "--format");
    fails(&["caption", "a.jpg", "--max-pixels", "many"], 2, "200M");
    fails(&["caption", "a.jpg", "--force"], 2, "--output");
    fails(&["data", "meteor"], 2, "--from");
    fails(&["data", "meteor", "--from", "a.whl", "--sha256", "0"], 2, "64");
    fails(&["man", "nothing"], 2, "nothing");
}

#[test]
fn what_cannot_be_done_is_status_1_and_one_line() {
    fails(&["caption", "a.jpg", "--model", "nothing"], 1, "nothing");
    fails(&["caption", "a.jpg", "--output", "there.txt"], 1, "--force");
    fails(&["caption", "a.jpg", "--output", "empty"], 1, "folder");
    fails(&["caption", "a.jpg", "--output", "missing/there.txt"], 1, "missing");
    fails(&["model", "show", "empty"], 1, "empty");
    fails(&["data", "meteor", "--from", "there.txt"], 1, "there.txt");
    fails(&["data", "meteor", "--from", "empty"], 1, "paraphrase-en.gz");
    fails(&["extract", "empty", "--output", "x.npy"], 1, "no picture in the folder");
    fails(&["evaluate", "--photos", ".", "--captions", "missing.txt", "--split", "there.txt"], 1, "missing.txt");
    fails(&["evaluate", "--photos", ".", "--captions", "there.txt", "--split", "there.txt"], 1, "there.txt");
}

#[test]
fn help_has_examples_for_every_command() {
    let folder = tempfile::tempdir().unwrap();
    for command in
        ["caption", "export", "extract", "evaluate", "score", "tokenize", "data", "model", "completions", "man"]
    {
        let (status, help, _) = run(folder.path(), &[command, "--help"]);
        assert_eq!(status, 0);
        assert!(help.contains("Example"), "{command}: {help}");
    }
}

#[test]
fn documents_are_made_from_the_arguments() {
    let folder = tempfile::tempdir().unwrap();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let (status, text, _) = run(folder.path(), &["completions", shell]);
        assert!(status == 0 && text.contains("length-penalty"), "{shell}");
    }
    let (status, page, _) = run(folder.path(), &["man", "caption"]);
    assert!(status == 0 && page.contains(".TH nid-caption") && page.contains("length\\-penalty"), "{page}");
}

/// With the embedded model.
#[cfg(feature = "flickr8k")]
mod embedded {
    use std::path::PathBuf;

    use super::*;

    /// A folder with two pictures, `a.png` and `b.png`, and `c.png`, which is none.
    fn photos() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        for (name, blue) in [("a.png", 20), ("b.png", 220)] {
            let colour = |x: u32, y: u32| image::Rgb([(x * 4) as u8, (y * 5) as u8, blue]);
            image::RgbImage::from_fn(64, 48, colour).save(folder.path().join(name)).unwrap();
        }
        fs::write(folder.path().join("c.png"), "no picture").unwrap();
        let path = folder.path().to_path_buf();
        (folder, path)
    }

    #[test]
    fn one_picture_prints_just_the_sentence() {
        let (_guard, folder) = photos();
        let (status, text, error) = run(&folder, &["caption", "a.png"]);
        assert_eq!((status, error.as_str()), (0, ""));
        assert!(text.starts_with(char::is_uppercase) && text.ends_with(".\n") && text.lines().count() == 1, "{text}");
        let (_, raw, _) = run(&folder, &["caption", "a.png", "--raw"]);
        assert_eq!(raw.to_lowercase().trim(), text.to_lowercase().trim().trim_end_matches('.'));
    }

    #[test]
    fn a_bad_picture_costs_one_line() {
        let (_guard, folder) = photos();
        for batch in ["1", "16"] {
            let (status, text, error) = run(&folder, &["caption", ".", "--batch", batch]);
            assert_eq!((status, text.lines().count(), error.lines().count()), (3, 2, 1), "{text}{error}");
            assert!(text.starts_with("./a.png: ") && error.contains("c.png"), "{text}{error}");
        }
    }

    #[test]
    fn where_nothing_can_be_captioned_the_run_has_failed() {
        let (_guard, folder) = photos();
        for input in ["c.png", "missing.png", "*.jpg"] {
            let (status, text, error) = run(&folder, &["caption", input]);
            assert_eq!((status, text.as_str(), error.lines().count()), (1, "", 1), "{input}: {error}");
        }
        fails(&["caption", "empty"], 1, "no picture in the folder");
    }

    #[test]
    fn records_have_their_fields() {
        let (_guard, folder) = photos();
        let (status, text, _) = run(&folder, &["caption", ".", "--json", "--n-best", "4"]);
        let records: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(status, 3);
        assert_eq!(records[0]["captions"].as_array().unwrap().len(), 4);
        assert_eq!(records[0]["captions"][0]["caption"], records[0]["caption"]);
        assert_eq!(records[0]["captions"][0]["score"], records[0]["score"]);
        assert_eq!(records[2]["path"], "./c.png");
        assert!(records[2]["error"].is_string() && records[2].as_object().unwrap().len() == 2);

        let (_, lines, _) = run(&folder, &["caption", ".", "--format", "jsonl", "--n-best", "4"]);
        let lines: Vec<serde_json::Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(serde_json::Value::from(lines), records);
        let (_, rows, _) = run(&folder, &["caption", ".", "--format", "csv"]);
        assert_eq!(rows.lines().next(), Some("path,caption,score,error"));
        assert_eq!(rows.lines().count(), 4);
    }

    #[test]
    fn paths_come_from_standard_input_and_results_go_to_a_file() {
        let (_guard, folder) = photos();
        let arguments = ["caption", "-", "--output", "captions.txt"];
        nid().current_dir(&folder).args(arguments).write_stdin("a.png\r\n\nb.png").assert().code(0).stdout("");
        let text = fs::read_to_string(folder.join("captions.txt")).unwrap();
        assert!(text.starts_with("a.png: ") && text.lines().count() == 2, "{text}");
        nid().current_dir(&folder).args(["caption", "-"]).write_stdin("").assert().code(1);
    }

    #[test]
    fn a_sample_depends_on_seed_and_picture_alone() {
        let (_guard, folder) = photos();
        let sample = |paths: &[&str], seed| {
            let arguments = [&["caption", "--sample", "--seed", seed, "--format", "jsonl"], paths].concat();
            let (_, lines, _) = run(&folder, &arguments);
            let record: serde_json::Value = serde_json::from_str(lines.lines().next().unwrap()).unwrap();
            record["caption"].as_str().unwrap().to_owned()
        };
        assert_eq!(sample(&["b.png"], "1"), sample(&["b.png", "a.png"], "1"));
        assert_ne!(sample(&["b.png"], "1"), sample(&["b.png"], "2"));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_fails_and_says_so() {
        let (_guard, folder) = photos();
        for arguments in [vec!["--format", "text"], vec!["--format", "json"], vec!["--output", "/dev/full"]] {
            let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
            let program = assert_cmd::cargo::cargo_bin!("nid");
            let mut command = std::process::Command::new(program);
            let output = command.current_dir(&folder).args(["caption", "a.png"]).args(&arguments).stdout(full);
            let output = output.stderr(std::process::Stdio::piped()).spawn().unwrap().wait_with_output().unwrap();
            let error = String::from_utf8(output.stderr).unwrap();
            assert_eq!((output.status.code(), error.lines().count()), (Some(1), 1), "{arguments:?}: {error}");
            assert!(error.contains("cannot be written"), "{error}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_closed_pipe_ends_quietly() {
        let (_guard, folder) = photos();
        for format in ["text", "json", "csv"] {
            let (reader, writer) = std::io::pipe().unwrap();
            drop(reader);
            let mut command = std::process::Command::new(assert_cmd::cargo::cargo_bin!("nid"));
            let command = command.current_dir(&folder).args(["caption", "a.png", "--format", format]).stdout(writer);
            let output = command.stderr(std::process::Stdio::piped()).spawn().unwrap().wait_with_output().unwrap();
            assert_eq!((output.status.code(), output.stderr.len()), (Some(1), 0), "{format}");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_name_need_not_be_utf_8() {
        use std::os::unix::ffi::OsStrExt;
        let (_guard, folder) = photos();
        let name = std::ffi::OsStr::from_bytes(b"caf\xe9.png");
        fs::copy(folder.join("a.png"), folder.join(name)).unwrap();
        let output = nid().current_dir(&folder).args(["caption", "a.png"]).arg(name).output().unwrap();
        assert!(String::from_utf8(output.stdout).unwrap().contains("caf\\xe9.png: "));
    }

    #[test]
    fn a_search_that_contradicts_itself_is_wrong_usage() {
        fails(&["caption", "a.jpg", "--n-best", "5", "--beam", "2"], 2, "beam");
        fails(&["caption", "a.jpg", "--min-words", "9", "--max-words", "2"], 2, "min_words");
        fails(&["caption", "a.jpg", "--prefix", "xyzzy"], 2, "xyzzy");
    }
}

/// Photos, one of them no picture, with captions and a run file.
#[cfg(feature = "train")]
fn lessons(folder: &Path) {
    fs::create_dir(folder.join("photos")).unwrap();
    for (number, caption) in ["a red wall", "a green wall", "a blue wall", "a wall"].iter().enumerate() {
        let path = folder.join(format!("photos/{number}.png"));
        let colour = |place: usize| if place == number { 255 } else { 0 };
        image::RgbImage::from_pixel(8, 8, image::Rgb([colour(0), colour(1), colour(2)])).save(&path).unwrap();
        fs::write(path.with_extension("txt"), caption).unwrap();
    }
    fs::write(folder.join("photos/1.png"), "no picture").unwrap();
    fs::write(folder.join("train.txt"), "0.png\n1.png\n2.png\n").unwrap();
    fs::write(folder.join("dev.txt"), "3.png\n").unwrap();
    let run = r#"
        output = "out"
        [data]
        photos = "photos"
        captions = "photos"
        train = "train.txt"
        dev = "dev.txt"
        threshold = 1
        [decoder]
        kind = "show-and-tell"
        embedding = 8
        hidden = 8
        [training]
        epochs = 1
        batch = 1
    "#;
    fs::write(folder.join("run.toml"), run).unwrap();
}

#[test]
#[cfg(all(feature = "train", feature = "flickr8k"))]
fn a_bad_photo_costs_training_one_line() {
    let folder = tempfile::tempdir().unwrap();
    lessons(folder.path());
    let (status, _, error) = run(folder.path(), &["train", "run.toml"]);
    assert_eq!(status, 3, "{error}");
    assert_eq!(error.lines().filter(|line| line.contains("1.png")).count(), 1, "{error}");
    let events = fs::read_to_string(folder.path().join("out/events.jsonl")).unwrap();
    assert_eq!(events.lines().filter(|line| line.contains("\"step\",")).count(), 2, "one step a photo: {events}");

    let (status, sentence, error) = run(folder.path(), &["caption", "photos/2.png", "--model", "out/bundle"]);
    assert_eq!((status, sentence.lines().count()), (0, 1), "{error}");
    let (status, _, error) = run(folder.path(), &["train", "run.toml"]);
    assert_eq!(status, 1, "a run is not overwritten");
    assert!(error.contains("--resume"), "{error}");
}

#[test]
#[cfg(all(feature = "train", feature = "flickr8k"))]
fn photos_that_are_not_there_are_one_error() {
    let folder = tempfile::tempdir().unwrap();
    lessons(folder.path());
    fs::remove_file(folder.path().join("photos/0.png")).unwrap();
    fs::remove_file(folder.path().join("photos/2.png")).unwrap();
    let captions = "image,caption\n0.png,a wall\n1.png,a wall\n2.png,a wall\n3.png,a wall\n";
    fs::write(folder.path().join("captions.csv"), captions).unwrap();
    let text = fs::read_to_string(folder.path().join("run.toml")).unwrap();
    let text = text.replace(r#"captions = "photos""#, r#"captions = "captions.csv""#);
    fs::write(folder.path().join("run.toml"), text).unwrap();
    let (status, _, error) = run(folder.path(), &["train", "run.toml"]);
    assert_eq!((status, error.lines().count()), (1, 1), "{error}");
    assert!(error.contains("0.png") && error.contains("1 other"), "{error}");
    assert!(!folder.path().join("out").exists());
}

#[test]
#[cfg(feature = "flickr8k")]
fn a_bad_photo_costs_extraction_one_line() {
    let folder = tempfile::tempdir().unwrap();
    image::RgbImage::new(8, 8).save(folder.path().join("a.png")).unwrap();
    fs::write(folder.path().join("b.png"), "no picture").unwrap();
    for _ in 0..2 {
        let (status, _, error) = run(folder.path(), &["extract", ".", "--output", "x.npy"]);
        assert_eq!((status, error.lines().count()), (3, 1), "{error}");
        assert!(error.contains("b.png"), "{error}");
        assert_eq!(fs::read_to_string(folder.path().join("x.names.txt")).unwrap(), "a.png\n");
    }
}
