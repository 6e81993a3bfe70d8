//! A file is fetched whole, however often the connection breaks and whatever the server says.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::error::Error as _;
use std::fs;
use std::ops::ControlFlow;
use std::path::Path;
use std::time::{Duration, Instant};

use nid_fetch::{Address, Arrived, Checksum, Client, Download, Error, Event, Failure, Patience, Proxies};
use support::{Answer, Heard, Server};

/// Of `body()`, by Python's hashlib.
const SHA256: &str = "e24bc62381f1224fbbb74688663f8f9743b9680b193edd666835e97b06e730eb";
const TAG: &str = "\"one\"";

fn body() -> Vec<u8> {
    (0..200_000_u32).map(|number| (number % 251) as u8).collect()
}

fn client(tries: u32) -> Client {
    let patience =
        Patience { tries, pause: Duration::from_millis(1), most: Duration::from_secs(2), ..Patience::default() };
    Client::new(Proxies::default(), patience)
}

fn fetch(client: &Client, server: &Server, folder: &Path, sha256: Option<&str>) -> Result<Arrived, Error> {
    let address: Address = server.at("/file").parse().unwrap();
    let checksum = sha256.map(|digits| Checksum::try_from(digits.to_owned()).unwrap());
    let download = Download { checksum, most: 1 << 20, ..Download::of(&address) };
    client.fetch(&download, &folder.join("partial"), &mut |_| ControlFlow::Continue(()))
}

/// Why a download failed, and after how many tries.
fn failure(result: Result<Arrived, Error>) -> (Failure, u32) {
    match result {
        Err(Error::Download { source, tries, .. }) => (*source, tries),
        other => panic!("expected a failed download, found {other:?}"),
    }
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_broken_download_goes_on_where_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::new(|heard| Some(Answer::file(heard, &body(), TAG).cut(80_000)));
    for done in [80_000, 160_000] {
        let (broken, _) = failure(fetch(&client(1), &server, folder.path(), Some(SHA256)));
        assert!(matches!(broken, Failure::Transfer { done: kept, .. } if kept == done), "{broken}");
    }
    let arrived = fetch(&client(1), &server, folder.path(), Some(&SHA256.to_uppercase())).unwrap();
    assert_eq!((fs::read(arrived.path()).unwrap(), arrived.sha256()), (body(), SHA256));
    assert_eq!(server.asked(), [0, 80_000, 160_000]);
    let known: Vec<_> = server.heard().iter().map(|heard| heard.header("if-range").map(str::to_owned)).collect();
    assert_eq!(known, [None, Some(TAG.to_owned()), Some(TAG.to_owned())]);
}

#[test]
fn a_connection_that_breaks_is_made_again() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::new(|heard| Some(Answer::file(heard, &body(), TAG).cut(80_000)));
    assert_eq!(fetch(&client(3), &server, folder.path(), None).unwrap().sha256(), SHA256);
    assert_eq!(server.asked(), [0, 80_000, 160_000]);
    // Where nothing more comes, it is not made again for ever.
    let folder = tempfile::tempdir().unwrap();
    let server =
        Server::new(|heard| Some(Answer::file(heard, &body(), TAG).cut(if heard.from() == 0 { 1000 } else { 0 })));
    let (broken, tries) = failure(fetch(&client(4), &server, folder.path(), None));
    assert!(matches!(broken, Failure::Transfer { done: 1000, .. }), "{broken}");
    assert_eq!((tries, server.asked()), (4, vec![0, 1000, 1000, 1000]));
}

#[test]
fn a_server_that_hangs_up_at_once_is_asked_again() {
    let folder = tempfile::tempdir().unwrap();
    let mut calls = 0;
    let server = Server::new(move |heard| {
        calls += 1;
        (calls > 2).then(|| Answer::file(heard, &body(), TAG))
    });
    assert_eq!(fetch(&client(3), &server, folder.path(), None).unwrap().sha256(), SHA256);
}

