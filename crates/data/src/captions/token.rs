//! Flickr8k's and Flickr30k's own form: `photo.jpg#0`, a tab, the caption.
//!
//! Quotes stand for themselves, and every tab but the first belongs to the caption.

use super::Row;
use crate::text::{Fault, quote};

/// Reads one line. The number after `#` only tells the captions of a photo apart: their order is the file's.
pub(crate) fn row(line: &str) -> Result<Row<'_>, Fault> {
    let (key, caption) = match line.split_once('\t') {
        Some(parts) => parts,
        // The end of a line is trimmed, and with it the tab before an empty caption.
        None if key_name(line).is_some() => (line, ""),
        None => return Err(Fault::new(quote(line), "`photo.jpg#0`, a tab, a caption")),
    };
    let name = key_name(key).ok_or_else(|| Fault::new(quote(key), "`photo.jpg#0` before the first tab"))?;
    Ok(Row::Caption { name, caption })
}

fn key_name(key: &str) -> Option<&str> {
    let (name, number) = key.rsplit_once('#')?;
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    let name = name.trim();
    (is_number && !name.is_empty()).then_some(name)
}
