//! The operations, each with its gradient.

mod attention;
mod batch_norm;
mod convolution;
mod elementwise;
mod linear;
mod loss;
mod recurrent;
mod rows;

pub use attention::Attended;
pub use recurrent::LstmState;
