//! What is known of a bundle that training has just made.

use nid_metrics::classification::Evaluation;

use super::ClassifierTask;
use crate::Kept;

/// The card, in Markdown.
pub(super) fn card(task: &ClassifierTask, kept: &Kept<'_>, evaluation: &Evaluation) -> String {
    let ClassifierTask { run, classes, train, .. } = task;
    let data = run.data.path.as_ref().map_or("Fashion-MNIST".to_owned(), |path| path.display().to_string());
    let encoder = task.encoder.as_ref().map_or(String::new(), |encoder| format!("{}\n\n", encoder.origin()));
    let [low, high] = evaluation.interval.map(|share| 100.0 * share);
    format!(
        "# A classifier\n\nTrained by `nid train` on {} pictures of {data}, to tell {} classes apart; of {} epochs, these are the \
         weights after {}.\n\n{encoder}On {} pictures that were held out:\n\n| measure | value |\n|---|---|\n\
         | accuracy | {:.2} % (95 % interval {low:.2} to {high:.2}) |\n| cross-entropy | {:.4} |\n\
         | expected calibration error | {:.2} % |\n\n\
         By the same pictures the epoch was chosen and the probabilities were calibrated, so expect a little less of others.\n",
        train.len(),
        classes.len(),
        run.training.epochs,
        kept.epoch,
        evaluation.pictures,
        100.0 * evaluation.accuracy,
        evaluation.loss,
        100.0 * evaluation.calibration.error,
    )
}
