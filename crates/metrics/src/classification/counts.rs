//! What the confusion matrix tells of each class.

use serde::Serialize;

use super::mean;

/// How well one class is found. A share of nothing is 0, as scikit-learn has it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ClassScores {
    /// Of the pictures said to be of the class, the share that are.
    pub precision: f64,
    /// Of the pictures of the class, the share said to be.
    pub recall: f64,
    /// The harmonic mean of both.
    pub f1: f64,
    /// How many pictures are of the class.
    pub pictures: u64,
}

impl ClassScores {
    /// The scores of all classes, from pictures by true class (rows) and class said (columns).
    pub(super) fn of(confusion: &[Vec<u64>]) -> Vec<Self> {
        let score = |class: usize| {
            let (pictures, said) = totals(confusion, class);
            let right = confusion[class][class] as f64;
            Self {
                precision: mean(right, said as usize),
                recall: mean(right, pictures as usize),
                f1: mean(2.0 * right, (pictures + said) as usize),
                pictures,
            }
        };
        (0..confusion.len()).map(score).collect()
    }

    /// The mean F1 of the classes that occur or were said.
    pub(super) fn macro_f1(classes: &[Self], confusion: &[Vec<u64>]) -> f64 {
        let is_seen = |class: &usize| totals(confusion, *class) != (0, 0);
        let seen: Vec<f64> = (0..classes.len()).filter(is_seen).map(|class| classes[class].f1).collect();
        mean(seen.iter().sum(), seen.len())
    }
}

/// How many pictures are of a class, and how many were said to be.
fn totals(confusion: &[Vec<u64>], class: usize) -> (u64, u64) {
    (confusion[class].iter().sum(), confusion.iter().map(|row| row[class]).sum())
}
