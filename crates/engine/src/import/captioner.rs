//! Decoders of others as "Show and Tell": an LSTM whose first input is the picture, with words read from one table and
//! scored with another.

use std::path::Path;

use nid_autograd::Parameters;
use nid_nn::decoder::{Config, Kind, Tables};

use super::arrays::Arrays;
use super::mapping::Mapped;
use crate::Error;
use crate::bundle::Features;

/// The score of words that are never said: their probability is zero, and no sum becomes infinite.
const NEVER: f32 = -1e30;

/// The sizes of a decoder.
pub(super) struct Widths {
    pub(super) channels: usize,
    pub(super) embedding: usize,
    pub(super) hidden: usize,
    /// As the other program counts them.
    pub(super) words: usize,
}

impl Widths {
    pub(super) fn config(&self) -> Config {
        Config {
            kind: Kind::ShowAndTell,
            projection: 0,
            embedding: self.embedding,
            hidden: self.hidden,
            attention: 0,
            dropout: 0.0,
            tables: Tables::Apart,
        }
    }
}

/// A decoder found in a file.
pub(super) struct DecoderFound {
    pub(super) config: Config,
    pub(super) parameters: Parameters,
    /// Numbers of a picture's features.
    pub(super) channels: usize,
    pub(super) mapped: Vec<Mapped>,
}

/// Which of the other program's words each of ours is, our special words first.
pub(super) struct Numbers {
    /// Where words are read.
    pub(super) read: Vec<Option<usize>>,
    /// Where they are scored; none is never said.
    pub(super) scored: Vec<Option<usize>>,
}

impl Arrays {
    /// Brings the words of all tables into our order. A word that the other program lacks is read as zeros.
    pub(super) fn renumber(&mut self, numbers: &Numbers) {
        for (name, rows, filling) in [
            ("words.weight", &numbers.read, 0.0),
            ("words.score", &numbers.scored, 0.0),
            ("words.bias", &numbers.scored, NEVER),
        ] {
            let Some((shape, values)) = self.0.get_mut(name) else { continue };
            let width: usize = shape[1..].iter().product();
            let row = |row: &Option<usize>| match row {
                Some(row) => values[row * width..(row + 1) * width].to_vec(),
                None => vec![filling; width],
            };
            let renumbered = rows.iter().flat_map(row).collect();
            (shape[0], *values) = (rows.len(), renumbered);
        }
    }
}

/// Features of one region; an error where they have no numbers.
pub(super) fn one_region(path: &Path, channels: usize) -> Result<Features, Error> {
    Features::new(1, channels).ok_or_else(|| Error::Content {
        path: path.to_owned(),
        found: "features without numbers".to_owned(),
        expected: "at least one".to_owned(),
    })
}
