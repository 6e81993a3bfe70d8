//! A report on a classifier is a page that needs nothing beside it, and pictures that show the same.

#![allow(clippy::unwrap_used, reason = "a test that cannot prepare itself fails")]

use std::fs;
use std::path::Path;

use nid_data::picture::{Limits, Picture};
use nid_engine::Error;
use nid_engine::bundle::Epoch;
use nid_engine::report::{ClassReport, Example, PAGE, Photo, Tested, spread};
use nid_metrics::classification::{Evaluation, evaluate, probabilities};

/// What a report is made of, owned.
struct Made {
    classes: Vec<String>,
    evaluation: Evaluation,
    learnt_from: Vec<Example>,
    tested: Vec<Tested>,
    history: Vec<Epoch>,
}

fn photo(number: usize) -> Photo {
    let (width, height) = (28, 20);
    Photo::Pixels(Picture {
        width,
        height,
        pixels: (0..width * height * 3).map(|place| (place * number) as u8).collect(),
    })
}

/// `count` pictures, of which those told by `is_right` are said to be what they are, and the others of the next class.
fn made(classes: usize, count: usize, epochs: usize, is_right: impl Fn(usize) -> bool) -> Made {
    let labels: Vec<usize> = (0..count).map(|place| place % classes).collect();
    let said = |place: usize| if is_right(place) { labels[place] } else { (labels[place] + 1) % classes };
    let logit = |place: usize, class: usize| if said(place) == class { 3.0 + place as f32 / 100.0 } else { 0.0 };
    let logits: Vec<f32> =
        (0..count).flat_map(|place| (0..classes).map(move |class| (place, class))).map(|(p, c)| logit(p, c)).collect();
    let rows = probabilities(&logits, classes, 1.0);
    let tested = labels.iter().zip(rows.chunks(classes)).enumerate().map(|(place, (&label, row))| Tested {
        photo: photo(place),
        name: Some(format!("<{place}>.png")),
        label,
        probabilities: row.to_vec(),
    });
    let epoch = |epoch: usize| Epoch { epoch, training_loss: 1.0, validation_loss: f64::NAN, accuracy: 0.5 };
    Made {
        classes: (0..classes).map(|class| format!("a long name of the <class> & more, {class}")).collect(),
        evaluation: evaluate(&logits, &labels, classes, 1.0),
        tested: tested.collect(),
        learnt_from: labels.iter().map(|&label| Example { photo: photo(label), label }).collect(),
        history: (1..=epochs).map(epoch).collect(),
    }
}

impl Made {
    fn report(&self) -> ClassReport<'_> {
        ClassReport {
            title: "a model & its pictures",
            facts: &[],
            classes: &self.classes,
            evaluation: &self.evaluation,
            learnt_from: &self.learnt_from,
            tested: &self.tested,
            history: &self.history,
            limits: Limits::default(),
        }
    }

    fn html(&self) -> String {
        self.report().html().unwrap()
    }
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn png(folder: &Path, name: &str) -> Picture {
    Picture::open(&folder.join(name), &Limits::default()).unwrap()
}

#[test]
fn a_page_has_all_parts_and_loads_nothing() {
    let html = made(3, 40, 4, |place| place % 5 > 0).html();
    for part in [
        "Scores",
        "Classes",
        "confusion matrix",
        "reliability diagram",
        "learning curves",
        "A training picture",
        "Training pictures",
        "Test pictures: predicted (true)",
        "Most confident mistakes",
        "Likely label errors",
    ] {
        assert!(html.contains(part), "{part}");
    }
    assert_eq!(html.matches("src=").count(), html.matches("src=\"data:image/png;base64,").count());
    assert!(!html.contains("href=") && !html.contains("<script") && !html.contains("url("));
    assert!(html.contains("a model &amp; its pictures"));
    assert!(!html.contains("<class>") && !html.contains("<1>.png") && html.contains("&lt;class&gt; &amp; more"));
}

#[test]
fn what_is_right_has_a_tick_and_what_is_wrong_a_cross() {
    let html = made(3, 20, 0, |place| place % 5 > 0).html();
    // Four of twenty are wrong: shown among the tested, as mistakes, and as likely label errors.
    assert_eq!(html.matches("class=\"right\">✓ ").count(), 16);
    assert_eq!(html.matches("class=\"wrong\">✗ ").count(), 12);
    assert!(html.contains("There are 4, the most confident first"));
}

#[test]
fn mistakes_come_by_their_confidence() {
    let html = made(3, 60, 0, |place| place % 2 > 0).html();
    let mistakes = &html[html.find("Most confident mistakes").unwrap()..];
    let place = |name: &str| mistakes.find(name).unwrap();
    assert!(place("&lt;58&gt;.png") < place("&lt;56&gt;.png") && place("&lt;56&gt;.png") < place("&lt;10&gt;.png"));
    assert!(mistakes.contains("There are 30, of which the most confident 25 are shown"));
}

