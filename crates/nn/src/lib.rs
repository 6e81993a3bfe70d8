//! Networks: [encoders](encoder) turn pictures into features, [decoders](decoder) turn features into words.
//!
//! No files, no clocks, no printing: weights come in as named arrays and results go out as numbers.

pub mod decoder;
pub mod encoder;
