//! Writing networks down: each call adds a layer, names its parameters and knows the shape that the next one reads.

use nid_autograd::{Initialiser, Running};
use nid_kernels::convolution::Activation;
use nid_kernels::window::{Extent, Padding, Window};

use super::Error;
use super::layers::{Layer, Network};
use crate::linear::Linear;

/// A 3×3 window that keeps the sides of a map; with a stride its places are centred on the pixels that it keeps.
pub(super) const SAME: Window = Window { size: 3, stride: 1, padding: Padding::Explicit(1) };
/// A 3×3 window that stays within the map.
pub(super) const WITHIN: Window = Window { size: 3, stride: 1, padding: Padding::Explicit(0) };
/// A 2×2 window that halves the sides of a map.
const HALVING: Window = Window { size: 2, stride: 2, padding: Padding::Explicit(0) };

/// A network, as far as it is written down.
pub(super) struct Builder<'a> {
    init: &'a mut Initialiser,
    layers: Vec<Layer>,
    input: Extent,
    /// What the layers so far make of a picture; a row of numbers is a map of one pixel.
    made: Extent,
}

impl<'a> Builder<'a> {
    /// Over pictures `[N, height, width, channels]`.
    pub(super) fn over_pictures([height, width, channels]: [usize; 3], init: &'a mut Initialiser) -> Self {
        Self::over(Extent { height, width, channels }, init)
    }

    /// Over the mean of regions, `[N, regions, channels]`.
    pub(super) fn over_regions(channels: usize, init: &'a mut Initialiser) -> Self {
        let mut builder = Self::over_pictures([1, 1, channels], init);
        builder.with(Layer::MeanRegions);
        builder
    }

    fn over(input: Extent, init: &'a mut Initialiser) -> Self {
        Self { init, layers: Vec::new(), input, made: input }
    }

    fn with(&mut self, layer: Layer) -> &mut Self {
        self.layers.push(layer);
        self
    }

    /// What was written down.
    ///
    /// # Errors
    /// If it leaves nothing of a picture.
    pub(super) fn finish(self) -> Result<Network, Error> {
        if self.made.numbers() == 0 {
            let Extent { height, width, channels } = self.input;
            return Err(Error::Picture { height, width, channels });
        }
        Ok(Network(self.layers))
    }

    /// A convolution with a bias.
    pub(super) fn convolution(&mut self, name: &str, window: Window, channels: usize) -> &mut Self {
        self.filters(name, window, channels, true)
    }

    /// A convolution without a bias, a batch normalisation, which has one, and what follows; parameters are
    /// `NAME.weight` and `NORM.gain`, `.shift`, `.mean` and `.variance`.
    pub(super) fn normalised(
        &mut self,
        [name, norm]: [&str; 2],
        window: Window,
        channels: usize,
        activation: Activation,
    ) -> &mut Self {
        self.filters(name, window, channels, false).norm(norm, activation)
    }

    /// First weights are of the variance that keeps that of values through rectified layers: He et al., "Delving Deep
    /// into Rectifiers" (2015), equation 10.
    fn filters(&mut self, name: &str, window: Window, channels: usize, with_bias: bool) -> &mut Self {
        let seen = window.size * window.size * self.made.channels;
        let bound = (6.0 / seen.max(1) as f32).sqrt(); // the variance of evenly drawn numbers is a third of its square
        let (weight, bias) = self.init.scope(name, |init| {
            let weight = init.uniform("weight", &[seen, channels], bound);
            (weight, with_bias.then(|| init.constant("bias", &[channels], 0.0)))
        });
        self.made = window.output(self.made, channels);
        self.with(Layer::Convolution { weight, bias, window })
    }

    /// A batch normalisation and what follows; parameters are `NAME.gain`, `.shift`, `.mean` and `.variance`.
    pub(super) fn norm(&mut self, name: &str, activation: Activation) -> &mut Self {
        let shape = [self.made.channels];
        let norm = self.init.scope(name, |init| Layer::Norm {
            gain: init.constant("gain", &shape, 1.0),
            shift: init.constant("shift", &shape, 0.0),
            running: Running {
                mean: init.constant("mean", &shape, 0.0),
                variance: init.constant("variance", &shape, 1.0),
            },
            activation,
        });
        self.with(norm)
    }

    /// Adds what `branch` makes to what came in, whose shape it must keep. Names are preceded by `name` and a point.
    pub(super) fn residual(&mut self, name: &str, branch: impl FnOnce(&mut Builder<'_>)) -> &mut Self {
        let input = self.made;
        let branch = self.init.scope(name, |init| {
            let mut over = Builder::over(input, init);
            branch(&mut over);
            assert_eq!(over.made, input, "shapes of what is added");
            over.layers
        });
        self.with(Layer::Residual(Network(branch)))
    }

    /// `max(x, 0)`.
    pub(super) fn relu(&mut self) -> &mut Self {
        self.with(Layer::Relu)
    }

    /// The hyperbolic tangent.
    pub(super) fn tanh(&mut self) -> &mut Self {
        self.with(Layer::Tanh)
    }

    /// The logistic function.
    pub(super) fn sigmoid(&mut self) -> &mut Self {
        self.with(Layer::Sigmoid)
    }

    /// The greatest of every 2×2 pixels.
    pub(super) fn halve(&mut self) -> &mut Self {
        self.max_pool(HALVING)
    }

    /// The greatest number of each channel over its map.
    pub(super) fn global_maximum(&mut self) -> &mut Self {
        let side = self.made.height.max(self.made.width).max(1);
        self.max_pool(Window { size: side, stride: side, padding: Padding::Same }).flatten()
    }

    /// The greatest number under each place of a window.
    pub(super) fn max_pool(&mut self, window: Window) -> &mut Self {
        self.made = window.output(self.made, self.made.channels);
        self.with(Layer::MaxPool(window))
    }

    /// The mean of the numbers under each place of a window.
    pub(super) fn average_pool(&mut self, window: Window) -> &mut Self {
        self.made = window.output(self.made, self.made.channels);
        self.with(Layer::AveragePool(window))
    }

    /// The mean of each channel over its map.
    pub(super) fn global_average(&mut self) -> &mut Self {
        if self.made.pixels() > 0 {
            self.made = Extent { height: 1, width: 1, ..self.made };
        }
        self.with(Layer::GlobalAverage)
    }

    /// All numbers of a map in one row.
    pub(super) fn flatten(&mut self) -> &mut Self {
        self.made = Extent { height: 1, width: 1, channels: self.made.numbers() };
        self.with(Layer::Flatten)
    }

    /// A linear map of rows.
    pub(super) fn dense(&mut self, name: &str, outputs: usize) -> &mut Self {
        let linear = Linear::new(self.init, name, self.made.channels, outputs);
        self.made.channels = if self.made.numbers() == 0 { 0 } else { outputs };
        self.with(Layer::Dense(linear))
    }

    /// Drops a share of numbers in training.
    pub(super) fn dropout(&mut self, rate: f32) -> &mut Self {
        self.with(Layer::Dropout(rate))
    }

    /// `x · factor`.
    pub(super) fn scale(&mut self, factor: f32) -> &mut Self {
        self.with(Layer::Scale(factor))
    }

    /// How many channels the map has that was made last.
    pub(super) fn channels(&self) -> usize {
        self.made.channels
    }
}
