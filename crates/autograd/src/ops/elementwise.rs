//! Number by number.

use nid_kernels::elementwise::{add, relu_backward, relu_in_place, sigmoid_in_place, tanh_in_place};
use nid_kernels::normalise::log_softmax_rows;
use rand_chacha::rand_core::Rng;

use crate::trace::Operation;
use crate::{Buffer, Graph, Tensor, Var};

impl Graph<'_> {
    /// A function of one value; `back` is told the gradient of its result and that result, and makes the gradient
    /// that of `x`.
    fn unary(
        &self,
        operation: Operation,
        x: &Var,
        apply: impl FnOnce(&mut [f32]),
        back: impl FnOnce(&mut [f32], &[f32]) + 'static,
    ) -> Var {
        let mut data = Buffer::copy_of(x.value().data());
        apply(&mut data);
        let output = self.node(Tensor::new(x.value().shape(), data), &[x]);
        self.trace(operation, [x.source()], [&output]);
        let (x, out) = (x.clone(), output.clone());
        self.record(&output, move |gradients| {
            let Some(mut gradient) = gradients.take(&out) else { return };
            back(&mut gradient, out.value().data());
            gradients.give(&x, gradient);
        });
        output
    }

    /// `max(x, 0)`.
    #[must_use]
    pub fn relu(&self, x: &Var) -> Var {
        self.unary(Operation::Relu, x, relu_in_place, relu_backward)
    }

    /// The hyperbolic tangent.
    #[must_use]
    pub fn tanh(&self, x: &Var) -> Var {
        self.unary(Operation::Tanh, x, tanh_in_place, slope(|y| 1.0 - y * y))
    }

    /// The logistic function.
    #[must_use]
    pub fn sigmoid(&self, x: &Var) -> Var {
        self.unary(Operation::Sigmoid, x, sigmoid_in_place, slope(|y| y * (1.0 - y)))
    }

    /// `x · factor`.
    #[must_use]
    pub fn scale(&self, x: &Var, factor: f32) -> Var {
        let times = |data: &mut [f32]| data.iter_mut().for_each(|x| *x *= factor);
        self.unary(Operation::Scale(factor), x, times, slope(move |_| factor))
    }

    /// The logarithm of the softmax over the last axis.
    #[must_use]
    pub fn log_softmax(&self, x: &Var) -> Var {
        let width = x.value().width();
        let back = move |gradient: &mut [f32], output: &[f32]| {
            for (gradient, row) in gradient.chunks_exact_mut(width).zip(output.chunks_exact(width)) {
                let sum: f32 = gradient.iter().sum();
                gradient.iter_mut().zip(row).for_each(|(g, y)| *g -= y.exp() * sum);
            }
        };
        self.unary(Operation::LogSoftmax, x, |data| log_softmax_rows(data, width), back)
    }

    /// The sum of two values of one shape.
    ///
    /// # Panics
    /// If the counts of numbers differ.
    #[must_use]
    pub fn add(&self, left: &Var, right: &Var) -> Var {
        let mut data = Buffer::copy_of(left.value().data());
        add(&mut data, right.value().data());
        let output = self.node(Tensor::new(left.value().shape(), data), &[left, right]);
        self.trace(Operation::Add, [left, right].map(Var::source), [&output]);
        let (left, right, out) = (left.clone(), right.clone(), output.clone());
        self.record(&output, move |gradients| {
            let Some(gradient) = gradients.take(&out) else { return };
            gradients.share(&left, &gradient);
            gradients.give(&right, gradient);
        });
        output
    }

    /// The product, number by number, of two values of one shape.
    ///
    /// # Panics
    /// If the counts of numbers differ.
    #[must_use]
    pub fn multiply(&self, left: &Var, right: &Var) -> Var {
        let times = |target: &mut [f32], other: &[f32]| {
            assert_eq!(target.len(), other.len(), "lengths of a product");
            target.iter_mut().zip(other).for_each(|(x, y)| *x *= y);
        };
        let mut data = Buffer::copy_of(left.value().data());
        times(&mut data, right.value().data());
        let output = self.node(Tensor::new(left.value().shape(), data), &[left, right]);
        self.trace(Operation::Multiply, [left, right].map(Var::source), [&output]);
        let (left, right, out) = (left.clone(), right.clone(), output.clone());
        self.record(&output, move |gradients| {
            let Some(mut gradient) = gradients.take(&out) else { return };
            if right.is_live() {
                let mut for_right = Buffer::copy_of(&gradient);
                times(&mut for_right, left.value().data());
                gradients.give(&right, for_right);
            }
            times(&mut gradient, right.value().data());
            gradients.give(&left, gradient);
        });
        output
    }

    /// Dropout (Srivastava et al., 2014): each number is zero with probability `rate`, and the others grow so that
    /// the mean stays. The identity where nothing is trained.
    #[must_use]
    pub fn dropout(&self, x: &Var, rate: f32) -> Var {
        let Some(random) = self.random().filter(|_| rate > 0.0) else { return x.clone() };
        let kept = 1.0 / (1.0 - rate);
        let threshold = (rate * f32::from(u16::MAX)) as u16;
        let mut bytes = vec![0; 2 * x.value().data().len()];
        random.borrow_mut().fill_bytes(&mut bytes);
        let draw = |pair: &[u8; 2]| if u16::from_le_bytes(*pair) < threshold { 0.0 } else { kept };
        let mask: Vec<f32> = bytes.as_chunks::<2>().0.iter().map(draw).collect();
        self.multiply(x, &Var::constant(Tensor::new(x.value().shape(), mask)))
    }
}

/// The way back through a function whose derivative at a number its result `y` tells.
fn slope(at: impl Fn(f32) -> f32) -> impl FnOnce(&mut [f32], &[f32]) {
    move |gradient, output| gradient.iter_mut().zip(output).for_each(|(g, &y)| *g *= at(y))
}
