//! The one executor of all encoders: a map goes through the steps, from buffer to buffer.

use nid_kernels::Threads;
use nid_kernels::aligned::Aligned;
use nid_kernels::bottleneck::Scratch;
use nid_kernels::convolution::Gathered;
use nid_kernels::elementwise::add;
use nid_kernels::pool::max_pool;
use nid_kernels::window::Extent;

use super::load::Step;

/// What one picture needs on its way; kept between pictures, for fresh memory is slow to touch.
#[derive(Default)]
pub(super) struct Workspace {
    current: Aligned,
    next: Aligned,
    remembered: Vec<f32>,
    gathered: Gathered,
    scratch: Scratch,
}

impl Workspace {
    /// Takes one picture through all steps and writes the last map to `features`.
    pub(super) fn run(
        &mut self,
        steps: &[(Step, usize)],
        extents: &[Extent],
        picture: &[f32],
        features: &mut [f32],
        threads: Threads,
    ) {
        let most = extents.iter().map(|extent| extent.numbers()).max().unwrap_or(0);
        for buffer in [&mut self.current, &mut self.next] {
            buffer.at_least(most);
        }
        self.current[..picture.len()].copy_from_slice(picture);
        let mut layer = 0;
        for (step, layers) in steps {
            self.step(step, extents[layer], extents[layer + layers], threads);
            layer += layers;
        }
        features.copy_from_slice(&self.current[..features.len()]);
    }

    /// Replaces the current map, of extent `from`, by the next, of extent `to`.
    fn step(&mut self, step: &Step, from: Extent, to: Extent, threads: Threads) {
        let input = &mut self.current[..from.numbers()];
        let output = &mut self.next[..to.numbers()];
        match step {
            Step::Convolution(layer) => layer.run(output, input, from, &mut self.gathered, threads),
            Step::Depthwise(layer) => layer.run(output, input, from, threads),
            Step::Bottleneck(layers) => layers.run(output, input, from, &mut self.scratch, threads),
            Step::MaxPool(window) => max_pool(output, input, from, *window, threads),
            Step::Dense(layer) => layer.run(output, input, threads),
            Step::Remember => {
                self.remembered.clear();
                self.remembered.extend_from_slice(input);
                return;
            }
            Step::AddRemembered => return add(input, &self.remembered),
        }
        std::mem::swap(&mut self.current, &mut self.next);
    }
}
