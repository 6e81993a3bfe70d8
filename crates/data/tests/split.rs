//! Splits name photos, and no photo is on both sides.

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use expect_test::{Expect, expect};
use nid_data::captions::{Collection, Photo};
use nid_data::split::Split;
use proptest::prelude::*;

const KARPATHY: &str = r#"{"images": [
    {"filename": "a.jpg", "split": "train", "sentences": [{"raw": "x"}]},
    {"filename": "b.jpg", "split": "restval", "sentences": [{"raw": "x"}]},
    {"filename": "c.jpg", "filepath": "val2014", "split": "val", "sentences": [{"raw": "x"}]},
    {"filename": "d.jpg", "split": "test", "sentences": []},
    {"filename": "e.jpg", "sentences": [{"raw": "x"}]}]}"#;

fn check(text: &str, name: Option<&str>, expected: Expect) {
    let split = Split::parse(Path::new("some/file"), name, text.as_bytes());
    let shown = split.map_or_else(|error| error.to_string(), |split| split.names().join(" "));
    expected.assert_eq(&shown);
}

#[test]
fn the_forms_of_a_split() {
    check("b.jpg\na.jpg\n", None, expect!["b.jpg a.jpg"]);
    check("\u{feff}b.jpg\r\n\r\n a.jpg \r\nb.jpg", None, expect!["b.jpg a.jpg"]);
    check(KARPATHY, Some("train"), expect!["a.jpg b.jpg"]);
    check(KARPATHY, Some("restval"), expect!["b.jpg"]);
    check(KARPATHY, Some("val"), expect!["val2014/c.jpg"]);
    check(KARPATHY, Some("test"), expect!["d.jpg"]);

    check("", None, expect!["some/file: found nothing, expected a photo's name a line"]);
    check(
        KARPATHY,
        None,
        expect![[
            r#"some/file: found JSON without the name of a split, expected one of "restval, test, train, val" after the file and a colon"#
        ]],
    );
    check(
        KARPATHY,
        Some("vall"),
        expect![[
            r#"some/file: found no split "vall", expected one of "restval, test, train, val" after the file and a colon"#
        ]],
    );
    check(
        "a.jpg\n",
        Some("val"),
        expect![[r#"some/file: found no JSON to take "val" from, expected Karpathy's splits"#]],
    );
    check(
        r#"{"images": [{"id": 1, "file_name": "a.jpg"}], "annotations": []}"#,
        Some("val"),
        expect![[r#"some/file: found no split "val", expected Karpathy's splits: its images have no `split`"#]],
    );
}

#[test]
fn a_split_is_opened_by_its_file_and_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    fs::write(path("dataset.json"), KARPATHY).unwrap();
    assert_eq!(Split::open(&path("dataset.json:val")).unwrap().names(), ["val2014/c.jpg"]);

    let error = Split::open(&path("other.json:val")).unwrap_err().to_string();
    assert!(error.ends_with("other.json cannot be read"), "{error}");

    fs::write(path("dataset.json:val"), "x.jpg\n").unwrap();
    assert_eq!(Split::open(&path("dataset.json:val")).unwrap().names(), ["x.jpg"]);
}

#[test]
fn a_photo_without_captions_is_named() {
    let photo = |name: &str| Photo { name: name.to_owned(), captions: vec!["x".to_owned()], ..Photo::default() };
    let collection = Collection { photos: vec![photo("a.jpg"), photo("b.jpg"), photo("c.jpg")] };
    let select = |names: &[&str]| match collection.select(&Split::new("dev.txt", names.iter().map(ToString::to_string)))
    {
        Ok(photos) => photos.iter().map(|photo| photo.name.clone()).collect::<Vec<_>>().join(" "),
        Err(error) => error.to_string(),
    };
    expect!["c.jpg a.jpg"].assert_eq(&select(&["c.jpg", "a.jpg", "c.jpg"]));
    expect![[r#"dev.txt: found no caption for 2 of its 3 photos, the first "x.jpg"; expected one for each"#]]
        .assert_eq(&select(&["a.jpg", "x.jpg", "y.jpg"]));
}

#[test]
fn a_photo_on_both_sides_is_named() {
    let split = |source: &str, names: &[&str]| Split::new(source, names.iter().map(ToString::to_string));
    let train = split("train.txt", &["a", "b", "c"]);
    assert!(train.disjoint(&split("dev.txt", &["d"])).is_ok());
    expect![[r#"train.txt and dev.txt: found 2 photos in both, the first "b"; expected none"#]]
        .assert_eq(&train.disjoint(&split("dev.txt", &["c", "b"])).unwrap_err().to_string());
}

proptest! {
    #[test]
    fn no_input_panics(bytes in prop::collection::vec(any::<u8>(), 0..64), name in prop::option::of("[a-z]{0,3}")) {
        let _ = Split::parse(Path::new("x"), name.as_deref(), &bytes);
    }

    #[test]
    fn karpathys_splits_never_share_a_photo(splits in prop::collection::vec(prop::sample::select(vec!["train", "restval", "val", "test"]), 1..12)) {
        let image = |(index, split)| format!(r#"{{"filename": "{index}", "split": "{split}", "sentences": []}}"#);
        let images: Vec<String> = splits.iter().enumerate().map(image).collect();
        let text = format!(r#"{{"images": [{}]}}"#, images.join(","));
        let open = |name| Split::parse(Path::new("x"), Some(name), text.as_bytes()).ok();
        let parts: Vec<Split> = ["train", "val", "test"].into_iter().filter_map(open).collect();
        for (index, one) in parts.iter().enumerate() {
            prop_assert!(parts[index + 1..].iter().all(|other| one.disjoint(other).is_ok()));
        }
        prop_assert_eq!(parts.iter().map(|part| part.names().len()).sum::<usize>(), splits.len());
    }

    #[test]
    fn the_overlap_is_the_intersection(one in prop::collection::vec("[a-f]", 0..8), other in prop::collection::vec("[a-f]", 0..8)) {
        let set = |names: &[String]| names.iter().cloned().collect::<HashSet<String>>();
        let both: HashSet<String> = set(&one).intersection(&set(&other)).cloned().collect();
        let (one, other) = (Split::new("one", one), Split::new("other", other));
        prop_assert_eq!(one.overlap(&other).iter().map(ToString::to_string).collect::<HashSet<_>>(), both.clone());
        prop_assert_eq!(one.disjoint(&other).is_ok(), both.is_empty());
        prop_assert_eq!(other.disjoint(&one).is_ok(), both.is_empty());
    }
}
