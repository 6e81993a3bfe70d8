//! Which class the scores speak for: one rule for all who ask, so that they never name different classes.

/// The class of the highest score, of equal ones the first. The scores are finite.
pub fn top(scores: &[f32]) -> usize {
    (0..scores.len()).fold(0, |best, class| if scores[class] > scores[best] { class } else { best })
}

/// All classes from the highest score to the lowest, of equal ones the first before the others: it begins with [`top`].
pub fn ranked(scores: &[f32]) -> Vec<usize> {
    let mut classes: Vec<usize> = (0..scores.len()).collect();
    let score = |class: usize| scores[class] + 0.0; // there is but one zero
    classes.sort_by(|&one, &other| score(other).total_cmp(&score(one)));
    classes
}
