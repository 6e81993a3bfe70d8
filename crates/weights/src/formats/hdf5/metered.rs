//! The bytes that `hdf5-reader` reads, counted while a file is opened, and again for each array.
//!
//! A file of a few kilobytes can name the same long description a thousand times, each at another place within it, and every
//! one would be read and kept; so it can with the pieces of an array. A true file is read a few times over; one that asks for
//! more is refused.
//!
//! While a file is opened, what old objects announce of themselves counts as well, for room is made for it before it is read; and
//! filters of heaps, where names and texts lie, are refused: they may make terabytes of a few bytes, and no program sets them by
//! itself.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use hdf5_reader::error::{Error, Result};
use hdf5_reader::{Storage, StorageBuffer};

use crate::bytes::Kept;
use crate::stored::Piece;

/// How often a file may be read over while it is opened, or for an array. Thousands of groups and arrays in a file of nothing
/// else take less than half of it.
const READINGS: u64 = 8;
/// What may be read of the smallest file; a reading of nothing counts as one byte.
const LEAST: u64 = 1 << 16;
/// What a message of an object is taken to have, in bytes.
const MESSAGE: u64 = 32;
/// How the header of a heap begins.
const HEAP: &[u8] = b"FRHP";
/// How many bytes say how its filters are kept: HDF5 File Format Specification, "Fractal Heap".
const HEAP_FILTERS: Range<usize> = 7..9;

/// A file, or a part of one, that notices how much of it is read.
pub(super) struct Metered {
    file: Kept,
    range: Range<usize>,
    meter: Meter,
}

/// How many bytes may still be read.
#[derive(Clone)]
pub(super) struct Meter {
    left: Arc<AtomicU64>,
    /// How many they are at first.
    room: u64,
    /// Whether the file is still being opened.
    is_opening: Arc<AtomicBool>,
}

impl Meter {
    /// Begins to count anew, for an array.
    pub(super) fn refill(&self) {
        self.is_opening.store(false, Ordering::Relaxed);
        self.left.store(self.room, Ordering::Relaxed);
    }

    /// Whether so many bytes may be read; they count.
    fn take(&self, count: u64) -> bool {
        self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(count.max(1))).is_ok()
    }
}

impl Metered {
    pub(super) fn new(piece: &Piece<'_>) -> (Arc<Self>, Meter) {
        let (file, range) = piece.kept();
        let room = (range.len() as u64).saturating_mul(READINGS).saturating_add(LEAST);
        let meter = Meter { left: Arc::new(AtomicU64::new(room)), room, is_opening: Arc::new(AtomicBool::new(true)) };
        (Arc::new(Self { file, range, meter: meter.clone() }), meter)
    }
}

impl Storage for Metered {
    fn len(&self) -> u64 {
        self.range.len() as u64
    }

    fn read_range(&self, offset: u64, len: usize) -> Result<StorageBuffer> {
        let available = self.len().saturating_sub(offset);
        if len as u64 > available {
            return Err(Error::UnexpectedEof { offset, needed: len as u64, available });
        }
        // Within the file, for it is no further than its length.
        let bytes = StorageBuffer::from_shared_owner(Arc::clone(&self.file), self.range.start + offset as usize, len)?;
        let is_opening = self.meter.is_opening.load(Ordering::Relaxed);
        if is_opening && has_filters(&bytes) {
            return Err(Error::UnsupportedFilter("filters of a heap".to_owned()));
        }
        let announced = if is_opening { announced(&bytes) } else { 0 };
        if !self.meter.take(len as u64 + announced) {
            return Err(Error::ResourceLimit(format!("more than {READINGS} readings of the file")));
        }
        Ok(bytes)
    }
}

/// Whether this is the header of a heap whose content has gone through filters.
fn has_filters(bytes: &[u8]) -> bool {
    bytes.starts_with(HEAP) && bytes.get(HEAP_FILTERS).is_some_and(|length| length != [0, 0])
}

/// What the header of an object of the old kind announces: the number of its messages.
fn announced(bytes: &[u8]) -> u64 {
    const VERSION: u8 = 1;
    const LENGTH: usize = 16;
    match bytes {
        [VERSION, _, low, high, ..] if bytes.len() == LENGTH => u64::from(u16::from_le_bytes([*low, *high])) * MESSAGE,
        _ => 0,
    }
}
