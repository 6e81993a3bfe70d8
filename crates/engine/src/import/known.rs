//! Whether an imported encoder sees what its own program sees, by a known picture.
//!
//! An import can go wrong although all names and shapes fit: another layout, other colours first. Of weights that are
//! published, what their own program sees in a picture is stored here (`recipes/known_features.py`), by a digest of the
//! weights; the picture is a formula. Compared is the mean over all regions.

use std::fmt;

use nid_nn::encoder::{Architecture, Encoder};
use nid_weights::Archive;

use super::encoder::EncoderFound;
use crate::digest::Running;
use crate::{Error, Preprocessing};

/// What is seen, by architecture and SHA-256 of the weights with a slash between.
const KNOWN: &[u8] = include_bytes!("known.safetensors");
/// Pixels in a row of the picture, and rows.
const SIDE: usize = 224;
/// The greatest distance that the order of sums explains, relative to the length of what is expected.
const MOST: f64 = 1e-3;

/// What comes of the comparison.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Comparison {
    /// It sees what its own program sees, but for this distance.
    Agrees {
        /// L2, relative to what is expected.
        distance: f64,
    },
    /// Nobody has stored what these weights see.
    Unknown,
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Agrees { distance } => {
                write!(
                    f,
                    "a known picture's features agree with those of its own program (relative L2 distance {distance:.0e})"
                )
            }
            Self::Unknown => {
                write!(f, "no known picture's features are stored for these weights: what they see was not compared")
            }
        }
    }
}

impl EncoderFound<'_> {
    /// Compares what it sees in a known picture with what is stored for its weights; of VGG16 with fully connected layers,
    /// whose convolutions are published by themselves, what these see.
    ///
    /// # Errors
    /// If the weights cannot be read, or see something else.
    pub fn compare(&self) -> Result<Comparison, Error> {
        let known = Archive::from_bytes(KNOWN).map_err(|source| Error::Arrays { path: self.path.clone(), source })?;
        for name in known.iter().map(|info| info.name) {
            let Some((architecture, sha256)) = name.split_once('/') else { continue };
            if self.digest(architecture)?.as_deref() != Some(sha256) {
                continue;
            }
            let expected = known.view(name).and_then(|view| view.f32());
            let expected = expected.map_err(|source| Error::Arrays { path: self.path.clone(), source })?;
            let distance = distance(&self.seen(architecture)?, &expected);
            if distance <= MOST {
                return Ok(Comparison::Agrees { distance });
            }
            return Err(Error::SeesOtherwise { path: self.path.clone(), distance, most: MOST });
        }
        Ok(Comparison::Unknown)
    }

    /// The digest of an architecture's weights; none where they are not all there.
    fn digest(&self, architecture: &str) -> Result<Option<String>, Error> {
        let mut arrays = Architecture::named(architecture)?.arrays();
        arrays.sort();
        let mut digest = Running::default();
        for (name, shape) in arrays {
            let found = self.arrays.iter().find(|(found, view)| *found == name && view.shape() == shape);
            let Some((_, view)) = found else { return Ok(None) };
            digest.add(name.as_bytes());
            digest.add(b"\n");
            let read = view.blocks(|block| digest.add(block));
            read.map_err(|source| Error::Arrays { path: self.path.clone(), source })?;
        }
        Ok(Some(digest.hex()))
    }

    /// The mean over all regions of what an architecture sees with these weights.
    fn seen(&self, architecture: &str) -> Result<Vec<f32>, Error> {
        let array = |name: &str, _: &[usize]| {
            let (_, view) = self.arrays.iter().find(|(found, _)| found == name).ok_or("no such array")?;
            view.f32().map_err(|error| error.to_string())
        };
        let encoder = Encoder::new(&Architecture::named(architecture)?, array)
            .map_err(|source| Error::Encoder { path: self.path.clone(), source })?;
        let features = encoder.encode(&picture(&self.preprocessing), 1, SIDE, SIDE)?;
        let mut mean = vec![0.0; features.channels];
        for region in features.numbers.chunks_exact(features.channels) {
            mean.iter_mut().zip(region).for_each(|(sum, x)| *sum += x / features.regions as f32);
        }
        Ok(mean)
    }
}

/// The picture, `[1, 224, 224, 3]`, as the encoder reads it.
pub(super) fn picture(&Preprocessing { mean, scale, .. }: &Preprocessing) -> Vec<f32> {
    let number = |index: usize| {
        let (y, x, colour) = (index / (3 * SIDE), index / 3 % SIDE, index % 3);
        let level = (y * x / 16 + 5 * (colour + 1) * x + 3 * y) % 256;
        (level as f32 - mean[colour]) / scale[colour]
    };
    (0..SIDE * SIDE * 3).map(number).collect()
}

/// How far numbers are from what is expected, relative to its length (L2).
pub(super) fn distance(found: &[f32], expected: &[f32]) -> f64 {
    let length = |numbers: &mut dyn Iterator<Item = f64>| numbers.map(|x| x * x).sum::<f64>().sqrt();
    let apart = length(&mut found.iter().zip(expected).map(|(x, y)| f64::from(x - y)));
    apart / length(&mut expected.iter().map(|x| f64::from(*x)))
}

#[cfg(all(test, feature = "flickr8k"))]
mod tests {
    use std::path::Path;

    use super::super::find_encoder;
    use super::*;
    use crate::bundle::embedded_encoder;

    /// The weights inside the program are published ones, in 16 bits.
    fn compared(change: impl FnOnce(&mut EncoderFound<'_>)) -> Result<Comparison, Error> {
        let weights = embedded_encoder("efficientnet-lite2").expect("an encoder");
        let archive = Archive::from_bytes(weights).expect("arrays");
        let mut found = find_encoder(Path::new("weights"), &archive, None).expect("an encoder");
        change(&mut found);
        found.compare()
    }

    #[test]
    fn published_weights_see_what_their_own_program_sees() {
        let Comparison::Agrees { distance } = compared(|_| {}).expect("what is seen") else { panic!("known weights") };
        assert!(distance < 1e-5, "{distance}");
    }

    #[test]
    fn an_encoder_that_sees_otherwise_is_refused() {
        let error = compared(|found| found.preprocessing.mean = [0.0; 3]).expect_err("other brightness");
        let said = error.to_string();
        assert!(said.starts_with("weights: found features of a known picture at a relative L2 distance of "), "{said}");
    }

    #[test]
    fn other_weights_are_not_compared() {
        let turned = |found: &mut EncoderFound<'_>| {
            let place = found.arrays.iter().position(|(name, _)| name == "_conv_stem.weight").expect("a layer");
            let (name, view) = found.arrays.remove(place);
            found.arrays.push((name, view.reversed(1)));
        };
        assert_eq!(compared(turned).expect("a comparison"), Comparison::Unknown);
    }
}
