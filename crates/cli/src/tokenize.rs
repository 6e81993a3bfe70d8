//! `nid tokenize`: captions as the words that are scored.

use std::borrow::Cow;
use std::cell::Cell;
use std::fs::File;
use std::io::{self, Read, Write};
use std::iter;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Args;
use nid_data::blocks::{Blocks, parts};
use nid_data::photos::display;
use nid_metrics::tokenize_between;
use rayon::prelude::*;

use crate::output::Output;

/// Bytes of captions that one task goes through.
const TASK: usize = 1 << 16;
/// Tasks that are done before threads would have started.
const FEW: usize = 4;
/// Bytes of lines that wait at most for what follows: markup that is not closed within as many is taken for text.
const HELD: usize = 1 << 24;

const EXAMPLES: &str = "\
Examples:
  nid tokenize captions.txt > tokens.txt
  echo \"The dogs' toys aren't John's.\" | nid tokenize       the dogs toys are n't john 's

The tokens are those of pycocoevalcap's PTBTokenizer: Penn Treebank's, in lower case, punctuation left out. Every \
line gives one line, an empty one an empty one. Bytes that are not UTF-8 are an error. \
As there, a token may hold a bare CR, U+0085 or U+2028: only LF ends a line.";

#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// Captions, one a line; standard input where it is left out or -
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let mut output = Output::open(None, false)?;
    match arguments.file.as_deref().filter(|path| *path != Path::new("-")) {
        None => write(Blocks::new(io::stdin().lock(), Path::new("standard input")), &mut output)?,
        Some(path) => {
            let file = File::open(path).with_context(|| format!("{} cannot be read", display(path)))?;
            write(Blocks::new(file, path), &mut output)?;
        }
    }
    output.finish()?;
    Ok(ExitCode::SUCCESS)
}

fn write(mut blocks: Blocks<impl Read>, output: &mut Output) -> Result<()> {
    // Lines whose tokens may depend on lines that were not read yet, and how much of them belongs to a token from before.
    let (mut held, mut begun) = (String::new(), 0);
    loop {
        let block = blocks.block()?;
        let ended = block.is_none() || held.len() > HELD;
        if block.is_none() && held.is_empty() {
            return Ok(());
        }
        let text = match block.unwrap_or_default() {
            block if held.is_empty() => Cow::Borrowed(block),
            block => Cow::Owned(std::mem::take(&mut held) + block),
        };
        let parts: Vec<&str> = parts(&text, TASK).collect();
        let read = |place: usize| Part::read(parts[place], 0, &parts[place + 1..], ended);
        let tokenised: Vec<Part> = if parts.len() < FEW {
            (0..parts.len()).map(read).collect()
        } else {
            (0..parts.len()).into_par_iter().map(read).collect()
        };
        let mut done = 0;
        for (place, mut part) in tokenised.into_iter().enumerate() {
            if begun > 0 {
                part = Part::read(parts[place], begun, &parts[place + 1..], ended);
            }
            output.write_all(part.tokens.as_bytes())?;
            begun = part.begun;
            done += part.length;
            if part.length < parts[place].len() {
                held.push_str(&text[done..]);
                break;
            }
        }
    }
}

/// The tokens of some lines, each on a line.
struct Part {
    tokens: String,
    /// Bytes that were read: fewer than there are where a line's tokens depend on what is not known yet.
    length: usize,
    /// How much of what comes next belongs to the last token.
    begun: usize,
}

impl Part {
    /// Reads `lines`, whose first `begun` bytes belong to a token from before. `ended`: nothing comes after those that `follow`.
    fn read(lines: &str, begun: usize, follow: &[&str], ended: bool) -> Self {
        let mut part = Self { tokens: String::with_capacity(lines.len() + lines.len() / 8), length: 0, begun };
        for line in lines.split_inclusive('\n') {
            let rest = &lines[part.length + line.len()..];
            let missing = Cell::new(false);
            let end = iter::from_fn(|| {
                missing.set(!ended);
                None
            });
            let following = rest.lines().chain(follow.iter().flat_map(|part| part.lines())).chain(end);
            let before = part.tokens.len();
            let caption = line.lines().next().unwrap_or_default();
            let begun = tokenize_between(caption, part.begun, following, &mut part.tokens);
            if missing.get() {
                part.tokens.truncate(before);
                break;
            }
            part.tokens.push('\n');
            part.begun = begun;
            part.length += line.len();
        }
        part
    }
}
