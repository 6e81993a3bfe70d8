//! Lower case as Java 17 has it.
//!
//! It is Unicode 13's, and a capital sigma is final by the words that Java sees, not by Unicode's definition.

use super::sigma::{CASED, INVISIBLE, LETTERS, MARKS, MIDDLE, NUMBERS, Ranges};

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
    let before = text[..at].char_indices().rev().map(|(at, c)| {
        let kind = Kind::of(c);
        (kind, is_far(c) && !(at == 0 && kind == Kind::Cased))
    });
    let after = text[at + 'Σ'.len_utf8()..].chars().map(|c| match Kind::of(c) {
        kind if is_far(c) && kind != Kind::Cased => (Kind::Other, false),
        kind => (kind, false),
    });
    meets_cased(before, Way::Back) && !meets_cased(after, Way::Forth)
}

/// Beyond the basic plane. Java goes back by halves of such characters, and mostly takes them for the end of a word.
fn is_far(c: char) -> bool {
    c > '\u{ffff}'
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Back,
    Forth,
}

/// What a word has come to: its last character, or what it must go on with.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Edge {
    Letter,
    Number,
    /// On the way back, a mark: a letter or a number has to bear it.
    Mark,
    BeforeLetter,
    BeforeNumber,
}

/// Whether a cased letter comes before the word ends that a letter began. With each kind comes whether the character is far
/// enough to end it where no iota has to be borne.
fn meets_cased(kinds: impl Iterator<Item = (Kind, bool)>, way: Way) -> bool {
    // On the way back, an iota below is cased once something bears it.
    let (mut edge, mut iota) = (Edge::Letter, false);
    for (kind, far) in kinds {
        if far && !iota {
            return false;
        }
        let (letter, number) = (edge != Edge::BeforeNumber, edge != Edge::BeforeLetter);
        edge = match (kind, edge) {
            (Kind::Invisible, edge) => edge,
            (Kind::Cased, _) => return letter,
            (Kind::CasedNumber, _) => return number,
            (Kind::Letter, _) if letter && !iota => Edge::Letter,
            (Kind::Number, _) if number && !iota => Edge::Number,
            (Kind::Letter, _) => return letter,
            (Kind::Number, _) => return number,
            (Kind::Mark | Kind::Iota, edge) if way == Way::Back => {
                iota |= kind == Kind::Iota;
                if matches!(edge, Edge::Letter | Edge::Number) { Edge::Mark } else { edge }
            }
            (Kind::Mark, Edge::Letter | Edge::Number) => edge,
            (Kind::Iota, Edge::Letter | Edge::Number) => return true,
            (Kind::Middle | Kind::Point, Edge::Letter) => Edge::BeforeLetter,
            (Kind::Comma | Kind::Point, Edge::Number) => Edge::BeforeNumber,
            (Kind::Danda, Edge::Number) if way == Way::Back => Edge::BeforeLetter,
            (Kind::Danda, Edge::Letter) if way == Way::Forth => Edge::BeforeNumber,
            _ => return false,
        };
    }
    false
}

/// What a character is to the words around it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Cased,
    CasedNumber,
    Letter,
    Number,
    Mark,
    /// The mark that is a cased letter.
    Iota,
    Invisible,
    /// Joins letters.
    Middle,
    /// Joins letters, and joins numbers.
    Point,
    /// Joins numbers.
    Comma,
    /// Joins a letter to a number.
    Danda,
    Other,
}

impl Kind {
    fn of(c: char) -> Self {
        match c {
            '\u{345}' => Self::Iota,
            '"' | '\'' | '.' => Self::Point,
            ',' | '\u{66b}' => Self::Comma,
            '\u{964}' | '\u{965}' => Self::Danda,
            '\u{2160}'..='\u{217f}' => Self::CasedNumber,
            c if lies_in(CASED, c) => Self::Cased,
            c if lies_in(LETTERS, c) => Self::Letter,
            c if lies_in(NUMBERS, c) => Self::Number,
            c if lies_in(MARKS, c) => Self::Mark,
            c if lies_in(INVISIBLE, c) => Self::Invisible,
            c if lies_in(MIDDLE, c) => Self::Middle,
            _ => Self::Other,
        }
    }
}

fn lies_in(ranges: &Ranges, c: char) -> bool {
    let code = u32::from(c);
    let at = ranges.partition_point(|(_, last)| *last < code);
    ranges.get(at).is_some_and(|(first, _)| *first <= code)
}
