//! Sentences to be scored, in every form that people have them, and what is said of those that are broken.

use std::path::Path;

use expect_test::{Expect, expect};
use nid_data::sentences::{self, Id};

/// The photos a line each, or the error.
fn show(bytes: &[u8]) -> String {
    let read = match sentences::parse(Path::new("some/file"), bytes) {
        Ok(read) => read,
        Err(error) => return error.to_string(),
    };
    let photo = |photo: &sentences::Photo| {
        let id = serde_json::to_string(&photo.id).expect("an id is a number or a text");
        let name = photo.file_name.as_ref().map(|name| format!(" {name}")).unwrap_or_default();
        format!("{id}{name}: {:?}", photo.sentences)
    };
    let aligned = read.aligned.then(|| "aligned".to_owned());
    aligned.into_iter().chain(read.photos.iter().map(photo)).collect::<Vec<_>>().join("\n")
}

fn check(bytes: impl AsRef<[u8]>, expected: Expect) {
    expected.assert_eq(&show(bytes.as_ref()));
}

#[test]
fn results_of_coco() {
    check(
        r#"[{"image_id": 7, "caption": "a dog"}, {"caption": " b ", "id": 1, "image_id": "x", "file_name": "x.jpg"}]"#,
        expect![[r#"
        7: ["a dog"]
        "x" x.jpg: [" b "]"#]],
    );
    check(
        r#"[{"image_id": 42.0, "caption": ""}, {"image_id": -1, "caption": "a"}, {"image_id": "007", "caption": "b"}]"#,
        expect![[r#"
        42: [""]
        "-1": ["a"]
        "007": ["b"]"#]],
    );
    check(r#"[{"image_id": 1, "caption": "a"}, {"image_id": "1", "caption": "b"}]"#, expect![[r#"1: ["a", "b"]"#]]);
    check(
        r#"[{"image_id": 18446744073709551615, "caption": "a"}, {"image_id": 9007199254740993, "caption": "b"}]"#,
        expect![[r#"
        18446744073709551615: ["a"]
        9007199254740993: ["b"]"#]],
    );
    check(" []\n", expect![]);
}

#[test]
fn broken_results() {
    check(
        "[{\"image_id\": 7, \"caption\": \"a\"},\n {\"image_id\": 8}]",
        expect!["some/file:2:17: found no `caption`, expected one for each photo"],
    );
    check(
        "[{\"image_id\": 7, \"caption\": \"a\"},\n {\"caption\": \"a\"}]",
        expect![
            "some/file:2:18: found no `image_id`, `file_name`, `image` or `path`, expected what the photo is called"
        ],
    );
    check(
        "[{\"image_id\": 7,\n \"caption\": \"half a pair: \\ud83d\"}]",
        expect!["some/file:2:27: found half of a surrogate pair, expected both or neither"],
    );
    check(
        "[{\"image_id\": 7,\n \"caption\": \"the other half: \\ude00\"}]",
        expect!["some/file:2:30: found half of a surrogate pair, expected both or neither"],
    );
    check(
        b"[{\"image_id\": 7,\n \"caption\": \"caf\xe9\"}]",
        expect!["some/file:2: found byte 0xe9 at position 17 of the line, expected UTF-8"],
    );
    check(
        r#"[{"image_id": [7], "caption": "a"}]"#,
        expect!["some/file:1:15: invalid type: sequence, expected a number or a text that names the photo"],
    );
    check(
        r#"[{"image_id": 7, "caption": 7}]"#,
        expect!["some/file:1:29: invalid type: integer `7`, expected a caption or a list of captions"],
    );
    check(
        r#"[{"image_id": 18446744073709551616, "caption": "a"}]"#,
        expect![
            "some/file:1:34: found the number 1.8446744073709552e19, expected a text or a whole number of at most 64 bits"
        ],
    );
    check(
        "{\"images\": [],\n \"annotations\": [{\"image_id\": 1.5, \"caption\": \"a\"}]}",
        expect!["some/file:2:33: found the number 1.5, expected a text or a whole number of at most 64 bits"],
    );
    check(r#"[{"image_id": 7, "caption": "a"}"#, expect!["some/file:1:32: EOF while parsing a list"]);
}

#[test]
fn records_a_line_each() {
    check(
        "{\"image_id\": 7, \"caption\": \"a\"}\n\n{\"image\": \"b.jpg\", \"captions\": [\"b\", \"\"]}\r\n{\"image\": 9, \"caption\": [\"c\"]}",
        expect![[r#"
        7: ["a"]
        "b.jpg" b.jpg: ["b", ""]
        9: ["c"]"#]],
    );
    check(
        "{\"path\":\"x/a.jpg\",\"caption\":\"A.\",\"score\":-1.5,\"captions\":[{\"caption\":\"A.\",\"score\":-1.5},{\"caption\":\"B.\",\"score\":-2}]}\n\
         {\"path\":\"x/c.jpg\",\"error\":\"no picture\"}\n",
        expect![[r#""x/a.jpg" x/a.jpg: ["A."]"#]],
    );
    check(
        "{\"image_id\": 1, \"captions\": [{\"score\": 1, \"caption\": \"b\"}, \"c\"]}",
        expect![[r#"1: ["b", "c"]"#]],
    );
    check(
        "{\"image_id\": 1, \"caption\": \"a\"}\n\n  {\"image_id\": 2}\n",
        expect!["some/file:3:3: found no `caption`, expected one for each photo"],
    );
    check(
        "{\"image_id\": 1, \"caption\": \"a\"}\n{\"image_id\": 2, \"caption\": \"\\udc00\"}\n",
        expect!["some/file:2:29: found half of a surrogate pair, expected both or neither"],
    );
    check(
        "{\"image_id\": 1, \"caption\": \"a\"}\n{\"image_id\": 2, \"captions\": [{\"score\": 1}]}\n",
        expect!["some/file:2:41: missing field `caption`"],
    );
    check("{\"image_id\": 1, \"caption\": \"a\"}\nand so on\n", expect!["some/file:2:1: expected value"]);
}

#[test]
fn annotations_of_coco() {
    check(
        r#"{"info": {}, "images": [{"id": 2, "file_name": "b.jpg"}, {"id": 1}, {"id": 3, "file_name": "c.jpg"}],
            "annotations": [{"image_id": 1, "id": 5, "caption": "a "}, {"image_id": "2", "caption": ""}, {"image_id": 1, "caption": "c"}]}"#,
        expect![[r#"
            2 b.jpg: [""]
            1: ["a ", "c"]"#]],
    );
    check(r#"{"annotations": [{"image_id": "a", "caption": "x"}], "images": []}"#, expect![[r#""a": ["x"]"#]]);
    check(
        r#"{"images": [{"id": 1}], "annotations": [{"image_id": 2, "caption": "x"}]}"#,
        expect![[r#"some/file: annotations[0]: found `image_id` "2", expected the `id` of one of the images"#]],
    );
    check(
        r#"{"images": [{"id": 1}, {"id": "1"}], "annotations": []}"#,
        expect![[r#"some/file: images[1]: found "1", the photo of images[0], expected each photo once"#]],
    );
    check(
        r#"{"images": [{"file_name": "a.jpg"}], "annotations": []}"#,
        expect!["some/file: images[0]: found no `id`, expected what the annotations call the image"],
    );
}

#[test]
fn splits_of_karpathy() {
    check(
        r#"{"images": [{"filename": "a.jpg", "imgid": 0, "split": "test", "sentences": [{"raw": "A dog .", "tokens": ["a"]}, {"raw": ""}]},
                       {"filename": "b.jpg", "filepath": "val2014/", "cocoid": 9, "sentences": [{"raw": "b"}]}], "dataset": "x"}"#,
        expect![[r#"
            "a.jpg" a.jpg: ["A dog .", ""]
            9 val2014/b.jpg: ["b"]"#]],
    );
    check(
        r#"{"images": [{"filename": "a.jpg"}]}"#,
        expect!["some/file: images[0]: found no `sentences`, expected them, or COCO's `annotations` in the file"],
    );
}

#[test]
fn rows_of_flickr_and_kaggle() {
    check(
        "a.jpg#0\tA \"dog\"\t. \r\na.jpg#1\t\n\nb.jpg#0\n",
        expect![[r#"
        "a.jpg" a.jpg: ["A \"dog\"\t. ", ""]
        "b.jpg" b.jpg: [""]"#]],
    );
    check(
        "\u{feff}image_name| comment_number| comment\na.jpg| 0| A dog .\na.jpg| 1| \n",
        expect![[r#""a.jpg" a.jpg: [" A dog .", " "]"#]],
    );
    check(
        "a.jpg#0\tx\nb.jpg y\n",
        expect![[r#"some/file:2: found "b.jpg y", expected `photo.jpg#0`, a tab, a caption"#]],
    );
    check(
        "image_name| comment_number| comment\na.jpg| 0| x\nimage_name| comment_number| comment\n",
        expect!["some/file:3: found the header again, expected a sentence"],
    );
}

#[test]
fn csv_by_its_header() {
    check(
        "image,caption\na.jpg,\"A dog , running\"\na.jpg,\n\nb.jpg, x \n",
        expect![[r#"
        "a.jpg" a.jpg: ["A dog , running", ""]
        "b.jpg" b.jpg: [" x "]"#]],
    );
    check(
        "path,caption,score,error\nx/a.jpg,A.,-1.5,\nx/b.jpg,,,no picture\n",
        expect![[r#""x/a.jpg" x/a.jpg: ["A."]"#]],
    );
    check(
        "\"Caption\",\"image_id\",\"file_name\"\r\na,1,a.jpg\r\n\"b \"\"quoted\"\"\",007,\r\n",
        expect![[r#"
        1 a.jpg: ["a"]
        "007": ["b \"quoted\""]"#]],
    );
    check(
        "image,caption\na.jpg,\"two\nlines\"\nb.jpg,x\n",
        expect![[r#"
        "a.jpg" a.jpg: ["two\nlines"]
        "b.jpg" b.jpg: ["x"]"#]],
    );
    check(
        "image,caption\na.jpg,x\nb.jpg,\"y\nc.jpg,z\n",
        expect![[
            r#"some/file:3: found "b.jpg,\"y\nc.jpg,z" over several lines, expected one line (is a quote left open?)"#
        ]],
    );
    check(
        "image,caption\na.jpg,\"y\nb.jpg,\"z\"\n",
        expect![[
            r#"some/file:2: found "a.jpg,\"y\nb.jpg,\"z\"" over several lines, expected one line (is a quote left open?)"#
        ]],
    );
    check(
        "image,caption\na.jpg,x,y\n",
        expect!["some/file:2: found 3 fields, expected 2 as in the header (a comma has to be in quotes)"],
    );
    check("image,caption\n ,x\n", expect!["some/file:2: found no name, expected what the photo is called"]);
}

#[test]
fn aligned_lines() {
    check(
        "a dog\n\n two  dogs \r\nlast",
        expect![[r#"
        aligned
        1: ["a dog"]
        2: [""]
        3: [" two  dogs "]
        4: ["last"]"#]],
    );
    check(
        "\n[ a bracket\n{ a brace",
        expect![[r#"
        aligned
        1: [""]
        2: ["[ a bracket"]
        3: ["{ a brace"]"#]],
    );
    check("", expect!["aligned"]);
    check(
        "a control\0character\n",
        expect![[r#"
        aligned
        1: ["a control\0character"]"#]],
    );
    check(
        b"\na\0 \0d\0o\0g\0\n\0",
        expect!["some/file:2: found byte 0x00 at position 2 of the line, as in UTF-16, expected UTF-8"],
    );
    check(
        b"\0a\0 \0d\0o\0g\0\n",
        expect!["some/file:1: found byte 0x00 at position 1 of the line, as in UTF-16, expected UTF-8"],
    );
    check(b"a\nb\xff\n", expect!["some/file:2: found byte 0xff at position 2 of the line, expected UTF-8"]);
}

#[test]
fn ids_compare_as_text() {
    assert_eq!(Id::Number(7).text(), Id::Text("7".to_owned()).text());
    assert_ne!(Id::Text("07".to_owned()).text(), Id::Number(7).text());
}

#[test]
fn a_table_of_an_unknown_form_is_not_taken_for_sentences() {
    for table in [
        "a.jpg,A dog.\nb.png,A cat.\n",
        "\"x/a.JPG\";A dog.",
        "ph/a.jpg: A dog.\n",
        "image;caption\na.jpg;A dog.\n",
        "filename,caption\n",
    ] {
        let told = show(table.as_bytes());
        assert!(
            told.starts_with("some/file:1: found ") && told.contains("CSV begins with `caption`"),
            "{table:?}: {told}"
        );
    }
    // A sentence may be about anything.
    for sentences in ["a.jpg, it says\nA dog.\n", "A caption, and a dog.\n", "caption\n", ": caption\n, x\n"] {
        assert!(show(sentences.as_bytes()).starts_with("aligned"), "{sentences:?}");
    }
}
