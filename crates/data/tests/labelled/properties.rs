//! What holds of the readers whatever the bytes.

use std::path::Path;

use nid_data::labelled::{self, Data, Set, Sets, fashion_mnist};
use proptest::collection::vec;
use proptest::prelude::*;
use tempfile::tempdir;

use crate::write::{Files, csv, gzip, gzipped, idx_files, idx_pair, put, zip};

fn sets(height: usize, width: usize) -> impl Strategy<Value = Set> {
    (1..6_usize).prop_flat_map(move |count| {
        let (pixels, labels) = (vec(any::<u8>(), count * height * width), vec(0..10_u8, count));
        (pixels, labels).prop_map(move |(pixels, labels)| Set { height, width, pixels, labels })
    })
}

/// Pictures to train and to test, of the same size, square.
fn both() -> impl Strategy<Value = [Set; 2]> {
    (1..5_usize).prop_flat_map(|side| [sets(side, side), sets(side, side)])
}

fn is_whole(set: &Set) -> bool {
    !set.labels.is_empty()
        && set.height * set.width > 0
        && set.pixels.len() == set.labels.len() * set.height * set.width
        && set.pictures().len() == set.labels.len()
        && set.labels.iter().all(|&label| usize::from(label) < fashion_mnist::CLASSES.len())
}

/// Whole files with some of their bytes changed and their end cut off.
fn damaged(bytes: Vec<u8>) -> impl Strategy<Value = Vec<u8>> {
    let length = bytes.len();
    let changes = vec((0..length, any::<u8>()), 0..4);
    (Just(bytes), changes, prop_oneof![Just(length), 0..length]).prop_map(|(mut bytes, changes, end)| {
        changes.into_iter().for_each(|(place, byte)| bytes[place] = byte);
        bytes.truncate(end);
        bytes
    })
}

fn tables(train: &Set, test: &Set) -> Files {
    vec![("fashion-mnist_test.csv".to_owned(), csv(test)), ("fashion-mnist_train.csv".to_owned(), csv(train))]
}

proptest! {
    #[test]
    fn what_is_written_comes_back_in_every_form([train, test] in both()) {
        let idx = [idx_files("train", &train), idx_files("t10k", &test)].concat();
        let tables = tables(&train, &test);
        let expected = Sets { train: Some(train), test: Some(test) };
        for files in [idx, tables] {
            prop_assert_eq!(&labelled::parse(Path::new("x.zip"), &zip(&files)).unwrap(), &expected);
            for files in [files.clone(), gzipped(files)] {
                let folder = tempdir().unwrap();
                put(folder.path(), &files);
                prop_assert_eq!(&labelled::read(folder.path()).unwrap(), &Data::Sets(expected.clone()));
            }
        }
    }

    #[test]
    fn no_input_panics(
        bytes in vec(any::<u8>(), 0..64),
        table in sets(2, 2).prop_flat_map(|set| damaged(csv(&set))),
        archive in both().prop_flat_map(|[train, test]| damaged(zip(&tables(&train, &test)))),
        packed in sets(2, 2).prop_flat_map(|set| damaged(gzip(&csv(&set)))),
    ) {
        for bytes in [bytes, table, archive, packed] {
            match labelled::parse(Path::new("x\ny"), &bytes) {
                Ok(sets) => prop_assert!(sets.train.iter().chain(&sets.test).all(is_whole)),
                Err(error) => prop_assert!(!error.to_string().contains('\n'), "{}", error),
            }
        }
    }

    #[test]
    fn no_idx_panics(
        [pictures, labels] in sets(2, 3).prop_flat_map(|set| idx_pair(&set).map(damaged)),
        is_packed: bool,
    ) {
        let pictures = if is_packed { gzip(&pictures) } else { pictures };
        match Set::from_idx((Path::new("x\ny"), &pictures), (Path::new("z\n"), &labels)) {
            Ok(set) => prop_assert!(is_whole(&set)),
            Err(error) => prop_assert!(!error.to_string().contains('\n'), "{}", error),
        }
    }
}
