//! A repository's files come whole, of one commit, and lie where the field's tools look for them.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::collections::BTreeMap;
use std::error::Error as _;
use std::ffi::OsString;
use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Duration;

use nid_fetch::hub::{self, Cache, Error, Repository, Selection, Settings, Snapshot, Token};
use nid_fetch::{Client, Event, Failure, Patience, Proxies};
use support::hub::{COMMIT, Hub, LARGE, files, list};
use support::{Answer, Heard};

const SECRET: &str = "hf_secret";

/// A client of a hub, with a cache in this folder.
fn client(hub: &Hub, folder: &Path, token: Option<&str>) -> hub::Hub {
    let settings = Settings {
        address: Some(hub.server.at("/")),
        cache: Cache::new(folder),
        token: token.and_then(|secret| Token::new(secret, "HF_TOKEN".to_owned()).unwrap()),
        token_sought: "HF_TOKEN or ~/token".to_owned(),
        offline: false,
    };
    let patience = Patience { tries: 2, pause: Duration::ZERO, ..Patience::default() };
    hub::Hub::new(settings, Client::new(Proxies::default(), patience))
}

fn pull_from(hub: &hub::Hub, name: &str, patterns: &[&str]) -> Result<Snapshot, Error> {
    let selection = Selection::of(patterns)?;
    hub.pull(&name.parse()?, &selection, &mut |_| ControlFlow::Continue(()))
}

fn pull(hub: &Hub, folder: &Path) -> Result<Snapshot, Error> {
    pull_from(&client(hub, folder, None), "hub:owner/name", &[])
}

fn folder_of(cache: &Path) -> PathBuf {
    Cache::new(cache).folder(&"owner/name".parse().unwrap())
}

fn fetched(snapshot: &Snapshot) -> Vec<&str> {
    snapshot.files().iter().filter(|file| file.fetched).map(|file| file.name.as_str()).collect()
}

/// The files in a folder, as `goldens/make.py` writes them down.
#[cfg(unix)]
fn described(folder: &Path) -> Vec<String> {
    let mut lines = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(inner) = folders.pop() {
        for entry in fs::read_dir(inner).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(folder).unwrap().display().to_string();
            let found = fs::symlink_metadata(&path).unwrap();
            if found.is_dir() {
                folders.push(path);
            } else if found.is_symlink() {
                lines.push(format!("{name} -> {}", fs::read_link(&path).unwrap().display()));
            } else if name.starts_with("refs/") || name.starts_with("trees/") {
                lines.push(format!("{name} = {}", fs::read_to_string(&path).unwrap()));
            } else {
                lines.push(format!("{name}: {} bytes", found.len()));
            }
        }
    }
    lines.sort();
    lines
}

/// What huggingface_hub does with the same repository.
const GOLDEN: &str = include_str!("goldens/cache.txt");

#[cfg(unix)]
#[test]
fn files_lie_where_huggingface_hub_puts_them() {
    let folder = tempfile::tempdir().unwrap();
    let snapshot = pull(&Hub::new(), folder.path()).unwrap();
    let plain = |line: &str| match line.split_once(" = ") {
        // Spaces and line breaks are free.
        Some((name, json)) if name.ends_with(".json") => {
            format!("{name} = {}", serde_json::from_str::<serde_json::Value>(json).unwrap())
        }
        _ => line.to_owned(),
    };
    let found: Vec<_> = described(&folder_of(folder.path())).iter().map(|line| plain(line)).collect();
    assert_eq!(found, GOLDEN.lines().map(plain).collect::<Vec<_>>());
    for (file, held) in snapshot.files().iter().zip(files()) {
        assert_eq!((&*file.name, fs::read(&file.path).unwrap()), (held.name, held.bytes));
    }
    assert_eq!((snapshot.commit(), snapshot.pinned().to_string()), (COMMIT, format!("hub:owner/name@{COMMIT}")));
}

