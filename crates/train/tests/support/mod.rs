//! Small things to learn.

#![allow(dead_code, reason = "each test uses a part of it")]

use std::ops::ControlFlow;
use std::path::Path;

use nid_train::classifier::{self, ClassifierTask};
use nid_train::{Error, Learning, Run};

/// Writes pictures of bars, lying and standing in turn, in the form of Fashion-MNIST.
pub(crate) fn write_bars(folder: &Path) {
    const SIDE: usize = 8;
    let idx = |shape: &[usize], bytes: Vec<u8>| {
        let sides = shape.iter().flat_map(|side| (*side as u32).to_be_bytes());
        [0, 0, 8, shape.len() as u8].into_iter().chain(sides).chain(bytes).collect::<Vec<u8>>()
    };
    let picture = |number: usize| {
        let level = move |place: usize| {
            let across = if number.is_multiple_of(2) { place / SIDE } else { place % SIDE };
            if across == number / 2 % SIDE { 255 } else { (number * 31 + place * 17) as u8 % 64 }
        };
        (0..SIDE * SIDE).map(level)
    };
    let count = 40;
    let pixels = idx(&[count, SIDE, SIDE], (0..count).flat_map(picture).collect());
    let labels = idx(&[count], (0..count).map(|number| number as u8 % 2).collect());
    std::fs::write(folder.join("train-images-idx3-ubyte"), pixels).unwrap();
    std::fs::write(folder.join("train-labels-idx1-ubyte"), labels).unwrap();
}

/// A network that learns to tell bars that lie from those that stand; two of each are held out.
pub(crate) fn classifier(folder: &Path) -> Learning<ClassifierTask> {
    write_bars(folder);
    let text = format!(
        r#"
        output = "unused"
        data = {{ path = {folder:?}, validation = 4 }}
        classifier = {{ kind = "best", width = 2, dropout = 0.1 }}
        augmentation = {{ shift = 1, flip = true, erase = 0.2 }}
        training = {{ epochs = 4, batch = 18, learning_rate = 0.01, warmup = 2, average = 0.5, patience = 0 }}
        "#
    );
    prepared(folder, &text).unwrap()
}

/// What a run file of this text asks for, ready to run.
pub(crate) fn prepared(folder: &Path, text: &str) -> Result<Learning<ClassifierTask>, Error> {
    let path = folder.join("classifier.toml");
    std::fs::write(&path, text).unwrap();
    let Run::Classifier(run) = Run::open(&path)? else { panic!("a classifier's run") };
    classifier::prepare(run, |_| ControlFlow::Continue(()))
}

/// All weights, to the bit.
pub(crate) fn numbers<T>(learning: &Learning<T>) -> Vec<u32> {
    learning.parameters.iter().flat_map(|(_, tensor)| tensor.data().iter().map(|x| x.to_bits())).collect()
}
