//! What is measured, and both who do it.

use std::fmt;
use std::fs::File;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result};
use serde::{Serialize, Serializer};

use crate::common::nid;
use crate::common::process::{peak_memory, start, succeeded};
use crate::common::recipe::Recipe;
use crate::common::report::median;
use crate::work::{Form, Side, Work};

/// What can be measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// From lines to lines of tokens.
    Tokenize,
    /// BLEU, ROUGE-L and CIDEr of tokens.
    Counted,
    /// METEOR of tokens.
    Meteor,
    /// All of them from captions as they were written.
    All,
}

impl Part {
    pub(crate) const ALL: [Self; 4] = [Self::Tokenize, Self::Counted, Self::Meteor, Self::All];

    /// Whether METEOR's data are needed.
    pub(crate) fn has_meteor(self) -> bool {
        matches!(self, Self::Meteor | Self::All)
    }

    /// What the recipe calls it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Tokenize => "tokenize",
            Self::Counted => "counted",
            Self::Meteor => "meteor",
            Self::All => "all",
        }
    }

    /// The form of the captions that it starts from.
    fn form(self) -> Form {
        if self == Self::All { Form::Raw } else { Form::Tokens }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Tokenize => "tokenize",
            Self::Counted => "BLEU, ROUGE-L, CIDEr",
            Self::Meteor => "METEOR",
            Self::All => "all from raw captions",
        })
    }
}

impl Serialize for Part {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// What a part took.
pub(crate) struct Run {
    pub(crate) seconds: f64,
    /// Bytes; nothing where this system does not say.
    pub(crate) peak_memory: Option<f64>,
}

/// Times the same work a few times, then weighs it, as weighing takes time of what is this short.
pub(crate) fn nid_does(part: Part, work: &Work) -> Result<Run> {
    let seconds = (0..work.sizes.repeats).map(|_| seconds(nid_at(part, work)?)).collect::<Result<_>>()?;
    let seconds = median(seconds).context("nothing was timed")?;
    Ok(Run { seconds, peak_memory: peak_memory(&mut nid_at(part, work)?)? })
}

/// Times and weighs at once.
pub(crate) fn pycocoevalcap_does(part: Part, work: &Work, peer: &Recipe) -> Result<Run> {
    let mut command = peer.command(part.name());
    match part {
        Part::Tokenize => command.arg(work.lines()),
        _ => command.args([work.candidates(part.form()), work.references(part.form())]),
    };
    command.arg(work.output(Side::Peer, part)).stdout(Stdio::null());
    let began = Instant::now();
    let peak_memory = peak_memory(&mut command)?;
    Ok(Run { seconds: began.elapsed().as_secs_f64(), peak_memory })
}

fn nid_at(part: Part, work: &Work) -> Result<Command> {
    let output = work.output(Side::Nid, part);
    let metrics = match part {
        Part::Tokenize => {
            let mut command = nid(["tokenize"]);
            command.arg(work.lines()).stdout(File::create(output)?);
            return Ok(command);
        }
        Part::Counted => "bleu,rouge,cider",
        Part::Meteor => "meteor",
        Part::All => "bleu,meteor,rouge,cider",
    };
    let mut command = nid(["score", "--force", "--metrics", metrics, "--json"]);
    command.arg(output).arg(work.candidates(part.form())).arg("--references").arg(work.references(part.form()));
    if part.form() == Form::Tokens {
        command.arg("--tokenized");
    }
    command.stdout(Stdio::null());
    Ok(command)
}

fn seconds(mut command: Command) -> Result<f64> {
    let began = Instant::now();
    let status = start(&mut command)?.wait()?;
    let seconds = began.elapsed().as_secs_f64();
    succeeded(&command, status)?;
    Ok(seconds)
}
