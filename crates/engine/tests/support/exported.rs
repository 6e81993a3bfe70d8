//! Exported networks in another program than ours: rten.

use std::fs;
use std::path::Path;

use rten::{Value, ValueOrView};

/// An ONNX network in rten.
pub(crate) struct Network(rten::Model);

impl Network {
    pub(crate) fn open(folder: &Path, file: &str) -> Self {
        Self(rten::Model::load(fs::read(folder.join(file)).unwrap()).unwrap())
    }

    /// The numbers of these outputs.
    pub(crate) fn run<const N: usize>(&self, inputs: Vec<(&str, Value)>, outputs: [&str; N]) -> [Vec<f32>; N] {
        let known: Vec<&str> = inputs.iter().map(|(name, _)| *name).collect();
        let wanted: Vec<&str> =
            self.0.input_ids().iter().map(|id| self.0.node_info(*id).unwrap().name().unwrap()).collect();
        assert_eq!(known, wanted, "inputs in their order");
        let inputs = inputs.into_iter().map(|(name, value)| (self.0.node_id(name).unwrap(), ValueOrView::from(value)));
        let ids = outputs.map(|name| self.0.node_id(name).unwrap());
        let made = self.0.run_n(inputs.collect(), ids, None).unwrap();
        made.map(|value| value.into_tensor::<f32>().unwrap().into_data())
    }
}

/// Numbers of a shape.
pub(crate) fn numbers(shape: &[usize], numbers: &[f32]) -> Value {
    Value::from_shape(shape, numbers.to_vec()).unwrap()
}

/// Numbers of rows.
pub(crate) fn indices(numbers: &[usize]) -> Value {
    let numbers = numbers.iter().map(|&number| i32::try_from(number).unwrap());
    Value::from_shape(&[numbers.len()], numbers.collect::<Vec<i32>>()).unwrap()
}

/// Asserts that the distance of two sets of numbers is below a hundred thousandth of their length.
#[track_caller]
pub(crate) fn check_near(found: &[f32], expected: &[f32]) {
    assert_eq!(found.len(), expected.len());
    let length = |numbers: &mut dyn Iterator<Item = f64>| numbers.map(|x| x * x).sum::<f64>().sqrt();
    let distance = length(&mut found.iter().zip(expected).map(|(x, y)| f64::from(*x) - f64::from(*y)));
    let whole = length(&mut expected.iter().map(|x| f64::from(*x)));
    assert!(distance < 1e-5 * whole, "{} of {whole}", distance / whole);
}
