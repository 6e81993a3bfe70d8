//! Where results go: standard output, or a file that is there whole or not at all.

use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use nid_data::photos::display;
use tempfile::NamedTempFile;

/// What results are written to. A file appears under its name when [`Output::finish`] is called; dropped
/// before, it leaves nothing behind.
pub(crate) struct Output {
    sink: Sink,
    force: bool,
}

enum Sink {
    Standard(BufWriter<io::Stdout>),
    /// What is no file, such as `/dev/null` or a named pipe.
    Device(BufWriter<fs::File>),
    File {
        partial: BufWriter<NamedTempFile>,
        path: PathBuf,
    },
}

impl Output {
    /// Opens standard output, or a file of this name.
    ///
    /// # Errors
    /// A file that exists, unless `force`; a folder that cannot be written.
    pub(crate) fn open(path: Option<&Path>, force: bool) -> Result<Self> {
        let sink = match path {
            None => Sink::Standard(BufWriter::new(io::stdout())),
            Some(path) => Sink::open(path, force).with_context(|| format!("{} cannot be written", display(path)))?,
        };
        Ok(Self { sink, force })
    }

    /// Sees to it, before long work, that a file of this name can be opened after it; nothing is left of it.
    ///
    /// # Errors
    /// As [`Output::open`].
    pub(crate) fn check(path: &Path, force: bool) -> Result<()> {
        let is_free = || match Place::of(path, force)? {
            // To open and close a pipe would tell its reader that all is written.
            Place::Device => Ok(()),
            Place::File(path) => beside(&path).map(drop),
        };
        is_free().with_context(|| format!("{} cannot be written", display(path)))
    }

    /// Gives the file its name.
    pub(crate) fn finish(mut self) -> Result<()> {
        self.flush()?;
        let Sink::File { partial, path } = self.sink else { return Ok(()) };
        let context = || format!("{} cannot be written", display(&path));
        let partial = partial.into_inner().map_err(io::IntoInnerError::into_error).with_context(context)?;
        partial.as_file().sync_all().with_context(context)?;
        let named = if self.force { partial.persist(&path) } else { partial.persist_noclobber(&path) };
        named.map_err(|error| error.error).with_context(context)?;
        Ok(())
    }
}

/// What a path leads to that may be written.
enum Place {
    Device,
    File(PathBuf),
}

impl Place {
    fn of(path: &Path, force: bool) -> Result<Self> {
        match fs::metadata(path) {
            Ok(found) if found.is_dir() => bail!("found a folder, expected a file"),
            Ok(found) if !found.is_file() => Ok(Self::Device),
            Ok(_) if !force => bail!("the file exists (--force replaces it)"),
            // A link is followed: what it points to is replaced, not the link.
            _ => Ok(Self::File(fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf()))),
        }
    }
}

impl Sink {
    fn open(path: &Path, force: bool) -> Result<Self> {
        Ok(match Place::of(path, force)? {
            Place::Device => Self::Device(BufWriter::new(fs::OpenOptions::new().write(true).open(path)?)),
            Place::File(path) => Self::File { partial: BufWriter::new(beside(&path)?), path },
        })
    }
}

/// A hidden file in the same folder, readable by whom the person lets read new files.
fn beside(path: &Path) -> Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".nid-").suffix(".partial");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    Ok(builder.tempfile_in(folder)?)
}

impl Sink {
    fn writer(&mut self) -> &mut dyn Write {
        match self {
            Self::Standard(standard) => standard,
            Self::Device(device) => device,
            Self::File { partial, .. } => partial,
        }
    }

    /// The error with the name of what cannot be written.
    fn named(&self, error: io::Error) -> io::Error {
        let name = match self {
            Self::Standard(_) => "standard output".to_owned(),
            Self::Device(_) => "the output".to_owned(),
            Self::File { path, .. } => display(path),
        };
        io::Error::new(error.kind(), format!("{name} cannot be written: {error}"))
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.sink.writer().write(bytes).map_err(|error| self.sink.named(error))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.sink.writer().flush().map_err(|error| self.sink.named(error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(path: &Path, force: bool, text: &str) -> Result<()> {
        let mut output = Output::open(Some(path), force)?;
        output.write_all(text.as_bytes())?;
        output.finish()
    }

    #[test]
    fn a_file_is_replaced_only_by_force() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("captions.txt");
        write(&path, false, "one").unwrap();
        assert!(write(&path, false, "two").is_err());
        assert_eq!(fs::read_to_string(&path).unwrap(), "one");
        write(&path, true, "three").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "three");
    }

    #[test]
    fn a_file_that_appears_meanwhile_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("captions.txt");
        let output = Output::open(Some(&path), false).unwrap();
        fs::write(&path, "another's").unwrap();
        assert!(output.finish().is_err());
        assert_eq!(fs::read_to_string(&path).unwrap(), "another's");
    }

    #[test]
    fn what_cannot_be_opened_is_found_before() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("captions.txt");
        Output::check(&path, false).unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        write(&path, false, "one").unwrap();
        assert!(Output::check(&path, false).is_err());
        Output::check(&path, true).unwrap();
        assert!(Output::check(folder.path(), true).is_err());
        assert!(Output::check(&folder.path().join("missing/captions.txt"), true).is_err());
        assert_eq!(fs::read_to_string(&path).unwrap(), "one");
    }

    #[test]
    fn work_that_ends_early_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let mut output = Output::open(Some(&folder.path().join("captions.txt")), false).unwrap();
        output.write_all(b"half").unwrap();
        drop(output);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
