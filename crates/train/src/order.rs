//! The order in which examples are seen: a pure function of seed and epoch.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use crate::Task;

/// What a random stream is for: streams of one seed never meet.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Purpose {
    // 0 is the stream that first values are drawn from.
    Order = 1,
    Dropout,
    View,
}

/// The random numbers of one purpose at one moment.
pub(crate) fn random(seed: u64, purpose: Purpose, moment: u64) -> ChaCha8Rng {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    random.set_stream(moment << 8 | purpose as u64);
    random
}

/// The order of an epoch, kept while the epoch goes on.
#[derive(Debug, Default)]
pub(crate) struct Order {
    epoch: usize,
    numbers: Vec<usize>,
}

impl Order {
    /// The numbers of all examples in the order of this epoch.
    pub(crate) fn of(&mut self, task: &impl Task, epoch: usize) -> &[usize] {
        if self.epoch != epoch || self.numbers.is_empty() {
            *self = Self { epoch, numbers: shuffled(task.examples(), task.seed(), epoch) };
        }
        &self.numbers
    }
}

/// Numbers below `count`, shuffled (Fisher and Yates).
fn shuffled(count: usize, seed: u64, epoch: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    let mut random = random(seed, Purpose::Order, epoch as u64);
    for last in (1..count).rev() {
        let other = (u128::from(random.next_u64()) * (last as u128 + 1)) >> 64;
        order.swap(last, other as usize);
    }
    order
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn everything_comes_once_and_the_epoch_matters(count in 0usize..200, seed: u64, epoch in 0usize..9) {
            let order = shuffled(count, seed, epoch);
            prop_assert_eq!(&order, &shuffled(count, seed, epoch));
            if count > 30 {
                prop_assert_ne!(&order, &shuffled(count, seed, epoch + 1));
            }
            let mut sorted = order;
            sorted.sort_unstable();
            prop_assert_eq!(sorted, (0..count).collect::<Vec<_>>());
        }
    }
}
