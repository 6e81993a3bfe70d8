//! Kaggle's form of Fashion-MNIST: a CSV with a picture a line, `label,pixel1,…,pixel784`, the rows of the picture one
//! after the other.
//!
//! The lines are cut here and not by a general reader of CSV, which would gather a field that never ends until
//! there is no memory left: nothing in this form is longer than a line may be.

use super::sets::{Set, check_label};
use super::source::Source;
use crate::text::{Error, Fault, LARGEST, quote};

/// The most bytes that a line may have: many times what a picture takes.
const LONGEST: usize = 1 << 20;
const HEADER: &str = "the header `label,pixel1,pixel2,…,pixel784`, or another square number of pixels";

/// Reads the file, header and all.
pub(super) fn read(source: Source<'_>) -> Result<Set, Error> {
    let mut lines = Lines { source, number: 0, line: Vec::new() };
    if !lines.advance()? {
        return Err(lines.fault(Fault::new("nothing", HEADER)));
    }
    let side = side(lines.line()).map_err(|fault| lines.fault(fault))?;
    let mut set = Set { height: side, width: side, pixels: Vec::new(), labels: Vec::new() };
    while lines.advance()? {
        add(&mut set, lines.line()).map_err(|fault| lines.fault(fault))?;
    }
    if set.labels.is_empty() {
        return Err(Fault::new("no picture after the header", "at least one").of(&lines.source.path));
    }
    set.pixels.shrink_to_fit();
    Ok(set)
}

/// How high and wide the pictures are, by the header.
fn side(header: &[u8]) -> Result<usize, Fault> {
    let fault = || Fault::new(quote(&String::from_utf8_lossy(header)), HEADER);
    let mut names = fields(header);
    if names.next() != Some(b"label") {
        return Err(fault());
    }
    let mut pixels: usize = 0;
    for name in names {
        pixels += 1;
        if name.strip_prefix(b"pixel") != Some(pixels.to_string().as_bytes()) {
            return Err(fault());
        }
    }
    let side = pixels.isqrt();
    if pixels == 0 || side * side != pixels {
        return Err(Fault::new(format!("{pixels} columns of pixels"), HEADER));
    }
    Ok(side)
}

/// Takes in the picture of a row.
fn add(set: &mut Set, row: &[u8]) -> Result<(), Fault> {
    let (columns, found) = (1 + set.height * set.width, fields(row).count());
    if found != columns {
        return Err(Fault::new(format!("{found} fields"), format!("{columns} as in the header")));
    }
    for (column, field) in fields(row).enumerate() {
        let level = level(field).ok_or_else(|| {
            let place = if column == 0 { "the label".to_owned() } else { format!("pixel{column}") };
            let found = format!("{} for {place}", quote(&String::from_utf8_lossy(field)));
            Fault::new(found, "a whole number, 0 to 255")
        })?;
        if column == 0 {
            check_label(level)?;
            set.labels.push(level);
        } else {
            set.pixels.push(level);
        }
    }
    Ok(())
}

fn fields(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    line.split(|&byte| byte == b',').map(|field| {
        let field = field.trim_ascii();
        field.strip_prefix(b"\"").and_then(|field| field.strip_suffix(b"\"")).unwrap_or(field)
    })
}

fn level(digits: &[u8]) -> Option<u8> {
    let digit = |byte: u8| byte.is_ascii_digit().then(|| byte - b'0');
    let (&first, rest) = digits.split_first()?;
    rest.iter().try_fold(digit(first)?, |level, &byte| level.checked_mul(10)?.checked_add(digit(byte)?))
}

/// The lines that hold anything.
struct Lines<'a> {
    source: Source<'a>,
    number: usize,
    line: Vec<u8>,
}

impl Lines<'_> {
    /// Goes on to the next line; false at the end.
    fn advance(&mut self) -> Result<bool, Error> {
        loop {
            self.number += 1;
            if self.source.line(&mut self.line, LONGEST as u64 + 1)? == 0 {
                return Ok(false);
            }
            if self.line.len() > LONGEST {
                return Err(self.fault(Fault::new("a longer line", format!("at most {LONGEST} bytes"))));
            }
            if self.source.position() > LARGEST {
                return Err(Error::Size { path: self.source.path.clone() });
            }
            if !self.line().is_empty() {
                return Ok(true);
            }
        }
    }

    /// The line, without a byte order mark before it or white space around it.
    fn line(&self) -> &[u8] {
        let mark = if self.number == 1 { "\u{feff}" } else { "" };
        self.line.strip_prefix(mark.as_bytes()).unwrap_or(&self.line).trim_ascii()
    }

    fn fault(&self, fault: Fault) -> Error {
        fault.at(&self.source.path, self.number)
    }
}
