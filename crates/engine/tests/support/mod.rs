//! A small captioner with random parameters, and pictures to show it.

#![allow(dead_code, reason = "each test file uses a part")]

pub(crate) mod classifier;
pub(crate) mod exported;

use std::fs;
use std::path::{Path, PathBuf};

use nid_autograd::{Initialiser, Parameters};
use nid_data::picture::Picture;
use nid_data::vocabulary::Vocabulary;
use nid_engine::bundle::{EncoderWeights, Features, Manifest, Parts, read_encoder};
use nid_engine::{Bundle, Preprocessing};
use nid_nn::decoder::{Config, Decoder, Kind, Tables};
use nid_nn::encoder::Encoder;
use nid_weights::Precision;

pub(crate) const ARCHITECTURE: &str = "efficientnet-lite2";

/// An error and its causes, on one line, the folder's own name left out.
pub(crate) fn problem(result: Result<impl Sized, nid_engine::Error>, folder: &Path) -> String {
    let error = result.err().expect("an error");
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(&error);
    while let Some(error) = cause {
        text += &format!(": {error}");
        cause = error.source();
    }
    text.replace(&folder.display().to_string(), "BUNDLE")
}

/// What a bundle is made of, owned.
pub(crate) struct Made {
    pub(crate) manifest: Manifest,
    pub(crate) vocabulary: Vocabulary,
    pub(crate) weights: Vec<u8>,
    pub(crate) parameters: Parameters,
}

impl Made {
    pub(crate) fn parts(&self, replace: bool) -> Parts<'_> {
        let Self { manifest, vocabulary, weights, parameters } = self;
        Parts {
            manifest,
            vocabulary,
            encoder_weights: manifest.encoder.as_ref().map(|_| EncoderWeights::Bytes(weights)),
            parameters,
            precision: Precision::F16,
            card: "# A test\n",
            replace,
        }
    }

    pub(crate) fn save(&self, folder: &Path) {
        Bundle::save(folder, self.parts(false)).unwrap();
    }
}

pub(crate) fn made() -> Made {
    made_with(Config {
        kind: Kind::ShowAttendAndTell,
        projection: 8,
        embedding: 8,
        hidden: 8,
        attention: 8,
        dropout: 0.0,
        tables: Tables::Tied,
    })
}

pub(crate) fn vocabulary() -> Vocabulary {
    Vocabulary::build(["a dog runs over green grass", "two men on a red boat", "the girl jumps into water"], 1)
}

/// A captioner with this decoder.
pub(crate) fn made_with(decoder: Config) -> Made {
    let vocabulary = vocabulary();
    let weights = fs::read(weights_path()).unwrap();
    let mut initialiser = Initialiser::new(7);
    Decoder::new(&decoder, 1280, vocabulary.len(), &mut initialiser);
    let mut parameters = initialiser.finish();
    // Larger than at the start of training, so that what is said depends on what is seen.
    for (_, tensor) in parameters.iter_mut() {
        tensor.data_mut().iter_mut().for_each(|number| *number *= 8.0);
    }
    let manifest = Manifest::captioner(ARCHITECTURE, decoder, preprocessing());
    Made { manifest, vocabulary, weights, parameters }
}

/// A captioner with this decoder that reads features of 3 regions and 5 channels, made elsewhere.
pub(crate) fn made_of_features(decoder: Config) -> Made {
    let vocabulary = vocabulary();
    let mut initialiser = Initialiser::new(7);
    Decoder::new(&decoder, 5, vocabulary.len(), &mut initialiser);
    let mut manifest = Manifest::of_features(decoder, Features::new(3, 5).unwrap());
    manifest.search.also_end = vec!["water".to_owned()];
    Made { manifest, vocabulary, weights: Vec::new(), parameters: initialiser.finish() }
}

/// Small, so that the tests take no time.
pub(crate) fn preprocessing() -> Preprocessing {
    Preprocessing { width: 64, height: 64, ..Preprocessing::default() }
}

pub(crate) fn encoder() -> Encoder {
    read_encoder(ARCHITECTURE, &fs::read(weights_path()).unwrap(), &weights_path()).unwrap()
}

pub(crate) fn weights_path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/flickr8k/encoder.safetensors")
}

/// A picture of stripes, different for each number.
pub(crate) fn picture(number: usize) -> Picture {
    let (width, height) = (48 + number, 40);
    let level = |i: usize| ((i / 3 / (number + 2)) * (31 + 40 * (i % 3)) + number * 67) as u8;
    Picture { width, height, pixels: (0..width * height * 3).map(level).collect() }
}

/// Writes a picture as a BMP file: 24 bits a pixel, rows from the bottom, each a multiple of 4 bytes.
pub(crate) fn write_bmp(path: &Path, picture: &Picture) {
    let row_len = (picture.width * 3).next_multiple_of(4);
    let data = (row_len * picture.height) as u32;
    let mut bytes = b"BM".to_vec();
    for field in [54 + data, 0, 54, 40, picture.width as u32, picture.height as u32, 24 << 16 | 1, 0, data, 0, 0, 0, 0]
    {
        bytes.extend(field.to_le_bytes());
    }
    for row in picture.pixels.chunks(picture.width * 3).rev() {
        let end = bytes.len() + row_len;
        row.chunks(3).for_each(|pixel| bytes.extend([pixel[2], pixel[1], pixel[0]]));
        bytes.resize(end, 0);
    }
    fs::write(path, bytes).unwrap();
}

/// Asserts that a file has kept these parameters.
#[track_caller]
pub(crate) fn check_kept(kept: &Parameters, made: &Parameters) {
    assert_eq!(kept.len(), made.len());
    for ((name, found), (expected_name, expected)) in kept.iter().zip(made.iter()) {
        assert_eq!((name, found.shape()), (expected_name, expected.shape()));
        // Half precision keeps eleven bits.
        let is_near = |(a, b): (&f32, &f32)| (a - b).abs() <= b.abs() / 2048.0 + 1e-7;
        assert!(found.data().iter().zip(expected.data()).all(is_near), "{name}");
    }
}