/// Lays out what huggingface_hub would have fetched.
#[cfg(unix)]
fn lay_out(folder: &Path) {
    let bytes: BTreeMap<_, _> = files().into_iter().map(|file| (file.digest, file.bytes)).collect();
    for line in GOLDEN.lines() {
        let path = |name: &str| {
            let path = folder.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            path
        };
        if let Some((name, target)) = line.split_once(" -> ") {
            std::os::unix::fs::symlink(target, path(name)).unwrap();
        } else if let Some((name, text)) = line.split_once(" = ") {
            fs::write(path(name), text).unwrap();
        } else {
            let name = line.split_once(": ").unwrap().0;
            fs::write(path(name), &bytes[name.strip_prefix("blobs/").unwrap()]).unwrap();
        }
    }
}

#[cfg(unix)]
#[test]
fn what_huggingface_hub_has_fetched_is_found() {
    let folder = tempfile::tempdir().unwrap();
    lay_out(&folder_of(folder.path()));
    let hub = Hub::new();
    let snapshot = pull(&hub, folder.path()).unwrap();
    assert_eq!((fetched(&snapshot), snapshot.files().len()), (vec![], files().len()));
    assert_eq!((hub.server.heard().len(), hub.storage.heard().len()), (1, 0));
    // A commit never changes: nobody has to be asked about it.
    let pinned = pull_from(&client(&hub, folder.path(), None), &format!("owner/name@{COMMIT}"), &[]).unwrap();
    assert_eq!((pinned.commit(), hub.server.heard().len()), (COMMIT, 1));
}

#[test]
fn a_second_pull_fetches_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let hub = Hub::new();
    assert_eq!(fetched(&pull(&hub, folder.path()).unwrap()).len(), files().len());
    let asked = hub.server.heard().len();
    assert_eq!(fetched(&pull(&hub, folder.path()).unwrap()), Vec::<&str>::new());
    assert_eq!(hub.paths()[asked..], ["/api/models/owner/name/revision/main?blobs=true"]);
    // What is gone or cut short is fetched again, and only that.
    let blob = folder_of(folder.path()).join("blobs").join(files()[1].digest);
    fs::write(blob, "#").unwrap();
    assert_eq!(fetched(&pull(&hub, folder.path()).unwrap()), ["README.md"]);
}

#[test]
fn every_file_is_of_the_commit_that_was_pinned() {
    let folder = tempfile::tempdir().unwrap();
    let hub = Hub::new();
    let everything = pull_from(&client(&hub, folder.path(), Some(SECRET)), "hub:owner/name@main", &[]);
    assert_eq!(everything.unwrap().files().len(), files().len());
    let of_commit = |path: &String| path.starts_with(&format!("/owner/name/resolve/{COMMIT}/"));
    assert!(hub.paths()[1..].iter().all(of_commit) && hub.paths().len() == 1 + files().len());
    let authorisation = |heard: &Heard| heard.header("authorization").map(str::to_owned);
    assert!(hub.server.heard().iter().all(|heard| authorisation(heard) == Some(format!("Bearer {SECRET}"))));
    // The storage is another server: its addresses are signed.
    assert_eq!(hub.storage.heard().iter().map(authorisation).collect::<Vec<_>>(), [None]);

    let another = Hub::but_first(|heard| heard.path.starts_with("/api").then(|| Answer::ok(list())));
    let pinned = format!("owner/name@{}", "a".repeat(40));
    let refused = pull_from(&client(&another, folder.path(), None), &pinned, &[]);
    assert!(matches!(refused, Err(Error::Commit { found, .. }) if found == COMMIT));
}

#[test]
fn all_files_have_one_measure() {
    let folder = tempfile::tempdir().unwrap();
    let hub = Hub::new();
    let (mut done, total) = (Vec::new(), files().iter().map(|file| file.bytes.len() as u64).sum());
    let report = &mut |event: Event<'_>| {
        let Event::Arrived { done: bytes, total: all } = event else { panic!("{event:?}") };
        assert_eq!(all, Some(total));
        done.push(bytes);
        ControlFlow::Continue(())
    };
    client(&hub, folder.path(), None).pull(&"owner/name".parse().unwrap(), &Selection::all(), report).unwrap();
    assert!(done.is_sorted() && done.first() == Some(&0) && done.last() == Some(&total), "{done:?}");
}

