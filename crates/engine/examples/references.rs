//! What exported networks are compared with, for `recipes/check_export.py`.
//!
//! `references bundles FOLDER` makes a small bundle of every kind, with random parameters. `references outputs BUNDLE FILE`
//! writes made-up inputs of a bundle's networks and what comes of them here, for batches of 1 and 3, as an NPZ file.

#![allow(clippy::unwrap_used, reason = "a recipe ends where it cannot go on")]

#[path = "../tests/support/mod.rs"]
mod support;

use std::env;
use std::fs;
use std::path::Path;

use nid_autograd::{Initialiser, Packs};
use nid_decode::Model as _;
use nid_engine::bundle::{ClassifierConfig, EncoderWeights, Input, Manifest, Model, Network, Parts};
use nid_engine::{Bundle, ClassifierBundle, head_logits, network_logits};
use nid_nn::decoder::{Config, Decoder, Kind, Reader, Tables};
use nid_nn::encoder::{Architecture, Encoder};
use nid_weights::{Precision, npz, to_bytes};
use support::classifier;

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["bundles", folder] => bundles(Path::new(folder)),
        ["outputs", bundle, file] => outputs(bundle, Path::new(file)),
        _ => panic!("expected: bundles FOLDER, or outputs BUNDLE FILE"),
    }
}

fn bundles(folder: &Path) {
    fs::create_dir_all(folder).unwrap();
    let decoder =
        |kind, tables| Config { kind, projection: 12, embedding: 10, hidden: 9, attention: 7, dropout: 0.1, tables };
    for (kind, name) in [(Kind::ShowAndTell, "show-and-tell"), (Kind::ShowAttendAndTell, "show-attend-and-tell")] {
        support::made_with(decoder(kind, Tables::Tied)).save(&folder.join(name));
        support::made_of_features(decoder(kind, Tables::Apart)).save(&folder.join(format!("{name}-of-features")));
    }
    vgg(decoder(Kind::ShowAttendAndTell, Tables::Tied), &folder.join("vgg16"));
    for words in classifier::NETWORKS {
        for mirror in [false, true] {
            let mut made = classifier::network(words);
            made.stir();
            let ClassifierConfig::Network { input, network } = &mut made.manifest.model else { panic!("found a head") };
            *input = Input { mirror, ..input.clone() };
            let kind = serde_json::to_value(network).unwrap()["kind"].as_str().unwrap().to_owned();
            made.save(&folder.join(if mirror { kind + "-mirrored" } else { kind }));
        }
    }
    classifier::head_of(None).save(&folder.join("head"));
    classifier::head_of(Some(6)).save(&folder.join("head-hidden"));
}

/// A captioner over VGG16, whose weights keep the variance of what goes through them.
fn vgg(decoder: Config, folder: &Path) {
    let architecture = Architecture::named("vgg16").unwrap();
    let drawn = std::cell::RefCell::new(Initialiser::new(5));
    let draw = |name: &str, shape: &[usize]| {
        let bound = (6.0 / shape[1..].iter().product::<usize>() as f32).sqrt();
        drawn.borrow_mut().uniform(name, shape, if shape.len() == 1 { 0.1 } else { bound });
        Ok::<_, String>(vec![0.0; shape.iter().product()])
    };
    Encoder::new(&architecture, draw).unwrap();
    let weights = drawn.into_inner().finish();
    let arrays = weights.iter().map(|(name, tensor)| (name, tensor.shape(), tensor.data()));
    let encoder_weights = to_bytes(arrays, Precision::F16).unwrap();
    let vocabulary = support::vocabulary();
    let mut initialiser = Initialiser::new(6);
    Decoder::new(&decoder, 512, vocabulary.len(), &mut initialiser);
    let parameters = initialiser.finish();
    let manifest = Manifest::captioner("vgg16", decoder, support::preprocessing());
    let parts = Parts {
        manifest: &manifest,
        vocabulary: &vocabulary,
        encoder_weights: Some(EncoderWeights::Bytes(&encoder_weights)),
        parameters: &parameters,
        precision: Precision::F32,
        card: "# A test\n",
        replace: false,
    };
    Bundle::save(folder, parts).unwrap();
}

/// Named arrays.
type Arrays = Vec<(String, Vec<usize>, Vec<f32>)>;

