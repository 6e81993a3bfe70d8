//! What must hold of the scores, whatever the captions.

use nid_metrics::bleu::Counts;
use nid_metrics::cider::{Cider, DocumentFrequencies, Products};
use nid_metrics::{
    Ngrams, Pair, Resources, Statistics, Wanted, Words, evaluate, evaluate_each, measure, tokenised, tokens,
};
use proptest::collection::vec;
use proptest::prelude::*;

/// A sentence over so few words that n-grams meet; possibly empty.
fn sentence() -> impl Strategy<Value = Vec<u32>> {
    vec(0..5_u32, 0..12)
}

fn photo() -> impl Strategy<Value = (Vec<u32>, Vec<Vec<u32>>)> {
    (sentence(), vec(sentence(), 0..5))
}

/// The document frequencies of photos, given by the references of each.
fn frequencies(photos: &[Vec<Vec<u32>>]) -> DocumentFrequencies {
    DocumentFrequencies::of(photos, |references, ngrams| ngrams.read(references))
}

fn pair() -> impl Strategy<Value = Pair> {
    let text = "[a-e]( [a-e'.]){0,9}|";
    (text, vec(text, 0..4)).prop_map(|(candidate, references)| Pair { candidate, references })
}

fn total(photos: &[(Vec<u32>, Vec<Vec<u32>>)]) -> Counts {
    photos.iter().map(|(candidate, references)| Counts::of(&Ngrams::of(candidate), &Ngrams::of_all(references))).sum()
}

proptest! {
    #[test]
    fn a_corpus_split_anywhere_has_the_same_counts(photos in vec(photo(), 0..8), at in any::<prop::sample::Index>()) {
        let (left, right) = photos.split_at(at.index(photos.len() + 1));
        prop_assert_eq!(total(&photos), total(left) + total(right));
    }

    #[test]
    fn bleu_lies_between_zero_and_one(photos in vec(photo(), 0..8)) {
        let scores = total(&photos).scores();
        prop_assert!(scores.iter().all(|score| (0.0..=1.0).contains(score)), "{scores:?}");
    }

    #[test]
    fn a_word_that_is_repeated_earns_no_more_than_its_references_have(times in 1..20_usize) {
        let counts = Counts::of(&Ngrams::of(&vec![0; times]), &Ngrams::of(&[0, 1]));
        prop_assert!((counts.score(1) / counts.brevity_penalty() - 1.0 / times as f64).abs() < 1e-6);
    }

    #[test]
    fn what_a_person_wrote_scores_one(references in vec(vec(0..5_u32, 4..12), 1..5), which in any::<prop::sample::Index>()) {
        let candidate = &references[which.index(references.len())];
        let scores = Counts::of(&Ngrams::of(candidate), &Ngrams::of_all(&references)).scores();
        prop_assert!(scores.iter().all(|score| (score - 1.0).abs() < 1e-6), "{scores:?}");

        // CIDEr asks for more: to say what all of them say.
        let references = vec![candidate.clone(); 3];
        let cider = Cider::new(frequencies(&[references.clone(), vec![vec![99]]]));
        let score = cider.score(&Ngrams::of(candidate), &cider.photo(&references), &mut Products::default());
        prop_assert!((score - 10.0).abs() < 1e-9, "{score}");
    }

    #[test]
    fn cider_lies_between_zero_and_ten(photos in vec(photo(), 1..8), training in vec(vec(sentence(), 0..4), 0..6)) {
        let cider = Cider::new(frequencies(&training));
        let mut room = Products::default();
        for (candidate, references) in &photos {
            let score = cider.score(&Ngrams::of(candidate), &cider.photo(references), &mut room);
            prop_assert!((0.0..=10.0 + 1e-9).contains(&score), "{score}");
        }
    }

    #[test]
    fn the_order_of_photos_and_of_references_is_irrelevant(mut pairs in vec(pair(), 0..6)) {
        let before = evaluate(&pairs);
        pairs.reverse();
        pairs.iter_mut().for_each(|pair| pair.references.reverse());
        let after = evaluate(&pairs);
        prop_assert_eq!((before.bleu, before.candidate_len, before.reference_len), (after.bleu, after.candidate_len, after.reference_len));
        prop_assert!((before.cider - after.cider).abs() < 1e-12);
    }

    #[test]
    fn the_corpus_cider_is_the_mean_of_its_captions(pairs in vec(pair(), 1..6)) {
        let each = evaluate_each(&pairs);
        let mean = each.iter().map(|each| each.scores().cider).sum::<f64>() / pairs.len() as f64;
        prop_assert!((evaluate(&pairs).cider - mean).abs() < 1e-12);
    }

    #[test]
    fn saved_frequencies_give_the_same_scores(pairs in vec(pair(), 1..8)) {
        let tokenised = tokenised(&pairs);
        let mut words = Words::default();
        let references: Vec<Vec<Vec<u32>>> = tokenised
            .iter()
            .map(|pair| pair.references.iter().map(|text| words.numbers(nid_metrics::split(text))).collect())
            .collect();
        let saved = frequencies(&references).to_text(&words);
        let mut others = Words::default();
        others.number("a word that comes first");
        let frequencies = DocumentFrequencies::from_text(&saved, &mut others).map_err(|line| TestCaseError::fail(line.to_string()))?;
        prop_assert_eq!(frequencies.photos(), pairs.len());
        let each = measure(&tokenised, Resources { frequencies: Some((others, frequencies)), ..Resources::default() });
        prop_assert!((each.into_iter().sum::<Statistics>().scores().cider - evaluate(&pairs).cider).abs() < 1e-12);
    }

    #[test]
    fn what_is_not_wanted_changes_nothing_else(pairs in vec(pair(), 1..6), bleu: bool, rouge: bool, cider: bool) {
        let total = |wanted| {
            let each = measure(&tokenised(&pairs), Resources { wanted, ..Resources::default() });
            each.into_iter().sum::<Statistics>().scores()
        };
        let (all, some) = (total(Wanted::default()), total(Wanted { bleu, rouge, cider }));
        prop_assert_eq!(all.length_ratio, some.length_ratio);
        prop_assert!(!bleu || all.bleu == some.bleu);
        prop_assert_eq!(some.rouge_l, if rouge { all.rouge_l } else { 0.0 });
        prop_assert_eq!(some.cider, if cider { all.cider } else { 0.0 });
    }

    #[test]
    fn no_saved_frequencies_panic(text in "([0-9]{1,3}\t?[a-c \t]{0,9}\n){0,4}") {
        let _ = DocumentFrequencies::from_text(&text, &mut Words::default());
    }

    #[test]
    fn no_caption_panics(candidate in ".*", references in vec(".*", 0..3)) {
        evaluate(&[Pair { candidate, references }]);
    }

    #[test]
    fn tokens_are_neither_empty_nor_spaced(caption in "[a-zA-Z0-9 '.,:;?!()#$&@/\"-]*") {
        for token in tokens(&caption) {
            let spaced = token.contains(|c: char| c.is_whitespace() && c != '\u{a0}');
            prop_assert!(!token.is_empty() && !spaced, "{token:?}");
            prop_assert_eq!(&token, &token.to_lowercase());
        }
    }
}

