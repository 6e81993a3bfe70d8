//! Work on the repository itself, which is no part of the program: `cargo run -p xtask`.
//!
//! Prints the table of rooms as ARCHITECTURE.md has it. The tests hold the crates to that table.

mod rooms;

use std::io::Write;

fn main() -> anyhow::Result<()> {
    Ok(write!(std::io::stdout(), "{}", rooms::table())?)
}
