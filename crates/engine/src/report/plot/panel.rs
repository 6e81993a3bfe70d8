//! Curves over a common axis.

use std::ops::Range;

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, VPos};

use super::{Area, BLUE, Figure, INK, ORANGE, at, text};

const WIDTH: u32 = 480;
const HEIGHT: u32 = 400;
/// So many points or more are shown by their line alone.
const DOTTED: usize = 40;
/// The largest number that is drawn.
const MOST: f64 = 1e30;
/// What is nearer to each other than this share of itself, or than the inverse of [`MOST`], is drawn as one number: an
/// axis that spans so little has marks that rounding makes equal, and putting these would not end.
const APART: f64 = 1e-6;

/// A line through points, with its name.
#[derive(Clone, Debug)]
pub struct Curve {
    /// What it shows.
    pub name: &'static str,
    /// Its points, from left to right.
    pub points: Vec<(f64, f64)>,
}

impl Curve {
    /// What of it can be drawn: the loss of a run that diverged cannot.
    fn drawn(&self) -> impl Iterator<Item = (f64, f64)> {
        self.points.iter().copied().filter(|(x, y)| [x, y].iter().all(|number| number.abs() <= MOST))
    }
}

/// Panels side by side, each with its title and one or two curves.
#[derive(Clone, Debug)]
pub struct Panels {
    /// The name of the horizontal axis, whose numbers are whole.
    pub across: &'static str,
    /// The panels, from the left.
    pub panels: Vec<(&'static str, Vec<Curve>)>,
}

impl Figure for Panels {
    fn size(&self) -> (u32, u32) {
        (WIDTH * self.panels.len() as u32, HEIGHT)
    }

    fn draw<B: DrawingBackend>(&self, area: &Area<B>) -> DrawResult<(), B> {
        let areas = area.split_evenly((1, self.panels.len()));
        self.panels.iter().zip(areas).try_for_each(|((title, curves), area)| self.panel(&area, title, curves))
    }
}

impl Panels {
    fn panel<B: DrawingBackend>(&self, area: &Area<B>, title: &str, curves: &[Curve]) -> DrawResult<(), B> {
        let [across, up] = ranges(curves);
        let mut chart = ChartBuilder::on(area)
            .margin(16)
            .margin_top(56)
            .x_label_area_size(40)
            .y_label_area_size(48)
            .build_cartesian_2d(across, up)?;
        let mut mesh = chart.configure_mesh();
        mesh.axis_style(INK).bold_line_style(INK.mix(0.15)).light_line_style(TRANSPARENT).label_style(text(12.0));
        mesh.x_desc(self.across).axis_desc_style(text(13.0)).x_labels(8).y_labels(8);
        mesh.disable_x_mesh().x_label_formatter(&whole).draw()?;
        for (curve, colour) in curves.iter().zip([BLUE, ORANGE]) {
            chart.draw_series(LineSeries::new(curve.drawn(), colour.stroke_width(2)))?;
            if curve.points.len() < DOTTED {
                chart.draw_series(curve.drawn().map(|point| Circle::new(point, 3, colour.filled())))?;
            }
        }
        area.draw_text(title, &at(15.0, HPos::Left, VPos::Center), (64, 18))?;
        legend(area, curves)
    }
}

/// A whole number; there is no epoch between two.
fn whole(number: &f64) -> String {
    if (number - number.round()).abs() < 1e-6 { format!("{number:.0}") } else { String::new() }
}

/// The names of the curves, above them.
fn legend<B: DrawingBackend>(area: &Area<B>, curves: &[Curve]) -> DrawResult<(), B> {
    let mut left = 64;
    for (curve, colour) in curves.iter().zip([BLUE, ORANGE]) {
        area.draw(&PathElement::new([(left, 40), (left + 20, 40)], colour.stroke_width(3)))?;
        area.draw_text(curve.name, &at(12.0, HPos::Left, VPos::Center), (left + 26, 40))?;
        left += 26 + super::width(curve.name, 12.0) as i32 + 24;
    }
    Ok(())
}

/// What the axes span: all points, and a little more where these do not differ.
fn ranges(curves: &[Curve]) -> [Range<f64>; 2] {
    let range = |numbers: &mut dyn Iterator<Item = f64>| {
        let (low, high) = numbers.fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), y| (a.min(y), b.max(y)));
        let largest = low.abs().max(high.abs());
        if low > high {
            0.0..1.0
        } else if high - low > (APART * largest).max(MOST.recip()) {
            low..high
        } else {
            let margin = (APART * largest).max(0.5);
            low - margin..high + margin
        }
    };
    let points = || curves.iter().flat_map(Curve::drawn);
    [range(&mut points().map(|point| point.0)), range(&mut points().map(|point| point.1))]
}
