//! A report is one page that needs nothing beside it.

#![allow(clippy::unwrap_used, reason = "a test that cannot prepare itself fails")]

mod support;

use std::fs;
use std::path::Path;

use nid_data::picture::Limits;
use nid_engine::Error;
use nid_engine::report::{CaptionReport, Captioned, PAGE, prepare};
use nid_metrics::resample::Draws;
use nid_metrics::{Pair, evaluate_each};
use support::{picture, write_bmp};

/// Photos of which the first ones are captioned in a person's words, and the last in others.
fn captioned(folder: &Path, photos: usize) -> Vec<Captioned> {
    let reference = |photo: usize| format!("thing <{photo}> stands beside the other thing {photo}");
    let caption = |photo: usize| if photo * 2 < photos { reference(photo) } else { "something else".to_owned() };
    let pairs: Vec<Pair> =
        (0..photos).map(|photo| Pair { candidate: caption(photo), references: vec![reference(photo)] }).collect();
    let each = evaluate_each(&pairs);
    let captioned = |photo: usize| {
        let name = format!("{photo}.bmp");
        let path = folder.join(&name);
        write_bmp(&path, &picture(photo));
        Captioned { name, path, caption: caption(photo), references: vec![reference(photo)], statistics: each[photo] }
    };
    (0..photos).map(captioned).collect()
}

fn report(photos: &[Captioned]) -> CaptionReport<'_> {
    let draws = Draws { count: 50, seed: 1 };
    CaptionReport {
        title: "a model & its photos",
        facts: &[],
        unavailable: &[],
        photos,
        draws,
        limits: Limits::default(),
    }
}

#[test]
fn a_page_shows_each_photo_once_and_loads_nothing() {
    let folder = tempfile::tempdir().unwrap();
    for (photos, shown) in [(0, 0), (1, 1), (2, 2), (5, 5), (60, 36)] {
        let photos = captioned(folder.path(), photos);
        let html = report(&photos).html();
        assert_eq!(html.matches("<article>").count(), shown, "{} photos", photos.len());
        assert_eq!(html.matches("src=\"data:image/jpeg;base64,").count(), shown);
        assert_eq!(
            html.matches("src=").count() + html.matches("href=").count() + html.matches("<script").count(),
            shown
        );
        assert!(html.contains("a model &amp; its photos") && !html.contains("thing <"), "what people wrote is text");
    }
}

#[test]
fn the_best_come_first() {
    let folder = tempfile::tempdir().unwrap();
    let html = report(&captioned(folder.path(), 6)).html();
    let place = |words: &str| html.find(words).unwrap();
    assert!(place("Best by CIDEr") < place("0.bmp: ") && place("0.bmp: ") < place("Middling by CIDEr"));
    assert!(place("Worst by CIDEr") < place("5.bmp: "));
}

#[test]
fn what_is_not_measured_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let photos = captioned(folder.path(), 1);
    let unavailable = [("METEOR", "no <tables>".to_owned())];
    let html = CaptionReport { unavailable: &unavailable, ..report(&photos) }.html();
    assert!(html.contains("<td>METEOR</td><td class=\"number\">n/a</td><td>no &lt;tables&gt;</td>"), "{html}");
}

#[test]
fn a_folder_that_cannot_hold_a_page_is_found_before() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "before").unwrap();
    for (place, problem) in [(file.clone(), "expected a folder"), (file.join("report"), "cannot be written")] {
        let refused = prepare(&place, CaptionReport::FILES, true).unwrap_err().to_string();
        assert!(refused.contains(problem), "{refused}");
    }
    assert_eq!(fs::read_to_string(&file).unwrap(), "before");
    let place = folder.path().join("new/report");
    prepare(&place, CaptionReport::FILES, false).unwrap();
    assert_eq!(fs::read_dir(&place).unwrap().count(), 0, "nothing is left of the trial");
}

#[test]
fn a_page_is_replaced_only_when_asked() {
    let folder = tempfile::tempdir().unwrap();
    let photos = captioned(folder.path(), 2);
    let place = folder.path().join("new/report");
    report(&photos).write(&place, false).unwrap();
    let before = fs::read(place.join(PAGE)).unwrap();
    let refused = report(&photos[..1]).write(&place, false).unwrap_err();
    assert!(matches!(refused, Error::Exists { .. }), "{refused}");
    assert_eq!(fs::read(place.join(PAGE)).unwrap(), before);
    report(&photos[..1]).write(&place, true).unwrap();
    assert_ne!(fs::read(place.join(PAGE)).unwrap(), before);
}
