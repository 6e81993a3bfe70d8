//! `nid tokenize`: captions as the words that are scored.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Args;
use nid_data::blocks::{Blocks, parts};
use nid_data::photos::display;
use nid_metrics::tokenize_before;
use rayon::prelude::*;

use crate::output::Output;

/// Bytes of captions that one task goes through.
const TASK: usize = 1 << 16;
/// Tasks that are done before threads would have started.
const FEW: usize = 4;

const EXAMPLES: &str = "\
Examples:
  nid tokenize captions.txt > tokens.txt
  echo \"The dogs' toys aren't John's.\" | nid tokenize       the dogs toys are n't john 's

The tokens are those of pycocoevalcap's PTBTokenizer: Penn Treebank's, in lower case, punctuation left out. Every
line gives one line, an empty one an empty one. Bytes that are not UTF-8 are an error.";

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
    let mut tokenised: Vec<String> = Vec::new();
    // The last line of the block before: its tokens may depend on the line that follows.
    let mut held: Option<String> = None;
    while let Some(block) = blocks.block()? {
        if let Some(line) = held.take() {
            write_line(&line, block.lines().next(), output)?;
        }
        let parts: Vec<&str> = parts(block, TASK).collect();
        tokenised.resize_with(parts.len(), String::new);
        let read = |(place, tokenised): (usize, &mut String)| {
            let following = parts.get(place + 1).and_then(|part| part.lines().next());
            read(parts[place], following, tokenised);
        };
        if parts.len() < FEW {
            tokenised.iter_mut().enumerate().for_each(read);
        } else {
            tokenised.par_iter_mut().enumerate().for_each(read);
        }
        tokenised.iter().try_for_each(|part| output.write_all(part.as_bytes()))?;
        held = block.lines().next_back().map(str::to_owned);
    }
    held.map_or(Ok(()), |line| write_line(&line, None, output))
}

fn write_line(caption: &str, following: Option<&str>, output: &mut Output) -> Result<()> {
    let mut tokens = String::new();
    tokenize_before(caption, following, &mut tokens);
    Ok(writeln!(output, "{tokens}")?)
}

/// Writes the tokens of each line of `captions` on a line of `tokenised`, over what is there. The last line is left out
/// where it is not known what follows.
fn read(captions: &str, following: Option<&str>, tokenised: &mut String) {
    tokenised.clear();
    tokenised.reserve(captions.len() + captions.len() / 8);
    let mut lines = captions.lines().peekable();
    while let Some(caption) = lines.next() {
        let Some(next) = lines.peek().copied().or(following) else { return };
        tokenize_before(caption, Some(next), tokenised);
        tokenised.push('\n');
    }
}
