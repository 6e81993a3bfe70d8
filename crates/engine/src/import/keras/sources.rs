//! Which tensors of a file are which layer's.
//!
//! Keras 2 keeps a group a layer, with lists of the layers' and of their tensors' names in order. A model that was built
//! anew has layers of other names, so where no name fits it goes by the order, and so do we. Keras 3 names groups by the
//! kind of layer, and numbers those of a kind and their tensors.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;

use nid_weights::Archive;

use super::architecture::Architecture;
use super::described::Weighted;
use crate::Error;

/// Where Keras 2 keeps the layers: in a file of weights, and in a whole model.
const BY_NAME: [&str; 2] = ["", "model_weights/"];
/// Where Keras 3 keeps them, and where its first versions did.
const BY_KIND: [&str; 2] = ["layers/", "_layer_checkpoint_dependencies/"];

/// The names of the tensors of every layer that has any, in Keras's order; of those that are missing, the names that they
/// would have. `path` is for the errors alone.
///
/// # Errors
/// A file that Keras has not written.
pub(super) fn find(
    archive: &Archive<'_>,
    path: &Path,
    architecture: &Architecture,
    weighted: &[Weighted],
) -> Result<Vec<Vec<String>>, Error> {
    for prefix in BY_NAME {
        let layers = || texts(archive, format!("{prefix}layer_names"));
        if layers().next().is_some() {
            return Ok(by_name(archive, prefix, layers().flat_map(str::lines), architecture, weighted));
        }
    }
    let is_in = |group: &&str| archive.iter().any(|info| info.name.starts_with(*group));
    if let Some(group) = BY_KIND.into_iter().find(is_in) {
        return Ok(by_kind(group, architecture, weighted));
    }
    let names: Vec<&str> = archive.iter().take(3).map(|info| info.name).collect();
    Err(Error::Content {
        path: path.to_owned(),
        found: format!("a {} of {} arrays, {} …", archive.format(), archive.iter().count(), names.join(", ")),
        expected: "weights that Keras has saved".to_owned(),
    })
}

/// Whose a tensor is that a model does not need for its scores.
pub(in crate::import) fn needless(name: &str) -> Option<&'static str> {
    let is_in = |group: &str| name.starts_with(group);
    if is_in("optimizer_weights/") || is_in("optimizer/") {
        Some("the optimiser")
    } else if is_in("metrics/") {
        Some("metrics")
    } else if name.contains("/seed_generator/") || name.contains("/seed_generator_state") {
        Some("random generators")
    } else {
        None
    }
}

/// What is not needed of a file, a sentence for each kind.
pub(super) fn left_out(archive: &Archive<'_>) -> Vec<String> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for whose in archive.iter().filter_map(|info| needless(info.name)) {
        *counts.entry(whose).or_default() += 1;
    }
    counts.iter().map(|(whose, count)| format!("arrays of {whose} are left out: {count}")).collect()
}

/// A list of layers may name one again and again, and a layer any number of tensors: no more is made of either than the model
/// asks for.
fn by_name<'a>(
    archive: &'a Archive<'_>,
    prefix: &str,
    layers: impl Iterator<Item = &'a str>,
    architecture: &'a Architecture,
    weighted: &[Weighted],
) -> Vec<Vec<String>> {
    let tensors = |layer: &str| texts(archive, format!("{prefix}{layer}/weight_names")).flat_map(str::lines);
    let groups: Vec<&str> = layers.filter(|layer| tensors(layer).next().is_some()).collect();
    let known: HashSet<&str> = groups.iter().copied().collect();
    let name = |weighted: &Weighted| architecture.layers[weighted.place].name.as_str();
    let are_named = weighted.iter().any(|weighted| known.contains(name(weighted)));
    let found = |(place, weighted): (usize, &Weighted)| {
        let of_place = groups.get(place).filter(|_| !are_named);
        let layer = of_place.copied().unwrap_or_else(|| name(weighted));
        let wanted = weighted.roles.iter();
        let mut found: Vec<String> =
            tensors(layer).take(wanted.len()).map(|name| format!("{prefix}{layer}/{name}")).collect();
        let missing = wanted.skip(found.len()).map(|role| format!("{prefix}{layer}/{layer}/{role}:0"));
        found.extend(missing);
        found
    };
    weighted.iter().enumerate().map(found).collect()
}

fn by_kind(group: &str, architecture: &Architecture, weighted: &[Weighted]) -> Vec<Vec<String>> {
    let mut counts: HashMap<String, usize> = HashMap::new();
    let names = architecture.layers.iter().map(|layer| {
        let kind = snake_case(&layer.class);
        let count = counts.entry(kind.clone()).or_default();
        *count += 1;
        if *count == 1 { kind } else { format!("{kind}_{}", *count - 1) }
    });
    let names: Vec<String> = names.collect();
    let of_layer = |weighted: &Weighted| {
        let layer = &names[weighted.place];
        (0..weighted.roles.len()).map(|tensor| format!("{group}{layer}/vars/{tensor}")).collect()
    };
    weighted.iter().map(of_layer).collect()
}

/// The lines of a list; Keras cuts long ones into several texts.
fn texts<'a>(archive: &'a Archive<'_>, name: String) -> impl Iterator<Item = &'a str> {
    let whole = archive.text(&name);
    whole.into_iter().chain((0..).map_while(move |part| archive.text(&format!("{name}{part}"))))
}

/// How Keras 3 spells a class in lower case: `Conv2D` as `conv2d`, `BatchNormalization` as `batch_normalization`.
fn snake_case(class: &str) -> String {
    let letters: Vec<char> = class.chars().collect();
    let mut name = String::new();
    for (place, letter) in letters.iter().enumerate() {
        let before = place.checked_sub(1).map(|before| letters[before]);
        let is_word = letters.get(place + 1).is_some_and(char::is_ascii_lowercase);
        let begins =
            letter.is_ascii_uppercase() && (is_word || before.is_some_and(|before| before.is_ascii_lowercase()));
        if before.is_some() && begins {
            name.push('_');
        }
        name.push(letter.to_ascii_lowercase());
    }
    name
}
