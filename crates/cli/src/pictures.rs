//! The pictures that come in, in batches: the next batch is decoded while the last is captioned.
//!
//! However many paths there are and however large the photos, what is held is at most three batches of
//! pictures of the encoder's size, and as many photos of full size as there are threads.

use std::io::{self, BufRead};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use nid_data::photos::{self, display};
use nid_data::picture::{self, Limits, Picture};
use nid_decode::Settings;
use nid_engine::{Caption, Captioner, Preprocessing, seed_of};
use rayon::prelude::*;

use crate::interrupt::{self, Interrupted};

/// How often a wait is broken off to see whether Ctrl-C was pressed.
const GLANCE: Duration = Duration::from_millis(50);

/// A photo's path, or why there is none.
pub(crate) type Found = Result<PathBuf, photos::Error>;

/// The photos meant by the paths; `-` stands for the paths on standard input, a line each.
pub(crate) fn find(paths: Vec<PathBuf>, recursive: bool) -> impl Iterator<Item = Found> + Send {
    paths.into_iter().flat_map(move |path| -> Box<dyn Iterator<Item = Found> + Send> {
        if is_standard_input(&path) {
            Box::new(lines().flat_map(move |line| match line {
                Ok(path) => photos::find([path], recursive).collect(),
                Err(source) => vec![Err(photos::Error::Open { path: PathBuf::from("-"), source })],
            }))
        } else {
            Box::new(photos::find([path], recursive))
        }
    })
}

/// Whether the path stands for the paths on standard input.
pub(crate) fn is_standard_input(path: &Path) -> bool {
    path == Path::new("-")
}

/// The paths on standard input, which need not be UTF-8. Empty lines are none.
fn lines() -> impl Iterator<Item = io::Result<PathBuf>> + Send {
    let mut input = io::BufReader::new(io::stdin());
    std::iter::from_fn(move || {
        loop {
            let mut line = Vec::new();
            match input.read_until(b'\n', &mut line) {
                Ok(0) => return None,
                Ok(_) => {}
                Err(error) => return Some(Err(error)),
            }
            let end = line.iter().rposition(|byte| !matches!(byte, b'\r' | b'\n'));
            line.truncate(end.map_or(0, |end| end + 1));
            if !line.is_empty() {
                return Some(Ok(path_of(line)));
            }
        }
    })
}

#[cfg(unix)]
fn path_of(bytes: Vec<u8>) -> PathBuf {
    use std::os::unix::ffi::OsStringExt;
    std::ffi::OsString::from_vec(bytes).into()
}

#[cfg(not(unix))]
fn path_of(bytes: Vec<u8>) -> PathBuf {
    String::from_utf8_lossy(&bytes).into_owned().into()
}

/// A photo that was looked for.
struct Photo {
    path: PathBuf,
    /// The picture; or why there is none, the path included.
    picture: Result<Seen>,
}

/// A picture ready for the encoder.
struct Seen {
    /// The picture at the encoder's size.
    picture: Picture,
    /// Follows from the file's bytes: what is drawn at random depends on nothing else.
    seed: u64,
}

/// How a file becomes a picture.
#[derive(Clone)]
pub(crate) struct Reader {
    pub(crate) limits: Limits,
    pub(crate) preprocessing: Preprocessing,
}

impl Reader {
    fn photo(&self, found: Found) -> Photo {
        match found {
            Ok(path) => {
                let picture = self.see(&path).with_context(|| display(&path));
                Photo { path, picture }
            }
            Err(error) => Photo { path: error.path().to_owned(), picture: Err(error.into()) },
        }
    }

    fn see(&self, path: &Path) -> Result<Seen> {
        let bytes = picture::read(path, &self.limits)?;
        let picture = Picture::decode(&bytes, &self.limits)?;
        let Preprocessing { width, height, fit, filter, .. } = self.preprocessing;
        Ok(Seen { picture: picture.fit(width, height, fit, filter), seed: seed_of(&bytes) })
    }
}

/// Photos that go through the model together.
pub(crate) struct Batch {
    photos: Vec<Photo>,
    /// Whether this one photo is all there is.
    pub(crate) alone: bool,
}

/// A photo that was captioned, or not.
pub(crate) struct Described {
    pub(crate) path: PathBuf,
    /// At least one caption, best first; or why there is none, the path included.
    pub(crate) captions: Result<Vec<Caption>>,
}

impl Batch {
    /// Captions the pictures together.
    pub(crate) fn describe(self, captioner: &Captioner, settings: &Settings) -> Result<Vec<Described>> {
        let (mut pictures, mut seeds, mut photos) = (Vec::new(), Vec::new(), Vec::new());
        for Photo { path, picture } in self.photos {
            let seen = picture.map(|seen| {
                pictures.push(seen.picture);
                seeds.push(seen.seed);
            });
            photos.push((path, seen));
        }
        let captions = if pictures.is_empty() { vec![] } else { captioner.caption(&pictures, &seeds, settings)? };
        let mut captions = captions.into_iter();
        let described = photos.into_iter().map(|(path, seen)| {
            let captions = seen.and_then(|()| {
                let found = captions.next().filter(|found| !found.is_empty());
                found.ok_or_else(|| anyhow!("{}: no sentence is possible with these settings", display(&path)))
            });
            Described { path, captions }
        });
        Ok(described.collect())
    }
}

/// All batches, in order. Ends with an error when Ctrl-C is pressed.
pub(crate) struct Batches {
    received: Receiver<Batch>,
    decoder: Option<JoinHandle<()>>,
}

impl Batches {
    /// Begins to decode.
    pub(crate) fn of(found: impl Iterator<Item = Found> + Send + 'static, reader: Reader, size: NonZeroUsize) -> Self {
        let (sent, received) = mpsc::sync_channel(1);
        let decoder = thread::spawn(move || decode(found, &reader, size, &sent));
        Self { received, decoder: Some(decoder) }
    }
}

fn decode(found: impl Iterator<Item = Found>, reader: &Reader, size: NonZeroUsize, sent: &SyncSender<Batch>) {
    let mut found = found.peekable();
    let mut is_first = true;
    loop {
        let batch: Vec<Found> = found.by_ref().take(size.get()).collect();
        if batch.is_empty() {
            return;
        }
        let alone = is_first && batch.len() == 1 && found.peek().is_none();
        let photos = batch.into_par_iter().map(|found| reader.photo(found)).collect();
        is_first = false;
        // Nobody receives any more: the work has ended early.
        if sent.send(Batch { photos, alone }).is_err() {
            return;
        }
    }
}

impl Iterator for Batches {
    type Item = Result<Batch>;

    fn next(&mut self) -> Option<Result<Batch>> {
        loop {
            let received = self.received.recv_timeout(GLANCE);
            if interrupt::is_pressed() {
                return Some(Err(Interrupted.into()));
            }
            match received {
                Ok(batch) => return Some(Ok(batch)),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    let panicked = self.decoder.take().is_some_and(|decoder| decoder.join().is_err());
                    return panicked.then(|| Err(anyhow!("the decoder of pictures has panicked")));
                }
            }
        }
    }
}
