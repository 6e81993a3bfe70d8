//! A run that is stopped and resumed ends with the very numbers of one that was not.

#![expect(clippy::unwrap_used, reason = "a test's own preparations may fail by panicking")]

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use nid_autograd::Initialiser;
use nid_data::vocabulary::Vocabulary;
use nid_engine::Preprocessing;
use nid_engine::features::{FeatureFile, names_path};
use nid_nn::decoder::Decoder;
use nid_train::{Event, Example, Finish, Run, Session, Set, fit};
use nid_weights::Precision;
use nid_weights::npy::Writer;

const REGIONS: usize = 3;
const CHANNELS: usize = 5;
const CAPTIONS: [&str; 4] = ["a dog runs", "two dogs play in the snow", "a child jumps", "the child and the dog sit"];

/// Made-up features of as many photos as there are captions.
fn features(folder: &Path) -> FeatureFile {
    let path = folder.join("features.npy");
    let mut writer = Writer::create(&path, Precision::F32, &[CAPTIONS.len(), REGIONS, CHANNELS]).unwrap();
    for photo in 0..CAPTIONS.len() {
        let row: Vec<f32> = (0..REGIONS * CHANNELS).map(|i| ((photo * 31 + i * 7) % 13) as f32 / 6.0 - 1.0).collect();
        writer.write_row(photo, &row).unwrap();
    }
    writer.finish().unwrap();
    let names: String = (0..CAPTIONS.len()).map(|photo| format!("{photo}.jpg\n")).collect();
    std::fs::write(names_path(&path), names).unwrap();
    FeatureFile::open(&path).unwrap()
}

fn session(folder: &Path) -> Session {
    let text = r#"
        output = "unused"
        [data]
        photos = "unused"
        captions = "unused"
        train = "unused"
        dev = "unused"
        [decoder]
        kind = "show-attend-and-tell"
        projection = 8
        embedding = 8
        hidden = 8
        attention = 8
        dropout = 0.3
        [training]
        epochs = 6
        batch = 1
        accumulate = 2
        warmup = 3
        scheduled_sampling = 0.3
        attention_penalty = 0.5
        patience = 0
    "#;
    let path = folder.join("run.toml");
    std::fs::write(&path, text).unwrap();
    let run = Run::open(&path).unwrap();
    let vocabulary = Vocabulary::build(CAPTIONS, 1);
    let mut init = Initialiser::new(run.seed);
    let decoder = Decoder::new(&run.decoder, CHANNELS, vocabulary.len(), &mut init);
    let examples: Vec<Example> = (0..CAPTIONS.len())
        .map(|row| Example {
            row,
            captions: vec![vocabulary.encode(CAPTIONS[row])],
            references: vec![CAPTIONS[row].to_owned()],
        })
        .collect();
    Session {
        run,
        decoder,
        parameters: init.finish(),
        train: Set { examples: examples.clone(), features: features(folder) },
        dev: Set { examples, features: features(folder) },
        vocabulary,
        preprocessing: Preprocessing::default(),
        skipped: 0,
        encoder_weights: Vec::new(),
    }
}

fn numbers(session: &Session) -> Vec<u32> {
    session.parameters.iter().flat_map(|(_, tensor)| tensor.data().iter().map(|x| x.to_bits())).collect()
}

/// Runs to the end, or until `stop_at` steps are taken.
fn run(session: &mut Session, folder: &Path, resume: bool, stop_at: usize) -> (Finish, Vec<f32>) {
    let stop = AtomicBool::new(false);
    let mut losses = Vec::new();
    let finish = fit(
        session,
        folder,
        resume,
        &stop,
        |_, _| Ok(()),
        |event| {
            if let Event::Step { step, loss, .. } = event {
                losses.push(*loss);
                stop.store(*step == stop_at, Ordering::Relaxed);
            }
        },
    );
    (finish.unwrap(), losses)
}

