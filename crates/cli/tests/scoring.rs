//! `nid score` as a process: what it reads and writes, and how it is stopped.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use tempfile::TempDir;

const CANDIDATES: &str = "a dog runs on the grass\ntwo men sit\n";
const REFERENCES: &str = "A brown dog runs on the grass\nTwo men sit on a bench .\n";

/// A folder with candidates `c.txt` and references `r.txt`, a line each.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("c.txt"), CANDIDATES).unwrap();
    fs::write(folder.path().join("r.txt"), REFERENCES).unwrap();
    folder
}

fn nid(folder: &Path, arguments: &str) -> Command {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("nid"));
    // A person's own METEOR changes nothing here.
    command.current_dir(folder).env("NID_CACHE", folder).args(arguments.split(' '));
    command
}

/// Asserts that the arguments are wrong usage, and that nothing came of them.
#[track_caller]
fn is_wrong_usage(arguments: &str, expected: &str) {
    let folder = folder();
    let output = nid(folder.path(), arguments).assert().code(2).stdout("").get_output().clone();
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(error.contains(expected), "{error}");
    assert_eq!(fs::read_to_string(folder.path().join("c.txt")).unwrap(), CANDIDATES);
    assert_eq!(names(folder.path()), ["c.txt", "r.txt"]);
}

fn names(folder: &Path) -> Vec<String> {
    let name = |entry: std::io::Result<fs::DirEntry>| entry.unwrap().file_name().into_string().unwrap();
    let mut names: Vec<String> = fs::read_dir(folder).unwrap().map(name).collect();
    names.sort();
    names
}

#[test]
fn a_file_is_not_named_twice() {
    let same = |written: &str, expected: &str| {
        is_wrong_usage(&format!("score c.txt --references r.txt --metrics bleu {written}"), expected);
    };
    same("--json x.csv --per-caption ./x.csv", "--json and --per-caption name the same file, x.csv");
    same("--json x --save-frequencies x", "--json and --save-frequencies name the same file, x");
    same("--json ./c.txt --force", "--json and CANDIDATES name the same file, ./c.txt");
    same("--save-frequencies r.txt --force", "--save-frequencies and --references name the same file, r.txt");
    same("--json new --against new", "--json and --against name the same file, new");
    same("--json new --training new", "--json and --training name the same file, new");
}

#[test]
fn the_number_of_draws_has_bounds() {
    for wrong in ["0", "1000001", "18446744073709551615", "99999999999999999999", "-1", "many"] {
        let arguments = format!("score c.txt --references r.txt --metrics bleu --bootstrap={wrong}");
        is_wrong_usage(&arguments, "expected a whole number from 1 to 1000000");
    }
}

#[test]
fn files_that_cannot_be_written_are_found_before() {
    let folder = folder();
    fs::write(folder.path().join("there.csv"), "before").unwrap();
    // The candidates are not there: they would be missed as soon as work begins.
    for (written, expected) in [("--json missing/x", "missing"), ("--per-caption there.csv", "--force")] {
        let arguments = format!("score none.txt --references r.txt --metrics bleu {written}");
        let error = nid(folder.path(), &arguments).assert().code(1).get_output().stderr.clone();
        assert!(String::from_utf8(error).unwrap().contains(expected));
    }
    assert_eq!(fs::read_to_string(folder.path().join("there.csv")).unwrap(), "before");
    assert_eq!(names(folder.path()), ["c.txt", "r.txt", "there.csv"]);
}

#[test]
fn candidates_come_from_standard_input() {
    let folder = folder();
    let score = |candidates: &str| nid(folder.path(), &format!("score {candidates} --references r.txt --metrics bleu"));
    let expected = score("c.txt").assert().success().get_output().stdout.clone();
    score("-").write_stdin(CANDIDATES).assert().success().stdout(expected);
    let short = "error: standard input: found 1 line, expected 2 as in the references\n";
    score("-").write_stdin("a dog\n").assert().code(1).stderr(short);
    let bytes = "error: standard input:2: found byte 0xe9 at position 4 of the line, expected UTF-8\n";
    score("-").write_stdin(b"a\ncaf\xe9\n".as_slice()).assert().code(1).stderr(bytes);
}

#[test]
fn a_p_value_is_never_zero() {
    let folder = tempfile::tempdir().unwrap();
    let lines = |line: &str| line.repeat(100);
    for (name, line) in [("a.txt", "a dog runs\n"), ("b.txt", "a cat\n"), ("r.txt", "a dog runs\n")] {
        fs::write(folder.path().join(name), lines(line)).unwrap();
    }
    let arguments = "score a.txt --against b.txt --references r.txt --metrics rouge --bootstrap 30000";
    let table = nid(folder.path(), arguments).assert().success().get_output().stdout.clone();
    let table = String::from_utf8(table).unwrap();
    assert!(table.lines().any(|line| line.starts_with("ROUGE_L") && line.ends_with(" <0.0001 <0.0001")), "{table}");
}

/// By a signal, as a terminal sends it.
#[cfg(unix)]
mod interrupted {
    use std::io::{Read, Write};
    use std::process::{self, Child, ExitStatus, Stdio};
    use std::thread;
    use std::time::{Duration, Instant};

    use super::*;

    /// So many that their draws take minutes.
    const PHOTOS: usize = 20_000;
    /// The machine may be busy; the work would take far longer.
    const PATIENCE: Duration = Duration::from_secs(5);

    fn begin(folder: &Path) -> Child {
        let mut command = process::Command::new(assert_cmd::cargo::cargo_bin!("nid"));
        let arguments = "score - --references r.txt --metrics rouge --bootstrap 1000000 --json s.json";
        let command = command.current_dir(folder).env("NID_CACHE", folder).args(arguments.split(' '));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    fn interrupt(child: &Child) {
        let kill = format!("kill -INT {}", child.id());
        assert!(process::Command::new("sh").args(["-c", &kill]).status().unwrap().success());
    }

    fn status_within(child: &mut Child, patience: Duration) -> Option<ExitStatus> {
        let begun = Instant::now();
        while begun.elapsed() < patience {
            if let Some(status) = child.try_wait().unwrap() {
                return Some(status);
            }
            thread::sleep(Duration::from_millis(5));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        None
    }

    #[test]
    fn scoring_ends_at_once_and_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let references: String = (0..PHOTOS).map(|photo| format!("a dog {photo} runs on the grass\n")).collect();
        fs::write(folder.path().join("r.txt"), &references).unwrap();
        let mut child = begin(folder.path());
        // More than a pipe holds: when all is written, the process reads, and has long begun to watch for signals.
        child.stdin.take().unwrap().write_all(references.as_bytes()).unwrap();
        thread::sleep(Duration::from_secs(1));
        assert!(child.try_wait().unwrap().is_none(), "the draws take longer");

        interrupt(&child);
        let status = status_within(&mut child, PATIENCE).expect("it ends within the time");
        let mut said = String::new();
        child.stdout.take().unwrap().read_to_string(&mut said).unwrap();
        child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        assert_eq!((status.code(), said.as_str()), (Some(130), ""));
        assert_eq!(names(folder.path()), ["r.txt"]);
    }
}
