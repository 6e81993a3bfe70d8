//! Reads the regular expressions of a grammar into trees.
//!
//! The notation is that of lexer generators: `"text"` as it is, `i"text"` in any case, `[a-z]` and `[^a-z]` sets of
//! signs, `<name>` a class of characters beyond ASCII (inside and outside of sets), `{name}` an earlier definition,
//! `( )`, `|`, `*`, `+`, `?`, `{2,4}`. Blanks count only inside of quotes and sets.

use std::collections::HashMap;

/// How many kinds of signs there are: the ASCII characters, then the classes.
pub(crate) const SIGNS: usize = 256;

/// A set of signs.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Set(pub(crate) [u128; 2]);

impl Set {
    pub(crate) const EMPTY: Self = Self([0; 2]);

    pub(crate) fn with(mut self, sign: usize) -> Self {
        self.0[sign / 128] |= 1 << (sign % 128);
        self
    }

    pub(crate) fn has(&self, sign: usize) -> bool {
        self.0[sign / 128] >> (sign % 128) & 1 == 1
    }

    fn or(self, other: Self) -> Self {
        Self([self.0[0] | other.0[0], self.0[1] | other.0[1]])
    }
}

/// A regular expression.
#[derive(Clone)]
pub(crate) enum Regex {
    One(Set),
    Sequence(Vec<Regex>),
    Either(Vec<Regex>),
    /// At least so often, at most so often (`None`: without end).
    Repeat(Box<Regex>, usize, Option<usize>),
}

impl Regex {
    /// The number of signs it matches, if that is always the same.
    pub(crate) fn length(&self) -> Option<usize> {
        match self {
            Self::One(_) => Some(1),
            Self::Sequence(parts) => parts.iter().map(Self::length).sum(),
            Self::Either(parts) => {
                let first = parts.first()?.length()?;
                parts.iter().all(|part| part.length() == Some(first)).then_some(first)
            }
            Self::Repeat(part, least, most) => (*most == Some(*least)).then(|| part.length().map(|n| n * least))?,
        }
    }
}

/// What names stand for while a grammar is read.
pub(crate) struct Names<'a> {
    pub(crate) classes: &'a [String],
    pub(crate) definitions: HashMap<String, Regex>,
}

/// Reads one expression.
///
/// # Panics
///
/// Says where the expression is wrong: this runs while the crate is built.
pub(crate) fn parse(text: &str, names: &Names<'_>) -> Regex {
    let mut parser = Parser { text: text.chars().collect(), at: 0, names };
    let regex = parser.either();
    assert!(parser.at == parser.text.len(), "unexpected {:?} at {} in {text}", parser.text[parser.at], parser.at);
    regex
}

struct Parser<'a> {
    text: Vec<char>,
    at: usize,
    names: &'a Names<'a>,
}

