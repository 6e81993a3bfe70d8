//! The tokens are pycocoevalcap's. Renew them with `python recipes/tokenizer_fuzz.py goldens`.

use std::collections::HashMap;

use nid_metrics::{tokenize, tokenize_before, tokenize_between, tokens};
use proptest::prelude::*;

/// Lines that look like something over and over, and never become it.
const LURES: [&str; 24] = [
    "<a ",
    "<a b=\"",
    "<!a",
    "<a@",
    "a@",
    "a@.",
    "http://",
    "http://a.",
    "www.a.",
    "~.",
    "1 1",
    "1,",
    "a,",
    "a.b,",
    "a-b.",
    "(555) ",
    "555 ",
    ". ",
    "'",
    "\u{201c}",
    "&nbs",
    "\u{ad}",
    "Σ",
    "🦀",
];

fn joined(caption: &str) -> String {
    let mut out = String::new();
    tokenize(caption, &mut out);
    out
}

/// The tokens of lines that follow each other, a line for each.
fn of_lines(lines: &[&str]) -> String {
    let (mut out, mut begun) = (String::new(), 0);
    for (place, line) in lines.iter().enumerate() {
        out.push_str(if place == 0 { "" } else { "\n" });
        begun = tokenize_between(line, begun, lines[place + 1..].iter().copied(), &mut out);
    }
    out
}

#[test]
fn nasty_lines_are_tokenised_as_by_ptbtokenizer() {
    type Cases = Vec<(String, String)>;
    let mut goldens: HashMap<String, Cases> =
        serde_json::from_str(include_str!("goldens/tokens.json")).expect("the golden file is JSON");
    let mut take = |name: &str| goldens.remove(name).expect("the golden file has all kinds");
    for (line, expected) in take("ends") {
        assert_eq!(joined(&line), expected, "{line:?}");
    }
    // The others were one file, a line of quotation marks after each.
    for (lines, expected) in [take("lines"), take("runs")].concat() {
        let parted: Vec<&str> = lines.split('\n').chain(["\"'\"'"]).collect();
        assert_eq!(of_lines(&parted), expected + "\n", "{lines:?}");
    }
}

#[test]
fn a_line_is_read_together_with_the_beginning_of_the_next() {
    let check = |caption: &str, following: Option<&str>, expected: &str| {
        let mut out = String::new();
        tokenize_before(caption, following, &mut out);
        assert_eq!(out, expected, "{caption:?} before {following:?}");
    };
    check("we are no.", Some("5 dogs"), "we are no.");
    check("we are no.", Some("dogs"), "we are no");
    check("we are no.", None, "we are no");
    check("vitamin A.", Some("The man"), "vitamin a");
    check("vitamin A.", Some("A man"), "vitamin a");
    check("vitamin A.", Some("the man"), "vitamin a.");
    check("vitamin A.", None, "vitamin a.");
    check("happy :D", Some("a dog"), "happy :d");
    check("happy :D", None, "happy d");
    check("a\rhappy :D", Some("a dog"), "a happy d");
    check("in Mass.", Some("1"), "in mass.");
    assert_eq!(joined("in Mass.1"), "in mass. .1");
}

#[test]
fn a_token_may_need_many_lines() {
    assert_eq!(of_lines(&["vitamin A.", "", " \t ", "The man"]), "vitamin a\n\n\nthe man");
    assert_eq!(of_lines(&["vitamin A.", "", "The"]), "vitamin a.\n\nthe");
    assert_eq!(of_lines(&["no <b c=\"d", "", ": ", "e f\"> g"]), "no <b\u{a0}c=\"d\n\n\ne\u{a0}f\"> g");
    assert_eq!(of_lines(&["no <b c=\"d", "e\" f g"]), "no < b c = d\ne f g");
}

#[test]
fn no_more_is_asked_for_than_is_looked_at() {
    for caption in ["two dogs", "two dogs .", "two dogs.", "\"two dogs\""] {
        let mut asked = 0;
        let following = std::iter::repeat_with(|| asked += 1).map(|()| "a dog");
        tokenize_before(caption, following, &mut String::new());
        assert!(asked <= 1, "{caption:?} asked for {asked} lines");
    }
}

#[test]
fn a_final_sigma_is_the_one_that_java_sees() {
    let check =
        |word: &str, expected: &str| assert_eq!(joined(&format!("http://{word}")), format!("http://{expected}"));
    check("ΑΣ", "ας");
    check("ΑΣ-α", "ασ-α");
    check("ΑΣ1.1α", "ασ1.1α");
    check("ΑΣ1-α", "ας1-α");
    check("Α-Σ", "α-ς");
    check("Α--Σ", "α--σ");
    check("ア\u{345}Σ", "ア\u{345}σ");
    check("א\u{345}Σ", "א\u{345}ς");
}

#[test]
fn a_caption_with_ends_of_lines_is_one_caption() {
    assert_eq!(joined("a\nb\rc\u{b}d\u{2028}e"), "a b c d e");
    assert_eq!(joined("1\r1/2 1\n1/2"), "1 1/2 1\u{a0}1/2");
    assert_eq!(joined("<a b=\"c\rd\">"), "<a\u{a0}b=\"c\rd\">");
    assert_eq!(joined("a@b\u{3000}\rI"), "a@b i");
}

#[test]
fn long_lines_take_no_longer_than_their_length() {
    for lure in LURES {
        tokens(&lure.repeat(300_000 / lure.len()));
    }
    assert_eq!(tokens(&"word ".repeat(10_000)), vec!["word"; 10_000]);
    assert_eq!(tokens(&"a".repeat(100_000)), ["a".repeat(100_000)]);
}

proptest! {
    #[test]
    fn no_text_panics(caption in any::<String>(), following in proptest::option::of(any::<String>())) {
        tokenize_before(&caption, following.as_deref(), &mut String::new());
    }

    #[test]
    fn no_text_of_signs_that_matter_panics(caption in "[aAsStT1 .,:;!?'\"`/<>()@&#$_\\\\=\u{ad}\u{2019}\u{1f980}\u{301}Σ-]{0,24}") {
        for token in tokens(&caption) {
            prop_assert!(!token.is_empty() && !token.contains(' '), "{token:?}");
        }
    }

    #[test]
    fn tokens_are_added_to_what_is_there(caption in ".*", before in "[a-z ]*") {
        let mut out = before.clone();
        tokenize(&caption, &mut out);
        prop_assert_eq!(&out, &format!("{before}{}", joined(&caption)));
        prop_assert_eq!(tokens(&caption).join(" "), joined(&caption));
    }

    #[test]
    fn words_between_spaces_do_not_see_each_other(words in proptest::collection::vec("[a-z]{1,9}|[0-9]{5,9}", 0..8)) {
        let apart: Vec<String> = words.iter().flat_map(|word| tokens(word)).collect();
        prop_assert_eq!(tokens(&words.join(" ")), apart);
    }
}
