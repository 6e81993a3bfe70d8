//! What the tests of windows share.

use nid_kernels::Threads;
use nid_kernels::window::{Extent, Padding};
use proptest::prelude::*;

/// Numbers between -2.5 and 2.5 that look random.
pub(crate) fn numbers(count: usize, seed: usize) -> Vec<f32> {
    (0..count).map(|i| ((i * 7919 + seed * 104_729 + i * i % 613) % 1009) as f32 / 200.0 - 2.5).collect()
}

pub(crate) fn check(found: &[f32], expected: &[f32]) -> Result<(), TestCaseError> {
    prop_assert_eq!(found.len(), expected.len());
    for (i, (found, expected)) in found.iter().zip(expected).enumerate() {
        prop_assert!((found - expected).abs() <= 1e-3 + 1e-5 * expected.abs(), "{i}: {found}, not {expected}");
    }
    Ok(())
}

pub(crate) fn paddings() -> impl Strategy<Value = Padding> {
    prop_oneof![Just(Padding::Same), (0usize..3).prop_map(Padding::Explicit)]
}

pub(crate) fn threads() -> impl Strategy<Value = Threads> {
    prop_oneof![Just(Threads::One), Just(Threads::All)]
}

pub(crate) fn extents(channels: std::ops::Range<usize>) -> impl Strategy<Value = Extent> {
    (1usize..14, 1usize..14, channels).prop_map(|(height, width, channels)| Extent { height, width, channels })
}
