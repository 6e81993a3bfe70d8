//! Classifiers' bundles: what was saved is opened, and nothing is built on a manifest's word alone.

#![allow(clippy::unwrap_used, reason = "a test that cannot prepare itself fails")]

mod support;

use std::fs;
use std::path::Path;

use nid_engine::bundle::{Model, Network};
use nid_engine::{Bundle, ClassifierBundle, Error};
use support::classifier::{Made, NETWORKS, head, network};
use support::problem;

#[track_caller]
fn check_round_trip(made: &Made) {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("bundle");
    made.save(&folder);
    let Model::Classifier(bundle) = Model::open(folder.to_str().unwrap()).unwrap() else {
        panic!("found a captioner");
    };
    assert_eq!(bundle.manifest.classes, made.manifest.classes);
    assert_eq!(bundle.manifest.temperature, made.manifest.temperature);
    assert_eq!(bundle.manifest.model, made.manifest.model);
    assert_eq!(bundle.history, made.history);
    assert_eq!(bundle.card, "# A test\n");
    support::check_kept(&bundle.parameters, &made.parameters);
    assert_eq!(fs::read_dir(place.path()).unwrap().count(), 1, "nothing is left beside it");
}

#[test]
fn what_was_saved_is_opened() {
    NETWORKS.iter().for_each(|words| check_round_trip(&network(words)));
    check_round_trip(&head());
}

#[test]
fn a_head_keeps_its_encoder_and_a_network_has_none() {
    let bundle = head().opened().bundle;
    assert!(bundle.manifest.files.contains_key("encoder.safetensors"));
    assert!(matches!(bundle.network, Network::Features { .. }));
    let bundle = network(NETWORKS[0]).opened().bundle;
    assert!(!bundle.manifest.files.contains_key("encoder.safetensors"));
    assert!(matches!(bundle.network, Network::Pictures(_)));
}

#[test]
fn parts_that_disagree_are_not_saved() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("bundle");
    let refused = |change: fn(&mut Made)| {
        let mut made = network(NETWORKS[0]);
        change(&mut made);
        assert!(ClassifierBundle::save(&folder, made.parts()).is_err());
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 0, "nothing half-written remains");
    };
    refused(|made| made.manifest.classes.push("Coat".to_owned()));
    refused(|made| made.manifest.temperature = f64::NAN);
    refused(|made| made.weights = Some(vec![0]));
    refused(|made| made.history[0].accuracy = f64::NAN);
    refused(|made| made.history[0].epoch = 2);
    refused(|made| made.manifest.classes[1] = made.manifest.classes[0].clone());
}

#[test]
fn a_changed_byte_is_told() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("bundle");
    network(NETWORKS[2]).save(&folder);
    for file in ["model.safetensors", "history.json", "CARD.md"] {
        let path = folder.join(file);
        let good = fs::read(&path).unwrap();
        let mut bad = good.clone();
        *bad.last_mut().unwrap() ^= 1;
        fs::write(&path, bad).unwrap();
        let said = problem(ClassifierBundle::load(&folder), &folder);
        assert!(said.starts_with(&format!("BUNDLE/{file}: found SHA-256 ")), "{said}");
        fs::write(&path, good).unwrap();
    }
    ClassifierBundle::load(&folder).unwrap();
}

/// Saves a bundle, changes its manifest, and tells what opening it says.
#[track_caller]
fn check_manifest(made: &Made, from: &str, to: &str, expected: &str) {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("bundle");
    made.save(&folder);
    let path = folder.join("bundle.toml");
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{text}");
    fs::write(&path, text.replacen(from, to, 1)).unwrap();
    let said = problem(ClassifierBundle::load(&folder), &folder);
    assert!(said.contains(expected), "found {said:?}, expected {expected:?}");
}

/// Each would take more memory than there is, were it believed.
#[test]
fn what_a_manifest_claims_is_compared_with_the_bytes() {
    const HUGE: &str = "9223372036854775807";
    let claims = |words, key: &str, number: &str| {
        let found = format!("{key} = ");
        let made = network(words);
        let text = toml::to_string(&made.manifest).unwrap();
        let line = text.lines().find(|line| line.starts_with(&found)).unwrap();
        check_manifest(&made, line, &format!("{found}{number}"), "expected ");
        check_manifest(&made, line, &format!("{found}{number}"), "bundle.toml: ");
    };
    for number in ["1000000", HUGE] {
        claims(NETWORKS[0], "hidden", number);
        claims(NETWORKS[1], "hidden", number);
        NETWORKS[1..].iter().for_each(|words| claims(words, "width", number));
        NETWORKS.iter().for_each(|words| claims(words, "height", number));
    }
    // Together they overflow, or ask for more pixels than the network has numbers.
    check_manifest(&network(NETWORKS[0]), "height = 28", "height = 512", "network with 14336 by 16 numbers");
    check_manifest(&network(NETWORKS[2]), "height = 28", "height = 512", "network with 512 by 28 numbers");
    check_manifest(
        &network(NETWORKS[2]),
        "width = 2",
        &format!("width = {HUGE}"),
        "bundle.toml: found a network with ",
    );
    let made = head();
    check_manifest(&made, "[model.head]", &format!("[model.head]\nhidden = {HUGE}"), "found a head with 1280 by ");
}

