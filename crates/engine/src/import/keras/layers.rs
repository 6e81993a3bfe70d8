//! Keras's layers as ours, one after another.

use std::num::{NonZeroU16, NonZeroU32};

use nid_nn::classifier::{Activation, LayerConfig, NORM_EPSILON, Padding};
use serde_json::{Value, json};

use super::architecture::Layer;
use super::described::{Described, Pictures, Weighted};
use super::values::{Function, function, number, refuse_unless, side, whole};

/// The layers that are known, for whoever has another.
const KNOWN: &str = "Activation, AveragePooling2D, BatchNormalization, Conv2D, Dense, Dropout, Flatten, \
                     GlobalAveragePooling2D, GlobalMaxPooling2D, InputLayer, MaxPooling2D, ReLU, Rescaling, Reshape and Softmax";

/// Layers, as far as they are read.
#[derive(Debug, Default)]
pub(super) struct Reading {
    /// The sides of what the model reads, without the number of pictures, as far as its layers say.
    input: Option<Vec<usize>>,
    rescaling: Option<[f64; 2]>,
    layers: Vec<LayerConfig>,
    weighted: Vec<Weighted>,
    /// Whether what was made last is a row.
    is_row: bool,
    /// Whether it is probabilities.
    is_softmax: bool,
    notes: Vec<String>,
    pub(super) problems: Vec<String>,
    /// Whether a layer is of a kind that is not known.
    is_strange: bool,
}

impl Reading {
    /// Reads the layer at a place among Keras's.
    ///
    /// # Errors
    /// What is not known about it.
    pub(super) fn layer(&mut self, layer: &Layer, place: usize) -> Result<(), String> {
        let given =
            [layer.config.get("batch_input_shape"), layer.config.get("batch_shape")].into_iter().flatten().next();
        if let (None, Some(shape)) = (&self.input, given) {
            self.read_input(shape)?;
        }
        if self.is_softmax && layer.class != "Dropout" {
            return Err("comes after a softmax, expected one at the end alone".to_owned());
        }
        match layer.class.as_str() {
            "InputLayer" => {}
            "Rescaling" => self.rescaling(layer)?,
            "Reshape" => self.reshape(layer)?,
            "Flatten" => self.flatten(layer)?,
            "Dropout" => self.dropout(layer)?,
            "Dense" => self.dense(layer, place)?,
            "Conv2D" => self.convolution(layer, place)?,
            "BatchNormalization" => self.norm(layer, place)?,
            "MaxPooling2D" | "AveragePooling2D" => self.pool(layer)?,
            "GlobalMaxPooling2D" | "GlobalAveragePooling2D" => self.global_pool(layer)?,
            "Activation" | "Softmax" | "ReLU" => self.activation(layer)?,
            _ => {
                self.is_strange = true;
                return Err("not known".to_owned());
            }
        }
        Ok(())
    }

    /// What was read, with the shape of what the model was built over where no layer has said it.
    ///
    /// # Errors
    /// All problems.
    pub(super) fn finish(mut self, built_over: Option<&Value>) -> Result<Described, Vec<String>> {
        if let (None, Some(shape)) = (&self.input, built_over) {
            let read = self.read_input(shape);
            self.problems.extend(read.err());
        }
        let sides = self.sides().unwrap_or_else(|problem| {
            self.problems.push(problem);
            [1, 1]
        });
        self.check_end();
        if self.is_strange {
            self.problems.push(format!("known are {KNOWN}"));
        }
        if self.rescaling.is_some() {
            self.notes.push("the rescaling that the model does first is part of how pictures are read".to_owned());
        }
        let Self { rescaling, layers, weighted, notes, problems, .. } = self;
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(Described { pictures: Pictures { sides, rescaling }, layers, weighted, notes })
    }

    fn read_input(&mut self, shape: &Value) -> Result<(), String> {
        let sides = shape.as_array().and_then(|shape| shape.get(1..)).unwrap_or_default();
        let sides: Option<Vec<usize>> = sides.iter().map(|side| usize::try_from(side.as_u64()?).ok()).collect();
        let sides = sides.ok_or_else(|| format!("reads {shape}, expected pictures of one size"))?;
        self.is_row = sides.len() == 1;
        self.input = Some(sides);
        Ok(())
    }

