//! A forward pass as plain data: which operation was done on which values, for whoever runs networks elsewhere.
//!
//! Under [`Graph::tracing`](crate::Graph::tracing) every call computes its result and is written down, as
//! `torch.onnx.export` does it. The first axis of every value counts rows (pictures, sentences), and a trace does not
//! know how many there are: it holds for any number.

use nid_kernels::convolution::Activation;
use nid_kernels::window::Window;

use crate::graph::Source;

/// What a network does, from its inputs to its outputs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Trace {
    /// What it is given.
    pub inputs: Vec<Port>,
    /// What it does, in an order in which it can be done.
    pub nodes: Vec<Node>,
    /// What it gives.
    pub outputs: Vec<Port>,
    /// Of each value, by its number: the sizes of its axes but the first.
    pub shapes: Vec<Vec<usize>>,
}

/// A named input or output.
#[derive(Clone, Debug, PartialEq)]
pub struct Port {
    /// Its name.
    pub name: String,
    /// What its first axis counts; inputs that count the same have the same number of rows.
    pub counts: String,
    /// What it holds.
    pub element: Element,
    /// The number of the value.
    pub value: usize,
}

/// What a value holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Element {
    /// Numbers to compute with.
    Number,
    /// Numbers of rows.
    Index,
}

/// An operation on values.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// What is done.
    pub operation: Operation,
    /// With what, in the order that the operation says.
    pub inputs: Vec<Operand>,
    /// The numbers of the values that come of it.
    pub outputs: Vec<usize>,
}

/// What an operation reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operand {
    /// The value of this number: an input, or what an operation before has made.
    Value(usize),
    /// The parameter of this name.
    Parameter(String),
}

/// The operations of networks at rest: methods of [`Graph`](crate::Graph), where their shapes are said.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Operation {
    /// `x`, weight and, where there is one, bias.
    Linear,
    /// `x`, gain and bias; the epsilon is added to the variance.
    LayerNorm(f32),
    /// `x`, gain, shift, mean and variance.
    BatchNorm {
        /// What is added to the variance.
        epsilon: f32,
        /// What follows.
        activation: Activation,
    },
    /// `x`, weight and, where there is one, bias.
    Convolution(Window),
    /// `x`.
    MaxPool(Window),
    /// `x`; what is beyond a map is not counted.
    AveragePool(Window),
    /// `x`.
    MeanRegions,
    /// `x`: maps seen in a mirror.
    Mirror,
    /// `x`; the number of rows stays.
    Reshape,
    /// `x`.
    Relu,
    /// `x`.
    Tanh,
    /// `x`.
    Sigmoid,
    /// `x`, times the factor.
    Scale(f32),
    /// `x`.
    LogSoftmax,
    /// Two values.
    Add,
    /// Two values.
    Multiply,
    /// Any number of values.
    Concatenate,
    /// `x` and indices.
    Gather,
    /// Zeros, as many rows as `x` has.
    Zeros,
    /// Sums of the gates and the cell; makes the hidden state and the cell.
    Lstm,
    /// Keys, values, queries, score and owners; makes the context and the weights.
    Attend,
}

/// Numbers of rows that are looked up: words in their table, or the pictures of sentences.
#[derive(Clone, Copy, Debug)]
pub struct Indices<'a> {
    numbers: &'a [usize],
    source: Source,
}

impl<'a> Indices<'a> {
    pub(crate) fn new(numbers: &'a [usize], source: Source) -> Self {
        Self { numbers, source }
    }

    /// The numbers.
    #[must_use]
    pub fn numbers(&self) -> &'a [usize] {
        self.numbers
    }

    pub(crate) fn source(&self) -> Source {
        self.source
    }
}

impl<'a> From<&'a [usize]> for Indices<'a> {
    fn from(numbers: &'a [usize]) -> Self {
        Self::new(numbers, Source::Constant)
    }
}

impl Trace {
    /// Gives a value of this shape the next number.
    pub(crate) fn number(&mut self, shape: &[usize]) -> usize {
        self.shapes.push(shape.get(1..).unwrap_or_default().to_vec());
        self.shapes.len() - 1
    }

    /// Adds an input of this shape, and returns the number of its value.
    pub(crate) fn add_input(&mut self, [name, counts]: [&str; 2], element: Element, shape: &[usize]) -> usize {
        let value = self.number(shape);
        self.inputs.push(Port { name: name.to_owned(), counts: counts.to_owned(), element, value });
        value
    }

    /// The number of a value that is there before the operations that are still to come.
    ///
    /// # Panics
    /// If it is none.
    pub(crate) fn made(&self, source: Source) -> usize {
        let value = value(source);
        let is_made = self.inputs.iter().any(|input| input.value == value)
            || self.nodes.iter().any(|node| node.outputs.contains(&value));
        assert!(is_made, "value {value} of a trace is made by an operation that only training has");
        value
    }
}

/// The number of a value in a trace.
///
/// # Panics
/// If it is not numbered there.
pub(crate) fn value(source: Source) -> usize {
    match source {
        Source::Node(value) => value,
        Source::Parameter(_) | Source::Constant => {
            panic!("a trace holds inputs and what is made of them, found {source:?}")
        }
    }
}
