//! How often what is said with a probability is right.

use nid_metrics::classification::{Bin, Calibration};
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, VPos};

use crate::report::plot::{Area, BLUE, Figure, INK, ORANGE, at, text};

const SIZE: (u32, u32) = (480, 560);
/// Where the lower chart begins.
const LOWER: u32 = 424;

/// The reliability diagram: Guo et al. 2017, figure 1.
pub(super) struct Reliability<'a>(pub(super) &'a Calibration);

impl Figure for Reliability<'_> {
    fn size(&self) -> (u32, u32) {
        SIZE
    }

    fn draw<B: DrawingBackend>(&self, area: &Area<B>) -> DrawResult<(), B> {
        let (upper, lower) = area.split_vertically(LOWER);
        let title = format!("Calibration: expected error {:.2} %", 100.0 * self.0.error);
        area.draw_text(&title, &at(15.0, HPos::Left, VPos::Center), (64, 20))?;
        self.accuracies(&upper)?;
        self.pictures(&lower)
    }
}

impl Reliability<'_> {
    /// Bins that have pictures, each with where it begins and ends.
    fn filled(&self) -> impl Iterator<Item = ([f64; 2], &Bin)> {
        let count = self.0.bins.len() as f64;
        let bins = self.0.bins.iter().enumerate().filter(|(_, bin)| bin.pictures > 0);
        bins.map(move |(place, bin)| ([place as f64 / count, (place + 1) as f64 / count], bin))
    }

    /// Bars as high as the accuracy, each with a line where it should end, and the diagonal.
    fn accuracies<B: DrawingBackend>(&self, area: &Area<B>) -> DrawResult<(), B> {
        let mut chart = ChartBuilder::on(area)
            .margin(16)
            .margin_top(60)
            .x_label_area_size(24)
            .y_label_area_size(52)
            .build_cartesian_2d(0.0..1.0, 0.0..1.0)?;
        let mut mesh = chart.configure_mesh();
        mesh.axis_style(INK).bold_line_style(INK.mix(0.15)).light_line_style(TRANSPARENT).label_style(text(12.0));
        mesh.y_desc("share that is right").axis_desc_style(text(13.0)).x_labels(6).y_labels(6);
        mesh.x_label_formatter(&tenth).y_label_formatter(&tenth).draw()?;
        let bar = |([start, end], bin): ([f64; 2], &Bin)| {
            Rectangle::new([(start + 0.004, 0.0), (end - 0.004, bin.accuracy)], BLUE.mix(0.85).filled())
        };
        chart.draw_series(self.filled().map(bar))?;
        chart.draw_series(LineSeries::new([(0.0, 0.0), (1.0, 1.0)], INK.mix(0.5)))?;
        let should = |([start, end], bin): ([f64; 2], &Bin)| {
            PathElement::new([(start, bin.confidence), (end, bin.confidence)], ORANGE.stroke_width(3))
        };
        chart.draw_series(self.filled().map(should))?;
        legend(area)
    }

    /// How the pictures are spread over the bins.
    fn pictures<B: DrawingBackend>(&self, area: &Area<B>) -> DrawResult<(), B> {
        let all: usize = self.0.bins.iter().map(|bin| bin.pictures).sum();
        let share = |bin: &Bin| 100.0 * bin.pictures as f64 / all.max(1) as f64;
        let highest = self.filled().map(|(_, bin)| share(bin)).fold(1.0, f64::max);
        let mut chart = ChartBuilder::on(area)
            .margin_left(16)
            .margin_right(16)
            .margin_bottom(8)
            .x_label_area_size(44)
            .y_label_area_size(52)
            .build_cartesian_2d(0.0..1.0, 0.0..highest)?;
        let mut mesh = chart.configure_mesh();
        mesh.axis_style(INK).bold_line_style(INK.mix(0.15)).light_line_style(TRANSPARENT).label_style(text(12.0));
        mesh.x_desc("probability of the class said").y_desc("% of pictures").axis_desc_style(text(13.0));
        mesh.x_labels(6).y_labels(3).x_label_formatter(&tenth).y_label_formatter(&|y| format!("{y:.0}")).draw()?;
        let bar = |([start, end], bin): ([f64; 2], &Bin)| {
            Rectangle::new([(start + 0.004, 0.0), (end - 0.004, share(bin))], INK.mix(0.5).filled())
        };
        chart.draw_series(self.filled().map(bar))?;
        Ok(())
    }
}

fn legend<B: DrawingBackend>(area: &Area<B>) -> DrawResult<(), B> {
    let style = at(12.0, HPos::Left, VPos::Center);
    area.draw(&Rectangle::new([(64, 38), (76, 50)], BLUE.mix(0.85).filled()))?;
    area.draw_text("is right", &style, (82, 44))?;
    area.draw(&PathElement::new([(152, 44), (172, 44)], ORANGE.stroke_width(3)))?;
    area.draw_text("should be right: the mean probability", &style, (178, 44))
}

fn tenth(number: &f64) -> String {
    format!("{number:.1}")
}
