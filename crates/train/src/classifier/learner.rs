//! What is learnt and what it reads: a network with the pictures, or a head with the features.

use std::path::PathBuf;

use nid_autograd::{Graph, Parameters, Tensor, Var};
use nid_data::augmentation::{Augmentation, augment};
use nid_data::picture::Picture;
use nid_engine::bundle::Input;
use nid_engine::features::FeatureFile;
use nid_engine::report::Photo;
use nid_engine::{head_logits, network_logits};
use nid_nn::classifier::{Classifier, Head};
use rand_chacha::rand_core::Rng;

use crate::frozen::stamp;

/// A network and what it learns from and is judged by.
pub(super) enum Learner {
    Pictures(Pictures),
    Features(Features),
}

/// A network over small grey pictures.
pub(super) struct Pictures {
    pub(super) network: Classifier,
    pub(super) input: Input,
    pub(super) augmentation: Augmentation,
    /// Grey levels, `[pictures, height, width]`, on a dark ground.
    pub(super) train: Vec<u8>,
    /// The same of the pictures that were held out.
    pub(super) validation: Vec<u8>,
}

/// A head over features of photos.
pub(super) struct Features {
    pub(super) head: Head,
    /// `[photos, views, channels]`; the first view is the whole photo.
    pub(super) file: FeatureFile,
    /// The photos to learn from.
    pub(super) train: Vec<Row>,
    /// The photos that were held out.
    pub(super) validation: Vec<Row>,
}

/// A photo and its row among the features.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) row: usize,
    pub(super) path: PathBuf,
}

impl Learner {
    /// How many numbers it learns.
    pub(super) fn learnt(&self, parameters: &Parameters) -> usize {
        match self {
            Self::Pictures(Pictures { network, .. }) => network.learnt(parameters),
            Self::Features(Features { head, .. }) => head.learnt(parameters),
        }
    }

    /// Scores of all classes for some of the pictures to learn from. Each is seen as the random numbers say that
    /// `random` has for it.
    pub(super) fn logits<R: Rng>(&self, graph: &Graph<'_>, examples: &[usize], random: impl Fn(usize) -> R) -> Var {
        match self {
            Self::Pictures(pictures) => pictures.network.logits(graph, &pictures.changed(examples, random)),
            Self::Features(features) => features.head.logits(graph, &features.views(examples, random)),
        }
    }

    /// Scores of all classes for the pictures that were held out, as a bundle gives them.
    pub(super) fn validation_logits(&self, parameters: &Parameters) -> Vec<f32> {
        match self {
            Self::Pictures(Pictures { network, input, validation, .. }) => {
                network_logits(network, parameters, input, validation)
            }
            Self::Features(features) => {
                let rows: Vec<usize> = features.validation.iter().map(|photo| photo.row).collect();
                let whole = features.of(&rows, |_| 0);
                head_logits(&features.head, parameters, &whole, 1)
            }
        }
    }

    /// Some of the pictures to learn from, for people to look at.
    pub(super) fn train_photos(&self, places: &[usize]) -> Vec<Photo> {
        match self {
            Self::Pictures(pictures) => places.iter().map(|&place| pictures.photo(&pictures.train, place)).collect(),
            Self::Features(Features { train, .. }) => {
                places.iter().map(|&place| Photo::File(train[place].path.clone())).collect()
            }
        }
    }

    /// The pictures that were held out, for people to look at.
    pub(super) fn validation_photos(&self) -> Vec<Photo> {
        match self {
            Self::Pictures(pictures) => {
                let count = pictures.validation.len() / pictures.size();
                (0..count).map(|place| pictures.photo(&pictures.validation, place)).collect()
            }
            Self::Features(Features { validation, .. }) => {
                validation.iter().map(|photo| Photo::File(photo.path.clone())).collect()
            }
        }
    }

    /// Bytes that tell the pictures from others.
    pub(super) fn describe(&self) -> Vec<u8> {
        match self {
            Self::Pictures(Pictures { train, validation, .. }) => [train.as_slice(), validation].concat(),
            Self::Features(Features { train, validation, .. }) => {
                let stamps = train.iter().chain(validation).map(|photo| format!("{:?}\n", stamp(&photo.path)));
                stamps.collect::<String>().into_bytes()
            }
        }
    }
}

impl Pictures {
    /// Pictures `[N, height, width, 1]`, each changed at random.
    fn changed<R: Rng>(&self, examples: &[usize], random: impl Fn(usize) -> R) -> Var {
        let (Input { height, width, .. }, size) = (self.input.clone(), self.size());
        let mut changed = vec![0; examples.len() * size];
        for (target, &example) in changed.chunks_exact_mut(size).zip(examples) {
            let picture = &self.train[example * size..][..size];
            augment(target, picture, [height, width], &self.augmentation, &mut random(example));
        }
        Var::constant(Tensor::new(&[examples.len(), height, width, 1], self.input.numbers(&changed)))
    }

    /// Pixels of a picture.
    fn size(&self) -> usize {
        self.input.height * self.input.width
    }

    fn photo(&self, levels: &[u8], place: usize) -> Photo {
        let levels = &levels[place * self.size()..][..self.size()];
        Photo::Pixels(Picture::grey(self.input.width, self.input.height, levels))
    }
}

impl Features {
    /// Features `[N, 1, channels]`, each of a view drawn at random.
    fn views<R: Rng>(&self, examples: &[usize], random: impl Fn(usize) -> R) -> Var {
        let rows: Vec<usize> = examples.iter().map(|&example| self.train[example].row).collect();
        let views = self.file.regions() as u64;
        let draw = |place: usize| ((u64::from(random(examples[place]).next_u32()) * views) >> 32) as usize;
        Var::constant(Tensor::new(&[rows.len(), 1, self.file.channels()], self.of(&rows, draw)))
    }

    /// Features of one view of each row.
    fn of(&self, rows: &[usize], view: impl Fn(usize) -> usize) -> Vec<f32> {
        let (views, channels) = (self.file.regions(), self.file.channels());
        let seen = self.file.rows(rows);
        let photos = seen.chunks_exact(views * channels).enumerate();
        photos.flat_map(|(place, photo)| &photo[view(place) * channels..][..channels]).copied().collect()
    }
}
