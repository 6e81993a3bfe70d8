//! Learning curves, drawn from the events of a run.

use std::path::Path;

use plotters::prelude::*;
use serde_json::Value;

use crate::Error;

/// Where events are written, one JSON object a line.
pub const EVENTS: &str = "events.jsonl";
/// Where curves are drawn.
pub const CURVES: &str = "curves.svg";

type Curve = Vec<(f64, f64)>;

/// Draws the loss, and dev CIDEr and BLEU-4, of the run in `folder`.
///
/// # Errors
/// If the events cannot be read or the picture cannot be written.
pub fn draw(folder: &Path) -> Result<(), Error> {
    let (source, target) = (folder.join(EVENTS), folder.join(CURVES));
    let text = std::fs::read_to_string(&source).map_err(|error| Error::Read { path: source, source: error })?;
    let events: Vec<Value> = text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let curve = |event: &str, pointer: &str, scale: f64| -> Curve {
        let of_kind = events.iter().filter(|e| e["event"] == event);
        of_kind.filter_map(|e| Some((e["step"].as_f64()?, e.pointer(pointer)?.as_f64()? * scale))).collect()
    };
    let loss = smooth(&curve("step", "/loss", 1.0));
    let scores = [
        ("CIDEr × 100", curve("evaluated", "/scores/CIDEr", 100.0)),
        ("BLEU-4 × 100", curve("evaluated", "/scores/Bleu_4", 100.0)),
    ];
    panels(&target, &loss, &scores).map_err(|error| Error::Curves { path: target, problem: error.to_string() })
}

/// Means over the last fifty steps or fewer: single batches are noisy.
fn smooth(curve: &Curve) -> Curve {
    const WINDOW: usize = 50;
    (0..curve.len())
        .map(|end| {
            let window = &curve[(end + 1).saturating_sub(WINDOW)..=end];
            (curve[end].0, window.iter().map(|(_, y)| y).sum::<f64>() / window.len() as f64)
        })
        .collect()
}

fn panels(path: &Path, loss: &Curve, scores: &[(&str, Curve)]) -> Result<(), Box<dyn std::error::Error>> {
    let root = SVGBackend::new(path, (960, 400)).into_drawing_area();
    root.fill(&WHITE)?;
    let (left, right) = root.split_horizontally(480);
    panel(&left, "loss a word (mean of 50 steps)", &[("loss", loss.clone())])?;
    panel(&right, "dev", scores)?;
    root.present()?;
    Ok(())
}

fn panel(
    area: &DrawingArea<SVGBackend<'_>, plotters::coord::Shift>,
    title: &str,
    curves: &[(&str, Curve)],
) -> Result<(), Box<dyn std::error::Error>> {
    let points = || curves.iter().flat_map(|(_, curve)| curve);
    let last = points().map(|(x, _)| *x).fold(1.0, f64::max);
    let (low, high) = points().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), (_, y)| (a.min(*y), b.max(*y)));
    let (low, high) = if low < high { (low, high) } else { (0.0, high.max(1.0)) };
    let mut chart = ChartBuilder::on(area)
        .caption(title, ("sans-serif", 16))
        .margin(12)
        .x_label_area_size(32)
        .y_label_area_size(44)
        .build_cartesian_2d(0.0..last, low..high)?;
    chart.configure_mesh().x_desc("step").light_line_style(WHITE).draw()?;
    // Blue and orange: told apart by the colour-blind.
    for ((name, curve), colour) in curves.iter().zip([RGBColor(0, 90, 181), RGBColor(220, 110, 0)]) {
        let drawn = chart.draw_series(LineSeries::new(curve.iter().copied(), colour.stroke_width(2)))?;
        drawn.label(*name).legend(move |(x, y)| PathElement::new([(x, y), (x + 16, y)], colour.stroke_width(2)));
    }
    chart.configure_series_labels().background_style(WHITE.mix(0.8)).border_style(BLACK.mix(0.3)).draw()?;
    Ok(())
}
