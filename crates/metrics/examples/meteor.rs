//! METEOR of JSON lines, by a table that was compiled before.
//!
//! `meteor compile FOLDER TABLE` compiles the table from a folder with METEOR's files, unpacked and decompressed.
//! `meteor score TABLE` reads lines `["candidate", ["reference", …]]` and writes for each the statistics that METEOR
//! prints, and the score.

use std::error::Error;
use std::io::{BufReader, BufWriter, Write, stdin, stdout};
use std::path::Path;
use std::{env, fs};

use nid_metrics::meteor::{Meteor, Sources, Statistics, Table};
use rayon::prelude::*;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["compile", folder, table] => compile(Path::new(folder), Path::new(table)),
        ["score", table] => score(Path::new(table)),
        _ => Err("expected `compile FOLDER TABLE` or `score TABLE`".into()),
    }
}

fn compile(folder: &Path, table: &Path) -> Result<(), Box<dyn Error>> {
    let read = |name: &str| fs::read(folder.join(name));
    let sources = Sources {
        function_words: &read("function/english.words")?,
        prefixes: &read("nonbreaking/english.prefixes")?,
        synsets: &read("synonym/english.synsets")?,
        exceptions: &read("synonym/english.exceptions")?,
        paraphrases: BufReader::new(fs::File::open(folder.join("paraphrase-en"))?),
    };
    Ok(fs::write(table, Table::compile(sources)?)?)
}

fn score(table: &Path) -> Result<(), Box<dyn Error>> {
    let bytes = fs::read(table)?;
    let meteor = Meteor::new(Table::open(&bytes)?);
    let lines: Vec<String> = stdin().lines().collect::<Result<_, _>>()?;
    let each = lines.par_iter().map_init(
        || meteor.scorer(),
        |scorer, line| {
            let (candidate, references): (String, Vec<String>) = serde_json::from_str(line)?;
            let references: Vec<&str> = references.iter().map(String::as_str).collect();
            Ok(scorer.statistics(&candidate, &references))
        },
    );
    let each = each.collect::<Result<Vec<Statistics>, serde_json::Error>>()?;
    let mut out = BufWriter::new(stdout().lock());
    for statistics in &each {
        let numbers: Vec<String> = statistics.numbers().iter().map(u64::to_string).collect();
        writeln!(out, "{} {}", numbers.join(" "), statistics.score())?;
    }
    let all: Statistics = each.into_iter().sum();
    Ok(writeln!(out, "{}", all.score())?)
}
