//! How an array's numbers lie in bytes: their type, the order of their bytes, and the order of their dimensions.
//!
//! Most files hold little-endian numbers in C order, which are read as they lie. NumPy also writes Fortran order and
//! big-endian numbers, and PyTorch views of a larger storage: those are brought into C order, little-endian, on the way out.

use std::borrow::Cow;
use std::ops::Range;

use crate::{Element, Error};

/// Bytes handed out at a time: what is read once should stay in the cache.
const BLOCK: usize = 1 << 16;

/// Which of a number's bytes comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ByteOrder {
    Little,
    Big,
}

/// The order of an array in its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Layout {
    pub(crate) element: Element,
    pub(crate) order: ByteOrder,
    /// Outermost dimension first.
    pub(crate) shape: Vec<usize>,
    /// Where the elements are, if not in C order from the first byte on.
    scattered: Option<Scattered>,
}

/// Elements that do not follow one another.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Scattered {
    /// The element whose indices are all zero.
    first: usize,
    /// Elements from one index of a dimension to the next.
    strides: Vec<isize>,
}

impl Layout {
    /// Little-endian, C order.
    pub(crate) fn new(element: Element, shape: Vec<usize>) -> Self {
        Self { element, order: ByteOrder::Little, shape, scattered: None }
    }

    /// The same with another order of bytes.
    pub(crate) fn ordered(self, order: ByteOrder) -> Self {
        Self { order, ..self }
    }

    /// The same with the first dimension's indices next to each other.
    pub(crate) fn fortran(self) -> Self {
        let strides = steps(self.shape.iter());
        self.strided(strides)
    }

    /// The same with these strides, in elements.
    pub(crate) fn strided(mut self, strides: Vec<usize>) -> Self {
        let is_c_order = self.element_count() <= 1 || strides == c_strides(&self.shape);
        // What is beyond the largest integer is beyond any file too, and found to be so by `extent`.
        let strides = strides.into_iter().map(|stride| isize::try_from(stride).unwrap_or(isize::MAX)).collect();
        self.scattered = (!is_c_order).then_some(Scattered { first: 0, strides });
        self
    }

    /// The same with the dimensions in another order: dimension `i` is what dimension `order[i]` was.
    pub(crate) fn permuted(&self, order: &[usize]) -> Self {
        let Scattered { first, strides } = self.scattered();
        let shape = order.iter().map(|&dimension| self.shape[dimension]).collect();
        let strides = order.iter().map(|&dimension| strides[dimension]).collect();
        Self { shape, scattered: Some(Scattered { first, strides }), ..self.clone() }
    }

    /// The same with one dimension read from its end.
    pub(crate) fn reversed(&self, dimension: usize) -> Self {
        let Scattered { mut first, mut strides } = self.scattered();
        let last = self.shape[dimension].saturating_sub(1) as isize;
        first = first.saturating_add_signed(last.saturating_mul(strides[dimension]));
        strides[dimension] = -strides[dimension];
        Self { scattered: Some(Scattered { first, strides }), ..self.clone() }
    }

    /// The same elements under another shape; none unless they are as many and lie in C order.
    pub(crate) fn reshaped(&self, shape: &[usize]) -> Option<Self> {
        let fits = self.scattered.is_none() && element_count(shape) == self.element_count();
        fits.then(|| Self { shape: shape.to_vec(), ..self.clone() })
    }

    /// Where the elements are, of whatever order.
    fn scattered(&self) -> Scattered {
        self.scattered.clone().unwrap_or_else(|| Scattered {
            first: 0,
            strides: c_strides(&self.shape)
                .into_iter()
                .map(|stride| isize::try_from(stride).unwrap_or(isize::MAX))
                .collect(),
        })
    }

    /// How many elements there are; the largest number where they are beyond counting.
    pub(crate) fn element_count(&self) -> u128 {
        element_count(&self.shape)
    }

    /// Refuses bytes that do not hold just this array.
    ///
    /// A dimension of zero does not excuse the others: they must be possible without it.
    pub(crate) fn check_length(&self, actual: usize) -> Result<(), Error> {
        let expected = self.element_count().saturating_mul(self.element.size() as u128);
        if expected != actual as u128 || !self.is_possible() {
            return Err(Error::Length { shape: self.shape.clone(), element: self.element, expected, actual });
        }
        Ok(())
    }

    /// Refuses bytes that do not reach to the array's end, or are fewer than its elements where strides let those share them.
    pub(crate) fn check_room(&self, actual: usize) -> Result<(), Error> {
        let count = self.extent().max(self.element_count());
        let expected = count.saturating_mul(self.element.size() as u128);
        if expected > actual as u128 || !self.is_possible() {
            return Err(Error::Length { shape: self.shape.clone(), element: self.element, expected, actual });
        }
        Ok(())
    }

    /// Whether memory could hold the array, dimensions of zero counted as one.
    pub(crate) fn is_possible(&self) -> bool {
        let shape: Vec<usize> = self.shape.iter().map(|&size| size.max(1)).collect();
        element_count(&shape) <= isize::MAX as u128 / 16
    }

