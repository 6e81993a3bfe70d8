//! What the loop does not know: what is learnt, from which examples, and how it is judged.

use nid_autograd::{Gradients, Parameters};
use nid_engine::score::Fields;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{Error, Training};

/// Something to learn from examples.
///
/// The [loop](crate::fit) takes steps along its gradients, judges the weights from time to time, and writes down what
/// it takes to go on.
pub trait Task {
    /// What its run file says.
    type Run: Clone + PartialEq + Serialize + DeserializeOwned;

    /// What was asked for.
    fn run(&self) -> &Self::Run;

    /// The seed that everything random follows from.
    fn seed(&self) -> u64;

    /// How to train.
    fn training(&self) -> &Training;

    /// How many examples there are to learn from.
    fn examples(&self) -> usize;

    /// Tells the examples apart from others: their order and all that is learnt or judged by.
    fn digest(&self) -> u64;

    /// How many numbers are learnt.
    fn learnt(&self, parameters: &Parameters) -> usize;

    /// What the network can say.
    fn output(&self) -> Output;

    /// The gradients of the mean loss over the examples of one step, given by their numbers.
    fn gradients(&self, parameters: &Parameters, examples: &[usize], moment: Moment) -> Taught;

    /// How good the weights are on what is not learnt from.
    ///
    /// # Errors
    /// If they cannot be judged at all.
    fn judge(&self, parameters: &Parameters) -> Result<Judgement, Error>;

    /// Steps of an epoch; the last may be of fewer examples.
    fn steps_per_epoch(&self) -> usize {
        self.examples().div_ceil(self.training().step_size()).max(1)
    }

    /// Steps of the whole run.
    fn steps(&self) -> usize {
        self.steps_per_epoch() * self.training().epochs
    }
}

/// A task, and the weights that are learnt for it.
#[derive(Debug)]
pub struct Learning<T> {
    /// What is to be learnt.
    pub task: T,
    /// The weights.
    pub parameters: Parameters,
}

/// What a network says, and how many of them it knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Output {
    /// Captions of so many words, special ones included.
    Words(usize),
    /// Which of so many classes a picture shows.
    Classes(usize),
}

/// Where in a run a step is.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// Steps taken before.
    pub step: usize,
    /// Steps in all.
    pub steps: usize,
    /// The epoch, from 0.
    pub epoch: usize,
}

/// What a step is taken by.
#[derive(Debug)]
pub struct Taught {
    /// The gradients.
    pub gradients: Gradients,
    /// The mean cross-entropy, smoothing included.
    pub loss: f32,
    /// How many captions or pictures it was learnt from.
    pub examples: usize,
}

/// How good weights are.
#[derive(Clone, Debug, Serialize)]
pub struct Judgement {
    /// Scores by name, the greater the better; 1 is a hundred percent.
    pub scores: Fields<f64>,
    /// Mean cross-entropy, where it is measured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub loss: Option<f64>,
    /// The number that decides which weights are kept, the greater the better.
    #[serde(skip)]
    pub merit: f64,
}
