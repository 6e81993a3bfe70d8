//! NumPy files: one array of any rank behind a short header, as described in NumPy's
//! `numpy.lib.format`.
//!
//! Features of thousands of photos are one such array, `[photos, regions, channels]`: it opens in
//! Python in one line, and a row (everything behind one index of the first dimension) lies in one
//! piece. [`Array`] maps a file and reads rows; [`Writer`] fills one row by row, in any order, over
//! as many sittings as it takes.
//!
//! The crate `npyz` was looked at first. Its header parser panics on a shape whose product overflows
//! and allocates what a header claims, and it has no writer that can be resumed or mapped; what would
//! remain of it is shorter written here.

mod array;
mod header;
mod object;
mod writer;

pub use array::Array;
pub use header::OBJECT;
pub(crate) use header::{Header, MAGIC};
pub use object::object;
pub use writer::Writer;
pub(crate) use writer::header;
