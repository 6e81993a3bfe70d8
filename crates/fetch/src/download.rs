//! A file that comes whole, in however many parts.

use std::io::Read;
use std::ops::ControlFlow;
use std::path::Path;
use std::time::Duration;

use ureq::Body;
use ureq::http::{Response, StatusCode, header};

use crate::checksum::{self, Checksum};
use crate::client::{Client, Ended, Request, Rest, failed, text};
use crate::partial::{Origin, Partial};
use crate::{Address, Error, Failure};

/// What is to be fetched, and what is known of it.
#[derive(Clone, Debug)]
pub struct Download<'a> {
    /// Where it is.
    pub address: &'a Address,
    /// What opens it. It is sent to the address's own server, never to one that this sends on to.
    pub token: Option<&'a str>,
    /// Its length in bytes.
    pub length: Option<u64>,
    /// What its bytes must give.
    pub checksum: Option<Checksum>,
    /// The most that is fetched, in bytes.
    pub most: u64,
}

/// How a download goes.
#[derive(Debug)]
pub enum Event<'a> {
    /// So many bytes are here.
    Arrived {
        /// Bytes, those from before included.
        done: u64,
        /// Of how many, where it is known.
        total: Option<u64>,
    },
    /// So many bytes of what is here have been copied to where they are wanted.
    Copied {
        /// Bytes, those of files that were there before left out.
        done: u64,
        /// Of how many.
        total: u64,
    },
    /// A try failed; another one follows. Told again and again until then.
    Waiting {
        /// When.
        left: Duration,
        /// Why the last try failed.
        cause: &'a Failure,
    },
}

/// Is told how a download goes, and may break it off; what has arrived then stays.
pub type Report<'a> = dyn FnMut(Event<'_>) -> ControlFlow<()> + 'a;

/// A file that has arrived whole, and is what was meant as far as that can be known. It lies under another name until it
/// is given its own, and stays there if it is not.
#[derive(Debug)]
pub struct Arrived {
    partial: Partial,
    sha256: String,
}

impl Arrived {
    /// Where it lies.
    pub fn path(&self) -> &Path {
        self.partial.path()
    }

    /// Its length in bytes.
    pub fn length(&self) -> u64 {
        self.partial.length()
    }

    /// Its SHA-256 in hexadecimal digits.
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// Gives it its name, in the same folder or another one of the same disk; a file of that name is replaced only if
    /// that is asked for.
    ///
    /// # Errors
    /// If there is such a file, or the folder cannot be written.
    pub fn persist(self, path: &Path, replace: bool) -> Result<(), Error> {
        self.partial.persist(path, replace)
    }

    /// Throws it away.
    pub fn remove(self) {
        self.partial.remove();
    }
}

impl<'a> Download<'a> {
    /// A file of which nothing but the address is known.
    pub fn of(address: &'a Address) -> Self {
        Self { address, token: None, length: None, checksum: None, most: u64::MAX }
    }
}

impl Client {
    /// Fetches a file, or the rest of it, into `partial`, whose folder is there. The file `partial` and a small one
    /// beside it, `.json`, are kept if that fails, so that the next call goes on from there.
    ///
    /// # Errors
    /// If it cannot be fetched, is not what was meant, or the report breaks it off.
    pub fn fetch(&self, download: &Download<'_>, partial: &Path, report: &mut Report<'_>) -> Result<Arrived, Error> {
        let mut partial = Partial::open(partial, download.address)?;
        let mut is_stitched = partial.length() > 0;
        loop {
            let received = self.again(download.address, partial.length(), report, |report, arrived| {
                let received = self.receive(download, &mut partial, report);
                *arrived = partial.length();
                received
            });
            if let Err(error) = received {
                // There is nothing to go on from.
                if partial.length() == 0 {
                    partial.remove();
                }
                return Err(error);
            }
            match judge(download.checksum.as_ref(), &mut partial) {
                Ok(sha256) => return Ok(Arrived { partial, sha256 }),
                // The part from before may have been of another file: the whole is asked for once more.
                Err(Failure::Checksum { .. }) if is_stitched => is_stitched = false,
                Err(failure) => {
                    partial.remove();
                    let (address, source) = (download.address.clone(), Box::new(failure));
                    return Err(Error::Download { address, tries: 1, source });
                }
            }
            let begun = partial.begin(Origin::new(download.address, None, None));
            begun.map_err(|source| Error::Write { path: partial.path().to_owned(), source })?;
        }
    }

