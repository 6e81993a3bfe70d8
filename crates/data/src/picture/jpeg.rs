//! What a JPEG file promises, read from its markers before anything is decoded.
//!
//! Two lies cost more than the pixel count tells: thousands of scans, each of which visits the whole picture again, and
//! a file that ends early, which decoders fill up with grey without a word. ITU-T T.81, annex B, has the markers.

const START_OF_SCAN: u8 = 0xDA;
const END_OF_IMAGE: u8 = 0xD9;

/// The scans of one file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Scans {
    /// How many there are.
    pub(super) count: u64,
    /// Whether the end of the picture was reached.
    pub(super) ended: bool,
}

/// Walks the markers of a JPEG file, up to the end of its picture.
pub(super) fn scans(bytes: &[u8]) -> Scans {
    let mut scans = Scans::default();
    let mut at = 2; // behind the start of image
    while let Some((marker, next)) = next_marker(bytes, at) {
        at = next;
        match marker {
            END_OF_IMAGE => return Scans { ended: true, ..scans },
            0x01 | 0xD0..=0xD8 => continue, // these stand alone
            START_OF_SCAN => scans.count += 1,
            _ => {}
        }
        let Some(length) = bytes.get(at..at + 2) else { break };
        at += usize::from(u16::from_be_bytes([length[0], length[1]]));
    }
    scans
}

/// The next marker from `at` on and the place behind it; entropy-coded data and fill bytes are skipped.
fn next_marker(bytes: &[u8], mut at: usize) -> Option<(u8, usize)> {
    loop {
        at += bytes.get(at..)?.iter().position(|&byte| byte == 0xFF)? + 1;
        match *bytes.get(at)? {
            0x00 | 0xFF => {}
            marker => return Some((marker, at + 1)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scans_are_counted_to_the_end_of_the_picture() {
        let scan = [0xFF, START_OF_SCAN, 0, 3, 7, 0x12, 0xFF, 0x00, 0xFF, 0xD0, 0x34];
        // A thumbnail within a segment is not the picture's own.
        let head = [0xFF, 0xD8, 0xFF, 0xE0, 0, 4, 0xFF, START_OF_SCAN];
        let file = [&head[..], &scan, &scan, &[0xFF, 0xFF, END_OF_IMAGE]].concat();
        assert_eq!(scans(&file), Scans { count: 2, ended: true });
        assert_eq!(scans(&file[..file.len() - 1]), Scans { count: 2, ended: false });
        assert_eq!(scans(&[]), Scans::default());
    }
}
