//! Files and models come from a server that is a thread of the test, and lie where they are looked for.

#![cfg(feature = "download")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../../fetch/tests/support/mod.rs"]
mod support;

use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use support::hub::{COMMIT, Hub, LARGE, files};
use support::{Answer, Server};

/// Of `body()`, by Python's hashlib.
const SHA256: &str = "e24bc62381f1224fbbb74688663f8f9743b9680b193edd666835e97b06e730eb";
const SECRET: &str = "hf_secret";

fn body() -> Vec<u8> {
    (0..200_000_u32).map(|number| (number % 251) as u8).collect()
}

fn server() -> Server {
    Server::new(|heard| Some(Answer::file(heard, &body(), "\"one\"")))
}

/// Whatever the person who runs the tests has in the environment.
const VARIABLES: [&str; 16] = [
    "ALL_PROXY",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "NO_PROXY",
    "all_proxy",
    "https_proxy",
    "http_proxy",
    "no_proxy",
    "HF_ENDPOINT",
    "HF_HUB_CACHE",
    "HF_HUB_DISABLE_IMPLICIT_TOKEN",
    "HF_HUB_OFFLINE",
    "HF_TOKEN",
    "HF_TOKEN_PATH",
    "HUGGINGFACE_HUB_CACHE",
    "HUGGING_FACE_HUB_TOKEN",
];

/// `nid pull` in a folder, with a home of the hub of its own.
fn pull(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("nid"));
    for name in VARIABLES {
        command.env_remove(name);
    }
    command.current_dir(folder).env("HF_HOME", folder.join("home")).arg("pull").args(arguments);
    command
}