    /// Receives what is still missing.
    fn receive(&self, wanted: &Download<'_>, partial: &mut Partial, report: &mut Report<'_>) -> Result<(), Ended> {
        let anew = Origin::new(wanted.address, None, None);
        if wanted.length.or(partial.origin().total) == Some(partial.length()) {
            return Ok(());
        }
        if partial.origin().validator.is_none() && wanted.checksum.is_none() {
            // Nothing would tell whether the rest is of the same file.
            partial.begin(anew.clone())?;
        }
        let (from, before) = (partial.length(), partial.origin().clone());
        let rest = (from > 0).then_some(Rest { from, validator: before.validator.as_deref() });
        let response = self.send(&Request { address: wanted.address, token: wanted.token, rest })?;
        let total = match response.status() {
            StatusCode::PARTIAL_CONTENT => part(&response, from, &before),
            StatusCode::OK => {
                let total = response.body().content_length();
                partial.begin(Origin::new(wanted.address, new_validator(&response), total))?;
                Ok(total)
            }
            // Nothing follows what is there: it is all of the file, or it is of another one.
            StatusCode::RANGE_NOT_SATISFIABLE if is_all(&response, from) => return Ok(()),
            StatusCode::RANGE_NOT_SATISFIABLE if from > 0 => Err(Failure::Changed),
            _ => return Err(failed(&response).into()),
        };
        if total.is_err() {
            partial.begin(anew)?;
        }
        let total = total?;
        wanted.check(total)?;
        wanted.pour(response, total, partial, report)
    }
}

impl Download<'_> {
    /// Compares what a server says about the length with what it should be.
    fn check(&self, total: Option<u64>) -> Result<(), Failure> {
        match (total, self.length) {
            (Some(found), Some(expected)) if found != expected => Err(Failure::Length { found, expected }),
            (Some(found), _) if found > self.most => Err(Failure::Long { most: self.most }),
            _ => Ok(()),
        }
    }

    /// Adds what a response brings to what is there.
    fn pour(
        &self,
        response: Response<Body>,
        total: Option<u64>,
        partial: &mut Partial,
        report: &mut Report<'_>,
    ) -> Result<(), Ended> {
        let total = self.length.or(total);
        let most = total.unwrap_or(self.most);
        let mut body = response.into_body().into_with_config().limit(u64::MAX).reader();
        let mut buffer = vec![0; 1 << 16];
        loop {
            let done = partial.length();
            if report(Event::Arrived { done, total }).is_break() {
                return Err(Ended::Interrupted);
            }
            let count = body.read(&mut buffer).map_err(|source| Failure::Transfer { done, source })?;
            if count == 0 {
                let short = total.filter(|&expected| expected != done);
                return short.map_or(Ok(()), |expected| Err(Failure::Short { found: done, expected }.into()));
            }
            if count as u64 > most.saturating_sub(done) {
                partial.begin(Origin::new(self.address, None, None))?;
                return Err(Failure::Long { most }.into());
            }
            partial.write(&buffer[..count])?;
        }
    }
}

/// Whether a server says that there are just so many bytes.
fn is_all(response: &Response<Body>, from: u64) -> bool {
    from > 0 && text(response, header::CONTENT_RANGE) == format!("bytes */{from}")
}

/// The length of the whole, of which a response carries the rest from `from` on.
fn part(response: &Response<Body>, from: u64, before: &Origin) -> Result<Option<u64>, Failure> {
    let said = text(response, header::CONTENT_RANGE);
    let range = said.strip_prefix("bytes ").and_then(|range| range.split_once('/'));
    let begins = range.and_then(|(range, _)| range.split('-').next()?.parse().ok());
    if from == 0 || begins != Some(from) {
        return Err(Failure::Part { found: said.to_owned(), expected: from });
    }
    let total = range.and_then(|(_, total)| total.parse().ok());
    let is_longer = before.total.zip(total).is_some_and(|(before, now)| before != now);
    let is_other = before.validator.clone().zip(new_validator(response)).is_some_and(|(before, now)| {
        // A date says nothing about a tag.
        before != now && is_tag(&before) == is_tag(&now)
    });
    if is_longer || is_other { Err(Failure::Changed) } else { Ok(total) }
}

/// By what a server would know the same file again: a strong entity tag, else the date of its last change.
fn new_validator(response: &Response<Body>) -> Option<String> {
    let tag = Some(text(response, header::ETAG)).filter(|tag| is_tag(tag));
    let date = || Some(text(response, header::LAST_MODIFIED)).filter(|date| !date.is_empty());
    tag.or_else(date).map(str::to_owned)
}

/// Whether a validator is a strong entity tag.
fn is_tag(validator: &str) -> bool {
    validator.starts_with('"')
}

/// The SHA-256 of what has arrived, if it is what was meant.
fn judge(expected: Option<&Checksum>, partial: &mut Partial) -> Result<String, Failure> {
    let length = partial.length();
    if let Some(expected) = expected {
        let found = expected.of_same_kind(partial.bytes()?, length)?;
        match found {
            found if found != *expected => return Err(Failure::Checksum { found, expected: expected.clone() }),
            Checksum::Sha256(sha256) => return Ok(sha256),
            Checksum::GitBlob(_) => {}
        }
    }
    Ok(checksum::sha256(partial.bytes()?)?)
}
