//! How a picture becomes the numbers that an encoder was trained to read.
//!
//! It belongs to the bundle: a network that learnt from squeezed pictures sees cropped ones worse.

use std::path::Path;

use nid_data::picture::{Filter, Fit, Limits, Picture};
use serde::{Deserialize, Serialize};

use crate::Error;

/// Colours of a pixel: red, green, blue.
const COLOURS: usize = 3;

/// Size, filter, fit, and the scale of the numbers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Preprocessing {
    /// Pixels in a row.
    pub width: usize,
    /// Rows of pixels.
    pub height: usize,
    /// How pixels are averaged.
    pub filter: Filter,
    /// What becomes of another aspect ratio.
    pub fit: Fit,
    /// Taken from each colour, whose range is 0 to 255.
    pub mean: [f32; COLOURS],
    /// What each colour is then divided by.
    pub scale: [f32; COLOURS],
}

impl Default for Preprocessing {
    /// The whole picture squeezed to 224×224, antialiased bilinear; colours from about -1 to 1, as
    /// EfficientNet-Lite reads them.
    fn default() -> Self {
        Self {
            width: 224,
            height: 224,
            filter: Filter::Bilinear,
            fit: Fit::Squeeze,
            mean: [127.0; COLOURS],
            scale: [128.0; COLOURS],
        }
    }
}

impl Preprocessing {
    /// What cannot be computed with: no pixels, or colours divided by zero.
    pub(crate) fn problem(&self) -> Option<String> {
        let Self { width, height, mean, scale, .. } = self;
        if *width == 0 || *height == 0 || *width > LARGEST || *height > LARGEST {
            return Some(format!("pictures of {width} by {height} pixels, expected 1 to {LARGEST} each way"));
        }
        let is_bad =
            mean.iter().any(|mean| !mean.is_finite()) || scale.iter().any(|scale| !scale.is_finite() || *scale == 0.0);
        is_bad.then(|| format!("mean {mean:?} and scale {scale:?}, expected finite numbers and no scale of 0"))
    }
}

/// The longest side that an encoder is given: what a manifest claims must not fill the memory.
const LARGEST: usize = 4096;

/// Reads a picture that is to be learnt from.
///
/// # Errors
/// A file that is no picture, costs more than its limits, or has one pixel, which shows nothing.
pub fn open_picture(path: &Path, limits: &Limits) -> Result<Picture, Error> {
    let picture = Picture::open(path, limits).map_err(|source| Error::Picture { path: path.to_owned(), source })?;
    if (picture.width, picture.height) == (1, 1) {
        let (found, expected) = ("a picture of one pixel".to_owned(), "one that shows something".to_owned());
        return Err(Error::Content { path: path.to_owned(), found, expected });
    }
    Ok(picture)
}

/// The numbers of a picture, `[height, width, 3]`, each `(colour - mean) / scale`.
pub fn preprocess(picture: &Picture, preprocessing: &Preprocessing) -> Vec<f32> {
    let Preprocessing { width, height, filter, fit, mean, scale } = *preprocessing;
    let fitted = picture.fit(width, height, fit, filter);
    let (pixels, _) = fitted.pixels.as_chunks::<COLOURS>();
    let number = |pixel: &[u8; COLOURS], colour: usize| (f32::from(pixel[colour]) - mean[colour]) / scale[colour];
    pixels.iter().flat_map(|pixel| [number(pixel, 0), number(pixel, 1), number(pixel, 2)]).collect()
}
