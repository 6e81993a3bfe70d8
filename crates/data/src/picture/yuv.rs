//! From luma and chroma planes to red, green and blue (ITU-T H.273).
//!
//! Chroma is often stored at half the width or height. It is brought back by linear interpolation, its samples taken to
//! lie in the middle of the pixels that they stand for.
//!
//! Letters: `y` luma, `u` and `v` blue and red difference, `kr` and `kb` the shares of red and blue in luma.

use image::{GrayImage, RgbImage};

/// One channel of a frame, where the decoder left it.
pub(super) struct Plane<'a> {
    pub(super) width: usize,
    pub(super) height: usize,
    /// Bytes from one row to the next.
    pub(super) stride: usize,
    /// Whether a sample is two bytes, in the machine's order, or one.
    pub(super) wide: bool,
    pub(super) bytes: &'a [u8],
}

/// A decoded frame; without chroma it is grey.
pub(super) struct Frame<'a> {
    /// Bits of each sample, at least eight.
    pub(super) bits: u32,
    pub(super) luma: Plane<'a>,
    pub(super) chroma: Option<[Plane<'a>; 2]>,
}

/// How the samples of a frame are meant.
#[derive(Clone, Copy)]
pub(super) struct Colour {
    /// `MatrixCoefficients` of H.273.
    pub(super) matrix: u16,
    /// Whether black to white takes all of the samples' range, or leaves room at both ends.
    pub(super) full_range: bool,
}

/// How chroma is added to luma.
enum Matrix {
    /// The planes are green, blue and red.
    Identity,
    /// Differences of green and orange.
    GreenOrange,
    /// Difference signals of these luma shares.
    Shares { kr: f32, kb: f32 },
}

impl Matrix {
    fn of(code: u16) -> Option<Matrix> {
        let shares = |kr, kb| Some(Matrix::Shares { kr, kb });
        match code {
            0 => Some(Matrix::Identity),
            1 => shares(0.2126, 0.0722),
            2 | 5 | 6 => shares(0.299, 0.114), // 2 is "unspecified", which still pictures mean so
            4 => shares(0.30, 0.11),
            7 => shares(0.212, 0.087),
            8 => Some(Matrix::GreenOrange),
            9 => shares(0.2627, 0.0593),
            _ => None,
        }
    }

    /// The pixel of luma (0 to 1) and chroma (−0.5 to 0.5, or 0 to 1 for the identity).
    fn rgb(&self, y: f32, u: f32, v: f32) -> [f32; 3] {
        match *self {
            Matrix::Identity => [v, y, u],
            Matrix::GreenOrange => [y - u + v, y + u, y - u - v],
            Matrix::Shares { kr, kb } => {
                let red = y + 2.0 * (1.0 - kr) * v;
                let blue = y + 2.0 * (1.0 - kb) * u;
                [red, (y - kr * red - kb * blue) / (1.0 - kr - kb), blue]
            }
        }
    }
}

/// Stretches samples: `(sample - zero) * scale`.
#[derive(Clone, Copy)]
struct Range {
    zero: f32,
    scale: f32,
}

impl Range {
    fn new(bits: u32, zero: u32, span: u32, full: bool) -> Range {
        let zero = (zero << (bits - 8)) as f32;
        let scale = if full { ((1 << bits) - 1) as f32 } else { (span << (bits - 8)) as f32 };
        Range { zero, scale: scale.recip() }
    }

    /// Black to white as 0 to 1.
    fn luma(bits: u32, full: bool) -> Range {
        Range::new(bits, if full { 0 } else { 16 }, 219, full)
    }

    /// Differences as −0.5 to 0.5.
    fn chroma(bits: u32, full: bool) -> Range {
        Range::new(bits, 128, 224, full)
    }

    fn apply(self, sample: f32) -> f32 {
        (sample - self.zero) * self.scale
    }
}

/// A level of 0 to 1 in eight bits; the cast holds what lies outside to the ends.
fn eight_bits(level: f32) -> u8 {
    (level * 255.0 + 0.5) as u8
}

impl Frame<'_> {
    /// The frame as a picture of eight bits.
    ///
    /// # Errors
    ///
    /// The code of the matrix, when it is not one of those known here.
    pub(super) fn to_rgb(&self, colour: Colour) -> Result<RgbImage, u16> {
        let Some([blue, red]) = &self.chroma else {
            let grey = self.to_grey(colour.full_range);
            let pixel = |x, y| [grey.get_pixel(x, y).0[0]; 3].into();
            return Ok(RgbImage::from_fn(grey.width(), grey.height(), pixel));
        };
        let matrix = Matrix::of(colour.matrix).ok_or(colour.matrix)?;
        let luma = Range::luma(self.bits, colour.full_range);
        let chroma = match matrix {
            Matrix::Identity => luma,
            _ => Range::chroma(self.bits, colour.full_range),
        };
        let Plane { width, height, .. } = self.luma;
        let mut image = RgbImage::new(width as u32, height as u32);
        let [mut ys, mut us, mut vs] = [(); 3].map(|()| vec![0.0; width]);
        for (row, pixels) in image.chunks_exact_mut((width * 3).max(1)).enumerate() {
            self.luma.row(row, &mut ys);
            blue.widened_row(row, &self.luma, &mut us);
            red.widened_row(row, &self.luma, &mut vs);
            let (pixels, _) = pixels.as_chunks_mut::<3>();
            for (pixel, ((&y, &u), &v)) in pixels.iter_mut().zip(ys.iter().zip(&us).zip(&vs)) {
                *pixel = matrix.rgb(luma.apply(y), chroma.apply(u), chroma.apply(v)).map(eight_bits);
            }
        }
        Ok(image)
    }

    /// The luma of the frame in eight bits.
    pub(super) fn to_grey(&self, full_range: bool) -> GrayImage {
        let range = Range::luma(self.bits, full_range);
        let Plane { width, height, .. } = self.luma;
        let mut image = GrayImage::new(width as u32, height as u32);
        let mut ys = vec![0.0; width];
        for (row, pixels) in image.chunks_exact_mut(width.max(1)).enumerate() {
            self.luma.row(row, &mut ys);
            for (pixel, &y) in pixels.iter_mut().zip(&ys) {
                *pixel = eight_bits(range.apply(y));
            }
        }
        image
    }
}

