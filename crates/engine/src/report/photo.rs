//! Photos for a page: small, and as files.

use std::path::PathBuf;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use image::codecs::png::PngEncoder;
use image::{ExtendedColorType, ImageEncoder};
use nid_data::picture::{Filter, Limits, Picture};

/// A picture that a report may show.
#[derive(Clone, Debug)]
pub enum Photo {
    /// Its pixels.
    Pixels(Picture),
    /// A file, which is read when it is shown.
    File(PathBuf),
}

impl Photo {
    /// The picture, with no side longer than this. It was read before; if the file is gone since, a report does without.
    pub(super) fn reduced(&self, side: usize, limits: &Limits) -> Option<Picture> {
        match self {
            Self::Pixels(picture) => Some(reduced(picture, side)),
            Self::File(path) => Some(reduced(&Picture::open(path, limits).ok()?, side)),
        }
    }
}

fn reduced(picture: &Picture, side: usize) -> Picture {
    let longest = picture.width.max(picture.height);
    if longest <= side {
        return picture.clone();
    }
    let scaled = |length: usize| ((length * side) as f64 / longest as f64).round().max(1.0) as usize;
    picture.resize(scaled(picture.width), scaled(picture.height), Filter::Bilinear)
}

/// The picture as large as has room without smoothing: each pixel becomes a square.
pub(super) fn enlarged(picture: &Picture, side: usize) -> Picture {
    let times = (side / picture.width.max(picture.height).max(1)).max(1);
    let (width, height) = (picture.width * times, picture.height * times);
    let pixel = |place: usize| {
        let (x, y) = (place % width / times, place / width / times);
        let start = (y * picture.width + x) * 3;
        [picture.pixels[start], picture.pixels[start + 1], picture.pixels[start + 2]]
    };
    Picture { width, height, pixels: (0..width * height).flat_map(pixel).collect() }
}

/// The picture as a PNG file, lossless.
pub(super) fn png(picture: &Picture) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let (width, height) = (picture.width as u32, picture.height as u32);
    let written = PngEncoder::new(&mut bytes).write_image(&picture.pixels, width, height, ExtendedColorType::Rgb8);
    written.map_err(std::io::Error::other)?;
    Ok(bytes)
}

/// A file within the page, as an address.
pub(super) fn embedded(kind: &str, bytes: &[u8]) -> String {
    format!("data:image/{kind};base64,{}", BASE64_STANDARD.encode(bytes))
}
