//! METEOR is METEOR 1.5's. Renew the goldens with `python recipes/meteor_goldens.py`.

use std::sync::LazyLock;

use nid_metrics::meteor::{CompileError, Error, Meteor, Sources, Statistics, Table};
use proptest::prelude::*;
use serde_json::Value;

static GOLDENS: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("goldens/meteor.json")).expect("the golden file is JSON"));

static TABLE: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let source = |name: &str| GOLDENS["sources"][name].as_str().expect("text").as_bytes();
    let sources = Sources {
        function_words: source("function_words"),
        prefixes: source("prefixes"),
        synsets: source("synsets"),
        exceptions: source("exceptions"),
        paraphrases: source("paraphrases"),
    };
    Table::compile(sources).expect("the sources are METEOR's formats")
});

fn meteor() -> Meteor<'static> {
    Meteor::new(Table::open(&TABLE).expect("the table was compiled just now"))
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a string")
}

fn list(value: &Value) -> &[Value] {
    value.as_array().expect("a list")
}

fn statistics(case: &Value) -> Statistics {
    let references: Vec<&str> = list(&case["references"]).iter().map(text).collect();
    meteor().statistics(text(&case["candidate"]), &references)
}

#[test]
fn each_caption_is_counted_as_by_meteor() {
    for case in list(&GOLDENS["cases"]) {
        let expected: Vec<u64> = list(&case["numbers"]).iter().map(|n| n.as_u64().expect("a count")).collect();
        assert_eq!(statistics(case).numbers().to_vec(), expected, "{case}");
    }
}

#[test]
fn each_caption_scores_as_in_meteor() {
    for case in list(&GOLDENS["cases"]) {
        let (score, expected) = (statistics(case).score(), case["score"].as_f64().expect("a score"));
        assert!((score - expected).abs() < 1e-12, "{score}, expected {expected}: {case}");
    }
}

#[test]
fn a_corpus_scores_as_in_meteor() {
    let score = list(&GOLDENS["cases"]).iter().map(statistics).sum::<Statistics>().score();
    let expected = GOLDENS["corpus"].as_f64().expect("a score");
    assert!((score - expected).abs() < 1e-12, "{score}, expected {expected}");
}

#[test]
fn the_highest_reference_counts() {
    let alone = meteor().statistics("two dogs run", &["two hounds run"]);
    assert_eq!(meteor().statistics("two dogs run", &["a cat", "two hounds run", "snow"]), alone);
    assert_eq!(meteor().statistics("a dog", &[]), meteor().statistics("a dog", &[""]));
}

#[test]
fn a_caption_is_its_own_best_match() {
    let same = meteor().statistics("the t-shirt is n't red", &["the t-shirt is n't red"]);
    assert_eq!(same.score(), 1.0);
    assert_eq!(same.chunks, 1);
    assert_eq!(same.penalised_chunks, 0);
}

/// Sources without entries but for what is given.
fn sources<'a>(synsets: &'a [u8], paraphrases: &'a [u8]) -> Sources<'a, &'a [u8]> {
    Sources { function_words: b"", prefixes: b"", synsets, exceptions: b"", paraphrases }
}

#[test]
fn sources_that_are_not_meteors_are_named() {
    let message = |sources| Table::compile(sources).map_err(|error: CompileError| error.to_string());
    let check = |synsets: &'static [u8], paraphrases: &'static [u8], expected: &str| {
        assert_eq!(message(sources(synsets, paraphrases)).unwrap_err(), expected);
    };
    check(b"dog\n12 x\n", b"", r#"line 2 of the synonym sets is "x", expected numbers of synonym sets"#);
    check(b"dog\n", b"", "the synonym sets end within an entry, after line 1: expected 2 lines an entry");
    check(b"do\xff\n1\n", b"", "line 1 of the synonym sets is not UTF-8");
    check(b"", b"0.5\na\n", "the paraphrases end within an entry, after line 2: expected 3 lines an entry");
    check(b"", b"half\na\nb\n", r#"line 1 of the paraphrases is "half", expected a probability"#);
    check(b"", b"0.5\n\xff\nb\n", "line 2 of the paraphrases is not UTF-8");
    assert!(message(sources(b"", b"")).is_ok());
}

#[test]
fn bytes_that_are_no_table_are_told() {
    assert_eq!(Table::open(b"something else").unwrap_err(), Error::Magic(*b"somethin"));
    let mut other = TABLE.clone();
    other[8] = 99;
    assert_eq!(Table::open(&other).unwrap_err(), Error::Version(99));
    for length in 0..TABLE.len() {
        assert!(matches!(Table::open(&TABLE[..length]), Err(Error::Length { .. })), "{length} bytes");
    }
}

/// Words of the table, of its kinds, and signs.
fn sentence() -> impl Strategy<Value = String> {
    let word = prop::sample::select(&["dog", "hounds", "a", "next", "to", "beside", "2", "t-shirt", "u.s.", "is", "%"]);
    prop::collection::vec(prop_oneof![9 => word.prop_map(str::to_owned), 1 => "\\PC{0,4}"], 0..24)
        .prop_map(|words| words.join(" "))
}

proptest! {
    #[test]
    fn damaged_bytes_never_panic(
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..40),
        candidate in sentence(),
        reference in sentence(),
    ) {
        let mut bytes = TABLE.clone();
        for (place, byte) in damage {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        if let Ok(table) = Table::open(&bytes) {
            Meteor::new(table).statistics(&candidate, &[&reference]);
        }
    }

    #[test]
    fn no_more_is_matched_than_there_is(candidate in sentence(), reference in sentence()) {
        let counts = meteor().statistics(&candidate, &[&reference]);
        let matched = counts.matched();
        prop_assert!(matched.candidate <= counts.words.candidate && matched.reference <= counts.words.reference);
        prop_assert!(counts.chunks <= matched.candidate.min(matched.reference));
        prop_assert!((0.0..=1.0).contains(&counts.score()));
    }

    #[test]
    fn further_references_never_lower_the_score(candidate in sentence(), one in sentence(), other in sentence()) {
        let alone = meteor().statistics(&candidate, &[&one]).score();
        prop_assert!(meteor().statistics(&candidate, &[&one, &other]).score() >= alone);
    }
}

/// With METEOR's own data, where somebody has them: `NID_METEOR_TABLE` names the compiled table.
#[test]
#[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
fn meteors_own_table_scores_as_meteor() {
    let Some(path) = std::env::var_os("NID_METEOR_TABLE") else {
        eprintln!("skipped: NID_METEOR_TABLE names no compiled table of METEOR's own data");
        return;
    };
    let bytes = std::fs::read(path).expect("NID_METEOR_TABLE can be read");
    let meteor = Meteor::new(Table::open(&bytes).expect("NID_METEOR_TABLE is a compiled table"));
    for case in list(&GOLDENS["full"]) {
        let references: Vec<&str> = list(&case["references"]).iter().map(text).collect();
        let statistics = meteor.statistics(text(&case["candidate"]), &references);
        let expected: Vec<u64> = list(&case["numbers"]).iter().map(|n| n.as_u64().expect("a count")).collect();
        assert_eq!(statistics.numbers().to_vec(), expected, "{case}");
    }
}
