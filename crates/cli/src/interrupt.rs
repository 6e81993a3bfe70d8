//! Ctrl-C: the work ends at the next occasion, so that nothing half-written remains; pressed again, at once.

use std::process;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result};

/// The exit status of what a person has interrupted: 128 and the number of the signal, as shells have it.
pub(crate) const STATUS: u8 = 130;

static PRESSED: AtomicBool = AtomicBool::new(false);

/// A person has pressed Ctrl-C.
#[derive(Debug, thiserror::Error)]
#[error("interrupted")]
pub(crate) struct Interrupted;

/// Begins to watch for Ctrl-C.
pub(crate) fn watch() -> Result<()> {
    let pressed = || {
        if PRESSED.swap(true, Ordering::SeqCst) {
            process::exit(STATUS.into());
        }
    };
    ctrlc::set_handler(pressed).context("Ctrl-C cannot be watched for")
}

/// Whether Ctrl-C was pressed.
pub(crate) fn is_pressed() -> bool {
    PRESSED.load(Ordering::SeqCst)
}

/// What Ctrl-C sets, for work that watches it by itself.
#[cfg(feature = "train")]
pub(crate) fn flag() -> &'static AtomicBool {
    &PRESSED
}
