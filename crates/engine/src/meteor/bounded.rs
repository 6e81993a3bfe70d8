//! Readers that give up rather than read without end: a small archive can unpack to anything.

use std::io::{self, Read};

/// Reads so many bytes at most; more are an error, not an early end.
#[derive(Debug)]
pub(super) struct Bounded<R> {
    inner: R,
    most: u64,
    left: u64,
}

impl<R: Read> Bounded<R> {
    pub(super) fn new(inner: R, most: u64) -> Self {
        Self { inner, most, left: most }
    }

    /// All that there is.
    pub(super) fn bytes(mut self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        let left = self.left.checked_sub(count as u64);
        let beyond = || io::Error::other(format!("found more than {} bytes, expected no more", self.most));
        self.left = left.ok_or_else(beyond)?;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_long_is_an_error_not_an_early_end() {
        assert_eq!(Bounded::new(&b"four"[..], 4).bytes().ok(), Some(b"four".to_vec()));
        let error = Bounded::new(&b"fives"[..], 4).bytes().expect_err("five bytes are more than four");
        assert_eq!(error.to_string(), "found more than 4 bytes, expected no more");
        assert!(Bounded::new(io::repeat(0), 1 << 20).bytes().is_err());
    }
}
