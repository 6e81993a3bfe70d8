//! A classifier's scores, as a terminal shows them.

use std::io::Write;

use anyhow::Result;
use nid_metrics::classification::Evaluation;

use crate::output::Output;

/// Classes of which a terminal can show the confusion matrix.
const MOST_COLUMNS: usize = 25;
/// Letters of a name that leave room for the numbers beside it.
const MOST_LETTERS: usize = 32;

/// Prints what came out, and with a few classes which are taken for which.
pub(crate) fn print(evaluation: &Evaluation, classes: &[String]) -> Result<()> {
    let mut output = Output::open(None, false)?;
    let percent = |share: f64| 100.0 * share;
    let [low, high] = evaluation.interval.map(percent);
    writeln!(output, "pictures       {:8}", evaluation.pictures)?;
    writeln!(output, "accuracy       {:8.2} %  (95 % interval {low:.2} to {high:.2})", percent(evaluation.accuracy))?;
    writeln!(output, "loss           {:8.4}    (calibrated)", evaluation.loss)?;
    writeln!(output, "macro F1       {:8.2} %", percent(evaluation.macro_f1))?;
    let error = percent(evaluation.calibration.error);
    writeln!(output, "calibration    {error:8.2} %  (expected calibration error, calibrated)")?;
    let names: Vec<String> = classes.iter().map(|class| abbreviated(class)).collect();
    let width = names.iter().map(|name| name.chars().count()).max().unwrap_or(0).max(5);
    writeln!(output, "\n{:width$}  precision  recall      F1  pictures", "class")?;
    for (name, scores) in names.iter().zip(&evaluation.classes) {
        let [precision, recall, f1] = [scores.precision, scores.recall, scores.f1].map(percent);
        writeln!(output, "{name:width$}  {precision:9.2}  {recall:6.2}  {f1:6.2}  {:8}", scores.pictures)?;
    }
    if names.len() <= MOST_COLUMNS {
        confusion(&evaluation.confusion, &names, width, &mut output)?;
    }
    output.finish()
}

fn confusion(counts: &[Vec<u64>], names: &[String], width: usize, output: &mut Output) -> Result<()> {
    let digits = counts.iter().flatten().max().map_or(1, |most| most.to_string().len()).max(2) + 1;
    let letters: String = (0..names.len()).map(|place| format!("{:>digits$}", letter(place))).collect();
    writeln!(output, "\n{:width$}   {letters}   taken for", "class")?;
    for (place, (name, row)) in names.iter().zip(counts).enumerate() {
        let counts: String = row.iter().map(|count| format!("{count:>digits$}")).collect();
        writeln!(output, "{name:width$} {} {counts}", letter(place))?;
    }
    Ok(())
}

/// What a column is called: a, b, c, …
fn letter(place: usize) -> char {
    (b'a' + (place % 26) as u8) as char
}

/// The name, or as much of it as has room with an ellipsis. It is cut in the middle: names of classes often differ in
/// their ends.
fn abbreviated(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    if letters.len() <= MOST_LETTERS {
        return name.to_owned();
    }
    let end = MOST_LETTERS / 3;
    let start = MOST_LETTERS - 1 - end;
    letters[..start].iter().chain(&['…']).chain(&letters[letters.len() - end..]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_name_keeps_its_start_and_its_end() {
        let name = |letters: usize| "ä".repeat(letters);
        assert_eq!(abbreviated(&name(MOST_LETTERS)), name(MOST_LETTERS));
        let short = abbreviated(&format!("first {} last", name(250)));
        assert!(short.starts_with("first ä") && short.contains("ä…ä") && short.ends_with("ä last"), "{short}");
        assert_eq!(short.chars().count(), MOST_LETTERS);
    }
}
