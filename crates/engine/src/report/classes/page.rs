//! The markup of a classifier's page.

use std::io;

use maud::{Markup, PreEscaped, html};
use nid_metrics::classification::Evaluation;

use super::gallery::{Gallery, Tile};
use super::{ClassReport, Figures};
use crate::report::page::{document, facts};
use crate::report::photo::{embedded, png};
use crate::report::plot::{Figure, pixels, svg};

const STYLE: &str = "\
:root { --right: #007858; --wrong: #be3e00 }
@media (prefers-color-scheme: dark) { :root { --right: #35c79d; --wrong: #ff9055 } }
th.number { text-align: right } svg, .sheet { max-width: 100%; height: auto } .sheet { border-radius: 4px }
.tiles { display: grid; grid-template-columns: repeat(auto-fill, minmax(200px, 1fr)); gap: 1rem .75rem }
.tiles figure { text-align: center; overflow-wrap: anywhere } .tiles small { display: block }
.tiles img { width: 140px; height: 140px; object-fit: contain; image-rendering: pixelated }
.right { color: var(--right) } .wrong { color: var(--wrong) } .scroll { overflow-x: auto }";

pub(super) fn page(report: &ClassReport<'_>, figures: &Figures<'_>) -> io::Result<Markup> {
    let Figures { sample, confusion, calibration, curves, galleries } = figures;
    let body = html! {
        (facts(report.facts))
        h2 { "Scores" }
        (scores(report.evaluation))
        h2 { "Classes" }
        (classes(report))
        h2 { "What is taken for what" }
        @if !confusion.is_whole() {
            p { "Of " (report.classes.len()) " classes, the " (confusion.len()) " with most mistakes are shown." }
        }
        (drawn(confusion, "confusion matrix")?)
        h2 { "Whether the probabilities are honest" }
        (drawn(calibration, "reliability diagram")?)
        @if let Some(curves) = curves {
            h2 { "How it learnt" }
            (drawn(curves, "learning curves")?)
        }
        @if let Some(sample) = sample {
            h2 { "A training picture" }
            p { "Its pixels, by their brightness." }
            img class="sheet" alt=(format!("a training picture of the class {}", sample.class))
                src=(embedded("png", &png(&pixels(sample)?)?));
        }
        @for gallery in galleries { (shown(gallery)?) }
    };
    Ok(document(report.title, STYLE, &body))
}

fn drawn(figure: &impl Figure, name: &str) -> io::Result<Markup> {
    Ok(html! { figure class="scroll" role="img" aria-label=(name) { (PreEscaped(svg(figure)?)) } })
}

fn scores(evaluation: &Evaluation) -> Markup {
    let percent = |share: f64| format!("{:.2}", 100.0 * share);
    let [low, high] = evaluation.interval.map(percent);
    html! {
        table {
            tr { th { "pictures" } td class="number" { (evaluation.pictures) } td {} }
            tr { th { "accuracy" } td class="number" { (percent(evaluation.accuracy)) " %" }
                td { "95 % interval: " (low) " to " (high) } }
            tr { th { "macro F1" } td class="number" { (percent(evaluation.macro_f1)) " %" } td {} }
            tr { th { "loss" } td class="number" { (format!("{:.4}", evaluation.loss)) } td { "cross-entropy in nats, of the calibrated probabilities" } }
            tr { th { "calibration error" } td class="number" { (percent(evaluation.calibration.error)) " %" }
                td { "expected, over " (evaluation.calibration.bins.len()) " bins" } }
        }
    }
}

fn classes(report: &ClassReport<'_>) -> Markup {
    let percent = |share: f64| html! { td class="number" { (format!("{:.1}", 100.0 * share)) } };
    html! {
        div class="scroll" {
            table {
                tr { th { "class" } @for name in ["pictures", "precision", "recall", "F1"] { th class="number" { (name) } } }
                @for (name, class) in report.classes.iter().zip(&report.evaluation.classes) {
                    tr {
                        td { (name) }
                        td class="number" { (class.pictures) }
                        (percent(class.precision)) (percent(class.recall)) (percent(class.f1))
                    }
                }
            }
        }
    }
}

fn shown(gallery: &Gallery) -> io::Result<Markup> {
    Ok(html! {
        h2 { (gallery.title) }
        p { (gallery.explanation) }
        div class="tiles" { @for tile in &gallery.tiles { (figure(tile)?) } }
    })
}

fn figure(tile: &Tile) -> io::Result<Markup> {
    let title = html! {
        @if let Some(said) = &tile.said {
            span class=(if said.is_right { "right" } else { "wrong" }) { (said.mark()) " " (said.class) " (" (tile.label) ")" }
        } @else {
            (tile.label)
        }
    };
    Ok(html! {
        figure {
            @if let Some(picture) = &tile.picture { img alt="" src=(embedded("png", &png(picture)?)); }
            @else { p { "not readable" } }
            figcaption {
                (title)
                @if let Some(said) = &tile.said { small { (said.percent()) } }
                @if let Some(name) = &tile.name { small { (name) } }
            }
        }
    })
}
