//! The graph of one forward pass, and its way back.

use std::cell::{Cell, RefCell};
use std::sync::Arc;

use nid_kernels::Threads;
use nid_kernels::packed::Packed;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng;

use crate::moments::{Moments, Running};
use crate::trace::{Element, Indices, Node, Operand, Operation, Port, Trace, value};
use crate::{Buffer, Gradients, Packs, ParameterId, Parameters, Tensor};

/// Where a value came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// An operation; in a trace, an input too.
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
    /// The parameters' weights laid out for products, and who multiplies them.
    packs: Option<(&'p Packs, Threads)>,
    mode: Mode,
    nodes: Cell<usize>,
    /// What batch normalisations saw.
    moments: RefCell<Vec<(Running, Moments)>>,
}

/// What is kept of a forward pass.
#[expect(clippy::large_enum_variant, reason = "there is one for each pass over a network")]
enum Mode {
    /// Nothing.
    Inference,
    /// The way back.
    Training {
        tape: RefCell<Vec<Backward>>,
        /// Feeds dropout.
        random: RefCell<ChaCha8Rng>,
    },
    /// What was done.
    Tracing(RefCell<Trace>),
}

impl<'p> Graph<'p> {
    fn new(parameters: &'p Parameters, mode: Mode) -> Self {
        Self { parameters, packs: None, mode, nodes: Cell::new(0), moments: RefCell::default() }
    }

    /// Computes as [`inference`](Self::inference) does, many times: linear maps are products with weights that are laid out for that
    /// once. `packs` belongs to these parameters.
    #[must_use]
    pub fn repeated(parameters: &'p Parameters, packs: &'p Packs, threads: Threads) -> Self {
        Self { packs: Some((packs, threads)), ..Self::new(parameters, Mode::Inference) }
    }

    /// The weights of a parameter as products read them, where they are laid out, and who multiplies them.
    pub(crate) fn packed(&self, weight: &Var) -> Option<(Arc<Packed>, Threads)> {
        match (self.packs, weight.source) {
            (Some((packs, threads)), Source::Parameter(id)) => Some((packs.of(id, &weight.value), threads)),
            _ => None,
        }
    }

    /// Computes values only; dropout does nothing.
    #[must_use]
    pub fn inference(parameters: &'p Parameters) -> Self {
        Self::new(parameters, Mode::Inference)
    }

    /// Keeps what [`backward`](Self::backward) needs; dropout draws from `random`.
    #[must_use]
    pub fn training(parameters: &'p Parameters, random: ChaCha8Rng) -> Self {
        Self::new(parameters, Mode::Training { tape: RefCell::default(), random: RefCell::new(random) })
    }

    /// Computes as [`inference`](Self::inference) does, and writes down how, for [`into_trace`](Self::into_trace).
    #[must_use]
    pub fn tracing(parameters: &'p Parameters) -> Self {
        Self::new(parameters, Mode::Tracing(RefCell::default()))
    }

    /// Brings in an example of what a network is given; a trace has it by its name and by what its first axis counts.
    #[must_use]
    pub fn input(&self, name: &str, counts: &str, example: Tensor) -> Var {
        match &self.mode {
            Mode::Tracing(trace) => {
                let value = trace.borrow_mut().add_input([name, counts], Element::Number, example.shape());
                Var { source: Source::Node(value), value: example }
            }
            _ => Var::constant(example),
        }
    }

