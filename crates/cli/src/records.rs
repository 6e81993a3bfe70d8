//! What is printed about pictures, in the form asked for.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Result, bail};
use clap::ValueEnum;
use nid_data::photos::display;
use serde::Serialize;

use crate::args::{Results, Work};
use crate::message::{self, Tally};
use crate::output::Output;
use crate::pictures::Outcome;
use crate::progress::Progress;

/// How records are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Lines for people, which name the picture where there are several
    Text,
    /// An array of records
    Json,
    /// A record a line
    Jsonl,
    /// Columns under their names, a row for each caption or class
    Csv,
}

/// What a command says of a picture.
pub(crate) trait Findings: Serialize {
    /// The columns between the path's and the error's.
    const COLUMNS: &'static [&'static str];
    /// The rows of these columns, at least one.
    fn rows(&self) -> Vec<Vec<String>>;
    /// The lines for people about the only picture.
    fn alone(&self) -> Vec<String>;
    /// The lines for people about one of several pictures, whose path precedes each.
    fn among_others(&self) -> Vec<String>;
}

/// What came of a picture.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Record<T> {
    /// It was looked at.
    Done {
        path: String,
        #[serde(flatten)]
        findings: T,
    },
    /// It was skipped.
    Skipped { path: String, error: String },
}

/// Pictures under way to their records: what is found is written, what cannot be read is told and counted.
pub(crate) struct Reporting {
    records: Records,
    progress: Progress,
    tally: Tally,
}

impl Reporting {
    /// On `total` pictures, where that is known.
    pub(crate) fn new(output: Output, results: &Results, total: Option<usize>, work: &Work) -> Self {
        Self {
            records: Records { output, format: results.format(), written: 0 },
            progress: Progress::new(total, "pictures", work.quiet),
            tally: Tally::default(),
        }
    }

    /// Writes what came of a batch; `alone` says that its one picture is all there is.
    pub(crate) fn write<T: Findings>(&mut self, outcomes: Vec<Outcome<T>>, alone: bool) -> Result<()> {
        for outcome in outcomes {
            let record = self.record(outcome);
            self.progress.aside(|| self.records.write(&record, alone))?;
        }
        self.progress.aside(|| self.records.output.flush())?;
        self.progress.at(self.tally.done + self.tally.skipped);
        Ok(())
    }

    fn record<T>(&mut self, Outcome { path, result }: Outcome<T>) -> Record<T> {
        let path = self.records.name(&path);
        match result {
            Ok(findings) => {
                self.tally.done += 1;
                Record::Done { path, findings }
            }
            Err(error) => {
                self.tally.skipped += 1;
                self.progress.aside(|| message::say(&error));
                Record::Skipped { path, error: message::one_line(&error) }
            }
        }
    }

    /// Ends the file; returns the exit status.
    pub(crate) fn finish(self) -> Result<ExitCode> {
        if self.tally.done + self.tally.skipped == 0 {
            bail!("found no path on standard input, expected one a line");
        }
        drop(self.progress);
        self.records.finish()?;
        Ok(self.tally.status())
    }
}

/// Writes records one after the other.
struct Records {
    output: Output,
    format: Format,
    written: usize,
}

impl Records {
    /// Writes one more record. Text is about a picture that is `alone`, or names it.
    fn write<T: Findings>(&mut self, record: &Record<T>, alone: bool) -> Result<()> {
        match self.format {
            Format::Text => self.text(record, alone)?,
            Format::Json => {
                self.output.write_all(if self.written == 0 { b"[\n  " } else { b",\n  " })?;
                self.output.write_all(&serde_json::to_vec(record)?)?;
            }
            Format::Jsonl => {
                self.output.write_all(&serde_json::to_vec(record)?)?;
                self.output.write_all(b"\n")?;
            }
            Format::Csv => self.csv(record)?,
        }
        self.written += 1;
        Ok(())
    }

    /// A path as it is written: for people without anything that moves a terminal's cursor, for machines as it is. Where
    /// it is not UTF-8, both escape.
    fn name(&self, path: &Path) -> String {
        match path.to_str() {
            Some(path) if self.format != Format::Text => path.to_owned(),
            _ => display(path),
        }
    }

    /// Ends the file.
    fn finish(mut self) -> Result<()> {
        if self.format == Format::Json {
            self.output.write_all(if self.written == 0 { b"[]\n" } else { b"\n]\n" })?;
        }
        self.output.finish()
    }

    fn text<T: Findings>(&mut self, record: &Record<T>, alone: bool) -> Result<()> {
        let Record::Done { path, findings } = record else { return Ok(()) };
        if alone {
            findings.alone().iter().try_for_each(|line| writeln!(self.output, "{line}"))?;
        } else {
            findings.among_others().iter().try_for_each(|line| writeln!(self.output, "{path}: {line}"))?;
        }
        Ok(())
    }

    fn csv<T: Findings>(&mut self, record: &Record<T>) -> Result<()> {
        let mut table = csv::Writer::from_writer(Vec::new());
        let mut row = |path: &str, columns: &[String], error: &str| {
            table.write_record([path].into_iter().chain(columns.iter().map(String::as_str)).chain([error]))
        };
        if self.written == 0 {
            row("path", &T::COLUMNS.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>(), "error")?;
        }
        match record {
            Record::Done { path, findings } => {
                findings.rows().iter().try_for_each(|columns| row(path, columns, ""))?;
            }
            Record::Skipped { path, error } => row(path, &vec![String::new(); T::COLUMNS.len()], error)?,
        }
        let rows = table.into_inner().map_err(csv::IntoInnerError::into_error)?;
        Ok(self.output.write_all(&rows)?)
    }
}
