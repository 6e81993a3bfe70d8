//! Writes IDX files, the form that Fashion-MNIST comes in.

use std::fs;
use std::path::Path;

/// Writes pictures `[pictures, height, width]` and their labels; `part` is `train` or `t10k`.
pub(crate) fn write(folder: &Path, part: &str, sides: [usize; 2], levels: &[u8], labels: &[u8]) {
    let idx = |name: &str, shape: &[usize], bytes: &[u8]| {
        let sides = shape.iter().flat_map(|side| (*side as u32).to_be_bytes());
        let file: Vec<u8> =
            [0, 0, 8, shape.len() as u8].into_iter().chain(sides).chain(bytes.iter().copied()).collect();
        fs::write(folder.join(format!("{part}-{name}-ubyte")), file).unwrap();
    };
    fs::create_dir_all(folder).unwrap();
    idx("images-idx3", &[labels.len(), sides[0], sides[1]], levels);
    idx("labels-idx1", &[labels.len()], labels);
}
