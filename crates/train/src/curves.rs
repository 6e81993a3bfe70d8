//! Learning curves, drawn from the events of a run.

use std::collections::BTreeMap;
use std::path::Path;

use nid_engine::bundle::Epoch;
use nid_engine::report::plot::{self, Curve, Panels};
use serde_json::Value;

use crate::Error;

/// Where events are written, one JSON object a line.
pub const EVENTS: &str = "events.jsonl";
/// Where curves are drawn.
pub const CURVES: &str = "curves.svg";

type Point = (f64, f64);

/// The learning curves of a classifier's run in `folder`, an epoch each.
///
/// # Errors
/// If the events cannot be read.
pub fn epochs(folder: &Path) -> Result<Vec<Epoch>, Error> {
    let events = events(folder)?;
    let mut losses: BTreeMap<u64, (f64, usize)> = BTreeMap::new();
    for step in events.iter().filter(|event| event["event"] == "step") {
        if let (Some(epoch), Some(loss)) = (step["epoch"].as_u64(), step["loss"].as_f64()) {
            let (sum, count) = losses.entry(epoch + 1).or_default();
            *sum += loss;
            *count += 1;
        }
    }
    let epoch = |event: &Value| {
        let epoch = event["epoch"].as_u64()?;
        let (sum, count) = losses.get(&epoch)?;
        Some(Epoch {
            epoch: epoch as usize,
            training_loss: sum / *count as f64,
            validation_loss: event["loss"].as_f64()?,
            accuracy: event.pointer("/scores/accuracy")?.as_f64()?,
        })
    };
    Ok(events.iter().filter(|event| event["event"] == "evaluated").filter_map(epoch).collect())
}

fn events(folder: &Path) -> Result<Vec<Value>, Error> {
    let path = folder.join(EVENTS);
    let text = std::fs::read_to_string(&path).map_err(|source| Error::Read { path, source })?;
    Ok(text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect())
}

/// Scores that are drawn, by their names in events.
const SCORES: [(&str, &str); 3] = [("CIDEr", "CIDEr"), ("Bleu_4", "BLEU-4"), ("accuracy", "accuracy")];

/// Draws the losses and the scores of the run in `folder`.
///
/// # Errors
/// If the events cannot be read or the picture cannot be written.
pub fn draw(folder: &Path) -> Result<(), Error> {
    let target = folder.join(CURVES);
    let events = events(folder)?;
    let points = |event: &str, pointer: &str, scale: f64| -> Vec<Point> {
        let of_kind = events.iter().filter(|e| e["event"] == event);
        of_kind.filter_map(|e| Some((e["step"].as_f64()?, e.pointer(pointer)?.as_f64()? * scale))).collect()
    };
    let losses =
        [("training", smooth(&points("step", "/loss", 1.0))), ("validation", points("evaluated", "/loss", 1.0))];
    let scores = SCORES.map(|(name, label)| (label, points("evaluated", &format!("/scores/{name}"), 100.0)));
    let curves = |all: Vec<(&'static str, Vec<Point>)>| -> Vec<Curve> {
        let some = all.into_iter().filter(|(_, points)| !points.is_empty());
        some.map(|(name, points)| Curve { name, points }).collect()
    };
    let panels = vec![
        ("Loss (of training, the mean of 50 steps)", curves(losses.into())),
        ("On what was held out, in percent", curves(scores.into())),
    ];
    let svg = plot::svg(&Panels { across: "step", panels });
    let written = svg.and_then(|svg| std::fs::write(&target, svg));
    written.map_err(|source| Error::Write { path: target, source })
}

/// Means over the last fifty steps or fewer: single batches are noisy.
fn smooth(curve: &[Point]) -> Vec<Point> {
    const WINDOW: usize = 50;
    (0..curve.len())
        .map(|end| {
            let window = &curve[(end + 1).saturating_sub(WINDOW)..=end];
            (curve[end].0, window.iter().map(|(_, y)| y).sum::<f64>() / window.len() as f64)
        })
        .collect()
}
