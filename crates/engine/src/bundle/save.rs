//! Writing a bundle: into a folder beside its place, which is renamed when it is whole.

use std::fs;
use std::path::Path;

use nid_autograd::Parameters;
use nid_data::vocabulary::Vocabulary;
use nid_weights::{Precision, to_bytes};

use super::source::{CARD, ENCODER, MANIFEST, MODEL, VOCABULARY};
use super::{Bundle, Manifest};
use crate::{Error, digest, files};

/// What a bundle is made of.
#[derive(Clone, Copy)]
pub struct Parts<'a> {
    /// What it is; its `files` are filled in.
    pub manifest: &'a Manifest,
    /// The words.
    pub vocabulary: &'a Vocabulary,
    /// The encoder's weights, the bytes of a safetensors file.
    pub encoder_weights: &'a [u8],
    /// The decoder's numbers.
    pub parameters: &'a Parameters,
    /// What people should know of it, in Markdown.
    pub card: &'a str,
    /// Whether a bundle that is there is replaced.
    pub replace: bool,
}

pub(super) fn save(folder: &Path, parts: Parts<'_>) -> Result<(), Error> {
    check_place(folder, parts.replace)?;
    let partial = files::beside(folder, "partial");
    let saved = fill(&partial, parts).and_then(|()| put(&partial, folder));
    if saved.is_err() {
        // The disk may be full or the folder gone: the first error is the one to tell.
        fs::remove_dir_all(&partial).ok();
    }
    saved
}

/// Refuses to replace anything but a bundle.
fn check_place(folder: &Path, replace: bool) -> Result<(), Error> {
    let exists = |found, expected| Err(Error::Exists { path: folder.to_owned(), found, expected });
    if fs::symlink_metadata(folder).is_err() {
        Ok(())
    } else if !folder.join(MANIFEST).is_file() {
        exists("something that is no bundle", "nothing, or a bundle to replace")
    } else if !replace {
        exists("a bundle", "nothing (it is replaced only when asked)")
    } else {
        Ok(())
    }
}

/// Writes the files into a new folder, and opens what was written: what cannot be opened is not saved.
fn fill(partial: &Path, parts: Parts<'_>) -> Result<(), Error> {
    let path = partial.join(MODEL);
    let arrays = parts.parameters.iter().map(|(name, tensor)| (name, tensor.shape(), tensor.data()));
    let model = to_bytes(arrays, Precision::F16).map_err(|source| Error::Arrays { path, source })?;
    let words = parts.vocabulary.to_text();
    let contents: [(&str, &[u8]); 4] = [
        (VOCABULARY, words.as_bytes()),
        (ENCODER, parts.encoder_weights),
        (MODEL, &model),
        (CARD, parts.card.as_bytes()),
    ];
    let mut manifest = parts.manifest.clone();
    manifest.files = contents.iter().map(|(name, bytes)| ((*name).to_owned(), digest::hex(bytes))).collect();
    let text = toml::to_string(&manifest).map_err(|error| Error::Content {
        path: partial.join(MANIFEST),
        found: error.to_string(),
        expected: "a manifest that TOML can hold".to_owned(),
    })?;

    let refused = |path: &Path| {
        let path = path.to_owned();
        move |source| Error::Write { path, source }
    };
    if partial.exists() {
        fs::remove_dir_all(partial).map_err(refused(partial))?;
    }
    fs::create_dir_all(partial).map_err(refused(partial))?;
    for (name, bytes) in contents.into_iter().chain([(MANIFEST, text.as_bytes())]) {
        let path = partial.join(name);
        files::write(&path, bytes).map_err(refused(&path))?;
    }
    Bundle::load(partial).map(drop)
}

/// Gives the whole folder its name; what was called so is put aside until that is done.
fn put(partial: &Path, folder: &Path) -> Result<(), Error> {
    let refused = |source| Error::Write { path: folder.to_owned(), source };
    if !folder.exists() {
        return fs::rename(partial, folder).map_err(refused);
    }
    let aside = files::beside(folder, "replaced");
    fs::rename(folder, &aside).map_err(refused)?;
    if let Err(error) = fs::rename(partial, folder) {
        fs::rename(&aside, folder).map_err(refused)?;
        return Err(refused(error));
    }
    fs::remove_dir_all(&aside).map_err(refused)
}
