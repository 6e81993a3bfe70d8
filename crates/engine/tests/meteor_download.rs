//! An archive is fetched whole, however often the connection breaks. The server is a thread of this test.

#![cfg(feature = "download")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::thread;

use nid_engine::meteor::{Download, Downloaded, Error, Failure};

/// Of `body()`, by Python's hashlib.
const SHA256: &str = "e24bc62381f1224fbbb74688663f8f9743b9680b193edd666835e97b06e730eb";

fn body() -> Vec<u8> {
    (0..200_000_u32).map(|number| (number % 251) as u8).collect()
}

/// How a server answers.
#[derive(Clone, Copy)]
enum Manner {
    /// As it should, but each connection breaks after so many bytes.
    Ranges { bytes: usize },
    /// Whatever is asked for, it sends all.
    Whole,
    /// Another part than was asked for.
    WrongPart,
    /// It has no such file.
    Nothing,
}

/// A server of one file, and the first byte that each request asked for.
struct Server {
    url: String,
    asked: Arc<Mutex<Vec<usize>>>,
}

impl Server {
    fn new(manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/meteor.tar.gz", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&asked);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let from = requested(&stream);
                seen.lock().unwrap().push(from);
                // A client that has seen enough hangs up.
                let _ = answer(&mut stream, manner, from);
            }
        });
        Self { url, asked }
    }

    fn asked(&self) -> Vec<usize> {
        self.asked.lock().unwrap().clone()
    }

    fn fetch(&self, folder: &Path, sha256: Option<&str>) -> Result<Downloaded, Error> {
        Download { url: &self.url, sha256 }.fetch(folder, |_, _| ControlFlow::Continue(()))
    }
}

fn requested(stream: &TcpStream) -> usize {
    let lines = BufReader::new(stream).lines().map(|line| line.unwrap().to_ascii_lowercase());
    let head: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
    let range = head.iter().find_map(|line| line.strip_prefix("range: bytes=")?.strip_suffix('-'));
    range.map_or(0, |from| from.parse().unwrap())
}

fn answer(stream: &mut TcpStream, manner: Manner, from: usize) -> std::io::Result<()> {
    let body = body();
    let all = body.len();
    let (status, from, count) = match manner {
        Manner::Nothing => ("404 Not Found", all, 0),
        Manner::Ranges { .. } if from >= all => ("416 Range Not Satisfiable", all, 0),
        Manner::Ranges { bytes } if from > 0 => ("206 Partial Content", from, bytes),
        Manner::Ranges { bytes } => ("200 OK", 0, bytes),
        Manner::Whole => ("200 OK", 0, all),
        Manner::WrongPart if from > 0 => ("206 Partial Content", from + 1, all),
        Manner::WrongPart => ("200 OK", 0, 1000),
    };
    let range = if from < all { format!("bytes {from}-{}/{all}", all - 1) } else { format!("bytes */{all}") };
    let length = all - from;
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nContent-Range: {range}\r\nConnection: close\r\n\r\n"
    )?;
    stream.write_all(&body[from..(from + count).min(all)])
}

fn failure(error: Error) -> Failure {
    match error {
        Error::Download { source, .. } => *source,
        other => panic!("expected a failed download, found {other}"),
    }
}

fn files(folder: &Path) -> usize {
    fs::read_dir(folder).unwrap().count()
}

#[test]
fn a_broken_download_goes_on_where_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::new(Manner::Ranges { bytes: 80_000 });
    for done in [80_000, 160_000] {
        let broken = failure(server.fetch(folder.path(), Some(SHA256)).unwrap_err());
        let kept = match broken {
            Failure::Transfer { done, .. } | Failure::Short { found: done, .. } => done,
            other => panic!("{other}"),
        };
        assert_eq!(kept, done);
    }
    let fetched = server.fetch(folder.path(), Some(&SHA256.to_uppercase())).unwrap();
    assert_eq!(fs::read(fetched.path()).unwrap(), body());
    assert_eq!(fetched.sha256(), SHA256);
    assert_eq!(server.asked(), [0, 80_000, 160_000]);
    drop(fetched);
    assert_eq!(files(folder.path()), 0);
}

#[test]
fn who_breaks_it_off_can_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::new(Manner::Ranges { bytes: usize::MAX / 2 });
    let mut reports = Vec::new();
    let interrupted = Download { url: &server.url, sha256: None }.fetch(folder.path(), |done, total| {
        reports.push((done, total));
        if done > 100_000 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    let Err(Error::Interrupted { done }) = interrupted else { panic!("expected an interruption") };
    assert!(done > 100_000 && reports.is_sorted());
    assert_eq!((reports.first(), reports.last()), (Some(&(0, Some(200_000))), Some(&(done, Some(200_000)))));
    assert_eq!(server.fetch(folder.path(), None).unwrap().sha256(), SHA256);
    assert_eq!(server.asked(), [0, done as usize]);
}

#[test]
fn what_was_complete_is_not_fetched_again() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::new(Manner::Ranges { bytes: usize::MAX / 2 });
    let stopped = Download { url: &server.url, sha256: None }.fetch(folder.path(), |done, total| {
        if Some(done) == total { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    assert!(matches!(stopped, Err(Error::Interrupted { done: 200_000 })));
    assert_eq!(server.fetch(folder.path(), Some(SHA256)).unwrap().sha256(), SHA256);
    assert_eq!(server.asked(), [0, 200_000]);
}

#[test]
fn more_than_there_is_to_fetch_is_fetched_anew() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::new(Manner::Ranges { bytes: 1000 });
    server.fetch(folder.path(), None).unwrap_err();
    let partial = fs::read_dir(folder.path()).unwrap().next().unwrap().unwrap().path();
    fs::write(&partial, vec![0; 300_000]).unwrap();
    server.fetch(folder.path(), None).unwrap_err();
    assert_eq!(server.asked(), [0, 300_000, 0]);
    assert_eq!(fs::read(&partial).unwrap(), body()[..1000]);
}

#[test]
fn a_server_without_ranges_sends_it_all_again() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::new(Manner::Whole);
    let stop = Download { url: &server.url, sha256: None }
        .fetch(folder.path(), |done, _| if done > 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) });
    assert!(matches!(stop, Err(Error::Interrupted { .. })));
    assert_eq!(server.fetch(folder.path(), Some(SHA256)).unwrap().sha256(), SHA256);
}

#[test]
fn another_archive_is_refused_and_removed() {
    let folder = tempfile::tempdir().unwrap();
    let expected = "0".repeat(64);
    let server = Server::new(Manner::Whole);
    let error = failure(server.fetch(folder.path(), Some(&expected)).unwrap_err());
    assert_eq!(error.to_string(), format!("found SHA-256 {SHA256}, expected {expected}"));
    assert_eq!(files(folder.path()), 0);
}

#[test]
fn a_server_that_answers_otherwise_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let error = Server::new(Manner::Nothing).fetch(folder.path(), None).unwrap_err();
    assert!(matches!(failure(error), Failure::Status(404)));
    let server = Server::new(Manner::WrongPart);
    server.fetch(folder.path(), None).unwrap_err();
    let error = failure(server.fetch(folder.path(), None).unwrap_err());
    assert!(matches!(&error, Failure::Part { expected: 1000, .. }), "{error}");
    let nobody = Download { url: "http://127.0.0.1:1/", sha256: None };
    let error = failure(nobody.fetch(folder.path(), |_, _| ControlFlow::Continue(())).unwrap_err());
    assert!(matches!(error, Failure::Connection(_)), "{error}");
}
