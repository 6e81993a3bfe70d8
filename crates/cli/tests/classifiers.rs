//! Classifiers from file to report: `nid train`, `nid evaluate` and `nid classify` in a row.

#![cfg(feature = "train")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod idx;

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use nid_data::picture::Picture;
use serde_json::Value;

/// Runs in the folder; returns what it printed.
#[track_caller]
fn nid(folder: &Path, arguments: &str, status: i32) -> (String, String) {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("nid"));
    let output = command.current_dir(folder).args(arguments.split(' ')).assert().code(status).get_output().clone();
    (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
}

const SIDE: usize = 8;

/// A bar on a dark ground, lying (0) or standing (1), and some noise.
fn levels(number: usize) -> Vec<u8> {
    let level = |place: usize| {
        let across = if number.is_multiple_of(2) { place / SIDE } else { place % SIDE };
        if across == 1 + number / 2 % (SIDE - 2) { 250 } else { (number * 31 + place * 17) as u8 % 40 }
    };
    (0..SIDE * SIDE).map(level).collect()
}

/// Bars to learn from and to test by, as IDX files, a run file, and a bar as a picture of its own.
fn prepare(folder: &Path) {
    for (part, numbers) in [("train", 0..120), ("t10k", 120..160)] {
        let pixels: Vec<u8> = numbers.clone().flat_map(levels).collect();
        let labels: Vec<u8> = numbers.map(|number| number as u8 % 2).collect();
        idx::write(&folder.join("bars"), part, [SIDE, SIDE], &pixels, &labels);
    }
    let run = r#"
        output = "out"
        data = { path = "bars", validation = 20 }
        classifier = { kind = "mlp", hidden = 16 }
        training = { epochs = 30, batch = 20, learning_rate = 0.01, average = 0.5 }
    "#;
    fs::write(folder.join("bars.toml"), run).unwrap();
    fs::write(folder.join("bar.jpg"), Picture::grey(SIDE, SIDE, &levels(120)).to_jpeg().unwrap()).unwrap();
}

#[test]
fn a_network_is_trained_evaluated_and_used() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path();
    prepare(folder);
    let (printed, _) = nid(folder, "train bars.toml", 0);
    assert!(printed.contains("accuracy         100.00 %") && printed.contains("T-shirt/top a  10  0"), "{printed}");
    assert!(folder.join("out/report/confusion.png").is_file());
    nid(folder, "train bars.toml", 1);
    nid(folder, "train bars.toml --output again --seed 7", 0);
    let again = fs::read_to_string(folder.join("again/run.toml")).unwrap();
    assert!(again.contains("seed = 7") && again.contains("output = \"again\""), "{again}");

    let evaluate = "evaluate out/bundle --data bars --json s.json --predictions p.json --report r --quiet";
    let (printed, told) = nid(folder, evaluate, 0);
    assert_eq!(told, "");
    assert!(printed.contains("pictures             40"), "{printed}");
    let read = |name: &str| -> Value { serde_json::from_slice(&fs::read(folder.join(name)).unwrap()).unwrap() };
    let scores = read("s.json");
    assert_eq!((&scores["accuracy"], &scores["names"][1]), (&1.0.into(), &"Trouser".into()));
    assert!(scores["loss"].as_f64().unwrap() < 0.5 && scores["calibration"]["error"].is_f64(), "{scores}");
    let predictions = read("p.json");
    assert_eq!((predictions.as_array().unwrap().len(), &predictions[1]["predicted"]), (40, &"Trouser".into()));
    assert!(fs::read_to_string(folder.join("r/index.html")).unwrap().contains("Trouser"));
    nid(folder, evaluate, 1);

    let (printed, _) = nid(folder, "classify bar.jpg --model out/bundle --top 1", 0);
    assert!(printed.starts_with("T-shirt/top ") && printed.contains("dark background"), "{printed}");
}

