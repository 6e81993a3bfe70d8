//! The machine that reads the tables of the grammar.

use std::collections::HashSet;

/// Where a token ends that was matched together with what follows it.
#[derive(Clone, Copy)]
enum Cut {
    /// It is all that was matched.
    Nowhere,
    /// Before the last so many characters.
    Back(u8),
    /// After the first so many characters.
    After(u8),
}

/// What is written for a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    /// Nothing: it is no token.
    Skip,
    /// Nothing: it is a token that is not scored.
    Punctuation,
    /// The word, all of it ASCII letters.
    Plain,
    /// The word, without soft hyphens.
    Word,
    /// The word, its apostrophe made plain.
    Clitic,
    /// Quotation marks, made plain.
    Quotes,
    /// The text as it is, blanks made unbreakable.
    Verbatim,
    /// The same, round brackets written out.
    Brackets,
    /// Always the same.
    Text(&'static str),
}

struct Rule {
    cut: Cut,
    action: Action,
}

include!(concat!(env!("OUT_DIR"), "/tables.rs"));

/// How far rules look into the next line: over the line's end, the longest word that can begin a sentence, and its end.
const TAIL: usize = 1 + "additionally".len() + 1;

/// How far a match may run on in vain before the places it came by are remembered.
const PATIENCE: usize = 64;

/// The words in one piece that are two.
const CONTRACTIONS: [&str; 6] = ["cannot", "gimme", "gonna", "gotta", "lemme", "wanna"];

/// One caption on its way into tokens.
pub(super) struct Lexer<'a> {
    text: &'a str,
    /// The columns of what follows the text.
    tail: [u8; TAIL],
    at: usize,
    /// States and places from which nothing is matched any more: without them, text such as `<a <a <a` takes quadratic time.
    vain: HashSet<(u16, usize)>,
}

/// The table's column for a character.
fn column(c: char) -> u8 {
    match u32::from(c) {
        code @ ..0x1_0000 => PAGES[usize::from(PAGE_OF[code as usize >> 8])][code as usize & 0xff],
        _ => BEYOND,
    }
}

impl<'a> Lexer<'a> {
    /// `following` is what the next line holds, `None` where there is none.
    pub(super) fn new(text: &'a str, following: Option<&str>) -> Self {
        let mut tail = [END; TAIL];
        if let Some(following) = following {
            let signs = std::iter::once('\n').chain(following.chars()).chain(std::iter::repeat('\n'));
            tail.iter_mut().zip(signs).for_each(|(column, sign)| *column = self::column(sign));
        }
        Self { text, tail, at: 0, vain: HashSet::new() }
    }

    /// The next token and what becomes of it.
    pub(super) fn token(&mut self) -> Option<(&'a str, Action)> {
        if let Some([b' ', b'!'..=b'~', ..]) = self.text.as_bytes().get(self.at..) {
            self.at += 1;
        }
        if self.at >= self.text.len() {
            return None;
        }
        let start = self.at;
        let (end, action) = self.plain_word(start).map_or_else(|| self.longest(start), |end| (end, Action::Plain));
        self.at = end;
        Some((&self.text[start..end.min(self.text.len())], action))
    }

    /// Where the word of ASCII letters ends that begins at `start`, if a space or the end of the caption follows it: no
    /// rule makes anything else of it. Most of all text is such words.
    fn plain_word(&self, start: usize) -> Option<usize> {
        let rest = &self.text.as_bytes()[start..];
        let length = rest.iter().position(|byte| !byte.is_ascii_alphabetic()).unwrap_or(rest.len());
        let alone = length > 0 && rest.get(length).is_none_or(|&byte| byte == b' ');
        let contraction = || CONTRACTIONS.iter().any(|known| known.as_bytes().eq_ignore_ascii_case(&rest[..length]));
        (alone && !((5..=6).contains(&length) && contraction())).then_some(start + length)
    }

    /// The column at `at` and how many bytes it takes; `None` at the end.
    fn look(&self, at: usize) -> Option<(u8, usize)> {
        let bytes = self.text.as_bytes();
        match bytes.get(at) {
            Some(b'\n') => Some((PAGES[0][usize::from(b' ')], 1)),
            Some(&byte) if byte < 0x80 => Some((PAGES[0][usize::from(byte)], 1)),
            Some(_) if !self.text.is_char_boundary(at) => Some((BEYOND, 2)),
            Some(_) => {
                let c = self.text[at..].chars().next()?;
                // Beyond the basic plane, the grammar counts a character as two.
                Some((column(c), if c.len_utf8() == 4 { 2 } else { c.len_utf8() }))
            }
            None => self.tail.get(at - bytes.len()).map(|&column| (column, 1)),
        }
    }

    /// Where the token ends that begins at `start`, and what becomes of it.
    fn longest(&mut self, start: usize) -> (usize, Action) {
        let mut found = (start, 0);
        let (mut state, mut at) = (1_u16, start);
        let mut places = Vec::new();
        let mut next_place = (start / PATIENCE + 2) * PATIENCE;
        while let Some((column, size)) = self.look(at) {
            state = NEXT[usize::from(state) * WIDTH + usize::from(column)];
            if state == 0 {
                break;
            }
            at += size;
            let accepted = ACCEPTS[usize::from(state)];
            if accepted != 0 {
                found = (at, accepted);
                places.clear();
                next_place = (at / PATIENCE + 2) * PATIENCE;
            } else if at >= next_place {
                // Matches look at the same places, wherever they began.
                next_place = (at / PATIENCE + 1) * PATIENCE;
                if self.vain.contains(&(state, at)) {
                    break;
                }
                places.push((state, at));
            }
        }
        self.vain.extend(places);
        match found {
            (_, 0) => (self.whole(start + self.look(start).map_or(1, |(_, size)| size)), Action::Skip),
            (end, rule) => {
                let rule = &RULES[usize::from(rule) - 1];
                (self.whole(self.cut(start, end, rule.cut)), rule.action)
            }
        }
    }

    /// Where the token ends that was matched together with what follows.
    fn cut(&self, start: usize, end: usize, cut: Cut) -> usize {
        match cut {
            Cut::Nowhere => end,
            Cut::Back(count) => (0..count).fold(end, |at, _| self.back(at)),
            Cut::After(count) => (0..count).fold(start, |at, _| self.look(at).map_or(at, |(_, size)| at + size)),
        }
    }

    /// One sign before `at`.
    fn back(&self, at: usize) -> usize {
        match self.text.get(..at).map(|before| before.chars().next_back().map_or(1, char::len_utf8)) {
            Some(4) => at - 2,
            Some(size) => at - size,
            // Within a character of four bytes, or behind the text.
            None if at < self.text.len() => at - 2,
            None => at - 1,
        }
    }

    /// No token ends within a character.
    fn whole(&self, end: usize) -> usize {
        if end >= self.text.len() || self.text.is_char_boundary(end) { end } else { end + 2 }
    }
}
