//! How the learning rate goes: a pure function of the step.

use serde::{Deserialize, Serialize};

/// How the rate falls after warm-up.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind", deny_unknown_fields)]
pub enum Schedule {
    /// Half a cosine down to `floor` times the greatest rate: Loshchilov and Hutter, "SGDR" (2017), without restarts.
    Cosine {
        /// What is left at the end, as a share.
        floor: f64,
    },
    /// Times `factor` after every `every` steps.
    Step {
        /// Steps at one rate.
        every: usize,
        /// What the rate is multiplied by.
        factor: f64,
    },
}

impl Schedule {
    /// Whether it can be computed with.
    pub(crate) fn is_finite(&self) -> bool {
        let (Self::Cosine { floor: number } | Self::Step { factor: number, .. }) = self;
        number.is_finite() && *number >= 0.0
    }

    /// The share of the greatest rate at `step` of `total`, the first `warmup` of which rise evenly from nothing.
    #[must_use]
    pub fn share(&self, step: usize, total: usize, warmup: usize) -> f64 {
        if step < warmup {
            return (step + 1) as f64 / warmup as f64;
        }
        let after = step - warmup;
        match *self {
            Self::Cosine { floor } => {
                let progress = after as f64 / total.saturating_sub(warmup).max(1) as f64;
                floor + (1.0 - floor) * 0.5 * (1.0 + (std::f64::consts::PI * progress.min(1.0)).cos())
            }
            Self::Step { every, factor } => factor.powi((after / every.max(1)) as i32),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(schedule: Schedule, step: usize, expected: f64) {
        let share = schedule.share(step, 110, 10);
        assert!((share - expected).abs() < 1e-9, "{schedule:?} at {step}: {share}");
    }

    #[test]
    fn corners() {
        let cosine = Schedule::Cosine { floor: 0.1 };
        check(cosine, 0, 0.1);
        check(cosine, 9, 1.0);
        check(cosine, 10, 1.0);
        check(cosine, 60, 0.55);
        check(cosine, 110, 0.1);
        check(cosine, 1000, 0.1);
        let step = Schedule::Step { every: 20, factor: 0.5 };
        check(step, 29, 1.0);
        check(step, 30, 0.5);
        check(step, 50, 0.25);
    }
}
