//! Networks: encoders of pictures. (The rest is to be written.)

pub mod encoder;
