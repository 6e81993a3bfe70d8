//! Folders that appear whole or not at all: written beside their place, and renamed when they are whole.

use std::fs;
use std::path::{Path, PathBuf};

use super::{beside, write};
use crate::Error;

/// A file of a folder: its name and what is in it.
pub(crate) type File<'a> = (&'a str, Content<'a>);

/// What is in a file.
#[derive(Clone, Copy)]
pub(crate) enum Content<'a> {
    /// These bytes.
    Bytes(&'a [u8]),
    /// What lies at that path, which is moved into the folder.
    Moved(&'a Path),
}

/// A kind of folder, which a file of a certain name tells from others.
pub(crate) struct Folder {
    /// The file that each has.
    pub(crate) marker: &'static str,
    /// What it is, in errors, and what may be in its place where it is not to be replaced.
    pub(crate) own: [&'static str; 2],
    /// What another is, and what may be in its place where one of this kind would be replaced.
    pub(crate) other: [&'static str; 2],
}

impl Folder {
    /// Writes the files. `check` is tried on what was written, before it has its name: what does not pass is not kept.
    ///
    /// # Errors
    /// If something is at `folder` that is not to be replaced or is of another kind; what `check` says; if the disk
    /// refuses.
    pub(crate) fn write(
        &self,
        folder: &Path,
        replace: bool,
        files: &[File<'_>],
        check: impl FnOnce(&Path) -> Result<(), Error>,
    ) -> Result<(), Error> {
        // Without a slash at its end, by which a link would be followed.
        let folder: &Path = &folder.components().collect::<PathBuf>();
        self.check_place(folder, replace)?;
        let partial = beside(folder, "partial");
        let written = write_all(&partial, files).and_then(|()| check(&partial)).and_then(|()| put(&partial, folder));
        if written.is_err() {
            // The disk may be full or the folder gone: the first error is the one to tell.
            fs::remove_dir_all(&partial).ok();
        }
        written
    }

    /// Refuses to replace anything of another kind.
    ///
    /// # Errors
    /// If something is there that is not to be replaced or is of another kind.
    pub(crate) fn check_place(&self, folder: &Path, replace: bool) -> Result<(), Error> {
        let exists = |[found, expected]: [_; 2]| Err(Error::Exists { path: folder.to_owned(), found, expected });
        if fs::symlink_metadata(folder).is_err() {
            Ok(())
        } else if !folder.join(self.marker).is_file() {
            exists(self.other)
        } else if !replace {
            exists(self.own)
        } else {
            Ok(())
        }
    }
}

/// Writes the files into a new folder.
fn write_all(partial: &Path, files: &[File<'_>]) -> Result<(), Error> {
    let refused = |path: &Path| {
        let path = path.to_owned();
        move |source| Error::Write { path, source }
    };
    if partial.exists() {
        fs::remove_dir_all(partial).map_err(refused(partial))?;
    }
    fs::create_dir_all(partial).map_err(refused(partial))?;
    for (name, content) in files {
        let path = partial.join(name);
        let written = match content {
            Content::Bytes(bytes) => write(&path, bytes),
            Content::Moved(from) => fs::rename(from, &path),
        };
        written.map_err(refused(&path))?;
    }
    Ok(())
}

/// Gives the whole folder its name; what was called so is put aside until that is done.
fn put(partial: &Path, folder: &Path) -> Result<(), Error> {
    let refused = |source| Error::Write { path: folder.to_owned(), source };
    if !folder.exists() {
        return fs::rename(partial, folder).map_err(refused);
    }
    let aside = beside(folder, "replaced");
    fs::rename(folder, &aside).map_err(refused)?;
    if let Err(error) = fs::rename(partial, folder) {
        fs::rename(&aside, folder).map_err(refused)?;
        return Err(refused(error));
    }
    fs::remove_dir_all(&aside).map_err(refused)
}
