//! How far a score may be trusted, and whether two differ: by drawing the photos anew.
//!
//! Efron and Tibshirani, "An Introduction to the Bootstrap" (1993), chapter 13, for intervals, and chapter 16 for the test
//! by draws that are shifted to where there is no difference; Riezler and Maxwell, "On Some Pitfalls in Automatic
//! Evaluation and Significance Testing for MT" (2005), for that test on two systems' scores (not Koehn's of 2004, which
//! counts the draws that a system wins); Noreen, "Computer-intensive Methods for Testing Hypotheses" (1989), for
//! approximate randomisation. All draw whole photos and sum their [`Statistics`], so that the score of a corpus is
//! resampled and not the mean of its captions' scores. CIDEr's document frequencies stay as they are.
//!
//! Draws come from ChaCha, keyed by a seed and the number of the draw: threads change nothing.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use rayon::prelude::*;

use crate::Statistics;

/// How often to draw, and from what seed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Draws {
    /// How many samples are drawn. 1,000 is usual.
    pub count: usize,
    /// What the random numbers follow from.
    pub seed: u64,
}

/// A 95 % interval of one score.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// The 2.5th percentile of the draws.
    pub low: f64,
    /// The 97.5th percentile of the draws.
    pub high: f64,
}

/// How one score of two systems compares.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Difference {
    /// The first system's score less the second's.
    pub difference: f64,
    /// The difference over the paired draws.
    pub interval: Interval,
    /// Two-sided p-value of the paired bootstrap: how often the draws, shifted to have no difference, put one at least as
    /// far out on either side as the one that was found.
    pub bootstrap: f64,
    /// Two-sided p-value of approximate randomisation: how often systems whose captions are exchanged by a coin's throw
    /// differ as much.
    pub randomisation: f64,
}

/// 95 % intervals of a corpus's scores, under the names that [`Scores::named`](crate::Scores::named) has, in its order.
///
/// Without photos or draws they are what the scores are.
pub fn intervals(each: &[Statistics], draws: Draws) -> Vec<(&'static str, Interval)> {
    let sampled = sampled(draws, |draw| {
        let mut total = Statistics::default();
        drawn(each.len(), draws.seed, draw).for_each(|photo| total += each[photo]);
        total.scores()
    });
    let scores = each.iter().copied().sum::<Statistics>().scores();
    let interval = |(place, (name, score)): (usize, (&'static str, f64))| {
        (name, Interval::of(sampled.iter().map(|scores| scores.named()[place].1).collect(), score))
    };
    scores.named().into_iter().enumerate().map(interval).collect()
}

/// Compares two systems on the same photos, given in the same order.
///
/// # Panics
/// If there are not as many of one as of the other.
pub fn compare(first: &[Statistics], second: &[Statistics], draws: Draws) -> Vec<(&'static str, Difference)> {
    assert_eq!(first.len(), second.len(), "two systems are compared on the same photos");
    let [one, other] = [first, second].map(|each| each.iter().copied().sum::<Statistics>().scores().named());
    let paired = sampled(draws, |draw| {
        let (mut one, mut other) = (Statistics::default(), Statistics::default());
        for photo in drawn(first.len(), draws.seed, draw) {
            one += first[photo];
            other += second[photo];
        }
        apart(one, other)
    });
    let exchanged = sampled(draws, |draw| {
        let (mut one, mut other) = (Statistics::default(), Statistics::default());
        let mut coin = Coin::new(draws.seed, draw);
        for (a, b) in first.iter().zip(second) {
            let (a, b) = if coin.is_heads() { (b, a) } else { (a, b) };
            one += *a;
            other += *b;
        }
        apart(one, other)
    });
    let compared = one.into_iter().zip(other).enumerate();
    let difference = |(place, ((name, first), (_, second))): (usize, ((&'static str, f64), (_, f64)))| {
        let [paired, exchanged] = [&paired, &exchanged].map(|draws| column(draws, place));
        let difference = first - second;
        let as_far = difference.abs() - ROUNDING * first.max(second);
        let bootstrap = share(&paired, |drawn| (drawn - difference).abs() >= as_far);
        let randomisation = share(&exchanged, |drawn| drawn.abs() >= as_far);
        (name, Difference { difference, interval: Interval::of(paired, difference), bootstrap, randomisation })
    };
    compared.map(difference).collect()
}

/// Sums of the same numbers in another order may differ by as much of the sum.
const ROUNDING: f64 = 1e-12;

impl Interval {
    /// The interval of some draws; of none, the one number.
    fn of(mut draws: Vec<f64>, otherwise: f64) -> Self {
        draws.sort_unstable_by(f64::total_cmp);
        let Some(last) = draws.len().checked_sub(1) else { return Self { low: otherwise, high: otherwise } };
        let percentile = |share: f64| {
            let place = share * last as f64;
            let (below, above) = (draws[place.floor() as usize], draws[place.ceil() as usize]);
            below + (above - below) * place.fract()
        };
        Self { low: percentile(0.025), high: percentile(0.975) }
    }
}

fn sampled<T: Send>(draws: Draws, sample: impl Fn(usize) -> T + Sync + Send) -> Vec<T> {
    (0..draws.count).into_par_iter().map(sample).collect()
}

fn apart(first: Statistics, second: Statistics) -> Vec<f64> {
    let (first, second) = (first.scores().named(), second.scores().named());
    first.iter().zip(&second).map(|((_, first), (_, second))| first - second).collect()
}

fn column(draws: &[Vec<f64>], place: usize) -> Vec<f64> {
    draws.iter().map(|draw| draw[place]).collect()
}

/// The share of draws that do, the observation itself counted as one: a p-value is never 0.
fn share(draws: &[f64], does: impl Fn(f64) -> bool) -> f64 {
    let found = draws.iter().filter(|&&draw| does(draw)).count();
    (found + 1) as f64 / (draws.len() + 1) as f64
}

fn random(seed: u64, draw: usize) -> ChaCha8Rng {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    random.set_stream(draw as u64);
    random
}

/// As many photos as there are, drawn with replacement.
fn drawn(photos: usize, seed: u64, draw: usize) -> impl Iterator<Item = usize> {
    let mut random = random(seed, draw);
    (0..photos).map(move |_| ((u64::from(random.next_u32()) * photos as u64) >> 32) as usize)
}

/// Throws of a coin, 32 to a random number.
struct Coin {
    random: ChaCha8Rng,
    bits: u32,
    left: u32,
}

impl Coin {
    fn new(seed: u64, draw: usize) -> Self {
        Self { random: random(seed, draw), bits: 0, left: 0 }
    }

    fn is_heads(&mut self) -> bool {
        if self.left == 0 {
            (self.bits, self.left) = (self.random.next_u32(), u32::BITS);
        }
        self.left -= 1;
        self.bits >> self.left & 1 == 1
    }
}