impl Plane<'_> {
    /// Writes row `y`, sample for sample.
    fn row(&self, y: usize, row: &mut [f32]) {
        let bytes = &self.bytes[y * self.stride..];
        if self.wide {
            let (pairs, _) = bytes.as_chunks::<2>();
            row.iter_mut().zip(pairs).for_each(|(value, &pair)| *value = f32::from(u16::from_ne_bytes(pair)));
        } else {
            row.iter_mut().zip(bytes).for_each(|(value, &sample)| *value = f32::from(sample));
        }
    }

    /// Writes the row of this plane that belongs to row `y` of `full`, at its width.
    fn widened_row(&self, y: usize, full: &Plane, row: &mut [f32]) {
        let (near, far) = neighbours(y, self.height < full.height, self.height);
        let [mut column, mut beyond] = [(); 2].map(|()| vec![0.0; self.width]);
        self.row(near, &mut column);
        self.row(far, &mut beyond);
        column.iter_mut().zip(&beyond).for_each(|(near, far)| *near = mixed(*near, *far));
        let halved = self.width < full.width;
        for (x, value) in row.iter_mut().enumerate() {
            let (near, far) = neighbours(x, halved, self.width);
            *value = mixed(column[near], column[far]);
        }
    }
}

/// A level between two samples, a quarter of the way from the near one.
fn mixed(near: f32, far: f32) -> f32 {
    0.75 * near + 0.25 * far
}

/// The sample at a position, and the one on its other side, which weighs a third as much.
fn neighbours(position: usize, halved: bool, count: usize) -> (usize, usize) {
    if !halved {
        return (position, position);
    }
    let near = position / 2;
    let far = if position.is_multiple_of(2) { near.saturating_sub(1) } else { (near + 1).min(count - 1) };
    (near, far)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plane(width: usize, samples: &[u8], wide: bool) -> Plane<'_> {
        let stride = if wide { 2 * width } else { width };
        Plane { width, height: samples.len() / stride, stride, wide, bytes: samples }
    }

    /// One pixel of three samples.
    fn pixel(bits: u32, samples: [u16; 3], matrix: u16, full_range: bool) -> [u8; 3] {
        let samples = samples.map(u16::to_ne_bytes);
        let [y, u, v] = samples.each_ref().map(|sample| plane(1, sample, true));
        let frame = Frame { bits, luma: y, chroma: Some([u, v]) };
        frame.to_rgb(Colour { matrix, full_range }).unwrap().get_pixel(0, 0).0
    }

    #[test]
    fn black_white_and_red_are_what_the_standard_says() {
        assert_eq!(pixel(8, [0, 128, 128], 6, true), [0, 0, 0]);
        assert_eq!(pixel(8, [255, 128, 128], 6, true), [255, 255, 255]);
        assert_eq!(pixel(8, [16, 128, 128], 1, false), [0, 0, 0]);
        assert_eq!(pixel(8, [235, 128, 128], 1, false), [255, 255, 255]);
        assert_eq!(pixel(8, [63, 102, 240], 1, false), [255, 1, 0]); // the code nearest to red
        assert_eq!(pixel(10, [250, 409, 960], 1, false), [255, 0, 0]);
        assert_eq!(pixel(12, [4095, 2048, 2048], 9, true), [255, 255, 255]);
        assert_eq!(pixel(8, [10, 20, 30], 0, true), [30, 10, 20]);
        assert_eq!(pixel(8, [100, 108, 138], 8, true), [130, 80, 110]);
    }

    #[test]
    fn an_unknown_matrix_is_named_unless_there_is_nothing_to_multiply() {
        let colour = Colour { matrix: 14, full_range: true };
        let [y, u, v] = [(); 3].map(|()| plane(1, &[7], false));
        let grey = Frame { bits: 8, luma: plane(1, &[7], false), chroma: None };
        assert_eq!(grey.to_rgb(colour).unwrap().get_pixel(0, 0).0, [7; 3]);
        let coloured = Frame { bits: 8, luma: y, chroma: Some([u, v]) };
        assert_eq!(coloured.to_rgb(colour).unwrap_err(), 14);
    }

    #[test]
    fn halved_chroma_is_interpolated_between_its_samples() {
        let mut row = [0.0; 4];
        plane(2, &[0, 100], false).widened_row(0, &plane(4, &[0; 4], false), &mut row);
        assert_eq!(row, [0.0, 25.0, 75.0, 100.0]);
        plane(4, &[0, 0, 0, 0, 100, 100, 100, 100], false).widened_row(1, &plane(4, &[0; 16], false), &mut row);
        assert_eq!(row, [25.0; 4]);
    }
}
