//! Where the compiled table lies: the user's cache folder, as each system has it.

use std::path::{Path, PathBuf};

use etcetera::base_strategy::{BaseStrategy, choose_native_strategy};
use nid_metrics::meteor::{Meteor, Table};
use nid_weights::Mapped;

use super::Error;

/// The variable of the environment that names another cache folder.
const VARIABLE: &str = "NID_CACHE";
const NAME: &str = "meteor-1.5.table";

/// A table of METEOR's data, mapped from its file.
#[derive(Debug)]
pub struct MeteorFile {
    path: PathBuf,
    bytes: Mapped,
}

impl MeteorFile {
    /// Maps the table in this file.
    ///
    /// # Errors
    /// If the file cannot be read, or is no table of this version.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, Error> {
        let path = path.into();
        let bytes = Mapped::open(&path).map_err(|source| Error::Read { path: path.clone(), source })?;
        let file = Self { path, bytes };
        file.meteor()?;
        Ok(file)
    }

    /// METEOR with this table.
    ///
    /// # Errors
    /// If the file is no table of this version, which an opened one is.
    pub fn meteor(&self) -> Result<Meteor<'_>, Error> {
        let table = Table::open(&self.bytes);
        table.map(Meteor::new).map_err(|source| Error::Table { path: self.path.clone(), source })
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// Maps the table that was compiled for this user; none where none was.
///
/// # Errors
/// If there is one that cannot be read or used; the error says how to mend it.
pub fn find() -> Result<Option<MeteorFile>, Error> {
    // Without a cache folder nothing can have been compiled.
    let Ok(path) = path() else { return Ok(None) };
    // A file that is there but cannot be looked at is reported by opening it.
    if matches!(path.try_exists(), Ok(false)) { Ok(None) } else { MeteorFile::open(path).map(Some) }
}

/// Where the compiled table is kept: `meteor-1.5.table` in the folder that `NID_CACHE` names, else in `nid` in the
/// user's cache folder.
///
/// # Errors
/// If the user has no cache folder.
pub fn path() -> Result<PathBuf, Error> {
    Ok(folder()?.join(NAME))
}

/// The cache folder; what is downloaded goes there too.
///
/// # Errors
/// If the user has none.
pub fn folder() -> Result<PathBuf, Error> {
    match std::env::var_os(VARIABLE).filter(|folder| !folder.is_empty()) {
        Some(folder) => Ok(folder.into()),
        None => Ok(choose_native_strategy().map_err(|_| Error::NoCache)?.cache_dir().join("nid")),
    }
}