#[test]
fn silence_scores_zero() {
    for pairs in [
        vec![],
        vec![Pair::default()],
        vec![Pair { candidate: String::new(), references: vec!["a dog".into()] }],
        vec![Pair { candidate: "a dog".into(), references: vec![] }],
        vec![Pair { candidate: "...".into(), references: vec![String::new(), " ! ".into()] }],
    ] {
        let scores = evaluate(&pairs);
        assert!(scores.bleu.iter().all(|&bleu| bleu < 1e-6), "{pairs:?}: {scores:?}");
        assert_eq!(scores.cider, 0.0, "{pairs:?}");
    }
}

#[test]
fn what_is_said_of_every_photo_is_worth_nothing() {
    let (a, dog, cat) = (0, 1, 2);
    let corpus = [vec![vec![a, dog]], vec![vec![a, cat]]];
    let cider = Cider::new(frequencies(&corpus));
    let photo = cider.photo(&corpus[0]);
    let score = |words: &[u32]| cider.score(&Ngrams::of(words), &photo, &mut Products::default());
    assert_eq!(score(&[a]), 0.0);
    assert!(score(&[dog]) > 0.0);
}

#[test]
fn tokens_follow_the_penn_treebank() {
    let check = |caption: &str, expected: &str| assert_eq!(tokens(caption).join(" "), expected, "{caption}");
    check("The dogs' toys aren't John's.", "the dogs toys are n't john 's");
    check("I'd say we'll, I've said I'm", "i 'd say we 'll i 've said i 'm");
    check("CAN'T cannot gonna 'tis", "ca n't can not gon na 't is");
    check("at five o'clock, ma'am O'Neil's", "at five o'clock ma'am o'neil 's");
    check("rock 'n' roll of the '70s, 'em", "rock 'n' roll of the '70s 'em");
    check("a bird's-eye-view of a T-shirt", "a bird 's eye-view of a t-shirt");
    check("black/white 3-1/2 1,000 1.5 3:30 .5", "black/white 3-1/2 1,000 1.5 3:30 .5");
    check("5% of #1 for $1.50", "5 % of # 1 for $ 1.50");
    check("AT&T at&t a & b", "at&t at & t a & b");
    check("St. Bernard, U.S. vs. us.", "st. bernard u.s. vs. us");
    check("(a) [b] {c}", "-lrb- a -rrb- -lsb- b -rsb- -lcb- c -rcb-");
    check("what?! no! no!!", "what ?! no no !!");
    check("“so” ‘so’ ``so'' \"so\" don’t", "so so so so do n't");
    check("this -- that—those … -lead end.No space,end", "this that those lead end.no space end");
    check("", "");
}

#[test]
fn rouge_parts_at_single_spaces_only() {
    // As many words by either way of parting, but others: pycocoevalcap gives 1/3.
    let pair = Pair { candidate: "a\u{a0}b  c".into(), references: vec!["a b c".into()] };
    let each = measure(&[pair], Resources::default());
    assert!((each[0].scores().rouge_l - 1.0 / 3.0).abs() < 1e-12);
}
