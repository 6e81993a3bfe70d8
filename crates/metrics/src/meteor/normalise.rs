//! METEOR's own tokens.
//!
//! METEOR takes a sentence apart once more before it compares anything (its option `-norm`), also when the sentence
//! is made of Penn Treebank tokens already: hyphenated words part (`t-shirt` is two words), clitics come off at the
//! apostrophe (`n't` is `n` and `'t`), acronyms lose their full stops (`u.s.` is `us`), quotes and dashes have one
//! spelling. The rules, and the order in which they see each other's work, were found by experiment; they are those
//! of the tokenizers that translation systems were trained with, one replacement after another over the whole line.

use super::table::{Prefix, Table};

/// Stands for a full stop in a run of them, so that no later rule takes it for the end of a word.
const STOP_IN_A_RUN: char = '\u{e000}';

/// Whether the tokens of a text may be normalised one by one.
///
/// The rules look no further than the neighbours of a sign, and at what was between two of them. So they may where all
/// signs are apostrophes and hyphens, and no two of these stand on both sides of a space.
pub(super) fn parts_stand_alone(text: &str) -> bool {
    let is_sign = |byte: u8| matches!(byte, b'\'' | b'-');
    let (mut last, mut before) = (b' ', b' ');
    text.bytes().all(|byte| {
        let apart = !(is_sign(byte) && last == b' ' && is_sign(before));
        (before, last) = (last, byte);
        apart && (matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b' ') || is_sign(byte))
    })
}

/// Writes the tokens of `text` into `tokens`, in lower case and with single spaces between them.
pub(super) fn normalise(text: &str, table: &Table<'_>, tokens: &mut String) {
    tokens.clear();
    if text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b' ')) {
        tokens.push_str(text);
        return;
    }
    let line = parted(text);
    let words: Vec<&str> = line.split([' ', '\n']).filter(|word| !word.is_empty()).collect();
    let mut joined = String::with_capacity(line.len() + 2);
    for (position, word) in words.iter().enumerate() {
        push_word(word, words.get(position + 1).copied(), table, &mut joined);
        joined.push(' ');
    }
    let plain = joined.chars().map(|c| match c {
        STOP_IN_A_RUN => '.',
        c if is_wide_space(c) => ' ',
        c => c,
    });
    let plain: String = plain.collect();
    tokens.push_str(plain.trim_matches(|c| c <= ' '));
    // A character at a time, without the rule for a sigma at the end of a word: no word holds two Greek letters here.
    let lower: String = tokens.chars().flat_map(char::to_lowercase).collect();
    *tokens = lower;
}

/// The line with spaces wherever two tokens part, full stops at the ends of words aside.
fn parted(text: &str) -> String {
    let mut line = vec![' '];
    for c in text.chars() {
        match c {
            '\t' | '\u{c}' => line.push(' '),
            '`' | '\u{2018}' | '\u{2019}' => line.push('\''),
            c => line.push(c),
        }
    }
    line.push(' ');
    let line = pairs(&line, '\'', '"');
    let line = apart(&stops(&symbols(&line)));
    let line: Vec<char> = pairs(&line, '-', '-');
    let line = between(&line, '-', |c| is_alphanumeric(c) || c == '.', is_alphanumeric, " ");
    let line = between(&line, '\'', |c| !is_letter(c), |c| !is_letter(c), " ' ");
    let line = between(&line, '\'', |c| !is_alphanumeric(c), is_letter, " ' ");
    let line = between(&line, '\'', is_letter, |c| !is_letter(c), " ' ");
    let line = between(&line, '\'', is_letter, is_letter, " '");
    let line = between(&line, '\'', |c| c.is_ascii_digit(), |c| c == 's', " '");
    line.into_iter().collect()
}

/// Commas part from what is around them, except between digits.
fn apart(line: &[char]) -> Vec<char> {
    let digit = |c: char| c.is_ascii_digit();
    let line = between(line, ',', |c| !digit(c), |c| !digit(c), " , ");
    let line = between(&line, ',', digit, |c| !digit(c), " , ");
    between(&line, ',', |c| !digit(c), digit, " , ")
}

/// Two signs in a row become one other.
fn pairs(line: &[char], sign: char, one: char) -> Vec<char> {
    let mut out = Vec::with_capacity(line.len());
    let mut at = 0;
    while at < line.len() {
        let pair = line[at] == sign && line.get(at + 1) == Some(&sign);
        out.push(if pair { one } else { line[at] });
        at += 1 + usize::from(pair);
    }
    out
}