#[test]
fn a_broken_pull_goes_on_where_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let whole = files().pop().unwrap();
    let bytes = whole.bytes.clone();
    // The large file, from the hub itself, a part at a time.
    let hub = Hub::but_first(move |heard| {
        heard.path.ends_with(LARGE).then(|| Answer::file(heard, &bytes, "\"tag\"").cut(70_000))
    });
    let once = |error: Error| matches!(&error, Error::Fetch(nid_fetch::Error::Download { tries: 2, .. }));
    assert!(once(pull(&hub, folder.path()).unwrap_err()));
    let snapshot = pull(&hub, folder.path()).unwrap();
    assert_eq!(fetched(&snapshot), [LARGE]);
    assert_eq!(fs::read(&snapshot.files()[3].path).unwrap(), whole.bytes);
    let asked: Vec<_> =
        hub.server.heard().iter().filter(|heard| heard.path.ends_with(LARGE)).map(Heard::from).collect();
    assert_eq!(asked, [0, 70_000, 140_000]);
    assert_eq!(fs::read_dir(folder_of(folder.path()).join("blobs")).unwrap().count(), files().len());
}

#[test]
fn other_bytes_than_the_hub_s_are_refused() {
    for (name, digest) in [("README.md", "git's SHA-1"), (LARGE, "SHA-256")] {
        let folder = tempfile::tempdir().unwrap();
        let length = files().iter().find(|file| file.name == name).unwrap().bytes.len();
        let hub = Hub::but_first(move |heard| heard.path.ends_with(name).then(|| Answer::ok(vec![b'x'; length])));
        let error = pull(&hub, folder.path()).unwrap_err();
        let Error::Fetch(nid_fetch::Error::Download { source, .. }) = &error else { panic!("{error}") };
        assert!(matches!(&**source, Failure::Checksum { expected, .. } if expected.to_string().starts_with(digest)));
        assert!(!folder_of(folder.path()).join("snapshots").join(COMMIT).join(name).exists());
    }
}

/// What is said where a hub answers this to a path that ends so.
fn told(end: &'static str, answer: Answer, token: Option<&str>) -> String {
    let folder = tempfile::tempdir().unwrap();
    let hub = Hub::but_first(move |heard| heard.path.ends_with(end).then(|| answer.clone()));
    let error = pull_from(&client(&hub, folder.path(), token), "owner/name", &[]).unwrap_err();
    assert!(error.source().is_none(), "{error}");
    error.to_string()
}

#[test]
fn who_is_not_let_in_is_told_about_tokens() {
    let list = "?blobs=true";
    assert_eq!(
        told(list, Answer::status(401), None),
        "hub:owner/name@main: found the status 401, expected to be let in; no token was sent, HF_TOKEN or ~/token would hold one"
    );
    let closed = Answer::status(403).with("X-Error-Message", "Access is restricted");
    assert_eq!(
        told(LARGE, closed, Some(SECRET)),
        format!(
            "{LARGE} of hub:owner/name@{COMMIT}: found the status 403, expected to be let in; the token of HF_TOKEN was sent; \
             the server says \"Access is restricted\""
        )
    );
}

#[test]
fn what_is_not_there_is_named() {
    assert_eq!(
        told("?blobs=true", Answer::status(404).with("X-Error-Message", "Revision not found"), Some(SECRET)),
        "hub:owner/name@main: found nothing of that name on the hub (status 404); the token of HF_TOKEN was sent; \
         the server says \"Revision not found\""
    );
    let file = told("config.json", Answer::status(404), None);
    assert!(file.starts_with(&format!("config.json of hub:owner/name@{COMMIT}: found nothing")), "{file}");
}

