//! The formats that arrays come in, told apart by how a file begins.

use std::fmt;

/// A format of files of named arrays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A JSON header, then the arrays.
    Safetensors,
    /// NumPy's file of one array.
    Npy,
    /// NumPy's archive of such files.
    Npz,
    /// What `torch.save` writes: a pickle and storages in a zip archive, or, before PyTorch 1.6, one after another.
    Torch,
    /// A frozen graph of TensorFlow 1: weights are constants of the graph.
    TensorFlowGraph,
    /// What TensorFlow's `Saver` writes: an index, and shards of data.
    TensorFlowCheckpoint,
    /// HDF5: weights of Keras, or a whole model of Keras 2.
    Hdf5,
    /// A whole model of Keras 3: a zip archive of its description and of HDF5.
    Keras,
}

impl Format {
    /// All formats.
    pub const ALL: [Self; 8] = [
        Self::Safetensors,
        Self::Npy,
        Self::Npz,
        Self::Torch,
        Self::TensorFlowGraph,
        Self::TensorFlowCheckpoint,
        Self::Hdf5,
        Self::Keras,
    ];

    /// A word for machines.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Safetensors => "safetensors",
            Self::Npy => "npy",
            Self::Npz => "npz",
            Self::Torch => "torch",
            Self::TensorFlowGraph => "tensorflow-graph",
            Self::TensorFlowCheckpoint => "tensorflow-checkpoint",
            Self::Hdf5 => "hdf5",
            Self::Keras => "keras",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Safetensors => "safetensors archive",
            Self::Npy => "NumPy array",
            Self::Npz => "NumPy archive",
            Self::Torch => "PyTorch file",
            Self::TensorFlowGraph => "TensorFlow graph",
            Self::TensorFlowCheckpoint => "TensorFlow checkpoint",
            Self::Hdf5 => "HDF5 file",
            Self::Keras => "Keras model",
        })
    }
}
