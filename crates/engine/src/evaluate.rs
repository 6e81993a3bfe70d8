//! Predictions in COCO's form, and their scores.

use std::collections::HashMap;

use nid_data::captions::Photo;
use nid_metrics::meteor::Meteor;
use nid_metrics::{Pair, Resources, Statistics, measure, tokenised};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Error;

/// One entry of COCO's results: what a model said of a photo.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Prediction {
    /// The annotations' number of the photo where they have one, else the file's name.
    pub image_id: Value,
    /// The file's name; results of other programs may lack it.
    #[serde(default)]
    pub file_name: String,
    /// The raw words.
    pub caption: String,
}

impl Prediction {
    /// What was said of this photo.
    pub fn new(photo: &Photo, caption: impl Into<String>) -> Self {
        Self { image_id: image_id(photo), file_name: photo.name.clone(), caption: caption.into() }
    }
}

/// What COCO calls a photo: its number where it has one, else its name.
pub fn image_id(photo: &Photo) -> Value {
    photo.id.map_or_else(|| photo.name.clone().into(), Value::from)
}

/// Scores predictions against what people said of the same photos, in the photos' order; that of the predictions does
/// not matter. The sum of all gives the corpus's scores. Without `meteor` METEOR is not measured.
///
/// # Errors
/// A photo without a prediction or with two, and a prediction of another photo.
pub fn score(
    photos: &[&Photo],
    predictions: &[Prediction],
    meteor: Option<&Meteor<'_>>,
) -> Result<Vec<Statistics>, Error> {
    let mut captions = HashMap::with_capacity(predictions.len());
    for Prediction { image_id, caption, .. } in predictions {
        if captions.insert(image_id.to_string(), caption).is_some() {
            return Err(Error::Predictions { found: "two predictions", photo: image_id.to_string() });
        }
    }
    let mut pairs = Vec::with_capacity(photos.len());
    for photo in photos {
        let id = image_id(photo).to_string();
        let Some(caption) = captions.remove(&id) else {
            return Err(Error::Predictions { found: "no prediction", photo: id });
        };
        pairs.push(Pair { candidate: caption.clone(), references: photo.captions.clone() });
    }
    match captions.into_keys().min() {
        Some(photo) => Err(Error::Predictions { found: "a prediction but no captions", photo }),
        None => Ok(measure(&tokenised(&pairs), Resources { meteor, ..Resources::default() })),
    }
}
