//! Networks: [encoders](encoder) turn pictures into features, [decoders](decoder) turn features into words,
//! [classifiers](classifier) turn pictures or features into a score a class.
//!
//! No files, no clocks, no printing: weights come in as named arrays and results go out as numbers.

pub mod classifier;
pub mod decoder;
pub mod encoder;
mod linear;
