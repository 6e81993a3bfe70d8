//! What is known of Fashion-MNIST: Xiao, Rasul and Vollgraf, "Fashion-MNIST: a Novel Image Dataset for Benchmarking
//! Machine Learning Algorithms" (2017), table 2.

use std::path::{Path, PathBuf};

use super::source::{Folder, Shelf};

/// The classes in the order of their labels.
pub const CLASSES: [&str; 10] =
    ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"];

/// Where Debian's package `dataset-fashion-mnist` puts its files.
const DEBIAN: &str = "/usr/share/datasets/fashion-mnist";

/// The folder of Debian's package `dataset-fashion-mnist`, if it is installed.
pub fn find() -> Option<PathBuf> {
    let folder = Path::new(DEBIAN);
    Folder(folder).open("train-images-idx3-ubyte").ok().flatten().map(|_| folder.to_path_buf())
}
