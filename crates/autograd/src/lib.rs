//! Reverse-mode differentiation over the [kernels](nid_kernels): just the operations that our networks are made of.
//!
//! A forward pass is written once, as calls on a [`Graph`]. Under [`Graph::inference`] each call computes its
//! result and forgets how; under [`Graph::training`] it also leaves on a tape how gradients flow back, and
//! [`Graph::backward`] reads the tape from its end; under [`Graph::tracing`] it is written down as plain data, a
//! [`Trace`]. So the network that is trained is the network that is run, and the one that is exported.
//!
//! The operations are large on purpose (an LSTM's cell, attention over all regions, a loss with its softmax): each is
//! one loop over memory forward and one back. A graph belongs to one thread; a batch is cut into parts, a graph
//! each, and their [`Gradients`] are added in a fixed order, so that a step's result depends on the number of
//! threads but never on their timing.
//!
//! Parameters are named arrays in a [`Parameters`], as they lie in a file.

mod buffer;
mod gradients;
mod graph;
mod moments;
mod ops;
mod packs;
mod parameters;
mod tensor;
mod trace;

pub use buffer::Buffer;
pub use gradients::Gradients;
pub use graph::{Graph, Var};
pub use moments::{Moments, Running};
pub use ops::{Attended, LstmState};
pub use packs::Packs;
pub use parameters::{Initialiser, ParameterId, Parameters};
pub use tensor::Tensor;
pub use trace::{Element, Indices, Node, Operand, Operation, Port, Trace};