#[test]
fn names_that_lead_out_of_the_cache_are_refused_before_anything_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let hub = Hub::but_first(|heard| {
        let wrong = list().replace("README.md", "../../README.md").replace("config.json", "/config.json");
        heard.path.starts_with("/api").then(|| Answer::ok(wrong))
    });
    let error = pull(&hub, &folder.path().join("cache")).unwrap_err();
    assert!(matches!(&error, Error::Files { refused, .. } if refused.len() == 2), "{error}");
    assert!(error.to_string().contains("\"../../README.md\"") && error.to_string().contains("\"/config.json\""));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    // They keep nobody from the others.
    let client = client(&hub, &folder.path().join("cache"), None);
    assert_eq!(fetched(&pull_from(&client, "hub:owner/name", &[LARGE]).unwrap()), [LARGE]);
    assert!(matches!(pull_from(&client.offline(), "hub:owner/name", &[]), Err(Error::Files { .. })));
}

#[test]
fn without_a_network_what_is_missing_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let hub = Hub::new();
    let offline = || client(&hub, folder.path(), None).offline();
    assert!(matches!(pull_from(&offline(), "owner/name", &[]), Err(Error::Unknown { .. })));
    pull_from(&client(&hub, folder.path(), None), "owner/name", &["*.json"]).unwrap();
    let asked = hub.server.heard().len();
    let error = pull_from(&offline(), "owner/name", &[]).unwrap_err();
    assert!(
        matches!(&error, Error::Missing { names, .. } if *names == [".gitattributes", "README.md", LARGE]),
        "{error}"
    );
    assert!(error.to_string().contains("README.md"), "{error}");
    let there = pull_from(&offline(), &format!("owner/name@{COMMIT}"), &["config.json"]).unwrap();
    assert_eq!((there.files().len(), there.is_listed()), (1, true));
    // Another tool may have kept no list.
    fs::remove_dir_all(folder_of(folder.path()).join("trees")).unwrap();
    let there = pull_from(&offline(), "owner/name", &[]).unwrap();
    assert_eq!((there.files()[0].name.as_str(), there.is_listed()), ("config.json", false));
    assert_eq!(hub.server.heard().len(), asked);
}

#[test]
fn files_are_chosen_by_patterns() {
    let folder = tempfile::tempdir().unwrap();
    let hub = Hub::new();
    let names = |patterns: &[&str]| {
        let snapshot = pull_from(&client(&hub, folder.path(), None), "owner/name", patterns)?;
        Ok(snapshot.files().iter().map(|file| file.name.clone()).collect::<Vec<_>>())
    };
    assert_eq!(names(&["*.bin", "config.json"]).unwrap(), ["config.json", LARGE]);
    let unmatched: Result<Vec<_>, Error> = names(&["*.bin", "*.onnx"]);
    assert!(matches!(unmatched, Err(Error::Unmatched { pattern, .. }) if pattern == "*.onnx"));
    assert!(matches!(names(&["["]), Err(Error::Pattern { .. })));
}

