//! Labelled pictures are read in every form, and what is wrong with a file is said with its name and the place.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking, also in its helpers")]

mod bad_input;
mod folders;
mod forms;
mod hold_out;
mod memory;
mod properties;
mod write;
