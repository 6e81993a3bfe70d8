//! What is said to the person, on standard error: one line for each thing that is wrong.

use std::io::{self, Write};
use std::process::ExitCode;

use anstyle::{AnsiColor, Style};
use anyhow::Error;
use nid_engine::meteor;

use crate::interrupt::{self, Interrupted};

const LABEL: Style = AnsiColor::Red.on_default().bold();
const FAILURE: u8 = 1;
const USAGE: u8 = 2;
const SKIPPED: u8 = 3;

/// The command line asks for something that cannot be asked for.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Usage(pub(crate) String);

/// Says why nothing more is done; returns the exit status.
///
/// A reader that has closed the pipe has seen enough, and who pressed Ctrl-C knows why: neither is told.
pub(crate) fn fatal(error: &Error) -> ExitCode {
    if error.is::<Interrupted>() {
        return ExitCode::from(interrupt::STATUS);
    }
    if !is_closed_pipe(error) {
        say(error);
    }
    ExitCode::from(if error.is::<Usage>() { USAGE } else { FAILURE })
}

/// Says in one line what is wrong.
pub(crate) fn say(error: &Error) {
    // Who has closed standard error does not want to know.
    let _ = writeln!(anstream::stderr(), "{LABEL}error:{LABEL:#} {}", one_line(error));
}

/// Says how the work goes.
pub(crate) fn note(text: &str) {
    let _ = writeln!(anstream::stderr(), "{text}");
}

/// Says why METEOR is left out, and what mends it.
pub(crate) fn no_meteor() -> String {
    let fetched = if cfg!(feature = "download") { ", `nid data meteor --download` fetches them" } else { "" };
    format!(
        "not available: its data are not part of this program; `{}` takes them from an installed pycocoevalcap{fetched}",
        meteor::COMMAND
    )
}

/// The error and its causes in one line.
pub(crate) fn one_line(error: &Error) -> String {
    format!("{error:#}").lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
}

fn is_closed_pipe(error: &Error) -> bool {
    let is_pipe = |error: &io::Error| error.kind() == io::ErrorKind::BrokenPipe;
    error.chain().any(|cause| cause.downcast_ref().is_some_and(is_pipe))
}

/// How many inputs came to something.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) done: usize,
    pub(crate) skipped: usize,
}

impl Tally {
    /// 0 if nothing was skipped, 3 if some inputs were, 1 if nothing came of any.
    pub(crate) fn status(&self) -> ExitCode {
        match self {
            Self { skipped: 0, .. } => ExitCode::SUCCESS,
            Self { done: 0, .. } => ExitCode::from(FAILURE),
            _ => ExitCode::from(SKIPPED),
        }
    }
}
