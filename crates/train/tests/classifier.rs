//! Classifiers: what a run file can ask for, what is learnt, and what does not matter.

#![expect(clippy::unwrap_used, reason = "a test's own preparations may fail by panicking")]

mod support;

use std::path::Path;
use std::sync::atomic::AtomicBool;

use nid_engine::bundle::{ClassifierBundle, Epoch};
use nid_train::classifier::{ClassifierRun, ClassifierTask};
use nid_train::{Finish, Kept, Learning, Run, Task, curves, fit};
use support::{classifier, numbers, prepared, write_bars};

/// Runs to the end; the bundle goes to `bundle` in the folder.
fn learn(learning: &mut Learning<ClassifierTask>, folder: &Path) {
    let stop = AtomicBool::new(false);
    let bundle = folder.join("bundle");
    let keep = |task: &ClassifierTask, kept: Kept<'_>| task.save_bundle(&bundle, kept, &curves::epochs(folder)?);
    assert_eq!(fit(learning, folder, false, &stop, keep, |_| {}).unwrap(), Finish::Complete);
}

#[test]
fn the_number_of_threads_changes_no_bit_of_what_a_classifier_learns() {
    let learnt = |threads: usize| {
        let folder = tempfile::tempdir().unwrap();
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let mut learning = classifier(folder.path());
            learn(&mut learning, folder.path());
            numbers(&learning)
        })
    };
    assert_eq!(learnt(1), learnt(3));
}

#[test]
fn a_bundle_has_the_curves_that_led_to_it() {
    let folder = tempfile::tempdir().unwrap();
    learn(&mut classifier(folder.path()), folder.path());
    let bundle = ClassifierBundle::load(&folder.path().join("bundle")).unwrap();
    let epochs: Vec<usize> = bundle.history.iter().map(|Epoch { epoch, .. }| *epoch).collect();
    assert!(!epochs.is_empty() && epochs.iter().copied().eq(1..=epochs.len()), "{epochs:?}");
    let kept = bundle.history.last().unwrap();
    assert!(bundle.history.iter().all(|epoch| epoch.accuracy <= kept.accuracy), "{:?}", bundle.history);
    assert!(bundle.card.contains(&format!("the weights after {}", kept.epoch)), "{}", bundle.card);
}

#[test]
fn seeds_share_what_is_held_out_but_not_what_is_learnt() {
    let folder = tempfile::tempdir().unwrap();
    write_bars(folder.path());
    let with = |seed: u64| {
        let data = format!("data = {{ path = {:?}, validation = 0.25 }}", folder.path());
        prepared(folder.path(), &format!("seed = {seed}\noutput = 'unused'\n{data}\n[classifier]\nkind = 'mlp'"))
            .unwrap()
    };
    let (first, second) = (with(1), with(2));
    assert_eq!(first.task.digest(), second.task.digest());
    assert_eq!((first.task.examples(), first.task.pictures()), (30, 40));
    assert_ne!(numbers(&first), numbers(&second));
}

#[test]
fn a_run_that_diverges_keeps_nothing() {
    let folder = tempfile::tempdir().unwrap();
    write_bars(folder.path());
    let run = format!(
        "output = 'unused'\nclassifier = {{ kind = 'mlp' }}\ndata = {{ path = {:?}, validation = 4 }}\n\
         training = {{ learning_rate = 1e5, warmup = 0, weight_decay = 0 }}",
        folder.path()
    );
    let mut learning = prepared(folder.path(), &run).unwrap();
    let keep = |_: &ClassifierTask, _: Kept<'_>| panic!("weights of no use were kept");
    let diverged = fit(&mut learning, folder.path(), false, &AtomicBool::new(false), keep, |_| {});
    assert!(matches!(diverged, Err(nid_train::Error::Diverged { .. })), "{diverged:?}");
}

#[test]
fn the_readme_says_what_a_folder_of_photos_stands_for() {
    let readme = include_str!("../../../README.md");
    let blocks = readme.split("```toml\n").filter_map(|rest| rest.split("```").next());
    let run = blocks.skip(1).find(|block| block.contains("[head]")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.toml");
    std::fs::write(&path, run).unwrap();
    let of_photos = ClassifierRun::of_photos("photos".into(), "runs/output/mine".into());
    assert_eq!(Run::open(&path).unwrap(), Run::Classifier(of_photos));
}

/// A run file that cannot be run says why.
fn check_refused(rest: &str, why: &str) {
    let folder = tempfile::tempdir().unwrap();
    write_bars(folder.path());
    let data = format!("data = {{ path = {:?}, validation = 4 }}", folder.path());
    let error = prepared(folder.path(), &format!("output = 'unused'\n{data}\n{rest}")).err().unwrap();
    let error = std::iter::successors(Some(&error as &dyn std::error::Error), |error| error.source());
    let error = error.map(ToString::to_string).collect::<Vec<_>>().join(": ");
    assert!(error.contains(why), "{error}");
}

#[test]
fn what_cannot_be_run_is_refused() {
    check_refused("classifier = { kind = 'mlp' }\nhead = {}", "one of the tables [classifier] and [head]");
    check_refused("classifier = { kind = 'smal' }", "did you mean `small`");
    check_refused("classifier = { kind = 'mlp' }\nencoder = {}", "[encoder] is for a [head]");
    check_refused("head = {}\naugmentation = {}", "[augmentation] and mirror are for a [classifier]");
    check_refused("classifier = { kind = 'mlp', hidden = 4000000000000 }", "at most 65536");
    check_refused("head = {}", "small grey pictures, which a [head] cannot learn from");
    check_refused("classifier = { kind = 'mlp' }\naugmentation = { erase = 1.5 }", "erase must be");
    check_refused("classifier = { kind = 'mlp' }\ntraining = { keep = 'CIDEr' }", "keep must be");
    check_refused("classifier = { kind = 'mlp' }\ntraining = { average = 1.0 }", "average must be");
}

#[test]
fn a_class_of_one_photo_and_a_test_set_alone_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    for (class, photos) in [("cat", 2), ("dog", 1)] {
        std::fs::create_dir(folder.path().join(class)).unwrap();
        for photo in 0..photos {
            let is_object = |place: usize| (4..12).contains(&(place / 16)) && (4..12).contains(&(place % 16));
            let levels: Vec<u8> = (0..256).map(|place| if is_object(place) { 200 } else { photo }).collect();
            let picture = nid_data::picture::Picture::grey(16, 16, &levels);
            std::fs::write(folder.path().join(class).join(format!("{photo}.jpg")), picture.to_jpeg().unwrap()).unwrap();
        }
    }
    let run = |path: &Path| format!("output = 'unused'\nclassifier = {{ kind = 'mlp' }}\ndata = {{ path = {path:?} }}");
    let error = prepared(folder.path(), &run(folder.path())).err().unwrap();
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert!(cause.contains("\"dog\": found one picture"), "{cause}");

    for photo in ["0.jpg", "1.jpg"] {
        std::fs::write(folder.path().join("dog").join(photo), "no picture").unwrap();
    }
    let error = prepared(folder.path(), &run(folder.path())).err().unwrap().to_string();
    assert!(error.ends_with("dog/: found no picture that can be read, expected those of a class"), "{error}");

    let table = folder.path().join("test.csv");
    let header: String = (1..=784).map(|pixel| format!(",pixel{pixel}")).collect();
    std::fs::write(&table, format!("label{header}\n0{}\n", ",7".repeat(784))).unwrap();
    let error = prepared(folder.path(), &run(&table)).err().unwrap().to_string();
    assert!(error.contains("pictures to test by alone"), "{error}");
}
