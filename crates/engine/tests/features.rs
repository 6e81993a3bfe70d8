//! Feature files: resumed they are what they would have been, and stale ones are refused.

#![allow(clippy::unwrap_used, reason = "a test that cannot prepare itself fails")]

mod support;

use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use nid_engine::features::{FeatureFile, Options, Report, Summary, View, extract};
use nid_engine::{Error, Preprocessing, preprocess};
use nid_weights::Precision;
use proptest::prelude::*;
use sha2::{Digest, Sha256};
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
    check_resumed(&options(), 4);
}

#[test]
fn an_interrupted_extraction_of_views_is_resumed() {
    let views = vec![View::WHOLE, View { flip: true, ..View::WHOLE }, View::STANDARD[2]];
    check_resumed(&Options { views: views.clone(), ..options() }, 12);
    check_resumed(&Options { views, pooled: true, precision: Precision::F16, ..options() }, 3);
}

fn check_resumed(options: &Options, regions: usize) {
    let place = tempfile::tempdir().unwrap();
    let (photos, how) = (photos(place.path()), preprocessing());
    let (whole, parts) = (place.path().join("whole.npy"), place.path().join("parts.npy"));

    let summary = run(&photos, &how, &whole, options, usize::MAX).unwrap();
    assert_eq!(summary, Summary { encoded: PHOTOS, kept: 0, skipped: 0, regions, channels: 1280 });

    let stopped = run(&photos, &how, &parts, options, 2).unwrap_err();
    assert!(matches!(stopped, Error::Interrupted { done: 2, total: PHOTOS }), "{stopped}");
    assert!(!parts.exists());
    let summary = run(&photos, &how, &parts, options, usize::MAX).unwrap();
    assert_eq!((summary.encoded, summary.kept), (PHOTOS - 2, 2));
    assert_eq!(fs::read(&whole).unwrap(), fs::read(&parts).unwrap());

    let summary = run(&photos, &how, &parts, options, 0).unwrap();
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
fn a_view_is_what_the_encoder_sees_in_the_changed_picture() {
    let place = tempfile::tempdir().unwrap();
    let (photos, how, output) = (photos(place.path()), preprocessing(), place.path().join("x.npy"));
    let part = View { crop: [0.25, 0.1, 0.75, 1.0], flip: true };
    let views = vec![View { flip: true, ..View::WHOLE }, part, View::WHOLE];
    run(&photos, &how, &output, &Options { views, ..options() }, usize::MAX).unwrap();
    let file = FeatureFile::open(&output).unwrap();
    assert_eq!(file.regions(), 3 * 4);
    for number in [0, 4] {
        let picture = picture(number);
        let edge = |share: f64| (share * picture.width as f64).round() as usize;
        let seen = [picture.flip(), picture.crop(edge(0.25)..edge(0.75), 4..40).flip(), picture];
        let pixels = seen.map(|picture| preprocess(&picture, &how));
        let features = pixels.map(|pixels| encoder().encode(&pixels, 1, how.height, how.width).unwrap().numbers);
        assert_ne!(features[0], features[2], "the views differ");
        assert_eq!(file.rows(&[number]), features.concat());
    }
}

#[test]
fn pooled_views_are_the_means_of_their_regions() {
    let place = tempfile::tempdir().unwrap();
    let (photos, how) = (photos(place.path()), preprocessing());
    let extracted = |name: &str, pooled| {
        let output = place.path().join(name);
        let options = Options { views: View::STANDARD.to_vec(), pooled, ..options() };
        run(&photos, &how, &output, &options, usize::MAX).unwrap();
        FeatureFile::open(&output).unwrap()
    };
    let (regions, pooled) = (extracted("regions.npy", false), extracted("pooled.npy", true));
    assert_eq!([regions.regions(), pooled.regions()], [6 * 4, 6]);
    let rows: Vec<usize> = (0..PHOTOS).collect();
    let (regions, pooled) = (regions.rows(&rows), pooled.rows(&rows));
    assert_eq!(regions.len(), pooled.len() * 4);
    for (place, found) in pooled.iter().enumerate() {
        let (view, channel) = (place / 1280, place % 1280);
        let sum: f32 = (0..4).map(|region| regions[(view * 4 + region) * 1280 + channel]).sum();
        assert!((found - sum / 4.0).abs() <= 1e-5 * (1.0 + found.abs()), "view {view}, channel {channel}");
    }
}

#[test]
fn files_of_one_whole_view_keep_the_keys_that_they_always_had() {
    let place = tempfile::tempdir().unwrap();
    let (photos, how, output) = (photos(place.path()), preprocessing(), place.path().join("x.npy"));
    run(&photos, &how, &output, &options(), usize::MAX).unwrap();
    let probe: Vec<f32> = (0..how.width * how.height * 3).map(|i| (i * 7919 % 255) as f32 / 127.5 - 1.0).collect();
    let seen = encoder().encode(&probe, 1, how.height, how.width).unwrap().numbers;
    let mut made_from = format!("{how:?} F32\n").into_bytes();
    made_from.extend(seen.iter().flat_map(|number| number.to_le_bytes()));
    photos.iter().for_each(|(name, _)| made_from.extend(format!("{name}\n").bytes()));
    let expected: String = Sha256::digest(&made_from).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(fs::read_to_string(output.with_extension("key")).unwrap(), expected);
}

#[test]
fn features_of_other_views_are_refused() {
    let place = tempfile::tempdir().unwrap();
    let (photos, how, output) = (photos(place.path()), preprocessing(), place.path().join("x.npy"));
    let flipped = View { flip: true, ..View::WHOLE };
    let ways = [(View::WHOLE, false), (View::WHOLE, true), (flipped, false), (View::STANDARD[2], false)];
    let ways = ways.map(|(view, pooled)| Options { views: vec![view], pooled, ..options() });
    for way in &ways {
        run(&photos, &how, &output, &Options { force: true, ..way.clone() }, usize::MAX).unwrap();
        for other in &ways {
            let result = run(&photos, &how, &output, other, usize::MAX);
            let is_same = (&other.views, other.pooled) == (&way.views, way.pooled);
            assert_eq!(result.is_ok(), is_same, "{other:?} after {way:?}: {result:?}");
        }
    }
}

proptest! {
    #[test]
    fn every_view_shows_at_least_a_pixel(number in 0..9_usize, crop: [f64; 4], flip: bool) {
        let picture = picture(number);
        let seen = View { crop, flip }.of(&picture).into_owned();
        prop_assert!((1..=picture.width).contains(&seen.width) && (1..=picture.height).contains(&seen.height));
        prop_assert_eq!(seen.pixels.len(), seen.width * seen.height * 3);
    }
}

#[test]
fn the_standard_views_begin_with_the_whole_and_differ() {
    let picture = picture(3);
    let seen = View::STANDARD.map(|view| view.of(&picture).into_owned());
    assert_eq!(seen[..2], [picture.clone(), picture.flip()]);
    for (place, view) in seen.iter().enumerate() {
        assert!(!seen[..place].contains(view), "view {place} is another again");
        let least = if place < 2 { 1.0 } else { 0.79 };
        let [across, down] =
            [(view.width, picture.width), (view.height, picture.height)].map(|(a, b)| a as f64 / b as f64);
        assert!((least..=1.0).contains(&across) && (least..=1.0).contains(&down), "view {place}: {across} by {down}");
    }
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
