//! An array with its shape, cheap to clone.

use std::sync::Arc;

use crate::Buffer;

/// Numbers in row-major order and the sizes of their axes. Clones share the numbers.
#[derive(Clone, Debug)]
pub struct Tensor {
    shape: Vec<usize>,
    data: Arc<Buffer>,
}

impl Tensor {
    /// `data` seen as `shape`.
    ///
    /// # Panics
    /// If the shape asks for another count of numbers.
    #[must_use]
    pub fn new(shape: &[usize], data: impl Into<Buffer>) -> Self {
        let data = data.into();
        assert_eq!(shape.iter().product::<usize>(), data.len(), "numbers of a tensor of shape {shape:?}");
        Self { shape: shape.to_vec(), data: Arc::new(data) }
    }

    /// Sizes of the axes.
    #[must_use]
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// The size of the last axis.
    #[must_use]
    pub fn width(&self) -> usize {
        self.shape.last().copied().unwrap_or(1)
    }

    /// How many rows of [`width`](Self::width) there are.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.shape[..self.shape.len().saturating_sub(1)].iter().product()
    }

    /// The numbers.
    #[must_use]
    pub fn data(&self) -> &[f32] {
        &self.data
    }

    /// The numbers to change; copied first where a clone shares them.
    pub fn data_mut(&mut self) -> &mut [f32] {
        if Arc::get_mut(&mut self.data).is_none() {
            self.data = Arc::new(Buffer::copy_of(&self.data));
        }
        Arc::get_mut(&mut self.data).map_or(&mut [], |data| &mut data[..])
    }

    /// The same numbers under another shape.
    ///
    /// # Panics
    /// If the shape asks for another count of numbers.
    #[must_use]
    pub fn reshaped(&self, shape: &[usize]) -> Self {
        assert_eq!(shape.iter().product::<usize>(), self.data.len(), "numbers of a tensor of shape {shape:?}");
        Self { shape: shape.to_vec(), data: Arc::clone(&self.data) }
    }

    /// The rows named, in that order; axis 0 is what counts rows here.
    #[must_use]
    pub fn select(&self, indices: &[usize]) -> Self {
        let stride = self.shape[1..].iter().product::<usize>();
        let mut data = Buffer::scratch(indices.len() * stride);
        for (target, &index) in data.chunks_exact_mut(stride).zip(indices) {
            target.copy_from_slice(&self.data[index * stride..(index + 1) * stride]);
        }
        let mut shape = self.shape.clone();
        shape[0] = indices.len();
        Self { shape, data: Arc::new(data) }
    }
}
