//! Regenerates goldens and documents.
fn main() {}