#[test]
fn a_manifest_that_does_not_fit_is_told() {
    let made = network(NETWORKS[0]);
    let check = |from: &str, to: &str, expected: &str| check_manifest(&made, from, to, expected);
    check("format = 1", "format = 2\nnew = 3", "bundle.toml: found format 2, expected 1");
    check("hidden = 16", "hiden = 16", "unknown field `hiden`");
    check("hidden = 16", "hidden = 17", "expected [");
    check("\"mlp\"", "\"mlpp\"", "did you mean `mlp`?");
    check("height = 28", "height = 0", "found pictures of 28 by 0 pixels, expected sides from 1 to");
    check("scale = 90.0", "scale = 0.0", "no scale of 0 or next to it");
    check("scale = 90.0", "scale = 1e-45", "no scale of 0 or next to it");
    check("temperature = 1.5", "temperature = 0.0", "found a temperature of 0, expected 0.05 to 20");
    check("temperature = 1.5", "temperature = 1e-320", "expected 0.05 to 20");
    check("temperature = 1.5", "temperature = 20.1", "found a temperature of 20.1, expected 0.05 to 20");
    check("temperature = 1.5", "temperature = nan", "found a temperature of NaN, expected 0.05 to 20");
    check("\"Bag\"", "\"Shirt\"", "found a class \"Shirt\", expected names of one line, each once");
    check("\"Bag\"", "\"B\\u001bg\"", "found a class \"B\\u{1b}g\"");
    check("\"Shirt\", \"Bag\", ", "", "1 classes, expected at least 2");
    check("\"CARD.md\"", "\"encoder.safetensors\"", "found a file \"encoder.safetensors\" under [files]");
}

/// Whoever changes the learning curves can also change what the manifest says of their bytes.
#[test]
fn learning_curves_that_no_training_leaves_are_told() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("bundle");
    network(NETWORKS[0]).save(&folder);
    let [history, manifest] = ["history.json", "bundle.toml"].map(|name| folder.join(name));
    let check = |epochs: &str, expected: &str| {
        fs::write(&history, format!("[{epochs}]")).unwrap();
        let Err(Error::Changed { found: digest, expected: before, .. }) = ClassifierBundle::load(&folder) else {
            panic!("the file was changed");
        };
        fs::write(&manifest, fs::read_to_string(&manifest).unwrap().replace(&before, &digest)).unwrap();
        let said = problem(ClassifierBundle::load(&folder), &folder);
        assert!(said.starts_with("BUNDLE/history.json: found epoch ") && said.contains(expected), "{said}");
    };
    let epoch = |epoch, training: f64, validation: f64, accuracy: f64| {
        format!(
            r#"{{"epoch":{epoch},"training_loss":{training:e},"validation_loss":{validation:e},"accuracy":{accuracy:e}}}"#
        )
    };
    check(&epoch(1, 1e308, 1.0, 0.5), "expected rising epochs, losses from 0 to 1e30");
    check(&epoch(1, 1.0, -1e308, 0.5), "losses of 1e0 and -1e308");
    check(&epoch(1, 1.0, 1.0, 1.5), "an accuracy of 1.5");
    check(&epoch(0, 1.0, 1.0, 0.5), "epoch 0 after 0");
    check(&[epoch(2, 1.0, 1.0, 0.5), epoch(2, 1.0, 1.0, 0.5)].join(","), "epoch 2 after 2");
}

#[test]
fn kinds_are_not_mixed_up() {
    let place = tempfile::tempdir().unwrap();
    let [captioner, classifier] = ["captioner", "classifier"].map(|name| place.path().join(name));
    support::made().save(&captioner);
    network(NETWORKS[0]).save(&classifier);

    let said = |result, folder: &Path| problem(result, folder);
    let wrong = said(Bundle::load(&classifier).map(drop), &classifier);
    assert_eq!(wrong, "BUNDLE: found a classifier, expected a captioner (`nid classify` opens a classifier)");
    let wrong = said(ClassifierBundle::load(&captioner).map(drop), &captioner);
    assert_eq!(wrong, "BUNDLE: found a captioner, expected a classifier (`nid caption` opens a captioner)");
    assert!(matches!(Model::open(captioner.to_str().unwrap()).unwrap(), Model::Captioner(_)));
}

#[test]
fn an_unknown_name_is_told_with_those_of_its_kind() {
    let said = problem(ClassifierBundle::open("no-such-bundle"), Path::new("."));
    assert!(said.starts_with("found no bundle \"no-such-bundle\", expected a folder"), "{said}");
    assert!(!said.contains("flickr8k"), "that is a captioner: {said}");
}
