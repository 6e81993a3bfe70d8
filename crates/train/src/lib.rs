//! Training: from one file that says everything to a bundle.
//!
//! [`prepare`] reads what a [`Run`] names (captions, splits, features, extracted where they are not cached) into a
//! [`Session`]; [`fit`] runs it. The loop reports [`Event`]s and prints nothing. It can be stopped at any step and
//! resumed: what is random follows from the seed and the step, so a resumed run equals an uninterrupted one bit for
//! bit, on one machine at one number of threads.

mod adamw;
mod checkpoint;
pub mod curves;
mod error;
mod evaluate;
mod event;
mod fit;
mod log;
mod order;
mod prepare;
mod run;
mod schedule;
mod step;

pub use error::Error;
pub use evaluate::evaluate;
pub use event::{Event, Finish};
pub use fit::{Kept, fit};
pub use prepare::{Example, Session, Set, prepare};
pub use run::{Data, Encoder, Keep, Run, Training};
pub use schedule::Schedule;
