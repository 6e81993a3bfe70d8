//! The markup of a captioner's page.

use maud::{Markup, html};
use nid_metrics::Scores;
use nid_metrics::resample::Interval;

use super::Captioned;
use super::histogram::histogram;
use crate::report::page::{document, facts};
use crate::report::photo::embedded;

const STYLE: &str = "\
.row { display: flex; flex-wrap: wrap; gap: 1.5rem } .row figure { width: 300px } figcaption { opacity: .7 }
.bar { fill: #005ab5 } svg text { font-size: 11px; fill: currentColor }
.photos { display: grid; grid-template-columns: repeat(auto-fill, minmax(280px, 1fr)); gap: 1.5rem }
article img { max-width: 100%; border-radius: 4px } article p { margin: .4rem 0 } article ul { margin: 0; padding-left: 1.1rem; opacity: .75 }
.said { font-weight: 600 }";

/// What stands on the page.
pub(super) struct Page<'a> {
    pub(super) title: &'a str,
    pub(super) facts: &'a [(&'static str, String)],
    pub(super) scores: &'a Scores,
    pub(super) intervals: &'a [(&'static str, Interval)],
    /// Metrics that are not among the scores, with the reason.
    pub(super) unavailable: &'a [(&'static str, String)],
    /// The scores of each photo.
    pub(super) each: &'a [Scores],
    pub(super) groups: Vec<Group<'a>>,
}

/// Photos that belong together.
pub(super) struct Group<'a> {
    pub(super) name: &'static str,
    pub(super) photos: Vec<Shown<'a>>,
}

/// A photo on the page.
pub(super) struct Shown<'a> {
    pub(super) photo: &'a Captioned,
    pub(super) scores: Scores,
    pub(super) jpeg: Option<Vec<u8>>,
}

pub(super) fn page(page: &Page<'_>) -> Markup {
    let body = html! {
        (facts(page.facts))
        h2 { "Scores" }
        (scores(page))
        h2 { "Over the photos" }
        div class="row" { @for (name, values) in spread(page.each) { (histogram(&name, &values)) } }
        @for group in page.groups.iter().filter(|group| !group.photos.is_empty()) { (shown(group)) }
    };
    document(page.title, STYLE, &body)
}

fn scores(Page { scores, intervals, unavailable, .. }: &Page<'_>) -> Markup {
    let percent = |score: f64| format!("{:.2}", 100.0 * score);
    html! {
        table {
            tr { th { "metric" } th { "percent" } th { "95 % interval" } }
            @for ((name, score), (_, interval)) in scores.named().into_iter().zip(*intervals) {
                tr {
                    td { (name) }
                    td class="number" { (percent(score)) }
                    td class="number" { (percent(interval.low)) " to " (percent(interval.high)) }
                }
            }
            @for (name, reason) in *unavailable { tr { td { (name) } td class="number" { "n/a" } td { (reason) } } }
            tr { td { "length ratio" } td class="number" { (format!("{:.3}", scores.length_ratio)) } td {} }
        }
    }
}

/// The numbers whose spread is shown: each metric, orders of BLEU below four left out, and the captions' lengths.
fn spread(each: &[Scores]) -> Vec<(String, Vec<f64>)> {
    let names = each.first().map(Scores::named).unwrap_or_default();
    let metrics = names.iter().enumerate().filter(|(_, (name, _))| !["Bleu_1", "Bleu_2", "Bleu_3"].contains(name));
    let mut spread: Vec<(String, Vec<f64>)> = metrics
        .map(|(place, (name, _))| ((*name).to_owned(), each.iter().map(|scores| scores.named()[place].1).collect()))
        .collect();
    spread.push(("words in a caption".to_owned(), each.iter().map(|scores| scores.candidate_len as f64).collect()));
    spread
}

fn shown(group: &Group<'_>) -> Markup {
    html! {
        h2 { (group.name) " by CIDEr" }
        div class="photos" {
            @for Shown { photo, scores, jpeg } in &group.photos {
                article {
                    @if let Some(jpeg) = jpeg {
                        img alt=(photo.name) src=(embedded("jpeg", jpeg));
                    }
                    p class="said" { (photo.caption) }
                    ul { @for reference in &photo.references { li { (reference) } } }
                    small { (photo.name) ": CIDEr " (format!("{:.2}, BLEU-4 {:.2}", scores.cider, scores.bleu[3])) }
                }
            }
        }
    }
}
