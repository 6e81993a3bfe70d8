//! The form since PyTorch 1.6: a zip archive of one folder, with the pickle in `data.pkl` and a file for each storage.

use std::collections::HashMap;
use std::sync::Arc;

use super::storages::{Source, Storages};
use super::{contents, malformed, unpickle};
use crate::archive::Contents;
use crate::bytes::Bytes;
use crate::formats::zip::{self, Entry};
use crate::layout::ByteOrder;
use crate::{Error, Format};

const PICKLE: &str = "/data.pkl";
const STORAGES: &str = "/data/";
/// Unpacked bytes that a pickle may have in any file; a longer one may not be longer than its file. PyTorch compresses
/// nothing, and whoever packs its files anew gains little.
const LONGEST_PACKED: usize = 1 << 20;

/// The one folder of a zip archive that is one of PyTorch's.
pub(crate) fn folder(entries: &[Entry<'_>]) -> Option<String> {
    let mut folders = entries.iter().filter_map(|entry| entry.name.strip_suffix(PICKLE));
    folders.find(|folder| !folder.contains('/')).map(str::to_owned)
}

/// Reads what lies in that folder.
pub(crate) fn read_zip<'a>(file: &Arc<Bytes<'a>>, folder: &str) -> Result<Contents<'a>, Error> {
    let entries = zip::entries(Format::Torch, file)?;
    let entry = |name: &str| entries.iter().find(|entry| entry.name.strip_prefix(folder) == Some(name));
    let pickle = entry(PICKLE).ok_or_else(|| malformed("no pickle", format!("`{PICKLE}`")))?;
    if pickle.size() > file.len().max(LONGEST_PACKED) {
        return Err(malformed(format!("a pickle of {} bytes", pickle.size()), format!("less in {}", file.len())));
    }
    let pickle = pickle.unpack()?;
    let order = entry("/byteorder").map_or(Ok(ByteOrder::Little), byte_order)?;

    let storages = format!("{folder}{STORAGES}");
    let mut sources = HashMap::new();
    for entry in entries {
        let Some(key) = entry.name.strip_prefix(&storages) else { continue };
        let key = key.to_owned();
        sources.insert(key, Source::Entry(Arc::new(entry)));
    }
    contents(&unpickle(&pickle)?.value, &Storages { sources, order })
}

/// The order of bytes that the machine had which wrote the file.
fn byte_order(entry: &Entry<'_>) -> Result<ByteOrder, Error> {
    match entry.beginning(16)?.as_slice() {
        b"little" => Ok(ByteOrder::Little),
        b"big" => Ok(ByteOrder::Big),
        other => Err(malformed(format!("the order of bytes `{}`", other.escape_ascii()), "little or big")),
    }
}
