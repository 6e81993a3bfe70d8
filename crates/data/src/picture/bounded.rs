//! Work with a deadline, on a thread of its own.
//!
//! The decoders come from many hands and none can be interrupted, so the caller waits for a while
//! and then gives up. The price: a thread that was given up runs on until its work is done, and
//! keeps its memory until then. That is why the pixels, bytes and scans of a file are bounded before
//! it starts.
//!
//! A thread also keeps a panic to itself: the caller gets it as an error. Its message would be printed
//! on standard error all the same, amid the caller's own lines, so the first run here wraps the panic
//! hook in one that passes on every panic but those of these threads.

use std::any::Any;
use std::panic;
use std::sync::Once;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread::{self, Builder};
use std::time::Duration;

use super::Error;

/// The name by which the panic hook knows these threads.
const THREAD: &str = "nid-picture";
/// Decoders of video codecs keep their working blocks on the stack.
const STACK: usize = 8 << 20;

/// Does `work`, waiting for it no longer than `time`.
///
/// # Errors
/// When it takes longer, panics, or the system gives no thread.
pub(super) fn run<T: Send + 'static>(
    format: &'static str,
    time: Duration,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Error> {
    // A thread may be done before anyone has begun to wait for it.
    if time.is_zero() {
        return Err(Error::Time(time));
    }
    silence_our_threads();
    let (sender, receiver) = mpsc::sync_channel(1);
    let thread = Builder::new()
        .name(THREAD.to_owned())
        .stack_size(STACK)
        // The receiver is gone when the caller has given up: then nobody wants the result.
        .spawn(move || drop(sender.send(work())))
        .map_err(Error::Thread)?;
    receiver.recv_timeout(time).map_err(|error| match error {
        RecvTimeoutError::Timeout => Error::Time(time),
        RecvTimeoutError::Disconnected => {
            let said = thread.join().err().map(message).unwrap_or_default();
            Error::Broken { format, reason: format!("its decoder panicked: {said}") }
        }
    })
}

/// What a panic said.
fn message(payload: Box<dyn Any + Send>) -> String {
    match payload.downcast::<String>() {
        Ok(text) => *text,
        Err(payload) => match payload.downcast::<&str>() {
            Ok(text) => (*text).to_owned(),
            Err(_) => "it gave no reason".to_owned(),
        },
    }
}

fn silence_our_threads() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let others = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if thread::current().name() != Some(THREAD) {
                others(info);
            }
        }));
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(60);

    #[test]
    fn finished_work_is_handed_over() {
        assert_eq!(run("PNG", LONG, || 6 * 7).unwrap(), 42);
    }

    #[test]
    fn slow_work_is_given_up() {
        let (_keep, forever) = mpsc::channel::<()>();
        let result = run("PNG", Duration::from_millis(5), move || forever.recv());
        assert!(matches!(result, Err(Error::Time(_))));
    }

    #[test]
    fn a_panic_becomes_an_error_with_its_words() {
        let result = run("PNG", LONG, || -> u8 { panic!("row {}", 7) });
        let error = result.unwrap_err();
        assert_eq!(error.to_string(), "a broken PNG picture: its decoder panicked: row 7");
    }
}
