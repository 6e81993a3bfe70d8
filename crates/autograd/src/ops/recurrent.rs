//! The LSTM's cell.

use nid_kernels::lstm::{self, Seen};

use crate::trace::Operation;
use crate::{Buffer, Graph, Tensor, Var};

/// What an LSTM remembers between steps, each `[rows, hidden]`.
#[derive(Clone, Debug)]
pub struct LstmState {
    /// What it shows.
    pub hidden: Var,
    /// What it keeps.
    pub cell: Var,
}

impl Graph<'_> {
    /// One step from the gates' summed inputs `[rows, 4 · hidden]` (order `i f g o`) and the cell.
    #[must_use]
    pub fn lstm(&self, sums: &Var, cell: &Var) -> LstmState {
        let (rows, hidden) = (cell.value().rows(), cell.value().width());
        let mut gates = Buffer::copy_of(sums.value().data());
        let (mut new_cell, mut new_hidden) = (Buffer::scratch(rows * hidden), Buffer::scratch(rows * hidden));
        lstm::forward(&mut gates, cell.value().data(), &mut new_cell, &mut new_hidden, hidden);
        let state = LstmState {
            hidden: self.node(Tensor::new(&[rows, hidden], new_hidden), &[sums, cell]),
            cell: self.node(Tensor::new(&[rows, hidden], new_cell), &[sums, cell]),
        };
        self.trace(Operation::Lstm, [sums, cell].map(Var::source), [&state.hidden, &state.cell]);

        let (sums, cell, out) = (sums.clone(), cell.clone(), state.clone());
        self.record(&state.hidden, move |gradients| {
            let (of_hidden, of_cell) = (gradients.take(&out.hidden), gradients.take(&out.cell));
            if of_hidden.is_none() && of_cell.is_none() {
                return;
            }
            let seen = Seen { gates: &gates, cell: cell.value().data(), new_cell: out.cell.value().data() };
            let mut of_gates = Buffer::scratch(4 * rows * hidden);
            let mut of_old_cell = Buffer::scratch(rows * hidden);
            lstm::backward(seen, of_hidden.as_deref(), of_cell.as_deref(), &mut of_gates, &mut of_old_cell, hidden);
            gradients.give(&sums, of_gates);
            gradients.give(&cell, of_old_cell);
        });
        state
    }
}