impl Parser<'_> {
    fn peek(&mut self) -> Option<char> {
        while self.text.get(self.at).is_some_and(|c| c.is_whitespace()) {
            self.at += 1;
        }
        self.text.get(self.at).copied()
    }

    fn take(&mut self) -> char {
        let c = *self.text.get(self.at).unwrap_or_else(|| panic!("{} ends too early", String::from_iter(&self.text)));
        self.at += 1;
        c
    }

    fn until(&mut self, end: char) -> String {
        let mut taken = String::new();
        loop {
            match self.take() {
                c if c == end => return taken,
                c => taken.push(c),
            }
        }
    }

    fn either(&mut self) -> Regex {
        let mut parts = vec![self.sequence()];
        while self.peek() == Some('|') {
            self.at += 1;
            parts.push(self.sequence());
        }
        if parts.len() == 1 { parts.remove(0) } else { Regex::Either(parts) }
    }

    fn sequence(&mut self) -> Regex {
        let mut parts = Vec::new();
        while let Some(c) = self.peek() {
            if matches!(c, '|' | ')') {
                break;
            }
            let part = self.part();
            parts.push(self.repeated(part));
        }
        if parts.len() == 1 { parts.remove(0) } else { Regex::Sequence(parts) }
    }

    fn repeated(&mut self, part: Regex) -> Regex {
        let (least, most) = match self.peek() {
            Some('*') => (0, None),
            Some('+') => (1, None),
            Some('?') => (0, Some(1)),
            Some('{') if self.text.get(self.at + 1).is_some_and(char::is_ascii_digit) => {
                self.at += 1;
                let range = self.until('}');
                self.at -= 1;
                let number = |text: &str| text.trim().parse().unwrap_or_else(|_| panic!("{range} is no range"));
                match range.split_once(',') {
                    None => (number(&range), Some(number(&range))),
                    Some((least, most)) => (number(least), (!most.trim().is_empty()).then(|| number(most))),
                }
            }
            _ => return part,
        };
        self.at += 1;
        self.repeated(Regex::Repeat(Box::new(part), least, most))
    }

    fn part(&mut self) -> Regex {
        match self.take() {
            '(' => {
                let inner = self.either();
                assert!(self.peek() == Some(')'), "a bracket is open in {}", String::from_iter(&self.text));
                self.at += 1;
                inner
            }
            '{' => {
                let name = self.until('}');
                let definition = self.names.definitions.get(&name);
                definition.unwrap_or_else(|| panic!("nothing is defined as {name}")).clone()
            }
            '<' => Regex::One(self.class()),
            '[' => Regex::One(self.set()),
            '"' => self.quoted(false),
            'i' if self.text.get(self.at) == Some(&'"') => {
                self.at += 1;
                self.quoted(true)
            }
            other => panic!("unexpected {other:?} in {}", String::from_iter(&self.text)),
        }
    }

    fn class(&mut self) -> Set {
        let name = self.until('>');
        self.named(&name)
    }

    fn named(&self, name: &str) -> Set {
        let found = self.names.classes.iter().position(|class| *class == name);
        Set::EMPTY.with(128 + found.unwrap_or_else(|| panic!("there is no class {name}")))
    }

    fn sign(&mut self) -> usize {
        let c = match self.take() {
            '\\' => match self.take() {
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                'v' => '\u{b}',
                'f' => '\u{c}',
                'x' => {
                    let digits = String::from_iter([self.take(), self.take()]);
                    let code = u8::from_str_radix(&digits, 16);
                    char::from(code.unwrap_or_else(|_| panic!("{digits} is no code")))
                }
                other => other,
            },
            c => c,
        };
        assert!(c.is_ascii(), "{c:?} needs a class");
        c as usize
    }

    fn set(&mut self) -> Set {
        let negated = self.text.get(self.at) == Some(&'^');
        self.at += usize::from(negated);
        let mut set = Set::EMPTY;
        loop {
            match self.text.get(self.at) {
                Some(']') => break,
                Some('<') => {
                    self.at += 1;
                    set = set.or(self.class());
                }
                _ => {
                    let first = self.sign();
                    let mut last = first;
                    if self.text.get(self.at) == Some(&'-') && self.text.get(self.at + 1) != Some(&']') {
                        self.at += 1;
                        last = self.sign();
                    }
                    set = (first..=last).fold(set, Set::with);
                }
            }
        }
        self.at += 1;
        if negated {
            (0..128 + self.names.classes.len()).filter(|sign| !set.has(*sign)).fold(Set::EMPTY, Set::with)
        } else {
            set
        }
    }

    fn quoted(&mut self, any_case: bool) -> Regex {
        let mut parts = Vec::new();
        while self.text.get(self.at) != Some(&'"') {
            let sign = self.sign();
            let mut set = Set::EMPTY.with(sign);
            if any_case {
                let c = sign as u8;
                set = set.with(c.to_ascii_lowercase().into()).with(c.to_ascii_uppercase().into());
                // These are an s, a k and an i to whom case is nothing.
                let alike = [('s', "longs"), ('k', "kelvin"), ('i', "dotless"), ('i', "dotted")];
                for (_, class) in alike.into_iter().filter(|(letter, _)| c.eq_ignore_ascii_case(&(*letter as u8))) {
                    set = set.or(self.named(class));
                }
            }
            parts.push(Regex::One(set));
        }
        self.at += 1;
        if parts.len() == 1 { parts.remove(0) } else { Regex::Sequence(parts) }
    }
}
