//! The matrix product, on which everything else stands.

use crate::Threads;

/// A read-only view of a matrix with any strides.
#[derive(Clone, Copy, Debug)]
pub struct Matrix<'a> {
    data: &'a [f32],
    rows: usize,
    columns: usize,
    row_stride: usize,
    column_stride: usize,
}

impl<'a> Matrix<'a> {
    /// A row-major matrix.
    ///
    /// # Panics
    /// If `data` does not hold `rows × columns` numbers.
    #[must_use]
    pub fn new(data: &'a [f32], rows: usize, columns: usize) -> Self {
        assert_eq!(data.len(), rows * columns, "a {rows} by {columns} matrix of {} numbers", data.len());
        Self { data, rows, columns, row_stride: columns, column_stride: 1 }
    }

    /// How many rows and columns it has.
    pub(crate) fn sides(&self) -> [usize; 2] {
        [self.rows, self.columns]
    }

    /// A number.
    pub(crate) fn at(&self, row: usize, column: usize) -> f32 {
        self.data[row * self.row_stride + column * self.column_stride]
    }

    /// The same numbers, rows and columns exchanged; nothing is copied.
    #[must_use]
    pub fn transposed(self) -> Self {
        Self {
            rows: self.columns,
            columns: self.rows,
            row_stride: self.column_stride,
            column_stride: self.row_stride,
            ..self
        }
    }
}

impl From<Threads> for gemm::Parallelism {
    fn from(threads: Threads) -> Self {
        match threads {
            Threads::One => Self::None,
            Threads::All => Self::Rayon(rayon::current_num_threads()),
        }
    }
}

/// `output = left · right`, or `output += left · right` if `accumulate`; `output` is row-major and contiguous.
///
/// # Panics
/// If the shapes do not fit together.
pub fn product(output: &mut [f32], left: Matrix<'_>, right: Matrix<'_>, accumulate: bool, threads: Threads) {
    assert_eq!(left.columns, right.rows, "inner sizes of a product");
    assert_eq!(output.len(), left.rows * right.columns, "size of a product's output");
    if left.columns == 0 && !accumulate {
        output.fill(0.0);
    }
    if output.is_empty() || left.columns == 0 {
        return;
    }
    #[expect(unsafe_code, reason = "the gemm crate takes raw pointers and strides")]
    // SAFETY: `Matrix::new` checked each operand's length against rows and columns, and `transposed` only
    // exchanges the strides, so every (row, column) addressed lies inside its slice; the output's length was
    // asserted above; `output` is borrowed mutably and so overlaps neither operand.
    unsafe {
        gemm::gemm(
            left.rows,
            right.columns,
            left.columns,
            output.as_mut_ptr(),
            1,
            right.columns as isize,
            accumulate,
            left.data.as_ptr(),
            left.column_stride as isize,
            left.row_stride as isize,
            right.data.as_ptr(),
            right.column_stride as isize,
            right.row_stride as isize,
            1.0,
            1.0,
            false,
            false,
            false,
            threads.into(),
        );
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn numbers(count: usize, seed: u64) -> Vec<f32> {
        (0..count as u64).map(|i| ((i * 2_654_435_761 + seed * 97) % 1009) as f32 / 504.5 - 1.0).collect()
    }

    proptest! {
        #[test]
        fn agrees_with_the_definition(
            m in 1usize..20, n in 1usize..20, k in 1usize..40,
            flip_left: bool, flip_right: bool, accumulate: bool, all: bool,
        ) {
            let (a, b) = (numbers(m * k, 1), numbers(k * n, 2));
            let left = if flip_left { Matrix::new(&a, k, m).transposed() } else { Matrix::new(&a, m, k) };
            let right = if flip_right { Matrix::new(&b, n, k).transposed() } else { Matrix::new(&b, k, n) };
            let start = numbers(m * n, 3);
            let mut output = start.clone();
            product(&mut output, left, right, accumulate, if all { Threads::All } else { Threads::One });
            for row in 0..m {
                for column in 0..n {
                    let sum: f32 = (0..k)
                        .map(|i| {
                            let x = if flip_left { a[i * m + row] } else { a[row * k + i] };
                            let y = if flip_right { b[column * k + i] } else { b[i * n + column] };
                            x * y
                        })
                        .sum();
                    let expected = sum + if accumulate { start[row * n + column] } else { 0.0 };
                    prop_assert!((output[row * n + column] - expected).abs() < 1e-4);
                }
            }
        }
    }
}
