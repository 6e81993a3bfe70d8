//! The description of a Keras model: JSON of its layers and what each was made with.

use std::borrow::Cow;
use std::fs;
use std::path::Path;

use nid_weights::Archive;
use serde_json::{Map, Value};

use super::Files;
use crate::Error;

/// The texts of a file of weights that describe a model: in HDF5, and in `.keras` archives.
const TEXTS: [&str; 2] = ["model_config", "config.json"];

/// What Keras calls a list of layers.
const SEQUENTIAL: &str = "Sequential";

/// A `Sequential` model.
#[derive(Debug)]
pub(super) struct Architecture {
    pub(super) layers: Vec<Layer>,
    /// What the model was built over, where no layer says it.
    pub(super) input: Option<Value>,
    /// The version of Keras that wrote it.
    pub(super) keras: Option<String>,
}

/// A layer as Keras describes it.
#[derive(Debug)]
pub(super) struct Layer {
    /// The kind: `Dense`.
    pub(super) class: String,
    /// What it is called in this model: `dense_1`.
    pub(super) name: String,
    /// What it was made with.
    pub(super) config: Map<String, Value>,
}

impl Architecture {
    /// The description that a file of its own holds, or the file of weights.
    pub(super) fn read(files: Files<'_>, description: Option<String>, archive: &Archive<'_>) -> Result<Self, Error> {
        let path = files.architecture.unwrap_or(files.weights);
        let content = |found: String, expected: &str| Error::Content {
            path: path.to_owned(),
            found,
            expected: expected.to_owned(),
        };
        let text = match description {
            Some(text) => Cow::Owned(text),
            None => own(archive).map(Cow::Borrowed).ok_or_else(|| {
                let found = format!("weights alone ({})", archive.format());
                content(found, "the JSON of its architecture beside it, or a whole model")
            })?,
        };
        let json: Value = serde_json::from_str(&text)
            .map_err(|error| content(error.to_string(), "the JSON that describes a Keras model"))?;
        let mut architecture = sequential(&json).map_err(|found| content(found, "a Sequential model of Keras"))?;
        if architecture.keras.is_none() {
            architecture.keras = version(archive);
        }
        Ok(architecture)
    }
}

/// The text of a file that describes a model.
pub(super) fn read_description(path: &Path) -> Result<String, Error> {
    let bytes = fs::read(path).map_err(|source| Error::Read { path: path.to_owned(), source })?;
    String::from_utf8(bytes).map_err(|error| Error::Content {
        path: path.to_owned(),
        found: format!("a byte at {} that is no text", error.utf8_error().valid_up_to()),
        expected: "the JSON that describes a Keras model, which goes before the weights".to_owned(),
    })
}

/// The description that a file of weights holds.
pub(super) fn own<'a>(archive: &'a Archive<'_>) -> Option<&'a str> {
    TEXTS.iter().find_map(|name| archive.text(name))
}

/// Whether a file of weights describes a `Sequential` model.
pub(super) fn is_sequential(archive: &Archive<'_>) -> bool {
    let json = own(archive).and_then(|text| serde_json::from_str::<Value>(text).ok());
    json.is_some_and(|json| json["class_name"] == SEQUENTIAL)
}

/// The layers of a `Sequential` model; what it is instead, where it is none.
fn sequential(json: &Value) -> Result<Architecture, String> {
    let class = json["class_name"].as_str().unwrap_or("no class_name");
    if class != SEQUENTIAL {
        return Err(class.to_owned());
    }
    let config = &json["config"];
    // Until Keras 2.2.3 the layers were all there was.
    let layers = config.as_array().or_else(|| config["layers"].as_array()).ok_or("no list of layers")?;
    let input = [&config["build_input_shape"], &json["build_config"]["input_shape"]];
    Ok(Architecture {
        layers: layers.iter().zip(1..).map(|(layer, number)| self::layer(layer, number)).collect::<Result<_, _>>()?,
        input: input.into_iter().find(|shape| shape.is_array()).cloned(),
        keras: json["keras_version"].as_str().map(str::to_owned),
    })
}

fn layer(json: &Value, number: usize) -> Result<Layer, String> {
    let (Some(class), Some(config)) = (json["class_name"].as_str(), json["config"].as_object()) else {
        return Err(format!("a layer {number} without a class or what it was made with"));
    };
    let name = config.get("name").and_then(Value::as_str).unwrap_or(class);
    Ok(Layer { class: class.to_owned(), name: name.to_owned(), config: config.clone() })
}

/// The version of Keras that wrote a file of weights.
fn version(archive: &Archive<'_>) -> Option<String> {
    let metadata = || serde_json::from_str::<Value>(archive.text("metadata.json")?).ok();
    let of_archive = || metadata()?["keras_version"].as_str().map(str::to_owned);
    archive.text("keras_version").map(str::to_owned).or_else(of_archive)
}
