//! Folders of classes.

use std::path::{Path, PathBuf};

use expect_test::{Expect, expect};
use nid_data::labelled::{self, Data};
use tempfile::{TempDir, tempdir};

use crate::write::put;

fn folder(names: &[&str]) -> TempDir {
    let folder = tempdir().unwrap();
    put(folder.path(), &names.iter().map(|&name| (name.to_owned(), b"x".to_vec())).collect());
    folder
}

#[track_caller]
fn check_error(names: &[&str], expected: Expect) {
    let folder = folder(names);
    let error = labelled::read(folder.path()).unwrap_err().to_string();
    expected.assert_eq(&error.replace(&folder.path().display().to_string(), "folder"));
}

#[test]
fn each_folder_is_a_class_and_what_is_no_picture_is_counted() {
    let folder = folder(&[
        "cat/b.png",
        "cat/a.JPEG",
        "cat/.hidden.png",
        "cat/notes.txt",
        "cat/deeper/c.png",
        "Dog house/x.heic",
        "README.md",
        ".git/a.png",
    ]);
    let Data::Files(files) = labelled::read(folder.path()).unwrap() else { panic!("no class folders") };
    assert_eq!(files.classes, ["Dog house", "cat"]);
    assert_eq!(files.labels, [0, 1, 1]);
    let within = |path: &PathBuf| path.strip_prefix(folder.path()).unwrap().to_path_buf();
    let expected = ["Dog house/x.heic", "cat/a.JPEG", "cat/b.png"].map(|path| Path::new(path).to_path_buf());
    assert_eq!(files.paths.iter().map(within).collect::<Vec<_>>(), expected);
    assert_eq!(files.skipped, 5);
    assert_eq!(Data::Files(files).classes(), ["Dog house", "cat"]);
}

#[test]
fn folders_that_are_no_classes_are_said() {
    check_error(
        &["cat/a.png", "dog/notes.txt"],
        expect![
            "folder/dog: found no picture in the folder, expected a class's pictures, files ending in jpg, jpeg, png, webp, gif, bmp, tif, tiff, heic, heif, avif"
        ],
    );
    check_error(
        &["a.png", ".git/a.png"],
        expect![
            "folder: found no folder for a class, expected Fashion-MNIST's four IDX files, Kaggle's CSVs or its zip, or a folder for each class with its pictures"
        ],
    );
    check_error(
        &[],
        expect![
            "folder: found no folder for a class, expected Fashion-MNIST's four IDX files, Kaggle's CSVs or its zip, or a folder for each class with its pictures"
        ],
    );
}
