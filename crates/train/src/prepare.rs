//! From a run file to everything in memory that training needs.

use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use nid_autograd::{Initialiser, Parameters};
use nid_data::captions::{self, Photo};
use nid_data::split::Split;
use nid_data::vocabulary::Vocabulary;
use nid_engine::bundle::{Manifest, Parts, embedded_encoder, read_encoder};
use nid_engine::features::{FeatureFile, Options, Report, extract};
use nid_engine::{Bundle, Preprocessing, seed_of};
use nid_nn::decoder::Decoder;
use nid_nn::encoder::Encoder;

use crate::{Error, Run};

/// A photo with its captions.
#[derive(Clone, Debug)]
pub struct Example {
    /// Its row in the features.
    pub row: usize,
    /// Its captions as words of the vocabulary, without start and end.
    pub captions: Vec<Vec<u32>>,
    /// The same as they were written.
    pub references: Vec<String>,
}

/// Photos and what the encoder sees in them.
pub struct Set {
    /// The photos, in the split's order.
    pub examples: Vec<Example>,
    /// What the encoder sees, a row each.
    pub features: FeatureFile,
}

/// All that a run needs in memory.
pub struct Session {
    /// What was asked for.
    pub run: Run,
    /// The words.
    pub vocabulary: Vocabulary,
    /// The network.
    pub decoder: Decoder,
    /// What is learnt.
    pub parameters: Parameters,
    /// The photos to learn from.
    pub train: Set,
    /// The photos to judge by.
    pub dev: Set,
    /// How pictures are made ready for the encoder.
    pub preprocessing: Preprocessing,
    /// Photos of the splits that could not be read, and are left out.
    pub skipped: usize,
    /// The encoder's weights, as they go into the bundle.
    pub encoder_weights: Vec<u8>,
}

impl Session {
    /// Steps of an epoch; the last may be of fewer photos.
    #[must_use]
    pub fn steps_per_epoch(&self) -> usize {
        self.train.examples.len().div_ceil(self.run.training.batch * self.run.training.accumulate).max(1)
    }

    /// Steps of the whole run.
    #[must_use]
    pub fn steps(&self) -> usize {
        self.steps_per_epoch() * self.run.training.epochs
    }

    /// Tells the examples apart from others: their order, photos and captions.
    pub(crate) fn examples_digest(&self) -> u64 {
        let mut text = String::new();
        for set in [&self.train, &self.dev] {
            for Example { row, references, .. } in &set.examples {
                text.extend([set.features.names()[*row].as_str(), "\n"]);
                references.iter().for_each(|reference| text.extend([reference.as_str(), "\n"]));
            }
        }
        seed_of(text.as_bytes())
    }

    /// Whether captions are judged after this step.
    pub(crate) fn is_evaluation(&self, step: usize) -> bool {
        step.is_multiple_of(self.steps_per_epoch() * self.run.training.evaluate_every) || step == self.steps()
    }

    /// Writes a bundle with these parameters, in place of an older one of this run.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn save_bundle(&self, folder: &Path, parameters: &Parameters, card: &str) -> Result<(), Error> {
        let mut manifest =
            Manifest::captioner(&self.run.encoder.architecture, self.run.decoder.clone(), self.preprocessing.clone());
        manifest.search = self.run.search.clone();
        let parts = Parts {
            manifest: &manifest,
            vocabulary: &self.vocabulary,
            encoder_weights: &self.encoder_weights,
            parameters,
            card,
            replace: true,
        };
        Ok(Bundle::save(folder, parts)?)
    }
}

/// Reads what a run names. Features that are not cached are extracted; `report` is told how it goes, and may break.
/// Photos that cannot be read are left out.
///
/// # Errors
/// If a file or photo is missing or wrong, a photo of a split has no caption, the splits share a photo, or no photo of
/// one can be read.
pub fn prepare(run: Run, mut report: impl FnMut(Report) -> ControlFlow<()>) -> Result<Session, Error> {
    if !run.data.photos.is_dir() {
        return Err(Error::NoFolder { path: run.data.photos.clone() });
    }
    let collection = captions::read(&run.data.captions)?;
    let (train, dev) = (Split::open(&run.data.train)?, Split::open(&run.data.dev)?);
    train.disjoint(&dev)?;
    let (train, dev) = (collection.select(&train)?, collection.select(&dev)?);

    check_photos(&run.data.photos, train.iter().chain(&dev))?;

    let start = run.init.as_deref().map(Bundle::open).transpose()?;
    let vocabulary = match &start {
        Some(bundle) => bundle.vocabulary.clone(),
        None => build(&train, run.data.threshold),
    };
    run.search.settings().check(vocabulary.len())?;
    let (encoder, encoder_weights) = encoder(&run)?;
    let preprocessing = run.encoder.preprocessing.clone().unwrap_or_default();
    let [_, channels] = encoder.shape(preprocessing.height, preprocessing.width).map_err(nid_engine::Error::from)?;
    let mut initialiser = Initialiser::new(run.seed);
    let decoder = Decoder::new(&run.decoder, channels, vocabulary.len(), &mut initialiser);
    let mut parameters = initialiser.finish();
    if let (Some(bundle), Some(name)) = (&start, &run.init) {
        let (found, expected) = (bundle.manifest.decoder.kind, run.decoder.kind);
        if found != expected {
            let problem = format!("its decoder is a {found:?}, the run says {expected:?}");
            return Err(Error::Init { bundle: name.clone(), problem });
        }
        copy(&mut parameters, &bundle.parameters, name)?;
    }

    fs::create_dir_all(&run.data.cache).map_err(|source| Error::Write { path: run.data.cache.clone(), source })?;
    let mut cached = |photos: &[&Photo], name: &str| {
        let path = run.data.cache.join(cache_name(&run, &preprocessing, &encoder_weights, photos, name));
        features(&encoder, &preprocessing, photos, &run.data.photos, &path, &mut report)
    };
    let (train_features, dev_features) = (cached(&train, "train")?, cached(&dev, "dev")?);
    let asked = train.len() + dev.len();
    let train = Set { examples: examples(&train, &train_features, &vocabulary), features: train_features };
    let dev = Set { examples: examples(&dev, &dev_features, &vocabulary), features: dev_features };
    let skipped = asked - train.examples.len() - dev.examples.len();
    Ok(Session { run, vocabulary, decoder, parameters, train, dev, preprocessing, skipped, encoder_weights })
}

