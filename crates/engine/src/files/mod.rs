//! Files that appear whole or not at all.

mod folder;

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process;

pub(crate) use folder::{Content, File, Folder};

use crate::Error;

/// Writes a file under another name beside it, then gives it its own; one that is there is replaced.
///
/// # Errors
/// If it cannot be written. What was there before is then left as it was.
pub fn replace(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let partial = beside(path, "partial");
    let written = write(&partial, bytes).and_then(|()| fs::rename(&partial, path));
    written.map_err(|source| {
        // The disk may be full or the folder gone: the first error is the one to tell.
        fs::remove_file(&partial).ok();
        Error::Write { path: path.to_owned(), source }
    })
}

/// Writes a new file through to the disk.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = fs::File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// The path with another end, which no other process uses; a slash at its own end, which would lead into it, is left out.
pub(crate) fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = path.components().collect::<PathBuf>().into_os_string();
    name.push(format!(".{}.{end}", process::id()));
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_beside_a_folder_is_not_within() {
        let id = process::id();
        for path in ["a/b", "a/b/", "a/b/."] {
            assert_eq!(beside(Path::new(path), "partial"), Path::new(&format!("a/b.{id}.partial")));
        }
    }
}
