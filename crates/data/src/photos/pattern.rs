//! Patterns such as `holiday/*.jpg`, for shells that do not expand them.
//!
//! The path is walked part by part, and each name matched by itself: a name that is not UTF-8 is
//! matched with its foreign bytes replaced, where a walk by the pattern's own crate leaves it out.

use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use glob::Pattern;

use super::{Error, folder, is_hidden, walk};

/// The path as a pattern, if it has the letters of one.
pub(super) fn of(path: &Path) -> Option<&str> {
    path.to_str().filter(|text| is_pattern(text))
}

fn is_pattern(text: &str) -> bool {
    text.contains(['*', '?', '['])
}

/// The photos that match, sorted by name: as a shell would, files as they are and folders looked
/// into; but `**` already stands for all folders, and matches no folder itself.
pub(super) fn expand(pattern: &str, recursive: bool) -> Vec<Result<PathBuf, Error>> {
    let path = PathBuf::from(pattern);
    let parts = match parts(&path) {
        Ok(parts) => parts,
        Err(source) => return vec![Err(Error::Pattern { path, source })],
    };
    let any_depth = parts.iter().any(|part| matches!(part, Part::Folders));
    let mut level = vec![Ok(PathBuf::new())];
    for part in &parts {
        let deeper = |found: Result<PathBuf, Error>| match found {
            Ok(folder) => part.within(&folder),
            Err(error) => vec![Err(error)],
        };
        level = level.into_iter().flat_map(deeper).collect();
    }

    let photos = |found: Result<PathBuf, Error>| match found {
        Ok(path) if path.is_dir() && any_depth => vec![],
        Ok(path) if path.is_dir() => folder(&path, recursive),
        Ok(path) if fs::symlink_metadata(&path).is_err() => vec![],
        other => vec![other],
    };
    let mut found: Vec<_> = level.into_iter().flat_map(photos).collect();
    if found.is_empty() {
        found.push(Err(Error::Unmatched { path }));
    }
    found
}

/// One part of a pattern, between its slashes.
enum Part {
    Name(PathBuf),
    Matching { pattern: Pattern, hidden: bool },
    Folders,
}

fn parts(path: &Path) -> Result<Vec<Part>, glob::PatternError> {
    let part = |component: Component<'_>| match component.as_os_str().to_str() {
        Some("**") => Ok(Part::Folders),
        Some(text) if is_pattern(text) => {
            Ok(Part::Matching { pattern: Pattern::new(text)?, hidden: text.starts_with('.') })
        }
        _ => Ok(Part::Name(PathBuf::from(component.as_os_str()))),
    };
    let mut parts: Vec<Part> = path.components().map(part).collect::<Result<_, _>>()?;
    if matches!(parts.last(), Some(Part::Folders)) {
        parts.push(Part::Matching { pattern: Pattern::new("*")?, hidden: false });
    }
    Ok(parts)
}

impl Part {
    fn within(&self, folder: &Path) -> Vec<Result<PathBuf, Error>> {
        match self {
            Self::Name(name) => vec![Ok(folder.join(name))],
            Self::Matching { pattern, hidden } => matching(folder, pattern, *hidden),
            Self::Folders => folders(folder),
        }
    }
}

fn matching(folder: &Path, pattern: &Pattern, hidden: bool) -> Vec<Result<PathBuf, Error>> {
    let names = fs::read_dir(here(folder))
        .and_then(|entries| entries.map(|entry| Ok(entry?.file_name())).collect::<io::Result<Vec<_>>>());
    match names {
        Ok(mut names) => {
            names.retain(|name| (hidden || !is_hidden(name)) && pattern.matches(&name.to_string_lossy()));
            names.sort();
            names.iter().map(|name| Ok(folder.join(name))).collect()
        }
        // A file, or nothing, where the pattern wants a folder: no match.
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => vec![],
        Err(source) => vec![Err(Error::Open { path: folder.to_path_buf(), source })],
    }
}

/// The folder and all folders in it. Those that cannot be opened are found when they are read.
fn folders(folder: &Path) -> Vec<Result<PathBuf, Error>> {
    let entries = walk(here(folder), usize::MAX).filter_map(Result::ok);
    entries.filter(|entry| entry.file_type().is_dir()).map(|entry| Ok(entry.into_path())).collect()
}

/// The folder to read, for a relative pattern starts from no folder at all.
fn here(folder: &Path) -> &Path {
    if folder.as_os_str().is_empty() { Path::new(".") } else { folder }
}
