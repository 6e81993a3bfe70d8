//! From bytes to pixels, within limits.

use std::io::Cursor;

use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Rgb, RgbImage, Rgba};

use super::{Error, Limits, Picture, bounded, jpeg};

/// More scans than any encoder writes.
const MAX_SCANS: u64 = 500;
/// How often all scans together may visit the most pixels allowed.
const MAX_VISITS: u64 = 16;
/// Bytes of the widest pixel decoded: red, green, blue and alpha of 16 bits.
const WIDEST_PIXEL: u64 = 8;
/// Room for what comes besides pixels: colour profiles, tables, strips.
const SLACK: u64 = 64 << 20;

/// What the first bytes say.
#[derive(Clone, Copy)]
enum Format {
    Image(ImageFormat, &'static str),
    Heic,
    Avif,
}

impl Format {
    /// The name that people know.
    fn name(self) -> &'static str {
        match self {
            Format::Image(_, name) => name,
            Format::Heic => "HEIC",
            Format::Avif => "AVIF",
        }
    }

    /// The format that the first bytes name.
    fn of(bytes: &[u8]) -> Result<Format, Error> {
        if let Some(brands) = brands(bytes) {
            return if brands.iter().any(|brand| matches!(brand, b"avif" | b"avis")) {
                Ok(Format::Avif)
            } else if brands.iter().any(|brand| matches!(brand, b"heic" | b"heix" | b"hevc" | b"hevx" | b"mif1")) {
                Ok(Format::Heic)
            } else {
                Err(unknown(bytes))
            };
        }
        match image::guess_format(bytes) {
            Ok(format @ ImageFormat::Jpeg) => Ok(Format::Image(format, "JPEG")),
            Ok(format @ ImageFormat::Png) => Ok(Format::Image(format, "PNG")),
            Ok(format @ ImageFormat::WebP) => Ok(Format::Image(format, "WebP")),
            Ok(format @ ImageFormat::Gif) => Ok(Format::Image(format, "GIF")),
            Ok(format @ ImageFormat::Bmp) => Ok(Format::Image(format, "BMP")),
            Ok(format @ ImageFormat::Tiff) => Ok(Format::Image(format, "TIFF")),
            _ => Err(unknown(bytes)),
        }
    }
}

/// The brands of an ISO base media file (ISO/IEC 14496-12, section 4.3), the major one first.
fn brands(bytes: &[u8]) -> Option<Vec<[u8; 4]>> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    let content = rest.strip_prefix(b"ftyp")?;
    let length = (u32::from_be_bytes(*length) as usize).saturating_sub(8).min(content.len());
    let (words, _) = content[..length].as_chunks::<4>();
    // The second word is the minor version.
    Some(words.iter().enumerate().filter(|&(i, _)| i != 1).map(|(_, word)| *word).collect())
}

/// The error of bytes that no format begins with.
fn unknown(bytes: &[u8]) -> Error {
    if bytes.is_empty() { Error::Empty } else { Error::Unknown(bytes[..bytes.len().min(8)].escape_ascii().to_string()) }
}

/// Refuses a file that is too long.
pub(super) fn check_length(length: u64, limits: &Limits) -> Result<(), Error> {
    if length > limits.bytes {
        return Err(Error::Bytes { actual: length, limit: limits.bytes });
    }
    Ok(())
}

/// Refuses a picture that is too large.
pub(super) fn check_pixels(width: u32, height: u32, limits: &Limits) -> Result<(), Error> {
    let (width, height, limit) = (u64::from(width), u64::from(height), limits.pixels);
    if width * height > limit {
        return Err(Error::Pixels { width, height, limit });
    }
    Ok(())
}

/// Decodes the bytes of a picture file on a thread of its own, so that the caller need not wait for ever.
pub(super) fn decode(bytes: Vec<u8>, limits: &Limits) -> Result<Picture, Error> {
    check_length(bytes.len() as u64, limits)?;
    let format = Format::of(&bytes)?;
    let limits = *limits;
    bounded::run(format.name(), limits.time, move || decode_format(&bytes, format, &limits))?
}

/// Decodes a picture whose format is known.
fn decode_format(bytes: &[u8], format: Format, limits: &Limits) -> Result<Picture, Error> {
    let picture = match format {
        Format::Image(format, name) => decode_image(bytes, format, name, limits)?,
        #[cfg(feature = "heic")]
        Format::Heic => super::heic::decode(bytes, limits)?,
        #[cfg(not(feature = "heic"))]
        Format::Heic => return Err(Error::Unsupported("HEIC")),
        #[cfg(feature = "avif")]
        Format::Avif => super::avif::decode(bytes, limits)?,
        #[cfg(not(feature = "avif"))]
        Format::Avif => return Err(Error::Unsupported("AVIF")),
    };
    if picture.pixels.is_empty() {
        return Err(Error::Broken { format: format.name(), reason: "it has no pixels".to_owned() });
    }
    Ok(picture)
}

/// Decodes what the crate `image` reads, and turns it upright.
fn decode_image(bytes: &[u8], format: ImageFormat, name: &'static str, limits: &Limits) -> Result<Picture, Error> {
    let broken = |error: ImageError| Error::Broken { format: name, reason: reason(&error) };
    let mut bounds = image::Limits::no_limits();
    bounds.max_alloc = Some(limits.pixels.saturating_mul(WIDEST_PIXEL).saturating_add(SLACK));
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(bounds);
    let mut decoder = reader.into_decoder().map_err(broken)?;

    let (width, height) = decoder.dimensions();
    check_pixels(width, height, limits)?;
    if format == ImageFormat::Jpeg {
        check_scans(bytes, u64::from(width) * u64::from(height), limits)?;
    }
    let orientation = decoder.orientation().map_err(broken)?;
    let mut image = DynamicImage::from_decoder(decoder).map_err(broken)?;
    image.apply_orientation(orientation);
    Ok(over_white(image))
}

/// Refuses a JPEG that is cut short, or would be visited too often.
fn check_scans(bytes: &[u8], pixels: u64, limits: &Limits) -> Result<(), Error> {
    let scans = jpeg::scans(bytes);
    let broken = |reason| Err(Error::Broken { format: "JPEG", reason });
    if scans.count > MAX_SCANS || scans.count.saturating_mul(pixels) > limits.pixels.saturating_mul(MAX_VISITS) {
        return broken(format!("{} scans are too many", scans.count));
    }
    if !scans.ended {
        return broken("it is truncated".to_owned());
    }
    Ok(())
}

/// What the decoder said, in one line and without the format's name, which the error has already.
fn reason(error: &ImageError) -> String {
    let text = std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string);
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The picture as it looks on white paper, in 8 bits.
pub(super) fn over_white(image: DynamicImage) -> Picture {
    let image = if image.color().has_alpha() {
        let rgba = image.into_rgba8();
        let mut rgb = RgbImage::new(rgba.width(), rgba.height());
        for (&Rgba([red, green, blue, alpha]), target) in rgba.pixels().zip(rgb.pixels_mut()) {
            *target = Rgb([red, green, blue].map(|level| on_white(level, alpha)));
        }
        rgb
    } else {
        image.into_rgb8()
    };
    Picture { width: image.width() as usize, height: image.height() as usize, pixels: image.into_raw() }
}

/// A level seen through `alpha` before white.
fn on_white(level: u8, alpha: u8) -> u8 {
    let (level, alpha, white) = (u32::from(level), u32::from(alpha), u32::from(u8::MAX));
    let mixed = (level * alpha + white * (white - alpha) + white / 2) / white;
    u8::try_from(mixed).unwrap_or(u8::MAX)
}