/// A server whose file changes after its first answer, which breaks off; then it answers as it is told.
fn changing(tag: &'static str, mut then: impl FnMut(&Heard) -> Answer + Send + 'static) -> Server {
    let mut calls = 0;
    Server::new(move |heard| {
        calls += 1;
        Some(if calls == 1 { Answer::file(heard, &body(), tag).cut(80_000) } else { then(heard) })
    })
}

fn other() -> Vec<u8> {
    body().iter().map(|byte| byte ^ 1).collect()
}

#[track_caller]
fn check_changed(server: &Server, sha256: Option<&str>, asked: &[usize]) {
    let folder = tempfile::tempdir().unwrap();
    failure(fetch(&client(1), server, folder.path(), sha256));
    let arrived = fetch(&client(3), server, folder.path(), sha256).unwrap();
    assert_eq!(fs::read(arrived.path()).unwrap(), other());
    assert_eq!(server.asked(), asked);
}

#[test]
fn a_file_that_has_changed_is_never_stitched_together() {
    // The server sees that it is another file, and sends all of it.
    check_changed(&changing(TAG, |heard| Answer::file(heard, &other(), "\"two\"")), None, &[0, 80_000]);
    // It sends the rest all the same, but says of which file.
    let rest = |heard: &Heard| match heard.from() {
        0 => Answer::ok(other()),
        from => Answer::part(from, &other()).with("ETag", "\"two\""),
    };
    check_changed(&changing(TAG, rest), None, &[0, 80_000, 0]);
    // It does not say, but the length is another.
    let longer = |heard: &Heard| match heard.from() {
        0 => Answer::ok(other()),
        from => Answer::part(from, &[other(), other()].concat()),
    };
    check_changed(&changing(TAG, longer), None, &[0, 80_000, 0]);
    // It never says which file it is, so that nothing is gone on with.
    check_changed(&changing("", |heard| Answer::file(heard, &other(), "")), None, &[0, 0]);
    let folder = tempfile::tempdir().unwrap();
    let server = changing("", |heard| Answer::file(heard, &other(), ""));
    let arrived = fetch(&client(2), &server, folder.path(), None).unwrap();
    assert_eq!((fs::read(arrived.path()).unwrap(), server.asked()), (other(), vec![0, 0]));
    // A weak tag says no more than that.
    check_changed(&changing("W/\"one\"", |heard| Answer::file(heard, &other(), "")), None, &[0, 0]);
    // The digest tells, in the end; this one is by Python's hashlib too.
    let sha256 = "f5a5a59d9941fabf6349d2af84eea7e30339aed190bacb623eb3e778dcbba681";
    check_changed(&changing("", |heard| Answer::file(heard, &other(), "")), Some(sha256), &[0, 80_000, 0]);
}

#[test]
fn a_part_of_another_address_is_not_gone_on_with() {
    let folder = tempfile::tempdir().unwrap();
    let one = Server::new(|heard| Some(Answer::file(heard, &body(), TAG).cut(80_000)));
    failure(fetch(&client(1), &one, folder.path(), None));
    let other = Server::new(|heard| Some(Answer::file(heard, &body(), TAG)));
    assert_eq!(fetch(&client(1), &other, folder.path(), None).unwrap().sha256(), SHA256);
    assert_eq!(other.asked(), [0]);
}

#[test]
fn who_breaks_it_off_can_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::new(|heard| Some(Answer::file(heard, &body(), TAG)));
    let address: Address = server.at("/file").parse().unwrap();
    let mut reports = Vec::new();
    let stopped = client(1).fetch(&Download::of(&address), &folder.path().join("partial"), &mut |event| {
        let Event::Arrived { done, total } = event else { panic!("{event:?}") };
        reports.push((done, total));
        if done > 100_000 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    let Err(Error::Interrupted { done }) = stopped else { panic!("expected an interruption") };
    assert!(done > 100_000 && reports.is_sorted());
    assert_eq!((reports.first(), reports.last()), (Some(&(0, Some(200_000))), Some(&(done, Some(200_000)))));
    assert_eq!(fetch(&client(1), &server, folder.path(), None).unwrap().sha256(), SHA256);
    assert_eq!(server.asked(), [0, done as usize]);
}

#[test]
fn what_is_complete_is_not_fetched_again() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::new(|heard| Some(Answer::file(heard, &body(), TAG)));
    drop(fetch(&client(1), &server, folder.path(), None).unwrap());
    assert_eq!(fetch(&client(1), &server, folder.path(), Some(SHA256)).unwrap().sha256(), SHA256);
    assert_eq!(server.asked(), [0]);
    // Where the length was never told, the server is asked whether there is more.
    let folder = tempfile::tempdir().unwrap();
    let server = Server::new(|heard| Some(Answer::file(heard, &body(), TAG).saying(None)));
    drop(fetch(&client(1), &server, folder.path(), None).unwrap());
    assert_eq!(fetch(&client(1), &server, folder.path(), None).unwrap().sha256(), SHA256);
    assert_eq!(server.asked(), [0, 200_000]);
}

