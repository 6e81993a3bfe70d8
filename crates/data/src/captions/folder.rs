//! A plain folder: photos, and beside each a `.txt` of its name with a caption a line.
//!
//! Folders within are looked through as well, for people sort their photos. A photo without a
//! `.txt` and a `.txt` without a photo (a README, say) are passed over; hidden files are not seen.

use std::path::{Path, PathBuf};

use super::{Collection, Error, Photo};
use crate::photos;
use crate::text::{self, Fault};

/// Reads the folder's captions, photos sorted by name.
pub(super) fn read(folder: &Path) -> Result<Collection, Error> {
    let mut collection = Collection::default();
    for picture in photos::pictures(folder, true) {
        let picture = picture?;
        let Some(beside) = beside(&picture) else { continue };
        let bytes = text::read(&beside)?;
        let lines = text::lines(text::decode(&beside, &bytes)?);
        let captions: Vec<String> = lines.map(|(_, line)| line.trim().to_owned()).collect();
        if !captions.is_empty() {
            let name = name(folder, &picture)?;
            collection.photos.push(Photo { name, captions, ..Photo::default() });
        }
    }
    if collection.photos.is_empty() {
        let fault = Fault::new("no photo with captions", "a `photo.txt` beside each `photo.jpg`");
        return Err(fault.of(folder).into());
    }
    Ok(collection)
}

fn beside(picture: &Path) -> Option<PathBuf> {
    ["txt", "TXT"].map(|extension| picture.with_extension(extension)).into_iter().find(|path| path.is_file())
}

/// The picture's path within the folder, with `/` between its parts.
fn name(folder: &Path, picture: &Path) -> Result<String, text::Error> {
    let within = picture.strip_prefix(folder).unwrap_or(picture);
    let parts: Option<Vec<&str>> = within.iter().map(|part| part.to_str()).collect();
    let parts =
        parts.ok_or_else(|| Fault::new("a name that is not UTF-8", "one that is, to go with captions").of(picture))?;
    Ok(parts.join("/"))
}
