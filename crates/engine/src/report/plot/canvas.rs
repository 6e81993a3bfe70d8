//! Pixels to draw on.

use std::convert::Infallible;

use nid_data::picture::Picture;
use plotters::style::text_anchor::{HPos, VPos};
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind, rasterizer,
};

use super::typeface;

type Drawn = Result<(), DrawingErrorKind<Infallible>>;

/// A picture that plotters draws on. What lies beyond its edge is not drawn.
pub(super) struct Canvas<'a> {
    picture: &'a mut Picture,
}

impl<'a> Canvas<'a> {
    pub(super) fn new(picture: &'a mut Picture) -> Self {
        Self { picture }
    }

    fn blend(&mut self, (x, y): BackendCoord, colour: BackendColor) {
        let [Ok(x), Ok(y)] = [usize::try_from(x), usize::try_from(y)] else { return };
        if x >= self.picture.width || y >= self.picture.height {
            return;
        }
        let place = (y * self.picture.width + x) * 3;
        let (red, green, blue) = colour.rgb;
        for (level, new) in self.picture.pixels[place..place + 3].iter_mut().zip([red, green, blue]) {
            let old = f64::from(*level);
            *level = (old + (f64::from(new) - old) * colour.alpha).round() as u8;
        }
    }
}

impl DrawingBackend for Canvas<'_> {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        (self.picture.width as u32, self.picture.height as u32)
    }

    fn ensure_prepared(&mut self) -> Drawn {
        Ok(())
    }

    fn present(&mut self) -> Drawn {
        Ok(())
    }

    fn draw_pixel(&mut self, point: BackendCoord, colour: BackendColor) -> Drawn {
        self.blend(point, colour);
        Ok(())
    }

    /// Filled rectangles end before their lower right corner, as in an SVG.
    fn draw_rect<S: BackendStyle>(
        &mut self,
        upper_left: BackendCoord,
        lower_right: BackendCoord,
        style: &S,
        is_filled: bool,
    ) -> Drawn {
        if !is_filled {
            return rasterizer::draw_rect(self, upper_left, lower_right, style, false);
        }
        for y in upper_left.1..lower_right.1 {
            for x in upper_left.0..lower_right.0 {
                self.blend((x, y), style.color());
            }
        }
        Ok(())
    }

    /// Baselines lie where plotters puts them in an SVG.
    fn draw_text<S: BackendTextStyle>(&mut self, text: &str, style: &S, (x, y): BackendCoord) -> Drawn {
        let (em, colour) = (style.size() / typeface::LINE, style.color());
        let left = match style.anchor().h_pos {
            HPos::Left => 0.0,
            HPos::Center => -0.5,
            HPos::Right => -1.0,
        };
        let below = match style.anchor().v_pos {
            VPos::Top => 0.76,
            VPos::Center => 0.27,
            VPos::Bottom => -0.27,
        };
        let (left, below) = ((left * typeface::width(text, em)).round() as i32, (below * em).round() as i32);
        let turn = style.transform();
        typeface::draw(text, em, |dx, dy, cover| {
            let (dx, dy) = turn.transform(left + dx, below + dy);
            self.blend((x + dx, y + dy), BackendColor { alpha: colour.alpha * f64::from(cover), ..colour });
        });
        Ok(())
    }

    fn estimate_text_size<S: BackendTextStyle>(
        &self,
        text: &str,
        style: &S,
    ) -> Result<(u32, u32), DrawingErrorKind<Infallible>> {
        let em = style.size() / typeface::LINE;
        Ok((typeface::width(text, em).ceil() as u32, em.ceil() as u32))
    }
}
