//! How a number is spread over photos, as bars.

use maud::{Markup, html};

const BARS: usize = 24;
const WIDTH: f64 = 300.0;
const HEIGHT: f64 = 90.0;
/// Room for the labels below the bars.
const LABELS: f64 = 16.0;

/// How a number is divided into bars.
struct Scale {
    /// What a bar is wide.
    step: f64,
    bars: usize,
    /// Whether something lies above the last bar, and is counted in it.
    is_cut: bool,
    decimals: usize,
}

impl Scale {
    /// Up to the 99th percentile of `values`; whole numbers are not divided.
    fn of(values: &[f64]) -> Self {
        let sorted = sorted(values);
        let top = sorted.get(sorted.len().saturating_sub(1) * 99 / 100).copied().unwrap_or(0.0);
        let is_cut = sorted.last().is_some_and(|&last| last > top);
        if values.iter().all(|value| value.fract() == 0.0) {
            let step = ((top + 1.0) / BARS as f64).ceil();
            Self { step, bars: (top / step) as usize + 1, is_cut, decimals: 0 }
        } else {
            Self { step: top.max(f64::MIN_POSITIVE) / BARS as f64, bars: BARS, is_cut, decimals: 2 }
        }
    }

    /// Where the bar at this place begins.
    fn start(&self, place: usize) -> String {
        format!("{:.*}", self.decimals, place as f64 * self.step)
    }

    /// What the bar at this place counts.
    fn range(&self, place: usize) -> String {
        match (place + 1 == self.bars, self.is_cut) {
            (true, true) => format!("{} and more", self.start(place)),
            _ if self.decimals == 0 && self.step == 1.0 => self.start(place),
            _ => format!("{} to {}", self.start(place), self.start(place + 1)),
        }
    }

    /// A number that may lie halfway between two of the values.
    fn between(&self, number: f64) -> String {
        format!("{number:.*}", self.decimals.max(usize::from(number.fract() != 0.0)))
    }

    fn counts(&self, values: &[f64]) -> Vec<usize> {
        let mut counts = vec![0; self.bars];
        for value in values {
            counts[((value / self.step) as usize).min(self.bars - 1)] += 1;
        }
        counts
    }
}

/// A histogram of `values` as an SVG: the counts of the bars are told where the mouse is, the median below.
pub(super) fn histogram(name: &str, values: &[f64]) -> Markup {
    let scale = Scale::of(values);
    let counts = scale.counts(values);
    let most = counts.iter().copied().max().unwrap_or(0).max(1);
    let step = WIDTH / scale.bars as f64;
    let baseline = HEIGHT + LABELS - 3.0;
    html! {
        figure {
            svg viewBox=(format!("0 0 {WIDTH} {}", HEIGHT + LABELS)) role="img" aria-label=(format!("histogram of {name}")) {
                @for (place, count) in counts.iter().enumerate() {
                    @let height = HEIGHT * *count as f64 / most as f64;
                    rect class="bar" x=(format!("{:.1}", place as f64 * step)) y=(format!("{:.1}", HEIGHT - height))
                        width=(format!("{:.1}", step - 1.0)) height=(format!("{height:.1}")) {
                        title { (scale.range(place)) ": " (count) }
                    }
                }
                text x="0" y=(baseline) { "0" }
                text x=(WIDTH) y=(baseline) text-anchor="end" { (scale.range(scale.bars - 1)) }
            }
            figcaption { (name) ": median " (scale.between(median(values))) ", highest bar " (most) }
        }
    }
}

fn sorted(values: &[f64]) -> Vec<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    sorted
}

/// The middle value, or the mean of the two in the middle; 0 of none.
fn median(values: &[f64]) -> f64 {
    let sorted = sorted(values);
    let Some(last) = sorted.len().checked_sub(1) else { return 0.0 };
    f64::midpoint(sorted[last / 2], sorted[last.div_ceil(2)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_count_every_value_once() {
        let values = [0.0, 0.01, 0.5, 0.99, 1.0, 1.0];
        assert_eq!(Scale::of(&values).counts(&values).iter().sum::<usize>(), values.len());
        assert_eq!(Scale::of(&[]).counts(&[]).iter().sum::<usize>(), 0);
        assert_eq!(Scale::of(&[0.0; 3]).counts(&[0.0; 3]), [3]);
    }

    #[test]
    fn whole_numbers_have_a_bar_each() {
        let values = [1.0, 3.0, 3.0];
        let scale = Scale::of(&values);
        assert_eq!(scale.counts(&values), [0, 1, 0, 2]);
        assert_eq!(scale.range(1), "1");
    }

    #[test]
    fn the_median_of_an_even_count_is_between_the_two_in_the_middle() {
        assert_eq!(median(&[]), 0.0);
        assert_eq!(median(&[7.0]), 7.0);
        assert_eq!(median(&[9.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&[9.0, 1.0, 4.0, 1.0]), 2.5);
        assert!(histogram("words", &[1.0, 2.0]).into_string().contains("words: median 1.5,"));
        assert!(histogram("words", &[1.0, 3.0]).into_string().contains("words: median 2,"));
        assert!(histogram("share", &[0.25, 0.5]).into_string().contains("share: median 0.38,"));
    }

    #[test]
    fn what_is_far_out_is_told_in_the_last_bar() {
        let mut values = vec![1.0; 500];
        values.push(900.0);
        let scale = Scale::of(&values);
        assert_eq!((scale.counts(&values), scale.range(1).as_str()), (vec![0, 501], "1 and more"));
    }
}
