//! The cell of a long short-term memory, forward and backward.
//!
//! Hochreiter and Schmidhuber (1997), with the forget gate of Gers et al. (2000). From the summed inputs of the
//! four gates, in PyTorch's order `i f g o`:
//!
//! ```text
//! c' = σ(f) ∘ c + σ(i) ∘ tanh(g)        h' = σ(o) ∘ tanh(c')
//! ```
//!
//! Shapes: `gates` and their gradients `[rows, 4 · hidden]`; everything else `[rows, hidden]`.

use crate::elementwise::{sigmoid, tanh};
use crate::vectorised;

/// One step for all rows. `gates` comes in as summed inputs and leaves as activations, which
/// [`backward`] wants.
pub fn forward(gates: &mut [f32], cell: &[f32], new_cell: &mut [f32], new_hidden: &mut [f32], hidden: usize) {
    let rows = gates.chunks_exact_mut(4 * hidden).zip(cell.chunks_exact(hidden));
    let outputs = new_cell.chunks_exact_mut(hidden).zip(new_hidden.chunks_exact_mut(hidden));
    vectorised(|| {
        for ((gates, cell), (new_cell, new_hidden)) in rows.zip(outputs) {
            let (input, rest) = gates.split_at_mut(hidden);
            let (forget, rest) = rest.split_at_mut(hidden);
            let (candidate, output) = rest.split_at_mut(hidden);
            let (cell, new_cell, new_hidden) = (&cell[..hidden], &mut new_cell[..hidden], &mut new_hidden[..hidden]);
            for j in 0..hidden {
                input[j] = sigmoid(input[j]);
                forget[j] = sigmoid(forget[j]);
                candidate[j] = tanh(candidate[j]);
                output[j] = sigmoid(output[j]);
                new_cell[j] = forget[j] * cell[j] + input[j] * candidate[j];
                new_hidden[j] = output[j] * tanh(new_cell[j]);
            }
        }
    });
}

/// What [`forward`] saw and made.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    /// Activations of the gates.
    pub gates: &'a [f32],
    /// The cell before the step.
    pub cell: &'a [f32],
    /// The cell after the step.
    pub new_cell: &'a [f32],
}

/// Gradients of [`forward`]: from those of the new hidden state and the new cell (either may be absent) to those
/// of the gates' summed inputs and of the old cell, both overwritten.
pub fn backward(
    seen: Seen<'_>,
    hidden_gradient: Option<&[f32]>,
    cell_gradient: Option<&[f32]>,
    gates_gradient: &mut [f32],
    old_cell_gradient: &mut [f32],
    hidden: usize,
) {
    let zeros = vec![0.0; hidden];
    vectorised(|| {
        for row in 0..seen.cell.len() / hidden {
            let span = row * hidden..(row + 1) * hidden;
            let dh = hidden_gradient.map_or(&zeros[..], |g| &g[span.clone()]);
            let dc = cell_gradient.map_or(&zeros[..], |g| &g[span.clone()]);
            let (cell, new_cell) = (&seen.cell[span.clone()], &seen.new_cell[span.clone()]);
            let gates = &seen.gates[row * 4 * hidden..(row + 1) * 4 * hidden];
            let (input, forget) = (&gates[..hidden], &gates[hidden..2 * hidden]);
            let (candidate, output) = (&gates[2 * hidden..3 * hidden], &gates[3 * hidden..]);
            let gradients = &mut gates_gradient[row * 4 * hidden..(row + 1) * 4 * hidden];
            let (d_input, rest) = gradients.split_at_mut(hidden);
            let (d_forget, rest) = rest.split_at_mut(hidden);
            let (d_candidate, d_output) = rest.split_at_mut(hidden);
            let d_cell = &mut old_cell_gradient[span];
            for j in 0..hidden {
                let squashed = tanh(new_cell[j]);
                let d_new_cell = dc[j] + dh[j] * output[j] * (1.0 - squashed * squashed);
                d_input[j] = d_new_cell * candidate[j] * input[j] * (1.0 - input[j]);
                d_forget[j] = d_new_cell * cell[j] * forget[j] * (1.0 - forget[j]);
                d_candidate[j] = d_new_cell * input[j] * (1.0 - candidate[j] * candidate[j]);
                d_output[j] = dh[j] * squashed * output[j] * (1.0 - output[j]);
                d_cell[j] = d_new_cell * forget[j];
            }
        }
    });
}
