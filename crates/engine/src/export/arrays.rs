//! Arrays under the names and in the layouts of PyTorch's modules, and back.
//!
//! Most are so already. Not so are a classifier's convolutions, `[taps · inputs, outputs]` here and `[outputs, inputs, size,
//! size]` there, and the names of batch normalisation. Which array is a convolution's is told by what is done with it; on the
//! way back by its four axes.

use nid_autograd::{Operand, Operation, Trace};
use nid_weights::{Archive, Element, Error, Precision, npz, to_bytes};

use super::onnx::filter;

/// What batch normalisation calls its arrays here and in PyTorch.
const NORM: [[&str; 2]; 4] =
    [["gain", "weight"], ["shift", "bias"], ["mean", "running_mean"], ["variance", "running_var"]];

/// A named array.
#[derive(Clone, Debug, PartialEq)]
pub struct Array {
    /// Its name.
    pub name: String,
    /// The sizes of its axes.
    pub shape: Vec<usize>,
    /// Its numbers, row by row.
    pub numbers: Vec<f32>,
}

/// The arrays of a file, and how exactly they are kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Arrays {
    /// 16-bit floats if all of them are.
    pub precision: Precision,
    /// In any order; files have them in alphabetical order.
    pub arrays: Vec<Array>,
}

impl Arrays {
    /// All arrays of an archive.
    ///
    /// # Errors
    /// One whose elements are no floating-point numbers.
    pub fn of(archive: &Archive<'_>) -> Result<Self, Error> {
        let is_half = archive.iter().all(|info| info.element == Some(Element::F16));
        let precision = if is_half { Precision::F16 } else { Precision::F32 };
        let array = |info: nid_weights::Info<'_>| {
            let numbers = archive.f32(info.name, info.shape)?;
            Ok(Array { name: info.name.to_owned(), shape: info.shape.to_vec(), numbers })
        };
        Ok(Self { precision, arrays: archive.iter().map(array).collect::<Result<_, Error>>()? })
    }

    /// The bytes of a safetensors file.
    ///
    /// # Errors
    /// Two arrays of one name.
    pub(crate) fn to_safetensors(&self) -> Result<Vec<u8>, Error> {
        to_bytes(self.lent(), self.precision)
    }

    /// The bytes of an NPZ file.
    ///
    /// # Errors
    /// Two arrays of one name.
    pub(crate) fn to_npz(&self) -> Result<Vec<u8>, Error> {
        npz::to_bytes(self.lent(), self.precision)
    }

    fn lent(&self) -> impl Iterator<Item = (&str, &[usize], &[f32])> {
        let mut arrays: Vec<&Array> = self.arrays.iter().collect();
        arrays.sort_by_key(|array| &array.name);
        arrays.into_iter().map(|Array { name, shape, numbers }| (name.as_str(), shape.as_slice(), numbers.as_slice()))
    }

    /// As PyTorch has the parameters of the network of this trace.
    pub(crate) fn into_pytorch(mut self, trace: &Trace) -> Self {
        for array in &mut self.arrays {
            let window = trace.nodes.iter().find_map(|node| match (node.operation, node.inputs.get(1)) {
                (Operation::Convolution(window), Some(Operand::Parameter(name))) if *name == array.name => Some(window),
                _ => None,
            });
            if let (Some(window), &[seen, outputs]) = (window, array.shape.as_slice()) {
                let inputs = seen / (window.size * window.size);
                array.numbers = filter(&array.numbers, window, [inputs, outputs]);
                array.shape = vec![outputs, inputs, window.size, window.size];
            }
        }
        self.renamed(|[ours, theirs]| [ours, theirs])
    }

    /// As they are here, in the same order.
    pub(crate) fn into_ours(mut self) -> Self {
        for array in &mut self.arrays {
            if let &[outputs, inputs, size, last] = array.shape.as_slice()
                && size == last
            {
                array.numbers = arranged(&array.numbers, size * size, [inputs, outputs]);
                array.shape = vec![size * size * inputs, outputs];
            }
        }
        self.renamed(|[ours, theirs]| [theirs, ours])
    }

    /// Gives the arrays of batch normalisations other names: of each pair, the second in the place of the first. A batch
    /// normalisation is what has all four.
    fn renamed(mut self, pair: impl Fn([&'static str; 2]) -> [&'static str; 2]) -> Self {
        let pairs = NORM.map(pair);
        let names: Vec<String> = self.arrays.iter().map(|array| array.name.clone()).collect();
        let has = |layer: &str, part: &str| names.iter().any(|name| name.strip_prefix(layer) == Some(part));
        for array in &mut self.arrays {
            let Some(dot) = array.name.rfind('.') else { continue };
            let (layer, part) = array.name.split_at(dot + 1);
            let new = pairs.iter().find(|[old, _]| *old == part);
            if let (Some([_, new]), true) = (new, pairs.iter().all(|[old, _]| has(layer, old))) {
                array.name = format!("{layer}{new}");
            }
        }
        self
    }
}

/// The weights of a convolution, `[outputs, inputs, taps]`, as `[taps, inputs, outputs]`: the way back of [`filter`].
fn arranged(weights: &[f32], taps: usize, [inputs, outputs]: [usize; 2]) -> Vec<f32> {
    let places = (0..taps).flat_map(|tap| (0..inputs).flat_map(move |i| (0..outputs).map(move |o| [o, i, tap])));
    places.map(|[output, input, tap]| weights[(output * inputs + input) * taps + tap]).collect()
}
