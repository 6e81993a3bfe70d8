//! Downloads as a person sees them: a bar, a word about every pause, and an end by Ctrl-C whatever the network does.

use std::error::Error;
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;
use nid_fetch::{Checksum, Client, Event, Report};

use crate::interrupt::{self, Interrupted};
use crate::message;
use crate::progress::Progress;

/// Fetches something, with a client as the environment wants it.
///
/// # Errors
/// What the work says, or that Ctrl-C was pressed; then the person is told that nothing is lost.
pub(crate) fn fetch<T, E>(
    quiet: bool,
    work: impl FnOnce(&Client, &mut Report<'_>) -> Result<T, E> + Send + 'static,
) -> Result<T>
where
    T: Send + 'static,
    E: Error + Send + Sync + 'static,
{
    let client = Client::from_environment()?;
    watched(quiet, move |report| work(&client, report))
}

/// Does work that fetches, and shows how it goes.
///
/// # Errors
/// As [`fetch`].
pub(crate) fn watched<T, E>(
    quiet: bool,
    work: impl FnOnce(&mut Report<'_>) -> Result<T, E> + Send + 'static,
) -> Result<T>
where
    T: Send + 'static,
    E: Error + Send + Sync + 'static,
{
    interrupt::watch()?;
    let bar = Arc::new(Mutex::new(Bar::new(quiet)));
    let shown = Arc::clone(&bar);
    let done = interrupt::unless_pressed(move || {
        work(&mut |event| {
            shown.lock().unwrap_or_else(PoisonError::into_inner).show(event);
            if interrupt::is_pressed() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })
    });
    // Also where the work was left behind.
    bar.lock().unwrap_or_else(PoisonError::into_inner).clear();
    match done {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(error)) if !interrupt::is_pressed() => Err(error.into()),
        Ok(Err(_)) | Err(Interrupted) => {
            message::note("interrupted: what has arrived is kept, the same command goes on from there");
            Err(Interrupted.into())
        }
    }
}

/// What is shown of a download.
struct Bar {
    progress: Option<Progress>,
    /// Of what has been copied.
    copied: Option<Progress>,
    /// What was last said to be waited for; nothing where bytes have come since.
    told: Option<String>,
    quiet: bool,
}

impl Bar {
    fn new(quiet: bool) -> Self {
        Self { progress: None, copied: None, told: None, quiet }
    }

    fn show(&mut self, event: Event<'_>) {
        match event {
            Event::Arrived { done, total } => {
                self.told = None;
                let begin = || {
                    let progress = Progress::of_bytes(total, self.quiet);
                    progress.resumed(done as usize);
                    progress
                };
                self.progress.get_or_insert_with(begin).at(done as usize);
            }
            Event::Copied { done, total } => {
                self.progress = None;
                let begin = || Progress::of_bytes(Some(total), self.quiet);
                self.copied.get_or_insert_with(begin).at(done as usize);
            }
            Event::Waiting { left, cause } if !self.quiet => {
                let cause = chain(cause);
                if self.told.as_ref() == Some(&cause) {
                    return;
                }
                let seconds = left.as_secs_f64().ceil();
                let text = format!("{cause}; trying again within {seconds} s");
                self.told = Some(cause);
                match &self.progress {
                    Some(progress) => progress.aside(|| message::note(&text)),
                    None => message::note(&text),
                }
            }
            Event::Waiting { .. } => {}
        }
    }

    fn clear(&mut self) {
        (self.progress, self.copied) = (None, None);
    }
}

/// An error and its causes in one line.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text += &format!(": {error}");
        cause = error.source();
    }
    text
}

/// Reads the 64 digits of a SHA-256.
pub(crate) fn sha256(text: &str) -> Result<Checksum, String> {
    match Checksum::try_from(text.to_owned()) {
        Ok(checksum @ Checksum::Sha256(_)) => Ok(checksum),
        _ => Err("expected 64 hexadecimal digits".to_owned()),
    }
}
