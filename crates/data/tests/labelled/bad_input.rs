//! What is wrong with a file is said.

use std::fs;
use std::path::Path;

use expect_test::{Expect, expect};
use nid_data::labelled::{self, Set};
use tempfile::tempdir;

use crate::write::{Files, csv, csv_header, gzip, gzipped, idx, idx_files, idx_pair, put, set, zip};

fn from_idx(pictures: &[u8], labels: &[u8]) -> Result<Set, nid_data::text::Error> {
    Set::from_idx((Path::new("some/pictures"), pictures), (Path::new("some/labels"), labels))
}

fn check_idx(pictures: &[u8], labels: &[u8], expected: Expect) {
    expected.assert_eq(&from_idx(pictures, labels).unwrap_err().to_string());
}

fn check_file(bytes: impl AsRef<[u8]>, expected: Expect) {
    expected.assert_eq(&labelled::parse(Path::new("some/file"), bytes.as_ref()).unwrap_err().to_string());
}

fn check_folder(files: &Files, expected: Expect) {
    let folder = tempdir().unwrap();
    put(folder.path(), files);
    let error = labelled::read(folder.path()).unwrap_err().to_string();
    expected.assert_eq(&error.replace(&folder.path().display().to_string(), "folder"));
}

#[test]
fn idx_that_is_wrong_is_said() {
    let [pictures, labels] = idx_pair(&set(3, 2, 2));
    let check_pictures = |pictures: &[u8], expected| check_idx(pictures, &labels, expected);
    let check_labels = |labels: &[u8], expected| check_idx(&pictures, labels, expected);
    check_pictures(
        b"",
        expect!["some/pictures: found nothing, expected 00 00 08 03, the magic number of an IDX file of pictures"],
    );
    check_pictures(
        &labels,
        expect!["some/pictures: found 00 00 08 01, expected 00 00 08 03, the magic number of an IDX file of pictures"],
    );
    check_pictures(
        b"label,pixel1",
        expect!["some/pictures: found 6c 61 62 65, expected 00 00 08 03, the magic number of an IDX file of pictures"],
    );
    check_pictures(&pictures[..13], expect!["some/pictures: found 13 bytes, expected a header of 16 bytes"]);
    check_pictures(
        &pictures[..27],
        expect!["some/pictures: found 11 bytes after the header, expected 12, as it claims: 3 x 2 x 2"],
    );
    check_pictures(
        &[&pictures[..], b"\n"].concat(),
        expect!["some/pictures: found more bytes after the header, expected 12, as it claims: 3 x 2 x 2"],
    );
    check_pictures(
        &idx(&[3, 0, 2], &[]),
        expect!["some/pictures: found 3 pictures of 2x0 pixels, expected at least one of each"],
    );
    check_pictures(
        &idx(&[0, 2, 2], &[]),
        expect!["some/pictures: found 0 pictures of 2x2 pixels, expected at least one of each"],
    );
    check_pictures(
        &idx(&[u32::MAX as usize; 3], &[]),
        expect![
            "some/pictures: found a header that claims 4294967295 x 4294967295 x 4294967295 bytes, expected at most 1073741824 bytes"
        ],
    );
    check_labels(
        &pictures,
        expect!["some/labels: found 00 00 08 03, expected 00 00 08 01, the magic number of an IDX file of labels"],
    );
    check_labels(
        &idx(&[2], &[0, 1]),
        expect!["some/labels: found 2 labels, expected 3, one for each picture in some/pictures"],
    );
    check_labels(
        &idx(&[3], &[0, 10, 1]),
        expect!["some/labels: labels[1]: found the label 10, expected a class of Fashion-MNIST, 0 to 9"],
    );
}

