//! A classifier that Keras has saved, as a bundle.
//!
//! What Keras keeps comes in many forms: its description as JSON of its own, within an HDF5 file, or within a `.keras`
//! archive; its weights by the names of layers (Keras 2) or by the kinds of layers and their numbers (Keras 3). All are
//! read: a `Sequential` model becomes a [list of layers](nid_nn::classifier::LayerConfig) over small grey pictures, its
//! weights at full precision, so that it scores what it scored there.

mod architecture;
mod card;
mod described;
mod layers;
mod sources;
mod values;

use std::collections::HashSet;
use std::fs;
use std::path::Path;
use std::str::FromStr;

use nid_data::labelled::fashion_mnist;
use nid_nn::classifier::{self, Config, matrices, outputs};
use nid_weights::{Archive, Precision};

use super::Imported;
use super::arrays::Arrays;
use super::mapping::place;
use crate::Error;
use crate::bundle::{ClassifierBundle, ClassifierConfig, ClassifierManifest, ClassifierParts, Input};
use architecture::Architecture;
use described::{Described, Pictures, Plan};
pub(super) use sources::needless;

/// The largest grey level.
const LEVELS: f64 = 255.0;
/// The sides of the pictures whose classes are taken for granted.
const FASHION_MNIST: [usize; 2] = [28, 28];

/// The files of a model.
#[derive(Clone, Copy, Debug)]
pub struct Files<'a> {
    /// The JSON that describes it; none where the file of weights does.
    pub architecture: Option<&'a Path>,
    /// Weights, or a whole model: `.h5` or `.keras`.
    pub weights: &'a Path,
}

/// What a model's files do not say.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The names of the classes, in the order of the scores.
    pub classes: Option<Vec<String>>,
    /// How levels of grey were scaled before the network read them.
    pub range: Option<InputRange>,
}

/// The numbers that black and white become before a network reads them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InputRange {
    /// From 0 to 1.
    Unit,
    /// From 0 to 255.
    Levels,
}

impl FromStr for InputRange {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "0..1" => Ok(Self::Unit),
            "0..255" => Ok(Self::Levels),
            _ => Err(format!("found {text:?}, expected 0..1 or 0..255")),
        }
    }
}

/// The names of classes of a text file, one a line.
///
/// # Errors
/// If it cannot be read, is no text, or names a class twice.
pub fn read_classes(path: &Path) -> Result<Vec<String>, Error> {
    let text = fs::read_to_string(path).map_err(|source| Error::Read { path: path.to_owned(), source })?;
    let lines = text.strip_prefix('\u{feff}').unwrap_or(&text).lines();
    let names: Vec<String> = lines.map(|line| line.trim().to_owned()).collect();
    let mut seen = HashSet::new();
    if let Some(again) = names.iter().find(|name| !seen.insert(name.as_str())) {
        let found = format!("the class {again:?} twice");
        return Err(Error::Content { path: path.to_owned(), found, expected: "each name once".to_owned() });
    }
    Ok(names)
}

/// Whether a file is a whole model whose description is that of a list of layers.
#[must_use]
pub fn is_whole(archive: &Archive<'_>) -> bool {
    architecture::is_sequential(archive)
}

/// Whether a file of weights describes the model that they are of, whatever model that is.
#[must_use]
pub fn describes(archive: &Archive<'_>) -> bool {
    architecture::own(archive).is_some()
}

