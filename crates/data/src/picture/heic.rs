//! HEIC, what phones write.
//!
//! The container's own rotation and mirroring are applied; its EXIF orientation is not, for the specification (ISO/IEC
//! 23008-12) makes it a note that the container has already obeyed. The decoder blends subsampled colours
//! as Apple's does and libheif, which Pillow uses, does not: the difference shows at the edges of colours at full size,
//! and fades when the photo is reduced.

use heifer::Options;
use heifer_isobmff::HeifFile;
use image::{DynamicImage, RgbaImage};

use super::container;
use super::decode::{check_pixels, over_white};
use super::{Error, Limits, Picture};

/// Decodes a HEIC file.
pub(super) fn decode(bytes: &[u8], limits: &Limits) -> Result<Picture, Error> {
    let broken = |reason: String| Error::Broken { format: "HEIC", reason };
    container::check(bytes).map_err(broken)?;
    let file = HeifFile::parse(bytes).map_err(|error| broken(error.to_string()))?;
    if let Ok(Some((width, height))) = file.image_size(file.primary_id) {
        check_pixels(width, height, limits)?;
    }

    let options = Options { max_threads: 0, max_pixels: limits.pixels.max(1) };
    let image = heifer::decode_rgba8(bytes, &options).map_err(|error| broken(error.to_string()))?;
    let rgba = RgbaImage::from_raw(image.width, image.height, image.data)
        .ok_or_else(|| broken("samples are missing".to_owned()))?;
    Ok(over_white(DynamicImage::ImageRgba8(rgba)))
}
