//! An LSTM captioner in PyTorch's layout, by a file that says which array is which.
//!
//! Programs name their arrays as they like; what they are follows from a map, a TOML file:
//!
//! ```toml
//! vocabulary = "words.txt"      # a word a line, in the order of the embedding's rows
//! start = "<start>"             # what is read before the first word
//! end = "<end>"                 # what ends a sentence
//! never = ["<pad>", "<unk>"]    # what is not said
//! max_words = 20
//!
//! [arrays]
//! picture = "encoder.linear"    # nn.Linear: from the features of a picture to the first input
//! lstm = "decoder.lstm"         # nn.LSTM of one layer
//! read = "decoder.embed"        # nn.Embedding
//! score = "decoder.linear"      # nn.Linear: from the hidden state to the words
//! ```
//!
//! The model captions features of pictures, which another program makes.

use std::fs;
use std::path::{Path, PathBuf};

use nid_data::vocabulary::{SPECIALS, Vocabulary};
use nid_weights::{Archive, Precision};
use serde::Deserialize;

use super::Imported;
use super::arrays::Arrays;
use super::captioner::{DecoderFound, Numbers, Widths, one_region};
use super::mapping::{Order, Row, place, side};
use crate::bundle::{Manifest, Parts, Search};
use crate::{Bundle, Error, config, digest};

/// Which array is which.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Map {
    /// The words, a line each; relative to the map.
    vocabulary: PathBuf,
    start: String,
    end: String,
    #[serde(default)]
    never: Vec<String>,
    #[serde(default = "twenty")]
    max_words: usize,
    arrays: Modules,
}

/// The modules of the network, by their names in the file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Modules {
    picture: String,
    lstm: String,
    read: String,
    score: String,
    /// What the file holds besides, by how it begins.
    #[serde(default)]
    unused: Vec<String>,
}

fn twenty() -> usize {
    20
}

/// Makes a bundle of a PyTorch file, as a map says.
///
/// # Errors
/// If a file cannot be read, an array is missing, left over or of another shape, and as [`Bundle::save`].
pub fn import(file: &Path, map_path: &Path, bundle: &Path, replace: bool) -> Result<Imported, Error> {
    let map: Map = config::read(map_path)?;
    let words_path = map_path.with_file_name("").join(&map.vocabulary);
    let text = fs::read_to_string(&words_path).map_err(|source| Error::Read { path: words_path.clone(), source })?;
    let words: Vec<&str> = text.lines().collect();
    let archive = Archive::open(file).map_err(|source| Error::Arrays { path: file.to_owned(), source })?;

    let numbers = map.numbers(&words, &words_path)?;
    let kept = numbers.read[SPECIALS.len()..].iter().flatten().map(|&word| words[word]);
    let lines: String = SPECIALS.into_iter().chain(kept).flat_map(|word| [word, "\n"]).collect();
    let vocabulary = Vocabulary::parse(&words_path, lines.as_bytes()).map_err(Error::Vocabulary)?;

    let DecoderFound { config, parameters, channels, mapped } = map.decoder(file, &archive, words.len(), &numbers)?;
    let mut manifest = Manifest::of_features(config, one_region(file, channels)?);
    manifest.search = Search { max_words: map.max_words, ..Search::default() };
    let digest = digest::of_file(file).map_err(|source| Error::Read { path: file.to_owned(), source })?;
    let card = format!(
        "# A captioner of PyTorch\n\nImported from `{}` (SHA-256 `{digest}`); what it was trained on, and on what terms it \
         may be used, is for who made it to say. It knows {} words and captions features of {channels} numbers.\n",
        file.file_name().unwrap_or_default().display(),
        vocabulary.len(),
    );
    Bundle::save(
        bundle,
        Parts {
            manifest: &manifest,
            vocabulary: &vocabulary,
            encoder_weights: None,
            parameters: &parameters,
            precision: Precision::F32,
            card: &card,
            replace,
        },
    )?;
    let notes = vec![
        "the model has no encoder, and captions features (nid caption --model BUNDLE --features FILE.npy)".to_owned(),
    ];
    Ok(Imported { mapped, notes })
}

