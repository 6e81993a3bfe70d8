//! `nid classify` and what other commands say of classifiers, with a small bundle of random numbers.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use nid_autograd::Initialiser;
use nid_engine::ClassifierBundle;
use nid_engine::bundle::{ClassifierConfig, ClassifierManifest, ClassifierParts, Epoch, Input};
use nid_nn::classifier::{Classifier, Config};
use nid_weights::Precision;
use serde_json::{Value, json};
use tempfile::TempDir;

const CLASSES: [&str; 4] = ["T-shirt/top", "Bag", "Ankle boot", "Sandal, \"open\""];
const SIDE: u32 = 28;

fn nid() -> Command {
    Command::new(assert_cmd::cargo::cargo_bin!("nid"))
}

/// Runs `nid` in a folder; returns its exit status, standard output and standard error.
fn run(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let output = nid().current_dir(folder).args(arguments).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

/// A folder with the classifier `bundle` and pictures: `dark.png` of the network's size, its negative `light.png`, and
/// `broken.png`, which is none.
fn place() -> TempDir {
    let place = tempfile::tempdir().unwrap();
    save(&place.path().join("bundle"));
    let pictures = place.path().join("pictures");
    fs::create_dir(&pictures).unwrap();
    let level = |x: u32, y: u32| if (6..20).contains(&x) && (9..26).contains(&y) { (7 * x + y) as u8 + 60 } else { 3 };
    image::GrayImage::from_fn(SIDE, SIDE, |x, y| image::Luma([level(x, y)])).save(pictures.join("dark.png")).unwrap();
    let negative = image::GrayImage::from_fn(SIDE, SIDE, |x, y| image::Luma([255 - level(x, y)]));
    negative.save(pictures.join("light.png")).unwrap();
    fs::write(pictures.join("broken.png"), "no picture").unwrap();
    place
}

fn save(folder: &Path) {
    let network = Config::Mlp { hidden: 8.try_into().unwrap(), dropout: 0.0 };
    let mut initialiser = Initialiser::new(3);
    Classifier::new(&network, [SIDE as usize, SIDE as usize, 1], CLASSES.len(), &mut initialiser).unwrap();
    let input = Input { height: SIDE as usize, width: SIDE as usize, mean: 73.0, scale: 90.0, mirror: false };
    let model = ClassifierConfig::Network { network, input };
    let parts = ClassifierParts {
        manifest: &ClassifierManifest::new(CLASSES.map(str::to_owned).to_vec(), 0.5, model),
        encoder_weights: None,
        parameters: &initialiser.finish(),
        precision: Precision::F16,
        history: &[Epoch { epoch: 1, training_loss: 1.0, validation_loss: 1.0, accuracy: 0.5 }],
        card: "# A card\n",
        replace: false,
    };
    ClassifierBundle::save(folder, parts).unwrap();
}

/// The records that `nid classify` writes with these further arguments, which end with status 0 or 3.
fn records(folder: &Path, arguments: &[&str]) -> Vec<Value> {
    let (status, text, error) =
        run(folder, &[&["classify", "--model", "bundle", "--format", "jsonl"], arguments].concat());
    assert!(status == 0 || status == 3, "{error}");
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn one_picture_has_a_line_for_each_class_and_one_for_its_background() {
    let place = place();
    let (status, text, error) = run(place.path(), &["classify", "pictures/light.png", "--model", "bundle"]);
    assert_eq!((status, error.as_str()), (0, ""));
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 4, "{text}");
    assert_eq!(lines[3], "light background, told by its border (median level 252 of 255)");
    let record = &records(place.path(), &["pictures/light.png"])[0];
    for (line, class) in lines.iter().zip(record["classes"].as_array().unwrap()) {
        let percent = 100.0 * class["probability"].as_f64().unwrap();
        assert!(line.starts_with(class["class"].as_str().unwrap()), "{line}");
        assert!(line.ends_with(&format!(" {percent:.1} %")), "{line} {percent}");
    }
    let (_, text, _) = run(
        place.path(),
        &["classify", "pictures/dark.png", "--model", "bundle", "--background", "dark", "--top", "1"],
    );
    assert_eq!(text.lines().nth(1), Some("dark background, told by --background"));
}

#[test]
fn several_pictures_have_a_line_each() {
    let place = place();
    for batch in ["1", "16"] {
        let (status, text, error) =
            run(place.path(), &["classify", "pictures", "--model", "bundle", "--top", "2", "--batch", batch]);
        assert_eq!((status, text.lines().count(), error.lines().count()), (3, 2, 1), "{text}{error}");
        assert!(error.contains("pictures/broken.png"), "{error}");
        for (line, shade) in text.lines().zip(["dark", "light"]) {
            assert!(line.starts_with(&format!("pictures/{shade}.png: ")), "{line}");
            assert!(line.ends_with(&format!(" %  ({shade} background, by its border)")), "{line}");
            assert_eq!(line.matches(" %, ").count(), 1, "{line}");
        }
    }
}

#[test]
fn a_dark_and_a_light_ground_make_no_difference() {
    let place = place();
    let [dark, light] =
        ["pictures/dark.png", "pictures/light.png"].map(|path| records(place.path(), &[path]).remove(0));
    assert_eq!(dark["classes"], light["classes"]);
    assert_eq!(dark["background"], json!({"kind": "dark", "told_by": "border", "level": 3}));
    assert_eq!(light["background"], json!({"kind": "light", "told_by": "border", "level": 252}));
    let told = records(place.path(), &["pictures/light.png", "--background", "dark"]).remove(0);
    assert_eq!(told["background"], json!({"kind": "dark", "told_by": "user", "level": 252}));
    assert_ne!(told["classes"], light["classes"]);
}

#[test]
fn records_have_their_fields() {
    let place = place();
    let arguments = ["classify", "pictures", "--model", "bundle", "--top", "9"];
    let (status, text, _) = run(place.path(), &[&arguments[..], &["--json"]].concat());
    let all: Vec<Value> = serde_json::from_str(&text).unwrap();
    assert_eq!((status, all.len()), (3, 3));
    assert_eq!(all[0]["path"], "pictures/broken.png");
    assert!(all[0]["error"].is_string() && all[0].as_object().unwrap().len() == 2);
    assert_eq!(all[1].as_object().unwrap().keys().collect::<Vec<_>>(), ["background", "classes", "path"]);
    let classes = all[1]["classes"].as_array().unwrap();
    let probabilities: Vec<f64> = classes.iter().map(|class| class["probability"].as_f64().unwrap()).collect();
    assert_eq!(probabilities.len(), CLASSES.len(), "there are no more");
    assert!(probabilities.is_sorted_by(|one, other| one >= other), "{probabilities:?}");
    assert!((probabilities.iter().sum::<f64>() - 1.0).abs() < 1e-5, "{probabilities:?}");
    assert_eq!(records(place.path(), &["pictures", "--top", "9"]), all);
}

#[test]
fn a_table_has_the_same_columns_in_every_row() {
    let place = place();
    let (_, text, _) =
        run(place.path(), &["classify", "pictures", "--model", "bundle", "--top", "4", "--format", "csv"]);
    assert_eq!(text.lines().next(), Some("path,class,probability,background,told_by,level,error"));
    let mut table = csv::Reader::from_reader(text.as_bytes());
    let rows: Vec<csv::StringRecord> = table.records().collect::<Result<_, _>>().unwrap();
    assert_eq!(rows.len(), 1 + 2 * CLASSES.len());
    assert!(rows[0].iter().skip(1).take(5).all(str::is_empty) && !rows[0][6].is_empty(), "{:?}", rows[0]);
    assert_eq!(rows[1].iter().skip(3).collect::<Vec<_>>(), ["dark", "border", "3", ""]);
    assert!(rows.iter().any(|row| &row[1] == CLASSES[3]), "a name with a comma stays whole");
}

#[test]
fn paths_come_from_standard_input_and_results_go_to_a_file() {
    let place = place();
    let arguments = ["classify", "-", "--model", "bundle", "--output", "classes.txt"];
    let run = |input| nid().current_dir(place.path()).args(arguments).write_stdin(input).assert();
    run("pictures/light.png\r\n\npictures/dark.png").code(0).stdout("");
    let text = fs::read_to_string(place.path().join("classes.txt")).unwrap();
    assert!(text.starts_with("pictures/light.png: ") && text.lines().count() == 2, "{text}");
    run("pictures/light.png").code(1);
}

#[test]
fn what_cannot_be_done_is_told() {
    let place = place();
    let fails = |arguments: &[&str], status: i32, words: &str| {
        let (found, text, error) = run(place.path(), arguments);
        assert_eq!((found, text.as_str()), (status, ""), "{arguments:?}: {error}");
        assert!(error.contains(words), "{arguments:?}: {error}");
    };
    fails(&["classify"], 2, "<PATH>");
    fails(&["classify", "pictures", "--top", "0"], 2, "--top");
    fails(&["classify", "pictures", "--background", "grey"], 2, "light");
    fails(&["classify", "pictures", "--model", "nothing"], 1, "found no bundle \"nothing\", expected a folder");
    fails(&["classify", "pictures/broken.png", "--model", "bundle"], 1, "broken.png");
    fails(&["caption", "pictures", "--model", "bundle"], 1, "bundle: found a classifier, expected a captioner");
    fails(&["caption", "pictures", "--model", "bundle"], 1, "nid classify");
}

#[test]
#[cfg(feature = "flickr8k")]
fn a_captioner_does_not_classify() {
    let place = place();
    let (status, _, error) = run(place.path(), &["classify", "pictures", "--model", "flickr8k"]);
    assert_eq!((status, error.lines().count()), (1, 1), "{error}");
    assert!(error.contains("flickr8k: found a captioner, expected a classifier (`nid caption` opens"), "{error}");
}

#[test]
fn a_model_is_shown() {
    let place = place();
    let (status, text, error) = run(place.path(), &["model", "show", "bundle"]);
    assert_eq!(status, 0, "{error}");
    assert!(text.starts_with("# 4 classes; network: 6316 numbers, of which 6316 were learnt\n\n"), "{text}");
    assert!(text.contains("\"Ankle boot\"") && text.ends_with("\n# A card\n"), "{text}");
    let (_, text, _) = run(place.path(), &["model", "show", "bundle", "--json"]);
    let model: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(model["manifest"]["kind"], "classifier");
    assert_eq!(model["manifest"]["classes"], json!(CLASSES));
    assert_eq!((&model["learnt"], &model["history"][0]["accuracy"]), (&json!(6316), &json!(0.5)));
}
