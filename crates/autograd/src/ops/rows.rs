//! Moving rows and columns about.

use nid_kernels::elementwise::add;

use crate::trace::{Indices, Operation};
use crate::{Buffer, Graph, Tensor, Var};

impl Graph<'_> {
    /// Values side by side: `[rows, a]`, `[rows, b]`, … → `[rows, a + b + …]`.
    ///
    /// # Panics
    /// If the counts of rows differ.
    #[must_use]
    pub fn concatenate(&self, parts: &[&Var]) -> Var {
        let rows = parts[0].value().rows();
        let width: usize = parts.iter().map(|part| part.value().width()).sum();
        let mut data = Buffer::scratch(rows * width);
        let mut start = 0;
        for part in parts {
            assert_eq!(part.value().rows(), rows, "rows of values side by side");
            let columns = part.value().width();
            for (target, source) in data.chunks_exact_mut(width).zip(part.value().data().chunks_exact(columns)) {
                target[start..start + columns].copy_from_slice(source);
            }
            start += columns;
        }
        let output = self.node(Tensor::new(&[rows, width], data), parts);
        self.trace(Operation::Concatenate, parts.iter().map(|part| part.source()), [&output]);

        let (parts, out): (Vec<Var>, Var) = (parts.iter().copied().cloned().collect(), output.clone());
        self.record(&output, move |gradients| {
            let Some(gradient) = gradients.take(&out) else { return };
            let mut start = 0;
            for part in &parts {
                let columns = part.value().width();
                let mut piece = Buffer::scratch(rows * columns);
                for (target, source) in piece.chunks_exact_mut(columns).zip(gradient.chunks_exact(width)) {
                    target.copy_from_slice(&source[start..start + columns]);
                }
                gradients.give(part, piece);
                start += columns;
            }
        });
        output
    }

    /// Values below one another, of one width.
    ///
    /// # Panics
    /// If the widths differ.
    #[must_use]
    pub fn stack(&self, parts: &[Var]) -> Var {
        let width = parts[0].value().width();
        let mut data = Buffer::scratch(parts.iter().map(|part| part.value().data().len()).sum());
        let mut start = 0;
        for part in parts {
            assert_eq!(part.value().width(), width, "width of values below one another");
            let numbers = part.value().data();
            data[start..start + numbers.len()].copy_from_slice(numbers);
            start += numbers.len();
        }
        let inputs: Vec<&Var> = parts.iter().collect();
        let output = self.node(Tensor::new(&[data.len() / width, width], data), &inputs);

        let (parts, out) = (parts.to_vec(), output.clone());
        self.record(&output, move |gradients| {
            let Some(gradient) = gradients.take(&out) else { return };
            let mut start = 0;
            for part in &parts {
                let length = part.value().data().len();
                gradients.give(part, Buffer::copy_of(&gradient[start..start + length]));
                start += length;
            }
        });
        output
    }

    /// The first `count` rows.
    #[must_use]
    pub fn first_rows(&self, x: &Var, count: usize) -> Var {
        if count == x.value().rows() {
            return x.clone();
        }
        let width = x.value().width();
        let data = Buffer::copy_of(&x.value().data()[..count * width]);
        let output = self.node(Tensor::new(&[count, width], data), &[x]);
        let (x, out) = (x.clone(), output.clone());
        self.record(&output, move |gradients| {
            let Some(gradient) = gradients.take(&out) else { return };
            gradients.accumulate(&x, |sum| add(&mut sum[..gradient.len()], &gradient));
        });
        output
    }

    /// The rows of `x` named by `indices`, in that order: a table looked up, or pictures given to their captions.
    #[must_use]
    pub fn gather<'a>(&self, x: &Var, indices: impl Into<Indices<'a>>) -> Var {
        let indices = indices.into();
        let width = x.value().width();
        let output = self.node(x.value().select(indices.numbers()), &[x]);
        self.trace(Operation::Gather, [x.source(), indices.source()], [&output]);
        let (x, out, indices) = (x.clone(), output.clone(), indices.numbers().to_vec());
        self.record(&output, move |gradients| {
            let Some(gradient) = gradients.take(&out) else { return };
            gradients.accumulate(&x, |sums| {
                for (row, &index) in gradient.chunks_exact(width).zip(&indices) {
                    add(&mut sums[index * width..(index + 1) * width], row);
                }
            });
        });
        output
    }

    /// Zeros, `[rows, width]`: as many rows as the first axis of `x` counts.
    #[must_use]
    pub fn zeros(&self, x: &Var, width: usize) -> Var {
        let rows = x.value().shape()[0];
        let output = self.node(Tensor::new(&[rows, width], Buffer::zeros(rows * width)), &[]);
        self.trace(Operation::Zeros, [x.source()], [&output]);
        output
    }

    /// The same numbers under another shape.
    ///
    /// # Panics
    /// If the shape asks for another count of numbers; in a trace, if its first axis is another.
    #[must_use]
    pub fn reshape(&self, x: &Var, shape: &[usize]) -> Var {
        let output = self.node(x.value().reshaped(shape), &[x]);
        let keeps_rows = x.value().shape().first() == shape.first();
        assert!(keeps_rows || !self.is_tracing(), "{:?} as {shape:?} has another count of rows", x.value().shape());
        self.trace(Operation::Reshape, [x.source()], [&output]);
        let (x, out) = (x.clone(), output.clone());
        self.record(&output, move |gradients| {
            if let Some(gradient) = gradients.take(&out) {
                gradients.give(&x, gradient);
            }
        });
        output
    }

    /// The mean over the middle axis: `[pictures, regions, width]` → `[pictures, width]`.
    ///
    /// # Panics
    /// If there are not three axes.
    #[must_use]
    pub fn mean_regions(&self, x: &Var) -> Var {
        let &[pictures, regions, width] = x.value().shape() else {
            panic!("three axes, found {:?}", x.value().shape())
        };
        let share = 1.0 / regions as f32;
        let mut data = Buffer::zeros(pictures * width);
        for (mean, picture) in data.chunks_exact_mut(width).zip(x.value().data().chunks_exact(regions * width)) {
            picture.chunks_exact(width).for_each(|region| add(mean, region));
            mean.iter_mut().for_each(|sum| *sum *= share);
        }
        let output = self.node(Tensor::new(&[pictures, width], data), &[x]);
        self.trace(Operation::MeanRegions, [x.source()], [&output]);
        let (x, out) = (x.clone(), output.clone());
        self.record(&output, move |gradients| {
            let Some(mut gradient) = gradients.take(&out) else { return };
            gradient.iter_mut().for_each(|g| *g *= share);
            gradients.accumulate(&x, |sums| {
                for (picture, mean) in sums.chunks_exact_mut(regions * width).zip(gradient.chunks_exact(width)) {
                    picture.chunks_exact_mut(width).for_each(|region| add(region, mean));
                }
            });
        });
        output
    }
}
