//! Tokens of the captions that come in, one caption a line.
#![allow(clippy::print_stdout, reason = "an example")]
use std::io::{Read, Write};

use nid_metrics::tokenize_before;

fn main() -> std::io::Result<()> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    let mut lines = text.split('\n').peekable();
    let mut out = String::new();
    while let Some(line) = lines.next() {
        tokenize_before(line, lines.peek().copied(), &mut out);
        if lines.peek().is_some() {
            out.push('\n');
        }
    }
    std::io::stdout().write_all(out.as_bytes())
}
