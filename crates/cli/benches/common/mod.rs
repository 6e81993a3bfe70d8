//! What the benches share: the command line, programs seen from outside, the other side's recipe, and the report.

pub(crate) mod arguments;
pub(crate) mod process;
pub(crate) mod recipe;
pub(crate) mod report;

use std::ffi::OsStr;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

/// The root of the repository.
pub(crate) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The program of this build.
pub(crate) fn nid<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_nid"));
    command.args(arguments);
    command
}

/// Prints a result.
pub(crate) fn say(text: &str) -> Result<()> {
    Ok(writeln!(io::stdout(), "{text}")?)
}

/// Prints how far the work is.
pub(crate) fn note(text: &str) -> Result<()> {
    Ok(writeln!(io::stderr(), "{text}")?)
}
