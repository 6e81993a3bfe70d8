//! What classifiers learn from and look at: made-up pictures with labels, in Fashion-MNIST's form.

use std::fs;
use std::path::Path;

use anyhow::Result;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use crate::clock::Window;

/// Rows of a picture, and pixels in a row.
pub(crate) const SIDE: usize = 28;
/// What pictures can show.
pub(crate) const CLASSES: usize = 10;
/// Pictures of a training step.
pub(crate) const BATCH: usize = 128;
/// Pictures that nid holds out to judge by, after the last step.
pub(crate) const HELD_OUT: usize = 100;

/// How a network learns to tell classes apart.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lesson {
    /// What run files and the recipe call it, and the folder of its pictures.
    pub(crate) network: &'static str,
    /// Pictures that it learns from.
    pub(crate) pictures: usize,
    /// How often it sees them.
    pub(crate) epochs: Window,
}

impl Lesson {
    /// The steps of the epochs.
    pub(crate) fn steps(&self) -> Window {
        let steps = |epochs| epochs * self.pictures.div_ceil(BATCH);
        let Window { before, timed, after } = self.epochs;
        Window { before: steps(before), timed: steps(timed), after: steps(after) }
    }
}

/// Writes two IDX files of `part`: pictures of random levels, and random labels.
pub(crate) fn make_up(folder: &Path, part: &str, pictures: usize) -> Result<()> {
    let mut random = ChaCha8Rng::seed_from_u64(1);
    let mut levels = vec![0; pictures * SIDE * SIDE];
    random.fill_bytes(&mut levels);
    let labels: Vec<u8> = (0..pictures).map(|_| (random.next_u32() as usize % CLASSES) as u8).collect();
    fs::create_dir_all(folder)?;
    fs::write(folder.join(format!("{part}-images-idx3-ubyte")), idx(&[pictures, SIDE, SIDE], &levels)?)?;
    Ok(fs::write(folder.join(format!("{part}-labels-idx1-ubyte")), idx(&[pictures], &labels)?)?)
}

/// An IDX file of bytes.
fn idx(shape: &[usize], bytes: &[u8]) -> Result<Vec<u8>> {
    let mut file = vec![0, 0, 8, u8::try_from(shape.len())?];
    for &size in shape {
        file.extend(u32::try_from(size)?.to_be_bytes());
    }
    file.extend(bytes);
    Ok(file)
}
