//! SHA-256: whether bytes are those that were meant.

use sha2::{Digest, Sha256};

/// The digest in hexadecimal digits, lower case.
pub(crate) fn hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A number told from a picture's bytes alone: sampling draws the same sentences for the same file,
/// whatever else is in its batch.
pub fn seed_of(bytes: &[u8]) -> u64 {
    Sha256::digest(bytes).iter().take(size_of::<u64>()).fold(0, |seed, byte| seed << 8 | u64::from(*byte))
}
