//! What holds of the readers of sentences whatever the bytes.

use std::path::Path;

use nid_data::sentences;
use proptest::collection::vec;
use proptest::prelude::*;

/// Pieces of all forms, well and badly put together, so that every reader is reached.
fn scraps() -> impl Strategy<Value = Vec<u8>> {
    let pieces = [
        "a.jpg",
        "#0",
        "\t",
        " ",
        "|",
        " 0",
        ",",
        "\"",
        "\n",
        "\r\n",
        "\u{feff}",
        "é",
        "image,caption\n",
        "image_id,path,caption,error\n",
        "{\"images\": [",
        "{\"id\": 1, \"file_name\": \"a\"}",
        "{\"filename\": \"a\", \"sentences\": [{\"raw\": \"x\"}]}",
        "[",
        "]",
        "}",
        ", \"annotations\": [",
        "{\"image_id\": 1, \"caption\": \"x\"}",
        "{\"path\": \"a\", \"captions\": [\"x\", {\"caption\": \"\"}]}",
        "\\ud800",
    ];
    let piece = prop_oneof![
        9 => prop::sample::select(pieces.to_vec()).prop_map(|piece| piece.as_bytes().to_vec()),
        1 => vec(any::<u8>(), 0..3),
    ];
    vec(piece, 0..20).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn no_input_panics(bytes in prop_oneof![scraps(), vec(any::<u8>(), 0..64)]) {
        match sentences::parse(Path::new("x\ny"), &bytes) {
            Ok(read) => {
                let mut ids: Vec<_> = read.photos.iter().map(|photo| photo.id.text()).collect();
                ids.sort();
                ids.dedup();
                prop_assert_eq!(ids.len(), read.photos.len());
                prop_assert!(read.photos.iter().all(|photo| !photo.sentences.is_empty()));
            }
            Err(error) => prop_assert!(!error.to_string().contains('\n'), "{}", error),
        }
    }

    #[test]
    fn sentences_come_back_as_they_were(said in vec(".*", 1..5)) {
        let check = |text: String| {
            let read = sentences::parse(Path::new("x"), text.as_bytes()).map_err(|error| TestCaseError::fail(error.to_string()))?;
            let read: Vec<String> = read.photos.into_iter().flat_map(|photo| photo.sentences).collect();
            prop_assert_eq!(&read, &said, "{}", text);
            Ok(())
        };
        let record = |(number, caption): (usize, &String)| serde_json::json!({"image_id": number, "caption": caption});
        let records: Vec<_> = said.iter().enumerate().map(record).collect();
        check(serde_json::to_string_pretty(&records)?)?;
        check(records.iter().map(|record| format!("{record}\n")).collect())?;
        check(serde_json::json!({"annotations": records}).to_string())?;
        let row = |(number, caption): (usize, &String)| format!("{number},\"{}\"\n", caption.replace('"', "\"\""));
        check(format!("image,caption\n{}", said.iter().enumerate().map(row).collect::<String>()))?;
    }
}
