//! From a table and named arrays to layers that can run.
//!
//! Arrays come in PyTorch's layout, `[output, input, height, width]`; kernels want `[height × width, input,
//! output]`. A batch normalisation at rest is a scale and a shift of each channel, so it is folded into the
//! convolution before it.

use nid_kernels::bottleneck::Bottleneck;
use nid_kernels::convolution::{self, Activation, Filter};
use nid_kernels::depthwise::Depthwise;
use nid_kernels::window::Window;
use nid_kernels::{Level, dense as kernels};

use super::table::{Channels, Convolution, Dense, Layer, Norm};
use super::{Error, Failure};

/// A layer with its weights, or several that are done in one.
pub(super) enum Step {
    Convolution(convolution::Layer),
    Depthwise(Depthwise),
    Bottleneck(Bottleneck),
    MaxPool(Window),
    Remember,
    AddRemembered,
    Dense(kernels::Dense),
}

/// Gives the array of a name, whose shape is expected to be that.
type Source<'a> = &'a dyn Fn(&str, &[usize]) -> Result<Vec<f32>, Failure>;

/// The steps of a table whose input has `channels` channels, each with how many of its layers it does.
pub(super) fn steps(
    layers: &[Layer],
    channels: usize,
    source: Source<'_>,
    level: Level,
) -> Result<Vec<(Step, usize)>, Error> {
    let mut loading = Loading { channels, source, level };
    let mut steps = Vec::new();
    let mut rest = layers;
    while !rest.is_empty() {
        let (step, layers) = loading.step(rest)?;
        steps.push((step, layers));
        rest = &rest[layers..];
    }
    Ok(steps)
}

/// What is known on the way through a table.
struct Loading<'a> {
    /// Channels of the map that the next layer sees.
    channels: usize,
    source: Source<'a>,
    level: Level,
}

impl Loading<'_> {
    /// The next step, and how many layers it does.
    fn step(&mut self, layers: &[Layer]) -> Result<(Step, usize), Error> {
        use Layer::{AddRemembered, Convolution, Remember};
        match layers {
            [Remember, Convolution(a), Convolution(b), Convolution(c), AddRemembered, ..]
                if is_bottleneck(Some(a), b, c) =>
            {
                Ok((self.bottleneck(Some(a), b, c, true)?, 5))
            }
            [Remember, Convolution(b), Convolution(c), AddRemembered, ..] if is_bottleneck(None, b, c) => {
                Ok((self.bottleneck(None, b, c, true)?, 4))
            }
            [Convolution(a), Convolution(b), Convolution(c), ..] if is_bottleneck(Some(a), b, c) => {
                Ok((self.bottleneck(Some(a), b, c, false)?, 3))
            }
            [Convolution(b), Convolution(c), ..] if is_bottleneck(None, b, c) => {
                Ok((self.bottleneck(None, b, c, false)?, 2))
            }
            [layer, ..] => Ok((self.layer(layer)?, 1)),
            [] => unreachable!("there is a next layer"),
        }
    }

    fn layer(&mut self, layer: &Layer) -> Result<Step, Error> {
        Ok(match layer {
            Layer::Convolution(layer) if layer.channels == Channels::Apart => {
                Step::Depthwise(Depthwise::new(layer.window, self.filter(layer)?, self.level))
            }
            Layer::Convolution(layer) => {
                Step::Convolution(convolution::Layer::new(layer.window, self.filter(layer)?, self.level))
            }
            Layer::MaxPool(window) => Step::MaxPool(*window),
            Layer::Remember => Step::Remember,
            Layer::AddRemembered => Step::AddRemembered,
            Layer::Dense(layer) => {
                let filter = dense(layer, self.channels, self.source)?;
                self.channels = layer.outputs;
                Step::Dense(kernels::Dense::new(filter, self.level))
            }
        })
    }

    fn bottleneck(
        &mut self,
        expand: Option<&Convolution>,
        depthwise: &Convolution,
        project: &Convolution,
        residual: bool,
    ) -> Result<Step, Error> {
        let expand = expand.map(|layer| self.filter(layer)).transpose()?;
        let expand = expand.map(|filter| kernels::Dense::new(filter, self.level));
        let depthwise = Depthwise::new(depthwise.window, self.filter(depthwise)?, self.level);
        let project = kernels::Dense::new(self.filter(project)?, self.level);
        Ok(Step::Bottleneck(Bottleneck::new(expand, depthwise, project, residual)))
    }

    /// The weights of a convolution, its normalisation folded in.
    fn filter(&mut self, layer: &Convolution) -> Result<Filter, Error> {
        let Window { size, .. } = layer.window;
        let (inputs, outputs) = match layer.channels {
            Channels::Mixed(made) => (self.channels, made),
            Channels::Apart if !matches!(size, 3 | 5 | 7) => {
                return Err(Error::Depthwise { name: layer.name.clone(), size });
            }
            Channels::Apart => (1, self.channels),
        };
        self.channels = outputs;
        let weights = array(self.source, &layer.name, "weight", &[outputs, inputs, size, size])?;
        let bias = match layer.bias {
            true => array(self.source, &layer.name, "bias", &[outputs])?,
            false => vec![0.0; outputs],
        };
        let mut filter = arranged(&weights, bias, inputs, layer.activation);
        if let Some(norm) = &layer.norm {
            fold(&mut filter, norm, self.source)?;
        }
        Ok(filter)
    }
}

