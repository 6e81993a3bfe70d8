//! Kaggle's form of Flickr30k, `results.csv`: `image_name| comment_number| comment`.
//!
//! It is no CSV either: captions hold commas, quotes and line-noise unescaped. One line of the file
//! that everyone has lacks its second bar (`2199200615.jpg| 4   A dog runs across the grass .`), so
//! the number alone may part the caption from the name.

use super::Row;
use crate::text::{Fault, quote};

const EXPECTED: &str = "`photo.jpg| 0| caption`";

/// Reads one line, be it the header or a caption.
pub(crate) fn row(line: &str) -> Result<Row<'_>, Fault> {
    if line.split('|').map(str::trim).eq(["image_name", "comment_number", "comment"]) {
        return Ok(Row::Header);
    }
    caption(line).ok_or_else(|| Fault::new(quote(line), EXPECTED))
}

fn caption(line: &str) -> Option<Row<'_>> {
    let (name, rest) = line.split_once('|')?;
    let name = name.trim();
    let rest = rest.trim_start();
    let after = rest.trim_start_matches(|letter: char| letter.is_ascii_digit());
    let has_number = after.len() < rest.len();
    let number_ends = after.is_empty() || after.starts_with(|c: char| c == '|' || c.is_whitespace());
    if name.is_empty() || !has_number || !number_ends {
        return None;
    }
    let caption = after.trim_start();
    Some(Row::Caption { name, caption: caption.strip_prefix('|').unwrap_or(caption) })
}
