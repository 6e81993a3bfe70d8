//! `nid pull`: a file from an address, or a model's files from the hub.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::str::FromStr;

use anyhow::{Context, Error, Result, bail};
use clap::Args;
use nid_data::photos::display;
use nid_fetch::hub::{self, Hub, Pulled, Repository, Selection, Snapshot};
use nid_fetch::{Address, Checksum, Download};
use serde::Serialize;

use crate::fetching;
use crate::message::{self, Usage};
use crate::output::Output;

const EXAMPLES: &str = "\
Examples:
  nid pull https://example.org/features.npy                one file, into this folder
  nid pull https://example.org/a.zip --output data/ --sha256 HEX
  nid pull hub:OWNER/NAME                                  all files of a model, as the branch main has them
  nid pull hub:OWNER/NAME@v1.0 --include '*.safetensors' --include '*.json' --output model/
  nid pull hub:OWNER/NAME --offline                        where they lie, without asking anybody

What broke off is continued by the same command, and what is there is not fetched again. The path is printed on \
standard output; on standard error, the file's SHA-256 or the commit's name, by which the very same can be had again. \
Files of the hub lie in the cache that Python's huggingface_hub uses (HF_HUB_CACHE, else hub in HF_HOME, else \
~/.cache/huggingface/hub); --output copies them. HF_TOKEN opens closed repositories, HF_ENDPOINT names another hub, \
HF_HUB_OFFLINE=1 is --offline. Proxies are HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY.";

#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// An address (http: or https:), or a repository on the hub; the branch main where no revision is named
    #[arg(value_name = "URL|hub:OWNER/NAME[@REVISION]")]
    source: Source,
    /// Files of the repository that match a pattern, as *.json; may be given several times [default: all]
    #[arg(long, value_name = "GLOB")]
    include: Vec<String>,
    /// For an address the file to write, or the folder to put it into [default: this folder]; for a repository a folder
    /// to copy its files into
    #[arg(long, short, value_name = "PATH")]
    output: Option<PathBuf>,
    /// The SHA-256 that the file must have, in hexadecimal digits
    #[arg(long, value_name = "HEX", value_parser = fetching::sha256)]
    sha256: Option<Checksum>,
    /// Replace files that are there
    #[arg(long)]
    force: bool,
    /// Fetch nothing: find the repository's files in the cache, or say which are missing
    #[arg(long)]
    offline: bool,
    /// Print a JSON record
    #[arg(long)]
    json: bool,
    /// Show no progress
    #[arg(long, short)]
    quiet: bool,
}

/// Where files come from.
#[derive(Clone, Debug)]
enum Source {
    Address(Address),
    Repository(Repository),
}

impl FromStr for Source {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Ok(if text.starts_with("hub:") { Self::Repository(text.parse()?) } else { Self::Address(text.parse()?) })
    }
}

/// What there is to know about a file that was pulled.
#[derive(Serialize)]
struct FileRecord<'a> {
    address: String,
    path: &'a str,
    bytes: u64,
    sha256: &'a str,
    fetched: bool,
}

/// What there is to know about a repository's files.
#[derive(Serialize)]
struct SnapshotRecord<'a> {
    repository: &'a str,
    revision: &'a str,
    commit: &'a str,
    folder: String,
    files: Vec<PulledRecord<'a>>,
}

#[derive(Serialize)]
struct PulledRecord<'a> {
    name: &'a str,
    path: String,
    bytes: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    sha256: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    git_sha1: Option<&'a str>,
    fetched: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let text = match &arguments.source {
        Source::Address(address) => pull_file(address, arguments)?,
        Source::Repository(repository) => pull_repository(repository, arguments)?,
    };
    let mut output = Output::open(None, false)?;
    writeln!(output, "{text}")?;
    output.finish()?;
    Ok(ExitCode::SUCCESS)
}

fn pull_file(address: &Address, arguments: &Arguments) -> Result<String> {
    if arguments.offline || !arguments.include.is_empty() {
        bail!(Usage("--offline and --include are for repositories, as hub:OWNER/NAME".to_owned()));
    }
    let path = target(address, arguments.output.as_deref())?;
    let (length, sha256, fetched) = match there(&path, arguments)? {
        Some((length, sha256)) => (length, sha256, false),
        None => {
            let partial = beside(&path)?;
            let (from, checksum) = (address.clone(), arguments.sha256.clone());
            let arrived = fetching::fetch(arguments.quiet, move |client, report| {
                client.fetch(&Download { checksum, ..Download::of(&from) }, &partial, report)
            })?;
            let told = (arrived.length(), arrived.sha256().to_owned(), true);
            arrived.persist(&path, arguments.force)?;
            told
        }
    };
    if arguments.json {
        let (address, path) = (address.to_string(), &display(&path));
        return Ok(serde_json::to_string_pretty(&FileRecord {
            address,
            path,
            bytes: length,
            sha256: &sha256,
            fetched,
        })?);
    }
    message::note(&format!("SHA-256: {sha256}"));
    Ok(display(&path))
}