#[test]
fn a_resumed_run_equals_an_uninterrupted_one() {
    let (whole, parted) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut uninterrupted = session(whole.path());
    let (finish, losses) = run(&mut uninterrupted, whole.path(), false, usize::MAX);
    assert_eq!(finish, Finish::Complete);
    assert!(losses.last() < losses.first(), "{losses:?}");

    let mut first = session(parted.path());
    let (finish, mut parts) = run(&mut first, parted.path(), false, 5);
    assert_eq!(finish, Finish::Interrupted);
    // A new session, as another process would have it.
    let mut second = session(parted.path());
    let (finish, rest) = run(&mut second, parted.path(), true, usize::MAX);
    assert_eq!(finish, Finish::Complete);
    parts.extend(rest);

    assert_eq!(parts, losses);
    assert_eq!(numbers(&second), numbers(&uninterrupted));
    assert!(whole.path().join("curves.svg").exists());
}

/// What the log says, and nothing twice.
fn steps_told(folder: &Path) -> Vec<u64> {
    let events = std::fs::read_to_string(folder.join("events.jsonl")).unwrap();
    let events = events.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    events.filter(|event| event["event"] == "step").map(|event| event["step"].as_u64().unwrap()).collect()
}

#[test]
fn a_run_that_was_killed_tells_each_step_once() {
    let folder = tempfile::tempdir().unwrap();
    run(&mut session(folder.path()), folder.path(), false, 3);
    // What a run leaves that is killed before the end of a line, a step after its last checkpoint.
    let mut told = std::fs::read_to_string(folder.path().join("events.jsonl")).unwrap();
    told.push_str("{\"event\": \"step\", \"step\": 4}\n{\"event\": \"evaluated\", \"step\": 3}");
    std::fs::write(folder.path().join("events.jsonl"), told).unwrap();
    std::fs::create_dir(folder.path().join(".checkpointXYZ")).unwrap();

    run(&mut session(folder.path()), folder.path(), true, 6);
    assert_eq!(steps_told(folder.path()), [1, 2, 3, 4, 5, 6]);
    let hidden = |entry: std::io::Result<std::fs::DirEntry>| entry.unwrap().file_name().into_string().unwrap();
    let names: Vec<String> = std::fs::read_dir(folder.path()).unwrap().map(hidden).collect();
    assert!(names.iter().all(|name| !name.starts_with('.')), "{names:?}");
}

#[test]
fn another_runs_checkpoint_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    run(&mut session(folder.path()), folder.path(), false, 2);
    let mut other = session(folder.path());
    other.run.seed += 1;
    let refused = fit(&mut other, folder.path(), true, &AtomicBool::new(false), |_, _| Ok(()), |_| {});
    assert!(matches!(refused, Err(nid_train::Error::OtherRun { .. })), "{refused:?}");
}

#[test]
fn a_run_on_other_captions_is_not_resumed() {
    let folder = tempfile::tempdir().unwrap();
    run(&mut session(folder.path()), folder.path(), false, 2);
    let mut other = session(folder.path());
    other.train.examples[1].references[0].push_str(" again");
    let refused = fit(&mut other, folder.path(), true, &AtomicBool::new(false), |_, _| Ok(()), |_| {});
    assert!(matches!(refused, Err(nid_train::Error::OtherExamples { .. })), "{refused:?}");
}

#[test]
fn what_is_scored_is_what_a_file_keeps() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("kept.safetensors");
    let mut session = session(folder.path());
    let mut count = 0;
    let keep = |_: &Session, kept: nid_train::Kept<'_>| {
        let arrays = || kept.parameters.iter().map(|(name, tensor)| (name, tensor.shape(), tensor.data()));
        nid_weights::save(&path, arrays(), Precision::F16)?;
        let archive = nid_weights::Archive::open(&path)?;
        for (name, shape, numbers) in arrays() {
            assert_eq!(archive.f32(name, shape)?, numbers, "{name}");
        }
        count += 1;
        Ok(())
    };
    fit(&mut session, folder.path(), false, &AtomicBool::new(false), keep, |_| {}).unwrap();
    assert!(count > 0);
}

#[test]
fn a_misspelt_key_is_named_with_its_neighbour() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.toml");
    std::fs::write(&path, "output = \"x\"\n[training]\nlearning_rat = 1.0\n").unwrap();
    let error = format!("{:#}", Run::open(&path).unwrap_err());
    assert!(error.contains("learning_rat") && error.contains("did you mean `learning_rate`"), "{error}");
}
