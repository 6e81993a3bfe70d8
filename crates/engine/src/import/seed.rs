//! The folder of *Neural-Image-Descriptor*, the student project of 2019 that this program goes on from.
//!
//! | file | what is made of it |
//! |---|---|
//! | `models/checkpoint`, `models/model-19.*` | the decoder: a BasicLSTMCell of TensorFlow 1, word vectors apart from what scores words |
//! | `data/idx_to_word.npy` | the vocabulary |
//! | `data/vgg16.tfmodel` | the encoder, VGG16 up to fc7; without it the model captions features |
//!
//! BasicLSTMCell has its gates in the order input, candidate, forget, output, and adds 1 to the forget gate when it runs;
//! ours are in the order input, forget, candidate, output. Its word 0 is start, end and padding in one: what is read
//! for it becomes our start word, what is scored for it our end word. The sentence also ends at the word `.`, which is
//! another; it has fifteen words at the most, each the likeliest.

use std::collections::BTreeMap;
use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use nid_data::picture::{Filter, Fit};
use nid_data::vocabulary::{SPECIALS, Vocabulary};
use nid_weights::pickle::Value;
use nid_weights::{Archive, Precision, npy};

use super::arrays::Arrays;
use super::captioner::{DecoderFound, Numbers, Widths, one_region};
use super::mapping::{Order, Placed, Row, place, side};
use super::{Imported, encoder};
use crate::bundle::{EncoderWeights, Manifest, Parts, Search, check_place};
use crate::{Bundle, Error, Preprocessing, digest, files};

/// The encoder whose features the decoder was trained on.
const ARCHITECTURE: &str = "vgg16-fc7";
/// The words of the longest sentence.
const MAX_WORDS: usize = 15;
/// What ends a sentence, besides word 0.
const FULL_STOP: &str = ".";
/// What BasicLSTMCell adds to the forget gate.
const FORGET_BIAS: f32 = 1.0;

/// The parts of the folder, each where it is, whether directly in the folder or in its usual place.
#[derive(Clone, Debug)]
pub struct SeedFolder {
    folder: PathBuf,
    checkpoint: PathBuf,
    words: PathBuf,
    /// VGG16, if it is there.
    pub encoder: Option<PathBuf>,
    /// The captions that it learnt from, if they are there.
    pub captions: Option<PathBuf>,
    /// The features of their photos, if they are there.
    pub features: Option<PathBuf>,
}

impl SeedFolder {
    /// Looks for the parts in a folder.
    ///
    /// # Errors
    /// If the checkpoint or the words are missing; all that is missing is named.
    pub fn find(folder: &Path) -> Result<Self, Error> {
        let part = |names: &[&str]| names.iter().map(|name| folder.join(name)).find(|path| path.exists());
        let checkpoint = part(&["models/checkpoint", "checkpoint"]);
        let words = part(&["data/idx_to_word.npy", "idx_to_word.npy"]);
        let (Some(checkpoint), Some(words)) = (&checkpoint, &words) else {
            let missing = [("models/checkpoint", &checkpoint), ("data/idx_to_word.npy", &words)];
            let missing = missing.iter().filter(|(_, found)| found.is_none()).map(|(name, _)| *name);
            let found = format!("no {}", missing.collect::<Vec<_>>().join(" and no "));
            let expected = "the folder of a captioner: its checkpoint and its words".to_owned();
            return Err(Error::Content { path: folder.to_owned(), found, expected });
        };
        Ok(Self {
            folder: folder.to_owned(),
            checkpoint: checkpoint.with_file_name(""),
            words: words.clone(),
            encoder: part(&["data/vgg16.tfmodel", "vgg16.tfmodel"]),
            captions: part(&["data/results.token", "data/results_20130124.token", "results.token"]),
            features: part(&["data/feats.npy", "feats.npy"]),
        })
    }

