//! What was measured, as text for people and as JSON.

use std::fmt;
use std::fs;

use anyhow::Result;
use serde::Serialize;

use crate::contestant::Measure;
use crate::pytorch::{PyTorch, Versions};
use crate::work::CAPTIONS_A_STEP;

/// Where and between whom.
#[derive(Serialize)]
pub(crate) struct Machine {
    cpu: String,
    threads: usize,
    /// Whether this only shows that everything runs.
    quick: bool,
    nid: &'static str,
    pytorch: Option<Versions>,
    /// Why PyTorch is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    missing: Option<String>,
}

impl Machine {
    pub(crate) fn describe(threads: usize, quick: bool, pytorch: &Result<PyTorch>) -> Self {
        Self {
            cpu: cpu().unwrap_or_else(|| "an unknown CPU".to_owned()),
            threads,
            quick,
            nid: env!("CARGO_PKG_VERSION"),
            pytorch: pytorch.as_ref().ok().map(|pytorch| pytorch.versions.clone()),
            missing: pytorch.as_ref().err().map(|error| format!("{error:#}")),
        }
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
        let Self { cpu, threads, quick, nid, pytorch, missing } = self;
        write!(f, "{cpu}, {threads} threads; nid {nid}")?;
        if let Some(Versions { python, torch }) = pytorch {
            write!(f, "; PyTorch {torch} on Python {python}")?;
        }
        if *quick {
            write!(f, "\nquick: shows that everything runs; the figures mean little")?;
        }
        match missing {
            Some(why) => write!(f, "\nPyTorch is left out, and nid stands alone: {why}"),
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
    pytorch: Vec<f64>,
    /// The median of the rounds' ratios; above 1 nid is the better.
    ratio: Option<f64>,
    #[serde(skip)]
    measure: Measure,
}

impl Figure {
    fn of(measure: Measure) -> Self {
        let (name, unit) = (measure.to_string(), measure.unit());
        Self { name, unit, nid: Vec::new(), pytorch: Vec::new(), ratio: None, measure }
    }

    fn add(&mut self, nid: Option<f64>, pytorch: Option<f64>) {
        self.nid.extend(nid);
        self.pytorch.extend(pytorch);
        let pairs = self.nid.iter().zip(&self.pytorch);
        let ratios = pairs.map(|(nid, pytorch)| if self.measure.is_rate() { nid / pytorch } else { pytorch / nid });
        self.ratio = median(ratios.collect());
    }

    /// The training step said as captions a second.
    fn as_rate(&self) -> Self {
        let rate = |steps: &[f64]| steps.iter().map(|ms| CAPTIONS_A_STEP as f64 * 1e3 / ms).collect();
        let (name, unit) = ("training".to_owned(), "captions/s");
        Self { name, unit, nid: rate(&self.nid), pytorch: rate(&self.pytorch), ..*self }
    }
}

/// All figures.
#[derive(Serialize)]
pub(crate) struct Figures {
    machine: Machine,
    /// On how many photos both say the same, of how many.
    pub(crate) agreement: Option<(usize, usize)>,
    figures: Vec<Figure>,
}

impl Figures {
    pub(crate) fn new(machine: Machine) -> Self {
        Self { machine, agreement: None, figures: Measure::ALL.map(Figure::of).into() }
    }

    /// One more round of one figure.
    pub(crate) fn add(&mut self, measure: Measure, nid: Option<f64>, pytorch: Option<f64>) {
        let of = self.figures.iter_mut().find(|figure| figure.measure == measure);
        if let Some(figure) = of {
            figure.add(nid, pytorch);
        }
    }

    /// What was measured, and what follows from it.
    pub(crate) fn finished(mut self) -> Self {
        self.figures
            .extend(self.figures.iter().find(|figure| figure.measure == Measure::Training).map(Figure::as_rate));
        self
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows = &self.figures;
        writeln!(f, "\n{:26}{:>12}{:>12}", "", "nid", "PyTorch")?;
        for Figure { name, unit, nid, pytorch, .. } in rows {
            writeln!(f, "{name:26}{:>12}{:>12}  {unit}", shown(nid), shown(pytorch))?;
        }
        if rows.iter().any(|row| row.nid.is_empty()) {
            writeln!(f, "-: not measured on this system")?;
        }
        if let Some((equal, photos)) = self.agreement {
            writeln!(f, "\nThe same caption for {equal} of {photos} photos; their JPEG decoders differ a little.")?;
            writeln!(f, "\nSummary: ratio > 1 means nid is quicker, or holds less memory")?;
            for Figure { name, ratio, .. } in rows {
                writeln!(f, "{name:26}{:>12}", ratio.map_or("-".to_owned(), |ratio| format!("{ratio:.2}")))?;
            }
        }
        Ok(())
    }
}

fn shown(rounds: &[f64]) -> String {
    median(rounds.to_vec()).map_or("-".to_owned(), |median| format!("{median:.1}"))
}

fn median(mut numbers: Vec<f64>) -> Option<f64> {
    numbers.sort_by(f64::total_cmp);
    let (below, above) = (numbers.get(numbers.len().checked_sub(1)? / 2)?, numbers.get(numbers.len() / 2)?);
    Some((below + above) / 2.0)
}