#[test]
fn an_evaluation_says_what_does_not_belong() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path();
    prepare(folder);
    nid(folder, "train bars.toml --quiet", 0);
    let (_, told) = nid(folder, "evaluate out/bundle --photos bars", 2);
    assert!(told.contains("out/bundle is a classifier") && told.contains("--data"), "{told}");
    fs::create_dir_all(folder.join("birds/robin")).unwrap();
    fs::copy(folder.join("bar.jpg"), folder.join("birds/robin/bar.jpg")).unwrap();
    let (_, told) = nid(folder, "evaluate out/bundle --data birds", 1);
    assert!(told.contains("the class \"robin\", which the model does not know"), "{told}");
    let (_, told) = nid(folder, "evaluate out/bundle --data bars --json bars", 2);
    assert!(told.contains("--json and --data name the same file"), "{told}");
}

#[cfg(feature = "flickr8k")]
#[test]
fn photos_in_class_folders_make_a_bundle() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path();
    for (class, number) in (0..12).map(|number| (["plain", "squares"][number % 2], number)) {
        let is_light = |x: usize, y: usize| class == "plain" || (x / 6 + y / 6).is_multiple_of(2);
        let level = |place: usize| if is_light(place % 48, place / 48) { 150 + 8 * number as u8 } else { 10 };
        let levels: Vec<u8> = (0..48 * 36).map(level).collect();
        fs::create_dir_all(folder.join("photos").join(class)).unwrap();
        let photo = Picture::grey(48, 36, &levels).to_jpeg().unwrap();
        fs::write(folder.join(format!("photos/{class}/{number}.jpg")), photo).unwrap();
    }
    fs::write(folder.join("photos/squares/broken.jpg"), "no picture").unwrap();
    fs::write(folder.join("photos/notes.txt"), "no picture either, and nobody would take it for one").unwrap();
    let (printed, told) = nid(folder, "train photos --output out", 3);
    assert!(told.contains("broken.jpg") && printed.contains("pictures              2"), "{told}{printed}");
    let (printed, _) = nid(folder, "classify photos/squares/1.jpg photos/plain/0.jpg --model out/bundle --top 1", 0);
    assert!(printed.contains("1.jpg: squares ") && printed.contains("0.jpg: plain "), "{printed}");
    let (_, told) = nid(folder, "classify photos/plain/0.jpg --model out/bundle --background dark", 2);
    assert!(told.contains("out/bundle sees photos whole; --background is for"), "{told}");
    let (printed, _) = nid(folder, "evaluate out/bundle --data photos --quiet", 3);
    assert!(printed.contains("pictures             12"), "{printed}");

    // What is under the same names now is something else.
    fs::rename(folder.join("photos/plain"), folder.join("aside")).unwrap();
    fs::rename(folder.join("photos/squares"), folder.join("photos/plain")).unwrap();
    fs::rename(folder.join("aside"), folder.join("photos/squares")).unwrap();
    let caches =
        || fs::read_dir(folder.join("cache")).unwrap().filter(|entry| is_array(entry.as_ref().unwrap())).count();
    let before = caches();
    nid(folder, "train photos --output other --quiet", 3);
    assert_eq!((before, caches()), (1, 2));
}

#[cfg(feature = "flickr8k")]
fn is_array(entry: &fs::DirEntry) -> bool {
    entry.path().extension().is_some_and(|extension| extension == "npy")
}

#[test]
fn what_is_in_the_output_folder_is_not_replaced() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path();
    prepare(folder);
    for (name, part) in [("bundle", "bundle"), ("report/mine.png", "report"), ("events.jsonl", "events.jsonl")] {
        let path = folder.join("out").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, "mine").unwrap();
        for resume in ["", " --resume"] {
            let (_, told) = nid(folder, &format!("train bars.toml{resume}"), 1);
            assert!(told.contains(&format!("out/{part} is there, but no run that it is of")), "{told}");
        }
        assert_eq!(fs::read_to_string(&path).unwrap(), "mine");
        fs::remove_dir_all(folder.join("out")).unwrap();
    }
}
