//! Labels that are likely wrong.

/// A picture whose label the network doubts with reason.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LabelError {
    /// The place of the picture.
    pub picture: usize,
    /// The class that it likely shows.
    pub likely: usize,
    /// The probability of the label less the highest of any other class: the lower, the likelier the error.
    pub margin: f64,
}

/// Means of equal numbers may lie above them by rounding.
const ROUNDING: f64 = 1e-9;

/// Labels that are likely wrong, the likeliest first: confident learning, Northcutt, Jiang and Chuang, "Confident
/// Learning: Estimating Uncertainty in Dataset Labels" (2021), section 3.
///
/// The rule: a class's threshold is the mean probability of the class over the pictures labelled so. Among the classes
/// whose threshold a picture's probability reaches, the most probable is what the picture likely shows; where that is
/// not the label, the label is doubted. Those are ordered by the margin between the label and its strongest rival. So a
/// class that the network is never sure of needs less to be believed than one that it knows well.
///
/// The `probabilities` `[N, classes]` must come from a network that did not learn from these labels.
///
/// # Panics
/// If there are not `classes` probabilities for each label, or a label is no class.
pub fn label_errors(probabilities: &[f32], labels: &[usize], classes: usize) -> Vec<LabelError> {
    let rows = || super::softmax::rows(probabilities, labels, classes).zip(labels);
    let thresholds = thresholds(rows(), classes);
    let doubted = |(picture, (row, &label)): (usize, (&[f32], &usize))| {
        let reached = (0..classes).filter(|&class| f64::from(row[class]) >= thresholds[class] - ROUNDING);
        let likely = reached.reduce(|best, class| if row[class] > row[best] { class } else { best })?;
        let rival = (0..classes).filter(|&class| class != label).map(|class| row[class]).fold(0.0, f32::max);
        let margin = f64::from(row[label]) - f64::from(rival);
        (likely != label).then_some(LabelError { picture, likely, margin })
    };
    let mut errors: Vec<LabelError> = rows().enumerate().filter_map(doubted).collect();
    errors.sort_by(|a, b| a.margin.total_cmp(&b.margin).then(a.picture.cmp(&b.picture)));
    errors
}

/// The mean probability of each class over the pictures labelled so; without such pictures, more than any probability.
fn thresholds<'a>(rows: impl Iterator<Item = (&'a [f32], &'a usize)>, classes: usize) -> Vec<f64> {
    let mut sums = vec![(0.0, 0_usize); classes];
    for (row, &label) in rows {
        sums[label].0 += f64::from(row[label]);
        sums[label].1 += 1;
    }
    sums.into_iter().map(|(sum, count)| if count == 0 { f64::INFINITY } else { sum / count as f64 }).collect()
}
