//! ROUGE-L: how much of a caption, in its order, is in what people wrote.
//!
//! Lin, "ROUGE: a Package for Automatic Evaluation of Summaries" (2004), section 3: the longest common subsequence of
//! words gives a precision (of the candidate's words) and a recall (of the reference's). As in pycocoevalcap 1.2, the
//! greatest precision and the greatest recall over the references, which may come from two of them, are joined in an
//! F-measure with beta 1.2; the score of a corpus is the mean over its captions.

/// How many times as much recall counts as precision.
const BETA: f64 = 1.2;

/// ROUGE-L of one candidate, between 0 and 1. Without references it is 0.
///
/// An empty sentence has to be given as one empty word, which another one matches: `split(' ')` does so.
///
/// ```
/// let words = |text: &'static str| text.split(' ').collect::<Vec<_>>();
/// let score = nid_metrics::rouge::score(&words("a dog runs"), [words("a brown dog runs")]);
/// assert!((score - 2.44 * 0.75 / (0.75 + 1.44)).abs() < 1e-12);
/// ```
pub fn score<T: PartialEq>(candidate: &[T], references: impl IntoIterator<Item = impl AsRef<[T]>>) -> f64 {
    let (mut precision, mut recall) = (0.0_f64, 0.0_f64);
    let mut row = Vec::new();
    for reference in references {
        let reference = reference.as_ref();
        let common = common_subsequence(candidate, reference, &mut row) as f64;
        precision = precision.max(common / candidate.len().max(1) as f64);
        recall = recall.max(common / reference.len().max(1) as f64);
    }
    if precision == 0.0 || recall == 0.0 {
        return 0.0;
    }
    (1.0 + BETA * BETA) * precision * recall / (recall + BETA * BETA * precision)
}

/// The length of the longest common subsequence; `row` is room to work in.
fn common_subsequence<T: PartialEq>(left: &[T], right: &[T], row: &mut Vec<usize>) -> usize {
    // row[j]: the length for what was seen of `left` and the first j of `right`.
    row.clear();
    row.resize(right.len() + 1, 0);
    for word in left {
        let mut diagonal = 0;
        for (j, other) in right.iter().enumerate() {
            let above = row[j + 1];
            row[j + 1] = if word == other { diagonal + 1 } else { above.max(row[j]) };
            diagonal = above;
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    /// By the definition: the longest of all subsequences of `left` that `right` has too.
    fn exhaustive(left: &[u8], right: &[u8]) -> usize {
        let chosen = |choice: usize| {
            let is_chosen = move |place: usize| choice >> place & 1 == 1;
            left.iter().enumerate().filter(move |(place, _)| is_chosen(*place)).map(|(_, word)| word)
        };
        let is_in_right = |choice: &usize| {
            let mut rest = right.iter();
            chosen(*choice).all(|word| rest.any(|other| other == word))
        };
        (0..1 << left.len()).filter(is_in_right).map(|choice| chosen(choice).count()).max().unwrap_or(0)
    }

    proptest! {
        #[test]
        fn the_common_subsequence_is_the_longest(left in vec(0..4_u8, 0..9), right in vec(0..4_u8, 0..9)) {
            prop_assert_eq!(common_subsequence(&left, &right, &mut vec![9; 3]), exhaustive(&left, &right));
        }

        #[test]
        fn a_score_is_a_fraction_and_one_for_what_was_written(left in vec(0..4_u8, 1..9), right in vec(0..4_u8, 1..9)) {
            let apart = score(&left, [&right]);
            prop_assert!((0.0..=1.0).contains(&apart));
            prop_assert!((score(&left, [&right, &left]) - 1.0).abs() < 1e-12);
        }
    }
}