    /// Makes a bundle of the parts. Pictures are fed to the encoder as it expects them or, `as_fed`, as that system fed
    /// them: blue before red, and 255 times as bright.
    ///
    /// # Errors
    /// If a part cannot be read or does not fit the others, and as [`Bundle::save`].
    pub fn import(&self, bundle: &Path, as_fed: bool, replace: bool) -> Result<Imported, Error> {
        check_place(bundle, replace)?;
        let archive = self.open(&self.checkpoint)?;
        let words = self.words()?;
        let DecoderFound { config, parameters, channels, mut mapped } =
            decoder(&self.checkpoint, &archive, words.len())?;
        let vocabulary = vocabulary(&self.words, &words)?;
        let mut manifest = match self.encoder {
            Some(_) => Manifest::captioner(ARCHITECTURE, config, preprocessing(as_fed)),
            None => Manifest::of_features(config, one_region(&self.checkpoint, channels)?),
        };
        manifest.search = Search {
            beam: NonZeroUsize::MIN,
            max_words: MAX_WORDS,
            also_end: vec![FULL_STOP.to_owned()],
            ..Search::default()
        };
        let mut notes = self.notes();

        let encoder = self.encoder.as_ref().map(|path| Ok::<_, Error>((path, self.open(path)?))).transpose()?;
        let card = self.card(&words, as_fed)?;
        let beside = files::beside(bundle, "encoder");
        let encoder_weights = match &encoder {
            Some((path, archive)) => {
                let mut found = encoder::find(path, archive, Some(ARCHITECTURE))?;
                notes.push(found.compare()?.to_string());
                if as_fed {
                    found.arrays = found.arrays.into_iter().map(as_it_was_fed).collect();
                }
                found.save(&beside)?;
                mapped.extend(found.mapped);
                Some(EncoderWeights::Moved(&beside))
            }
            None => None,
        };
        let saved = Bundle::save(
            bundle,
            Parts {
                manifest: &manifest,
                vocabulary: &vocabulary,
                encoder_weights,
                parameters: &parameters,
                precision: Precision::F32,
                card: &card,
                replace,
            },
        );
        // It is part of the bundle by now, or of no use.
        fs::remove_file(&beside).ok();
        saved?;
        notes.push(format!(
            "word 0 (`{}`) starts and ends sentences; `{FULL_STOP}` ends them too; greedy, at most {MAX_WORDS} words",
            words[0]
        ));
        Ok(Imported { mapped, notes })
    }

    fn open(&self, path: &Path) -> Result<Archive<'static>, Error> {
        Archive::open(path).map_err(|source| Error::Arrays { path: path.to_owned(), source })
    }

    /// What is missing, and what is of use elsewhere.
    fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if self.encoder.is_none() {
            notes.push(
                "data/vgg16.tfmodel is missing: the model has no encoder, and captions features \
                 (nid caption --model BUNDLE --features FILE.npy)"
                    .to_owned(),
            );
        }
        match (&self.captions, &self.features) {
            (Some(captions), Some(features)) => notes.push(format!(
                "{} and {} train a captioner: captions and features under [data] in a run file",
                captions.display(),
                features.display()
            )),
            (None, _) => {
                notes.push("data/results.token is missing: there is nothing to evaluate or train with".to_owned())
            }
            (Some(_), None) => notes.push("data/feats.npy is missing: features come from photos".to_owned()),
        }
        notes
    }

    /// The words by their numbers.
    fn words(&self) -> Result<Vec<String>, Error> {
        let path = &self.words;
        let value = npy::object(path).map_err(|source| Error::Arrays { path: path.clone(), source })?;
        let refused = |found: String| Error::Content {
            path: path.clone(),
            found,
            expected: "a dictionary of all numbers from 0 on to words, each one word".to_owned(),
        };
        let Value::Dict(pairs) = value else { return Err(refused("something else".to_owned())) };
        let mut words = BTreeMap::new();
        for (number, word) in pairs {
            match (&number, &word) {
                (Value::Int(number), Value::Text(word)) => words.insert(*number, word.to_string()),
                _ => return Err(refused(format!("an entry {number:?}: {word:?}"))),
            };
        }
        match words.keys().copied().eq(0..words.len() as i128) && !words.is_empty() {
            true => Ok(words.into_values().collect()),
            false => Err(refused(format!("{} entries that do not count up", words.len()))),
        }
    }

    fn card(&self, words: &[String], as_fed: bool) -> Result<String, Error> {
        let mut card = format!(
            "# A captioner of Neural-Image-Descriptor\n\nImported from files of that project (2019), whose licence is not \
             stated. It knows {} words. Trained, by its report, on Flickr30k with features of VGG16 (fc7).\n\n\
             It is searched as that system did: the likeliest word each time, at most {MAX_WORDS}, cut at the first full stop.\n",
            words.len()
        );
        if as_fed {
            card.push_str(
                "\nPictures are fed as that system fed them: blue before red and 255 times as bright as VGG16 expects.\n",
            );
        }
        card.push_str("\n| part | SHA-256 |\n|---|---|\n");
        let data =
            fs::read_dir(&self.checkpoint).map_err(|source| Error::Read { path: self.checkpoint.clone(), source })?;
        let mut parts: Vec<PathBuf> = data.filter_map(|entry| Some(entry.ok()?.path())).collect();
        parts.retain(|path| path.extension().is_some_and(|end| end.to_string_lossy().starts_with("data-")));
        parts.sort();
        for path in parts.iter().chain([&self.words]).chain(&self.encoder) {
            let digest = digest::of_file(path).map_err(|source| Error::Read { path: path.clone(), source })?;
            let name = path.strip_prefix(&self.folder).unwrap_or(path);
            card.push_str(&format!("| `{}` | `{digest}` |\n", name.display()));
        }
        Ok(card)
    }
}