/// Every character that is no letter, digit or one of `.'-,` stands alone.
fn symbols(line: &[char]) -> Vec<char> {
    let mut out = Vec::with_capacity(2 * line.len());
    for &c in line {
        match c {
            ' ' | '\u{b}' | '.' | '\'' | ',' | '-' => out.push(c),
            '\u{201c}' | '\u{201d}' => out.extend([' ', '"', ' ']),
            '\u{2013}' => out.extend([' ', '-', ' ']),
            c if is_alphanumeric(c) => out.push(c),
            c => out.extend([' ', c, ' ']),
        }
    }
    out
}

/// Two full stops or more are a token of their own.
fn stops(line: &[char]) -> Vec<char> {
    let mut out = Vec::with_capacity(line.len());
    for run in line.chunk_by(|a, b| *a == '.' && *b == '.') {
        if run.len() < 2 {
            out.extend(run);
        } else {
            out.push(' ');
            out.extend(run.iter().map(|_| STOP_IN_A_RUN));
            out.push(' ');
        }
    }
    out
}

/// Replaces `sign` where it stands between two characters of the kinds given. The character after it is then
/// spent: it does not count as standing before the next sign.
fn between(
    line: &[char],
    sign: char,
    before: impl Fn(char) -> bool,
    after: impl Fn(char) -> bool,
    with: &str,
) -> Vec<char> {
    let mut out = Vec::with_capacity(line.len() + 8);
    let mut at = 0;
    while at < line.len() {
        match line[at..] {
            [left, middle, right, ..] if middle == sign && before(left) && after(right) => {
                out.push(left);
                out.extend(with.chars());
                out.push(right);
                at += 3;
            }
            _ => {
                out.push(line[at]);
                at += 1;
            }
        }
    }
    out
}

/// Adds a word, its full stop taken off, kept, or left out with the others of an acronym.
fn push_word(word: &str, next: Option<&str>, table: &Table<'_>, out: &mut String) {
    let Some(stem) = word.strip_suffix('.').filter(|stem| !stem.is_empty()) else {
        out.push_str(word);
        return;
    };
    let begins = |matches: fn(&u8) -> bool| next.and_then(|next| next.as_bytes().first()).is_some_and(matches);
    let dotted = stem.contains('.');
    let prefix = table.prefix(stem);
    if prefix == Some(Prefix::Always) && !dotted {
        out.push_str(word);
    } else if dotted && stem.chars().any(is_letter) {
        out.extend(stem.chars().filter(|&c| c != '.'));
    } else if prefix == Some(Prefix::BeforeNumbers) && begins(u8::is_ascii_digit) || begins(u8::is_ascii_lowercase) {
        out.push_str(word);
    } else {
        out.push_str(stem);
        out.push_str(" .");
    }
}

/// The letters that words are made of: Latin up to U+017E, Cyrillic and phonetic extensions, no others.
fn is_letter(c: char) -> bool {
    matches!(c,
        'a'..='z' | 'A'..='Z' | '\u{c0}'..='\u{d6}' | '\u{d8}'..='\u{f6}' | '\u{f8}'..='\u{17e}'
        | '\u{400}'..='\u{527}' | '\u{1d00}'..='\u{1d7f}' | '\u{a640}'..='\u{a66e}' | '\u{a67e}'..='\u{a697}')
}

fn is_alphanumeric(c: char) -> bool {
    is_letter(c) || c.is_ascii_digit()
}

/// Spaces other than the ASCII ones: symbols until the end, and only then spaces.
fn is_wide_space(c: char) -> bool {
    matches!(c, '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::meteor::Sources;

    proptest! {
        #[test]
        fn tokens_that_stand_alone_are_normalised_as_in_their_sentence(text in "[ab1s '-]{0,24}") {
            let sources =
                Sources { function_words: b"", prefixes: b"", synsets: b"", exceptions: b"", paraphrases: &b""[..] };
            let bytes = Table::compile(sources).unwrap();
            let table = Table::open(&bytes).unwrap();
            let normalised = |text: &str| {
                let mut tokens = String::new();
                normalise(text, &table, &mut tokens);
                tokens.split(' ').filter(|token| !token.is_empty()).map(str::to_owned).collect::<Vec<_>>()
            };
            if !parts_stand_alone(&text) {
                return Ok(());
            }
            let alone: Vec<String> = text.split(' ').flat_map(normalised).collect();
            prop_assert_eq!(normalised(&text), alone);
        }
    }
}
