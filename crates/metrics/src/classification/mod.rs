//! How well a network tells classes apart, and how far its probabilities may be believed.
//!
//! Everything is read off the logits `[N, K]`, one row of `K` numbers for each of `N` pictures, and off the true classes.
//! The class said is that of the highest logit, of equal ones the first. Precision, recall and F1 are scikit-learn's; the
//! interval of the accuracy is Wilson's, "Probable Inference, the Law of Succession, and Statistical Inference" (1927),
//! which also holds near 0 and 1. Probabilities are the softmax of logits divided by a temperature, and how well they are
//! calibrated is told by the bins of Guo et al., "On Calibration of Modern Neural Networks" (2017).

mod calibration;
mod counts;
mod label_errors;
mod order;
mod softmax;

use serde::Serialize;

pub use calibration::{Bin, Calibration};
pub use counts::ClassScores;
pub use label_errors::{LabelError, label_errors};
pub use order::{ranked, top};
pub use softmax::{TEMPERATURES, probabilities, temperature};

use softmax::Row;

/// What a network's logits are worth.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Evaluation {
    /// How many pictures there are.
    pub pictures: usize,
    /// The share of pictures whose class was said; 0 without pictures.
    pub accuracy: f64,
    /// Where the accuracy lies with 95 % confidence, lowest first: Wilson's interval.
    pub interval: [f64; 2],
    /// Mean cross-entropy of the probabilities at the temperature: the natural logarithm, unclipped. 0 without pictures.
    pub loss: f64,
    /// The mean F1 of the classes that occur or were said, as scikit-learn's `macro`.
    pub macro_f1: f64,
    /// The scores of each class.
    pub classes: Vec<ClassScores>,
    /// Pictures by true class (rows) and class said (columns).
    pub confusion: Vec<Vec<u64>>,
    /// Whether what is said with 80 % is right in 80 of 100 cases.
    pub calibration: Calibration,
}

/// Evaluates logits `[N, classes]` against the true classes of `N` pictures.
///
/// # Panics
/// If there are not `classes` logits for each label, a label is no class, or the temperature is not above 0.
pub fn evaluate(logits: &[f32], labels: &[usize], classes: usize, temperature: f64) -> Evaluation {
    let mut confusion = vec![vec![0; classes]; classes];
    let mut calibration = Calibration::default();
    let (mut right, mut loss) = (0, 0.0);
    for (logits, &label) in softmax::rows(logits, labels, classes).zip(labels) {
        let row = Row::new(logits, temperature);
        let said = top(logits);
        confusion[label][said] += 1;
        calibration.add(row.probability(said), said == label);
        right += usize::from(said == label);
        loss -= row.log_probability(label);
    }
    let pictures = labels.len();
    let classes = ClassScores::of(&confusion);
    Evaluation {
        pictures,
        accuracy: mean(right as f64, pictures),
        interval: wilson(right, pictures),
        loss: mean(loss, pictures),
        macro_f1: ClassScores::macro_f1(&classes, &confusion),
        classes,
        confusion,
        calibration: calibration.finish(),
    }
}

/// The 97.5th percentile of the normal distribution.
const Z: f64 = 1.959_963_984_540_054;

/// Wilson's 95 % interval of a share: the shares from which what was seen is not further than `Z` deviations.
pub fn wilson(right: usize, pictures: usize) -> [f64; 2] {
    if pictures == 0 {
        return [0.0, 1.0];
    }
    let n = pictures as f64;
    let share = right as f64 / n;
    let centre = share + Z * Z / (2.0 * n);
    let reach = Z * (share * (1.0 - share) / n + Z * Z / (4.0 * n * n)).sqrt();
    let whole = 1.0 + Z * Z / n;
    [((centre - reach) / whole).max(0.0), ((centre + reach) / whole).min(1.0)]
}

/// A sum divided by a count; 0 of none.
fn mean(sum: f64, count: usize) -> f64 {
    if count == 0 { 0.0 } else { sum / count as f64 }
}
