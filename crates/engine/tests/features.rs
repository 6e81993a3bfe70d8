//! Feature files: resumed they are what they would have been, and stale ones are refused.

#![allow(clippy::unwrap_used, reason = "a test that cannot prepare itself fails")]

mod support;

use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use nid_engine::features::{FeatureFile, Options, Report, Summary, extract};
use nid_engine::{Error, Preprocessing, preprocess};
use nid_weights::Precision;
use support::{encoder, picture, preprocessing, write_bmp};

const PHOTOS: usize = 5;

fn photos(folder: &Path) -> Vec<(String, PathBuf)> {
    let photo = |number| {
        let name = format!("{number}.bmp");
        let path = folder.join(&name);
        write_bmp(&path, &picture(number));
        (name, path)
    };
    (0..PHOTOS).map(photo).collect()
}

fn options() -> Options {
    Options { precision: Precision::F32, batch: 2, ..Options::default() }
}

/// Extracts, and stops when so many photos are done.
fn run(
    photos: &[(String, PathBuf)],
    how: &Preprocessing,
    output: &Path,
    options: &Options,
    stop: usize,
) -> Result<Summary, Error> {
    extract(&encoder(), how, photos, output, options, &mut |report| match report {
        Report::Progress { done, .. } if done >= stop => ControlFlow::Break(()),
        _ => ControlFlow::Continue(()),
    })
}

#[test]
fn an_interrupted_extraction_is_resumed() {
    let place = tempfile::tempdir().unwrap();
    let (photos, how) = (photos(place.path()), preprocessing());
    let (whole, parts) = (place.path().join("whole.npy"), place.path().join("parts.npy"));

    let summary = run(&photos, &how, &whole, &options(), usize::MAX).unwrap();
    assert_eq!(summary, Summary { encoded: PHOTOS, kept: 0, skipped: 0, regions: 4, channels: 1280 });

    let stopped = run(&photos, &how, &parts, &options(), 2).unwrap_err();
    assert!(matches!(stopped, Error::Interrupted { done: 2, total: PHOTOS }), "{stopped}");
    assert!(!parts.exists());
    let summary = run(&photos, &how, &parts, &options(), usize::MAX).unwrap();
    assert_eq!((summary.encoded, summary.kept), (PHOTOS - 2, 2));
    assert_eq!(fs::read(&whole).unwrap(), fs::read(&parts).unwrap());

    let summary = run(&photos, &how, &parts, &options(), 0).unwrap();
    assert_eq!((summary.encoded, summary.kept), (0, PHOTOS));
    let left = fs::read_dir(place.path()).unwrap().filter_map(|entry| entry.unwrap().file_name().into_string().ok());
    assert!(!left.into_iter().any(|name| name.contains("partial")), "nothing half-written remains");
}

#[test]
fn rows_are_what_the_encoder_sees() {
    let place = tempfile::tempdir().unwrap();
    let (photos, how, output) = (photos(place.path()), preprocessing(), place.path().join("x.npy"));
    run(&photos, &how, &output, &options(), usize::MAX).unwrap();
    let file = FeatureFile::open(&output).unwrap();
    assert_eq!((file.names().len(), file.regions(), file.channels()), (PHOTOS, 4, 1280));
    for number in [3, 0] {
        let row = file.row_of(&format!("{number}.bmp")).unwrap();
        let seen = encoder().encode(&preprocess(&picture(number), &how), 1, how.height, how.width).unwrap();
        assert_eq!(file.rows(&[row]), seen.numbers);
    }
    assert_eq!(file.row_of("9.bmp"), None);
}

