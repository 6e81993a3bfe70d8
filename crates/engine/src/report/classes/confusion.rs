//! Which classes are taken for which.

use std::cmp::Reverse;

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, VPos};

use crate::report::plot::{Area, Figure, INK, abbreviate, at, fill, text, width};

const TITLE: &str = "Confusion matrix: numbers of pictures";
const TITLE_EM: f64 = 15.0;
const HEADER: i32 = 48;
const MARGIN: i32 = 16;
/// Room for the name of an axis.
const AXIS: i32 = 28;
const EM: f64 = 12.0;
/// No name of a class is longer, in pixels.
const NAME: f64 = 180.0;
/// Of more classes, those with most mistakes are shown.
const MOST: usize = 60;

/// Pictures by true class and class said.
pub(super) struct Confusion<'a> {
    matrix: &'a [Vec<u64>],
    /// The classes that are shown.
    shown: Vec<usize>,
    /// Their names, as long as there is room.
    names: Vec<String>,
}

impl<'a> Confusion<'a> {
    pub(super) fn new(classes: &[String], matrix: &'a [Vec<u64>]) -> Self {
        let mut shown: Vec<usize> = (0..classes.len()).collect();
        let wrong = |class: usize| -> u64 {
            let others = |other: &usize| *other != class;
            (0..classes.len()).filter(others).map(|other| matrix[class][other] + matrix[other][class]).sum()
        };
        shown.sort_by_cached_key(|&class| (Reverse(wrong(class)), class));
        shown.truncate(MOST);
        shown.sort_unstable();
        let names = shown.iter().map(|&class| abbreviate(&classes[class], EM, NAME)).collect();
        Self { matrix, shown, names }
    }

    /// Whether all classes are shown.
    pub(super) fn is_whole(&self) -> bool {
        self.shown.len() == self.matrix.len()
    }

    /// How many classes are shown.
    pub(super) fn len(&self) -> usize {
        self.shown.len()
    }

    /// The side of a cell.
    fn cell(&self) -> i32 {
        (720 / self.shown.len().max(1) as i32).clamp(24, 72)
    }

    /// The width of the widest name.
    fn name(&self) -> i32 {
        self.names.iter().map(|name| width(name, EM)).fold(0.0, f64::max).ceil() as i32
    }

    /// Whether the names below stand upright: where the cells are too narrow for them.
    fn is_upright(&self) -> bool {
        self.name() > self.cell() - 8
    }

    /// The upper left corner of the cells.
    fn corner(&self) -> (i32, i32) {
        (MARGIN + AXIS + self.name() + 10, HEADER)
    }

    fn side(&self) -> i32 {
        self.cell() * self.shown.len() as i32
    }
}

impl Figure for Confusion<'_> {
    fn size(&self) -> (u32, u32) {
        let (left, top) = self.corner();
        let across = (left + self.side()).max(MARGIN + width(TITLE, TITLE_EM).ceil() as i32) + MARGIN;
        let below = if self.is_upright() { self.name() } else { EM as i32 } + 10 + AXIS;
        (across as u32, (top + self.side() + below + MARGIN) as u32)
    }

    fn draw<B: DrawingBackend>(&self, area: &Area<B>) -> DrawResult<(), B> {
        area.draw_text(TITLE, &at(TITLE_EM, HPos::Left, VPos::Center), (MARGIN, HEADER / 2))?;
        for (row, &label) in self.shown.iter().enumerate() {
            let pictures: u64 = self.matrix[label].iter().sum();
            for (column, &said) in self.shown.iter().enumerate() {
                self.count(area, (column, row), self.matrix[label][said], pictures)?;
            }
        }
        self.names(area)
    }
}

impl Confusion<'_> {
    /// A cell: the more of a row's pictures, the darker.
    fn count<B: DrawingBackend>(
        &self,
        area: &Area<B>,
        (column, row): (usize, usize),
        count: u64,
        pictures: u64,
    ) -> DrawResult<(), B> {
        let (cell, (left, top)) = (self.cell(), self.corner());
        let (left, top) = (left + column as i32 * cell, top + row as i32 * cell);
        let corners = [(left, top), (left + cell - 1, top + cell - 1)];
        if count == 0 {
            return fill(area, corners, INK.mix(0.05));
        }
        let ground = shade(count as f64 / pictures as f64, column == row);
        fill(area, corners, ground)?;
        let number = count.to_string();
        let em = (f64::from(cell - 3) / width(&number, 1.0)).min(13.0);
        area.draw_text(&number, &text(em).color(&readable(ground)), (left + cell / 2, top + cell / 2))
    }

    fn names<B: DrawingBackend>(&self, area: &Area<B>) -> DrawResult<(), B> {
        let (cell, (left, top), side) = (self.cell(), self.corner(), self.side());
        let below = top + side + 8;
        for (place, name) in self.names.iter().enumerate() {
            let middle = place as i32 * cell + cell / 2;
            area.draw_text(name, &at(EM, HPos::Right, VPos::Center), (left - 8, top + middle))?;
            let style = if self.is_upright() {
                at(EM, HPos::Right, VPos::Center).transform(FontTransform::Rotate270)
            } else {
                at(EM, HPos::Center, VPos::Top)
            };
            area.draw_text(name, &style, (left + middle, below))?;
        }
        let bottom = self.size().1 as i32 - MARGIN - AXIS / 2;
        area.draw_text("predicted", &text(13.0), (left + side / 2, bottom))?;
        let style = text(13.0).transform(FontTransform::Rotate270);
        area.draw_text("true", &style, (MARGIN + AXIS / 2, top + side / 2))
    }
}

/// Blue for what is right, orange for what is wrong; a few in a hundred can be seen.
fn shade(share: f64, is_right: bool) -> RGBColor {
    let (light, dark) = if is_right { ([214, 229, 244], [8, 48, 107]) } else { ([255, 232, 204], [127, 39, 4]) };
    let level = |place: usize| {
        let [light, dark] = [light[place], dark[place]].map(f64::from);
        (light + (dark - light) * share.sqrt()).round() as u8
    };
    RGBColor(level(0), level(1), level(2))
}

/// Black or white, whichever stands out more.
fn readable(RGBColor(red, green, blue): RGBColor) -> RGBColor {
    let brightness = 299 * u32::from(red) + 587 * u32::from(green) + 114 * u32::from(blue);
    if brightness > 140_000 { BLACK } else { WHITE }
}
