//! Zip archives as containers: entries that lie in the file as they are, or compressed.
//!
//! Nothing is ever written by an entry's name; one that would climb out of a folder is refused all the same, for no
//! program that saves arrays writes such. What is in an entry is compared with its CRC-32: of an entry that lies as it is
//! once, when the first of its arrays is read.

use std::io::{Cursor, Read};
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use zip::result::ZipError;
use zip::{CompressionMethod, ZipArchive};

use crate::bytes::Bytes;
use crate::stored::Piece;
use crate::{Error, Format};

/// How a zip archive begins.
pub(crate) const MAGIC: &[u8] = b"PK\x03\x04";
/// No byte of deflated data becomes more: RFC 1951 has matches of 258 bytes, of two bits at the least.
pub(crate) const MOST_EXPANSION: usize = 1032;

/// A file within an archive.
pub(crate) struct Entry<'a> {
    /// Its path.
    pub(crate) name: String,
    format: Format,
    archive: Archive<'a>,
    /// Its place among the entries.
    index: usize,
    /// Where it lies as it is; none where it is compressed.
    piece: Option<Piece<'a>>,
    size: usize,
    checksum: u32,
    /// Set when the piece has been found to have its checksum.
    verified: OnceLock<()>,
}

/// An archive whose list of entries has been read, and is shared by all of them.
type Archive<'a> = ZipArchive<Cursor<Shared<'a>>>;

/// A file that several have open.
#[derive(Clone)]
struct Shared<'a>(Arc<Bytes<'a>>);

impl AsRef<[u8]> for Shared<'_> {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

/// What a zip archive likely is, by the name of its first entry: told where the rest of it is broken.
pub(crate) fn likely(file: &[u8]) -> Format {
    const NAME: usize = 30;
    let length = file.get(26..28).map_or(0, |bytes| usize::from(u16::from_le_bytes([bytes[0], bytes[1]])));
    let name = file.get(NAME..NAME + length).unwrap_or_default();
    if name.ends_with(b"/data.pkl") { Format::Torch } else { Format::Npz }
}

/// The files of an archive, folders left out; `format` is for the errors, and for what PyTorch does otherwise.
pub(crate) fn entries<'a>(format: Format, file: &Arc<Bytes<'a>>) -> Result<Vec<Entry<'a>>, Error> {
    let shared = ZipArchive::new(Cursor::new(Shared(Arc::clone(file)))).map_err(|error| broken(format, &error))?;
    let mut archive = shared.clone();
    let (mut entries, mut places) = (Vec::new(), Vec::new());
    for index in 0..archive.len() {
        let entry = archive.by_index_raw(index).map_err(|error| broken(format, &error))?;
        if entry.is_dir() {
            continue;
        }
        let name = entry.name().map_err(|error| broken(format, &error))?.into_owned();
        let refused = |found, expected: &str| {
            let found = format!("an entry `{}` {found}", name.escape_default());
            Err(Error::Malformed { format, found, expected: expected.to_owned() })
        };
        if entry.enclosed_name().is_none() {
            return refused("that climbs out of the archive".to_owned(), "names within it");
        }
        let (compressed, size) = (entry.compressed_size(), entry.size());
        let most = match entry.compression() {
            CompressionMethod::Stored if !entry.encrypted() => compressed,
            CompressionMethod::Deflated if !entry.encrypted() => compressed.saturating_mul(MOST_EXPANSION as u64),
            method => {
                return refused(format!("that is encrypted or compressed by {method}"), "stored or deflated entries");
            }
        };
        if size > most {
            let found = format!("that claims {size} bytes and has {compressed}");
            return refused(found, "as many as they can become");
        }
        let checksum = entry.crc32();
        let is_stored = entry.compression() == CompressionMethod::Stored;
        let start = entry.data_start().and_then(|start| usize::try_from(start).ok());
        let Some((start, size)) = start.zip(usize::try_from(size).ok()) else {
            return refused("without a place".to_owned(), "one within the file");
        };
        let piece = start.checked_add(size).and_then(|end| Piece::new(file, start..end)).filter(|_| is_stored);
        if is_stored && piece.is_none() {
            return refused("that ends beyond the file".to_owned(), "one within it");
        }
        places.push((start as u64..(start as u64).saturating_add(compressed), entries.len()));
        let (archive, verified) = (shared.clone(), OnceLock::new());
        entries.push(Entry { name, format, archive, index, piece, size, checksum, verified });
    }
    refuse_overlaps(format, &entries, places)?;
    Ok(entries)
}

