//! What `caption` prints about a picture, in the form asked for.

use std::io::Write;
use std::path::Path;

use anyhow::Result;
use clap::ValueEnum;
use nid_data::photos::display;
use nid_engine::{Caption, sentence};
use serde::Serialize;

use crate::output::Output;

/// How records are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// The sentence, after its path where there are several pictures
    Text,
    /// An array of records
    Json,
    /// A record a line
    Jsonl,
    /// Columns path, caption, score and error, a row for each sentence
    Csv,
}

/// What came of a picture.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum Record {
    /// It was captioned.
    Captioned {
        path: String,
        /// The best caption.
        caption: String,
        score: f64,
        /// All captions, best first.
        captions: Vec<Scored>,
    },
    /// It was skipped.
    Skipped { path: String, error: String },
}

/// A caption with its score.
#[derive(Debug, Serialize)]
pub(crate) struct Scored {
    caption: String,
    score: f64,
}

impl Record {
    /// The record of a picture with its captions, at least one, best first.
    pub(crate) fn captioned(path: String, captions: &[Caption], raw: bool) -> Self {
        let text = |caption: &str| if raw { caption.to_owned() } else { sentence(caption) };
        let scored = |found: &Caption| Scored { caption: text(&found.caption), score: found.score };
        Self::Captioned {
            path,
            caption: text(&captions[0].caption),
            score: captions[0].score,
            captions: captions.iter().map(scored).collect(),
        }
    }
}

/// Writes records one after the other.
pub(crate) struct Records {
    output: Output,
    format: Format,
    written: usize,
}

impl Records {
    pub(crate) fn new(output: Output, format: Format) -> Self {
        Self { output, format, written: 0 }
    }

    /// Writes one more record. Text is about a picture that is `alone`, or names it.
    pub(crate) fn write(&mut self, record: &Record, alone: bool) -> Result<()> {
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
    pub(crate) fn name(&self, path: &Path) -> String {
        match path.to_str() {
            Some(path) if self.format != Format::Text => path.to_owned(),
            _ => display(path),
        }
    }

    /// Shows what was written so far to who watches.
    pub(crate) fn flush(&mut self) -> Result<()> {
        Ok(self.output.flush()?)
    }

    /// Ends the file.
    pub(crate) fn finish(mut self) -> Result<()> {
        if self.format == Format::Json {
            self.output.write_all(if self.written == 0 { b"[]\n" } else { b"\n]\n" })?;
        }
        self.output.finish()
    }

    fn text(&mut self, record: &Record, alone: bool) -> Result<()> {
        let Record::Captioned { path, captions, .. } = record else { return Ok(()) };
        for Scored { caption, .. } in captions {
            if alone {
                writeln!(self.output, "{caption}")?;
            } else {
                writeln!(self.output, "{path}: {caption}")?;
            }
        }
        Ok(())
    }

    fn csv(&mut self, record: &Record) -> Result<()> {
        let mut rows = csv::Writer::from_writer(Vec::new());
        if self.written == 0 {
            rows.write_record(["path", "caption", "score", "error"])?;
        }
        match record {
            Record::Captioned { path, captions, .. } => {
                for Scored { caption, score } in captions {
                    rows.write_record([path, caption, &score.to_string(), ""])?;
                }
            }
            Record::Skipped { path, error } => rows.write_record([path, "", "", error])?,
        }
        let rows = rows.into_inner().map_err(csv::IntoInnerError::into_error)?;
        Ok(self.output.write_all(&rows)?)
    }
}
