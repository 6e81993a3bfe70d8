//! What a Keras layer was made with, value by value.

use std::num::NonZeroU64;

use nid_nn::classifier::Activation;
use serde_json::Value;

use super::architecture::Layer;

/// A function of every number, or of all scores of a picture.
pub(super) enum Function {
    /// Of every number.
    Plain(Activation),
    /// Of all scores.
    Softmax,
}

/// A whole number above zero.
pub(super) fn whole<T: TryFrom<NonZeroU64>>(layer: &Layer, key: &str) -> Result<T, String> {
    let value = layer.config.get(key).unwrap_or(&Value::Null);
    positive(value).ok_or_else(|| format!("{key} of {value}, expected a whole number above 0"))
}

/// The side of a square: one number above zero, or two that are equal.
pub(super) fn side<T: TryFrom<NonZeroU64>>(layer: &Layer, key: &str) -> Result<T, String> {
    let value = layer.config.get(key).unwrap_or(&Value::Null);
    let side = match value.as_array().map(Vec::as_slice) {
        Some([height, width]) if height == width => positive(height),
        Some(_) => None,
        None => positive(value),
    };
    side.ok_or_else(|| format!("{key} of {value}, expected the same number above 0 both ways"))
}

fn positive<T: TryFrom<NonZeroU64>>(value: &Value) -> Option<T> {
    T::try_from(NonZeroU64::new(value.as_u64()?)?).ok()
}

/// A number.
pub(super) fn number(layer: &Layer, key: &str) -> Result<f64, String> {
    let value = layer.config.get(key).unwrap_or(&Value::Null);
    value.as_f64().ok_or_else(|| format!("{key} of {value}, expected a number"))
}

/// Refuses another value than these; none is as good.
pub(super) fn refuse_unless(layer: &Layer, key: &str, expected: &[Value]) -> Result<(), String> {
    let value = layer.config.get(key).unwrap_or(&Value::Null);
    if value.is_null() || expected.contains(value) {
        return Ok(());
    }
    let expected = expected.first().map_or("none".to_owned(), Value::to_string);
    Err(format!("{key} of {value}, expected {expected}"))
}

/// A function by its name; Keras 3 may wrap it.
pub(super) fn function(layer: &Layer, key: &str) -> Result<Function, String> {
    let value = layer.config.get(key).unwrap_or(&Value::Null);
    let name = value.as_str().or_else(|| value["config"].as_str());
    Ok(match name {
        None if value.is_null() => Function::Plain(Activation::Identity),
        Some("linear") => Function::Plain(Activation::Identity),
        Some("relu") => Function::Plain(Activation::Relu),
        Some("tanh") => Function::Plain(Activation::Tanh),
        Some("sigmoid") => Function::Plain(Activation::Sigmoid),
        Some("softmax") => Function::Softmax,
        _ => return Err(format!("{key} of {value}, expected linear, relu, sigmoid, softmax or tanh")),
    })
}