/// Its exit status, standard output and standard error.
fn run(command: &mut Command) -> (i32, String, String) {
    let output = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

#[test]
fn a_file_comes_into_this_folder_under_its_own_name() {
    let folder = tempfile::tempdir().unwrap();
    let server = server();
    let url = server.at("/some/two%20words.bin?signature=secret");
    let (status, printed, said) = run(&mut pull(folder.path(), &[&url]));
    assert_eq!((status, &*printed, &*said), (0, "two words.bin\n", &*format!("SHA-256: {SHA256}\n")));
    assert_eq!(fs::read(folder.path().join("two words.bin")).unwrap(), body());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    // Not a second time, unless it is said what it must be, and it is that.
    let (status, _, said) = run(&mut pull(folder.path(), &[&url]));
    assert!(status == 1 && said.contains("--force"), "{said}");
    let (status, printed, _) = run(&mut pull(folder.path(), &[&url, "--sha256", SHA256, "--json"]));
    let record: serde_json::Value = serde_json::from_str(&printed).unwrap();
    assert_eq!((status, &record["fetched"], &record["bytes"]), (0, &false.into(), &200_000.into()));
    assert!(!printed.contains("signature"), "{printed}");
    assert_eq!(server.heard().len(), 1);
    let (status, ..) = run(&mut pull(folder.path(), &[&url, "--force"]));
    assert_eq!((status, server.heard().len()), (0, 2));
}

#[test]
fn a_file_goes_where_it_is_sent() {
    let folder = tempfile::tempdir().unwrap();
    let server = server();
    fs::create_dir(folder.path().join("inner")).unwrap();
    for (output, path) in [("inner", "inner/file"), ("inner/", "inner/file"), ("inner/other", "inner/other")] {
        let path = path.replace('/', std::path::MAIN_SEPARATOR_STR);
        let (status, printed, said) =
            run(&mut pull(folder.path(), &[&server.at("/file"), "--output", output, "--force"]));
        assert_eq!((status, printed.trim()), (0, &*path), "{said}");
        assert_eq!(fs::read(folder.path().join(&path)).unwrap(), body());
    }
}

#[test]
fn another_file_than_was_meant_does_not_appear() {
    let folder = tempfile::tempdir().unwrap();
    let expected = "0".repeat(64);
    let (status, printed, said) = run(&mut pull(folder.path(), &[&server().at("/file"), "--sha256", &expected]));
    assert_eq!((status, &*printed), (1, ""));
    assert!(said.contains(&format!("found SHA-256 {SHA256}, expected SHA-256 {expected}")), "{said}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn nothing_is_left_of_a_file_that_is_not_there() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::script([Answer::status(404)]);
    let (status, printed, said) = run(&mut pull(folder.path(), &[&server.at("/file")]));
    assert_eq!((status, &*printed), (1, ""));
    assert!(said.contains("404"), "{said}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_busy_server_is_waited_for_and_said_to_be_busy() {
    let folder = tempfile::tempdir().unwrap();
    let busy = Answer::status(429).with("Retry-After", "1");
    let server = Server::script([busy, Answer::status(500), Answer::ok(body())]);
    let (status, printed, said) = run(&mut pull(folder.path(), &[&server.at("/file")]));
    assert_eq!((status, &*printed, server.heard().len()), (0, "file\n", 3), "{said}");
    assert!(said.contains("429") && said.contains("trying again within 1 s") && said.contains("500"), "{said}");
}

#[test]
fn wrong_usage_is_status_2() {
    let folder = tempfile::tempdir().unwrap();
    let zeros = "0".repeat(64);
    let cases: [(&[&str], &str); 11] = [
        (&[], "OWNER/NAME"),
        (&["file.bin"], "http://"),
        (&["ftp://a.test/b"], "http://"),
        (&["https://me:word@a.test/b"], "password"),
        (&["hub:../b"], "OWNER/NAME"),
        (&["hub:a/b@../c"], "revision"),
        (&["http://a.test/b/"], "--output"),
        (&["http://a.test/b", "--offline"], "hub:"),
        (&["http://a.test/b", "--sha256", "0"], "64"),
        (&["hub:a/b", "--sha256", &zeros], "commit"),
        (&["hub:a/b", "--force"], "--output"),
    ];
    for (arguments, words) in cases {
        let (status, printed, said) = run(&mut pull(folder.path(), arguments));
        assert_eq!((status, &*printed), (2, ""), "{arguments:?}: {said}");
        assert!(said.contains(words), "{arguments:?}: {said}");
    }
}

#[test]
fn help_has_examples() {
    let (status, help, _) = run(&mut pull(Path::new("."), &["--help"]));
    assert!(status == 0 && help.contains("Examples") && help.contains("nid pull hub:OWNER/NAME"), "{help}");
}

/// `nid pull` from a hub.
fn pull_from(hub: &Hub, folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    run(pull(folder, arguments).env("HF_ENDPOINT", hub.server.at("")).env("HF_TOKEN", SECRET))
}

fn snapshot(folder: &Path) -> PathBuf {
    folder.join("home").join("hub").join("models--owner--name").join("snapshots").join(COMMIT)
}

#[test]
fn a_model_comes_whole_and_only_once() {
    let folder = tempfile::tempdir().unwrap();
    let hub = Hub::new();
    let (status, printed, said) = pull_from(&hub, folder.path(), &["hub:owner/name"]);
    assert_eq!((status, printed.trim()), (0, &*snapshot(folder.path()).display().to_string()), "{said}");
    assert_eq!(said, format!("hub:owner/name@{COMMIT}: files fetched: 4, there already: 0\n"));
    for file in files() {
        assert_eq!(fs::read(snapshot(folder.path()).join(file.name)).unwrap(), file.bytes);
    }
    let asked = hub.server.heard().len();
    let (status, again, said) = pull_from(&hub, folder.path(), &["hub:owner/name"]);
    assert_eq!((status, &again), (0, &printed));
    assert!(said.contains("files fetched: 0, there already: 4"), "{said}");
    assert_eq!(hub.server.heard().len(), asked + 1);
    // Pinned, nobody is asked at all.
    assert_eq!(pull_from(&hub, folder.path(), &[&format!("hub:owner/name@{COMMIT}")]).1, printed);
    assert_eq!(hub.server.heard().len(), asked + 1);
}

#[test]
fn a_record_says_what_is_where() {
    let folder = tempfile::tempdir().unwrap();
    let hub = Hub::new();
    let arguments = ["hub:owner/name", "--include", "*.bin", "--include", "config.json", "--json", "--output", "model"];
    let (status, printed, said) = pull_from(&hub, folder.path(), &arguments);
    assert_eq!(status, 0, "{said}");
    let record: serde_json::Value = serde_json::from_str(&printed).unwrap();
    assert_eq!(
        (&record["commit"], &record["revision"], &record["folder"]),
        (&COMMIT.into(), &"main".into(), &"model".into())
    );
    let names: Vec<_> = record["files"].as_array().unwrap().iter().map(|file| file["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["config.json", LARGE]);
    assert_eq!(
        (&record["files"][1]["sha256"], &record["files"][1]["fetched"]),
        (&files()[3].digest.into(), &true.into())
    );
    assert_eq!(record["files"][0]["git_sha1"], files()[2].digest);
    assert_eq!(fs::read(folder.path().join("model").join(LARGE)).unwrap(), files()[3].bytes);

    fs::write(folder.path().join("model/config.json"), "mine").unwrap();
    let (status, _, said) = pull_from(&hub, folder.path(), &["hub:owner/name", "--output", "model"]);
    assert!(status == 1 && said.contains("--force") && said.contains("config.json"), "{said}");
    assert_eq!(fs::read_to_string(folder.path().join("model/config.json")).unwrap(), "mine");
}

#[test]
fn without_a_network_the_cache_answers_or_says_what_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let hub = Hub::new();
    let (status, _, said) = pull_from(&hub, folder.path(), &["hub:owner/name", "--offline"]);
    assert!(status == 1 && said.contains("hub:owner/name@main") && said.contains("offline"), "{said}");
    pull_from(&hub, folder.path(), &["hub:owner/name", "--include", "*.json"]);
    let asked = hub.server.heard().len();
    let offline = |arguments: &[&str]| run(pull(folder.path(), arguments).env("HF_HUB_OFFLINE", "1"));
    assert_eq!(offline(&["hub:owner/name", "--include", "*.json"]).0, 0);
    let (status, printed, said) = offline(&["hub:owner/name"]);
    assert_eq!((status, &*printed, said.lines().count()), (1, "", 1), "{said}");
    assert!(said.contains(".gitattributes, README.md, weights/model.bin"), "{said}");
    assert_eq!(hub.server.heard().len(), asked);
}

#[test]
fn a_token_is_used_and_never_told() {
    let folder = tempfile::tempdir().unwrap();
    let hub = Hub::but_first(|heard| {
        let is_mine = heard.header("authorization") == Some(&format!("Bearer {SECRET}"));
        (!is_mine).then(|| Answer::status(401).with("X-Error-Message", "Invalid username or password."))
    });
    assert_eq!(pull_from(&hub, folder.path(), &["hub:owner/name"]).0, 0);
    let closed = |token: &str| {
        run(pull(folder.path(), &["hub:owner/name"]).env("HF_ENDPOINT", hub.server.at("")).env("HF_TOKEN", token))
    };
    let (status, _, said) = closed("");
    assert!(status == 1 && said.contains("401") && said.contains("HF_TOKEN or ") && said.contains("home"), "{said}");
    let (status, _, said) = closed("hf_other");
    assert!(status == 1 && said.contains("the token of HF_TOKEN was sent") && !said.contains("hf_other"), "{said}");
    // As the field's tools keep it.
    fs::write(folder.path().join("home/token"), format!("{SECRET}\n")).unwrap();
    assert_eq!(closed("").0, 0);
}

#[test]
fn proxies_are_those_of_the_environment() {
    let folder = tempfile::tempdir().unwrap();
    let (server, proxy) = (server(), Server::script([Answer::status(502)]));
    let through = |none: &str| {
        run(pull(folder.path(), &[&server.at("/file")]).env("HTTP_PROXY", proxy.at("")).env("NO_PROXY", none))
    };
    let (status, _, said) = through("");
    assert!(status == 1 && said.contains("proxy"), "{said}");
    assert_eq!((proxy.heard().len(), server.heard().len()), (1, 0));
    assert_eq!(through("127.0.0.1").0, 0);
    let (status, _, said) = run(pull(folder.path(), &[&server.at("/other")]).env("HTTP_PROXY", "me:word@"));
    assert!(status == 1 && said.contains("HTTP_PROXY: ") && !said.contains("word"), "{said}");
}

#[cfg(unix)]
#[test]
fn ctrl_c_keeps_what_has_arrived_and_says_so() {
    use std::process::{Command, Stdio};
    use std::time::{Duration, Instant};

    let folder = tempfile::tempdir().unwrap();
    let mut calls = 0;
    let server = Server::new(move |heard| {
        calls += 1;
        let whole = Answer::file(heard, &body(), "\"one\"");
        Some(if calls == 1 { whole.silent(80_000) } else { whole })
    });
    let partial = folder.path().join(".file.nid-partial");
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("nid"));
    for name in VARIABLES {
        command.env_remove(name);
    }
    let command = command.current_dir(folder.path()).args(["pull", &server.at("/file")]).stderr(Stdio::piped());
    let began = Instant::now();
    let child = command.stdout(Stdio::null()).spawn().unwrap();
    while fs::metadata(&partial).map_or(0, |found| found.len()) < 80_000 {
        assert!(began.elapsed() < Duration::from_secs(30), "nothing arrives");
        std::thread::sleep(Duration::from_millis(10));
    }
    let interrupt = format!("kill -INT {}", child.id());
    assert!(Command::new("sh").args(["-c", &interrupt]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!((output.status.code(), said.contains("what has arrived is kept")), (Some(130), true), "{said}");

    let (status, printed, said) = run(&mut pull(folder.path(), &[&server.at("/file")]));
    assert_eq!((status, &*printed, server.asked()), (0, "file\n", vec![0, 80_000]), "{said}");
    assert_eq!(fs::read(folder.path().join("file")).unwrap(), body());
}

#[test]
fn what_is_not_meteor_s_is_fetched_and_refused() {
    let folder = tempfile::tempdir().unwrap();
    let server = server();
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("nid"));
    for name in VARIABLES {
        command.env_remove(name);
    }
    let command = command.current_dir(folder.path()).env("NID_CACHE", "cache/of/mine");
    let url = server.at("/meteor.tar.gz");
    let (status, printed, said) = run(command.args(["data", "meteor", "--download", &url, "--sha256", SHA256]));
    assert_eq!((status, &*printed), (1, ""));
    assert!(said.contains(&format!("SHA-256 of the archive: {SHA256}")) && said.contains("neither a zip"), "{said}");
    assert_eq!(fs::read_dir(folder.path().join("cache/of/mine")).unwrap().count(), 0);
}