#[test]
fn two_at_a_time_do_not_write_to_one_file() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::new(|heard| Some(Answer::file(heard, &body(), TAG)));
    let first = fetch(&client(1), &server, folder.path(), None).unwrap();
    assert!(matches!(fetch(&client(1), &server, folder.path(), None), Err(Error::InUse { .. })));
    drop(first);
    fetch(&client(1), &server, folder.path(), None).unwrap();
}

#[test]
fn another_file_is_refused_and_removed() {
    let folder = tempfile::tempdir().unwrap();
    let expected = "0".repeat(64);
    let server = Server::new(|heard| Some(Answer::file(heard, &body(), TAG)));
    let (error, _) = failure(fetch(&client(3), &server, folder.path(), Some(&expected)));
    assert_eq!(error.to_string(), format!("found SHA-256 {SHA256}, expected SHA-256 {expected}"));
    assert_eq!((names(folder.path()), server.asked()), (vec![], vec![0]));
}

#[test]
fn lengths_are_compared_with_what_comes() {
    let failed = |answer: Answer| {
        let folder = tempfile::tempdir().unwrap();
        failure(fetch(&client(2), &Server::script([answer]), folder.path(), Some(SHA256))).0
    };
    // Said to be longer than what is sent, before the connection is closed.
    let error = failed(Answer::ok(body()).saying(Some(300_000)));
    assert!(matches!(error, Failure::Transfer { done: 200_000, .. } | Failure::Checksum { .. }), "{error}");
    // Said to be shorter: what is beyond that is no part of the file.
    assert!(matches!(failed(Answer::ok(body()).saying(Some(1000))), Failure::Checksum { .. }));
    // Beyond all bounds, told at once or found out.
    let long = Answer::ok(vec![0; 3 << 20]);
    assert!(matches!(failed(long.clone().saying(Some(usize::MAX)).cut(1)), Failure::Long { most: 0x10_0000 }));
    assert!(matches!(failed(long.saying(None)), Failure::Long { most: 0x10_0000 }));
}

#[test]
fn a_known_length_is_not_argued_with() {
    let folder = tempfile::tempdir().unwrap();
    let failed = |answer: Answer| {
        let server = Server::script([answer]);
        let address: Address = server.at("/file").parse().unwrap();
        let download = Download { length: Some(1000), ..Download::of(&address) };
        failure(client(2).fetch(&download, &folder.path().join("partial"), &mut |_| ControlFlow::Continue(()))).0
    };
    let body = &body()[..2000];
    assert!(matches!(failed(Answer::ok(body)), Failure::Length { found: 2000, expected: 1000 }));
    assert!(matches!(failed(Answer::ok(body).saying(None)), Failure::Long { most: 1000 }));
    let short = failed(Answer::ok(body).saying(None).cut(500));
    assert!(matches!(short, Failure::Short { found: 500, expected: 1000 }), "{short}");
}

#[test]
fn a_part_that_was_not_asked_for_is_not_taken() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::new(|heard| {
        Some(match heard.from() {
            0 => Answer::file(heard, &body(), TAG).cut(1000),
            from => Answer::part(from + 1, &body()),
        })
    });
    let (error, _) = failure(fetch(&client(2), &server, folder.path(), None));
    assert!(matches!(&error, Failure::Part { expected: 1000, .. }), "{error}");
    let answer = Answer::part(0, &body());
    let unasked = failure(fetch(&client(1), &Server::script([answer]), tempfile::tempdir().unwrap().path(), None)).0;
    assert!(matches!(&unasked, Failure::Part { expected: 0, .. }), "{unasked}");
}