    /// Likewise for numbers of rows.
    #[must_use]
    pub fn input_indices<'a>(&self, name: &str, counts: &str, example: &'a [usize]) -> Indices<'a> {
        match &self.mode {
            Mode::Tracing(trace) => {
                let value = trace.borrow_mut().add_input([name, counts], Element::Index, &[example.len()]);
                Indices::new(example, Source::Node(value))
            }
            _ => example.into(),
        }
    }

    /// Brings a parameter into the graph.
    #[must_use]
    pub fn parameter(&self, id: ParameterId) -> Var {
        Var { source: Source::Parameter(id), value: self.parameters.tensor(id).clone() }
    }

    /// A number drawn evenly from 0 to 1; always 1 where nothing is trained.
    #[must_use]
    pub fn chance(&self) -> f32 {
        self.random().map_or(1.0, |random| (random.borrow_mut().next_u32() >> 8) as f32 / (1 << 24) as f32)
    }

    /// What dropout draws from; absent where nothing is trained.
    pub(crate) fn random(&self) -> Option<&RefCell<ChaCha8Rng>> {
        match &self.mode {
            Mode::Training { random, .. } => Some(random),
            _ => None,
        }
    }

    /// Whether a way back is recorded.
    pub(crate) fn is_training(&self) -> bool {
        matches!(self.mode, Mode::Training { .. })
    }

    /// Whether what is done is written down.
    pub(crate) fn is_tracing(&self) -> bool {
        matches!(self.mode, Mode::Tracing(_))
    }

    /// Keeps what a batch normalisation saw for the [`Gradients`].
    pub(crate) fn note(&self, running: Running, moments: Moments) {
        self.moments.borrow_mut().push((running, moments));
    }

    /// A new value computed from `inputs`; a constant if none of them wants a gradient or nothing is recorded.
    pub(crate) fn node(&self, value: Tensor, inputs: &[&Var]) -> Var {
        let index = match &self.mode {
            Mode::Training { .. } if inputs.iter().any(|input| input.is_live()) => {
                self.nodes.replace(self.nodes.get() + 1)
            }
            Mode::Tracing(trace) => trace.borrow_mut().number(value.shape()),
            _ => return Var::constant(value),
        };
        Var { source: Source::Node(index), value }
    }

    /// Records the way back from `output`, if it has one.
    pub(crate) fn record(&self, output: &Var, backward: impl FnOnce(&mut Gradients) + 'static) {
        if let (Mode::Training { tape, .. }, true) = (&self.mode, output.is_live()) {
            tape.borrow_mut().push(Box::new(backward));
        }
    }

    /// Writes down what has made `outputs`, where that is asked for.
    pub(crate) fn trace<const N: usize>(
        &self,
        operation: Operation,
        inputs: impl IntoIterator<Item = Source>,
        outputs: [&Var; N],
    ) {
        let Mode::Tracing(trace) = &self.mode else { return };
        let inputs = inputs.into_iter().map(|input| self.operand(input, &trace.borrow())).collect();
        let outputs = outputs.iter().map(|output| value(output.source)).collect();
        trace.borrow_mut().nodes.push(Node { operation, inputs, outputs });
    }

    /// How a trace names what an operation reads.
    fn operand(&self, source: Source, trace: &Trace) -> Operand {
        match source {
            Source::Parameter(id) => Operand::Parameter(self.parameters.name(id).to_owned()),
            source => Operand::Value(trace.made(source)),
        }
    }

    /// What was done from the inputs to these outputs, each `([name, what its first axis counts], value)`.
    ///
    /// # Panics
    /// If this graph is not [`tracing`](Self::tracing), or has met what no trace can hold: a constant, which would be that of
    /// the example alone, or an operation that only training has.
    #[must_use]
    pub fn into_trace(self, outputs: &[([&str; 2], &Var)]) -> Trace {
        let Mode::Tracing(trace) = self.mode else { panic!("a trace of a graph that does not trace") };
        let mut trace = trace.into_inner();
        for ([name, counts], var) in outputs {
            let (name, counts, value) = ((*name).to_owned(), (*counts).to_owned(), trace.made(var.source));
            trace.outputs.push(Port { name, counts, element: Element::Number, value });
        }
        trace
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
        if let Mode::Training { tape, .. } = self.mode {
            tape.into_inner().into_iter().rev().for_each(|step| step(&mut gradients));
        }
        gradients.settle();
        self.moments.into_inner().into_iter().for_each(|(running, moments)| gradients.note(running, moments));
        gradients
    }
}