/// Where the file goes.
fn target(address: &Address, output: Option<&Path>) -> Result<PathBuf> {
    let folder = match output {
        None => Path::new(""),
        Some(output) if output.is_dir() || output.as_os_str().to_string_lossy().ends_with(std::path::is_separator) => {
            output
        }
        Some(file) => return Ok(file.to_owned()),
    };
    let nameless = || Usage(format!("{address} names no file, expected its name by --output"));
    Ok(folder.join(address.file_name().ok_or_else(nameless)?))
}

/// The length and the SHA-256 of the file, if it is there already and is what was asked for.
///
/// # Errors
/// If something else is there, unless it may be replaced.
fn there(path: &Path, arguments: &Arguments) -> Result<Option<(u64, String)>> {
    if fs::symlink_metadata(path).is_err() {
        return Ok(None);
    }
    if let Some(expected) = arguments.sha256.as_ref().filter(|_| path.is_file()) {
        let read = File::open(path).and_then(|file| Ok((file.metadata()?.len(), Checksum::sha256_of(file)?)));
        let (length, sha256) = read.with_context(|| format!("{} cannot be read", display(path)))?;
        if sha256 == expected.digits() {
            return Ok(Some((length, sha256)));
        }
    }
    if path.exists() && !path.is_file() {
        bail!("{}: found a folder or a device, expected a file", display(path));
    }
    if !arguments.force {
        bail!("{}: the file exists (--force replaces it)", display(path));
    }
    Ok(None)
}

/// What has arrived lies beside where it goes.
fn beside(path: &Path) -> Result<PathBuf> {
    let unnamed = || Usage(format!("--output: found {}, expected a file or a folder", display(path)));
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().ok_or_else(unnamed)?);
    name.push(".nid-partial");
    Ok(path.with_file_name(name))
}

fn pull_repository(repository: &Repository, arguments: &Arguments) -> Result<String> {
    if arguments.sha256.is_some() {
        bail!(Usage("--sha256 is for addresses: a repository's files are pinned by its commit".to_owned()));
    }
    if arguments.force && arguments.output.is_none() {
        bail!(Usage("--force is for files that --output leads to".to_owned()));
    }
    let hub = Hub::from_environment()?;
    let hub = if arguments.offline { hub.offline() } else { hub };
    let (wanted, selection) = (repository.clone(), Selection::of(&arguments.include)?);
    let (output, force) = (arguments.output.clone(), arguments.force);
    let snapshot = fetching::watched(arguments.quiet, move |report| {
        let snapshot = hub.pull(&wanted, &selection, report)?;
        match output {
            Some(folder) => snapshot.copy_to(&folder, force, report).map_err(Failed::copying(force)),
            None => Ok(snapshot),
        }
    })?;
    if arguments.json {
        return Ok(serde_json::to_string_pretty(&record(&snapshot))?);
    }
    let fetched = snapshot.files().iter().filter(|file| file.fetched).count();
    let there = snapshot.files().len() - fetched;
    message::note(&format!("{}: files fetched: {fetched}, there already: {there}", snapshot.pinned()));
    if !snapshot.is_listed() {
        message::note("which files this commit has was never asked: there may be more than those that are there");
    }
    Ok(display(snapshot.folder()))
}

/// Why a repository's files are not where they were wanted.
#[derive(Debug, thiserror::Error)]
enum Failed {
    #[error(transparent)]
    Pull(#[from] hub::Error),
    #[error("files cannot be copied")]
    Copy(#[source] hub::Error),
    #[error("files cannot be copied (--force replaces those that are there)")]
    CopyOver(#[source] hub::Error),
}

impl Failed {
    fn copying(force: bool) -> impl FnOnce(hub::Error) -> Self {
        if force { Self::Copy } else { Self::CopyOver }
    }
}

fn record(snapshot: &Snapshot) -> SnapshotRecord<'_> {
    let repository = snapshot.repository();
    SnapshotRecord {
        repository: repository.name(),
        revision: repository.revision(),
        commit: snapshot.commit(),
        folder: display(snapshot.folder()),
        files: snapshot.files().iter().map(pulled).collect(),
    }
}

fn pulled(file: &Pulled) -> PulledRecord<'_> {
    let (sha256, git_sha1) = match &file.checksum {
        Some(Checksum::Sha256(digits)) => (Some(digits.as_str()), None),
        Some(Checksum::GitBlob(digits)) => (None, Some(digits.as_str())),
        None => (None, None),
    };
    let (name, path) = (file.name.as_str(), display(&file.path));
    PulledRecord { name, path, bytes: file.length, sha256, git_sha1, fetched: file.fetched }
}
