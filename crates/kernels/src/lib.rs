//! Array kernels, chosen at run time for the machine they find themselves on.
//!
//! Plain slices in, plain slices out: nothing here knows a model, a file or a gradient's owner. What is
//! here is what a CPU spends its time on when it captions, classifies or learns to: matrix products, convolutions,
//! normalisation, pooling, the LSTM's cell and additive attention, forward and backward.
//!
//! Two kinds of loops. Those with weights that stay as they are ([`packed`], [`dense`], [`depthwise`], [`bottleneck`] and
//! [`convolution::Layer`]) are written over the vectors of a [`Level`]; the others so that the compiler vectorises them. Both are
//! compiled for several instruction sets by [`pulp`], and the widest that the machine has is taken when the program runs. Products of
//! matrices that are both new come from [`gemm`].

pub mod aligned;
pub mod attention;
pub mod batch_norm;
pub mod bottleneck;
pub mod convolution;
pub mod dense;
pub mod depthwise;
pub mod elementwise;
pub mod level;
pub mod lstm;
pub mod matrix;
pub mod normalise;
pub mod packed;
pub mod pool;
mod team;
mod threads;
pub mod window;

pub use level::Level;
pub use matrix::{Matrix, product};
pub use threads::Threads;

/// Runs `work` compiled for the widest instruction set of this machine.
///
/// Only what is inlined into `work` profits: functions that it calls must be `#[inline(always)]`.
#[inline]
pub(crate) fn vectorised<R>(work: impl FnOnce() -> R) -> R {
    pulp::Arch::new().dispatch(work)
}
