//! What `score` prints, and what it writes about each caption.

use std::io::Write;

use anyhow::Result;
use nid_data::sentences::Id;
use nid_engine::score::{Against, Report, Variety};
use nid_metrics::resample::Interval;
use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::output::Output;

/// Prints the scores as a table, in hundredths.
pub(crate) fn print(report: &Report) -> Result<()> {
    let mut output = Output::open(None, false)?;
    writeln!(output, "photos         {:6}", report.ids.len())?;
    match &report.against {
        None => scores(report, &mut output)?,
        Some(against) => compared(report, against, &mut output)?,
    }
    unavailable(&report.unavailable, &mut output)?;
    let Variety { vocabulary, distinct_1, distinct_2, novel } = report.variety;
    let other = report.against.as_ref().map(|against| (&against.scores, against.variety));
    let mut line = |name: &str, one: String, another: Option<String>| {
        writeln!(output, "{name:14} {one:>6}{}", another.map(|text| format!(" {text:>6}")).unwrap_or_default())
    };
    let ratio = |ratio: f64| format!("{ratio:.3}");
    line("length ratio", ratio(report.scores.length_ratio), other.map(|(scores, _)| ratio(scores.length_ratio)))?;
    line("vocabulary", vocabulary.to_string(), other.map(|(_, variety)| variety.vocabulary.to_string()))?;
    line("distinct-1", ratio(distinct_1), other.map(|(_, variety)| ratio(variety.distinct_1)))?;
    line("distinct-2", ratio(distinct_2), other.map(|(_, variety)| ratio(variety.distinct_2)))?;
    if let Some(novel) = novel {
        line("novel", percent(novel), other.and_then(|(_, variety)| variety.novel).map(percent))?;
    }
    writeln!(output, "{}", report.signature)?;
    output.finish()
}

/// Prints what is not computed, in the rows where its scores would be.
pub(crate) fn unavailable(names: &[(&'static str, String)], output: &mut Output) -> Result<()> {
    names.iter().try_for_each(|(name, _)| Ok(writeln!(output, "{name:14} {:>6}", "n/a")?))
}

fn percent(score: f64) -> String {
    format!("{:.2}", 100.0 * score)
}

/// A p-value, which is never 0.
fn probability(value: f64) -> String {
    if value < 0.0001 { "<0.0001".to_owned() } else { format!("{value:.4}") }
}

/// Scores, with their intervals where there are some.
fn scores(report: &Report, output: &mut Output) -> Result<()> {
    let intervals = report.intervals.as_deref().unwrap_or_default();
    for (name, score) in report.asked(&report.scores.named()) {
        let interval = intervals.iter().find(|(other, _)| *other == name).map(|(_, interval)| *interval);
        let interval = interval.map(|Interval { low, high }| format!("  [{}, {}]", percent(low), percent(high)));
        writeln!(output, "{name:14} {:>6}{}", percent(score), interval.unwrap_or_default())?;
    }
    Ok(())
}

/// Scores of both systems, with what is known of their differences.
fn compared(report: &Report, against: &Against, output: &mut Output) -> Result<()> {
    writeln!(
        output,
        "{:14} {:>6} {:>6} {:>7}  {:16}  p: bootstrap, randomisation",
        "", "first", "second", "differ", "95 %"
    )?;
    let signed = |score: f64| format!("{:+.2}", 100.0 * score);
    let first = report.asked(&report.scores.named());
    let second = report.asked(&against.scores.named());
    let differences = report.asked(&against.differences);
    for (((name, first), (_, second)), (_, found)) in first.into_iter().zip(second).zip(differences) {
        let interval = format!("[{}, {}]", signed(found.interval.low), signed(found.interval.high));
        let (first, second, less) = (percent(first), percent(second), signed(found.difference));
        let (bootstrap, randomisation) = (probability(found.bootstrap), probability(found.randomisation));
        writeln!(output, "{name:14} {first:>6} {second:>6} {less:>7}  {interval:16}  {bootstrap} {randomisation}")?;
    }
    Ok(())
}

/// Writes the scores of each caption, as CSV or as JSON Lines.
pub(crate) fn write_each(report: &Report, mut output: Output, as_csv: bool) -> Result<()> {
    let rows = report.ids.iter().zip(&report.each);
    let rows = rows.map(|(image_id, each)| Row { image_id, scores: report.asked(&each.scores().named()) });
    if as_csv {
        let mut table = csv::Writer::from_writer(&mut output);
        let names = report.asked(&report.scores.named());
        table.write_record(["image_id"].into_iter().chain(names.into_iter().map(|(name, _)| name)))?;
        for Row { image_id, scores } in rows {
            let scores = scores.iter().map(|(_, score)| score.to_string());
            table.write_record([image_id.to_string()].into_iter().chain(scores))?;
        }
        table.flush()?;
    } else {
        for row in rows {
            serde_json::to_writer(&mut output, &row)?;
            output.write_all(b"\n")?;
        }
    }
    output.finish()
}

/// One caption's scores.
struct Row<'a> {
    image_id: &'a Id,
    scores: Vec<(&'static str, f64)>,
}

impl Serialize for Row<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_map(None)?;
        fields.serialize_entry("image_id", self.image_id)?;
        for (name, score) in &self.scores {
            fields.serialize_entry(name, score)?;
        }
        fields.end()
    }
}