    /// Rows of pixels and pixels in a row of what is read; a row of numbers is a square of them.
    fn sides(&mut self) -> Result<[usize; 2], String> {
        match self.input.as_deref() {
            Some(&[height, width] | &[height, width, 1]) => Ok([height, width]),
            Some(&[numbers]) if numbers.isqrt().pow(2) == numbers => {
                let side = numbers.isqrt();
                self.layers.insert(0, LayerConfig::Flatten);
                self.notes.push(format!("the {numbers} numbers that it reads are taken for {side} by {side} pixels"));
                Ok([side, side])
            }
            Some(&[_, _, channels]) => Err(format!("pictures of {channels} channels, expected grey ones, of 1")),
            Some(other) => Err(format!("it reads {other:?} numbers, expected pictures")),
            None => Err("it does not say what it reads, expected an input shape".to_owned()),
        }
    }

    /// Whether nothing was computed yet.
    fn is_front(&self) -> bool {
        self.layers.iter().all(|layer| matches!(layer, LayerConfig::Flatten | LayerConfig::Dropout { .. }))
    }

    fn rescaling(&mut self, layer: &Layer) -> Result<(), String> {
        if self.rescaling.is_some() || !self.is_front() {
            return Err("is within the model, expected it at the front".to_owned());
        }
        let (scale, offset) = (number(layer, "scale")?, number(layer, "offset")?);
        if scale == 0.0 {
            return Err("scale of 0, expected another number".to_owned());
        }
        self.rescaling = Some([scale, offset]);
        Ok(())
    }

    /// Another shape of the pictures that are read, which lie in memory as before.
    fn reshape(&mut self, layer: &Layer) -> Result<(), String> {
        let target = layer.config.get("target_shape").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let target: Option<Vec<usize>> = target.iter().map(|side| usize::try_from(side.as_u64()?).ok()).collect();
        let (Some(read), Some(target)) = (&self.input, target) else {
            return Err("of an unknown shape, expected one of numbers".to_owned());
        };
        let numbers = |sides: &[usize]| sides.iter().try_fold(1_usize, |numbers, side| numbers.checked_mul(*side));
        if !self.layers.is_empty() || numbers(read) != numbers(&target) {
            return Err(
                "is within the model or changes how many numbers there are, expected pictures at the front".to_owned()
            );
        }
        self.is_row = target.len() == 1;
        self.input = Some(target);
        Ok(())
    }

    fn flatten(&mut self, layer: &Layer) -> Result<(), String> {
        check_order(layer)?;
        if !self.is_row {
            self.layers.push(LayerConfig::Flatten);
            self.is_row = true;
        }
        Ok(())
    }

    fn dropout(&mut self, layer: &Layer) -> Result<(), String> {
        let rate = number(layer, "rate")? as f32;
        if !(0.0..1.0).contains(&rate) {
            return Err(format!("rate of {rate}, expected at least 0 and less than 1"));
        }
        self.layers.push(LayerConfig::Dropout { rate });
        Ok(())
    }

    fn dense(&mut self, layer: &Layer, place: usize) -> Result<(), String> {
        let outputs: NonZeroU32 = whole(layer, "units")?;
        let activation = self.function(function(layer, "activation")?);
        self.layers.push(LayerConfig::Dense { outputs, activation });
        self.weighted.push(Weighted { place, roles: kernel_and_bias(layer), epsilon: None });
        Ok(())
    }

    fn convolution(&mut self, layer: &Layer, place: usize) -> Result<(), String> {
        check_order(layer)?;
        refuse_unless(layer, "dilation_rate", &[json!([1, 1]), json!(1)])?;
        refuse_unless(layer, "groups", &[json!(1)])?;
        let channels: NonZeroU32 = whole(layer, "filters")?;
        let (size, stride) = (side(layer, "kernel_size")?, side(layer, "strides")?);
        let padding = padding(layer)?;
        let activation = self.function(function(layer, "activation")?);
        self.layers.push(LayerConfig::Convolution { channels, size, stride, padding, activation });
        self.weighted.push(Weighted { place, roles: kernel_and_bias(layer), epsilon: None });
        Ok(())
    }

