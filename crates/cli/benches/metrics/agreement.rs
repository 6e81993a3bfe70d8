//! Whether both sides have found the same.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;

use anyhow::{Context, Result};
use serde::Serialize;
use serde_json::Value;

use crate::contestant::Part;
use crate::work::{Side, Work};

/// How far the last round's outputs agree, part by part.
#[derive(Serialize)]
pub(crate) struct Agreement(Vec<Row>);

#[derive(Serialize)]
struct Row {
    part: Part,
    #[serde(flatten)]
    found: Found,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Found {
    Lines {
        different: usize,
        of: usize,
    },
    /// The largest difference, as a share of the peer's score; of how many scores.
    Scores {
        difference: f64,
        of: usize,
    },
}

impl Agreement {
    pub(crate) fn of(parts: &[Part], work: &Work) -> Result<Self> {
        let found = |&part: &Part| {
            let [ours, theirs] = [Side::Nid, Side::Peer].map(|side| fs::read_to_string(work.output(side, part)));
            let compare = if part == Part::Tokenize { lines } else { scores };
            let found = compare(&ours?, &theirs?).with_context(|| format!("{part} cannot be compared"))?;
            Ok(Row { part, found })
        };
        parts.iter().map(found).collect::<Result<_>>().map(Self)
    }
}

fn lines(ours: &str, theirs: &str) -> Result<Found> {
    let (ours, theirs): (Vec<&str>, Vec<&str>) = (ours.lines().collect(), theirs.lines().collect());
    let different = ours.iter().zip(&theirs).filter(|(ours, theirs)| ours != theirs).count();
    Ok(Found::Lines { different: different + ours.len().abs_diff(theirs.len()), of: ours.len().max(theirs.len()) })
}

fn scores(ours: &str, theirs: &str) -> Result<Found> {
    let ours: BTreeMap<String, Value> = serde_json::from_str(ours)?;
    let theirs: BTreeMap<String, f64> = serde_json::from_str(theirs)?;
    let differs = |(name, theirs): (&String, &f64)| {
        let ours = ours.get(name).and_then(Value::as_f64).with_context(|| format!("nid has no {name}"))?;
        Ok(if ours == *theirs { 0.0 } else { ((ours - theirs) / theirs).abs() })
    };
    let differences: Vec<f64> = theirs.iter().map(differs).collect::<Result<_>>()?;
    let difference = differences.iter().copied().max_by(f64::total_cmp).context("there is no score")?;
    Ok(Found::Scores { difference, of: differences.len() })
}

impl fmt::Display for Agreement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Agreement:")?;
        for Row { part, found } in &self.0 {
            match found {
                Found::Lines { different, of } => write!(f, "\n{part}: {different} of {of} lines differ")?,
                Found::Scores { difference, of: 1 } => {
                    write!(f, "\n{part}: the score differs by {difference:.1e} of it")?
                }
                Found::Scores { difference, of } => {
                    write!(f, "\n{part}: {of} scores differ by at most {difference:.1e} of each")?;
                }
            }
        }
        Ok(())
    }
}
