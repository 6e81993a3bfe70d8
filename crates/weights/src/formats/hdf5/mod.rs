//! HDF5, as Keras saves weights in: groups within groups, arrays in them, and texts beside both.
//!
//! The format is the `hdf5-reader` crate's: both kinds of superblocks and groups, chunks and their filters. What it is told
//! of arrays is compared with the file here before memory is taken, and [`metered`] keeps it from reading a
//! small file over and over. An array's name is its path within the file; links into other files are not followed.

mod filters;
mod metered;
mod numbers;
mod texts;

use std::collections::HashSet;

use hdf5_reader::group::Group;
use hdf5_reader::io::Cursor;
use hdf5_reader::messages::HdfMessage;
use hdf5_reader::messages::layout::DataLayout;
use hdf5_reader::{Dataset, Hdf5File, OpenOptions};

use crate::archive::Contents;
use crate::formats::zip::MOST_EXPANSION;
use crate::layout::{Layout, element_count};
use crate::stored::{Piece, Stored};
use crate::{Error, Format};
use metered::{Meter, Metered};
use texts::Texts;

/// How an HDF5 file begins; a block of the user's may lie before it.
const MAGIC: &[u8] = b"\x89HDF\r\n\x1a\n";
/// Where the file may begin after that block; twice as far each time.
const FIRST_BLOCK: usize = 512;
/// The description of one object: no program that saves weights comes near it.
const LARGEST_HEADER: usize = 1 << 20;
/// Groups within groups.
const DEEPEST: usize = 64;
/// Bytes of a path.
const LONGEST_PATH: usize = 1024;

/// Whether this is an HDF5 file.
pub(crate) fn is_one(file: &[u8]) -> bool {
    std::iter::successors(Some(0_usize), |place| place.checked_mul(2).map(|place| place.max(FIRST_BLOCK)))
        .map_while(|place| file.get(place..))
        .any(|file| file.starts_with(MAGIC))
}

/// Reads what a file, or a part of one, says of its arrays. On disk it has `packed` bytes, which bound what compressed arrays
/// may become.
pub(crate) fn read<'a>(piece: &Piece<'a>, packed: usize) -> Result<Contents<'a>, Error> {
    let size = piece.bytes().len();
    let (metered, meter) = Metered::new(piece);
    let most = packed.saturating_mul(MOST_EXPANSION);
    let options = OpenOptions::default()
        .with_chunk_cache_bytes(0)
        .with_max_object_header_bytes(size.min(LARGEST_HEADER))
        .with_max_chunk_bytes(most)
        .with_max_read_bytes(most);
    let file = Hdf5File::from_storage_with_options(metered, options).map_err(broken)?;
    let root = file.root_group().map_err(broken)?;
    let mut walk = Walk {
        file: &file,
        piece,
        most,
        meter,
        seen: HashSet::new(),
        texts: Texts::new(size),
        contents: Contents::default(),
    };
    walk.group(&root, "", 0)?;
    Ok(walk.contents)
}

/// A walk through a file's groups.
struct Walk<'w, 'a> {
    file: &'w Hdf5File,
    piece: &'w Piece<'a>,
    /// Bytes that an array may become.
    most: usize,
    meter: Meter,
    /// Where the groups are that were walked through: links may go in circles.
    seen: HashSet<u64>,
    texts: Texts,
    contents: Contents<'a>,
}

