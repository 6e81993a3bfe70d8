//! AVIF: pictures coded as frames of AV1, by re_rav1d.
//!
//! The container (ISO/IEC 23008-12) holds the picture as one coded item or as a grid of them, and its transparency as
//! another, and says how to turn and mirror it. As in Pillow, an EXIF orientation is not applied besides, and a clean
//! aperture (`clap`) is not cut out. A file that needs what is not known here, such as a choice among layers, is refused.
//! Subsampled colours are spread within each tile of a grid, where libavif spreads them across the seams.
//!
//! The decoder is a translation of dav1d and keeps its C interface inside, through which a panic cannot unwind: one in
//! there ends the process. What a file can make it do is therefore kept small: one thread, few frames, no frame over the
//! limit. Fuzzing shows what is left. It also loses some dozens of bytes with every frame it gives back, which a run over
//! very many grids feels, for such crumbs keep the system's allocator from using the room between them.

use std::cell::Cell;
use std::fmt::Display;

use heifer_isobmff::boxes::{ColorInfo, Property};
use heifer_isobmff::{HeifFile, ItemId};
use image::metadata::Orientation;
use image::{DynamicImage, GrayImage, ImageBuffer, Pixel, RgbImage, RgbaImage, imageops};
use re_rav1d::dav1d::{self, PixelLayout, PlanarImageComponent};

use super::container;
use super::decode::{check_pixels, over_white};
use super::obu;
use super::yuv::{Colour, Frame, Plane};
use super::{Error, Limits, Picture};

/// The kinds of auxiliary picture that are a transparency.
const ALPHA: [&str; 2] = ["urn:mpeg:mpegB:cicp:systems:auxiliary:alpha", "urn:mpeg:hevc:2015:auxid:1"];
/// How often the coded items together may hold the bytes of the file: tiles may share them, but not without end.
const MOST_READS: usize = 2;

/// Decodes an AVIF file.
pub(super) fn decode(bytes: &[u8], limits: &Limits) -> Result<Picture, Error> {
    container::check(bytes).map_err(broken)?;
    let file = HeifFile::parse(bytes).map_err(broken)?;
    let id = file.primary_id;
    let container = Container { file, limits, unread: Cell::new(bytes.len().saturating_mul(MOST_READS)) };
    let said = container.property(id, |property| match property {
        Property::Color(ColorInfo::Nclx { matrix, full_range, .. }) => {
            Some(Colour { matrix: *matrix, full_range: *full_range })
        }
        _ => None,
    })?;
    let colour = container.image(id, &|picture| {
        let colour = said.unwrap_or_else(|| sequence_colour(picture));
        let unknown =
            |matrix| broken(format!("its colours are coded by matrix {matrix} of ITU-T H.273, which is not supported"));
        with_frame(picture, |frame| frame.to_rgb(colour)).map_err(unknown)
    })?;
    let mut image = match container.alpha_of(id)? {
        None => {
            container.check_tiles_opaque(id)?;
            DynamicImage::ImageRgb8(colour)
        }
        Some(item) => {
            let alpha = container
                .image(item, &|picture| Ok(with_frame(picture, |frame| frame.to_grey(is_full_range(picture)))))?;
            let premultiplied = container.file.referenced_items(id, b"prem").contains(&item);
            DynamicImage::ImageRgba8(with_alpha(&colour, &alpha, premultiplied)?)
        }
    };
    for orientation in container.orientations(id)? {
        image.apply_orientation(orientation);
    }
    Ok(over_white(image))
}

/// What is wrong with the file, in its decoder's words.
fn broken(reason: impl Display) -> Error {
    Error::Broken { format: "AVIF", reason: reason.to_string() }
}

/// An opened file and what it may cost.
struct Container<'a> {
    file: HeifFile<'a>,
    limits: &'a Limits,
    /// Bytes that items may still hold.
    unread: Cell<usize>,
}