    fn norm(&mut self, layer: &Layer, place: usize) -> Result<(), String> {
        let last = if self.is_row { 1 } else { 3 };
        refuse_unless(layer, "axis", &[json!(-1), json!(last), json!([last]), json!([-1])])?;
        let has = |flag| layer.config.get(flag).and_then(Value::as_bool).unwrap_or(true);
        let mut roles = Vec::new();
        roles.extend(has("scale").then_some("gamma"));
        roles.extend(has("center").then_some("beta"));
        roles.extend(["moving_mean", "moving_variance"]);
        let epsilon = number(layer, "epsilon")? as f32;
        self.notes.push(format!(
            "`{}` adds {epsilon} to variances, which is {NORM_EPSILON} here: its variances are raised by the difference",
            layer.name
        ));
        self.layers.push(LayerConfig::Norm);
        self.weighted.push(Weighted { place, roles, epsilon: Some(epsilon) });
        Ok(())
    }

    fn pool(&mut self, layer: &Layer) -> Result<(), String> {
        check_order(layer)?;
        let size: NonZeroU16 = side(layer, "pool_size")?;
        let is_size = layer.config.get("strides").is_none_or(Value::is_null);
        let stride = if is_size { size } else { side(layer, "strides")? };
        let padding = padding(layer)?;
        self.layers.push(match layer.class.as_str() {
            "MaxPooling2D" => LayerConfig::MaxPool { size, stride, padding },
            _ => LayerConfig::AveragePool { size, stride, padding },
        });
        Ok(())
    }

    fn global_pool(&mut self, layer: &Layer) -> Result<(), String> {
        check_order(layer)?;
        refuse_unless(layer, "keepdims", &[json!(false)])?;
        self.layers.push(match layer.class.as_str() {
            "GlobalMaxPooling2D" => LayerConfig::GlobalMaximum,
            _ => LayerConfig::GlobalAverage,
        });
        self.is_row = true;
        Ok(())
    }

    fn activation(&mut self, layer: &Layer) -> Result<(), String> {
        let function = match layer.class.as_str() {
            "Softmax" => {
                refuse_unless(layer, "axis", &[json!(-1)])?;
                Function::Softmax
            }
            "ReLU" => {
                refuse_unless(layer, "max_value", &[])?;
                refuse_unless(layer, "negative_slope", &[json!(0.0), json!(0)])?;
                refuse_unless(layer, "threshold", &[json!(0.0), json!(0)])?;
                Function::Plain(Activation::Relu)
            }
            _ => function(layer, "activation")?,
        };
        match self.function(function) {
            Activation::Identity => {}
            function => self.layers.push(LayerConfig::Activation { function }),
        }
        Ok(())
    }

    /// What follows a layer here: a softmax is left to whoever reads the scores.
    fn function(&mut self, function: Function) -> Activation {
        match function {
            Function::Plain(activation) => activation,
            Function::Softmax => {
                self.is_softmax = true;
                Activation::Identity
            }
        }
    }

    /// Scores must be what a softmax reads: any numbers.
    fn check_end(&mut self) {
        let last = self.layers.iter().rfind(|layer| !matches!(layer, LayerConfig::Dropout { .. }));
        let (LayerConfig::Dense { activation, .. }
        | LayerConfig::Convolution { activation, .. }
        | LayerConfig::Activation { function: activation }) = last.unwrap_or(&LayerConfig::Flatten)
        else {
            return;
        };
        if *activation != Activation::Identity {
            let last = format!("{activation:?}").to_lowercase();
            self.problems.push(format!("it ends in {last}, expected softmax, or scores of any size"));
        } else if self.is_softmax {
            self.notes.push("the softmax at its end is left out: probabilities are made of scores here".to_owned());
        } else {
            self.notes.push("it ends without a softmax: its last numbers are taken for scores".to_owned());
        }
    }
}

fn kernel_and_bias(layer: &Layer) -> Vec<&'static str> {
    match layer.config.get("use_bias").and_then(Value::as_bool) {
        Some(false) => vec!["kernel"],
        _ => vec!["kernel", "bias"],
    }
}

fn padding(layer: &Layer) -> Result<Padding, String> {
    refuse_unless(layer, "padding", &[json!("valid"), json!("same")])?;
    Ok(if layer.config.get("padding") == Some(&json!("same")) { Padding::Same } else { Padding::Valid })
}

/// Refuses maps whose channels come first.
fn check_order(layer: &Layer) -> Result<(), String> {
    refuse_unless(layer, "data_format", &[json!("channels_last")])
}
