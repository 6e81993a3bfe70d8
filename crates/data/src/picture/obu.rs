//! The units of AV1 data, as far as counting its frames needs them (AV1 specification, section 5.3).
//!
//! A decoder reads on until a frame is to be shown, and a file of other people may hide any number before that. A still
//! picture has one frame, or one for each of its layers.

/// The most layers that AV1 can name (`spatial_id` has two bits).
pub(super) const MOST_LAYERS: u64 = 4;

/// The kinds of unit that begin a frame: a header, a header with its tiles, a header once more.
const BEGIN_A_FRAME: [u8; 3] = [3, 6, 7];
/// A length has seven bits in each byte, and no more bytes than this.
const LONGEST_LENGTH: usize = 8;

/// How many frames begin in `data`, up to the first unit that is cut short.
pub(super) fn frames(mut data: &[u8]) -> u64 {
    let mut count = 0;
    while let Some((kind, rest)) = next(data) {
        count += u64::from(BEGIN_A_FRAME.contains(&kind));
        data = rest;
    }
    count
}

/// The kind of the first unit and what comes after it.
fn next(data: &[u8]) -> Option<(u8, &[u8])> {
    let (&header, rest) = data.split_first()?;
    let (kind, has_extension, has_length) = (header >> 3 & 0b1111, header & 0b100 != 0, header & 0b10 != 0);
    let content = rest.get(usize::from(has_extension)..)?;
    if !has_length {
        return Some((kind, &[]));
    }
    let (length, content) = length(content)?;
    Some((kind, content.get(length..).unwrap_or_default()))
}

/// A length in the form `leb128`, and what comes after it.
fn length(data: &[u8]) -> Option<(usize, &[u8])> {
    let last = data.iter().take(LONGEST_LENGTH).position(|byte| byte & 0x80 == 0)?;
    let (bytes, rest) = data.split_at(last + 1);
    let length = bytes.iter().rev().fold(0_u64, |sum, byte| sum << 7 | u64::from(byte & 0x7F));
    Some((usize::try_from(length).unwrap_or(usize::MAX), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A unit with a length; `content` is shorter than 128 bytes.
    fn unit(kind: u8, content: &[u8]) -> Vec<u8> {
        [&[kind << 3 | 0b10, content.len() as u8], content].concat()
    }

    #[test]
    fn frames_are_counted_and_other_units_passed_over() {
        let [delimiter, sequence, frame] = [unit(2, &[]), unit(1, &[6; 9]), unit(6, &[0x32; 70])];
        assert_eq!(frames(&[]), 0);
        assert_eq!(frames(&[&delimiter[..], &sequence, &frame].concat()), 1);
        assert_eq!(frames(&[&sequence[..], &frame, &frame, &unit(3, &[1]), &unit(4, &[3; 5])].concat()), 3);
    }

    #[test]
    fn lengths_and_extensions_are_read() {
        let long = [&[5 << 3 | 0b110, 0, 0x80 | 2, 1][..], &[6 << 3 | 0b10; 130], &unit(6, &[])].concat();
        assert_eq!(frames(&long), 1);
        assert_eq!(frames(&[6 << 3, 6 << 3 | 0b10, 0]), 1, "a unit without a length is the last");
        assert_eq!(frames(&[6 << 3 | 0b10, 0xFF, 0xFF]), 0, "a length that is cut short");
        assert_eq!(frames(&[&[6 << 3 | 0b10][..], &[0xFF; 9]].concat()), 0, "a length without an end");
    }
}
