//! The report on an evaluation: what the pictures were, and what was said of each.

use std::path::Path;

use anyhow::Result;
use nid_data::photos::display;
use nid_engine::report::{ClassReport, Example, Photo, Tested, spread};
use nid_engine::{Classifier, ClassifierBundle};
use nid_metrics::classification::Evaluation;

use super::judge::Judged;
use super::truth::Truth;
use crate::evaluate::Arguments;

pub(super) fn write(
    arguments: &Arguments,
    folder: &Path,
    (path, truth): (&Path, &Truth),
    classifier: &Classifier,
    judged: &Judged,
    evaluation: &Evaluation,
) -> Result<()> {
    let ClassifierBundle { manifest, history, .. } = &classifier.bundle;
    let report = ClassReport {
        title: &format!("{} on {}", arguments.model, display(path)),
        facts: &[
            ("model", arguments.model.clone()),
            ("pictures", display(path)),
            ("numbers learnt", classifier.bundle.learnt().to_string()),
            ("temperature", format!("{:.3}", manifest.temperature)),
            ("learning curves", "up to the epoch whose weights were kept".to_owned()),
        ],
        classes: &manifest.classes,
        evaluation,
        learnt_from: &examples(truth),
        tested: &tested(classifier, judged),
        history,
        limits: arguments.work.limits(),
    };
    Ok(report.write(folder, arguments.force)?)
}

/// Those of the data's pictures to learn from that a report shows.
fn examples(truth: &Truth) -> Vec<Example> {
    let Truth::Small { train: Some(train), .. } = truth else { return Vec::new() };
    let example = |place| Example { photo: train.photo(place), label: train.labels[place] };
    spread(train.labels.len()).map(example).collect()
}

fn tested(classifier: &Classifier, judged: &Judged) -> Vec<Tested> {
    let probabilities = classifier.probabilities(&judged.logits);
    let rows = probabilities.chunks_exact(classifier.bundle.manifest.classes.len());
    let photos = judged.photos.iter().enumerate().zip(&judged.labels);
    let tested = |(((place, photo), &label), row): (((usize, &Photo), &usize), &[f32])| Tested {
        name: Some(match photo {
            Photo::File(path) => display(path),
            Photo::Pixels(_) => format!("picture {place} of the test set"),
        }),
        photo: photo.clone(),
        label,
        probabilities: row.to_vec(),
    };
    photos.zip(rows).map(tested).collect()
}