    /// Elements from the first to just behind the last in memory; the largest number where they are beyond counting.
    pub(crate) fn extent(&self) -> u128 {
        let Some(Scattered { first, strides }) = &self.scattered else { return self.element_count() };
        if self.element_count() == 0 {
            return 0;
        }
        let onwards = self.shape.iter().zip(strides).filter(|(_, stride)| **stride > 0);
        let last = onwards.map(|(&size, &stride)| (size - 1) as u128 * stride as u128);
        last.fold(*first as u128, u128::saturating_add).saturating_add(1)
    }

    /// The bytes of one index of the first dimension, and how they lie; of a layout as files have it.
    pub(crate) fn row(&self, row: usize) -> (Range<usize>, Self) {
        let shape = self.shape.get(1..).unwrap_or_default().to_vec();
        let size = self.element.size();
        let (stride, scattered) = match &self.scattered {
            Some(Scattered { strides, .. }) => {
                (strides[0] as usize, Some(Scattered { first: 0, strides: strides[1..].to_vec() }))
            }
            None => (shape.iter().product(), None),
        };
        let inner = Self { element: self.element, order: self.order, shape, scattered };
        let start = row * stride * size;
        (start..start + inner.extent() as usize * size, inner)
    }

    /// Hands out all elements in C order, little-endian, some at a time; `bytes` begins with the first element.
    pub(crate) fn blocks(&self, bytes: &[u8], mut each: impl FnMut(&[u8])) {
        let size = self.element.size();
        let mut block = Vec::new();
        let mut give = |bytes: &[u8]| match self.order {
            ByteOrder::Little => each(bytes),
            ByteOrder::Big => {
                block.clear();
                block.extend(bytes.chunks_exact(size).flat_map(|number| number.iter().rev()));
                each(&block);
            }
        };
        match &self.scattered {
            None => bytes[..self.element_count() as usize * size].chunks(BLOCK).for_each(give),
            Some(scattered) => {
                let mut gathered = Vec::with_capacity(BLOCK);
                scattered.walk(&self.shape, |element| {
                    gathered.extend_from_slice(&bytes[element * size..][..size]);
                    if gathered.len() >= BLOCK {
                        give(&gathered);
                        gathered.clear();
                    }
                });
                give(&gathered);
            }
        }
    }

    /// All elements in C order, little-endian.
    pub(crate) fn bytes<'b>(&self, bytes: &'b [u8]) -> Cow<'b, [u8]> {
        let length = self.element_count() as usize * self.element.size();
        if self.scattered.is_none() && self.order == ByteOrder::Little {
            return Cow::Borrowed(&bytes[..length]);
        }
        let mut all = Vec::with_capacity(length);
        self.blocks(bytes, |block| all.extend_from_slice(block));
        Cow::Owned(all)
    }

    /// All elements in C order as `f32`, into room for just as many.
    pub(crate) fn decode(&self, bytes: &[u8], values: &mut [f32]) {
        let mut rest = values;
        self.blocks(bytes, |block| {
            let (now, later) = std::mem::take(&mut rest).split_at_mut(block.len() / self.element.size());
            self.element.decode(block, now);
            rest = later;
        });
    }
}

/// How many elements a shape has; the largest number where it is beyond counting.
pub(crate) fn element_count(shape: &[usize]) -> u128 {
    shape.iter().try_fold(1_u128, |count, &size| count.checked_mul(size as u128)).unwrap_or(u128::MAX)
}

/// The strides of C order.
fn c_strides(shape: &[usize]) -> Vec<usize> {
    let mut strides = steps(shape.iter().rev());
    strides.reverse();
    strides
}

/// The strides of dimensions from the innermost to the outermost.
fn steps<'a>(sizes: impl Iterator<Item = &'a usize>) -> Vec<usize> {
    let stride = |next: &mut usize, &size: &usize| Some(std::mem::replace(next, next.saturating_mul(size)));
    sizes.scan(1_usize, stride).collect()
}

impl Scattered {
    /// The places of all elements, in C order.
    fn walk(&self, shape: &[usize], mut each: impl FnMut(usize)) {
        if shape.contains(&0) {
            return;
        }
        // Sizes of one are no steps: a shape may have a thousand of them, and would be gone through for each element.
        let dimensions = shape.iter().copied().zip(self.strides.iter().copied());
        let steps: Vec<(usize, isize)> = dimensions.filter(|(size, _)| *size > 1).collect();
        let mut index = vec![0; steps.len()];
        let mut place = self.first as isize;
        'elements: loop {
            each(place as usize);
            for (index, &(size, stride)) in index.iter_mut().zip(&steps).rev() {
                if *index + 1 < size {
                    *index += 1;
                    place += stride;
                    continue 'elements;
                }
                place -= *index as isize * stride;
                *index = 0;
            }
            return;
        }
    }
}
