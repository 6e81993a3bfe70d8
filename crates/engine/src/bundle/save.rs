//! Writing a bundle.

use std::collections::BTreeMap;
use std::path::Path;

use nid_autograd::Parameters;
use nid_weights::{Precision, to_bytes};
use serde::Serialize;

use super::source::{MANIFEST, MODEL};
use crate::files::{Content, File, Folder};
use crate::{Error, digest};

/// What tells a bundle from other folders.
const BUNDLE: Folder = Folder {
    marker: MANIFEST,
    own: ["a bundle", "nothing (it is replaced only when asked)"],
    other: ["something that is no bundle", "nothing, or a bundle to replace"],
};

/// Refuses a place that a bundle cannot be written to, before work is done for it.
///
/// # Errors
/// If something is there that is not to be replaced or is no bundle.
pub(crate) fn check_place(folder: &Path, replace: bool) -> Result<(), Error> {
    BUNDLE.check_place(folder, replace)
}

/// The digests of files, as a manifest lists them.
pub(super) fn digests(files: &[File<'_>]) -> Result<BTreeMap<String, String>, Error> {
    let digest = |(name, content): &File<'_>| {
        let digest = match content {
            Content::Bytes(bytes) => digest::hex(bytes),
            Content::Moved(path) => {
                digest::of_file(path).map_err(|source| Error::Read { path: path.to_path_buf(), source })?
            }
        };
        Ok(((*name).to_owned(), digest))
    };
    files.iter().map(digest).collect()
}

/// The bytes of a network's numbers; `folder` is for the errors alone.
pub(super) fn arrays(folder: &Path, parameters: &Parameters, precision: Precision) -> Result<Vec<u8>, Error> {
    let arrays = parameters.iter().map(|(name, tensor)| (name, tensor.shape(), tensor.data()));
    to_bytes(arrays, precision).map_err(|source| Error::Arrays { path: folder.join(MODEL), source })
}

/// Writes a manifest and the files that it lists. `open` is tried on what was written, before it has its name: what
/// cannot be opened is not saved.
pub(super) fn save(
    folder: &Path,
    replace: bool,
    manifest: &impl Serialize,
    files: &[File<'_>],
    open: impl FnOnce(&Path) -> Result<(), Error>,
) -> Result<(), Error> {
    let text = toml::to_string(manifest).map_err(|error| Error::Content {
        path: folder.join(MANIFEST),
        found: error.to_string(),
        expected: "a manifest that TOML can hold".to_owned(),
    })?;
    let all = [files, &[(MANIFEST, Content::Bytes(text.as_bytes()))]].concat();
    BUNDLE.write(folder, replace, &all, open)
}
