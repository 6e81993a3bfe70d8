//! Reports on models: HTML pages that need nothing beside them.
//!
//! [`CaptionReport`] is about a captioner, [`ClassReport`] about a network that tells classes apart. Pictures and figures
//! are within the page; there is no script and nothing is loaded. What a report says is text, whatever is in it.

mod captions;
mod classes;
mod page;
mod photo;
pub mod plot;

use std::fs;
use std::path::Path;

use crate::{Error, files};

pub use captions::{CaptionReport, Captioned};
pub use classes::{ClassReport, Example, Tested, spread};
pub use photo::Photo;

/// The page's name in its folder.
pub const PAGE: &str = "index.html";

/// Makes the folder of a report if it is not there. Called before long work, it finds out whether the report's files can be
/// written.
///
/// # Errors
/// Such a file that is there already, unless `replace`; a file in the folder's place; a folder that cannot be written.
pub fn prepare(folder: &Path, names: &[&str], replace: bool) -> Result<(), Error> {
    let is_there = |name: &&str| folder.join(name).exists();
    if let Some(name) = names.iter().copied().find(is_there).filter(|_| !replace) {
        let found = if name == PAGE { "a page" } else { "a picture" };
        return Err(Error::Exists { path: folder.join(name), found, expected: "nothing (--force replaces it)" });
    }
    if folder.exists() && !folder.is_dir() {
        return Err(Error::Exists { path: folder.to_owned(), found: "a file", expected: "a folder or nothing" });
    }
    let trial = files::beside(&folder.join(PAGE), "trial");
    let tried =
        fs::create_dir_all(folder).and_then(|()| files::write(&trial, b"")).and_then(|()| fs::remove_file(&trial));
    tried.map_err(|source| Error::Write { path: folder.to_owned(), source })
}
