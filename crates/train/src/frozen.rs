//! An encoder that is not trained: what it sees is computed once and kept.

use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use nid_engine::bundle::{embedded_encoder, read_encoder};
use nid_engine::features::{FeatureFile, Options, Report, extract};
use nid_engine::{Preprocessing, seed_of};
use nid_nn::encoder::Encoder;

use crate::Error;
use crate::run::EncoderChoice;

/// An encoder, its weights as they go into a bundle, and how pictures are made ready for it.
pub(crate) struct Frozen {
    pub(crate) encoder: Encoder,
    pub(crate) weights: Vec<u8>,
    pub(crate) preprocessing: Preprocessing,
    architecture: String,
}

impl Frozen {
    /// Loads what a run names.
    pub(crate) fn load(choice: &EncoderChoice) -> Result<Self, Error> {
        let architecture = &choice.architecture;
        let (path, weights) = match &choice.weights {
            Some(path) => (path.clone(), fs::read(path).map_err(|source| Error::Read { path: path.clone(), source })?),
            None => {
                let embedded = embedded_encoder(architecture)
                    .ok_or_else(|| Error::NoEncoder { architecture: architecture.clone() })?;
                (PathBuf::from(architecture), embedded.to_vec())
            }
        };
        Ok(Self {
            encoder: read_encoder(architecture, &weights, &path)?,
            weights,
            preprocessing: choice.preprocessing.clone().unwrap_or_default(),
            architecture: architecture.clone(),
        })
    }

    /// Numbers of a region.
    pub(crate) fn channels(&self) -> Result<usize, Error> {
        let shape = self.encoder.shape(self.preprocessing.height, self.preprocessing.width);
        let [_, channels] = shape.map_err(nid_engine::Error::from)?;
        Ok(channels)
    }

    /// What it sees in the photos of these names in `folder`. It is kept in `cache`, under a name that begins with
    /// `set`; what is missing there is computed.
    pub(crate) fn features(
        &self,
        (folder, names): (&Path, &[&str]),
        options: &Options,
        (cache, set): (&Path, &str),
        report: &mut impl FnMut(Report) -> ControlFlow<()>,
    ) -> Result<FeatureFile, Error> {
        fs::create_dir_all(cache).map_err(|source| Error::Write { path: cache.into(), source })?;
        let path = cache.join(self.cache_name(folder, names, options, set));
        let named: Vec<(String, PathBuf)> = names.iter().map(|name| ((*name).to_owned(), folder.join(name))).collect();
        extract(&self.encoder, &self.preprocessing, &named, &path, options, report)?;
        Ok(FeatureFile::open(&path)?)
    }

    /// The name of a feature file: another encoder, preprocessing, folder or list of photos has another, and so has a
    /// photo that was replaced by one of another length.
    fn cache_name(&self, folder: &Path, names: &[&str], options: &Options, set: &str) -> String {
        let length = |name: &str| fs::metadata(folder.join(name)).ok().map(|found| found.len());
        let names: Vec<_> = names.iter().map(|name| (name, length(name))).collect();
        let folder = fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
        let how = &self.preprocessing;
        let mut made_from = format!("{how:?}\n{}\n{names:?}\n{}", folder.display(), seed_of(&self.weights));
        if options.views != Options::default().views || options.pooled {
            made_from.push_str(&format!("\n{:?} {}", options.views, options.pooled));
        }
        format!("{}-{set}-{:016x}.npy", self.architecture, seed_of(made_from.as_bytes()))
    }
}
