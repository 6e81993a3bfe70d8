//! One picture, enlarged, with its axes and its colour bar.

use nid_data::picture::Picture;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, VPos};

use crate::report::plot::{Area, Figure, abbreviate, at, fill, line};

/// The longest side of the picture as it is drawn, in pixels.
pub(super) const SIDE: usize = 420;
/// The longest side that a picture is brought to where it is longer, so that its pixels can be seen and it fills its place.
pub(super) const MOST: usize = SIDE / 3;
const LEFT: i32 = 44;
const TOP: i32 = 48;
const BELOW: i32 = 36;
/// The colour bar, what is left of it, and its numbers.
const BAR: i32 = 22;
const GAP: i32 = 28;
const NUMBERS: i32 = 52;
const EM: f64 = 12.0;

/// A picture whose pixels are shown by how bright they are.
pub(super) struct Sample<'a> {
    pub(super) picture: Picture,
    pub(super) class: &'a str,
}

impl Figure for Sample<'_> {
    fn size(&self) -> (u32, u32) {
        ((LEFT + SIDE as i32 + GAP + BAR + NUMBERS) as u32, (TOP + SIDE as i32 + BELOW) as u32)
    }

    fn draw<B: DrawingBackend>(&self, area: &Area<B>) -> DrawResult<(), B> {
        let title = abbreviate(&format!("Training picture: {}", self.class), 15.0, SIDE as f64);
        area.draw_text(&title, &at(15.0, HPos::Left, VPos::Center), (LEFT, TOP / 2))?;
        let Picture { width, height, pixels } = &self.picture;
        let times = (SIDE / width.max(height)).max(1) as i32;
        for (place, pixel) in pixels.as_chunks::<3>().0.iter().enumerate() {
            let (left, top) = (LEFT + (place % width) as i32 * times, TOP + (place / width) as i32 * times);
            fill(area, [(left, top), (left + times, top + times)], colour(brightness(*pixel)))?;
        }
        axes(area, [*width, *height], times)?;
        bar(area)
    }
}

/// The weighted mean of red, green and blue: ITU-R BT.601. A grey pixel's is its level.
fn brightness([red, green, blue]: [u8; 3]) -> u8 {
    ((299 * u32::from(red) + 587 * u32::from(green) + 114 * u32::from(blue) + 500) / 1000) as u8
}

fn colour(level: u8) -> RGBColor {
    ViridisRGB.get_color(f32::from(level) / f32::from(u8::MAX))
}

/// The numbers of columns below and of rows on the left.
fn axes<B: DrawingBackend>(area: &Area<B>, [width, height]: [usize; 2], times: i32) -> DrawResult<(), B> {
    let bottom = TOP + height as i32 * times;
    for number in ticks(width - 1, times) {
        let x = LEFT + number as i32 * times + times / 2;
        line(area, [(x, bottom), (x, bottom + 5)])?;
        area.draw_text(&number.to_string(), &at(EM, HPos::Center, VPos::Top), (x, bottom + 9))?;
    }
    for number in ticks(height - 1, times) {
        let y = TOP + number as i32 * times + times / 2;
        line(area, [(LEFT - 5, y), (LEFT, y)])?;
        area.draw_text(&number.to_string(), &at(EM, HPos::Right, VPos::Center), (LEFT - 9, y))?;
    }
    Ok(())
}

/// Round numbers from 0, and the last one; none so near another that they would touch.
fn ticks(last: usize, times: i32) -> Vec<usize> {
    const APART: usize = 28;
    let times = times as usize;
    let step = [1, 2, 5, 10, 20, 50, 100].into_iter().find(|step| step * times >= APART).unwrap_or(200);
    let mut ticks: Vec<usize> = (0..last).step_by(step).filter(|tick| (last - tick) * times >= APART).collect();
    ticks.push(last);
    ticks
}

/// All levels from 0 below to 255 above.
fn bar<B: DrawingBackend>(area: &Area<B>) -> DrawResult<(), B> {
    let left = LEFT + SIDE as i32 + GAP;
    let edge = |level: i32| TOP + SIDE as i32 - level * SIDE as i32 / 256;
    for level in 0..=u8::MAX {
        let (upper, lower) = (edge(i32::from(level) + 1), edge(i32::from(level)));
        fill(area, [(left, upper), (left + BAR, lower)], colour(level))?;
    }
    for level in [0, 50, 100, 150, 200, 255] {
        let y = edge(level) - 1;
        line(area, [(left + BAR, y), (left + BAR + 5, y)])?;
        area.draw_text(&level.to_string(), &at(EM, HPos::Left, VPos::Center), (left + BAR + 9, y))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_begin_with_the_first_and_end_with_the_last_pixel() {
        assert_eq!(ticks(27, 15), [0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 27]);
        assert_eq!(ticks(0, 420), [0]);
        assert_eq!(ticks(279, 1), [0, 50, 100, 150, 200, 250, 279]);
    }

    #[test]
    fn the_brightness_of_grey_is_its_level() {
        assert!((0..=u8::MAX).all(|level| brightness([level; 3]) == level));
    }
}
