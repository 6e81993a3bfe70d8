//! Instruction sets, one of which is chosen while the program runs.

use std::fmt;

use pulp::{Scalar, Simd, WithSimd};

/// An instruction set that this machine has.
///
/// [`Level::best`] is for work, [`Level::available`] for tests that hold all of them to the plainest.
#[derive(Clone, Copy)]
pub struct Level(Set);

#[derive(Clone, Copy)]
enum Set {
    /// What every machine has, a number at a time; the compiler may do better.
    Portable,
    /// Eight numbers at a time, multiplied and added at once.
    #[cfg(target_arch = "x86_64")]
    Avx2(pulp::x86::V3),
    /// Sixteen.
    #[cfg(target_arch = "x86_64")]
    Avx512(pulp::x86::V4),
}

impl Level {
    /// The widest of this machine.
    #[must_use]
    pub fn best() -> Self {
        Self::available().next_back().unwrap_or(Self(Set::Portable))
    }

    /// All of this machine, from the plainest to the widest.
    pub fn available() -> impl DoubleEndedIterator<Item = Self> {
        #[cfg(target_arch = "x86_64")]
        let wide = [pulp::x86::V3::try_new().map(Set::Avx2), pulp::x86::V4::try_new().map(Set::Avx512)];
        #[cfg(not(target_arch = "x86_64"))]
        let wide = [];
        [Some(Set::Portable)].into_iter().chain(wide).flatten().map(Self)
    }

    /// What it is called.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self.0 {
            Set::Portable => "portable",
            #[cfg(target_arch = "x86_64")]
            Set::Avx2(_) => "AVX2",
            #[cfg(target_arch = "x86_64")]
            Set::Avx512(_) => "AVX-512",
        }
    }

    /// Numbers in a vector.
    pub(crate) fn lanes(self) -> usize {
        match self.0 {
            Set::Portable => Scalar::F32_LANES,
            #[cfg(target_arch = "x86_64")]
            Set::Avx2(_) => pulp::x86::V3::F32_LANES,
            #[cfg(target_arch = "x86_64")]
            Set::Avx512(_) => pulp::x86::V4::F32_LANES,
        }
    }

    /// Runs `work` compiled for this set.
    #[inline]
    pub(crate) fn run<W: WithSimd>(self, work: W) -> W::Output {
        match self.0 {
            Set::Portable => Scalar::new().vectorize(work),
            #[cfg(target_arch = "x86_64")]
            Set::Avx2(set) => Simd::vectorize(set, work),
            #[cfg(target_arch = "x86_64")]
            Set::Avx512(set) => Simd::vectorize(set, work),
        }
    }
}

/// Numbers within a range; what is not a number stays as it is.
#[inline(always)]
pub(crate) fn clamp<S: Simd>(simd: S, numbers: S::f32s, (low, high): (S::f32s, S::f32s)) -> S::f32s {
    if S::F32_LANES > 1 {
        // Of the processor's own minimum and maximum the second operand is the outcome where they cannot be compared.
        return simd.min_f32s(high, simd.max_f32s(low, numbers));
    }
    let numbers = simd.select_f32s(simd.less_than_f32s(numbers, low), low, numbers);
    simd.select_f32s(simd.greater_than_f32s(numbers, high), high, numbers)
}

impl fmt::Debug for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
