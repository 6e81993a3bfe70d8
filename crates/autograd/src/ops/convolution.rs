//! Convolutions and pooling over maps `[maps, height, width, channels]`.

use nid_kernels::convolution::Convolution;
use nid_kernels::window::{Extent, Window};
use nid_kernels::{Threads, elementwise, pool};

use crate::trace::Operation;
use crate::{Buffer, Graph, Tensor, Var};

impl Graph<'_> {
    /// A convolution over all channels: `x` `[maps, height, width, inputs]`, `weight` `[taps · inputs, outputs]`
    /// (taps row by row), `bias` `[outputs]`; the result is `[maps, height', width', outputs]` with the sides that
    /// `window` makes.
    ///
    /// # Panics
    /// If the shapes do not fit together.
    #[must_use]
    pub fn conv2d(&self, x: &Var, weight: &Var, bias: Option<&Var>, window: Window) -> Var {
        let (maps, extent) = maps(x);
        let convolution = Convolution { extent, window, channels: weight.value().width() };
        let made = convolution.output();
        let mut data = Buffer::scratch(maps * made.numbers());
        let mut gathered = Buffer::scratch(convolution.working_memory(maps));
        let bias_numbers = bias.map(|bias| bias.value().data());
        convolution.forward(&mut data, x.value().data(), weight.value().data(), bias_numbers, &mut gathered);
        let parents: Vec<&Var> = [x, weight].into_iter().chain(bias).collect();
        let output = self.node(Tensor::new(&[maps, made.height, made.width, made.channels], data), &parents);
        self.trace(Operation::Convolution(window), parents.iter().map(|parent| parent.source()), [&output]);

        let (x, weight, bias, out) = (x.clone(), weight.clone(), bias.cloned(), output.clone());
        self.record(&output, move |gradients| {
            let Some(gradient) = gradients.take(&out) else { return };
            let mut gathered = Buffer::scratch(convolution.working_memory(maps));
            if let Some(bias) = &bias {
                gradients.accumulate(bias, |sums| elementwise::sum_rows(sums, &gradient));
            }
            gradients.accumulate(&weight, |sums| {
                convolution.weight_gradient(sums, x.value().data(), &gradient, &mut gathered);
            });
            gradients.accumulate(&x, |sums| {
                convolution.input_gradient(sums, weight.value().data(), &gradient, &mut gathered);
            });
        });
        output
    }

    /// The largest number under each place of `window`, channel by channel.
    ///
    /// # Panics
    /// If there are not four axes.
    #[must_use]
    pub fn max_pool(&self, x: &Var, window: Window) -> Var {
        let (maps, extent) = maps(x);
        let made = window.output(extent, extent.channels);
        let mut data = Buffer::scratch(maps * made.numbers());
        pool::max_pool(&mut data, x.value().data(), extent, window, Threads::One);
        let output = self.node(Tensor::new(&[maps, made.height, made.width, made.channels], data), &[x]);
        self.trace(Operation::MaxPool(window), [x.source()], [&output]);

        let (x, out) = (x.clone(), output.clone());
        self.record(&output, move |gradients| {
            let Some(mut gradient) = gradients.take(&out) else { return };
            gradients.accumulate(&x, |sums| {
                let (x, y) = (x.value().data(), out.value().data());
                pool::max_pool_backward(sums, &mut gradient, x, y, extent, window);
            });
        });
        output
    }

    /// The mean of the pixels under each place of `window`, channel by channel; padding is none.
    ///
    /// # Panics
    /// If there are not four axes.
    #[must_use]
    pub fn average_pool(&self, x: &Var, window: Window) -> Var {
        let (maps, extent) = maps(x);
        let made = window.output(extent, extent.channels);
        let mut data = Buffer::scratch(maps * made.numbers());
        pool::average_pool(&mut data, x.value().data(), extent, window, Threads::One);
        let output = self.node(Tensor::new(&[maps, made.height, made.width, made.channels], data), &[x]);
        self.trace(Operation::AveragePool(window), [x.source()], [&output]);

        let (x, out) = (x.clone(), output.clone());
        self.record(&output, move |gradients| {
            let Some(mut gradient) = gradients.take(&out) else { return };
            gradients.accumulate(&x, |sums| pool::average_pool_backward(sums, &mut gradient, extent, window));
        });
        output
    }

    /// Each map seen in a mirror: its rows of pixels from right to left.
    ///
    /// # Panics
    /// If there are not four axes.
    #[must_use]
    pub fn mirror(&self, x: &Var) -> Var {
        let (_, extent) = maps(x);
        let output = self.node(Tensor::new(x.value().shape(), mirrored(x.value().data(), extent)), &[x]);
        self.trace(Operation::Mirror, [x.source()], [&output]);

        let (x, out) = (x.clone(), output.clone());
        self.record(&output, move |gradients| {
            if let Some(gradient) = gradients.take(&out) {
                gradients.give(&x, mirrored(&gradient, extent));
            }
        });
        output
    }

    /// The mean of each channel over its map: `[maps, height, width, channels]` → `[maps, channels]`.
    ///
    /// # Panics
    /// If there are not four axes.
    #[must_use]
    pub fn global_average(&self, x: &Var) -> Var {
        let (maps, extent) = maps(x);
        self.mean_regions(&self.reshape(x, &[maps, extent.pixels(), extent.channels]))
    }
}

/// Maps of this extent with the pixels of each row in the opposite order.
fn mirrored(maps: &[f32], extent: Extent) -> Buffer {
    let mut mirrored = Buffer::scratch(maps.len());
    for (target, row) in mirrored.chunks_exact_mut(extent.row()).zip(maps.chunks_exact(extent.row())) {
        let pixels = row.chunks_exact(extent.channels).rev();
        target.chunks_exact_mut(extent.channels).zip(pixels).for_each(|(target, pixel)| target.copy_from_slice(pixel));
    }
    mirrored
}

/// How many maps there are, and the extent of each.
fn maps(x: &Var) -> (usize, Extent) {
    let &[maps, height, width, channels] = x.value().shape() else {
        panic!("four axes, found {:?}", x.value().shape())
    };
    (maps, Extent { height, width, channels })
}
