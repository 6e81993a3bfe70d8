//! The files of a commit, here.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use super::cache::{make_folder_of, new_beside};
use super::{Error, Repository};
use crate::{Checksum, Event, Report};

/// Bytes that are copied between two reports.
const BLOCK: usize = 1 << 20;

/// Files of a commit, all of them there.
#[derive(Clone, Debug)]
pub struct Snapshot {
    pub(super) repository: Repository,
    pub(super) commit: String,
    pub(super) folder: PathBuf,
    pub(super) files: Vec<Pulled>,
    pub(super) is_listed: bool,
}

/// A file that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pulled {
    /// Its path within the repository, with `/` between.
    pub name: String,
    /// Where it lies.
    pub path: PathBuf,
    /// Its length in bytes.
    pub length: u64,
    /// Its digest, as the hub has it; none where the hub was never asked.
    pub checksum: Option<Checksum>,
    /// Whether it was fetched now, and was not there before.
    pub fetched: bool,
}

impl Snapshot {
    /// What was asked for.
    pub fn repository(&self) -> &Repository {
        &self.repository
    }

    /// The commit that its revision is: 40 hexadecimal digits.
    pub fn commit(&self) -> &str {
        &self.commit
    }

    /// The repository, by its commit: the same files for ever.
    pub fn pinned(&self) -> Repository {
        self.repository.at(&self.commit)
    }

    /// Where they lie.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The files that were wanted, in the order of their names.
    pub fn files(&self) -> &[Pulled] {
        &self.files
    }

    /// Whether it is known what files the commit has. Without a network it may not be: then these are those that are there.
    pub fn is_listed(&self) -> bool {
        self.is_listed
    }

    /// Copies the files into a folder, under their names; those that are there already, byte for byte, stay. The snapshot
    /// is then the one in that folder. A file that is broken off by the report does not appear; those before it stay.
    ///
    /// # Errors
    /// If one of another content is there, unless `replace`, before any is copied; if one cannot be written; or if the
    /// report breaks it off.
    pub fn copy_to(mut self, folder: &Path, replace: bool, report: &mut Report<'_>) -> Result<Self, Error> {
        let mut places = Vec::with_capacity(self.files.len());
        for file in &self.files {
            let path = folder.join(&file.name);
            let is_there = is_same(&file.path, &path)?;
            if is_there == Some(false) && !replace {
                return Err(crate::Error::Exists { path }.into());
            }
            places.push((path, is_there == Some(true)));
        }
        let missing = self.files.iter().zip(&places).filter(|(_, (_, is_there))| !is_there);
        let total = missing.map(|(file, _)| file.length).fold(0, u64::saturating_add);
        let mut done = 0;
        for (file, (path, is_there)) in self.files.iter_mut().zip(places) {
            if !is_there {
                copy(&file.path, &path, replace, &mut |count| {
                    done += count;
                    match report(Event::Copied { done, total }).is_break() {
                        true => Err(crate::Error::Interrupted { done }),
                        false => Ok(()),
                    }
                })?;
            }
            file.path = path;
        }
        self.folder = folder.to_owned();
        Ok(self)
    }
}

/// Whether the second file has the same bytes; none where there is no such file.
fn is_same(one: &Path, other: &Path) -> Result<Option<bool>, crate::Error> {
    let length = |path: &Path| fs::metadata(path).map(|found| found.is_file().then_some(found.len()));
    let there = match length(other) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        there => there.map_err(|source| crate::Error::Read { path: other.to_owned(), source })?,
    };
    let digest = |path: &Path| {
        let read = File::open(path).and_then(crate::checksum::sha256);
        read.map_err(|source| crate::Error::Read { path: path.to_owned(), source })
    };
    let here = length(one).map_err(|source| crate::Error::Read { path: one.to_owned(), source })?;
    Ok(Some(here == there && digest(one)? == digest(other)?))
}

/// Copies a file, which appears whole or not at all; `step` is told of each part's bytes, and may break it off.
fn copy(
    from: &Path,
    to: &Path,
    replace: bool,
    step: &mut dyn FnMut(u64) -> Result<(), crate::Error>,
) -> Result<(), crate::Error> {
    make_folder_of(to)?;
    let unread = |source| crate::Error::Read { path: from.to_owned(), source };
    let refused = |source| crate::Error::Write { path: to.to_owned(), source };
    let mut read = File::open(from).map_err(unread)?;
    let mut file = new_beside(to).map_err(refused)?;
    let mut block = vec![0; BLOCK];
    loop {
        let count = match read.read(&mut block) {
            Ok(0) => break,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            count => count.map_err(unread)?,
        };
        file.write_all(&block[..count]).map_err(refused)?;
        step(count as u64)?;
    }
    let named = if replace { file.persist(to) } else { file.persist_noclobber(to) };
    named.map(drop).map_err(|error| refused(error.error))
}