#[test]
fn compressed_files_that_are_broken_are_said() {
    let [pictures, labels] = idx_pair(&set(100, 28, 28));
    let packed = gzip(&pictures);
    let changed = |place: usize| {
        let mut changed = packed.clone();
        changed[place] ^= 1;
        changed
    };
    let check = |pictures: &[u8], expected| check_idx(pictures, &labels, expected);
    check(
        &packed[..9],
        expect!["some/pictures: found the end after 0 bytes were unpacked, expected a compressed file that is whole"],
    );
    check(
        &packed[..packed.len() - 9],
        expect![
            "some/pictures: found the end after 78416 bytes were unpacked, expected a compressed file that is whole"
        ],
    );
    check(
        &packed[..packed.len() - 8],
        expect![
            "some/pictures: found the end after 78416 bytes were unpacked, expected a compressed file that is whole"
        ],
    );
    check(
        &changed(packed.len() - 5),
        expect![[
            r#"some/pictures: found "corrupt gzip stream does not have a matching checksum" after 78416 bytes were unpacked, expected a compressed file that is whole"#
        ]],
    );
    check(
        &changed(0),
        expect!["some/pictures: found 1e 8b 08 00, expected 00 00 08 03, the magic number of an IDX file of pictures"],
    );
    check(
        &changed(2),
        expect![[
            r#"some/pictures: found "invalid gzip header" after 0 bytes were unpacked, expected a compressed file that is whole"#
        ]],
    );
    check(
        &[&packed[..], b"more"].concat(),
        expect![
            "some/pictures: found the end after 78416 bytes were unpacked, expected a compressed file that is whole"
        ],
    );

    let archive = zip(&idx_files("train", &set(100, 28, 28)));
    check_file(
        &archive[..archive.len() / 2],
        expect![[
            r#"some/file: found "invalid Zip archive: Could not find EOCD", expected a zip archive that is whole"#
        ]],
    );
    let mut damaged = archive.clone();
    damaged[150] ^= 1;
    check_file(
        &damaged,
        expect![[
            r#"some/file/train-images-idx3-ubyte: found "Invalid checksum" after 78416 bytes were unpacked, expected a compressed file that is whole"#
        ]],
    );
    check_file(
        zip(&vec![("README".to_owned(), vec![])]),
        expect![
            "some/file: found a zip archive of other files, expected Fashion-MNIST's four IDX files, Kaggle's CSVs or its zip, or a folder for each class with its pictures"
        ],
    );
    check_file(
        zip(&vec![]),
        expect![
            "some/file: found a zip archive of other files, expected Fashion-MNIST's four IDX files, Kaggle's CSVs or its zip, or a folder for each class with its pictures"
        ],
    );
    check_file(
        zip(&idx_files("train", &set(3, 2, 2))[..1].to_vec()),
        expect!["some/file/train-labels-idx1-ubyte: found no such file, expected one beside train-images-idx3-ubyte"],
    );
}