/// Makes a bundle of a classifier.
///
/// # Errors
/// Files that cannot be read or are not Keras's; a model that is not `Sequential`, has layers that are not known here, reads
/// pictures that are not grey, or ends in no scores; tensors that are missing, left over or of another shape; classes that
/// are not known, or not as many as there are scores; and as [`ClassifierBundle::save`].
pub fn import(files: Files<'_>, options: Options, bundle: &Path, replace: bool) -> Result<Imported, Error> {
    let path = files.architecture.unwrap_or(files.weights);
    // Before the weights: where the two were exchanged, it is this that is told.
    let description = files.architecture.map(architecture::read_description).transpose()?;
    let archive =
        Archive::open(files.weights).map_err(|source| Error::Arrays { path: files.weights.to_owned(), source })?;
    let architecture = Architecture::read(files, description, &archive)?;
    let refused = |problems| Error::Layers { path: path.to_owned(), problems };
    let described = Described::of(&architecture).map_err(refused)?;
    let (plan, scores) = plan(files, &archive, &architecture, &described)?;
    // Before anything is built: what the description claims is then no larger than the file.
    let (placed, mapped) = place(&archive, &plan.rows, |name| needless(name).is_some()).map_err(|source| {
        let what = "the weights of the network that is described".to_owned();
        Error::Misfit { path: files.weights.to_owned(), what, source: Box::new(source) }
    })?;

    let Described { pictures, layers, notes: of_layers, .. } = described;
    let mut notes = Vec::new();
    let classes = classes(options.classes, pictures, scores, path, &mut notes)?;
    let input = input(options.range, pictures, &mut notes);
    notes.extend(of_layers.into_iter().chain(plan.notes()).chain(sources::left_out(&archive)));
    let network = Config::Layers { layers };
    let manifest = ClassifierManifest::new(classes, 1.0, ClassifierConfig::Network { network, input });
    manifest.check(path)?;
    let card = card::card(files, &architecture, &notes)?;

    let mut arrays = Arrays::read(files.weights, placed)?;
    plan.finish(&mut arrays);
    let parts = ClassifierParts {
        manifest: &manifest,
        encoder_weights: None,
        parameters: &arrays.parameters(),
        precision: Precision::F32,
        history: &[],
        card: &card,
        replace,
    };
    ClassifierBundle::save(bundle, parts)?;
    Ok(Imported { mapped, notes })
}

/// Where the parameters of a network come from, and how many scores it has.
fn plan(
    files: Files<'_>,
    archive: &Archive<'_>,
    architecture: &Architecture,
    described: &Described,
) -> Result<(Plan, usize), Error> {
    let Described { pictures: Pictures { sides: [height, width], .. }, layers, weighted, .. } = described;
    let path = files.architecture.unwrap_or(files.weights);
    let impossible = |source| Error::Classifier { path: path.to_owned(), source };
    let shape = [*height, *width, 1];
    let scores = outputs(layers, shape).map_err(impossible)?;
    if scores < 2 {
        return Err(impossible(classifier::Error::Classes { found: scores }));
    }
    let matrices = matrices(layers, shape).map_err(impossible)?;
    let sources = sources::find(archive, files.weights, architecture, weighted)?;
    Ok((Plan::of(layers, weighted, &matrices, &sources), scores))
}

/// The names of the classes: those that are given, or Fashion-MNIST's where the pictures are of its size.
fn classes(
    given: Option<Vec<String>>,
    pictures: Pictures,
    scores: usize,
    path: &Path,
    notes: &mut Vec<String>,
) -> Result<Vec<String>, Error> {
    let fits = |classes: &[String]| classes.len() == scores;
    let own = || fashion_mnist::CLASSES.map(str::to_owned).to_vec();
    let refused = |found: String, expected: &str| {
        Err(Error::Content { path: path.to_owned(), found, expected: expected.to_owned() })
    };
    match given {
        Some(classes) if fits(&classes) => Ok(classes),
        Some(classes) => {
            refused(format!("scores for {scores} classes"), &format!("{}, as names are given", classes.len()))
        }
        None if pictures.sides == FASHION_MNIST && fits(&own()) => {
            notes.push("its classes are taken for Fashion-MNIST's, which it does not say".to_owned());
            Ok(own())
        }
        None => {
            let [height, width] = pictures.sides;
            let found = format!("pictures of {width} by {height} pixels and scores for {scores} classes");
            refused(found, "the names of the classes to be given (--classes FILE)")
        }
    }
}

/// How levels of grey become what the network reads.
fn input(given: Option<InputRange>, pictures: Pictures, notes: &mut Vec<String>) -> Input {
    let Pictures { sides: [height, width], rescaling } = pictures;
    // A model that scales levels itself reads them as they are.
    let usual = if rescaling.is_some() { InputRange::Levels } else { InputRange::Unit };
    let range = given.unwrap_or(usual);
    let (highest, name) = match range {
        InputRange::Unit => (1.0, "0 to 1"),
        InputRange::Levels => (LEVELS, "0 to 255"),
    };
    if given.is_none() {
        notes.push(format!("it is taken to read levels from {name}, which it does not say"));
    }
    // `scale · (level · highest / 255) + offset`, as `(level - mean) / divisor`.
    let [scale, offset] = rescaling.unwrap_or([1.0, 0.0]);
    let divisor = LEVELS / (scale * highest);
    let mean = 0.0 - offset * divisor; // 0, and not -0, of no offset
    Input { height, width, mean: mean as f32, scale: divisor as f32, mirror: false }
}
