//! Texts that are attributes of a group: one, or several, which become lines.

use hdf5_reader::group::Group;
use hdf5_reader::messages::attribute::AttributeMessage;
use hdf5_reader::messages::datatype::StringSize;
use hdf5_reader::{Datatype, StringPadding, VarLenKind};

use super::{broken, malformed};
use crate::Error;

/// Reads texts, no more of them than the file has bytes: many may refer to the same one.
pub(super) struct Texts {
    room: usize,
}

impl Texts {
    pub(super) fn new(room: usize) -> Self {
        Self { room }
    }

    /// The lines of an attribute; none where it is not text.
    pub(super) fn read(&mut self, group: &Group, attribute: &AttributeMessage) -> Result<Option<String>, Error> {
        let AttributeMessage { datatype, dataspace, raw_data, .. } = attribute;
        let count = usize::try_from(dataspace.num_elements().unwrap_or(0)).unwrap_or(usize::MAX);
        let mut lines = Vec::new();
        match *datatype {
            Datatype::String { size: StringSize::Fixed(width @ 1..), padding, .. } => {
                for line in raw_data.chunks_exact(width as usize).take(count) {
                    self.take(line.len())?;
                    lines.push(String::from_utf8(trimmed(line, padding).to_vec()));
                }
            }
            _ if are(datatype) => {
                // Each is its length, and where it is.
                let reference = size_of::<u32>() + usize::from(group.offset_size()) + size_of::<u32>();
                for reference in raw_data.chunks_exact(reference).take(count) {
                    let length = reference.first_chunk().map_or(0, |length| u32::from_le_bytes(*length));
                    self.take(length as usize)?;
                    let line = group.resolve_vlen_reference_bytes(reference, 1).map_err(broken)?;
                    lines.push(String::from_utf8(trimmed(&line, StringPadding::NullTerminate).to_vec()));
                }
            }
            _ => return Ok(None),
        }
        // Bytes that are no text are passed over, as numbers are.
        Ok(lines.into_iter().collect::<Result<Vec<_>, _>>().ok().map(|lines| lines.join("\n")))
    }

    /// Counts the bytes of a line.
    fn take(&mut self, length: usize) -> Result<(), Error> {
        self.room = self.room.checked_sub(length.saturating_add(1)).ok_or_else(|| {
            malformed("more texts than the file has bytes".to_owned(), "each byte of a text once".to_owned())
        })?;
        Ok(())
    }
}

/// Whether elements are texts of any length.
pub(super) fn are(datatype: &Datatype) -> bool {
    match datatype {
        Datatype::String { size, .. } => *size == StringSize::Variable,
        Datatype::VarLen { base, kind, .. } => *kind == VarLenKind::String && base.is_vlen_string_base(),
        _ => false,
    }
}

/// A text without what fills its place.
fn trimmed(text: &[u8], padding: StringPadding) -> &[u8] {
    let filler = match padding {
        StringPadding::NullTerminate => return text.split(|byte| *byte == 0).next().unwrap_or_default(),
        StringPadding::NullPad => 0,
        StringPadding::SpacePad => b' ',
    };
    let length = text.iter().rposition(|byte| *byte != filler).map_or(0, |last| last + 1);
    &text[..length]
}
