//! Learning to tell classes apart: a network over small grey pictures, or a head over an encoder's features of photos.

mod card;
mod learner;
mod prepare;
mod run;
mod step;

use std::path::Path;

use nid_autograd::Parameters;
use nid_data::photos::display;
use nid_engine::bundle::{ClassifierBundle, ClassifierConfig, ClassifierManifest, ClassifierParts, Epoch};
use nid_engine::report::{Example, Photo, Tested, spread};
use nid_engine::score::Fields;
use nid_engine::seed_of;
use nid_metrics::classification::{self, Evaluation};
use nid_weights::Precision;

use learner::Learner;
pub use prepare::prepare;
pub use run::{ClassifierRun, LabelledData, Validation};

use crate::run::EncoderChoice;
use crate::{Error, Judgement, Keep, Kept, Moment, Output, Task, Taught, Training};

/// All that learning to classify needs in memory, but for the weights.
pub struct ClassifierTask {
    /// What was asked for.
    pub run: ClassifierRun,
    /// The names of the classes.
    pub classes: Vec<String>,
    /// Pictures that could not be read, and are left out.
    pub skipped: usize,
    /// The network, as its bundle describes it.
    config: ClassifierConfig,
    learner: Learner,
    /// The classes of the pictures to learn from.
    train: Vec<usize>,
    /// The classes of the pictures that were held out.
    validation: Vec<usize>,
    /// The encoder of a head, and its weights as they go into the bundle.
    encoder: Option<EncoderChoice>,
    encoder_weights: Option<Vec<u8>>,
}

/// How well a network does on the pictures that were held out.
pub struct HeldOut {
    /// In numbers.
    pub evaluation: Evaluation,
    /// Picture by picture.
    pub tested: Vec<Tested>,
    /// A few of the pictures that it learnt from.
    pub learnt_from: Vec<Example>,
}

impl ClassifierTask {
    /// How many pictures it is about, those that were held out included.
    #[must_use]
    pub fn pictures(&self) -> usize {
        self.train.len() + self.validation.len()
    }

    /// Writes a bundle with these weights, in place of an older one of this run. `history` is what led to them.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn save_bundle(&self, folder: &Path, kept: Kept<'_>, history: &[Epoch]) -> Result<(), Error> {
        let logits = self.learner.validation_logits(kept.parameters);
        let temperature = classification::temperature(&logits, &self.validation, self.classes.len());
        let evaluation = self.evaluation(&logits, temperature);
        let manifest = ClassifierManifest::new(self.classes.clone(), temperature, self.config.clone());
        let parts = ClassifierParts {
            manifest: &manifest,
            encoder_weights: self.encoder_weights.as_deref(),
            parameters: kept.parameters,
            precision: Precision::F16,
            history,
            card: &card::card(self, &kept, &evaluation),
            replace: true,
        };
        Ok(ClassifierBundle::save(folder, parts)?)
    }

    /// What a bundle of this run says of the pictures that were held out.
    #[must_use]
    pub fn held_out(&self, bundle: &ClassifierBundle) -> HeldOut {
        let temperature = bundle.manifest.temperature;
        let logits = self.learner.validation_logits(&bundle.parameters);
        let probabilities = classification::probabilities(&logits, self.classes.len(), temperature);
        let rows = probabilities.chunks_exact(self.classes.len()).map(<[f32]>::to_vec);
        let photos = self.learner.validation_photos().into_iter().zip(&self.validation);
        let tested = photos.zip(rows).map(|((photo, &label), probabilities)| {
            let name = match &photo {
                Photo::File(path) => Some(display(path)),
                Photo::Pixels(_) => None,
            };
            Tested { photo, name, label, probabilities }
        });
        let places: Vec<usize> = spread(self.train.len()).collect();
        let shown = self.learner.train_photos(&places).into_iter().zip(places);
        HeldOut {
            evaluation: self.evaluation(&logits, temperature),
            tested: tested.collect(),
            learnt_from: shown.map(|(photo, place)| Example { photo, label: self.train[place] }).collect(),
        }
    }

    /// How good scores of the pictures that were held out are.
    fn evaluation(&self, logits: &[f32], temperature: f64) -> Evaluation {
        classification::evaluate(logits, &self.validation, self.classes.len(), temperature)
    }
}

impl Task for ClassifierTask {
    type Run = ClassifierRun;

    fn run(&self) -> &ClassifierRun {
        &self.run
    }

    fn seed(&self) -> u64 {
        self.run.seed
    }

    fn training(&self) -> &Training {
        &self.run.training
    }

    fn examples(&self) -> usize {
        self.train.len()
    }

    fn digest(&self) -> u64 {
        let mut bytes = self.learner.describe();
        let labels = self.train.iter().chain(&self.validation);
        bytes.extend(labels.flat_map(|label| (*label as u64).to_le_bytes()));
        seed_of(&bytes)
    }

    fn learnt(&self, parameters: &Parameters) -> usize {
        self.learner.learnt(parameters)
    }

    fn output(&self) -> Output {
        Output::Classes(self.classes.len())
    }

    fn gradients(&self, parameters: &Parameters, examples: &[usize], moment: Moment) -> Taught {
        let (gradients, cross_entropy) = step::gradients(self, parameters, examples, moment);
        Taught { gradients, loss: cross_entropy / examples.len() as f32, examples: examples.len() }
    }

    fn judge(&self, parameters: &Parameters) -> Result<Judgement, Error> {
        let Evaluation { accuracy, loss, pictures, .. } =
            self.evaluation(&self.learner.validation_logits(parameters), 1.0);
        let sureness = (-loss).exp(); // the geometric mean of the probabilities of the right classes
        let merit = match self.run.training.keep {
            Some(Keep::Loss) => sureness,
            // Of weights that are right as often, the surer ones are better: by less than a picture.
            _ => accuracy + sureness / (pictures + 1) as f64,
        };
        Ok(Judgement { scores: Fields(vec![("accuracy", accuracy)]), loss: Some(loss), merit })
    }
}
