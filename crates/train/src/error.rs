//! What can go wrong.

use std::path::PathBuf;

use nid_data::photos::display;

/// Why a run could not be prepared, run or resumed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file cannot be read.
    #[error("{} cannot be read", display(path))]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file cannot be written.
    #[error("{} cannot be written", display(path))]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// There is no folder of photos.
    #[error("{} is no folder, expected one with the photos", display(path))]
    NoFolder {
        /// What was named.
        path: PathBuf,
    },
    /// A value in a run file is out of range.
    #[error("{}: {problem}", display(path))]
    Value {
        /// The file.
        path: PathBuf,
        /// What must hold.
        problem: &'static str,
    },
    /// A checkpoint belongs to another run file.
    #[error(
        "{} was written by a run with other settings; it can only be resumed with the run file saved beside it",
        display(path)
    )]
    OtherRun {
        /// The checkpoint.
        path: PathBuf,
    },
    /// A checkpoint belongs to other pictures, captions or labels.
    #[error(
        "{} was written by a run on other pictures, captions or labels: some were changed, or can or cannot be read now",
        display(path)
    )]
    OtherExamples {
        /// The checkpoint.
        path: PathBuf,
    },
    /// Photos of a split are not in the folder.
    #[error(
        "{} is not there, nor are {others} other photos of the splits; is `photos` the right folder?",
        display(path)
    )]
    Missing {
        /// The first of them.
        path: PathBuf,
        /// How many more.
        others: usize,
    },
    /// A checkpoint does not hold what it should.
    #[error("{} is not a whole checkpoint: {problem}", display(path))]
    Checkpoint {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// There are no weights for the encoder.
    #[error("no weights of {architecture} are embedded; give them with `weights = \"PATH\"` under [encoder]")]
    NoEncoder {
        /// The encoder.
        architecture: String,
    },
    /// No weights to start from have this shape.
    #[error("{bundle} cannot be the start of this run: {problem}")]
    Init {
        /// The bundle.
        bundle: String,
        /// What does not fit.
        problem: String,
    },
    /// No data are named, and none are installed.
    #[error("found no Fashion-MNIST; install Debian's package dataset-fashion-mnist, or give `path` under [data]")]
    NoFashionMnist,
    /// There is a test set only.
    #[error("{}: found pictures to test by alone, expected some to learn from", display(path))]
    NoTrainingSet {
        /// The data.
        path: PathBuf,
    },
    /// A head is to be trained on small pictures.
    #[error(
        "{}: found small grey pictures, which a [head] cannot learn from; expected a folder of photos for each class",
        display(path)
    )]
    NoPhotos {
        /// The data.
        path: PathBuf,
    },
    /// There is nothing to tell apart.
    #[error("{}: found pictures of one class, expected a folder for each of two or more", display(path))]
    OneClass {
        /// The data.
        path: PathBuf,
    },
    /// None of a class's pictures can be read.
    #[error("{}: found no picture that can be read, expected those of a class", display(path))]
    EmptyClass {
        /// The class's folder.
        path: PathBuf,
    },
    /// No pictures can be held out.
    #[error("{}", display(path))]
    HoldOut {
        /// The data.
        path: PathBuf,
        /// Why.
        source: nid_data::labelled::HoldOutError,
    },
    /// Labelled pictures cannot be read.
    #[error(transparent)]
    Labelled(#[from] nid_data::text::Error),
    /// There can be no such network.
    #[error("the network cannot be built")]
    Network(#[from] nid_nn::classifier::Error),
    /// Captions cannot be read.
    #[error(transparent)]
    Captions(#[from] nid_data::captions::Error),
    /// A split cannot be read, or does not fit the captions.
    #[error(transparent)]
    Split(#[from] nid_data::split::Error),
    /// The engine's.
    #[error(transparent)]
    Engine(#[from] nid_engine::Error),
    /// Arrays on disk.
    #[error(transparent)]
    Weights(#[from] nid_weights::Error),
    /// The search's settings do not fit.
    #[error(transparent)]
    Search(#[from] nid_decode::Error),
    /// Gradients or weights are no numbers any more, or too large for a bundle.
    #[error(
        "step {step} has made numbers that are not finite: the learning rate is too high; earlier checkpoints are kept"
    )]
    Diverged {
        /// The step, from 1.
        step: usize,
    },
}
