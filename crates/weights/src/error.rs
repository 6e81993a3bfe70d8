//! What can be wrong with an array on disk.

use std::path::{Path, PathBuf};

use crate::Format;

/// Why an array could not be read or written. Sources carry the cause; show the whole chain.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Reading a file failed; the source says why.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What was wrong.
        source: Box<Error>,
    },
    /// Writing a file failed; the source says why.
    #[error("cannot write {}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What was wrong.
        source: Box<Error>,
    },
    /// The operating system refused.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// The bytes are no safetensors archive, or contradict themselves.
    #[error("not a valid safetensors archive")]
    Archive(#[from] safetensors::SafeTensorError),
    /// An array claims bytes beyond the end of its archive.
    #[error("array `{name}` ends at byte {end} of the data, the whole archive has {actual}")]
    BeyondEnd {
        /// The array.
        name: String,
        /// Where it claims to end.
        end: u64,
        /// How many bytes there are.
        actual: usize,
    },
    /// The archive has no array of that name.
    #[error("no array `{name}`")]
    Missing {
        /// The name asked for.
        name: String,
    },
    /// An array has another shape than asked for.
    #[error("array `{name}` has shape {found:?}, expected {expected:?}")]
    Shape {
        /// The array.
        name: String,
        /// Its shape.
        found: Vec<usize>,
        /// The shape asked for.
        expected: Vec<usize>,
    },
    /// An array holds something else than was asked for.
    #[error("array `{name}` is stored as {found}, expected {expected}")]
    NotNumbers {
        /// The array.
        name: String,
        /// What its elements are called.
        found: String,
        /// What was asked for.
        expected: &'static str,
    },
    /// An array cannot be read; the source says why.
    #[error("array `{name}`")]
    Array {
        /// The array.
        name: String,
        /// What was wrong.
        source: Box<Error>,
    },
    /// The bytes begin like no file that is read here.
    #[error("found {}, expected one of safetensors, NumPy, PyTorch, TensorFlow or Keras", beginning(found))]
    Unknown {
        /// The first bytes.
        found: Vec<u8>,
    },
    /// A file contradicts itself, or is not what its first bytes say.
    #[error("not a valid {format}: found {found}, expected {expected}")]
    Malformed {
        /// What it seems to be.
        format: Format,
        /// What is there.
        found: String,
        /// What should be there.
        expected: String,
    },
    /// A pickle names something that is not on the list of what is built of one. It is not executed.
    #[error(
        "pickle names `{name}` at byte {offset} ({opcode}), expected nothing but lists, dictionaries, numbers, texts, tensors and arrays"
    )]
    Refused {
        /// Its dotted name.
        name: String,
        /// Where the opcode is, from the pickle's beginning.
        offset: usize,
        /// The opcode.
        opcode: &'static str,
    },
    /// A pickle contradicts itself, or is beyond what is read here.
    #[error("pickle has {found} at byte {offset} ({opcode}), expected {expected}")]
    Pickle {
        /// What is there.
        found: String,
        /// What should be there.
        expected: String,
        /// Where the opcode is, from the pickle's beginning.
        offset: usize,
        /// The opcode.
        opcode: &'static str,
    },
    /// A PyTorch file holds more than data; the source names it.
    #[error("PyTorch file of more than plain tensors, numbers and texts: of a model, save its `state_dict()`")]
    NotTensors {
        /// What was refused.
        source: Box<Error>,
    },
    /// An array's bytes have changed since they were written.
    #[error("numbers of checksum {found}, expected {expected}")]
    Checksum {
        /// The checksum of what is there.
        found: String,
        /// The checksum that the file says.
        expected: String,
    },
    /// A part of a checkpoint is not there.
    #[error("its numbers are in {}, which cannot be opened", path.display())]
    NoShard {
        /// The file.
        path: PathBuf,
    },
    /// As many values were given as the shape does not have.
    #[error("`{name}` has {actual} values, its shape {shape:?} needs {expected}")]
    Count {
        /// The array or row.
        name: String,
        /// Its shape.
        shape: Vec<usize>,
        /// How many values the shape has.
        expected: u128,
        /// How many there are.
        actual: usize,
    },
    /// Two arrays of one archive have the same name.
    #[error("two arrays are called `{name}`")]
    Duplicate {
        /// The name.
        name: String,
    },
    /// A finite number would become infinite as a 16-bit float.
    #[error("`{name}` holds {value}, beyond the range of 16-bit floats (65504)")]
    Overflow {
        /// The array or row.
        name: String,
        /// The number.
        value: f32,
    },
    /// The file does not begin as NumPy files do.
    #[error("not a NumPy file: it begins with {found:02x?}")]
    Magic {
        /// Its first bytes.
        found: Vec<u8>,
    },
    /// A version of the NumPy format that does not exist yet.
    #[error("NumPy format version {major}.{minor}, expected 1.0, 2.0 or 3.0")]
    Version {
        /// The major version.
        major: u8,
        /// The minor version.
        minor: u8,
    },
    /// The NumPy header claims to be longer than the file.
    #[error("NumPy header of {claimed} bytes in a file of {actual}")]
    HeaderLength {
        /// The header's length as claimed.
        claimed: usize,
        /// The file's length.
        actual: usize,
    },
    /// The NumPy header is not the dictionary that it should be.
    #[error("NumPy header has `{found}` where {expected} should be")]
    Header {
        /// What should be there.
        expected: &'static str,
        /// What is there.
        found: String,
    },
    /// Elements of a type that is not read here.
    #[error("NumPy elements of type `{found}`, expected floating-point numbers, integers or booleans")]
    Elements {
        /// The type as NumPy writes it.
        found: String,
    },
    /// The file is longer or shorter than its header says.
    #[error("shape {shape:?} of {element} needs {expected} bytes, there are {actual}")]
    Length {
        /// The shape.
        shape: Vec<usize>,
        /// The element type.
        element: crate::Element,
        /// How many bytes the data should have.
        expected: u128,
        /// How many there are.
        actual: usize,
    },
    /// A shape that no file can have.
    #[error("shape {shape:?} is beyond what a NumPy file can hold")]
    Unwritable {
        /// The shape.
        shape: Vec<usize>,
    },
    /// A row that the array does not have.
    #[error("row {row} of {rows}")]
    NoRow {
        /// The row asked for.
        row: usize,
        /// How many there are.
        rows: usize,
    },
    /// An array was to be finished before all its rows were written.
    #[error("{missing} of {rows} rows are still to be written")]
    Incomplete {
        /// How many rows are missing.
        missing: usize,
        /// How many there should be.
        rows: usize,
    },
    /// A partial file was begun for another array.
    #[error("begun as {found}, expected {expected}")]
    OtherArray {
        /// What the partial file was begun as.
        found: String,
        /// What was to be continued.
        expected: String,
    },
}

impl Error {
    pub(crate) fn reading(path: &Path) -> impl FnOnce(Self) -> Self {
        move |source| Self::Read { path: path.to_owned(), source: Box::new(source) }
    }

    pub(crate) fn writing(path: &Path) -> impl FnOnce(Self) -> Self {
        move |source| Self::Write { path: path.to_owned(), source: Box::new(source) }
    }
}

/// How a file begins, for people.
fn beginning(bytes: &[u8]) -> String {
    if bytes.is_empty() { "an empty file".to_owned() } else { format!("a file that begins with {bytes:02x?}") }
}
