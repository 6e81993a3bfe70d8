//! Filters that chunks of an array have gone through: what compresses them, or tells a changed byte.
//!
//! `hdf5-reader` bounds what a filter makes by the size of the chunk and the filters before it. Of one that it does not know it
//! knows no bound, and then has none for those behind it: so a list is compared with those that are known before any is run,
//! each once, as programs write them.

use hdf5_reader::messages::HdfMessage;
use hdf5_reader::object_header::ObjectHeader;

use super::malformed;
use crate::Error;

/// The numbers of those that are undone here, and what they are called: HDF5 File Format Specification, "The Data Storage -
/// Filter Pipeline Message".
const KNOWN: [(u16, &str); 3] = [(1, "deflate"), (2, "shuffle"), (3, "fletcher32")];

/// Refuses filters of an array that are not known, or come again.
pub(super) fn check(header: &ObjectHeader) -> Result<(), Error> {
    let pipelines = header.messages.iter().filter_map(|message| match message {
        HdfMessage::FilterPipeline(pipeline) => Some(pipeline.filters.iter().map(|filter| filter.id)),
        _ => None,
    });
    let filters: Vec<u16> = pipelines.flatten().collect();
    let is_known = |id: &u16| KNOWN.iter().any(|(known, _)| known == id);
    let is_new = |place: usize| !filters[..place].contains(&filters[place]);
    if filters.iter().enumerate().all(|(place, id)| is_known(id) && is_new(place)) {
        return Ok(());
    }
    let known: Vec<&str> = KNOWN.iter().map(|(_, name)| *name).collect();
    Err(malformed(format!("filters {filters:?}"), format!("{}, each once", known.join(", "))))
}