impl<'a> Walk<'_, 'a> {
    fn group(&mut self, group: &Group, path: &str, depth: usize) -> Result<(), Error> {
        if !self.seen.insert(group.address()) {
            return Ok(());
        }
        if depth > DEEPEST {
            return Err(malformed(format!("groups {depth} deep"), format!("{DEEPEST} at most")));
        }
        for attribute in group.raw_attributes().map_err(broken)? {
            if let Some(text) = self.texts.read(group, attribute.message())? {
                self.contents.note(&join(path, attribute.name())?, text);
            }
        }
        let (groups, datasets) = group.members().map_err(broken)?;
        for dataset in datasets {
            let name = join(path, dataset.name())?;
            let stored =
                self.array(dataset).map_err(|source| Error::Array { name: name.clone(), source: Box::new(source) })?;
            self.contents.insert(name, stored)?;
        }
        for group in groups {
            self.group(&group, &join(path, group.name())?, depth + 1)?;
        }
        Ok(())
    }

    fn array(&self, dataset: Dataset) -> Result<Stored<'a>, Error> {
        let side = |side: &u64| usize::try_from(*side).unwrap_or(usize::MAX);
        let mut shape: Vec<usize> = dataset.shape().iter().map(side).collect();
        if shape.is_empty() && dataset.num_elements().map_err(broken)? == 0 {
            shape.push(0); // a null dataspace
        }
        let Some((element, order)) = numbers::element(&dataset).map_err(broken)? else {
            return Ok(Stored::Other { element: numbers::name(dataset.dtype()).to_owned(), shape });
        };
        let layout = Layout::new(element, shape).ordered(order);
        if let Some(rest) = self.start(&dataset)?.and_then(|start| self.piece.from(start)) {
            return Stored::piece(layout, rest);
        }
        self.check_packed(&layout, &dataset)?;
        let header = self.file.get_or_parse_header(dataset.address()).map_err(broken)?;
        let meter = self.meter.clone();
        Ok(Stored::packed(layout, move || {
            filters::check(&header)?;
            meter.refill();
            dataset.read_raw_bytes().map_err(broken)
        }))
    }

    /// Where an array begins that lies in one run of bytes, no further than the end; none where it lies in chunks, or has
    /// never been written.
    fn start(&self, dataset: &Dataset) -> Result<Option<usize>, Error> {
        let header = self.file.get_or_parse_header(dataset.address()).map_err(broken)?;
        let is_elsewhere = header.messages.iter().any(|message| matches!(message, HdfMessage::ExternalFiles(_)));
        let address = header.messages.iter().find_map(|message| match message {
            HdfMessage::DataLayout(message) => match message.layout {
                DataLayout::Contiguous { address, .. } => Some(address),
                _ => None,
            },
            _ => None,
        });
        let superblock = self.file.superblock();
        let is_written = |address: &u64| !Cursor::is_undefined_offset(*address, superblock.offset_size);
        let address = address.filter(|address| is_written(address) && !is_elsewhere);
        let start = address.map(|address| address.saturating_add(superblock.base_address));
        let end = self.piece.bytes().len();
        Ok(start.map(|start| usize::try_from(start).unwrap_or(end).min(end)))
    }

    /// Refuses what no file of this size can hold, compressed or not.
    fn check_packed(&self, layout: &Layout, dataset: &Dataset) -> Result<(), Error> {
        let size = self.piece.bytes().len();
        let needed = layout.element_count().saturating_mul(layout.element.size() as u128);
        let most = self.most;
        if needed > most as u128 || !layout.is_possible() {
            let found = format!("shape {:?} of {} in a file of {size} bytes", layout.shape, layout.element);
            return Err(malformed(found, format!("{most} bytes at most")));
        }
        let Some(chunk) = dataset.chunks() else { return Ok(()) };
        let places = layout.shape.iter().zip(&chunk).map(|(&side, &chunk)| side.div_ceil((chunk as usize).max(1)));
        let chunks = element_count(&places.collect::<Vec<_>>());
        if chunks > size as u128 {
            return Err(malformed(
                format!("{chunks} chunks in a file of {size} bytes"),
                "one a byte at most".to_owned(),
            ));
        }
        Ok(())
    }
}

/// The path of something in a group.
fn join(path: &str, name: &str) -> Result<String, Error> {
    if path.len() + name.len() >= LONGEST_PATH {
        let found = format!("a path of {} bytes", path.len() + 1 + name.len());
        return Err(malformed(found, format!("{LONGEST_PATH} at most")));
    }
    Ok(if path.is_empty() { name.to_owned() } else { format!("{path}/{name}") })
}

fn malformed(found: String, expected: String) -> Error {
    Error::Malformed { format: Format::Hdf5, found, expected }
}

/// What `hdf5-reader` has found wrong.
fn broken(error: hdf5_reader::error::Error) -> Error {
    malformed(error.to_string(), "an HDF5 file that is whole".to_owned())
}
