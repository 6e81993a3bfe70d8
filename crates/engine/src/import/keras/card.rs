//! What is known of a model that Keras has saved.

use std::fmt::Write;

use super::Files;
use super::architecture::Architecture;
use crate::{Error, digest};

/// The card, in Markdown.
pub(super) fn card(files: Files<'_>, architecture: &Architecture, notes: &[String]) -> Result<String, Error> {
    let by = architecture.keras.as_ref().map_or("Keras".to_owned(), |version| format!("Keras {version}"));
    let mut card = format!("# A classifier\n\nImported by `nid import` from a model of {by}:\n\n");
    card += "| file | SHA-256 |\n|---|---|\n";
    for path in files.architecture.into_iter().chain([files.weights]) {
        let name = path.file_name().unwrap_or(path.as_os_str()).display();
        let digest = digest::of_file(path).map_err(|source| Error::Read { path: path.to_owned(), source })?;
        // Writing to a string cannot fail.
        writeln!(card, "| `{name}` | `{digest}` |").ok();
    }
    card += "\nIts weights are kept as they are, in 32-bit floats. How they were read:\n\n";
    for note in notes {
        writeln!(card, "- {note}").ok();
    }
    card += "\nThe files say neither what it was trained on, nor how well it does, nor under which licence it may be passed on.\n";
    Ok(card)
}
