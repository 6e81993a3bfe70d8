//! Files that a command line names: none that is written may be another one, or one that is read.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;
use nid_data::photos::display;

use crate::message::Usage;

/// A file, with the argument that names it.
pub(crate) type Named<'a> = (&'static str, &'a Path);

/// Sees to it, before any work, that each file which is written is no other one.
///
/// # Errors
/// Wrong usage, where two arguments name the same file and one of them is written. Devices are no files.
pub(crate) fn check(written: &[Named<'_>], read: &[Named<'_>]) -> Result<()> {
    let files: Vec<PathBuf> = written.iter().chain(read).map(|(_, path)| file(path)).collect();
    for (place, (argument, path)) in written.iter().enumerate().filter(|(_, (_, path))| !is_device(path)) {
        let same = (place + 1..files.len()).find(|&other| files[other] == files[place]);
        if let Some((other, _)) = same.and_then(|other| written.iter().chain(read).nth(other)) {
            return Err(Usage(format!("{argument} and {other} name the same file, {}", display(path))).into());
        }
    }
    Ok(())
}

/// The one path of a file, be it there or still to be written: links are followed, as they are for writing.
fn file(path: &Path) -> PathBuf {
    let canonical = || {
        let parent = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        Some(fs::canonicalize(parent).ok()?.join(path.file_name()?))
    };
    fs::canonicalize(path).ok().or_else(canonical).unwrap_or_else(|| path.to_path_buf())
}

/// Whether the path leads to what is neither file nor folder, such as `/dev/null`, which many may write to.
fn is_device(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|found| !found.is_file() && !found.is_dir())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_names(written: [&Path; 2], read: &Path, expected: &str) {
        let [one, other] = written;
        let told = check(&[("--json", one), ("--page", other)], &[("--captions", read)]);
        let told = told.err().map(|error| error.to_string()).unwrap_or_default();
        assert!(if expected.is_empty() { told.is_empty() } else { told.starts_with(expected) }, "{told}");
    }

    #[test]
    fn a_file_has_one_name() {
        let folder = tempfile::tempdir().unwrap();
        let [a, b, c] = ["a", "b", "c"].map(|name| folder.path().join(name));
        let again = folder.path().join(".").join("a");
        check_names([&a, &b], &c, "");
        check_names([&a, &again], &c, "--json and --page name the same file, ");
        check_names([&b, &a], &again, "--page and --captions name the same file, ");
        check_names([Path::new("a"), Path::new("./a")], &c, "--json and --page");
        check_names([&folder.path().join("x/a"), &folder.path().join("y/a")], &a, "");
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_and_devices_are_no_files() {
        let folder = tempfile::tempdir().unwrap();
        let [file, link, other] = ["file", "link", "other"].map(|name| folder.path().join(name));
        fs::write(&file, "before").unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        check_names([&link, &other], &file, "--json and --captions");
        check_names([Path::new("/dev/null"), Path::new("/dev/null")], &file, "");
    }
}