fn go_on(_: Event<'_>) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

#[test]
fn copying_is_told_and_can_be_broken_off() {
    let folder = tempfile::tempdir().unwrap();
    let (cache, output) = (folder.path().join("cache"), folder.path().join("output"));
    let hub = Hub::new();
    let snapshot = pull(&hub, &cache).unwrap();
    let all: u64 = snapshot.files().iter().map(|file| file.length).sum();
    let mut told = Vec::new();
    let broken_off = snapshot.clone().copy_to(&output, false, &mut |event| {
        let Event::Copied { done, total } = event else { panic!("{event:?}") };
        told.push((done, total));
        if told.len() == 2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    assert!(matches!(broken_off, Err(Error::Fetch(nid_fetch::Error::Interrupted { .. }))));
    let found = fs::read_dir(&output).unwrap().count();
    assert_eq!((found, told[0]), (1, (snapshot.files()[0].length, all)), "what was broken off does not appear");
    let mut last = 0;
    let copied = snapshot.copy_to(&output, false, &mut |event| {
        let Event::Copied { done, total } = event else { panic!("{event:?}") };
        last = total - done;
        ControlFlow::Continue(())
    });
    assert_eq!((copied.unwrap().files().len(), last), (files().len(), 0));
}

#[test]
fn files_are_copied_and_none_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let (cache, output) = (folder.path().join("cache"), folder.path().join("output"));
    let hub = Hub::new();
    let copied = pull(&hub, &cache).unwrap().copy_to(&output, false, &mut go_on).unwrap();
    assert_eq!(copied.folder(), output);
    for (file, held) in copied.files().iter().zip(files()) {
        assert_eq!((&file.path, fs::read(&file.path).unwrap()), (&output.join(held.name), held.bytes));
        assert!(!fs::symlink_metadata(&file.path).unwrap().is_symlink());
    }
    // The same again changes nothing; another file is not replaced, nor anything beside it.
    pull(&hub, &cache).unwrap().copy_to(&output, false, &mut go_on).unwrap();
    fs::write(output.join("config.json"), "mine").unwrap();
    fs::remove_file(output.join("README.md")).unwrap();
    let refused = pull(&hub, &cache).unwrap().copy_to(&output, false, &mut go_on);
    assert!(matches!(refused, Err(Error::Fetch(nid_fetch::Error::Exists { path })) if path.ends_with("config.json")));
    assert_eq!(
        (fs::read_to_string(output.join("config.json")).unwrap(), output.join("README.md").exists()),
        ("mine".to_owned(), false)
    );
    pull(&hub, &cache).unwrap().copy_to(&output, true, &mut go_on).unwrap();
    assert_eq!(fs::read(output.join("config.json")).unwrap(), files()[2].bytes);
}

fn settings(variables: &[(&str, &str)], home: Option<&str>) -> Result<Settings, Error> {
    let value = |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| OsString::from(value));
    Settings::from_variables(value, home.map(PathBuf::from))
}

#[test]
fn the_environment_says_where_and_who() {
    let cache = |variables: &[(&str, &str)]| {
        let repository: Repository = "a/b".parse().unwrap();
        settings(variables, Some("/me")).unwrap().cache.folder(&repository).display().to_string()
    };
    assert_eq!(cache(&[]), "/me/.cache/huggingface/hub/models--a--b");
    assert_eq!(cache(&[("XDG_CACHE_HOME", "/x"), ("HF_HOME", "")]), "/x/huggingface/hub/models--a--b");
    assert_eq!(cache(&[("XDG_CACHE_HOME", "/x"), ("HF_HOME", "/h")]), "/h/hub/models--a--b");
    assert_eq!(cache(&[("HF_HOME", "/h"), ("HF_HUB_CACHE", "/c")]), "/c/models--a--b");
    assert!(matches!(settings(&[], None), Err(Error::NoHome)));

    let offline = |value| settings(&[("HF_HUB_OFFLINE", value)], Some("/me")).unwrap().offline;
    assert_eq!(["1", "True", "yes", "0", "", "no"].map(offline), [true, true, true, false, false, false]);
    let token = |variables: &[(&str, &str)]| settings(variables, Some("/me")).unwrap().token.is_some();
    assert!(token(&[("HF_TOKEN", SECRET)]));
    assert!(!token(&[("HF_TOKEN", SECRET), ("HF_HUB_DISABLE_IMPLICIT_TOKEN", "1")]));
    let address = |variables: &[(&str, &str)]| settings(variables, Some("/me")).unwrap().address;
    assert_eq!(address(&[("HF_ENDPOINT", "http://h.test/")]).as_deref(), Some("http://h.test/"));
    assert_eq!(address(&[]).is_some(), cfg!(feature = "hub"));
}

#[test]
fn a_wrong_address_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let there = |address: Option<&str>| {
        let settings = Settings {
            address: address.map(str::to_owned),
            cache: Cache::new(folder.path()),
            ..settings(&[], Some("/me")).unwrap()
        };
        pull_from(&hub::Hub::new(settings, Client::new(Proxies::default(), Patience::default())), "a/b", &[])
    };
    assert!(matches!(there(None), Err(Error::NoAddress)));
    assert!(matches!(there(Some("h.test")), Err(Error::Address(_))));
}
