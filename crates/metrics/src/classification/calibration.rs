//! Whether probabilities are what they say.

use serde::Serialize;

use super::mean;

/// Bins over the top probability, all of one width.
const BINS: usize = 15;

/// How the top probability and how often it is right go together: Guo et al. 2017, section 2.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Calibration {
    /// The expected calibration error: the mean over all pictures of how far confidence and accuracy of a picture's bin lie
    /// apart, 0 at best.
    pub error: f64,
    /// Fifteen bins. Bin `b` has the pictures whose top probability lies above `b / 15` and is at most `(b + 1) / 15`.
    pub bins: Vec<Bin>,
}

/// Pictures of about the same top probability.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Bin {
    /// How many there are.
    pub pictures: usize,
    /// Their mean top probability; 0 without pictures.
    pub confidence: f64,
    /// The share of them whose class was said; 0 without pictures.
    pub accuracy: f64,
}

impl Default for Calibration {
    fn default() -> Self {
        Self { error: 0.0, bins: vec![Bin::default(); BINS] }
    }
}

impl Calibration {
    /// Adds a picture. Bins hold sums until [`Self::finish`].
    pub(super) fn add(&mut self, confidence: f64, is_right: bool) {
        let bin = ((confidence * BINS as f64).ceil() as usize).clamp(1, BINS) - 1;
        let bin = &mut self.bins[bin];
        bin.pictures += 1;
        bin.confidence += confidence;
        bin.accuracy += f64::from(u8::from(is_right));
    }

    /// Makes means of the sums.
    pub(super) fn finish(mut self) -> Self {
        let apart: f64 = self.bins.iter().map(|bin| (bin.confidence - bin.accuracy).abs()).sum();
        self.error = mean(apart, self.bins.iter().map(|bin| bin.pictures).sum());
        for bin in &mut self.bins {
            bin.confidence = mean(bin.confidence, bin.pictures);
            bin.accuracy = mean(bin.accuracy, bin.pictures);
        }
        self
    }
}
