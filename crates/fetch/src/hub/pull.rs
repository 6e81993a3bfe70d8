//! From a repository's name to its files.

use std::fs;

use super::cache::make_folder_of;
use super::{Error, Hub, Listed, Listing, Pulled, Repository, Selection, Snapshot, Token};
use crate::client::Request;
use crate::{Download, Event, Failure, Report};

/// The longest list of files that is read, in bytes: a hundred thousand names and more.
const LIST: u64 = 64 << 20;

impl Hub {
    /// Makes files of a repository available, and fetches those that are not there. `report` is told of all of them
    /// together.
    ///
    /// A part of a file that has arrived is kept where this fails or is broken off, and the next call goes on from there.
    ///
    /// # Errors
    /// If the hub cannot be asked or does not let in, if files cannot be fetched, are not what the hub says, or cannot be
    /// kept; without a network, if any are missing, which are named.
    pub fn pull(
        &self,
        repository: &Repository,
        selection: &Selection,
        report: &mut Report<'_>,
    ) -> Result<Snapshot, Error> {
        if self.settings.offline {
            return self.find(repository, selection);
        }
        let (listing, wanted) = self.pin(repository, selection, report)?;
        let commit = listing.commit().to_owned();
        let pulled: Vec<Pulled> = wanted.iter().map(|file| self.pulled(repository, &commit, file)).collect();
        let missing = || wanted.iter().zip(&pulled).filter(|(_, pulled)| pulled.fetched).map(|(file, _)| file);
        let total = missing().map(|file| file.length).fold(0, u64::saturating_add);
        let mut before: u64 = 0;
        for file in missing() {
            let mut all = |event: Event<'_>| match event {
                Event::Arrived { done, .. } => {
                    report(Event::Arrived { done: done.saturating_add(before), total: Some(total) })
                }
                other => report(other),
            };
            self.fetch(repository, &commit, file, &mut all)?;
            before = before.saturating_add(file.length);
        }
        Ok(self.snapshot(repository, commit, pulled, true))
    }

    /// What a revision is and has, and what of it is wanted. A commit that is known never has anything else.
    fn pin(
        &self,
        repository: &Repository,
        selection: &Selection,
        report: &mut Report<'_>,
    ) -> Result<(Listing, Vec<Listed>), Error> {
        let cache = &self.settings.cache;
        if let Some(listing) = repository.commit().and_then(|commit| cache.listing(repository, commit)) {
            let wanted = listing.choose(repository, selection)?;
            return Ok((listing, wanted));
        }
        let listing = self.list(repository, report)?;
        // Names that cannot be kept are refused before anything is.
        let wanted = listing.choose(repository, selection)?;
        cache.remember(repository, &listing)?;
        Ok((listing, wanted))
    }

    /// What the hub says that a revision is and has.
    ///
    /// # Errors
    /// If it cannot be asked, or what it says cannot be.
    pub fn list(&self, repository: &Repository, report: &mut Report<'_>) -> Result<Listing, Error> {
        let address = self.list_address(repository)?;
        let request = Request { address: &address, token: self.token(), rest: None };
        let answer = self.client.read(&request, LIST, report);
        Listing::read(repository, &answer.map_err(|error| self.explain(&repository.to_string(), error))?)
    }

    /// A file of a commit, to be fetched unless it is there, as long as it should be.
    fn pulled(&self, repository: &Repository, commit: &str, file: &Listed) -> Pulled {
        let path = self.settings.cache.snapshot(repository, commit).join(&file.name);
        let is_there = fs::metadata(&path).is_ok_and(|found| found.is_file() && found.len() == file.length);
        let (name, checksum) = (file.name.clone(), Some(file.checksum.clone()));
        Pulled { name, path, length: file.length, checksum, fetched: !is_there }
    }

    /// Fetches a file, unless another commit has brought its bytes before.
    fn fetch(
        &self,
        repository: &Repository,
        commit: &str,
        file: &Listed,
        report: &mut Report<'_>,
    ) -> Result<(), Error> {
        let blob = self.settings.cache.blob(repository, file);
        if !fs::metadata(&blob).is_ok_and(|found| found.is_file() && found.len() == file.length) {
            make_folder_of(&blob)?;
            let address = self.file_address(repository, commit, &file.name)?;
            let (length, checksum) = (Some(file.length), Some(file.checksum.clone()));
            let download = Download { address: &address, token: self.token(), length, checksum, most: file.length };
            let arrived = self.client.fetch(&download, &blob.with_extension("nid.partial"), report);
            let what = || format!("{} of {}", file.name, repository.at(commit));
            arrived.map_err(|error| self.explain(&what(), error))?.persist(&blob, true)?;
        }
        Ok(self.settings.cache.link(repository, commit, file)?)
    }

    /// What is there, without asking anybody.
    fn find(&self, repository: &Repository, selection: &Selection) -> Result<Snapshot, Error> {
        let cache = &self.settings.cache;
        let unknown = || Error::Unknown { repository: repository.clone(), folder: cache.folder(repository) };
        let commit = cache.commit(repository).ok_or_else(unknown)?;
        let listing = cache.listing(repository, &commit);
        let is_listed = listing.is_some();
        let wanted = match listing {
            Some(listing) => {
                let wanted = listing.choose(repository, selection)?;
                wanted.iter().map(|file| self.pulled(repository, &commit, file)).collect()
            }
            // Another tool has fetched them, and has kept no list.
            None => {
                let files = cache.files(repository, &commit)?;
                if files.is_empty() {
                    return Err(unknown());
                }
                selection.choose(repository, files, |file| &file.name)?
            }
        };
        let names: Vec<String> = wanted.iter().filter(|file| file.fetched).map(|file| file.name.clone()).collect();
        if !names.is_empty() {
            let folder = cache.snapshot(repository, &commit);
            return Err(Error::Missing { repository: repository.at(&commit), folder, names });
        }
        Ok(self.snapshot(repository, commit, wanted, is_listed))
    }

    fn snapshot(&self, repository: &Repository, commit: String, files: Vec<Pulled>, is_listed: bool) -> Snapshot {
        let folder = self.settings.cache.snapshot(repository, &commit);
        Snapshot { repository: repository.clone(), commit, folder, files, is_listed }
    }

    fn token(&self) -> Option<&str> {
        self.settings.token.as_ref().map(Token::secret)
    }

    /// Says of a status what a person can do about it.
    fn explain(&self, what: &str, error: crate::Error) -> Error {
        let crate::Error::Download { source, .. } = &error else { return error.into() };
        let Failure::Status { status, message, .. } = &**source else { return error.into() };
        let token = match &self.settings.token {
            Some(token) => format!("the token of {} was sent", token.source()),
            None => format!("no token was sent, {} would hold one", self.settings.token_sought),
        };
        let (what, message) = (what.to_owned(), message.clone());
        match *status {
            401 | 403 => Error::Denied { what, status: *status, token, message },
            404 => Error::NotFound { what, token, message },
            _ => error.into(),
        }
    }
}
