//! Configuration files: TOML that says where it is wrong.
//!
//! A key that nobody knows is an error, for a typo that is silently passed over costs a night of training. The
//! nearest known key is suggested.

use std::fs;
use std::path::{Path, PathBuf};

use nid_data::photos::display;
use serde::de::DeserializeOwned;

/// How alike a key must be to be suggested: 1 is the same.
const ALIKE: f64 = 0.7;

/// A configuration file that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{}:{line}: {problem}", display(path))]
pub struct Error {
    /// The file.
    pub path: PathBuf,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong.
    pub problem: String,
}

/// Reads a TOML file.
///
/// # Errors
/// A file that cannot be read, and as [`parse`].
pub fn read<T: DeserializeOwned>(path: &Path) -> Result<T, crate::Error> {
    let text = fs::read_to_string(path).map_err(|source| crate::Error::Read { path: path.to_owned(), source })?;
    Ok(parse(path, &text)?)
}

/// Reads the text of a TOML file; `path` is for the errors alone.
///
/// # Errors
/// The first thing that is not TOML, is missing, is of another type, or is not known.
pub fn parse<T: DeserializeOwned>(path: &Path, text: &str) -> Result<T, Error> {
    toml::from_str(text).map_err(|error| {
        let start = error.span().map_or(0, |span| span.start.min(text.len()));
        let line = text.as_bytes()[..start].iter().filter(|byte| **byte == b'\n').count() + 1;
        let message = error.message().trim_end().replace('\n', ", ");
        let problem = match nearest(&message) {
            Some(near) => format!("{message}; did you mean `{near}`?"),
            None => message,
        };
        Error { path: path.to_owned(), line, problem }
    })
}

/// The name that is most like the unknown one, where serde's message says that one is unknown and lists
/// those that are known, each in backquotes.
fn nearest(message: &str) -> Option<&str> {
    let is_about_a_name = message.starts_with("unknown field") || message.starts_with("unknown variant");
    let mut names = message.split('`').skip(1).step_by(2);
    let found = names.next().filter(|_| is_about_a_name)?;
    let known = names.map(|name| (strsim::jaro_winkler(found, name), name));
    let (likeness, near) = known.max_by(|(a, _), (b, _)| a.total_cmp(b))?;
    (likeness >= ALIKE).then_some(near)
}
