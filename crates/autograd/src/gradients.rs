//! What flows back.

use nid_kernels::{Matrix, Threads, elementwise, product};

use crate::graph::Source;
use crate::moments::{Moments, Running};
use crate::{Buffer, ParameterId, Tensor, Var};

/// Gradients of a loss for the nodes of a graph, while it is read backward, and for the parameters.
#[derive(Debug, Default)]
pub struct Gradients {
    nodes: Vec<Option<Buffer>>,
    parameters: Vec<Option<Buffer>>,
    /// Inputs and output gradients of linear maps, by weight. A recurrent network uses one weight at every step; one
    /// long product at the end reads and writes its gradient once rather than once a step.
    pending: Vec<Vec<(Tensor, Buffer)>>,
    /// What batch normalisations saw, each named once.
    moments: Vec<(Running, Moments)>,
}

impl Gradients {
    pub(crate) fn new(nodes: usize, parameters: usize) -> Self {
        Self {
            nodes: std::iter::repeat_with(|| None).take(nodes).collect(),
            parameters: std::iter::repeat_with(|| None).take(parameters).collect(),
            pending: std::iter::repeat_with(Vec::new).take(parameters).collect(),
            moments: Vec::new(),
        }
    }

    /// The gradient of a parameter; `None` where the loss does not depend on it.
    #[must_use]
    pub fn parameter(&self, id: ParameterId) -> Option<&[f32]> {
        self.parameters[id.0].as_deref()
    }

    /// Gradients of all parameters, in their order.
    pub fn parameters(&self) -> impl Iterator<Item = Option<&[f32]>> {
        self.parameters.iter().map(Option::as_deref)
    }

    /// Gradients of all parameters, in their order, to change.
    pub fn parameters_mut(&mut self) -> impl Iterator<Item = Option<&mut [f32]>> {
        self.parameters.iter_mut().map(|gradient| gradient.as_deref_mut())
    }

    /// What the batch normalisations of the batch saw, by the running statistics that want to know.
    #[must_use]
    pub fn moments(&self) -> &[(Running, Moments)] {
        &self.moments
    }

    /// Adds another part's gradients for the same parameters, and what its batch normalisations saw.
    pub fn add(&mut self, other: Self) {
        for (mine, theirs) in self.parameters.iter_mut().zip(other.parameters) {
            match (mine.as_mut(), theirs) {
                (Some(mine), Some(theirs)) => elementwise::add(mine, &theirs),
                (None, theirs) => *mine = theirs,
                (Some(_), None) => {}
            }
        }
        other.moments.into_iter().for_each(|(running, moments)| self.note(running, moments));
    }

    /// Adds what a batch normalisation saw.
    pub(crate) fn note(&mut self, running: Running, moments: Moments) {
        match self.moments.iter_mut().find(|(known, _)| *known == running) {
            Some((_, sum)) => sum.add(&moments),
            None => self.moments.push((running, moments)),
        }
    }

    /// The square of the length of all gradients seen as one vector.
    #[must_use]
    pub fn square_norm(&self) -> f64 {
        self.parameters.iter().flatten().map(|gradient| elementwise::square_sum(gradient)).sum()
    }

    /// Takes away the gradient of an operation's result: nothing more will be added to it.
    pub(crate) fn take(&mut self, var: &Var) -> Option<Buffer> {
        match var.source() {
            Source::Node(index) => self.nodes[index].take(),
            Source::Parameter(_) | Source::Constant => None,
        }
    }

    fn slot(&mut self, var: &Var) -> Option<&mut Option<Buffer>> {
        match var.source() {
            Source::Node(index) => Some(&mut self.nodes[index]),
            Source::Parameter(id) => Some(&mut self.parameters[id.0]),
            Source::Constant => None,
        }
    }

    /// Lets `work` add to the gradient of `var`, if it wants one.
    pub(crate) fn accumulate(&mut self, var: &Var, work: impl FnOnce(&mut [f32])) {
        let length = var.value().data().len();
        if let Some(slot) = self.slot(var) {
            work(slot.get_or_insert_with(|| Buffer::zeros(length)));
        }
    }

    /// Adds a finished gradient, moved where it is the first.
    pub(crate) fn give(&mut self, var: &Var, gradient: Buffer) {
        match self.slot(var) {
            Some(Some(sum)) => elementwise::add(sum, &gradient),
            Some(empty) => *empty = Some(gradient),
            None => {}
        }
    }

    /// Adds a finished gradient that others want too, copied where it is the first.
    pub(crate) fn share(&mut self, var: &Var, gradient: &[f32]) {
        match self.slot(var) {
            Some(Some(sum)) => elementwise::add(sum, gradient),
            Some(empty) => *empty = Some(Buffer::copy_of(gradient)),
            None => {}
        }
    }

    /// Adds a product.
    pub(crate) fn product(&mut self, var: &Var, left: Matrix<'_>, right: Matrix<'_>) {
        let length = var.value().data().len();
        if let Some(slot) = self.slot(var) {
            let accumulate = slot.is_some();
            let output = slot.get_or_insert_with(|| Buffer::scratch(length));
            product(output, left, right, accumulate, Threads::One);
        }
    }

    /// Adds `gradientᵀ · input`, later, to the gradient of a weight `[outputs, inputs]`.
    pub(crate) fn defer(&mut self, weight: ParameterId, input: Tensor, gradient: Buffer) {
        self.pending[weight.0].push((input, gradient));
    }

    /// Does what was deferred.
    pub(crate) fn settle(&mut self) {
        for (index, pending) in std::mem::take(&mut self.pending).into_iter().enumerate() {
            let Some((first, _)) = pending.first() else { continue };
            let inputs = first.width();
            let outputs = pending[0].1.len() / first.rows().max(1);
            let (input, gradient) = joined(pending);
            let rows = input.len() / inputs.max(1);
            let slot = &mut self.parameters[index];
            let accumulate = slot.is_some();
            let output = slot.get_or_insert_with(|| Buffer::scratch(outputs * inputs));
            let left = Matrix::new(&gradient, rows, outputs).transposed();
            product(output, left, Matrix::new(&input, rows, inputs), accumulate, Threads::One);
        }
    }
}

/// All inputs below one another, and all gradients.
fn joined(pending: Vec<(Tensor, Buffer)>) -> (Buffer, Buffer) {
    let (mut inputs, mut gradients) = (
        Buffer::scratch(pending.iter().map(|(input, _)| input.data().len()).sum()),
        Buffer::scratch(pending.iter().map(|(_, gradient)| gradient.len()).sum()),
    );
    let (mut at_input, mut at_gradient) = (0, 0);
    for (input, gradient) in pending {
        inputs[at_input..at_input + input.data().len()].copy_from_slice(input.data());
        gradients[at_gradient..at_gradient + gradient.len()].copy_from_slice(&gradient);
        at_input += input.data().len();
        at_gradient += gradient.len();
    }
    (inputs, gradients)
}