fn outputs(bundle: &str, file: &Path) {
    let mut arrays = Arrays::new();
    for count in [1, 3] {
        let made = match Model::open(bundle).unwrap() {
            Model::Captioner(bundle) => captioner(&bundle, count),
            Model::Classifier(bundle) => classifier(&bundle, count),
        };
        arrays.extend(made.into_iter().map(|(name, shape, numbers)| (format!("{count}.{name}"), shape, numbers)));
    }
    let lent = arrays.iter().map(|(name, shape, numbers)| (name.as_str(), shape.as_slice(), numbers.as_slice()));
    npz::save(file, lent, Precision::F32).unwrap();
}

/// Numbers between -1 and 1.
fn noise(shape: &[usize]) -> Vec<f32> {
    let mut initialiser = Initialiser::new(shape.iter().sum::<usize>() as u64);
    initialiser.uniform("noise", shape, 1.0);
    initialiser.finish().iter().flat_map(|(_, tensor)| tensor.data().to_vec()).collect()
}

fn encoder(encoder: &Encoder, [height, width]: [usize; 2], count: usize) -> Arrays {
    let shape = vec![count, height, width, 3];
    let pictures = noise(&shape);
    let seen = encoder.encode(&pictures, count, height, width).unwrap();
    let features = vec![count, seen.regions, seen.channels];
    vec![("pictures".to_owned(), shape, pictures), ("features".to_owned(), features, seen.numbers)]
}

/// The encoder, if there is one, and words read in one sentence more than there are pictures.
fn captioner(bundle: &Bundle, count: usize) -> Arrays {
    let how = &bundle.manifest.preprocessing;
    let mut arrays = match &bundle.encoder {
        Some(sees) => encoder(sees, [how.height, how.width], count),
        None => {
            let [regions, channels] = bundle.feature_shape().unwrap();
            let shape = vec![count, regions, channels];
            vec![("features".to_owned(), shape.clone(), noise(&shape))]
        }
    };
    let (_, shape, features) = arrays[arrays.len() - 1].clone();
    let Bundle { decoder, parameters, vocabulary, .. } = bundle;
    let packs = Packs::default();
    let reader = Reader::new(decoder, parameters, &packs);
    let owners: Vec<usize> = std::iter::once(0).chain(0..count).collect();
    let mut state = reader.select(&reader.look(&features, count, shape[1]), &owners);
    let rows = owners.len();
    let as_numbers = |indices: &[usize]| indices.iter().map(|&index| index as f32).collect();
    arrays.push(("owners".to_owned(), vec![rows], as_numbers(&owners)));
    for time in 0..3 {
        let tokens: Vec<usize> =
            (0..rows).map(|row| if time == 0 { 1 } else { 4 + (row + 7 * time) % (vocabulary.len() - 4) }).collect();
        let words: Vec<u32> = tokens.iter().map(|&token| token as u32).collect();
        let scores;
        (state, scores) = reader.step(state, &words);
        arrays.push((format!("tokens.{time}"), vec![rows], as_numbers(&tokens)));
        arrays.push((format!("log_probabilities.{time}"), vec![rows, vocabulary.len()], scores));
    }
    arrays
}

fn classifier(bundle: &ClassifierBundle, count: usize) -> Arrays {
    let parameters = &bundle.parameters;
    let (mut arrays, logits) = match (&bundle.network, &bundle.manifest.model) {
        (Network::Pictures(network), ClassifierConfig::Network { input, .. }) => {
            let shape = vec![count, input.height, input.width, 1];
            let levels: Vec<u8> = noise(&shape).iter().map(|x| (128.0 + 127.0 * x) as u8).collect();
            let logits = network_logits(network, parameters, input, &levels);
            (vec![("pictures".to_owned(), shape, input.numbers(&levels))], logits)
        }
        (Network::Features { encoder: sees, head }, ClassifierConfig::Head { preprocessing: how, .. }) => {
            let arrays = encoder(sees, [how.height, how.width], count);
            let (_, shape, features) = &arrays[1];
            let logits = head_logits(head, parameters, features, shape[1]);
            (arrays, logits)
        }
        _ => unreachable!("a bundle is opened as what its manifest says"),
    };
    arrays.push(("logits".to_owned(), vec![count, bundle.manifest.classes.len()], logits));
    arrays
}
