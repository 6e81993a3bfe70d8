//! The machine that reads the tables of the grammar.

use std::collections::HashSet;
use std::iter::Peekable;

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
    /// Nothing: a line ends.
    Line,
    /// Nothing: it is a token that is not scored.
    Punctuation,
    /// The word, all of it ASCII letters.
    Plain,
    /// The word, without soft hyphens.
    Word,
    /// The word and a full stop, which is also what follows.
    Stopped,
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

/// How far a match may run on in vain before the places it came by are remembered.
const PATIENCE: usize = 64;

/// The words in one piece that are two.
const CONTRACTIONS: [&str; 6] = ["cannot", "gimme", "gonna", "gotta", "lemme", "wanna"];

/// One caption on its way into tokens.
pub(super) struct Lexer<'a, Following: Iterator> {
    text: &'a str,
    /// The captions that follow, as far as they have not been looked at.
    following: Peekable<Following>,
    /// What follows the text, as far as it has been looked at: `\n` before every caption.
    tail: String,
    at: usize,
    /// Whether a line ended in the text. Then nothing follows it.
    alone: bool,
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

/// The column at `at` and how many bytes it takes; `None` behind the end.
fn look(text: &str, at: usize) -> Option<(u8, usize)> {
    match *text.as_bytes().get(at)? {
        byte if byte < 0x80 => Some((PAGES[0][usize::from(byte)], 1)),
        _ if !text.is_char_boundary(at) => Some((BEYOND, 2)),
        _ => {
            let c = text[at..].chars().next()?;
            // Beyond the basic plane, the grammar counts a character as two.
            Some((column(c), if c.len_utf8() == 4 { 2 } else { c.len_utf8() }))
        }
    }
}

impl<'a, 'f, Following: Iterator<Item = &'f str>> Lexer<'a, Following> {
    /// The first `begun` bytes of the text are no longer of interest.
    pub(super) fn new(text: &'a str, begun: usize, following: Following) -> Self {
        Self {
            text,
            following: following.peekable(),
            tail: String::new(),
            at: begun,
            alone: false,
            vain: HashSet::new(),
        }
    }

    /// The next token and what becomes of it. The last may end in a later line; then this is its part in the text.
    #[inline]
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
        let text = &self.text[start..end.min(self.text.len())];
        self.alone |= action == Action::Line;
        Some((text, action))
    }

    /// How many bytes of what follows belong to the last token, the end of the text's own line counted.
    pub(super) fn run_on(&self) -> usize {
        self.at.saturating_sub(self.text.len())
    }

    /// Where the word of ASCII letters ends that begins at `start`, if a space or the end of the caption follows it: no
    /// rule makes anything else of it. Most of all text is such words.
    #[inline]
    fn plain_word(&self, start: usize) -> Option<usize> {
        let rest = &self.text.as_bytes()[start..];
        let length = rest.iter().position(|byte| !byte.is_ascii_alphabetic()).unwrap_or(rest.len());
        let alone = length > 0 && rest.get(length).is_none_or(|&byte| byte == b' ');
        let contraction = || CONTRACTIONS.iter().any(|known| known.as_bytes().eq_ignore_ascii_case(&rest[..length]));
        (alone && !((5..=6).contains(&length) && contraction())).then_some(start + length)
    }

    /// The column at `at` and how many bytes it takes; `None` where all text ends.
    fn look(&mut self, at: usize) -> Option<(u8, usize)> {
        match self.text.as_bytes().get(at) {
            Some(b'\n') => Some((PAGES[0][usize::from(b' ')], 1)),
            Some(&byte) if byte < 0x80 => Some((PAGES[0][usize::from(byte)], 1)),
            Some(_) => look(self.text, at),
            None => self.look_behind(at - self.text.len()),
        }
    }

    /// The same for what follows the text.
    fn look_behind(&mut self, at: usize) -> Option<(u8, usize)> {
        if self.alone {
            return None;
        }
        if at == 0 {
            // Most rules look no farther.
            return (!self.tail.is_empty() || self.following.peek().is_some()).then_some((column('\n'), 1));
        }
        while self.tail.len() <= at {
            let caption = self.following.next()?;
            self.tail.push('\n');
            self.tail.extend(caption.chars().map(|c| if c == '\n' { ' ' } else { c }));
        }
        look(&self.tail, at)
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
            (_, 0) => {
                let size = self.look(start).map_or(1, |(_, size)| size);
                (self.whole(start + size), Action::Skip)
            }
            (end, rule) => {
                let rule = &RULES[usize::from(rule) - 1];
                let end = self.cut(start, end, rule.cut);
                (self.whole(end), rule.action)
            }
        }
    }

    /// Where the token ends that was matched together with what follows.
    fn cut(&mut self, start: usize, end: usize, cut: Cut) -> usize {
        match cut {
            Cut::Nowhere => end,
            Cut::Back(count) => (0..count).fold(end, |at, _| self.back(at)),
            Cut::After(count) => (0..count).fold(start, |at, _| self.look(at).map_or(at, |(_, size)| at + size)),
        }
    }

    /// One sign before `at`.
    fn back(&self, at: usize) -> usize {
        let (text, end) = match at.checked_sub(self.text.len()) {
            Some(behind @ 1..) => (self.tail.as_str(), behind),
            _ => (self.text, at),
        };
        match text.get(..end).map(|before| before.chars().next_back().map_or(1, char::len_utf8)) {
            // Beyond the basic plane, or within such a character.
            Some(4) | None => at - 2,
            Some(size) => at - size,
        }
    }

    /// No token ends within a character.
    fn whole(&self, end: usize) -> usize {
        if end >= self.text.len() || self.text.is_char_boundary(end) { end } else { end + 2 }
    }
}
