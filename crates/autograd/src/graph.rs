//! The graph of one forward pass, and its way back.

use std::cell::{Cell, RefCell};

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng;

use crate::moments::{Moments, Running};
use crate::{Buffer, Gradients, ParameterId, Parameters, Tensor};

/// Where a value came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    Node(usize),
    Parameter(ParameterId),
    /// Wants no gradient.
    Constant,
}

/// A value in a graph.
#[derive(Clone, Debug)]
pub struct Var {
    source: Source,
    value: Tensor,
}

impl Var {
    /// A value that wants no gradient.
    #[must_use]
    pub fn constant(value: Tensor) -> Self {
        Self { source: Source::Constant, value }
    }

    /// The numbers.
    #[must_use]
    pub fn value(&self) -> &Tensor {
        &self.value
    }

    pub(crate) fn source(&self) -> Source {
        self.source
    }

    /// Whether gradients flow into it.
    pub(crate) fn is_live(&self) -> bool {
        self.source != Source::Constant
    }
}

/// How the gradients of one operation's results become those of its inputs.
type Backward = Box<dyn FnOnce(&mut Gradients)>;

/// One forward pass; see the [crate's page](crate).
pub struct Graph<'p> {
    parameters: &'p Parameters,
    tape: Option<RefCell<Vec<Backward>>>,
    nodes: Cell<usize>,
    /// What batch normalisations saw.
    moments: RefCell<Vec<(Running, Moments)>>,
    /// Feeds dropout; absent in inference.
    pub(crate) random: Option<RefCell<ChaCha8Rng>>,
}

impl<'p> Graph<'p> {
    /// Computes values only; dropout does nothing.
    #[must_use]
    pub fn inference(parameters: &'p Parameters) -> Self {
        Self { parameters, tape: None, nodes: Cell::new(0), moments: RefCell::default(), random: None }
    }

    /// Keeps what [`backward`](Self::backward) needs; dropout draws from `random`.
    #[must_use]
    pub fn training(parameters: &'p Parameters, random: ChaCha8Rng) -> Self {
        Self {
            parameters,
            tape: Some(RefCell::new(Vec::new())),
            nodes: Cell::new(0),
            moments: RefCell::default(),
            random: Some(RefCell::new(random)),
        }
    }

    /// Brings a parameter into the graph.
    #[must_use]
    pub fn parameter(&self, id: ParameterId) -> Var {
        Var { source: Source::Parameter(id), value: self.parameters.tensor(id).clone() }
    }

    /// A number drawn evenly from 0 to 1; always 1 in inference.
    #[must_use]
    pub fn chance(&self) -> f32 {
        self.random.as_ref().map_or(1.0, |random| (random.borrow_mut().next_u32() >> 8) as f32 / (1 << 24) as f32)
    }

    /// Whether a way back is recorded.
    pub(crate) fn is_training(&self) -> bool {
        self.tape.is_some()
    }

    /// Keeps what a batch normalisation saw for the [`Gradients`].
    pub(crate) fn note(&self, running: Running, moments: Moments) {
        self.moments.borrow_mut().push((running, moments));
    }

    /// A new value computed from `inputs`; a constant if none of them wants a gradient or nothing is recorded.
    pub(crate) fn node(&self, value: Tensor, inputs: &[&Var]) -> Var {
        if !self.is_training() || !inputs.iter().any(|input| input.is_live()) {
            return Var::constant(value);
        }
        let index = self.nodes.get();
        self.nodes.set(index + 1);
        Var { source: Source::Node(index), value }
    }

    /// Records the way back from `output`, if it has one.
    pub(crate) fn record(&self, output: &Var, backward: impl FnOnce(&mut Gradients) + 'static) {
        if let (Some(tape), true) = (&self.tape, output.is_live()) {
            tape.borrow_mut().push(Box::new(backward));
        }
    }

    /// Gradients of a loss of one number for all parameters, and what batch normalisations saw.
    ///
    /// # Panics
    /// If `loss` is not one number.
    #[must_use]
    pub fn backward(self, loss: &Var) -> Gradients {
        assert_eq!(loss.value().data().len(), 1, "numbers of a loss");
        let mut gradients = Gradients::new(self.nodes.get(), self.parameters.len());
        gradients.give(loss, Buffer::copy_of(&[1.0]));
        for step in self.tape.map(RefCell::into_inner).unwrap_or_default().into_iter().rev() {
            step(&mut gradients);
        }
        gradients.settle();
        self.moments.into_inner().into_iter().for_each(|(running, moments)| gradients.note(running, moments));
        gradients
    }
}