/// A photo that cannot be read is left out, but one that is not there is a slip of the pen.
fn check_photos<'a>(folder: &Path, photos: impl Iterator<Item = &'a &'a Photo>) -> Result<(), Error> {
    let mut missing = photos.map(|photo| folder.join(&photo.name)).filter(|path| !path.exists());
    match missing.next() {
        Some(path) => Err(Error::Missing { path, others: missing.count() }),
        None => Ok(()),
    }
}

fn build(photos: &[&Photo], threshold: usize) -> Vocabulary {
    Vocabulary::build(photos.iter().flat_map(|photo| photo.captions.iter().map(String::as_str)), threshold)
}

/// The encoder and the bytes of its weights.
fn encoder(run: &Run) -> Result<(Encoder, Vec<u8>), Error> {
    let architecture = &run.encoder.architecture;
    let (path, weights) = match &run.encoder.weights {
        Some(path) => (path.clone(), fs::read(path).map_err(|source| Error::Read { path: path.clone(), source })?),
        None => {
            let embedded = embedded_encoder(architecture)
                .ok_or_else(|| Error::NoEncoder { architecture: architecture.clone() })?;
            (PathBuf::from(architecture), embedded.to_vec())
        }
    };
    Ok((read_encoder(architecture, &weights, &path)?, weights))
}

/// The name of a feature file: another encoder, preprocessing, folder or list of photos has another, and so has a photo
/// that was replaced by one of another length.
fn cache_name(run: &Run, how: &Preprocessing, weights: &[u8], photos: &[&Photo], set: &str) -> String {
    let length = |name: &str| fs::metadata(run.data.photos.join(name)).ok().map(|found| found.len());
    let names: Vec<_> = photos.iter().map(|photo| (&photo.name, length(&photo.name))).collect();
    let folder = fs::canonicalize(&run.data.photos).unwrap_or_else(|_| run.data.photos.clone());
    let made_from = format!("{how:?}\n{}\n{names:?}\n{}", folder.display(), seed_of(weights));
    format!("{}-{set}-{:016x}.npy", run.encoder.architecture, seed_of(made_from.as_bytes()))
}

/// Copies parameters of the same names and shapes.
fn copy(parameters: &mut Parameters, from: &Parameters, bundle: &str) -> Result<(), Error> {
    for (name, tensor) in parameters.iter_mut() {
        let found = from.iter().find(|(other, _)| *other == name).map(|(_, tensor)| tensor);
        let fitting = found.filter(|found| found.shape() == tensor.shape()).ok_or_else(|| Error::Init {
            bundle: bundle.to_owned(),
            problem: format!("{name} is {:?} here, there {:?}", tensor.shape(), found.map(nid_autograd::Tensor::shape)),
        })?;
        *tensor = fitting.clone();
    }
    Ok(())
}

fn features(
    encoder: &Encoder,
    preprocessing: &Preprocessing,
    photos: &[&Photo],
    folder: &Path,
    path: &Path,
    report: &mut impl FnMut(Report) -> ControlFlow<()>,
) -> Result<FeatureFile, Error> {
    let named: Vec<(String, PathBuf)> =
        photos.iter().map(|photo| (photo.name.clone(), folder.join(&photo.name))).collect();
    extract(encoder, preprocessing, &named, path, &Options::default(), report)?;
    Ok(FeatureFile::open(path)?)
}

/// The photos that have features, with their captions.
fn examples(photos: &[&Photo], features: &FeatureFile, vocabulary: &Vocabulary) -> Vec<Example> {
    let example = |photo: &&Photo| {
        let row = features.row_of(&photo.name)?;
        let captions = photo.captions.iter().map(|caption| vocabulary.encode(caption)).collect();
        Some(Example { row, captions, references: photo.captions.clone() })
    };
    photos.iter().filter_map(example).collect()
}