/// Whether these are the layers of an inverted bottleneck: every channel by itself between two layers that see one pixel.
fn is_bottleneck(expand: Option<&Convolution>, depthwise: &Convolution, project: &Convolution) -> bool {
    let is_pointwise = |layer: &Convolution| layer.channels != Channels::Apart && layer.window.is_pointwise();
    expand.is_none_or(is_pointwise) && depthwise.channels == Channels::Apart && is_pointwise(project)
}

fn dense(layer: &Dense, channels: usize, source: Source<'_>) -> Result<Filter, Error> {
    let [height, width] = layer.sees;
    let weights = array(source, &layer.name, "weight", &[layer.outputs, channels * height * width])?;
    let bias = array(source, &layer.name, "bias", &[layer.outputs])?;
    Ok(arranged(&weights, bias, channels, layer.activation))
}

/// Turns `[output, input, taps]` into `[taps, input, output]`.
fn arranged(source: &[f32], bias: Vec<f32>, inputs: usize, activation: Activation) -> Filter {
    let outputs = bias.len();
    let taps = source.len() / (outputs * inputs);
    let mut weights = Vec::with_capacity(source.len());
    for tap in 0..taps {
        for input in 0..inputs {
            weights.extend((0..outputs).map(|output| source[(output * inputs + input) * taps + tap]));
        }
    }
    Filter { weights, bias, activation }
}

/// Folds a batch normalisation into the filter before it.
fn fold(filter: &mut Filter, norm: &Norm, source: Source<'_>) -> Result<(), Error> {
    let outputs = filter.bias.len();
    let part = |part| array(source, &norm.name, part, &[outputs]);
    let (weight, bias) = (part("weight")?, part("bias")?);
    let (mean, variance) = (part("running_mean")?, part("running_var")?);

    let scale: Vec<f32> = weight.iter().zip(&variance).map(|(w, v)| w / (v + norm.epsilon).sqrt()).collect();
    for weights in filter.weights.chunks_exact_mut(outputs) {
        weights.iter_mut().zip(&scale).for_each(|(weight, scale)| *weight *= scale);
    }
    for (output, value) in filter.bias.iter_mut().enumerate() {
        *value = (*value - mean[output]) * scale[output] + bias[output];
    }
    Ok(())
}

/// The array `layer.part`, of the shape that the table asks for.
fn array(source: Source<'_>, layer: &str, part: &str, shape: &[usize]) -> Result<Vec<f32>, Error> {
    let name = format!("{layer}.{part}");
    let numbers = match source(&name, shape) {
        Ok(numbers) => numbers,
        Err(source) => return Err(Error::Weights { name, source }),
    };
    if numbers.len() != shape.iter().product() {
        return Err(Error::Length { name, shape: shape.to_vec(), found: numbers.len() });
    }
    Ok(numbers)
}
