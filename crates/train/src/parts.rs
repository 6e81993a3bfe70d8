//! The parts of a step, each with a graph of its own, shared out among the threads.

use nid_autograd::Gradients;
use rayon::prelude::*;

/// The gradients of a loss and its cross-entropy.
pub(crate) type Part = (Gradients, f32);

/// Works on parts `0..count` and adds them up in their order, whoever is done first.
pub(crate) fn gather(count: usize, work: impl Fn(usize) -> Part + Send + Sync) -> Part {
    let parts: Vec<Part> = (0..count).into_par_iter().map(work).collect();
    sum(parts)
}

/// Adds parts up, in their order.
pub(crate) fn sum(parts: impl IntoIterator<Item = Part>) -> Part {
    let mut parts = parts.into_iter();
    let (mut sum, mut cross_entropy) = parts.next().unwrap_or_default();
    for (gradients, more) in parts {
        sum.add(gradients);
        cross_entropy += more;
    }
    (sum, cross_entropy)
}
