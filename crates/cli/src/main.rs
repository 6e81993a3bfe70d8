//! `nid`, the neural image descriptor, on the command line.
//!
//! A command is a file: its arguments, and a `run` that reads them, calls the library and says what came of
//! it. What commands share has a file of its own: the pictures that come in, the words that go out, the
//! flags of the search. Nothing here knows how a caption is found.
//!
//! Exit status, of every command: 0 all done, 1 failure, 2 usage, 3 some inputs skipped, 130 interrupted.

mod args;
mod caption;
mod classify;
mod data;
mod documents;
mod evaluate;
mod export;
mod extract;
#[cfg(feature = "download")]
mod fetching;
mod import;
mod inspect;
mod interrupt;
mod message;
mod metrics;
mod model;
mod names;
mod output;
mod pictures;
mod progress;
#[cfg(feature = "download")]
mod pull;
mod records;
mod score;
mod scored;
mod search;
mod tokenize;
#[cfg(feature = "train")]
mod train;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    args::Arguments::parse().command.run().unwrap_or_else(|error| message::fatal(&error))
}
