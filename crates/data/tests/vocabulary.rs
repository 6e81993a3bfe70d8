//! The words a model knows, and the file they are kept in.

use std::path::Path;

use expect_test::{Expect, expect};
use nid_data::vocabulary::{self, END, PAD, SPECIALS, START, UNKNOWN, Vocabulary};
use proptest::prelude::*;

fn joined(caption: &str) -> String {
    vocabulary::words(caption).collect::<Vec<_>>().join(" ")
}

#[test]
fn words_of_a_caption() {
    let check = |caption: &str, expected: Expect| expected.assert_eq(&joined(caption));
    check("A black dog and a tri-colored dog , playing .", expect!["a black dog and a tri-colored dog playing"]);
    check("The dog's owner's \"hat\" isn’t red !", expect!["the dog's owner's hat isn't red"]);
    check("a man - in 'quotes' -- runs dogs'", expect!["a man in quotes runs dogs"]);
    check("S.C.U.B.A. at AT&T #1", expect!["scuba at att 1"]);
    check("  Élan\tÜBER\u{a0}x  ", expect!["élan über x"]);
    check("<start> <unk>", expect!["start unk"]);
    check(" . , - ' ", expect![""]);
}

#[test]
fn frequent_words_come_first() {
    let captions = ["a dog runs", "a cat runs", "a bird"];
    let build = |threshold| Vocabulary::build(captions, threshold).to_text().replace('\n', " ");
    expect!["<pad> <start> <end> <unk> a runs bird cat dog "].assert_eq(&build(1));
    expect!["<pad> <start> <end> <unk> a runs "].assert_eq(&build(2));
    expect!["<pad> <start> <end> <unk> "].assert_eq(&build(4));
}

#[test]
fn words_and_numbers() {
    let vocabulary = Vocabulary::build(["a dog runs", "a dog", "a"], 2);
    assert_eq!(vocabulary.len(), 6);
    assert_eq!(vocabulary.encode("A Dog runs ."), [4, 5, UNKNOWN]);
    assert_eq!(vocabulary.decode(&[START, 4, UNKNOWN, 5, END, PAD, 999]), "a dog");
    assert_eq!((vocabulary.id("dog"), vocabulary.id("runs")), (Some(5), None));
    assert_eq!((vocabulary.word(END), vocabulary.word(6)), (Some("<end>"), None));
}

#[test]
fn broken_files() {
    let check =
        |text: &str, expected: Expect| expected.assert_eq(&Vocabulary::from_text(text).unwrap_err().to_string());
    let after = |text: &str| format!("<pad>\n<start>\n<end>\n<unk>\n{text}");
    check("", expect!["vocabulary.txt:1: found the end of the file, expected <pad>"]);
    check("<pad>\n<start>\n<end>\n", expect!["vocabulary.txt:4: found the end of the file, expected <unk>"]);
    check("<pad>\n<end>\n", expect![[r#"vocabulary.txt:2: found "<end>", expected <start>"#]]);
    check(&after("a\n\nb\n"), expect![[r#"vocabulary.txt:6: found "", expected one word"#]]);
    check(&after("a dog\n"), expect![[r#"vocabulary.txt:5: found "a dog", expected one word"#]]);
    check(
        &after("a\nb\na\n"),
        expect![[r#"vocabulary.txt:7: found "a" again (first on line 5), expected each word once"#]],
    );
    check(
        &after("<pad>\n"),
        expect![[r#"vocabulary.txt:5: found "<pad>" again (first on line 1), expected each word once"#]],
    );
}

#[test]
fn line_ends_and_byte_order_mark_do_not_matter() {
    let vocabulary = Vocabulary::build(["a dog"], 1);
    let text = format!("\u{feff}{}", vocabulary.to_text().trim_end().replace('\n', "\r\n"));
    assert_eq!(Vocabulary::from_text(&text).unwrap(), vocabulary);
}

#[test]
fn a_file_is_written_whole_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vocabulary.txt");
    let files = || folder.path().read_dir().unwrap().count();
    for vocabulary in [Vocabulary::build(["a dog"], 1), Vocabulary::build(["a cat"], 1)] {
        vocabulary.save(&path).unwrap();
        assert_eq!(Vocabulary::load(&path).unwrap(), vocabulary);
        assert_eq!(files(), 1);
    }

    // A folder cannot be replaced by a file, as a full disk cannot take one.
    let taken = folder.path().join("taken");
    std::fs::create_dir(&taken).unwrap();
    assert!(Vocabulary::build(["a"], 1).save(&taken).is_err());
    assert_eq!(files(), 2);
}

proptest! {
    #[test]
    fn no_input_panics(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        let _ = Vocabulary::parse(Path::new("x"), &bytes);
        let _ = Vocabulary::parse(Path::new("x"), &[b"<pad>\n<start>\n<end>\n<unk>\n", &bytes[..]].concat());
    }

    #[test]
    fn words_are_their_own_words(caption in any::<String>()) {
        let once = joined(&caption);
        prop_assert_eq!(&joined(&once), &once);
        prop_assert!(vocabulary::words(&caption).all(|word| !SPECIALS.contains(&word.as_str())));
    }

    #[test]
    fn a_vocabulary_reads_back(captions in prop::collection::vec(any::<String>(), 0..8), threshold in 0usize..3) {
        let vocabulary = Vocabulary::build(captions.iter().map(String::as_str), threshold);
        prop_assert_eq!(&Vocabulary::from_text(&vocabulary.to_text()).unwrap(), &vocabulary);
    }

    #[test]
    fn known_captions_come_back(captions in prop::collection::vec("[ a-zA-Zé.,'-]{0,30}", 1..5)) {
        let vocabulary = Vocabulary::build(captions.iter().map(String::as_str), 1);
        for caption in &captions {
            prop_assert_eq!(vocabulary.decode(&vocabulary.encode(caption)), joined(caption));
        }
    }

    #[test]
    fn every_number_has_its_word(captions in prop::collection::vec("[a-e ]{0,12}", 0..6)) {
        let vocabulary = Vocabulary::build(captions.iter().map(String::as_str), 1);
        for id in 0..vocabulary.len() as u32 {
            prop_assert_eq!(vocabulary.word(id).and_then(|word| vocabulary.id(word)), Some(id));
        }
    }
}
