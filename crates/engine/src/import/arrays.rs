//! Arrays of a file on their way to parameters: what is not only laid out but also computed otherwise is changed here.

use std::collections::BTreeMap;
use std::path::Path;

use nid_autograd::{Parameters, Tensor};

use super::mapping::Placed;
use crate::Error;

/// Arrays under our names: their shapes and numbers.
pub(super) struct Arrays(pub(super) BTreeMap<String, (Vec<usize>, Vec<f32>)>);

impl Arrays {
    /// Reads what has been placed; `path` is for the errors alone.
    pub(super) fn read(path: &Path, placed: Vec<Placed<'_>>) -> Result<Self, Error> {
        let arrays = placed.into_iter().map(|(name, view)| {
            let values = view.f32().map_err(|source| Error::Arrays { path: path.to_owned(), source })?;
            Ok((name, (view.shape().to_vec(), values)))
        });
        arrays.collect::<Result<_, _>>().map(Self)
    }

    /// Takes an array out; nothing where there is none.
    pub(super) fn take(&mut self, name: &str) -> Vec<f32> {
        self.0.remove(name).map(|(_, values)| values).unwrap_or_default()
    }

    /// Adds an array.
    pub(super) fn put(&mut self, name: &str, shape: &[usize], values: Vec<f32>) {
        self.0.insert(name.to_owned(), (shape.to_vec(), values));
    }

    /// Changes the numbers of an array in their place.
    pub(super) fn change(&mut self, name: &str, change: impl FnOnce(&mut [f32])) {
        if let Some((_, values)) = self.0.get_mut(name) {
            change(values);
        }
    }

    pub(super) fn parameters(self) -> Parameters {
        let mut parameters = Parameters::default();
        for (name, (shape, values)) in self.0 {
            parameters.push(name, Tensor::new(&shape, values));
        }
        parameters
    }
}