#[test]
fn features_of_anything_else_are_refused_unless_forced() {
    let place = tempfile::tempdir().unwrap();
    let (photos, how, output) = (photos(place.path()), preprocessing(), place.path().join("x.npy"));
    run(&photos, &how, &output, &options(), usize::MAX).unwrap();
    let before = fs::read(&output).unwrap();

    let other = Preprocessing { mean: [0.0; 3], ..how.clone() };
    for (photos, how) in [(&photos[1..], &how), (&photos[..], &other)] {
        let refused = run(photos, how, &output, &options(), usize::MAX).unwrap_err();
        assert!(matches!(refused, Error::Exists { .. }), "{refused}");
    }
    assert_eq!(fs::read(&output).unwrap(), before);

    let forced = Options { force: true, ..options() };
    run(&photos, &other, &output, &forced, 2).unwrap_err();
    assert_eq!(fs::read(&output).unwrap(), before, "the old one stays until the new one is whole");
    run(&photos[1..], &other, &output, &forced, usize::MAX).unwrap();
    assert_eq!(FeatureFile::open(&output).unwrap().names().len(), PHOTOS - 1);
}

#[test]
fn a_photo_that_cannot_be_read_is_named_and_left_out() {
    let place = tempfile::tempdir().unwrap();
    let (photos, how, output) = (photos(place.path()), preprocessing(), place.path().join("x.npy"));
    fs::write(&photos[3].1, "not a picture").unwrap();
    let mut said = Vec::new();
    let mut listen = |report: Report| {
        if let Report::Skipped(error) = report {
            said.push(error.to_string());
        }
        ControlFlow::Continue(())
    };
    let summary = extract(&encoder(), &how, &photos, &output, &options(), &mut listen).unwrap();
    assert_eq!((summary.encoded, summary.skipped), (PHOTOS - 1, 1));
    assert!(said.len() == 1 && said[0].contains("3.bmp"), "{said:?}");

    let file = FeatureFile::open(&output).unwrap();
    assert_eq!(file.names(), ["0.bmp", "1.bmp", "2.bmp", "4.bmp"]);
    let seen = encoder().encode(&preprocess(&picture(4), &how), 1, how.height, how.width).unwrap();
    assert_eq!(file.rows(&[3]), seen.numbers);
    let mut said = 0;
    let mut listen = |report: Report| {
        said += usize::from(matches!(report, Report::Skipped(_)));
        ControlFlow::Continue(())
    };
    let again = extract(&encoder(), &how, &photos, &output, &options(), &mut listen).unwrap();
    assert_eq!((again.encoded, again.kept, again.skipped, said), (0, PHOTOS - 1, 1, 1), "it is named again");

    write_bmp(&photos[3].1, &picture(3));
    let mended = run(&photos, &how, &output, &options(), usize::MAX).unwrap();
    assert_eq!((mended.encoded, mended.kept, mended.skipped), (1, PHOTOS - 1, 0));
    let whole = place.path().join("whole.npy");
    run(&photos, &how, &whole, &options(), usize::MAX).unwrap();
    assert_eq!(fs::read(&whole).unwrap(), fs::read(&output).unwrap());
}

#[test]
fn photos_none_of_which_can_be_read_are_an_error() {
    let place = tempfile::tempdir().unwrap();
    let output = place.path().join("x.npy");
    let photos = [("a.jpg".to_owned(), place.path().join("a.jpg"))];
    let said = run(&photos, &preprocessing(), &output, &options(), usize::MAX).unwrap_err();
    assert!(matches!(said, Error::NoPhoto { photos: 1 }), "{said}");
    assert_eq!(fs::read_dir(place.path()).unwrap().count(), 0, "nothing is left behind");
}

#[test]
fn names_that_are_not_lines_are_refused() {
    let place = tempfile::tempdir().unwrap();
    let output = place.path().join("x.npy");
    for names in [["a", "a"], ["a\nb", "c"], ["", "c"]] {
        let photos = names.map(|name| (name.to_owned(), PathBuf::from(name)));
        let refused = run(&photos, &preprocessing(), &output, &options(), usize::MAX).unwrap_err();
        assert!(matches!(refused, Error::Name { .. }), "{refused}");
    }
}
