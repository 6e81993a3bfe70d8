//! A Keras model as a list of our layers, and where their numbers come from.

use nid_nn::classifier::{LayerConfig, NORM_EPSILON, names};

use super::architecture::Architecture;
use super::layers::Reading;
use crate::import::arrays::Arrays;
use crate::import::mapping::{Order, Row};

/// A model, as far as it is understood.
#[derive(Debug)]
pub(super) struct Described {
    /// The pictures that it reads.
    pub(super) pictures: Pictures,
    pub(super) layers: Vec<LayerConfig>,
    /// Its layers that have parameters.
    pub(super) weighted: Vec<Weighted>,
    /// What is to be known of how it was understood.
    pub(super) notes: Vec<String>,
}

/// The pictures that a model reads.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Pictures {
    /// Rows of pixels, pixels in a row.
    pub(super) sides: [usize; 2],
    /// What the model itself does to its numbers first: it multiplies them by the one and adds the other.
    pub(super) rescaling: Option<[f64; 2]>,
}

/// A layer with parameters: where it is, and its tensors in Keras's order.
#[derive(Debug)]
pub(super) struct Weighted {
    /// Its place among Keras's layers.
    pub(super) place: usize,
    /// The tensors that it has.
    pub(super) roles: Vec<&'static str>,
    /// What is added to variances, in batch normalisation.
    pub(super) epsilon: Option<f32>,
}

impl Described {
    /// What a model is.
    ///
    /// # Errors
    /// All that is not understood, a line each.
    pub(super) fn of(architecture: &Architecture) -> Result<Self, Vec<String>> {
        let mut reading = Reading::default();
        for (layer, place) in architecture.layers.iter().zip(0..) {
            if let Err(problem) = reading.layer(layer, place) {
                reading.problems.push(format!("layer {} `{}`, {}: {problem}", place + 1, layer.name, layer.class));
            }
        }
        reading.finish(architecture.input.as_ref())
    }
}

/// Where the parameters of layers come from.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// Those that are tensors of the file.
    pub(super) rows: Vec<Row>,
    /// Those that Keras leaves out, for they change nothing.
    constants: Vec<Constant>,
    /// Variances of batch normalisation, and what is added to them: we add another number than Keras when it runs.
    raised: Vec<(String, f32)>,
}

/// A parameter that is one number, many times.
#[derive(Debug)]
struct Constant {
    to: String,
    count: usize,
    value: f32,
}

impl Plan {
    /// The parameters of layers. `matrices` are the rows and columns of those of each layer that has any, `sources` the
    /// names of its tensors.
    pub(super) fn of(
        layers: &[LayerConfig],
        weighted: &[Weighted],
        matrices: &[[usize; 2]],
        sources: &[Vec<String>],
    ) -> Self {
        let mut plan = Self::default();
        let named = layers.iter().zip(names(layers)).filter_map(|(layer, name)| Some((layer, name?)));
        let tensors = weighted.iter().zip(sources).zip(matrices);
        for ((layer, name), ((weighted, sources), matrix)) in named.zip(tensors) {
            plan.add(layer, &name, weighted, sources, *matrix);
        }
        plan
    }

    fn add(&mut self, layer: &LayerConfig, name: &str, weighted: &Weighted, sources: &[String], matrix: [usize; 2]) {
        let [rows, columns] = matrix;
        let mut want = |parameter: &str, shape: &[usize], role: &str, order, value| {
            let to = format!("{name}.{parameter}");
            let place = weighted.roles.iter().position(|known| *known == role);
            match place.and_then(|place| sources.get(place)) {
                Some(from) => self.rows.push(Row { from: from.clone(), to, shape: shape.to_vec(), order }),
                None => self.constants.push(Constant { to, count: columns, value }),
            }
        };
        match *layer {
            LayerConfig::Dense { .. } => {
                want("weight", &[columns, rows], "kernel", Order::InputsFirst, 0.0);
                want("bias", &[columns], "bias", Order::Same, 0.0);
            }
            LayerConfig::Convolution { size, .. } => {
                let window = Order::Window { size: size.get().into() };
                want("weight", &[rows, columns], "kernel", window, 0.0);
                want("bias", &[columns], "bias", Order::Same, 0.0);
            }
            _ => {
                want("gain", &[columns], "gamma", Order::Same, 1.0);
                want("shift", &[columns], "beta", Order::Same, 0.0);
                want("mean", &[columns], "moving_mean", Order::Same, 0.0);
                want("variance", &[columns], "moving_variance", Order::Same, 1.0);
            }
        }
        let raised = weighted.epsilon.map(|epsilon| (format!("{name}.variance"), epsilon - NORM_EPSILON));
        self.raised.extend(raised);
    }

    /// What is no tensor of the file, a sentence each.
    pub(super) fn notes(&self) -> impl Iterator<Item = String> {
        self.constants
            .iter()
            .map(|Constant { to, value, .. }| format!("{to} is {value} throughout, which Keras leaves out"))
    }

    /// Makes parameters of what was read of the file.
    pub(super) fn finish(&self, arrays: &mut Arrays) {
        for Constant { to, count, value } in &self.constants {
            arrays.put(to, &[*count], vec![*value; *count]);
        }
        for (name, by) in &self.raised {
            arrays.change(name, |variances| variances.iter_mut().for_each(|variance| *variance += by));
        }
    }
}
