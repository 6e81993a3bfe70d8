//! What an exported folder says of itself to programs.

use std::path::Path;

use nid_decode::Settings;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Format;
use super::onnx::{Network, OPSET};
use crate::Error;
use crate::bundle::{ClassifierManifest, Manifest, Model};

/// The file that says it.
pub(crate) const EXPORT: &str = "export.json";
/// The form of that file.
pub(crate) const VERSION: u32 = 1;

/// What is read again of that file.
#[derive(Deserialize)]
pub(crate) struct Header {
    pub(crate) version: u32,
    pub(crate) format: Format,
    pub(crate) configuration: Value,
}

/// Everything about an exported folder but its arrays.
pub(super) struct Description<'a> {
    pub(super) model: &'a Model,
    pub(super) format: Format,
    /// Of an export to ONNX.
    pub(super) networks: &'a [Network],
}

#[derive(Serialize)]
struct Json<'a> {
    version: u32,
    format: Format,
    /// What the bundle's manifest says.
    configuration: Configuration<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tokens: Option<Tokens>,
    #[serde(skip_serializing_if = "Option::is_none")]
    onnx: Option<Onnx<'a>>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Configuration<'a> {
    Captioner(&'a Manifest),
    Classifier(&'a ClassifierManifest),
}

/// Words with a role: lines of the vocabulary, counted from 0.
#[derive(Serialize)]
struct Tokens {
    start: u32,
    end: u32,
    /// What ends a sentence too, and is not kept.
    also_end: Vec<u32>,
    never_said: Vec<u32>,
}

#[derive(Serialize)]
struct Onnx<'a> {
    opset: i64,
    networks: &'a [Network],
}

impl Description<'_> {
    /// The bytes of `export.json`; `folder` is for the errors alone.
    pub(super) fn json(&self, folder: &Path) -> Result<Vec<u8>, Error> {
        let (configuration, tokens) = match self.model {
            Model::Captioner(bundle) => {
                let Settings { start, end, also_end, forbid, .. } = bundle.manifest.search.settings(&bundle.vocabulary);
                (Configuration::Captioner(&bundle.manifest), Some(Tokens { start, end, also_end, never_said: forbid }))
            }
            Model::Classifier(bundle) => (Configuration::Classifier(&bundle.manifest), None),
        };
        let json = Json {
            version: VERSION,
            format: self.format,
            tokens,
            onnx: (self.format == Format::Onnx).then_some(Onnx { opset: OPSET, networks: self.networks }),
            configuration,
        };
        serde_json::to_vec_pretty(&json).map_err(|error| Error::Content {
            path: folder.join(EXPORT),
            found: error.to_string(),
            expected: "a description that JSON can hold".to_owned(),
        })
    }
}
