//! First weights that another model has learnt.

use nid_autograd::{Parameters, Tensor};

use crate::Error;

/// Copies parameters of the same names and shapes.
pub(crate) fn copy(parameters: &mut Parameters, from: &Parameters, bundle: &str) -> Result<(), Error> {
    for (name, tensor) in parameters.iter_mut() {
        let found = from.iter().find(|(other, _)| *other == name).map(|(_, tensor)| tensor);
        let fitting = found.filter(|found| found.shape() == tensor.shape()).ok_or_else(|| Error::Init {
            bundle: bundle.to_owned(),
            problem: format!("{name} is {:?} here, there {:?}", tensor.shape(), found.map(Tensor::shape)),
        })?;
        *tensor = fitting.clone();
    }
    Ok(())
}
