//! The container of HEIC and AVIF (ISO/IEC 14496-12 and 23008-12), looked over before it is parsed.
//!
//! The parser compares its tables with each other entry by entry, and believes how many extents an item has even where
//! an extent takes no bytes. So the tables are counted here first, and a file with more in them than pictures need is
//! refused. Whatever else is wrong with a file is left to its parser.

use heifer_isobmff::BoxIter;

/// The most items, locations, items with properties, and references between items: the tiles of a picture of hundreds of megapixels, and then some.
const MOST: usize = 10_000;

/// Checks that the tables of a file are of a size that pictures need.
///
/// # Errors
/// What there is too much of.
pub(super) fn check(bytes: &[u8]) -> Result<(), String> {
    let [mut items, mut locations, mut associations, mut references] = [0_usize; 4];
    for (kind, body) in boxes(bytes).filter(|(kind, _)| kind == b"meta").flat_map(|(_, meta)| boxes(from(meta, 4))) {
        match &kind {
            b"iinf" => items += boxes(from(body, if body.first() == Some(&0) { 6 } else { 8 })).count(),
            b"iloc" => {
                locations += number(body, 6, if body.first() < Some(&2) { 2 } else { 4 });
                // Bytes of an offset and a length, and, which the first version lacks, of a base and an index.
                let is_first_version = body.first() == Some(&0);
                if locations > 0 && number(body, 4, 1) == 0 && (is_first_version || number(body, 5, 1) & 0x0F == 0) {
                    return Err("its items are nowhere: their extents take no bytes".to_owned());
                }
            }
            // Each names an item or two, of two or four bytes.
            b"iref" => references += body.len() / 4,
            b"iprp" => {
                let tables = boxes(body).filter(|(kind, _)| kind == b"ipma");
                associations += tables.map(|(_, table)| number(table, 4, 4)).sum::<usize>();
            }
            _ => {}
        }
    }
    let counts = [
        (items, "items"),
        (locations, "locations of items"),
        (associations, "items with properties"),
        (references, "references between items"),
    ];
    match counts.into_iter().find(|(count, _)| *count > MOST) {
        Some((count, what)) => Err(format!("it has {count} {what}, the limit is {MOST}")),
        None => Ok(()),
    }
}

/// The boxes that lie one after the other, up to the first that is broken: their kinds and what they hold.
fn boxes(bytes: &[u8]) -> impl Iterator<Item = ([u8; 4], &[u8])> {
    BoxIter::new(bytes).map_while(Result::ok).map(|found| (found.header.box_type.0, found.content))
}

fn from(bytes: &[u8], start: usize) -> &[u8] {
    bytes.get(start..).unwrap_or_default()
}

/// A number of so many bytes, the greatest first; 0 where the bytes end before.
fn number(bytes: &[u8], start: usize, length: usize) -> usize {
    from(bytes, start).get(..length).unwrap_or_default().iter().fold(0, |number, &byte| number << 8 | usize::from(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn boxed(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
        let length = u32::try_from(8 + content.len()).expect("a small box");
        [&length.to_be_bytes(), &kind[..], content].concat()
    }

    fn meta(content: &[u8]) -> Vec<u8> {
        boxed(b"meta", &[&[0; 4], content].concat())
    }

    #[track_caller]
    fn check_error(content: &[u8], expected: &str) {
        assert_eq!(check(&meta(content)), Err(expected.to_owned()));
    }

    #[test]
    fn extents_that_take_no_bytes_are_refused() {
        // An item of 65,535 extents in six bytes, which the parser would make room for.
        let item = [0, 1, 0, 0, 0xFF, 0xFF];
        let locations = |sizes: [u8; 2]| boxed(b"iloc", &[&[0, 0, 0, 0], &sizes[..], &[0, 1], &item].concat());
        check_error(&locations([0, 0]), "its items are nowhere: their extents take no bytes");
        assert_eq!(check(&meta(&locations([0x44, 0]))), Ok(()));
    }

    #[test]
    fn tables_that_are_too_long_are_refused() {
        let infos = boxed(b"infe", &[]).repeat(10_001);
        check_error(
            &boxed(b"iinf", &[&[0, 0, 0, 0, 0, 1], &infos[..]].concat()),
            "it has 10001 items, the limit is 10000",
        );
        let locations = boxed(b"iloc", &[2, 0, 0, 0, 0x44, 0, 0, 1, 0, 0]);
        check_error(&locations, "it has 65536 locations of items, the limit is 10000");
        let associations = boxed(b"iprp", &boxed(b"ipma", &[0, 0, 0, 0, 0, 0, 0x27, 0x11]).repeat(2));
        check_error(&associations, "it has 20002 items with properties, the limit is 10000");
    }

    #[test]
    fn no_container_panics() {
        let whole = meta(&boxed(b"iloc", &[0, 0, 0, 0, 0x44, 0, 0, 1]));
        for end in 0..whole.len() {
            let _ = check(&whole[..end]);
        }
        for kind in [b"iinf", b"iloc", b"iprp"] {
            let _ = check(&meta(&boxed(kind, &[])));
        }
    }
}
