//! Bundles: whole or not at all, and opened only if their parts agree.

#![allow(clippy::unwrap_used, reason = "a test that cannot prepare itself fails")]

mod support;

use std::fs;

use nid_engine::bundle::Model;
use nid_engine::{Bundle, Captioner};
use support::{made, picture, problem};

/// Saves a bundle, changes one of its files, and tells what opening it says.
fn spoilt(file: &str, change: impl FnOnce(String) -> String) -> String {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("bundle");
    made().save(&folder);
    let path = folder.join(file);
    fs::write(&path, change(fs::read_to_string(&path).unwrap())).unwrap();
    problem(Bundle::load(&folder), &folder)
}

#[test]
fn what_was_saved_is_opened() {
    let place = tempfile::tempdir().unwrap();
    let (made, folder) = (made(), place.path().join("bundle"));
    made.save(&folder);
    let bundle = Bundle::open(folder.to_str().unwrap()).unwrap();

    assert_eq!(bundle.manifest.decoder, made.manifest.decoder);
    assert_eq!(bundle.manifest.preprocessing, made.manifest.preprocessing);
    assert_eq!(bundle.manifest.files.len(), 4);
    assert_eq!(bundle.vocabulary, made.vocabulary);
    assert_eq!(bundle.card, "# A test\n");
    support::check_kept(&bundle.parameters, &made.parameters);
    assert_eq!(fs::read_dir(place.path()).unwrap().count(), 1, "nothing is left beside it");
}

#[test]
fn saved_again_it_is_the_same_and_says_the_same() {
    let place = tempfile::tempdir().unwrap();
    let (one, two) = (place.path().join("one"), place.path().join("two"));
    let made = made();
    made.save(&one);
    let bundle = Bundle::load(&one).unwrap();
    let again = support::Made {
        manifest: bundle.manifest.clone(),
        vocabulary: bundle.vocabulary.clone(),
        weights: made.weights.clone(),
        parameters: bundle.parameters.clone(),
    };
    again.save(&two);
    for entry in fs::read_dir(&one).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap();
        assert_eq!(fs::read(&path).unwrap(), fs::read(two.join(name)).unwrap(), "{name:?}");
    }
    let say = |bundle| {
        let captioner = Captioner::new(bundle);
        captioner.caption(&[picture(1)], &[0], &captioner.settings()).unwrap()
    };
    assert_eq!(say(bundle), say(Bundle::load(&two).unwrap()));
}

#[test]
fn a_changed_file_is_told() {
    let said = spoilt("vocabulary.txt", |text| text.replace("dog", "dig"));
    assert!(said.starts_with("BUNDLE/vocabulary.txt: found SHA-256 "), "{said}");
    let said = spoilt("CARD.md", |text| text + "\n");
    assert!(said.starts_with("BUNDLE/CARD.md: found SHA-256 "), "{said}");
}

#[test]
fn a_changed_byte_of_the_weights_is_told() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("bundle");
    made().save(&folder);
    for file in ["encoder.safetensors", "model.safetensors"] {
        let path = folder.join(file);
        let good = fs::read(&path).unwrap();
        let mut bad = good.clone();
        *bad.last_mut().unwrap() ^= 1;
        fs::write(&path, bad).unwrap();
        let said = problem(Bundle::load(&folder), &folder);
        assert!(said.starts_with(&format!("BUNDLE/{file}: found SHA-256 ")), "{said}");
        fs::write(&path, good).unwrap();
    }
    Bundle::load(&folder).unwrap();
}

#[test]
fn a_manifest_that_does_not_fit_is_told() {
    let check = |from: &str, to: &str, expected: &str| {
        let said = spoilt("bundle.toml", |text| {
            assert!(text.contains(from), "{text}");
            text.replacen(from, to, 1)
        });
        assert!(said.contains(expected), "found {said:?}, expected {expected:?}");
    };
    check("format = 1", "format = 2\nnew = 3", "bundle.toml: found format 2, expected 1");
    check("hidden = 8", "hiden = 8", "unknown field `hiden`");
    check("hidden = 8", "hiden = 8", "did you mean `hidden`?");
    check("show-attend-and-tell", "show-atend-and-tell", "did you mean `show-attend-and-tell`?");
    check("hidden = 8", "hidden = 9", "expected [");
    check("hidden = 8", "hidden = 1000000", "bundle.toml: found a decoder with 1000000 by 1000000 numbers");
    check("efficientnet-lite2", "efficientnet-lite9", "unknown encoder \"efficientnet-lite9\"");
    check("width = 64", "width = 0", "bundle.toml: found pictures of 0 by 64 pixels");
    check("\"CARD.md\"", "\"CARD.mad\"", "bundle.toml: found a file \"CARD.mad\" under [files]");
}

#[test]
fn a_missing_file_and_an_unknown_name_are_told() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("bundle");
    made().save(&folder);
    fs::remove_file(folder.join("model.safetensors")).unwrap();
    assert!(problem(Bundle::load(&folder), &folder).starts_with("BUNDLE/model.safetensors cannot be read: "));
    assert!(problem(Bundle::open("no-such-bundle"), &folder).starts_with("found no bundle \"no-such-bundle\""));
}

#[test]
fn only_a_bundle_is_replaced_and_only_when_asked() {
    let place = tempfile::tempdir().unwrap();
    let (made, folder) = (made(), place.path().join("bundle"));
    made.save(&folder);
    let said = problem(Bundle::save(&folder, made.parts(false)), &folder);
    assert!(said.starts_with("BUNDLE: found a bundle"), "{said}");
    Bundle::save(&folder, made.parts(true)).unwrap();

    let photos = place.path().join("photos");
    fs::create_dir(&photos).unwrap();
    fs::write(photos.join("holiday.jpg"), "precious").unwrap();
    let said = problem(Bundle::save(&photos, made.parts(true)), &photos);
    assert!(said.starts_with("BUNDLE: found something that is no bundle"), "{said}");
    assert_eq!(fs::read_to_string(photos.join("holiday.jpg")).unwrap(), "precious");
    assert_eq!(fs::read_dir(place.path()).unwrap().count(), 2, "nothing is left beside them");
}

#[test]
fn parts_that_disagree_are_not_saved() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("bundle");
    let mut made = made();
    made.manifest.decoder.hidden += 1;
    assert!(Bundle::save(&folder, made.parts(false)).is_err());
    assert_eq!(fs::read_dir(place.path()).unwrap().count(), 0, "nothing half-written remains");
}

#[test]
fn embedded_bundles_open() {
    for name in Model::names() {
        let card = match Model::open(name).unwrap() {
            Model::Captioner(bundle) => bundle.card,
            Model::Classifier(bundle) => bundle.card,
        };
        assert!(!card.is_empty(), "{name}");
    }
}
