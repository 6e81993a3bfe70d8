//! What holds of the captions' readers whatever the bytes.

use std::collections::BTreeMap;
use std::path::Path;

use nid_data::captions;
use proptest::prelude::*;

/// Pieces of all forms, well and badly put together, so that every reader is reached.
fn scraps() -> impl Strategy<Value = Vec<u8>> {
    let pieces = [
        "a.jpg",
        "b",
        "#0",
        "#",
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
        "image_name| comment_number| comment\n",
        "{\"images\": [",
        "{\"id\": 1, \"file_name\": \"a\"}",
        "{\"filename\": \"a\", \"split\": \"val\", \"sentences\": [{\"raw\": \"x\"}]}",
        "]",
        "}",
        ", \"annotations\": [",
        "{\"image_id\": 1, \"caption\": \"x\"}",
    ];
    let piece = prop_oneof![
        9 => prop::sample::select(pieces.to_vec()).prop_map(|piece| piece.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..3),
    ];
    prop::collection::vec(piece, 0..20).prop_map(|pieces| pieces.concat())
}

/// Photos with captions, as a token file can hold them.
fn collections() -> impl Strategy<Value = Vec<(String, Vec<String>)>> {
    let captions = prop::collection::vec("[a-zé'\",|#.0-9]([ a-z\t'\",|#.0-9]{0,20}[a-z.])?", 1..4);
    prop::collection::btree_map("[a-zé_#0-9 ]{0,8}\\.jpg", captions, 1..5).prop_map(|photos| {
        let trimmed = photos.into_iter().map(|(name, captions)| (name.trim().to_owned(), captions));
        trimmed.collect::<BTreeMap<_, _>>().into_iter().collect()
    })
}

proptest! {
    #[test]
    fn no_input_panics(bytes in prop_oneof![scraps(), prop::collection::vec(any::<u8>(), 0..64)]) {
        if let Ok(collection) = captions::parse(Path::new("x"), &bytes) {
            prop_assert!(!collection.photos.is_empty());
            for photo in collection.photos {
                prop_assert!(!photo.name.is_empty());
                prop_assert!(!photo.captions.is_empty());
                prop_assert!(photo.captions.iter().all(|caption| !caption.trim().is_empty()));
            }
        }
    }

    #[test]
    fn an_error_is_one_line(bytes in scraps()) {
        if let Err(error) = captions::parse(Path::new("x\ny"), &bytes) {
            prop_assert!(!error.to_string().contains('\n'), "{}", error);
        }
    }

    #[test]
    fn a_token_file_reads_back(photos in collections()) {
        let mut text = String::new();
        for (name, captions) in &photos {
            for (number, caption) in captions.iter().enumerate() {
                text += &format!("{name}#{number}\t{caption}\n");
            }
        }
        let read = captions::parse(Path::new("x"), text.as_bytes()).unwrap();
        let read: Vec<_> = read.photos.into_iter().map(|photo| (photo.name, photo.captions)).collect();
        prop_assert_eq!(read, photos);
    }

    #[test]
    fn a_csv_reads_back(photos in collections()) {
        let mut text = "image,caption\n".to_owned();
        for (name, caption) in photos.iter().flat_map(|(name, captions)| captions.iter().map(move |caption| (name, caption))) {
            text += &format!("{name},\"{}\"\n", caption.replace('"', "\"\""));
        }
        let read = captions::parse(Path::new("x"), text.as_bytes()).unwrap();
        let read: Vec<_> = read.photos.into_iter().map(|photo| (photo.name, photo.captions)).collect();
        prop_assert_eq!(read, photos);
    }
}