#[test]
fn pictures_stand_beside_the_page() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("new/report");
    made(10, 40, 4, |place| place % 5 > 0).report().write(&place, false).unwrap();
    let expected = [
        "calibration.png",
        "confusion.png",
        "curves.png",
        PAGE,
        "label-errors.png",
        "mistakes.png",
        "sample.png",
        "tested.png",
        "training.png",
    ];
    assert_eq!(names(&place), expected);
    let wide = |name| png(&place, name).width;
    assert_eq!((wide("tested.png"), wide("training.png")), (1012, 1012), "five pictures and the margins");
    assert!(wide("mistakes.png") == 1012 && png(&place, "mistakes.png").height < png(&place, "tested.png").height);
    let curves = png(&place, "curves.png");
    assert_eq!((curves.width, curves.height), (960, 400));
    let confusion = png(&place, "confusion.png");
    assert!(confusion.width > 720 && confusion.height > 720);
    assert_eq!(confusion.pixels[..3], [u8::MAX; 3], "on white");
}

#[test]
fn a_picture_stands_in_the_grid_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let mut made = made(2, 1, 0, |_| true);
    let (red, green) = ([200, 10, 10], [10, 200, 10]);
    let pixels = [red, green].concat();
    made.tested[0].photo = Photo::Pixels(Picture { width: 2, height: 1, pixels });
    made.report().write(folder.path(), false).unwrap();
    let grid = png(folder.path(), "tested.png");
    let count = |colour: [u8; 3]| grid.pixels.chunks(3).filter(|pixel| *pixel == colour).count();
    assert_eq!((count(red), count(green)), (70 * 70, 70 * 70), "enlarged without smoothing");
}

#[test]
fn nothing_to_show_makes_no_picture() {
    let folder = tempfile::tempdir().unwrap();
    made(2, 3, 0, |_| true).report().write(folder.path(), false).unwrap();
    assert_eq!(
        names(folder.path()),
        ["calibration.png", "confusion.png", PAGE, "sample.png", "tested.png", "training.png"]
    );
    let html = fs::read_to_string(folder.path().join(PAGE)).unwrap();
    assert!(html.contains("There is no mistake.") && !html.contains("learning curves"));
}

#[test]
fn any_number_of_classes_and_pictures_is_drawn() {
    for (classes, count, epochs) in [(1, 0, 0), (1, 1, 1), (2, 0, 1), (50, 7, 0), (90, 200, 2)] {
        let html = made(classes, count, epochs, |place| place % 3 > 0).html();
        assert_eq!(html.contains("classes, the 60 with most mistakes are shown"), classes > 60, "{classes} classes");
    }
}

/// No bundle has such curves, but a report may be made of any.
#[test]
fn learning_curves_of_any_numbers_are_drawn() {
    let next = |number: f64| f64::from_bits(number.to_bits() + 1);
    for [training_loss, validation_loss] in
        [[1e308, -1e308], [f64::INFINITY, f64::NAN], [1e30, next(1e29)], [1.0, next(1.0)], [0.0, 1e-320], [1e30, 1e30]]
    {
        let mut made = made(2, 3, 1, |_| true);
        made.history = [1, 2, 1 << 60]
            .map(|epoch| Epoch { epoch, training_loss, validation_loss, accuracy: training_loss })
            .to_vec();
        assert!(made.html().contains("learning curves"), "{training_loss} {validation_loss}");
    }
}

/// The training set of what a model is evaluated on need not be what it learnt from.
#[test]
fn nothing_is_said_of_pictures_that_is_not_known() {
    let html = made(3, 40, 0, |_| true).html();
    assert!(!html.contains("learnt from") && !html.contains("did not learn"), "{html}");
}

#[test]
fn what_is_shown_is_spread_over_all() {
    assert_eq!(spread(3).collect::<Vec<_>>(), [0, 1, 2]);
    assert_eq!(spread(0).count(), 0);
    let places: Vec<usize> = spread(60_000).collect();
    assert_eq!((places.len(), places[0], places[1], places[24]), (25, 0, 2400, 57_600));
    // Sorted by class, as pictures in folders are: all classes are shown.
    let mut made = made(5, 200, 0, |_| true);
    made.learnt_from.sort_by_key(|example| example.label);
    let html = made.html();
    let training = &html[html.find("Training pictures").unwrap()..html.find("Test pictures").unwrap()];
    for class in 0..5 {
        assert_eq!(training.matches(&format!("more, {class}</figcaption>")).count(), 5, "{class}");
    }
}

#[test]
fn a_photo_that_is_gone_leaves_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let mut made = made(2, 2, 0, |_| true);
    made.tested[0].photo = Photo::File(folder.path().join("gone.jpg"));
    made.learnt_from[0].photo = Photo::File(folder.path().join("gone.jpg"));
    made.report().write(folder.path(), false).unwrap();
    let html = fs::read_to_string(folder.path().join(PAGE)).unwrap();
    assert_eq!(html.matches("not readable").count(), 2);
    assert!(!folder.path().join("sample.png").exists());
}

#[test]
fn a_report_is_replaced_only_when_asked() {
    let folder = tempfile::tempdir().unwrap();
    let before = made(2, 8, 3, |place| place % 2 > 0);
    before.report().write(folder.path(), false).unwrap();
    let after = made(2, 8, 0, |_| true);
    let refused = after.report().write(folder.path(), false).unwrap_err();
    assert!(matches!(refused, Error::Exists { .. }), "{refused}");
    assert!(folder.path().join("curves.png").exists());
    after.report().write(folder.path(), true).unwrap();
    assert!(!folder.path().join("curves.png").exists(), "what the new report does not have is gone");
}
