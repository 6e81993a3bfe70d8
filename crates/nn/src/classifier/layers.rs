//! The layers that classifiers are lists of.

use nid_autograd::{Graph, ParameterId, Parameters, Running, Var};
use nid_kernels::convolution::Activation;
use nid_kernels::window::Window;

use crate::linear::Linear;

/// Layers, each of which reads what the one before has made.
#[derive(Clone, Debug, Default)]
pub(super) struct Network(pub(super) Vec<Layer>);

/// One step from values to values.
#[derive(Clone, Debug)]
pub(super) enum Layer {
    Convolution {
        weight: ParameterId,
        bias: Option<ParameterId>,
        window: Window,
    },
    Norm {
        gain: ParameterId,
        shift: ParameterId,
        running: Running,
        activation: Activation,
    },
    /// What came in and what these make of it, added.
    Residual(Network),
    Relu,
    Tanh,
    Sigmoid,
    MaxPool(Window),
    AveragePool(Window),
    /// `[N, H, W, C]` → `[N, C]`.
    GlobalAverage,
    /// `[N, R, C]` → `[N, C]`.
    MeanRegions,
    /// `[N, …]` → `[N, numbers of a picture]`.
    Flatten,
    Dense(Linear),
    Dropout(f32),
    Scale(f32),
}

impl Network {
    pub(super) fn forward(&self, graph: &Graph<'_>, x: &Var) -> Var {
        self.0.iter().fold(x.clone(), |x, layer| layer.forward(graph, &x))
    }

    /// How many of all numbers are learnt by gradients.
    pub(super) fn learnt(&self, parameters: &Parameters) -> usize {
        parameters.count() - self.followed(parameters)
    }

    /// How many numbers follow what training sees: running means and variances.
    fn followed(&self, parameters: &Parameters) -> usize {
        let count = |id| parameters.tensor(id).data().len();
        let of_layer = |layer: &Layer| match layer {
            Layer::Norm { running, .. } => count(running.mean) + count(running.variance),
            Layer::Residual(branch) => branch.followed(parameters),
            _ => 0,
        };
        self.0.iter().map(of_layer).sum()
    }
}

impl Layer {
    fn forward(&self, graph: &Graph<'_>, x: &Var) -> Var {
        match self {
            &Self::Convolution { weight, bias, window } => {
                let bias = bias.map(|bias| graph.parameter(bias));
                graph.conv2d(x, &graph.parameter(weight), bias.as_ref(), window)
            }
            &Self::Norm { gain, shift, running, activation } => {
                graph.batch_norm(x, &graph.parameter(gain), &graph.parameter(shift), running, activation)
            }
            Self::Residual(branch) => graph.add(x, &branch.forward(graph, x)),
            Self::Relu => graph.relu(x),
            Self::Tanh => graph.tanh(x),
            Self::Sigmoid => graph.sigmoid(x),
            &Self::MaxPool(window) => graph.max_pool(x, window),
            &Self::AveragePool(window) => graph.average_pool(x, window),
            Self::GlobalAverage => graph.global_average(x),
            Self::MeanRegions => graph.mean_regions(x),
            Self::Flatten => {
                let shape = x.value().shape();
                graph.reshape(x, &[shape[0], shape[1..].iter().product()])
            }
            Self::Dense(linear) => linear.forward(graph, x),
            &Self::Dropout(rate) => graph.dropout(x, rate),
            &Self::Scale(factor) => graph.scale(x, factor),
        }
    }
}