#[test]
fn a_busy_server_is_asked_again_when_it_says() {
    let folder = tempfile::tempdir().unwrap();
    let busy = Answer::status(429).with("Retry-After", "1");
    let server = Server::script([busy, Answer::ok(body())]);
    let address: Address = server.at("/file").parse().unwrap();
    let (began, mut causes) = (Instant::now(), Vec::new());
    let fetched = client(2).fetch(&Download::of(&address), &folder.path().join("partial"), &mut |event| {
        if let Event::Waiting { cause, .. } = event {
            causes.push(cause.to_string());
        }
        ControlFlow::Continue(())
    });
    assert_eq!(fetched.unwrap().sha256(), SHA256);
    assert!(began.elapsed() >= Duration::from_secs(1) && causes[0].contains("429"), "{causes:?}");

    let server = Server::script([Answer::status(429).with("Retry-After", "3")]);
    let (error, _) = failure(fetch(&client(5), &server, folder.path(), Some(&"0".repeat(64))));
    assert_eq!(error.to_string(), "found the status 429: to be asked again in 3 seconds, expected no more than 2");
    assert_eq!(server.asked().len(), 1);
}

#[test]
fn a_wait_can_be_broken_off() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::script([Answer::status(503).with("Retry-After", "2")]);
    let address: Address = server.at("/file").parse().unwrap();
    let began = Instant::now();
    let stopped = client(9).fetch(&Download::of(&address), &folder.path().join("partial"), &mut |event| match event {
        Event::Waiting { .. } => ControlFlow::Break(()),
        Event::Arrived { .. } | Event::Copied { .. } => ControlFlow::Continue(()),
    });
    assert!(matches!(stopped, Err(Error::Interrupted { done: 0 })) && began.elapsed() < Duration::from_secs(1));
}

#[test]
fn a_server_in_trouble_is_asked_again_but_not_for_ever() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::script([Answer::status(500), Answer::status(503), Answer::ok(body())]);
    assert_eq!(fetch(&client(3), &server, folder.path(), None).unwrap().sha256(), SHA256);
    for (status, tries) in [(500, 4), (502, 4), (503, 4), (504, 4), (404, 1), (403, 1), (501, 1), (304, 1)] {
        let folder = tempfile::tempdir().unwrap();
        let server = Server::script([Answer::status(status)]);
        let (error, tried) = failure(fetch(&client(4), &server, folder.path(), None));
        assert!(matches!(error, Failure::Status { status: found, .. } if found == status), "{error}");
        assert_eq!((tried, server.asked().len()), (tries, tries as usize), "{status}");
    }
}

#[test]
fn nobody_at_the_address_is_told_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let address: Address = "http://127.0.0.1:1/".parse().unwrap();
    let fetched =
        client(9).fetch(&Download::of(&address), &folder.path().join("partial"), &mut |_| ControlFlow::Continue(()));
    let (error, tries) = failure(fetched);
    assert!(matches!(error, Failure::Connection(_)) && tries == 1 && error.source().is_some(), "{error}");
}

#[test]
fn a_file_is_given_its_name_only_where_nothing_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    let server = Server::new(|heard| Some(Answer::file(heard, &body(), TAG)));
    fs::write(&path, "before").unwrap();
    let arrived = fetch(&client(1), &server, folder.path(), None).unwrap();
    assert!(matches!(arrived.persist(&path, false), Err(Error::Exists { .. })));
    assert_eq!(fs::read_to_string(&path).unwrap(), "before");
    // What has arrived is still there.
    fetch(&client(1), &server, folder.path(), None).unwrap().persist(&path, true).unwrap();
    assert_eq!((fs::read(&path).unwrap(), server.asked().len()), (body(), 1));
    assert_eq!(names(folder.path()), ["file"]);
}
