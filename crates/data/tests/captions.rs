//! Captions in every form that people have them, and what is said of those that are broken.

use std::error::Error;
use std::path::Path;
use std::{fs, iter};

use expect_test::{Expect, expect};
use nid_data::captions::{self, Collection};

/// The collection a line a photo, or the error in one line as a command prints it.
fn show<E: Error>(read: Result<Collection, E>) -> String {
    match read {
        Ok(collection) => {
            let photos = collection.photos.iter().map(|photo| {
                let id = photo.id.map(|id| format!(" {id}")).unwrap_or_default();
                let split = photo.split.as_ref().map(|split| format!(" ({split})")).unwrap_or_default();
                format!("{}{id}{split}: {}", photo.name, photo.captions.join(" / "))
            });
            photos.collect::<Vec<_>>().join("\n")
        }
        Err(error) => {
            let causes = iter::successors(error.source(), |&error| error.source());
            iter::once(error.to_string()).chain(causes.map(ToString::to_string)).collect::<Vec<_>>().join(": ")
        }
    }
}

fn check(bytes: impl AsRef<[u8]>, expected: Expect) {
    expected.assert_eq(&show(captions::parse(Path::new("some/file"), bytes.as_ref())));
}

#[test]
fn flickr_token_files() {
    check("a.jpg#0\tA dog .\na.jpg#1\tTwo dogs .\n", expect!["a.jpg: A dog . / Two dogs ."]);
    check("a.jpg#0\tA \"dog\"\tand, a |cat|", expect![[r#"a.jpg: A "dog"	and, a |cat|"#]]);
    check("b.jpg#0\tx\na.jpg#0\ty\nb.jpg#1\tz\n", expect!["b.jpg: x / z\na.jpg: y"]);
    check("\u{feff}a.jpg#0\tA dog .\r\n\r\na.jpg#1\t  Two dogs .  \r\n", expect!["a.jpg: A dog . / Two dogs ."]);
    check("a.jpg.1#0\tx\nb#c.jpg#12\ty", expect!["a.jpg.1: x\nb#c.jpg: y"]);
    check("a.jpg#0\t\na.jpg#1\tx\nb.jpg#0\t \n", expect!["a.jpg: x"]);
    check("été.jpg#0\tUn été à Nîmes .", expect!["été.jpg: Un été à Nîmes ."]);
}

#[test]
fn broken_token_files() {
    check(
        "a.jpg#0\tx\na.jpg#1 y\n",
        expect![[r#"some/file:2: found "a.jpg#1 y", expected `photo.jpg#0`, a tab, a caption"#]],
    );
    check(
        "a.jpg#0\tx\n\na.jpg\ty\n",
        expect![[r#"some/file:3: found "a.jpg", expected `photo.jpg#0` before the first tab"#]],
    );
    check("a.jpg#x\ty\n", expect![[r#"some/file:1: found "a.jpg#x", expected `photo.jpg#0` before the first tab"#]]);
    check("a.jpg#\ty\n", expect![[r#"some/file:1: found "a.jpg#", expected `photo.jpg#0` before the first tab"#]]);
    check("#0\ty\n", expect![[r##"some/file:1: found "#0", expected `photo.jpg#0` before the first tab"##]]);
    check(
        "a.jpg#0\tx\n# no comments\n",
        expect![[r##"some/file:2: found "# no comments", expected `photo.jpg#0`, a tab, a caption"##]],
    );
    check("a.jpg#0\t \nb.jpg#0\t\n", expect!["some/file: found no caption, expected at least one"]);
    check(
        format!("a.jpg#0\tx\n\x1b[31m{}\n", "é".repeat(200)),
        expect![[
            r#"some/file:2: found "\u{1b}[31mééééééééééééééééééééééééééééééééééééééééééééééééééééééé"…, expected `photo.jpg#0`, a tab, a caption"#
        ]],
    );
}

#[test]
fn the_csv_of_kaggle() {
    check(
        "image,caption\na.jpg,A dog .\na.jpg,\"Two dogs , \"\"big\"\" ones\"\n",
        expect![[r#"a.jpg: A dog . / Two dogs , "big" ones"#]],
    );
    check("\u{feff}image,caption\r\na.jpg,A dog .\r\n\r\nb.jpg,\r\nb.jpg,x\r\n", expect!["a.jpg: A dog .\nb.jpg: x"]);
    check("image,caption\na.jpg,A \"dog\" runs\n", expect![[r#"a.jpg: A "dog" runs"#]]);
    check("\n \n\"image\",\"caption\"\n\"a.jpg\",\"x\n\"\n", expect!["a.jpg: x"]);

    check(
        "image,caption\na.jpg,x\nb.jpg,A dog , running\n",
        expect!["some/file:3: found 3 fields, expected `photo.jpg,caption`, in quotes where it holds a comma"],
    );
    check(
        "image,caption\r\na.jpg,x\r\n\r\nb.jpg\r\n",
        expect!["some/file:4: found 1 fields, expected `photo.jpg,caption`, in quotes where it holds a comma"],
    );
    check("image,caption\n,x\n", expect!["some/file:2: found no name, expected a photo's name before the comma"]);
    check(
        "image,caption\na.jpg,x\nb.jpg,\"y\nc.jpg,z\n",
        expect![[r#"some/file:3: found "y\nc.jpg,z" over several lines, expected one line (is a quote left open?)"#]],
    );
    check(
        "image,caption\na.jpg,x\nimage,caption\n",
        expect!["some/file:3: found the header again, expected a caption (are these two files in one?)"],
    );
    check("image,caption\n", expect!["some/file: found no caption, expected at least one"]);
}

#[test]
fn the_bars_of_kaggle() {
    const HEADER: &str = "image_name| comment_number| comment\n";
    check(
        format!("{HEADER}a.jpg| 0| A dog .\na.jpg| 1| Two \"dogs\" , | big\n"),
        expect![[r#"a.jpg: A dog . / Two "dogs" , | big"#]],
    );
    check(
        format!("{HEADER}2199200615.jpg| 3| A dog .\r\n2199200615.jpg| 4   A dog runs across the grass .\r\n"),
        expect!["2199200615.jpg: A dog . / A dog runs across the grass ."],
    );
    check("a.jpg | 0 |x\n", expect!["a.jpg: x"]);
    check("a.jpg| 0| 3 dogs\na.jpg| 1 3 dogs | x\n", expect!["a.jpg: 3 dogs / 3 dogs | x"]);
    check("a.jpg| 0| \nb.jpg| 0\nc.jpg| 0| x", expect!["c.jpg: x"]);

    check(
        format!("{HEADER}a.jpg| A dog .\n"),
        expect![[r#"some/file:2: found "a.jpg| A dog .", expected `photo.jpg| 0| caption`"#]],
    );
    check(
        format!("{HEADER}a.jpg| 4A dog .\n"),
        expect![[r#"some/file:2: found "a.jpg| 4A dog .", expected `photo.jpg| 0| caption`"#]],
    );
    check(
        format!("{HEADER}| 0| A dog .\n"),
        expect![[r#"some/file:2: found "| 0| A dog .", expected `photo.jpg| 0| caption`"#]],
    );
    check(
        format!("{HEADER}a.jpg| 0| x\n{HEADER}"),
        expect!["some/file:3: found the header again, expected a caption (are these two files in one?)"],
    );
}

#[test]
fn the_json_of_coco() {
    check(
        r#"{"info": {"year": 2014}, "licenses": [],
            "images": [{"id": 9, "file_name": "b.jpg", "height": 4}, {"id": 7, "file_name": "val/a.jpg"}, {"id": 8, "file_name": "c.jpg"}],
            "annotations": [{"id": 1, "image_id": 7, "caption": "A dog.\n"}, {"image_id": 9, "caption": "x"}, {"image_id": 7, "caption": "y"}, {"image_id": 8, "caption": " "}]}"#,
        expect!["b.jpg 9: x\nval/a.jpg 7: A dog. / y"],
    );

    check(
        r#"{"images": [{"id": 9}], "annotations": []}"#,
        expect!["some/file: images[0]: found no `file_name`, expected the photo's name"],
    );
    check(
        r#"{"images": [{"file_name": "a.jpg"}], "annotations": []}"#,
        expect!["some/file: images[0]: found no `id`, expected the image's number"],
    );
    check(
        r#"{"images": [{"id": 1, "file_name": "a"}, {"id": 1, "file_name": "b"}], "annotations": [{"image_id": 1, "caption": "x"}]}"#,
        expect!["some/file: images[1]: found the `id` of images[0], expected a number of its own"],
    );
    check(
        r#"{"images": [{"id": 1, "file_name": "a"}, {"id": 2, "file_name": "a"}], "annotations": []}"#,
        expect![[r#"some/file: images[1]: found "a" again, expected each photo once"#]],
    );
    check(
        r#"{"images": [{"id": 1, "file_name": "a"}], "annotations": [{"image_id": 2, "caption": "x"}]}"#,
        expect!["some/file: annotations[0]: found `image_id` 2, expected the `id` of one of the images"],
    );
    check(
        "{\"images\": [],\n \"annotations\": [{\"image_id\": 2, \"bbox\": []}]}",
        expect!["some/file:2:44: missing field `caption`"],
    );
    check("{\"images\": [{\"id\": \"7\"}]}", expect![[r#"some/file:1:22: invalid type: string "7", expected u64"#]]);
}

#[test]
fn the_json_of_karpathy() {
    check(
        r#"{"dataset": "coco", "images": [
            {"filename": "a.jpg", "filepath": "val2014", "cocoid": 7, "imgid": 0, "split": "restval", "sentences": [{"raw": "A dog.", "tokens": ["a", "dog"]}, {"raw": "x"}]},
            {"filename": "b.jpg", "split": "val", "sentences": [{"raw": "y"}]},
            {"filename": "c.jpg", "split": "val", "sentences": []}]}"#,
        expect!["val2014/a.jpg 7 (restval): A dog. / x\nb.jpg (val): y"],
    );

    check(
        r#"{"images": [{"filename": "a.jpg"}]}"#,
        expect!["some/file: images[0]: found no `sentences`, expected them, or COCO's `annotations` in the file"],
    );
    check(
        r#"{"images": [{"filename": " ", "sentences": []}]}"#,
        expect!["some/file: images[0]: found an empty `filename`, expected the photo's name"],
    );
    check(
        r#"{"images": [{"filename": "a", "split": "train", "sentences": []}, {"filename": "a", "split": "val", "sentences": []}]}"#,
        expect![[r#"some/file: images[1]: found "a" again, expected each photo once"#]],
    );
    check("{\"images\": [\n{\"filename\": \"a.jpg\", ", expect!["some/file:2:22: EOF while parsing a value"]);
    check("{}", expect!["some/file:1:2: missing field `images`"]);
    check(
        r#"[{"image_id": 1, "caption": "x"}]"#,
        expect!["some/file: found a JSON list, expected an object with `images`"],
    );
    check("{".repeat(100_000), expect!["some/file:1:2: key must be a string"]);
    check(format!("{{\"x\": {}", "[".repeat(100_000)), expect!["some/file:1:100006: EOF while parsing a list"]);
}

#[test]
fn what_is_no_captions_file() {
    check("", expect!["some/file: found nothing, expected captions"]);
    check("\u{feff}\r\n \n", expect!["some/file: found nothing, expected captions"]);
    check(
        "\nA dog runs .\n",
        expect![[
            r#"some/file:2: found "A dog runs .", expected `photo.jpg#0`, a tab and a caption; a header `image,caption` or `image_name| comment_number| comment`; or the JSON of COCO or of Karpathy's splits"#
        ]],
    );
    check(
        b"a.jpg#0\tx\na.jpg#1\tcaf\xe9 .\n",
        expect!["some/file:2: found byte 0xe9 at position 12 of the line, expected UTF-8"],
    );
    check(b"\xff\xfea\0", expect!["some/file:1: found byte 0xff at position 1 of the line, expected UTF-8"]);
}

#[test]
fn a_folder_of_photos_with_captions_beside_them() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let read = || show(captions::read(folder.path())).replace(&folder.path().display().to_string(), "DIR");
    expect!["DIR: found no photo with captions, expected a `photo.txt` beside each `photo.jpg`"].assert_eq(&read());

    fs::create_dir(path("within")).unwrap();
    for name in ["b.jpg", "a.PNG", "alone.jpg", "within/c.webp", ".hidden.jpg", "blank.jpg"] {
        fs::write(path(name), "").unwrap();
    }
    fs::write(path("b.txt"), "A dog .\r\n\r\n  # not a comment\n").unwrap();
    fs::write(path("a.txt"), "\u{feff}x").unwrap();
    fs::write(path("within/c.TXT"), "y").unwrap();
    fs::write(path("README.txt"), "About these photos.").unwrap();
    fs::write(path(".hidden.txt"), "z").unwrap();
    fs::write(path("blank.txt"), "\n").unwrap();
    expect!["a.PNG: x\nb.jpg: A dog . / # not a comment\nwithin/c.webp: y"].assert_eq(&read());

    fs::write(path("b.txt"), b"A dog .\ncaf\xe9").unwrap();
    expect!["DIR/b.txt:2: found byte 0xe9 at position 4 of the line, expected UTF-8"].assert_eq(&read());
}

#[test]
fn a_file_that_is_not_there() {
    expect!["no/such\\x0afile cannot be read: No such file or directory (os error 2)"]
        .assert_eq(&show(captions::read(Path::new("no/such\nfile"))));
}
