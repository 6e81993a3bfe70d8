//! How a number is spread over photos, as bars.

use maud::{Markup, html};

const BARS: usize = 24;
const WIDTH: f64 = 300.0;
const HEIGHT: f64 = 90.0;
/// Room for the labels below the bars.
const LABELS: f64 = 16.0;

/// A histogram of `values` as an SVG; what lies above the 99th percentile falls into the last bar.
pub(super) fn histogram(name: &str, values: &[f64]) -> Markup {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let top = sorted.get(sorted.len().saturating_sub(1) * 99 / 100).copied().unwrap_or(0.0).max(f64::MIN_POSITIVE);
    let mut counts = [0_usize; BARS];
    for value in values {
        counts[((value / top * BARS as f64) as usize).min(BARS - 1)] += 1;
    }
    let most = counts.iter().copied().max().unwrap_or(0).max(1) as f64;
    let step = WIDTH / BARS as f64;
    html! {
        figure {
            svg viewBox=(format!("0 0 {WIDTH} {}", HEIGHT + LABELS)) role="img" aria-label=(format!("histogram of {name}")) {
                @for (place, count) in counts.iter().enumerate() {
                    @let height = HEIGHT * *count as f64 / most;
                    rect class="bar" x=(format!("{:.1}", place as f64 * step)) y=(format!("{:.1}", HEIGHT - height))
                        width=(format!("{:.1}", step - 1.0)) height=(format!("{height:.1}")) {
                        title { (format!("{:.2} to {:.2}: {count}", top * place as f64 / BARS as f64, top * (place + 1) as f64 / BARS as f64)) }
                    }
                }
                text x="0" y=(HEIGHT + LABELS - 3.0) { "0" }
                text x=(WIDTH) y=(HEIGHT + LABELS - 3.0) text-anchor="end" { (format!("{top:.2}")) }
            }
            figcaption { (name) }
        }
    }
}
