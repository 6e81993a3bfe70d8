//! What was measured, as text for people and as JSON.

use std::fmt;
use std::fs;
use std::path::Path;
use std::thread;

use anyhow::{Context, Error, Result};
use serde::Serialize;

/// Where and between whom.
#[derive(Serialize)]
pub(crate) struct Machine {
    cpu: String,
    threads: usize,
    /// Whether this only shows that everything runs.
    quick: bool,
    nid: &'static str,
    /// What nid is measured beside.
    peer: &'static str,
    about: Option<String>,
    /// Why the peer is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    missing: Option<String>,
}

impl Machine {
    /// This machine; `about` says which version of the peer there is, or why there is none.
    pub(crate) fn describe(peer: &'static str, about: Result<&String, &Error>, quick: bool) -> Result<Self> {
        Ok(Self {
            cpu: cpu().unwrap_or_else(|| "an unknown CPU".to_owned()),
            threads: thread::available_parallelism()?.get(),
            quick,
            nid: env!("CARGO_PKG_VERSION"),
            peer,
            about: about.ok().cloned(),
            missing: about.err().map(|error| format!("{error:#}")),
        })
    }
}

/// The CPU's name, where the system tells it.
fn cpu() -> Option<String> {
    let told = fs::read_to_string("/proc/cpuinfo").ok()?;
    let (_, name) = told.lines().find(|line| line.starts_with("model name"))?.split_once(':')?;
    Some(name.trim().to_owned())
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { cpu, threads, quick, nid, peer, about, missing } = self;
        write!(f, "{cpu}, {threads} threads; nid {nid}")?;
        if let Some(about) = about {
            write!(f, "; {about}")?;
        }
        if *quick {
            write!(f, "\nquick: shows that everything runs; the figures mean little")?;
        }
        match missing {
            Some(why) => write!(f, "\n{peer} is left out, and nid stands alone: {why}"),
            None => Ok(()),
        }
    }
}

/// One figure in all rounds.
#[derive(Serialize)]
struct Figure {
    name: String,
    unit: &'static str,
    nid: Vec<f64>,
    peer: Vec<f64>,
    /// The median of the rounds' ratios; above 1 nid is the better.
    ratio: Option<f64>,
}

impl Figure {
    fn add(&mut self, nid: Option<f64>, peer: Option<f64>) {
        self.nid.extend(nid);
        self.peer.extend(peer);
        // Of what is counted by the second, more is better.
        let is_rate = self.unit.ends_with("/s");
        let pairs = self.nid.iter().zip(&self.peer);
        self.ratio = median(pairs.map(|(nid, peer)| if is_rate { nid / peer } else { peer / nid }).collect());
    }
}

/// All figures, and how far both sides agree.
#[derive(Serialize)]
pub(crate) struct Report<A> {
    machine: Machine,
    pub(crate) agreement: Option<A>,
    figures: Vec<Figure>,
}

impl<A: Serialize> Report<A> {
    pub(crate) fn new(machine: Machine) -> Self {
        Self { machine, agreement: None, figures: Vec::new() }
    }

    /// One more round of one figure.
    pub(crate) fn add(&mut self, name: &str, unit: &'static str, nid: Option<f64>, peer: Option<f64>) {
        let place = self.figures.iter().position(|figure| figure.name == name).unwrap_or_else(|| {
            let (name, nid, peer) = (name.to_owned(), Vec::new(), Vec::new());
            self.figures.push(Figure { name, unit, nid, peer, ratio: None });
            self.figures.len() - 1
        });
        self.figures[place].add(nid, peer);
    }

    /// Writes all rounds to a file.
    pub(crate) fn keep(&self, path: &Path) -> Result<()> {
        let text = serde_json::to_string_pretty(self)?;
        fs::write(path, text + "\n").with_context(|| format!("{} cannot be written", path.display()))
    }
}

impl<A: fmt::Display> fmt::Display for Report<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows = &self.figures;
        let width = rows.iter().map(|row| row.name.len()).max().unwrap_or_default() + 2;
        writeln!(f, "\n{:width$}{:>12}{:>15}", "", "nid", self.machine.peer)?;
        for Figure { name, unit, nid, peer, .. } in rows {
            writeln!(f, "{name:width$}{:>12}{:>15}  {unit}", shown(nid), shown(peer))?;
        }
        if rows.iter().any(|row| row.nid.is_empty()) {
            writeln!(f, "-: not measured on this system")?;
        }
        let Some(agreement) = &self.agreement else { return Ok(()) };
        writeln!(f, "\n{agreement}")?;
        writeln!(f, "\nSummary: ratio > 1 means nid is quicker, or holds less memory")?;
        for Figure { name, ratio, .. } in rows {
            writeln!(f, "{name:width$}{:>12}", ratio.map_or("-".to_owned(), |ratio| format!("{ratio:.2}")))?;
        }
        Ok(())
    }
}

fn shown(rounds: &[f64]) -> String {
    median(rounds.to_vec()).map_or("-".to_owned(), |median| format!("{median:.1}"))
}

/// The number in the middle, or the mean of the two there.
pub(crate) fn median(mut numbers: Vec<f64>) -> Option<f64> {
    numbers.sort_by(f64::total_cmp);
    let (below, above) = (numbers.get(numbers.len().checked_sub(1)? / 2)?, numbers.get(numbers.len() / 2)?);
    Some((below + above) / 2.0)
}
