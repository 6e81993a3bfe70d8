//! `nid evaluate` of classifiers that know Fashion-MNIST's classes, with random numbers for a network.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod idx;

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use nid_autograd::Initialiser;
use nid_data::labelled::fashion_mnist::CLASSES;
use nid_engine::bundle::{ClassifierConfig, ClassifierManifest, ClassifierParts, Input};
use nid_engine::{Classifier, ClassifierBundle};
use nid_metrics::classification::top;
use nid_nn::classifier::{self, Config};
use nid_weights::Precision;
use serde_json::Value;

const SIDE: usize = 28;
const TEMPERATURE: f64 = 0.5;

/// Runs in the folder; returns what it printed.
#[track_caller]
fn nid(folder: &Path, arguments: &str, status: i32) -> (String, String) {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("nid"));
    let output = command.current_dir(folder).args(arguments.split(' ')).assert().code(status).get_output().clone();
    (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
}

/// Saves a classifier of these classes.
fn save(folder: &Path, classes: &[String], scale: f32) -> Classifier {
    let network = Config::Mlp { hidden: 8.try_into().unwrap(), dropout: 0.0 };
    let mut initialiser = Initialiser::new(3);
    classifier::Classifier::new(&network, [SIDE, SIDE, 1], classes.len(), &mut initialiser).unwrap();
    let input = Input { height: SIDE, width: SIDE, mean: 0.0, scale, mirror: false };
    let model = ClassifierConfig::Network { network, input };
    let parts = ClassifierParts {
        manifest: &ClassifierManifest::new(classes.to_vec(), TEMPERATURE, model),
        encoder_weights: None,
        parameters: &initialiser.finish(),
        precision: Precision::F16,
        history: &[],
        card: "# A card\n",
        replace: false,
    };
    ClassifierBundle::save(folder, parts).unwrap();
    Classifier::new(ClassifierBundle::load(folder).unwrap())
}

/// Fashion-MNIST's classes, in another order.
fn turned() -> Vec<String> {
    (0..CLASSES.len()).map(|place| CLASSES[(place + 3) % CLASSES.len()].to_owned()).collect()
}

/// Pictures of noise.
fn levels(count: usize) -> Vec<u8> {
    (0..count * SIDE * SIDE).map(|place| (place.wrapping_mul(2_654_435_761) >> 13) as u8).collect()
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

#[test]
fn labels_are_names_whatever_their_order_in_the_model() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path();
    let classifier = save(&folder.join("bundle"), &turned(), 90.0);
    let levels = levels(40);
    let said = classifier.logits_of_levels(&levels, [SIDE, SIDE]).unwrap();
    let number = |name: &String| CLASSES.iter().position(|class| class == name).unwrap() as u8;
    let labels: Vec<u8> = said.chunks(CLASSES.len()).map(|row| number(&turned()[top(row)])).collect();
    idx::write(&folder.join("data"), "t10k", [SIDE, SIDE], &levels, &labels);
    // Half of the training pictures are of one class, then half of another.
    let of_halves: Vec<u8> = (0..40).map(|place| [4, 7][place / 20]).collect();
    idx::write(&folder.join("data"), "train", [SIDE, SIDE], &levels, &of_halves);

    let (printed, _) = nid(folder, "evaluate bundle --data data --json s.json --predictions p.json --report r", 0);
    assert!(printed.contains("accuracy         100.00 %"), "{printed}");
    assert_eq!(printed.matches("calibrated)").count(), 2, "the loss and the calibration error: {printed}");
    let scores = json(&folder.join("s.json"));
    assert_eq!((scores["accuracy"].as_f64(), scores["temperature"].as_f64()), (Some(1.0), Some(TEMPERATURE)));
    let predictions = json(&folder.join("p.json"));
    for (prediction, label) in predictions.as_array().unwrap().iter().zip(labels) {
        let class = CLASSES[usize::from(label)];
        assert_eq!((&prediction["label"], &prediction["predicted"]), (&class.into(), &class.into()));
    }
    let html = fs::read_to_string(folder.join("r/index.html")).unwrap();
    let training = &html[html.find("Training pictures").unwrap()..html.find("Test pictures").unwrap()];
    for (class, shown) in [(CLASSES[4], 13), (CLASSES[7], 12)] {
        assert_eq!(training.matches(&format!("{class}</figcaption>")).count(), shown, "{class}");
    }
}

#[test]
fn pictures_of_another_size_are_refused() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path();
    save(&folder.join("bundle"), &turned(), 90.0);
    // As many levels as one picture of the model's size has.
    for [height, width] in [[14, 14], [14, 56]] {
        let labels = vec![0; SIDE * SIDE / (height * width)];
        idx::write(&folder.join("data"), "t10k", [height, width], &levels(1), &labels);
        let (_, told) = nid(folder, "evaluate bundle --data data --quiet", 1);
        let expected = format!("found grey pictures of {width} by {height} pixels, expected 28 by 28");
        assert!(told.contains("data: ") && told.contains(&expected), "{told}");
    }
}

#[test]
fn scores_that_are_not_finite_are_not_evaluated() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path();
    save(&folder.join("bundle"), &turned(), 1.2e-38);
    idx::write(&folder.join("data"), "t10k", [SIDE, SIDE], &levels(2), &[0, 1]);
    let (printed, told) = nid(folder, "evaluate bundle --data data --json s.json --quiet", 1);
    assert!(told.contains("bundle: found scores that are not finite"), "{told}");
    assert!(printed.is_empty() && !folder.join("s.json").exists(), "{printed}");
}

#[test]
fn flags_of_the_search_are_refused() {
    let place = tempfile::tempdir().unwrap();
    save(&place.path().join("bundle"), &turned(), 90.0);
    for flag in ["--beam 3", "--forbid dog", "--sample", "--no-repeat-ngram 2"] {
        let (_, told) = nid(place.path(), &format!("evaluate bundle --data data {flag}"), 2);
        assert!(told.contains("bundle is a classifier; --beam and the other flags of the search are for"), "{told}");
    }
}

#[test]
fn a_long_name_leaves_the_table_readable() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path();
    let long = [turned(), vec!["a".repeat(250)]].concat();
    save(&folder.join("bundle"), &long, 90.0);
    idx::write(&folder.join("data"), "t10k", [SIDE, SIDE], &levels(3), &[0, 1, 2]);
    let (printed, _) = nid(folder, "evaluate bundle --data data --quiet", 0);
    assert!(printed.contains("aaa…aaa"), "{printed}");
    assert!(printed.lines().all(|line| line.chars().count() <= 80), "{printed}");
}
