//! Figures, each drawn by one piece of code: as pixels for a PNG, as an SVG for a page.
//!
//! Lines, areas and axes are plotters'. The text of a PNG is drawn here, with the font that is part of the program, so
//! that no library of the system is needed and a figure is the same on every machine. Sizes of text are those of an em, in
//! pixels.

mod canvas;
mod panel;
mod typeface;

use std::io;

use nid_data::picture::Picture;
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

pub use panel::{Curve, Panels};
pub(in crate::report) use typeface::{abbreviate, width};

/// Text and axes. Within an SVG this is the colour of the text around it, so that a page may be light or dark; almost
/// black in a PNG.
pub const INK: RGBColor = RGBColor(1, 1, 1);
/// Blue and orange are told apart by the colour-blind, and both from a white and from a black ground.
pub const BLUE: RGBColor = RGBColor(38, 120, 200);
/// The other colour.
pub const ORANGE: RGBColor = RGBColor(220, 110, 0);

/// An area that a figure is drawn on.
pub type Area<B> = DrawingArea<B, Shift>;

/// What is drawn on an area of its own size.
pub trait Figure {
    /// Width and height in pixels.
    fn size(&self) -> (u32, u32);

    /// Draws it, over a ground that is white or that of a page.
    ///
    /// # Errors
    /// As the backend has them.
    fn draw<B: DrawingBackend>(&self, area: &Area<B>) -> DrawResult<(), B>;
}

/// The figure as pixels, on white.
///
/// # Errors
/// If plotters gives up.
pub fn pixels(figure: &impl Figure) -> io::Result<Picture> {
    let (width, height) = figure.size();
    let [width, height] = [width as usize, height as usize];
    let mut picture = Picture { width, height, pixels: vec![u8::MAX; width * height * 3] };
    let area = canvas::Canvas::new(&mut picture).into_drawing_area();
    figure.draw(&area).and_then(|()| area.present()).map_err(failed)?;
    drop(area);
    Ok(picture)
}

/// The figure as an SVG element, without a ground.
///
/// # Errors
/// If plotters gives up.
pub fn svg(figure: &impl Figure) -> io::Result<String> {
    let mut svg = String::new();
    let area = SVGBackend::with_string(&mut svg, figure.size()).into_drawing_area();
    figure.draw(&area).and_then(|()| area.present()).map_err(failed)?;
    drop(area);
    // Quotes within texts are escaped: what is found so is a colour.
    let RGBColor(red, green, blue) = INK;
    Ok(svg.replace(&format!("\"#{red:02X}{green:02X}{blue:02X}\""), "\"currentColor\""))
}

fn failed(error: impl ToString) -> io::Error {
    io::Error::other(error.to_string())
}

/// Text of this size, centred where it is put.
pub(in crate::report) fn text(em: f64) -> TextStyle<'static> {
    at(em, HPos::Center, VPos::Center)
}

/// Text of this size, anchored so where it is put.
pub(in crate::report) fn at(em: f64, horizontal: HPos, vertical: VPos) -> TextStyle<'static> {
    ("sans-serif", em * typeface::LINE).into_font().color(&INK).pos(Pos::new(horizontal, vertical))
}

/// A filled rectangle from the upper left corner to before the lower right one.
pub(in crate::report) fn fill<B: DrawingBackend>(
    area: &Area<B>,
    corners: [(i32, i32); 2],
    colour: impl Color,
) -> DrawResult<(), B> {
    area.draw(&Rectangle::new(corners, colour.filled()))
}

/// A line.
pub(in crate::report) fn line<B: DrawingBackend>(area: &Area<B>, ends: [(i32, i32); 2]) -> DrawResult<(), B> {
    area.draw(&PathElement::new(ends, INK.mix(0.6)))
}
