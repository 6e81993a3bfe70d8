//! The forms of Fashion-MNIST.

use std::fs;
use std::path::Path;

use nid_data::labelled::{self, Data, Set, Sets, fashion_mnist};
use tempfile::tempdir;

use crate::write::{Files, csv, gzip, gzipped, idx_files, put, set, zip};

fn kaggle(train: &Set, test: &Set) -> Files {
    vec![("fashion-mnist_test.csv".to_owned(), csv(test)), ("fashion-mnist_train.csv".to_owned(), csv(train))]
}

#[track_caller]
fn check_folder(files: &Files, expected: Sets) {
    let folder = tempdir().unwrap();
    put(folder.path(), files);
    assert_eq!(labelled::read(folder.path()).unwrap(), Data::Sets(expected));
}

#[track_caller]
fn check_file(name: &str, bytes: &[u8], expected: &Sets) {
    assert_eq!(labelled::parse(Path::new(name), bytes).as_ref().unwrap(), expected);
    let folder = tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, bytes).unwrap();
    assert_eq!(&labelled::read(&path).unwrap(), &Data::Sets(expected.clone()));
}

fn only_train(set: &Set) -> Sets {
    Sets { train: Some(set.clone()), test: None }
}

#[test]
fn a_folder_holds_four_idx_files_or_two_tables() {
    let (train, test) = (set(7, 3, 3), set(4, 3, 3));
    let both = Sets { train: Some(train.clone()), test: Some(test.clone()) };
    let idx = [idx_files("train", &train), idx_files("t10k", &test)].concat();
    check_folder(&idx, both.clone());
    check_folder(&gzipped(idx.clone()), both.clone());
    check_folder(&[idx_files("train", &train), gzipped(idx_files("t10k", &test))].concat(), both.clone());
    check_folder(&idx_files("train", &train), only_train(&train));
    check_folder(&idx_files("t10k", &test), Sets { train: None, test: Some(test.clone()) });

    check_folder(&kaggle(&train, &test), both.clone());
    check_folder(&gzipped(kaggle(&train, &test)), both.clone());
    check_folder(&[kaggle(&test, &train), idx].concat(), both);
}

#[test]
fn a_zip_holds_what_a_folder_would() {
    let (train, test) = (set(7, 3, 3), set(4, 3, 3));
    let both = Sets { train: Some(train.clone()), test: Some(test.clone()) };
    let idx = [idx_files("train", &train), idx_files("t10k", &test)].concat();
    check_file("archive.zip", &zip(&kaggle(&train, &test)), &both);
    check_file("no extension", &zip(&idx), &both);
    check_file("archive.zip", &zip(&gzipped(idx.clone())), &both);
    check_file("idx_is_preferred.zip", &zip(&[kaggle(&test, &train), idx.clone()].concat()), &both);
    let within = idx.into_iter().map(|(name, bytes)| (format!("a folder/{name}"), bytes)).collect();
    check_file("archive.zip", &zip(&within), &both);
}

#[test]
fn a_single_table_is_for_training_unless_its_name_says_test() {
    let (set, pixels) = (set(5, 2, 2), csv(&set(5, 2, 2)));
    let only_test = Sets { train: None, test: Some(set.clone()) };
    check_file("fashion-mnist_train.csv", &pixels, &only_train(&set));
    check_file("fashion-mnist_test.csv", &pixels, &only_test);
    check_file("TEST.csv.gz", &gzip(&pixels), &only_test);
    check_file("mine", &pixels, &only_train(&set));
}

#[test]
fn tables_may_have_quotes_blanks_and_windows_line_ends() {
    let text =
        "\u{feff}\"label\",\"pixel1\",\"pixel2\",\"pixel3\",\"pixel4\"\r\n\r\n 3 , 0,255,\"7\",007\r\n\n0,1,2,3,4";
    let expected = Set { height: 2, width: 2, pixels: vec![0, 255, 7, 7, 1, 2, 3, 4], labels: vec![3, 0] };
    check_file("a.csv", text.as_bytes(), &only_train(&expected));
}

#[test]
fn pictures_of_idx_need_not_be_square() {
    check_folder(&idx_files("train", &set(3, 1, 5)), only_train(&set(3, 1, 5)));
}

#[test]
fn the_classes_have_names() {
    let data = Data::Sets(only_train(&set(1, 1, 1)));
    assert_eq!(data.classes(), fashion_mnist::CLASSES);
    assert_eq!((data.classes()[0], data.classes()[9]), ("T-shirt/top", "Ankle boot"));
}
