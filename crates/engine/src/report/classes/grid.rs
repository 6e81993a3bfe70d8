//! A gallery as one picture.

use nid_data::picture::Picture;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, VPos};

use super::gallery::{Gallery, SIDE, Said, Tile};
use crate::report::photo::enlarged;
use crate::report::plot::{Area, Figure, INK, abbreviate, at, fill, text, width};

const COLUMNS: usize = 5;
/// What a tile is wide, with the room between two.
const WIDTH: i32 = 196;
/// Room for one line of text.
const LINE: i32 = 17;
/// Between two rows.
const GAP: i32 = 14;
const HEADER: i32 = 48;
const MARGIN: i32 = 16;
const EM: f64 = 12.0;
const TITLE: f64 = 16.0;

/// Bluish green and vermilion, dark enough to read: Okabe and Ito, "Color Universal Design" (2002).
const RIGHT: RGBColor = RGBColor(0, 120, 88);
const WRONG: RGBColor = RGBColor(190, 62, 0);

impl Figure for Gallery {
    fn size(&self) -> (u32, u32) {
        let (columns, rows) = (self.tiles.len().min(COLUMNS), self.tiles.len().div_ceil(COLUMNS));
        let title = width(self.title, TITLE).ceil() as i32;
        let across = (columns as i32 * WIDTH).max(title) + 2 * MARGIN;
        (across as u32, (HEADER + rows as i32 * self.row() + MARGIN) as u32)
    }

    fn draw<B: DrawingBackend>(&self, area: &Area<B>) -> DrawResult<(), B> {
        area.draw_text(self.title, &at(TITLE, HPos::Left, VPos::Center), (MARGIN, HEADER / 2))?;
        for (place, tile) in self.tiles.iter().enumerate() {
            let (column, row) = ((place % COLUMNS) as i32, (place / COLUMNS) as i32);
            self.tile(area, tile, (MARGIN + column * WIDTH, HEADER + row * self.row()))?;
        }
        Ok(())
    }
}

impl Gallery {
    /// Height of a row: the title, the picture, the probability.
    fn row(&self) -> i32 {
        let lines = self.lines() + i32::from(self.tiles.iter().any(|tile| tile.said.is_some()));
        lines * LINE + SIDE as i32 + 6 + GAP
    }

    /// Lines of a title: two where one has no room for the longest.
    fn lines(&self) -> i32 {
        let has_room = |tile: &Tile| match &tile.said {
            Some(said) => width(&format!("{} ({})", predicted(said), tile.label), EM) <= room(),
            None => true,
        };
        if self.tiles.iter().all(has_room) { 1 } else { 2 }
    }

    fn tile<B: DrawingBackend>(&self, area: &Area<B>, tile: &Tile, (left, top): (i32, i32)) -> DrawResult<(), B> {
        let centre = left + WIDTH / 2;
        let colour = tile.said.as_ref().map_or(INK, colour);
        let style = text(EM).color(&colour);
        for (line, title) in self.title_of(tile).iter().enumerate() {
            area.draw_text(&abbreviate(title, EM, room()), &style, (centre, top + line as i32 * LINE + LINE / 2))?;
        }
        let top = top + self.lines() * LINE + 2;
        blit(area, tile.picture.as_ref(), (left + (WIDTH - SIDE as i32) / 2, top))?;
        if let Some(said) = &tile.said {
            area.draw_text(&said.percent(), &text(EM), (centre, top + SIDE as i32 + 2 + LINE / 2))?;
        }
        Ok(())
    }

    fn title_of(&self, tile: &Tile) -> Vec<String> {
        match &tile.said {
            None => vec![tile.label.clone()],
            Some(said) if self.lines() == 1 => vec![format!("{} ({})", predicted(said), tile.label)],
            Some(said) => vec![predicted(said), format!("({})", tile.label)],
        }
    }
}

fn predicted(said: &Said) -> String {
    format!("{} {}", said.mark(), said.class)
}

fn colour(said: &Said) -> RGBColor {
    if said.is_right { RIGHT } else { WRONG }
}

/// How wide a line may be.
fn room() -> f64 {
    f64::from(WIDTH - 8)
}

/// The picture in the middle of a square; without one, an empty square.
fn blit<B: DrawingBackend>(area: &Area<B>, picture: Option<&Picture>, (left, top): (i32, i32)) -> DrawResult<(), B> {
    let side = SIDE as i32;
    let Some(picture) = picture else {
        fill(area, [(left, top), (left + side, top + side)], INK.mix(0.1))?;
        return area.draw_text("not readable", &text(EM), (left + side / 2, top + side / 2));
    };
    let picture = enlarged(picture, SIDE);
    let (left, top) = (left + (side - picture.width as i32) / 2, top + (side - picture.height as i32) / 2);
    for (place, pixel) in picture.pixels.as_chunks::<3>().0.iter().enumerate() {
        let (x, y) = (place % picture.width, place / picture.width);
        let &[red, green, blue] = pixel;
        area.draw_pixel((left + x as i32, top + y as i32), &RGBColor(red, green, blue))?;
    }
    Ok(())
}