impl Container<'_> {
    /// What the first property that `select` knows says.
    fn property<T>(&self, id: ItemId, select: impl Fn(&Property) -> Option<T>) -> Result<Option<T>, Error> {
        Ok(self.file.item_properties(id).map_err(broken)?.find_map(select))
    }

    /// How to turn and then mirror an item.
    fn orientations(&self, id: ItemId) -> Result<impl Iterator<Item = Orientation>, Error> {
        let turned = self.property(id, |property| match property {
            Property::Rotation(1) => Some(Orientation::Rotate270), // the container counts anticlockwise
            Property::Rotation(2) => Some(Orientation::Rotate180),
            Property::Rotation(3) => Some(Orientation::Rotate90),
            _ => None,
        })?;
        let mirrored = self.property(id, |property| match property {
            Property::Mirror(true) => Some(Orientation::FlipVertical),
            Property::Mirror(false) => Some(Orientation::FlipHorizontal),
            _ => None,
        })?;
        Ok(turned.into_iter().chain(mirrored))
    }

    /// The item that holds the transparency of another.
    fn alpha_of(&self, id: ItemId) -> Result<Option<ItemId>, Error> {
        for item in self.file.referencing_items(id, b"auxl") {
            let is_alpha = |property: &Property| match property {
                Property::AuxiliaryType(kind) => ALPHA.contains(&kind.as_str()).then_some(()),
                _ => None,
            };
            if self.property(item, is_alpha)?.is_some() {
                return Ok(Some(item));
            }
        }
        Ok(None)
    }

    /// Refuses a grid whose tiles have a transparency each.
    fn check_tiles_opaque(&self, id: ItemId) -> Result<(), Error> {
        for &tile in self.file.referenced_items(id, b"dimg") {
            if self.alpha_of(tile)?.is_some() {
                return Err(broken("a transparency for each tile of its grid is not supported"));
            }
        }
        Ok(())
    }

    /// A picture of one piece or of tiles, its frames made into pixels by `convert`.
    fn image<P: Pixel<Subpixel = u8>>(
        &self,
        id: ItemId,
        convert: &impl Fn(&dav1d::Picture) -> Result<ImageBuffer<P, Vec<u8>>, Error>,
    ) -> Result<ImageBuffer<P, Vec<u8>>, Error> {
        if let Some((width, height)) = self.file.image_size(id).map_err(broken)? {
            check_pixels(width, height, self.limits)?;
        }
        self.check_essentials(id)?;
        match &self.file.item(id).map_err(broken)?.item_type.0 {
            b"av01" => convert(&self.frame(id)?),
            b"grid" => self.grid(id, convert),
            other => Err(broken(format!("pictures made as \"{}\" are not supported", other.escape_ascii()))),
        }
    }

    /// Refuses an item that is not to be shown by those who do not know all that it calls essential.
    fn check_essentials(&self, id: ItemId) -> Result<(), Error> {
        let item = self.file.item(id).map_err(broken)?;
        let essential = item.properties.iter().filter(|association| association.essential);
        for association in essential {
            let property = usize::from(association.index).checked_sub(1).and_then(|at| self.file.properties.get(at));
            if let Some(Property::Unknown(kind, _)) = property
                && &kind.0 != b"av1C"
            {
                let kind = kind.0.escape_ascii();
                return Err(broken(format!("it needs the property \"{kind}\", which is not supported")));
            }
        }
        Ok(())
    }

    /// A picture of equal tiles, row by row, cropped at the right and at the bottom.
    fn grid<P: Pixel<Subpixel = u8>>(
        &self,
        id: ItemId,
        convert: &impl Fn(&dav1d::Picture) -> Result<ImageBuffer<P, Vec<u8>>, Error>,
    ) -> Result<ImageBuffer<P, Vec<u8>>, Error> {
        let grid = self.file.grid(id).map_err(broken)?;
        let tiles = self.file.referenced_items(id, b"dimg");
        let (rows, columns) = (u32::from(grid.rows), u32::from(grid.columns));
        if tiles.len() as u64 != u64::from(rows) * u64::from(columns) {
            return Err(broken(format!("a grid of {rows} by {columns} tiles names {}", tiles.len())));
        }
        let (width, height) = (grid.output_width, grid.output_height);
        check_pixels(width, height, self.limits)?;
        let mut canvas = ImageBuffer::new(width, height);
        let mut size = None;
        for (index, &tile) in (0..).zip(tiles) {
            let picture = self.frame(tile)?;
            let (tile_width, tile_height) = (picture.width(), picture.height());
            if *size.get_or_insert((tile_width, tile_height)) != (tile_width, tile_height) {
                return Err(broken("the tiles of its grid differ in size"));
            }
            let (covered, down) = (columns.saturating_mul(tile_width), rows.saturating_mul(tile_height));
            check_pixels(covered, down, self.limits)?;
            if covered < width || down < height {
                return Err(broken(format!("a grid of {width}x{height} has tiles for {covered}x{down}")));
            }
            let (left, top) = (index % columns * tile_width, index / columns * tile_height);
            imageops::replace(&mut canvas, &convert(&picture)?, i64::from(left), i64::from(top));
        }
        Ok(canvas)
    }

    /// Decodes the one frame of a coded item.
    fn frame(&self, id: ItemId) -> Result<dav1d::Picture, Error> {
        let item = self.file.item(id).map_err(broken)?;
        if &item.item_type.0 != b"av01" {
            return Err(broken(format!("a tile made as \"{}\" is not supported", item.item_type.0.escape_ascii())));
        }
        self.check_essentials(id)?;
        let data = self.file.item_data(id).map_err(broken)?;
        let unread = self.unread.get().checked_sub(data.len());
        self.unread.set(unread.ok_or_else(|| broken("its tiles share too much data"))?);
        decode_frame(data.into_owned(), self.limits)
    }
}

