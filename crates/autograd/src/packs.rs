//! Weights laid out for products, of parameters that do not change.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use nid_kernels::packed::Packed;
use nid_kernels::{Level, Matrix};

use crate::{ParameterId, Tensor};

/// Weights of linear maps as products read them, each laid out when it is first used.
///
/// It belongs to one set of parameters: when they change, or others take their place, a new one is needed.
#[derive(Debug, Default)]
pub struct Packs {
    packed: Mutex<BTreeMap<usize, Arc<Packed>>>,
}

impl Packs {
    /// The weights `[outputs, inputs]` of a parameter.
    pub(crate) fn of(&self, id: ParameterId, weights: &Tensor) -> Arc<Packed> {
        let mut packed = self.packed.lock().unwrap_or_else(PoisonError::into_inner);
        let pack = || {
            let weights = Matrix::new(weights.data(), weights.rows(), weights.width()).transposed();
            Arc::new(Packed::new(weights, Level::best()))
        };
        Arc::clone(packed.entry(id.0).or_insert_with(pack))
    }
}