/// Refuses entries that share bytes: by such, a file of megabytes can claim to hold terabytes.
fn refuse_overlaps(format: Format, entries: &[Entry<'_>], mut places: Vec<(Range<u64>, usize)>) -> Result<(), Error> {
    places.retain(|(place, _)| !place.is_empty());
    places.sort_unstable_by_key(|(place, _)| place.start);
    for pair in places.windows(2) {
        let [(before, first), (after, second)] = pair else { continue };
        if before.end > after.start {
            let [first, second] = [first, second].map(|&entry| entries[entry].name.escape_default());
            let found = format!("entries `{first}` and `{second}` in the same bytes");
            return Err(Error::Malformed { format, found, expected: "bytes for each".to_owned() });
        }
    }
    Ok(())
}

impl<'a> Entry<'a> {
    /// How many bytes it has when it is unpacked.
    pub(crate) fn size(&self) -> usize {
        self.size
    }

    /// What lies in the file from there on; none where the entry is compressed.
    pub(crate) fn piece(&self, start: usize) -> Option<Piece<'a>> {
        self.piece.as_ref()?.from(start)
    }

    /// Its first bytes, at most so many. Their checksum is that of all, and not compared.
    pub(crate) fn beginning(&self, most: usize) -> Result<Vec<u8>, Error> {
        self.take(self.size.min(most))
    }

    /// All its bytes.
    ///
    /// # Errors
    /// If it cannot be unpacked, or does not have its checksum.
    pub(crate) fn unpack(&self) -> Result<Vec<u8>, Error> {
        let bytes = self.take(self.size)?;
        self.check(&bytes)?;
        Ok(bytes)
    }

    /// Compares what lies in the file with its checksum, unless that was done before.
    ///
    /// # Errors
    /// If it does not have it.
    pub(crate) fn verify(&self) -> Result<(), Error> {
        if let (Some(piece), None) = (&self.piece, self.verified.get()) {
            self.check(piece.bytes())?;
            self.verified.get_or_init(|| ());
        }
        Ok(())
    }

    fn take(&self, count: usize) -> Result<Vec<u8>, Error> {
        if let Some(bytes) = self.piece.as_ref().and_then(|piece| piece.bytes().get(..count)) {
            return Ok(bytes.to_vec());
        }
        let mut archive = self.archive.clone();
        let entry = archive.by_index(self.index).map_err(|error| broken(self.format, &error))?;
        let mut bytes = Vec::new();
        let read = entry.take(count as u64).read_to_end(&mut bytes);
        if read.is_err() || bytes.len() != count {
            let why = read.err().map_or(String::new(), |error| format!(" ({error})"));
            let found = format!("{} bytes of an entry `{}`{why}", bytes.len(), self.name.escape_default());
            return Err(Error::Malformed { format: self.format, found, expected: format!("{count}") });
        }
        Ok(bytes)
    }

    /// Refuses bytes that do not have the entry's checksum. PyTorch writes zero where it was told to compute none.
    fn check(&self, bytes: &[u8]) -> Result<(), Error> {
        let (found, expected) = (crc32fast::hash(bytes), self.checksum);
        if found == expected || (self.format == Format::Torch && expected == 0) {
            return Ok(());
        }
        let found = format!("an entry `{}` of CRC-32 {found:08x}", self.name.escape_default());
        Err(Error::Malformed { format: self.format, found, expected: format!("{expected:08x}") })
    }
}

fn broken(format: Format, error: &ZipError) -> Error {
    Error::Malformed { format, found: error.to_string(), expected: "a zip archive that is whole".to_owned() }
}
