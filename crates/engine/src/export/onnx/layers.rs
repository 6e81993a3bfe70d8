//! Layers that encoders and other networks share. Maps are `[N, C, H, W]` here, as ONNX has them.

use nid_nn::encoder::{Activation, Window};

use super::builder::{Builder, float, int, ints, whole};
use super::proto::Attribute;

impl Builder {
    /// `x · weightᵀ + bias`: the weight is `[outputs, inputs]`.
    pub(super) fn linear(&mut self, x: &str, weight: &str, bias: Option<&str>) -> String {
        let weight = self.node("Transpose", &[weight], vec![ints("perm", &[1, 0])]);
        let product = self.node("MatMul", &[x, &weight], Vec::new());
        bias.map_or(product.clone(), |bias| self.node("Add", &[&product, bias], Vec::new()))
    }

    /// A convolution of maps of these sides; the weight is `[outputs, inputs of a group, size, size]`.
    pub(super) fn convolution(
        &mut self,
        [x, weight]: [&str; 2],
        bias: Option<&str>,
        window: Window,
        sides: [usize; 2],
        groups: usize,
    ) -> String {
        let inputs: Vec<&str> = [x, weight].into_iter().chain(bias).collect();
        let mut attributes = places(window, sides);
        attributes.push(int("group", whole(groups)));
        self.node("Conv", &inputs, attributes)
    }

    /// What a pooling operator makes of the numbers under each place of a window over maps of these sides.
    pub(super) fn pool(&mut self, operator: &str, x: &str, window: Window, sides: [usize; 2]) -> String {
        self.node(operator, &[x], places(window, sides))
    }

    /// Batch normalisation at rest; `arrays` are gain, shift, mean and variance.
    pub(super) fn batch_norm(&mut self, x: &str, arrays: [&str; 4], epsilon: f32) -> String {
        let [gain, shift, mean, variance] = arrays;
        self.node("BatchNormalization", &[x, gain, shift, mean, variance], vec![float("epsilon", epsilon)])
    }

    pub(super) fn activation(&mut self, x: String, activation: Activation) -> String {
        match activation {
            Activation::Identity => x,
            Activation::Relu => self.node("Relu", &[&x], Vec::new()),
            Activation::Relu6 => {
                let [least, most] = [0.0, 6.0].map(|bound| self.number(bound));
                self.node("Clip", &[&x, &least, &most], Vec::new())
            }
        }
    }

    /// `[N, H, W, C]` → `[N, C, H, W]`.
    pub(super) fn channels_first(&mut self, x: &str) -> String {
        self.node("Transpose", &[x], vec![ints("perm", &[0, 3, 1, 2])])
    }

    /// `[N, C, H, W]` → `[N, H, W, C]`.
    pub(super) fn channels_last(&mut self, x: &str) -> String {
        self.node("Transpose", &[x], vec![ints("perm", &[0, 2, 3, 1])])
    }

    /// The same numbers under a shape of so many axes behind the first, which stays.
    pub(super) fn reshape(&mut self, x: &str, shape: &[usize]) -> String {
        const AS_IT_IS: i64 = 0;
        let shape: Vec<i64> = [AS_IT_IS].into_iter().chain(shape.iter().map(|&size| whole(size))).collect();
        let shape = self.integers(&shape);
        self.node("Reshape", &[x, &shape], Vec::new())
    }
}

/// Where a window is put on maps of these sides.
fn places(window: Window, sides: [usize; 2]) -> Vec<Attribute> {
    let [[top, bottom], [left, right]] = sides.map(|side| window.along(side).padding().map(whole));
    vec![
        ints("kernel_shape", &[whole(window.size); 2]),
        ints("strides", &[whole(window.stride); 2]),
        ints("pads", &[top, left, bottom, right]),
    ]
}