impl Map {
    /// Which of the file's words each of ours is.
    fn numbers(&self, words: &[&str], path: &Path) -> Result<Numbers, Error> {
        let number = |word: &String| {
            words.iter().position(|found| found == word).ok_or_else(|| Error::Content {
                path: path.to_owned(),
                found: format!("no word {word:?}"),
                expected: "the words that the map names".to_owned(),
            })
        };
        let (start, end) = (number(&self.start)?, number(&self.end)?);
        let never = self.never.iter().map(number).collect::<Result<Vec<_>, _>>()?;
        let is_special = |word: &usize| [start, end].contains(word) || never.contains(word);
        let others = || (0..words.len()).filter(|word| !is_special(word)).map(Some);
        Ok(Numbers {
            read: [None, Some(start), Some(end), None].into_iter().chain(others()).collect(),
            scored: [None, None, Some(end), None].into_iter().chain(others()).collect(),
        })
    }

    fn decoder(
        &self,
        path: &Path,
        archive: &Archive<'_>,
        words: usize,
        numbers: &Numbers,
    ) -> Result<DecoderFound, Error> {
        let Modules { picture, lstm, read, score, unused } = &self.arrays;
        let side = |module: &str, dimension| side(archive, &format!("{module}.weight"), dimension);
        let widths = Widths { channels: side(picture, 1), embedding: side(picture, 0), hidden: side(score, 1), words };
        let Widths { channels, embedding, hidden, .. } = widths;
        let gates = 4 * hidden;
        let row = |module: &str, array: &str, to: &str, shape: &[usize]| Row {
            from: format!("{module}.{array}"),
            to: to.to_owned(),
            shape: shape.to_vec(),
            order: Order::Same,
        };
        let rows = [
            row(picture, "weight", "picture.weight", &[embedding, channels]),
            row(picture, "bias", "picture.bias", &[embedding]),
            row(lstm, "weight_ih_l0", INPUT, &[gates, embedding]),
            row(lstm, "weight_hh_l0", HIDDEN, &[gates, hidden]),
            row(lstm, "bias_ih_l0", "lstm.bias", &[gates]),
            row(lstm, "bias_hh_l0", HIDDEN_BIAS, &[gates]),
            row(read, "weight", "words.weight", &[words, embedding]),
            row(score, "weight", "words.score", &[words, hidden]),
            row(score, "bias", "words.bias", &[words]),
        ];
        let is_unused = |name: &str| unused.iter().any(|prefix| name.starts_with(prefix.as_str()));
        let what = "the captioner that the map describes".to_owned();
        let (placed, mapped) = place(archive, &rows, is_unused).map_err(|source| Error::Misfit {
            path: path.to_owned(),
            what,
            source: Box::new(source),
        })?;
        let mut arrays = Arrays::read(path, placed)?;
        join_gates(&mut arrays, &widths);
        arrays.renumber(numbers);
        Ok(DecoderFound { config: widths.config(), parameters: arrays.parameters(), channels, mapped })
    }
}

const INPUT: &str = "lstm.weight (input)";
const HIDDEN: &str = "lstm.weight (hidden)";
const HIDDEN_BIAS: &str = "lstm.bias (hidden)";

/// PyTorch keeps what input and hidden state add to the gates apart, in our order of gates.
fn join_gates(arrays: &mut Arrays, &Widths { embedding, hidden, .. }: &Widths) {
    let (input, state, bias) = (arrays.take(INPUT), arrays.take(HIDDEN), arrays.take(HIDDEN_BIAS));
    let rows = input.chunks_exact(embedding.max(1)).zip(state.chunks_exact(hidden.max(1)));
    let joined: Vec<f32> = rows.flat_map(|(input, state)| input.iter().chain(state)).copied().collect();
    arrays.put("lstm.weight", &[4 * hidden, embedding + hidden], joined);
    arrays.change("lstm.bias", |sum| sum.iter_mut().zip(bias).for_each(|(sum, bias)| *sum += bias));
}
