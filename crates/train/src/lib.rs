//! Training: from one file that says everything to a bundle.
//!
//! A [`Run`] is what such a file says. [`captioner::prepare`] and [`classifier::prepare`] read what it names (pictures,
//! captions, labels; features are extracted where they are not cached) into a [`Task`] and its first weights; [`fit`] is
//! the loop that holds for both. It reports [`Event`]s and prints nothing. It can be stopped at any step and resumed: what is
//! random follows from the seed and the step, so a resumed run equals an uninterrupted one bit for bit, on one machine at
//! one number of threads.

mod adamw;
mod average;
pub mod captioner;
mod checkpoint;
pub mod classifier;
pub mod curves;
mod error;
mod event;
mod fit;
mod frozen;
mod init;
mod log;
mod order;
mod parts;
mod run;
mod schedule;
mod settings;
mod task;

pub use error::Error;
pub use event::{Event, Finish};
pub use fit::{Kept, fit};
pub use run::{EncoderChoice, Run};
pub use schedule::Schedule;
pub use settings::{Keep, Training};
pub use task::{Judgement, Learning, Moment, Output, Task, Taught};
