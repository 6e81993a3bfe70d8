//! The command line, as far as it is the same for every bench.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::Args;

#[derive(Args)]
pub(crate) struct Arguments {
    /// The Python that has what nid is measured beside
    #[arg(long, value_name = "PATH", default_value = "python3")]
    pub(crate) python: PathBuf,
    /// How often each figure is measured [default: 3, or 1 with --quick]
    #[arg(long, value_name = "N")]
    rounds: Option<NonZeroUsize>,
    /// Keep the figures of all rounds in a file
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
    /// See whether everything runs; the figures mean little
    #[arg(long)]
    pub(crate) quick: bool,
    /// Said by cargo
    #[arg(long, hide = true)]
    bench: bool,
}

impl Arguments {
    /// How often something is measured that is measured so often unless told otherwise.
    pub(crate) fn rounds(&self, usual: usize) -> usize {
        self.rounds.map_or(if self.quick { 1 } else { usual }, NonZeroUsize::get)
    }
}
