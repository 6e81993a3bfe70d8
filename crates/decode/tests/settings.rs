//! What cannot be asked is refused in so many words.

mod support;

use nid_decode::{Error, Model, Sampling, Settings, TokenId, search};
use support::{END, START, count};

const PLAIN: Sampling = Sampling { temperature: 1.0, top_k: None, top_p: None, seed: 0 };

fn check(change: impl FnOnce(&mut Settings), expected: &str) {
    let mut settings = Settings::new(START, END);
    change(&mut settings);
    let found = settings.check(10).map_or_else(|error| error.to_string(), |()| "fine".to_owned());
    assert_eq!(found, expected);
}

#[test]
fn settings_are_checked() {
    check(|_| (), "fine");
    check(|s| s.n_best = count(4), "n_best is 4, but a beam of 3 keeps no more than 3");
    check(|s| (s.n_best, s.sampling) = (count(4), Some(PLAIN)), "fine");
    check(|s| s.min_words = 21, "min_words is 21, above max_words, which is 20");
    check(|s| (s.min_words, s.max_words) = (2, 2), "fine");
    check(|s| s.prefix = vec![5; 21], "the prefix has 21 words, more than max_words, which is 20");
    check(|s| s.prefix = vec![5; 20], "fine");
    check(|s| s.prefix = vec![END], "the prefix holds token 1, which is forbidden or ends the sentence");
    check(
        |s| (s.prefix, s.forbid) = (vec![5, 6], vec![6]),
        "the prefix holds token 6, which is forbidden or ends the sentence",
    );
    check(|s| s.forbid = vec![3, END], "the end word, token 1, is forbidden");
    check(|s| s.forbid = vec![9, 10], "forbid holds token 10, but the vocabulary has 10 words");
    check(|s| s.prefix = vec![10], "prefix holds token 10, but the vocabulary has 10 words");
    check(|s| s.start = 11, "start holds token 11, but the vocabulary has 10 words");
    check(|s| s.end = 12, "end holds token 12, but the vocabulary has 10 words");
}

#[test]
fn numbers_are_checked() {
    let sampling = |change: fn(&mut Sampling)| {
        let mut sampling = PLAIN;
        change(&mut sampling);
        move |settings: &mut Settings| settings.sampling = Some(sampling)
    };
    check(|s| s.length_penalty = -0.1, "length_penalty is -0.1, but must be finite and at least 0");
    check(|s| s.length_penalty = f64::NAN, "length_penalty is NaN, but must be finite and at least 0");
    check(sampling(|s| s.temperature = 0.0), "temperature is 0, but must be finite and above 0");
    check(sampling(|s| s.temperature = f64::INFINITY), "temperature is inf, but must be finite and above 0");
    check(sampling(|s| s.temperature = f64::MIN_POSITIVE), "fine");
    check(sampling(|s| s.top_p = Some(0.0)), "top_p is 0, but must be above 0 and at most 1");
    check(sampling(|s| s.top_p = Some(1.1)), "top_p is 1.1, but must be above 0 and at most 1");
    check(sampling(|s| s.top_p = Some(1.0)), "fine");
}

/// Answers with as many numbers as it is told, whatever it is asked.
struct Answers(usize);

impl Model for Answers {
    type State = ();

    fn step(&self, _: (), _: &[TokenId]) -> ((), Vec<f32>) {
        ((), vec![-1.0; self.0])
    }

    fn select(&self, _: &(), _: &[usize]) {}
}

#[test]
fn a_search_refuses_settings_that_do_not_fit_the_model() {
    let settings = Settings { forbid: vec![5], ..Settings::new(START, END) };
    let error = search(&Answers(5), (), &[0], &settings).unwrap_err();
    assert_eq!(error, Error::Token { role: "forbid", token: 5, vocabulary: 5 });
}

#[test]
fn a_model_that_answers_in_another_shape_is_an_error() {
    let errors = [(7, 2), (5, 1)].map(|(numbers, pictures)| {
        let seeds = vec![0; pictures];
        search(&Answers(numbers), (), &seeds, &Settings::new(START, END)).unwrap_err().to_string()
    });
    assert_eq!(
        errors,
        ["the model gave 7 log-probabilities for 2 rows", "the model gave 5 log-probabilities for 2 rows of 5 words",]
    );
}

#[test]
fn settings_are_read_from_plain_data() {
    let least = r#"{"beam": 3, "n_best": 1, "length_penalty": 0.7, "max_words": 20, "start": 0, "end": 1}"#;
    let settings: Settings = serde_json::from_str(least).unwrap();
    assert_eq!(settings, Settings::new(START, END));

    let all = Settings { prefix: vec![4], sampling: Some(PLAIN), ..settings };
    let written = serde_json::to_string(&all).unwrap();
    assert_eq!(serde_json::from_str::<Settings>(&written).unwrap(), all);

    for wrong in [least.replace("20", r#"20, "beams": 2"#), least.replace("\"beam\": 3", "\"beam\": 0")] {
        assert!(serde_json::from_str::<Settings>(&wrong).is_err(), "{wrong}");
    }
}
