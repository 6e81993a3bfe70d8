//! Which pictures are shown, and what is said of each.

use nid_data::picture::Picture;
use nid_metrics::classification::{LabelError, label_errors, top};
use rayon::prelude::*;

use super::{ClassReport, Photo};

pub(super) const TRAINING: &str = "training.png";
pub(super) const TESTED: &str = "tested.png";
pub(super) const MISTAKES: &str = "mistakes.png";
pub(super) const LABEL_ERRORS: &str = "label-errors.png";

/// Pictures shown of each kind.
const SHOWN: usize = 25;
/// The longest side of a picture, in pixels.
pub(super) const SIDE: usize = 140;

/// Pictures that belong together.
pub(super) struct Gallery {
    pub(super) title: &'static str,
    /// What is to know of them.
    pub(super) explanation: String,
    /// The name of the PNG.
    pub(super) file: &'static str,
    pub(super) tiles: Vec<Tile>,
}

/// A picture with what is said of it.
pub(super) struct Tile {
    /// None if the file is gone.
    pub(super) picture: Option<Picture>,
    /// The name of the class that the picture is labelled with.
    pub(super) label: String,
    pub(super) said: Option<Said>,
    /// The name of the picture's file.
    pub(super) name: Option<String>,
}

/// What the network says.
pub(super) struct Said {
    /// The name of the class.
    pub(super) class: String,
    pub(super) is_right: bool,
    pub(super) probability: f32,
}

impl Said {
    /// Beside the colour, for those who do not see it.
    pub(super) fn mark(&self) -> char {
        if self.is_right { '✓' } else { '✗' }
    }

    /// The probability in percent.
    pub(super) fn percent(&self) -> String {
        format!("{:.1} %", 100.0 * self.probability)
    }
}

pub(super) fn galleries(report: &ClassReport<'_>) -> Vec<Gallery> {
    let tops: Vec<usize> = report.tested.iter().map(|tested| top(&tested.probabilities)).collect();
    vec![training(report), tested(report, &tops), mistakes(report, &tops), doubted(report)]
}

fn training(report: &ClassReport<'_>) -> Gallery {
    let shown: Vec<usize> = spread(report.learnt_from.len()).collect();
    let tile = |&place: &usize| {
        let example = &report.learnt_from[place];
        let label = report.classes[example.label].clone();
        Tile { picture: reduced(report, &example.photo), label, said: None, name: None }
    };
    let explanation = "Some of the pictures that these data have to learn from, with their labels.".to_owned();
    Gallery { title: "Training pictures", explanation, file: TRAINING, tiles: shown.par_iter().map(tile).collect() }
}

fn tested(report: &ClassReport<'_>, tops: &[usize]) -> Gallery {
    let shown: Vec<(usize, usize)> = spread(tops.len()).map(|place| (place, tops[place])).collect();
    Gallery {
        title: "Test pictures: predicted (true)",
        explanation: "Some of the pictures that the scores are of.".to_owned(),
        file: TESTED,
        tiles: tiles(report, &shown),
    }
}

fn mistakes(report: &ClassReport<'_>, tops: &[usize]) -> Gallery {
    let mut mistakes: Vec<(usize, usize)> =
        tops.iter().copied().enumerate().filter(|&(place, top)| report.tested[place].label != top).collect();
    let sure = |&(place, top): &(usize, usize)| report.tested[place].probabilities[top];
    mistakes.sort_by(|a, b| sure(b).total_cmp(&sure(a)).then(a.cmp(b)));
    Gallery {
        title: "Most confident mistakes: predicted (true)",
        explanation: told(mistakes.len(), "mistake", "the most confident"),
        file: MISTAKES,
        tiles: tiles(report, &mistakes[..mistakes.len().min(SHOWN)]),
    }
}

fn doubted(report: &ClassReport<'_>) -> Gallery {
    let probabilities: Vec<f32> = report.tested.iter().flat_map(|tested| &tested.probabilities).copied().collect();
    let labels: Vec<usize> = report.tested.iter().map(|tested| tested.label).collect();
    let errors = label_errors(&probabilities, &labels, report.classes.len());
    let shown: Vec<(usize, usize)> =
        errors.iter().take(SHOWN).map(|&LabelError { picture, likely, .. }| (picture, likely)).collect();
    let rule = "By confident learning (Northcutt, Jiang and Chuang, 2021): another class is at least as probable as it is \
                on average in pictures labelled with it, and more probable than any other such class.";
    Gallery {
        title: "Likely label errors: likely (labelled)",
        explanation: format!("{} {rule}", told(errors.len(), "label in doubt", "the most doubtful")),
        file: LABEL_ERRORS,
        tiles: tiles(report, &shown),
    }
}

/// How many there are, and which are shown.
fn told(count: usize, one: &str, which: &str) -> String {
    match count {
        0 => format!("There is no {one}."),
        1 => format!("There is 1 {one}."),
        2..=SHOWN => format!("There are {count}, {which} first."),
        _ => format!("There are {count}, of which {which} {SHOWN} are shown."),
    }
}

/// Tested pictures, each with the class to name.
fn tiles(report: &ClassReport<'_>, shown: &[(usize, usize)]) -> Vec<Tile> {
    let tile = |&(place, class): &(usize, usize)| {
        let tested = &report.tested[place];
        let said = Said {
            class: report.classes[class].clone(),
            is_right: class == tested.label,
            probability: tested.probabilities[class],
        };
        let label = report.classes[tested.label].clone();
        Tile { picture: reduced(report, &tested.photo), label, said: Some(said), name: tested.name.clone() }
    };
    shown.par_iter().map(tile).collect()
}

fn reduced(report: &ClassReport<'_>, photo: &Photo) -> Option<Picture> {
    photo.reduced(SIDE, &report.limits)
}

/// The places of those that are shown of so many pictures: spread evenly, for neighbours are often of one class.
pub fn spread(count: usize) -> impl Iterator<Item = usize> {
    let shown = count.min(SHOWN);
    (0..shown).map(move |place| place * count / shown)
}