#[test]
fn tables_that_are_wrong_are_said_with_their_line() {
    let check = |rows: &str, expected| check_file(csv_header(4) + rows, expected);
    check("", expect!["some/file: found no picture after the header, expected at least one"]);
    check("1,2,3,4,5\n1,2,3,4\n", expect!["some/file:3: found 4 fields, expected 5 as in the header"]);
    check("\n1,2,3,4,5,\n", expect!["some/file:3: found 6 fields, expected 5 as in the header"]);
    check("1,2,x,4,5", expect![[r#"some/file:2: found "x" for pixel2, expected a whole number, 0 to 255"#]]);
    check("1,2,3,4,256", expect![[r#"some/file:2: found "256" for pixel4, expected a whole number, 0 to 255"#]]);
    check("1,2,3,4,-1", expect![[r#"some/file:2: found "-1" for pixel4, expected a whole number, 0 to 255"#]]);
    check("1,2,3,4,0.5", expect![[r#"some/file:2: found "0.5" for pixel4, expected a whole number, 0 to 255"#]]);
    check("1,2,3,4,\n", expect![[r#"some/file:2: found "" for pixel4, expected a whole number, 0 to 255"#]]);
    check("\"1,2,3,4,5\n", expect![[r#"some/file:2: found "\"1" for the label, expected a whole number, 0 to 255"#]]);
    check(
        "9,2,3,4,5\n10,2,3,4,5\n",
        expect!["some/file:3: found the label 10, expected a class of Fashion-MNIST, 0 to 9"],
    );
    check(
        "T-shirt,2,3,4,5\n",
        expect![[r#"some/file:2: found "T-shirt" for the label, expected a whole number, 0 to 255"#]],
    );

    check_file(
        "",
        expect![
            "some/file: found nothing, expected Fashion-MNIST's four IDX files, Kaggle's CSVs or its zip, or a folder for each class with its pictures"
        ],
    );
    check_file(
        "\n\n",
        expect![
            "some/file:3: found nothing, expected the header `label,pixel1,pixel2,…,pixel784`, or another square number of pixels"
        ],
    );
    check_file(
        "1,2,3,4,5\n",
        expect![[
            r#"some/file:1: found "1,2,3,4,5", expected the header `label,pixel1,pixel2,…,pixel784`, or another square number of pixels"#
        ]],
    );
    check_file(
        "label\n1\n",
        expect![
            "some/file:1: found 0 columns of pixels, expected the header `label,pixel1,pixel2,…,pixel784`, or another square number of pixels"
        ],
    );
    check_file(
        csv_header(783),
        expect![
            "some/file:1: found 783 columns of pixels, expected the header `label,pixel1,pixel2,…,pixel784`, or another square number of pixels"
        ],
    );
    check_file(
        "label,pixel1,pixel3,pixel2,pixel4\n",
        expect![[
            r#"some/file:1: found "label,pixel1,pixel3,pixel2,pixel4", expected the header `label,pixel1,pixel2,…,pixel784`, or another square number of pixels"#
        ]],
    );
    check_file(
        b"\xff\xfe\x00",
        expect![[
            r#"some/file:1: found "��\0", expected the header `label,pixel1,pixel2,…,pixel784`, or another square number of pixels"#
        ]],
    );
    check_file(
        idx(&[1], &[0]),
        expect!["some/file: found a single IDX file, expected the folder that all four of them are in"],
    );
    check_file(
        gzip(b""),
        expect![
            "some/file: found nothing, expected Fashion-MNIST's four IDX files, Kaggle's CSVs or its zip, or a folder for each class with its pictures"
        ],
    );
}

#[test]
fn files_that_do_not_go_together_are_said() {
    let (train, test) = (idx_files("train", &set(3, 2, 2)), idx_files("t10k", &set(3, 2, 3)));
    check_folder(
        &[train.clone(), test].concat(),
        expect!["folder: found pictures of 3x2 pixels to test, expected 2x2, as they are to train"],
    );
    check_folder(
        &train[..1].to_vec(),
        expect!["folder/train-labels-idx1-ubyte: found no such file, expected one beside train-images-idx3-ubyte"],
    );
    check_folder(
        &gzipped(train[1..].to_vec()),
        expect!["folder/train-images-idx3-ubyte: found no such file, expected one beside train-labels-idx1-ubyte"],
    );
    let none = tempdir().unwrap().path().join("none");
    assert!(labelled::read(&none).unwrap_err().to_string().ends_with("none cannot be read"));
}

#[test]
fn a_folder_of_a_file_s_name_is_no_file() {
    let folder = tempdir().unwrap();
    put(folder.path(), &gzipped(idx_files("train", &set(3, 2, 2))));
    fs::create_dir(folder.path().join("train-images-idx3-ubyte")).unwrap();
    assert!(labelled::read(folder.path()).is_ok());
}

#[test]
fn a_table_that_is_cut_short_ends_in_a_short_row() {
    let bytes = csv(&set(3, 28, 28));
    check_file(&bytes[..bytes.len() - 9], expect!["some/file:4: found 783 fields, expected 785 as in the header"]);
}
