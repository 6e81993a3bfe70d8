//! What a network learns: named arrays.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use crate::Tensor;

/// The place of an array among its [`Parameters`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ParameterId(pub(crate) usize);

/// Named arrays in the order in which a network asked for them.
#[derive(Clone, Debug, Default)]
pub struct Parameters {
    entries: Vec<(String, Tensor)>,
}

impl Parameters {
    /// Adds an array.
    pub fn push(&mut self, name: impl Into<String>, tensor: Tensor) -> ParameterId {
        self.entries.push((name.into(), tensor));
        ParameterId(self.entries.len() - 1)
    }

    /// The array of this place.
    #[must_use]
    pub fn tensor(&self, id: ParameterId) -> &Tensor {
        &self.entries[id.0].1
    }

    /// The name of the array of this place.
    #[must_use]
    pub fn name(&self, id: ParameterId) -> &str {
        &self.entries[id.0].0
    }

    /// The array of this place, to change.
    pub fn tensor_mut(&mut self, id: ParameterId) -> &mut Tensor {
        &mut self.entries[id.0].1
    }

    /// Names and arrays, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Tensor)> {
        self.entries.iter().map(|(name, tensor)| (name.as_str(), tensor))
    }

    /// Names and arrays to change, in order.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&str, &mut Tensor)> {
        self.entries.iter_mut().map(|(name, tensor)| (name.as_str(), tensor))
    }

    /// How many arrays there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// How many numbers all arrays hold together.
    #[must_use]
    pub fn count(&self) -> usize {
        self.entries.iter().map(|(_, tensor)| tensor.data().len()).sum()
    }
}

/// Builds [`Parameters`] with first values drawn from a seed.
#[derive(Debug)]
pub struct Initialiser {
    parameters: Parameters,
    random: ChaCha8Rng,
    prefix: String,
}

impl Initialiser {
    /// Starts with no arrays.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { parameters: Parameters::default(), random: ChaCha8Rng::seed_from_u64(seed), prefix: String::new() }
    }

    /// Runs `build` with every name preceded by `name` and a point.
    pub fn scope<T>(&mut self, name: &str, build: impl FnOnce(&mut Self) -> T) -> T {
        let length = self.prefix.len();
        self.prefix.push_str(name);
        self.prefix.push('.');
        let built = build(self);
        self.prefix.truncate(length);
        built
    }

    /// Numbers drawn evenly between `-bound` and `bound`.
    pub fn uniform(&mut self, name: &str, shape: &[usize], bound: f32) -> ParameterId {
        let count = shape.iter().product();
        let numbers: Vec<f32> = (0..count).map(|_| (self.unit() * 2.0 - 1.0) * bound).collect();
        self.push(name, Tensor::new(shape, numbers))
    }

    /// One number, many times.
    pub fn constant(&mut self, name: &str, shape: &[usize], value: f32) -> ParameterId {
        self.push(name, Tensor::new(shape, vec![value; shape.iter().product()]))
    }

    /// What was built.
    #[must_use]
    pub fn finish(self) -> Parameters {
        self.parameters
    }

    fn push(&mut self, name: &str, tensor: Tensor) -> ParameterId {
        self.parameters.push(format!("{}{name}", self.prefix), tensor)
    }

    /// Evenly from `[0, 1)`, in steps that an `f32` holds exactly.
    fn unit(&mut self) -> f32 {
        (self.random.next_u32() >> 8) as f32 / (1 << 24) as f32
    }
}
