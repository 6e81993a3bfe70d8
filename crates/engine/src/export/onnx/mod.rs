//! Networks as ONNX files, which many runtimes run: <https://onnx.ai>, "Open Neural Network Exchange Intermediate
//! Representation Specification".
//!
//! Captioners' decoders and classifiers are not written down again for this: a [trace](nid_autograd::Trace) of the very
//! code that runs here is turned into nodes ([`network`]). [Encoders](encoder) are tables of layers already. Numbers are 32-bit
//! floats, whatever they are in the bundle; the number of pictures and sentences is free.

mod builder;
mod encoder;
mod layers;
mod network;
mod proto;

use std::path::Path;

use nid_autograd::{Packs, Trace};
use nid_nn::decoder::Reader;
use nid_nn::encoder::Architecture;
use nid_weights::Archive;
use serde::Serialize;

pub(super) use builder::{Axis, OPSET, Port};
pub(super) use network::filter;
use network::network;

use crate::bundle::{ClassifierBundle, ClassifierConfig, EncoderConfig, Files, Network as Classifies};
use crate::classifier::{trace_head, trace_network};
use crate::preprocessing::Preprocessing;
use crate::{Bundle, Error};

/// The most bytes that readers of protobuf messages take.
const MOST_BYTES: usize = i32::MAX as usize;

/// An ONNX file.
#[derive(Serialize)]
pub(super) struct Network {
    pub(super) file: &'static str,
    pub(super) inputs: Vec<Port>,
    pub(super) outputs: Vec<Port>,
    #[serde(skip)]
    pub(super) bytes: Vec<u8>,
}

/// The networks of a captioner: what sees pictures, if it does, what begins sentences, and what adds a word to them.
///
/// # Errors
/// Networks that no ONNX file can hold.
pub(super) fn captioner(bundle: &Bundle, files: &Files) -> Result<Vec<Network>, Error> {
    let Bundle { manifest, decoder, parameters, .. } = bundle;
    let packs = Packs::default();
    let reader = Reader::new(decoder, parameters, &packs);
    let shape = bundle.feature_shape()?;
    let part = |file, name, trace: Trace| network(name, &trace, parameters).finish(file);
    let sees = manifest.encoder.as_ref().map(|config| encoder(config, &manifest.preprocessing, files)).transpose()?;
    let start = part("decoder_start.onnx", "start", reader.trace_start(shape));
    let step = part("decoder_step.onnx", "step", reader.trace_step(shape));
    within_bounds(sees.into_iter().chain([start, step]).collect())
}

/// The networks of a classifier: what scores classes, and what sees the photo, if another does.
///
/// # Errors
/// Networks that no ONNX file can hold.
pub(super) fn classifier(bundle: &ClassifierBundle, files: &Files) -> Result<Vec<Network>, Error> {
    let scores = network("classifier", &classifier_trace(bundle)?, &bundle.parameters).finish("classifier.onnx");
    within_bounds(match &bundle.manifest.model {
        ClassifierConfig::Network { .. } => vec![scores],
        ClassifierConfig::Head { encoder: config, preprocessing, .. } => {
            vec![encoder(config, preprocessing, files)?, scores]
        }
    })
}

/// What a classifier does, from pictures or from features to scores.
///
/// # Errors
/// If pictures of the bundle's size do not fit its encoder.
pub(super) fn classifier_trace(bundle: &ClassifierBundle) -> Result<Trace, Error> {
    let parameters = &bundle.parameters;
    match (&bundle.network, &bundle.manifest.model) {
        (Classifies::Pictures(network), ClassifierConfig::Network { input, .. }) => {
            Ok(trace_network(network, parameters, input))
        }
        (Classifies::Features { encoder, head }, ClassifierConfig::Head { preprocessing, .. }) => {
            let [regions, _] = encoder.shape(preprocessing.height, preprocessing.width)?;
            Ok(trace_head(head, parameters, regions))
        }
        _ => unreachable!("a bundle is opened as what its manifest says"),
    }
}

fn encoder(config: &EncoderConfig, how: &Preprocessing, files: &Files) -> Result<Network, Error> {
    let architecture = Architecture::named(&config.architecture)?;
    let named = |source| Error::Arrays { path: files.path(Files::ENCODER), source };
    let archive = Archive::from_bytes(files.bytes(Files::ENCODER)).map_err(named)?;
    let source = |name: &str, shape: &[usize]| archive.f32(name, shape);
    let graph = encoder::encoder(&architecture, [how.height, how.width], &source).map_err(named)?;
    Ok(graph.finish("encoder.onnx"))
}

fn within_bounds(networks: Vec<Network>) -> Result<Vec<Network>, Error> {
    match networks.iter().find(|network| network.bytes.len() > MOST_BYTES) {
        Some(network) => Err(Error::Content {
            path: Path::new(network.file).to_owned(),
            found: format!("a network of {} bytes", network.bytes.len()),
            expected: format!("one of at most {MOST_BYTES}, which readers of ONNX files take"),
        }),
        None => Ok(networks),
    }
}
