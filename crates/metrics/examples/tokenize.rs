//! Tokens of the captions that come in, one caption a line; with `--alone`, of each as if no other followed.
#![allow(clippy::print_stdout, reason = "an example")]
use std::io::{Read, Write};

use nid_metrics::{tokenize, tokenize_between};

fn main() -> std::io::Result<()> {
    let alone = std::env::args().nth(1).is_some_and(|option| option == "--alone");
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    let mut lines = text.split('\n');
    let mut out = String::new();
    let mut begun = 0;
    while let Some(line) = lines.next() {
        if alone {
            tokenize(line, &mut out);
        } else {
            begun = tokenize_between(line, begun, lines.clone(), &mut out);
        }
        out.push('\n');
    }
    out.pop();
    std::io::stdout().write_all(out.as_bytes())
}