/// Decodes the one frame of a still picture.
fn decode_frame(data: Vec<u8>, limits: &Limits) -> Result<dav1d::Picture, Error> {
    if data.is_empty() {
        return Err(broken("it is truncated"));
    }
    let frames = obu::frames(&data);
    if frames > obu::MOST_LAYERS {
        return Err(broken(format!("a still picture of {frames} frames")));
    }
    // Earlier layers are kept while later ones are decoded, so all share the limit, of which 0 would mean none.
    let limit = (limits.pixels / frames.max(1)).clamp(1, u64::from(u32::MAX));
    let mut settings = dav1d::Settings::new();
    settings.set_n_threads(1);
    settings.set_max_frame_delay(1);
    settings.set_all_layers(false);
    settings.set_frame_size_limit(u32::try_from(limit).unwrap_or(u32::MAX));
    let mut decoder = dav1d::Decoder::with_settings(&settings).map_err(failed)?;
    match decoder.send_data(data, None, None, None) {
        Ok(()) | Err(dav1d::Error::Again) => decoder.get_picture().map_err(failed),
        Err(error) => Err(failed(error)),
    }
}

/// What the decoder said, in this project's words.
fn failed(error: dav1d::Error) -> Error {
    broken(match error {
        dav1d::Error::Again => "it is truncated",
        dav1d::Error::NotEnoughMemory => "its frame needs more memory than there is",
        dav1d::Error::UnsupportedBitstream => "it uses a part of AV1 that is not supported",
        _ => "its AV1 data are damaged, or its frames larger than the limit",
    })
}

/// What the frame itself says of its colours.
fn sequence_colour(picture: &dav1d::Picture) -> Colour {
    Colour { matrix: picture.matrix_coefficients() as u16, full_range: is_full_range(picture) }
}

fn is_full_range(picture: &dav1d::Picture) -> bool {
    picture.color_range() == dav1d::pixel::YUVRange::Full
}

/// Works on the samples of a frame where the decoder left them.
fn with_frame<T>(picture: &dav1d::Picture, work: impl FnOnce(&Frame) -> T) -> T {
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let chroma_size = match picture.pixel_layout() {
        PixelLayout::I400 => None,
        PixelLayout::I420 => Some((width.div_ceil(2), height.div_ceil(2))),
        PixelLayout::I422 => Some((width.div_ceil(2), height)),
        PixelLayout::I444 => Some((width, height)),
    };
    let bits = picture.bits_per_component().map_or(8, |bits| bits.0 as u32);
    let held = [PlanarImageComponent::Y, PlanarImageComponent::U, PlanarImageComponent::V]
        .map(|component| (picture.stride(component) as usize, picture.plane(component)));
    let plane = |channel: usize, (width, height)| {
        let (stride, bytes) = &held[channel];
        Plane { width, height, stride: *stride, wide: bits > 8, bytes }
    };
    work(&Frame {
        bits,
        luma: plane(0, (width, height)),
        chroma: chroma_size.map(|size| [plane(1, size), plane(2, size)]),
    })
}

/// Joins colours with their transparency; colours that were multiplied by it already are divided.
fn with_alpha(colour: &RgbImage, alpha: &GrayImage, premultiplied: bool) -> Result<RgbaImage, Error> {
    if colour.dimensions() != alpha.dimensions() {
        let ((width, height), (other_width, other_height)) = (colour.dimensions(), alpha.dimensions());
        return Err(broken(format!("a transparency of {other_width}x{other_height} for {width}x{height}")));
    }
    let mut image = RgbaImage::new(colour.width(), colour.height());
    for ((pixel, colour), alpha) in image.pixels_mut().zip(colour.pixels()).zip(alpha.pixels()) {
        let ([red, green, blue], [alpha]) = (colour.0, alpha.0);
        let level = |level: u8| if premultiplied { divided(level, alpha) } else { level };
        pixel.0 = [level(red), level(green), level(blue), alpha];
    }
    Ok(image)
}

/// The level that, seen through `alpha` before black, is `level`.
fn divided(level: u8, alpha: u8) -> u8 {
    let (level, alpha, white) = (u32::from(level), u32::from(alpha), u32::from(u8::MAX));
    let whole = (level * white + alpha / 2).checked_div(alpha).unwrap_or(0);
    u8::try_from(whole).unwrap_or(u8::MAX)
}
