//! A picture as its pixels, whatever file it came in.
//!
//! What decides is a file's first bytes, never its name: JPEG, PNG, WebP, GIF (its first frame), BMP, TIFF, AVIF with
//! the feature `avif` and HEIC with the feature `heic`. The picture is turned as its EXIF orientation says and laid over
//! white where it is transparent; samples of more than 8 bits become 8. Embedded colour profiles are not applied, as
//! Pillow does not apply them.
//!
//! Files of other people are hostile until shown otherwise, so decoding is bounded: [`Limits`].

#[cfg(feature = "avif")]
mod avif;
mod bounded;
#[cfg(any(feature = "avif", feature = "heic"))]
mod container;
mod decode;
#[cfg(feature = "heic")]
mod heic;
mod jpeg;
#[cfg(feature = "avif")]
mod obu;
mod resize;
#[cfg(feature = "avif")]
mod yuv;

use std::fs::File;
use std::io::{self, Read};
use std::ops::Range;
use std::path::Path;
use std::time::Duration;

use image::ImageEncoder;

pub use resize::{Filter, Fit};

/// A picture: `height` rows of `width` pixels, each its red, green and blue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Pixels in a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Samples `[height, width, 3]`, sRGB, from the top left.
    pub pixels: Vec<u8>,
}

/// What one picture may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Pixels, as the file's header claims them.
    pub pixels: u64,
    /// Length of the file in bytes.
    pub bytes: u64,
    /// Time to decode it.
    pub time: Duration,
}

impl Default for Limits {
    /// Enough for a phone's photo of 200 megapixels.
    fn default() -> Limits {
        Limits { pixels: 256 << 20, bytes: 512 << 20, time: Duration::from_secs(20) }
    }
}

/// Why a file gave no picture.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file cannot be read.
    #[error("cannot be read")]
    Read(#[source] io::Error),
    /// Nothing to decode.
    #[error("not a picture: the file is empty")]
    Empty,
    /// No format that is known begins so.
    #[error("not a picture: begins with \"{0}\"")]
    Unknown(String),
    /// A picture, of a format that is not read.
    #[error("{0} pictures are not supported")]
    Unsupported(&'static str),
    /// The file is longer than the limit.
    #[error("the file has {actual} bytes, the limit is {limit}")]
    Bytes {
        /// The file's length.
        actual: u64,
        /// The most allowed.
        limit: u64,
    },
    /// The header claims more pixels than the limit.
    #[error("the picture is {width}x{height}, the limit is {limit} pixels")]
    Pixels {
        /// Pixels in a row.
        width: u64,
        /// Rows.
        height: u64,
        /// The most allowed.
        limit: u64,
    },
    /// The decoder gave up.
    #[error("a broken {format} picture: {reason}")]
    Broken {
        /// The format that the first bytes name.
        format: &'static str,
        /// What the decoder said.
        reason: String,
    },
    /// The system gives no thread to decode on.
    #[error("no thread could be started")]
    Thread(#[source] io::Error),
    /// Decoding took too long.
    #[error("decoding took longer than {0:?}")]
    Time(Duration),
}

impl Picture {
    /// A picture of grey levels `[height, width]`.
    pub fn grey(width: usize, height: usize, levels: &[u8]) -> Self {
        Self { width, height, pixels: levels.iter().flat_map(|&level| [level; 3]).collect() }
    }

    /// Decodes the bytes of a picture file.
    ///
    /// Work that runs out of time is abandoned on its own thread, which ends by itself.
    ///
    /// # Errors
    ///
    /// If the bytes are no picture of a known format, are broken or truncated, or exceed a limit.
    pub fn decode(bytes: &[u8], limits: &Limits) -> Result<Picture, Error> {
        decode::check_length(bytes.len() as u64, limits)?;
        decode::decode(bytes.to_vec(), limits)
    }

    /// A part of the picture, pixel by pixel.
    ///
    /// # Panics
    ///
    /// If the part does not lie inside the picture.
    pub fn crop(&self, columns: Range<usize>, rows: Range<usize>) -> Picture {
        assert!(columns.end <= self.width && rows.end <= self.height, "the part lies inside the picture");
        let (pixels, _) = self.pixels.as_chunks::<3>();
        let part = rows.clone().flat_map(|row| &pixels[row * self.width..][..self.width][columns.clone()]);
        Picture { width: columns.len(), height: rows.len(), pixels: part.copied().flatten().collect() }
    }

    /// The picture in a mirror: left and right change places.
    pub fn flip(&self) -> Picture {
        let mut picture = self.clone();
        let (pixels, _) = picture.pixels.as_chunks_mut::<3>();
        pixels.chunks_exact_mut(self.width.max(1)).for_each(<[[u8; 3]]>::reverse);
        picture
    }

    /// The picture as a JPEG file, as small as looks well.
    ///
    /// # Errors
    ///
    /// If a side is longer than a JPEG's may be.
    pub fn to_jpeg(&self) -> Result<Vec<u8>, Error> {
        const QUALITY: u8 = 80;
        let mut bytes = Vec::new();
        let encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, QUALITY);
        let colour = image::ExtendedColorType::Rgb8;
        let written = encoder.write_image(&self.pixels, self.width as u32, self.height as u32, colour);
        written.map_err(|error| Error::Broken { format: "JPEG", reason: error.to_string() })?;
        Ok(bytes)
    }

    /// Reads and decodes a picture file; one that is too long is refused before it is read.
    ///
    /// # Errors
    ///
    /// As [`Picture::decode`], and if the file cannot be read. Errors do not name the file: the caller knows it.
    pub fn open(path: &Path, limits: &Limits) -> Result<Picture, Error> {
        decode::decode(read(path, limits)?, limits)
    }
}

/// Reads a picture file without decoding it; one that is too long is refused before it is read.
///
/// # Errors
///
/// If the file cannot be read or is longer than the limit.
pub fn read(path: &Path, limits: &Limits) -> Result<Vec<u8>, Error> {
    let file = File::open(path).map_err(Error::Read)?;
    decode::check_length(file.metadata().map_err(Error::Read)?.len(), limits)?;
    let mut bytes = Vec::new();
    // Devices and pipes have no length that could be trusted.
    file.take(limits.bytes.saturating_add(1)).read_to_end(&mut bytes).map_err(Error::Read)?;
    Ok(bytes)
}
