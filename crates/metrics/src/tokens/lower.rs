//! Lower case as Java 17 has it.
//!
//! It is Unicode 13's, and a capital sigma is final by the words that Java sees, not by Unicode's definition.

use super::sigma::{CASED, INVISIBLE, JOINING, MARKS, MIDDLE};

/// Adds the text in lower case.
pub(super) fn push_lower(text: &str, out: &mut String) {
    for (at, c) in text.char_indices() {
        match c {
            c if c.is_ascii() => out.push(c.to_ascii_lowercase()),
            'Σ' => out.push(if is_final(text, at) { 'ς' } else { 'σ' }),
            c if is_younger(c) => out.push(c),
            c => out.extend(c.to_lowercase()),
        }
    }
}

/// Capitals that Unicode has had since version 14.
fn is_younger(c: char) -> bool {
    matches!(c, '\u{1c89}' | '\u{2c2f}' | '\u{a7c0}' | '\u{a7cb}'..='\u{a7dc}' | '\u{10570}'..='\u{10595}')
        || matches!(c, '\u{10d50}'..='\u{10d65}' | '\u{16ea0}'..='\u{16eb8}')
}

/// Whether the sigma at `at` ends a word: a cased letter stands before it and none after.
fn is_final(text: &str, at: usize) -> bool {
    // A iota below is cased, but for one that stands below nothing.
    let before = text[..at].trim_start_matches('\u{345}').chars().rev().take_while(|&c| c < '\u{10000}').map(Kind::of);
    let after = text[at + 'Σ'.len_utf8()..].chars().map(Kind::of);
    meets_cased(before, |nearer, farther| joins(farther, nearer)) && !meets_cased(after, joins)
}

/// Whether a cased letter comes before the word ends. The characters begin beside a letter.
fn meets_cased(kinds: impl Iterator<Item = Kind>, joins: impl Fn(Kind, Kind) -> bool) -> bool {
    let mut last = Kind::Letter;
    for kind in kinds {
        if !joins(last, kind) {
            return false;
        }
        if kind == Kind::Cased {
            return true;
        }
        last = kind;
    }
    false
}

/// Whether a word goes on from a character to the next.
fn joins(left: Kind, right: Kind) -> bool {
    match (left, right) {
        (Kind::Other, _) | (_, Kind::Other) => false,
        (Kind::Middle, right) => !matches!(right, Kind::Middle | Kind::Number | Kind::Mark),
        (Kind::Number, Kind::Invisible) => false,
        (left, Kind::Middle) => !matches!(left, Kind::Number | Kind::Invisible),
        _ => true,
    }
}

/// What a character is to the words around it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Cased,
    Letter,
    Number,
    Mark,
    Invisible,
    Middle,
    Other,
}

impl Kind {
    fn of(c: char) -> Self {
        match c {
            '\u{10000}'.. if c.is_lowercase() || c.is_uppercase() => Self::Cased,
            c if lies_in(&CASED, c) => Self::Cased,
            c if lies_in(&MARKS, c) => Self::Mark,
            c if lies_in(&INVISIBLE, c) => Self::Invisible,
            c if lies_in(&MIDDLE, c) => Self::Middle,
            c if !lies_in(&JOINING, c) => Self::Other,
            c if c.is_numeric() => Self::Number,
            _ => Self::Letter,
        }
    }
}

fn lies_in(ranges: &[(u16, u16)], c: char) -> bool {
    let Ok(code) = u16::try_from(u32::from(c)) else { return false };
    let at = ranges.partition_point(|(_, last)| *last < code);
    ranges.get(at).is_some_and(|(first, _)| *first <= code)
}
