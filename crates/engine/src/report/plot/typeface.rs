//! The font of the pictures: how wide a text is, and its pixels.

use std::sync::LazyLock;

use ab_glyph::{Font, FontRef, GlyphId, PxScale, point};

/// Letters of Latin, Greek and Cyrillic and a few signs of DejaVu Sans 2.37, made by recipes/font.py.
static FONT: LazyLock<FontRef<'static>> = LazyLock::new(|| {
    FontRef::try_from_slice(include_bytes!("DejaVuSans.ttf")).expect("the font is part of the program")
});

/// What plotters calls the size of a font, in ems.
pub(super) const LINE: f64 = 1.24;

/// Each glyph of a text with the place where it begins, in ems from the start of the text; and where the text ends.
fn glyphs(text: &str) -> (Vec<(GlyphId, f64)>, f64) {
    let units = f64::from(FONT.units_per_em().unwrap_or(1.0));
    let (mut glyphs, mut end) = (Vec::new(), 0.0);
    for letter in text.chars() {
        let glyph = FONT.glyph_id(letter);
        if let Some((previous, _)) = glyphs.last() {
            end += f64::from(FONT.kern_unscaled(*previous, glyph)) / units;
        }
        glyphs.push((glyph, end));
        end += f64::from(FONT.h_advance_unscaled(glyph)) / units;
    }
    (glyphs, end)
}

/// How wide a text is, in pixels.
pub(in crate::report) fn width(text: &str, em: f64) -> f64 {
    glyphs(text).1 * em
}

/// Calls `pixel` with the place of each pixel and how much of it is covered, the text's start on its baseline at (0, 0).
pub(super) fn draw(text: &str, em: f64, mut pixel: impl FnMut(i32, i32, f32)) {
    // The scale of ab_glyph is the height of a line.
    let scale = FONT.height_unscaled() / FONT.units_per_em().unwrap_or(1.0) * em as f32;
    for (glyph, start) in glyphs(text).0 {
        let glyph = glyph.with_scale_and_position(PxScale::from(scale), point((start * em) as f32, 0.0));
        if let Some(outline) = FONT.outline_glyph(glyph) {
            let corner = outline.px_bounds().min;
            outline.draw(|x, y, cover| pixel(corner.x as i32 + x as i32, corner.y as i32 + y as i32, cover));
        }
    }
}

/// The text, or as much of it as has room with an ellipsis. It is cut in the middle: names of classes often differ in
/// their ends.
pub(in crate::report) fn abbreviate(text: &str, em: f64, room: f64) -> String {
    if width(text, em) <= room {
        return text.to_owned();
    }
    let letters: Vec<char> = text.chars().collect();
    let shortened = |kept: usize| -> String {
        let end = kept / 3;
        let start = letters[..kept - end].iter().collect::<String>();
        format!("{}…{}", start.trim_end(), letters[letters.len() - end..].iter().collect::<String>().trim_start())
    };
    (0..letters.len()).rev().map(shortened).find(|short| width(short, em) <= room).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_has_pixels_within_its_width() {
        let (text, em) = ("✓ Ankle boot (Жук, é)", 20.0);
        let mut covered = 0.0;
        draw(text, em, |x, y, cover| {
            covered += cover;
            assert!((-1..=width(text, em) as i32 + 1).contains(&x) && (-25..=10).contains(&y), "{x}, {y}");
        });
        assert!(covered > 100.0, "{covered}");
    }

    #[test]
    fn all_letters_that_are_promised_are_there() {
        for letter in "Azé ß ŁЖщΩ✓✗…−×".chars() {
            assert_ne!(FONT.glyph_id(letter), GlyphId(0), "{letter}");
        }
    }

    #[test]
    fn what_has_no_room_keeps_its_start_and_its_end() {
        assert_eq!(abbreviate("Coat", 12.0, 100.0), "Coat");
        let short = abbreviate("a very long name of a class, number 17", 12.0, 120.0);
        assert!(short.starts_with("a very") && short.contains('…') && short.ends_with("17"), "{short}");
        assert!(width(&short, 12.0) <= 120.0);
        assert_eq!(abbreviate("Coat", 12.0, 1.0), "", "not even an ellipsis");
    }
}
