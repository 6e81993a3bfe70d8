//! Text that is worked through a block of whole lines at a time, so that files larger than memory can be.

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::text::{self, Error};

/// Bytes that are read at once. A line that is longer makes a longer block.
const BLOCK: usize = 1 << 20;

/// Reads text in blocks of whole lines. A byte order mark at its start is left out.
///
/// ```
/// use std::path::Path;
///
/// let mut blocks = nid_data::blocks::Blocks::new("one\ntwo".as_bytes(), Path::new("captions.txt"));
/// assert_eq!(blocks.block()?, Some("one\ntwo"));
/// assert_eq!(blocks.block()?, None);
/// # Ok::<(), nid_data::text::Error>(())
/// ```
pub struct Blocks<R> {
    source: R,
    /// What errors call the source.
    path: PathBuf,
    buffer: Vec<u8>,
    /// Bytes of the buffer that were given out already.
    given: usize,
    /// Lines that were given out before those of the buffer.
    lines: usize,
}

impl<R: Read> Blocks<R> {
    /// Will read `source`, which errors call `path`.
    pub fn new(source: R, path: &Path) -> Self {
        Self { source, path: path.to_path_buf(), buffer: Vec::with_capacity(BLOCK), given: 0, lines: 0 }
    }

    /// The next block: lines up to and with the end of the last, which only the text's own end may lack.
    ///
    /// # Errors
    /// What cannot be read or is not UTF-8.
    pub fn block(&mut self) -> Result<Option<&str>, Error> {
        self.lines += self.buffer[..self.given].iter().filter(|&&byte| byte == b'\n').count();
        let is_first = self.lines == 0;
        self.buffer.drain(..self.given);
        self.given = self.fill().map_err(|source| Error::Read { path: self.path.clone(), source })?;
        if self.given == 0 {
            return Ok(None);
        }
        let block = text::checked(&self.path, &self.buffer[..self.given], self.lines)?;
        Ok(Some(if is_first { text::unmarked(block) } else { block }))
    }

    /// Reads until the buffer has the end of a line or the text has ended; returns the length of the whole lines.
    fn fill(&mut self) -> io::Result<usize> {
        loop {
            let before = self.buffer.len();
            let wanted = BLOCK.saturating_sub(before).max(BLOCK / 2);
            (&mut self.source).take(wanted as u64).read_to_end(&mut self.buffer)?;
            let read = &self.buffer[before..];
            if let Some(place) = read.iter().rposition(|&byte| byte == b'\n').filter(|_| read.len() == wanted) {
                return Ok(before + place + 1);
            }
            if read.len() < wanted {
                return Ok(self.buffer.len());
            }
        }
    }
}

/// Parts a block between lines, into parts of about as many bytes.
pub fn parts(block: &str, bytes: usize) -> impl Iterator<Item = &str> {
    let mut rest = block;
    std::iter::from_fn(move || {
        let from = bytes.min(rest.len());
        let end = rest.as_bytes()[from..].iter().position(|&byte| byte == b'\n').map_or(rest.len(), |at| from + at + 1);
        let part;
        (part, rest) = rest.split_at(end);
        (!part.is_empty()).then_some(part)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn all(text: &[u8]) -> Result<Vec<String>, Error> {
        let mut blocks = Blocks::new(text, Path::new("captions.txt"));
        let mut all = Vec::new();
        while let Some(block) = blocks.block()? {
            all.push(block.to_owned());
        }
        Ok(all)
    }

    #[test]
    fn blocks_are_whole_lines_and_nothing_is_lost() {
        let text = "a line that is é long\n".repeat(3 * BLOCK / 20) + &"é".repeat(BLOCK) + "\n\nthe end";
        let blocks = all(format!("\u{feff}{text}").as_bytes()).unwrap();
        assert!(blocks.len() > 3 && blocks[..blocks.len() - 1].iter().all(|block| block.ends_with('\n')));
        assert_eq!(blocks.concat(), text);
        assert!(all(b"").unwrap().is_empty());
    }

    #[test]
    fn a_byte_that_is_not_utf_8_is_named_in_any_block() {
        for lines in [0, 1, BLOCK / 2, BLOCK] {
            let bytes = [b"a\n".repeat(lines).as_slice(), b"caf\xe9 au lait\n"].concat();
            let error = all(&bytes).unwrap_err().to_string();
            let place = format!("captions.txt:{}: found byte 0xe9 at position 4 of the line", lines + 1);
            assert!(error.starts_with(&place), "{error}");
        }
    }

    proptest! {
        #[test]
        fn parts_are_whole_lines_and_nothing_is_lost(block in "[aé\n]{0,40}", bytes in 0..20_usize) {
            let parts: Vec<&str> = parts(&block, bytes).collect();
            prop_assert_eq!(parts.concat(), block.as_str());
            prop_assert!(parts.iter().rev().skip(1).all(|part| part.ends_with('\n')));
            prop_assert_eq!(parts.iter().flat_map(|part| part.lines()).count(), block.lines().count());
        }
    }
}