/// Our special words, then that system's but for word 0.
fn vocabulary(path: &Path, words: &[String]) -> Result<Vocabulary, Error> {
    let lines = SPECIALS.iter().copied().chain(words[1..].iter().map(String::as_str));
    let text: String = lines.flat_map(|word| [word, "\n"]).collect();
    Vocabulary::parse(path, text.as_bytes()).map_err(Error::Vocabulary)
}

/// The decoder in the checkpoint, which knows so many words.
fn decoder(path: &Path, archive: &Archive<'_>, words: usize) -> Result<DecoderFound, Error> {
    let widths = Widths {
        channels: side(archive, "img_embedding", 0),
        embedding: side(archive, "img_embedding", 1),
        hidden: side(archive, "word_encoding", 0),
        words,
    };
    let misfit = |source| {
        let what = "that system's decoder".to_owned();
        Error::Misfit { path: path.to_owned(), what, source: Box::new(source) }
    };
    let (placed, mapped) = place(archive, &rows(&widths), is_of_training).map_err(misfit)?;
    let mut arrays = Arrays::read(path, placed)?;

    let hidden = widths.hidden;
    for name in ["lstm.weight", "lstm.bias"] {
        // Input, candidate, forget, output become input, forget, candidate, output.
        arrays.change(name, |values| {
            let gate = values.len() / 4;
            values[gate..3 * gate].rotate_left(gate);
        });
    }
    arrays.change("lstm.bias", |bias| bias[hidden..2 * hidden].iter_mut().for_each(|bias| *bias += FORGET_BIAS));
    let added = arrays.take(WORD_BIAS);
    arrays.change("words.weight", |vectors| {
        vectors
            .chunks_exact_mut(added.len().max(1))
            .for_each(|word| word.iter_mut().zip(&added).for_each(|(x, bias)| *x += bias));
    });

    let others = || (1..words).map(Some);
    let numbers = Numbers {
        read: [None, Some(0), None, None].into_iter().chain(others()).collect(),
        scored: [None, None, Some(0), None].into_iter().chain(others()).collect(),
    };
    arrays.renumber(&numbers);
    Ok(DecoderFound { config: widths.config(), parameters: arrays.parameters(), channels: widths.channels, mapped })
}

/// The bias that is added to each word's vector.
const WORD_BIAS: &str = "word bias";

/// The arrays of the checkpoint.
fn rows(&Widths { channels, embedding, hidden, words }: &Widths) -> Vec<Row> {
    let row = |from: &str, to: &str, shape: &[usize], order| Row {
        from: from.to_owned(),
        to: to.to_owned(),
        shape: shape.to_vec(),
        order,
    };
    let inputs_first = Order::InputsFirst;
    vec![
        row("img_embedding", "picture.weight", &[embedding, channels], inputs_first),
        row("img_embedding_bias", "picture.bias", &[embedding], Order::Same),
        row("RNN/basic_lstm_cell/kernel", "lstm.weight", &[4 * hidden, embedding + hidden], inputs_first),
        row("RNN/basic_lstm_cell/bias", "lstm.bias", &[4 * hidden], Order::Same),
        row("word_embedding", "words.weight", &[words, embedding], Order::Same),
        row("word_embedding_bias", WORD_BIAS, &[embedding], Order::Same),
        row("word_encoding", "words.score", &[words, hidden], inputs_first),
        row("word_encoding_bias", "words.bias", &[words], Order::Same),
    ]
}

/// What an optimiser or a counter of steps leaves in a checkpoint.
fn is_of_training(name: &str) -> bool {
    let last = name.rsplit('/').next().unwrap_or(name);
    ["Adam", "Adam_1", "beta1_power", "beta2_power", "global_step"].contains(&last)
}

/// How pictures are made ready: the shorter side to 224 and the middle of the longer.
fn preprocessing(as_fed: bool) -> Preprocessing {
    let mean = [123.68, 116.779, 103.939];
    let [red, green, blue] = mean;
    let right = Preprocessing { fit: Fit::Crop, mean, scale: [1.0; 3], ..Preprocessing::default() };
    // Blue, green and red from 0 to 255, where the graph expects red, green and blue from 0 to 1: it multiplies them by 255,
    // turns them round, and takes the mean of blue from what is red.
    let brightness = 255.0;
    match as_fed {
        true => Preprocessing {
            filter: Filter::Interpolated,
            mean: [blue / brightness, green / brightness, red / brightness],
            scale: [1.0 / brightness; 3],
            ..right
        },
        false => right,
    }
}

/// The first convolution again reads what the file calls blue first, which is red as that system fed it.
fn as_it_was_fed((name, view): Placed<'_>) -> Placed<'_> {
    let view = if name == FIRST { view.reversed(1) } else { view };
    (name, view)
}

/// The weights of the first convolution, `[outputs, inputs, height, width]`.
const FIRST: &str = "block1_conv1.weight";
