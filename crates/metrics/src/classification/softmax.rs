//! From logits to probabilities, and the temperature at which these are honest.

use std::ops::RangeInclusive;

/// One picture's logits, divided by the temperature, with the logarithm of the sum of their exponentials.
///
/// Sums are of 64-bit numbers from which the highest logit is taken first: no finite logit overflows.
pub(super) struct Row<'a> {
    logits: &'a [f32],
    scale: f64,
    log_sum: f64,
}

impl<'a> Row<'a> {
    pub(super) fn new(logits: &'a [f32], temperature: f64) -> Self {
        assert!(temperature > 0.0, "the temperature is {temperature}, expected more than 0");
        let scale = temperature.recip();
        let highest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let highest = f64::from(highest) * scale;
        let sum: f64 = logits.iter().map(|&logit| (f64::from(logit) * scale - highest).exp()).sum();
        Self { logits, scale, log_sum: highest + sum.ln() }
    }

    /// The natural logarithm of a class's probability.
    pub(super) fn log_probability(&self, class: usize) -> f64 {
        f64::from(self.logits[class]) * self.scale - self.log_sum
    }

    pub(super) fn probability(&self, class: usize) -> f64 {
        self.log_probability(class).exp()
    }

    /// How the loss changes with the inverse of the temperature: the mean logit less the true class's.
    fn slope(&self, label: usize) -> f64 {
        let true_logit = f64::from(self.logits[label]);
        let above = |(class, &logit): (usize, &f32)| self.probability(class) * (f64::from(logit) - true_logit);
        self.logits.iter().enumerate().map(above).sum()
    }
}

/// The rows of logits `[N, classes]`, of which there is one for each label.
pub(super) fn rows<'a>(logits: &'a [f32], labels: &[usize], classes: usize) -> impl Iterator<Item = &'a [f32]> {
    assert_eq!(logits.len(), labels.len() * classes, "logits, expected {classes} for each label");
    logits.chunks_exact(classes.max(1))
}

/// Softmax of logits `[N, classes]` divided by the temperature: each row is at least 0 and has the sum 1.
///
/// # Panics
/// If there are no whole rows, or the temperature is not above 0.
pub fn probabilities(logits: &[f32], classes: usize, temperature: f64) -> Vec<f32> {
    assert!(logits.is_empty() || logits.len().is_multiple_of(classes), "logits, expected rows of {classes}");
    let row = |row| {
        let row = Row::new(row, temperature);
        (0..classes).map(move |class| row.probability(class) as f32)
    };
    logits.chunks_exact(classes.max(1)).flat_map(row).collect()
}

/// Where a [`temperature`] is searched.
pub const TEMPERATURES: RangeInclusive<f64> = 0.05..=20.0;
/// Halvings of that interval; more would not change the number.
const HALVINGS: usize = 60;
/// Losses that are equal but for rounding differ by less of themselves.
const ROUNDING: f64 = 1e-12;

/// How much is believed, before any picture is seen, that probabilities are honest as they are: the inverse of the
/// variance of the temperature's logarithm. It weighs as much as a few pictures, which alone would make certainties.
const PRIOR: f64 = 4.0;

/// The temperature at which these logits `[N, classes]` have the least cross-entropy: Guo et al. 2017, section 4.2; with
/// few pictures it is held near 1, by a normal prior on its logarithm. To be found on pictures that the network did not
/// learn from.
///
/// The place where the slope over the inverse of the temperature changes sign is found by halving. Within [`TEMPERATURES`]; 1 where no temperature is better than 1, so too without pictures or with logits that are
/// no numbers.
///
/// # Panics
/// If there are not `classes` logits for each label, or a label is no class.
pub fn temperature(logits: &[f32], labels: &[usize], classes: usize) -> f64 {
    // The sum of a number of each picture.
    let sum = |temperature: f64, number: fn(&Row<'_>, usize) -> f64| -> f64 {
        let rows = rows(logits, labels, classes).zip(labels);
        rows.map(|(row, &label)| number(&Row::new(row, temperature), label)).sum()
    };
    let [mut low, mut high] = [TEMPERATURES.end().recip(), TEMPERATURES.start().recip()];
    for _ in 0..HALVINGS {
        let middle = f64::midpoint(low, high);
        let prior = PRIOR * middle.ln() / middle;
        if sum(middle.recip(), |row, label| row.slope(label)) + prior < 0.0 {
            low = middle;
        } else {
            high = middle;
        }
    }
    let found = f64::midpoint(low, high).recip();
    let loss = |temperature| sum(temperature, |row, label| -row.log_probability(label));
    if loss(found) < loss(1.0) * (1.0 - ROUNDING) { found } else { 1.0 }
}
