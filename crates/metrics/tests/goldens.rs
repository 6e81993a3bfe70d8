//! The numbers are pycocoevalcap's. Renew them with `python recipes/metrics_goldens.py`.

use nid_metrics::{Pair, evaluate, evaluate_each, tokens};
use serde_json::Value;

fn goldens() -> Value {
    serde_json::from_str(include_str!("goldens/scores.json")).expect("the golden file is JSON")
}

fn strings(values: &Value) -> Vec<String> {
    let values = values.as_array().expect("a list");
    values.iter().map(|value| value.as_str().expect("a string").to_owned()).collect()
}

fn pairs(goldens: &Value) -> Vec<Pair> {
    let photos = goldens["photos"].as_array().expect("a list of photos");
    let pair = |photo: &Value| Pair {
        candidate: photo["candidate"].as_str().expect("a string").to_owned(),
        references: strings(&photo["references"]),
    };
    photos.iter().map(pair).collect()
}

#[track_caller]
fn assert_close(actual: f64, expected: &Value) {
    let expected = expected.as_f64().expect("a number");
    assert!((actual - expected).abs() <= 1e-9 * expected.abs().max(1e-9), "{actual}, expected {expected}");
}

#[test]
fn captions_are_tokenised_as_by_ptbtokenizer() {
    for photo in goldens()["photos"].as_array().expect("a list of photos") {
        let check = |text: &str, expected: &str| assert_eq!(tokens(text).join(" "), expected, "{text}");
        check(photo["candidate"].as_str().expect("a string"), photo["candidate_tokens"].as_str().expect("a string"));
        for (text, expected) in strings(&photo["references"]).iter().zip(strings(&photo["reference_tokens"])) {
            check(text, &expected);
        }
    }
}

#[test]
fn a_corpus_scores_as_in_pycocoevalcap() {
    let goldens = goldens();
    let scores = evaluate(&pairs(&goldens));
    for (name, score) in scores.named() {
        assert_close(score, &goldens["corpus"][name]);
    }
}

#[test]
fn each_caption_scores_as_in_pycocoevalcap() {
    let goldens = goldens();
    let each = evaluate_each(&pairs(&goldens));
    for (scores, photo) in
        each.iter().map(|each| each.scores()).zip(goldens["photos"].as_array().expect("a list of photos"))
    {
        assert_close(scores.cider, &photo["cider"]);
        assert_close(scores.rouge_l, &photo["rouge_l"]);
        for (order, score) in scores.bleu.iter().enumerate() {
            assert_close(*score, &photo["bleu"][order]);
        }
    }
}

#[test]
fn scores_serialise_under_the_names_of_pycocoevalcap() {
    let goldens = goldens();
    let scores = serde_json::to_value(evaluate(&pairs(&goldens))).expect("scores are plain numbers");
    for (name, expected) in goldens["corpus"].as_object().expect("names and numbers") {
        assert_close(scores[name].as_f64().expect("a number"), expected);
    }
    let [candidate, reference, ratio] =
        ["candidate_length", "reference_length", "length_ratio"].map(|name| scores[name].as_f64().expect("a number"));
    assert!((ratio - candidate / reference).abs() < 1e-9, "{ratio}, expected {candidate} / {reference}");
}
