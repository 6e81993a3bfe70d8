//! What an exported folder says of itself to people.

use nid_data::picture::{Filter, Fit};
use nid_data::vocabulary::{END, PAD, START, UNKNOWN};

use super::Format;
use super::description::Description;
use super::onnx::{Axis, Network, OPSET, Port};
use crate::bundle::{ClassifierConfig, ClassifierManifest, Features, Model, Search};
use crate::preprocessing::Preprocessing;

/// The file that says it.
pub(super) const README: &str = "README.md";

/// Its text.
pub(super) fn readme(description: &Description<'_>) -> String {
    let what = match description.model {
        Model::Captioner(_) => "captioner",
        Model::Classifier(_) => "classifier",
    };
    let mut text = format!(
        "# A {what}, exported by nid\n\nWhat it learnt from, and what it is good and bad at, is in CARD.md. The numbers that are \
         said here are in export.json too, for programs.\n\n"
    );
    text += &match description.format {
        Format::Onnx => networks(description.networks),
        Format::Safetensors | Format::Npz => arrays(description.format),
    };
    text += &match description.model {
        Model::Captioner(bundle) => {
            let manifest = &bundle.manifest;
            let seen = match &manifest.features {
                Some(features) => features_alone(features),
                None => photos(&manifest.preprocessing),
            };
            seen + &words(description.format, manifest.encoder.is_some()) + &search(&manifest.search)
        }
        Model::Classifier(bundle) => pictures(&bundle.manifest) + &classes(&bundle.manifest),
    };
    text
}

fn networks(networks: &[Network]) -> String {
    let mut text = format!(
        "## Networks\n\nONNX, opset {OPSET}; numbers are 32-bit floats. An axis with a name may have any size; inputs whose axes \
         have one name have one size there.\n\n| file | | name | elements | shape |\n|---|---|---|---|---|\n"
    );
    for Network { file, inputs, outputs, .. } in networks {
        let ports = inputs.iter().map(|port| ("input", port)).chain(outputs.iter().map(|port| ("output", port)));
        for (role, Port { name, element, shape }) in ports {
            text += &format!("| {file} | {role} | {name} | {element} | {} |\n", axes(shape));
        }
    }
    text + "\n"
}

fn axes(shape: &[Axis]) -> String {
    let axis = |axis: &Axis| match axis {
        Axis::Counts(what) => what.clone(),
        Axis::Size(size) => size.to_string(),
    };
    format!("[{}]", shape.iter().map(axis).collect::<Vec<_>>().join(", "))
}

fn arrays(format: Format) -> String {
    let [encoder, model] = format.array_files().unwrap_or_default();
    let reads = if format == Format::Npz { "numpy.load" } else { "safetensors.torch.load_file" };
    format!(
        "## Arrays\n\n`{reads}` reads {model}, the arrays of the network, and {encoder}, those of its encoder, where it has one. \
         Names and layouts are those of PyTorch's modules: `load_state_dict` takes them. nid has such modules among its \
         examples, and makes a bundle of this folder again.\n\n"
    )
}

fn photos(how: &Preprocessing) -> String {
    let Preprocessing { width, height, filter, fit, mean, scale } = how;
    let fitted = match fit {
        Fit::Squeeze => "the whole picture squeezed",
        Fit::Crop => "the largest part about the middle that has this shape",
    };
    let filter = match filter {
        Filter::Bilinear => "bilinear and antialiased as by Pillow",
        Filter::Bicubic => "bicubic and antialiased as by Pillow",
        Filter::Interpolated => "interpolated as by OpenCV's INTER_LINEAR",
    };
    format!(
        "## Pictures\n\nPictures are RGB, turned upright, and made {width} pixels wide and {height} high: {fitted}, {filter}. \
         Each level from 0 to 255 becomes (level - mean) / scale, with the means {mean:?} and the \
         scales {scale:?}. Axes are picture, row, column, colour.\n\n"
    )
}

fn features_alone(features: &Features) -> String {
    let Features { regions, channels } = features;
    format!(
        "## Features\n\nIt sees no pictures, but reads features that were made of them elsewhere, of each picture \
         [{regions}, {channels}]: regions, and numbers of each.\n\n"
    )
}

fn words(format: Format, has_encoder: bool) -> String {
    let mut text = "## Sentences\n\nA word's number is its line in vocabulary.txt, from 0. ".to_owned();
    if format == Format::Onnx {
        text += &format!(
            "{}decoder_start makes a state of features, and decoder_step, from states and the \
             last word of each sentence ({START} at first), the natural log-probabilities of the next word and new states. \
             Where it attends, `owners` has the row of `keys` and `values` that each sentence is about.",
            if has_encoder { "The encoder makes features of pictures. " } else { "" },
        );
    }
    text.trim_end().to_owned() + "\n\n"
}

fn search(search: &Search) -> String {
    let also_end: String =
        search.also_end.iter().map(|word| format!(" The word {word:?} ends a sentence too.")).collect();
    format!(
        "Beam search begins with one live sentence, of no words, whose sum is 0. Of all continuations of the live sentences of a \
         picture, {beam} stay, those with the greatest sums of log-probabilities; the words {PAD}, {START} and {UNKNOWN} are \
         never said, and after {most} words only {END}, the end, may come. Those that have just ended are finished, with the \
         score sum / (words + 1)^{penalty}; the others live on and fill the whole beam again. The best finished one is the \
         caption, when nothing lives or no live sum / ({most} + 1)^{penalty} is above its score.{also_end}\n\nIts words, with \
         blanks between, a capital letter first and a full stop last, are what nid prints.\n",
        beam = search.beam,
        most = search.max_words,
        penalty = search.length_penalty,
    )
}

fn pictures(manifest: &ClassifierManifest) -> String {
    match &manifest.model {
        ClassifierConfig::Head { preprocessing, .. } => photos(preprocessing),
        ClassifierConfig::Network { input, .. } => format!(
            "## Pictures\n\nPictures are grey, {} pixels wide and {} high, the object on a dark ground; each level from 0 to \
             255 becomes (level - {}) / {}. Axes are picture, row, column, and one of size 1.\n\n",
            input.width, input.height, input.mean, input.scale,
        ),
    }
}

fn classes(manifest: &ClassifierManifest) -> String {
    let classes: String = manifest.classes.iter().map(|class| format!("- {class}\n")).collect();
    format!("## Classes\n\nProbabilities are softmax(logits / {}), in this order:\n\n{classes}", manifest.temperature)
}
