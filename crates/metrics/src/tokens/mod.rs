//! A caption as the words that are scored.
//!
//! Scores are comparable only over equal words, and the field's are those of pycocoevalcap 1.2: the tokens of Stanford's
//! PTBTokenizer (CoreNLP 3.4.1, options `-preserveLines -lowerCase`), minus a list of punctuation. That list is in upper
//! case, so the lower-cased `-lrb-` of a bracket survives it. Here are the same tokens, string for string. The rules stand
//! in `rules.lex`, in the notation of lexer generators, and the kinds of characters in `classes.txt`; both were found by
//! asking that program what it makes of strings, and are checked against it by `recipes/tokenizer_fuzz.py`. The crate's
//! build script turns them into one automaton, which [`Lexer`] runs: every rule at once, the longest match first.
//!
//! A caption that holds line ends itself is read as pycocoevalcap reads it alone, whatever follows it: `\n` is a space, and what
//! other ends of lines part stays apart.

mod lexer;
mod lower;
mod sigma;

use lexer::{Action, Lexer};
use lower::push_lower;

/// What is not scored: pycocoevalcap's list, and what is no token.
const PUNCTUATION: [&str; 14] = ["", "''", "'", "``", "`", ".", "?", "!", ",", ":", "-", "--", "...", ";"];

/// Splits a caption into the lower-case words that are scored, punctuation left out.
///
/// ```
/// let words = nid_metrics::tokens("The dogs can't sit (still) at 5 1/2 a.m.!");
/// assert_eq!(words, ["the", "dogs", "ca", "n't", "sit", "-lrb-", "still", "-rrb-", "at", "5\u{a0}1/2", "a.m."]);
/// ```
pub fn tokens(caption: &str) -> Vec<String> {
    let mut words = String::with_capacity(caption.len());
    tokenize(caption, &mut words);
    if words.is_empty() { Vec::new() } else { words.split(' ').map(str::to_owned).collect() }
}

/// Adds the [`tokens()`] of a caption to `out`, single spaces between them. No token holds a space.
pub fn tokenize(caption: &str, out: &mut String) {
    tokenize_before(caption, None, out);
}

/// Adds the tokens that a caption has where other ones follow it in a file.
///
/// The field's tokenizer reads a file of captions, one a line, and looks over the end of the line: a last word `no.` keeps
/// its full stop before a number, and a last `A.` loses it before `The man`, however many empty lines lie between. No more
/// of the `following` captions are asked for than are looked at, mostly none. Where there are none, `caption` is the last, whose
/// line has no end either, so that `:D` is not seen to end there and falls into two.
///
/// ```
/// let mut out = String::new();
/// nid_metrics::tokenize_before("vitamin A.", ["", "The man"], &mut out);
/// assert_eq!(out, "vitamin a");
/// ```
pub fn tokenize_before<'f>(caption: &str, following: impl IntoIterator<Item = &'f str>, out: &mut String) {
    tokenize_between(caption, 0, following, out);
}

/// Adds the tokens that a caption has within a file, and returns how much of the next caption belongs to the last of them.
///
/// One token may run on over the ends of lines: markup with a quoted attribute that is closed in a later one. `begun` is how
/// many bytes of this caption, and of those after it, belong to a token from before; each end of a line counts as a byte. Where
/// it is not 0, that part of the caption is a word by itself.
///
/// ```
/// let mut out = String::new();
/// let begun = nid_metrics::tokenize_between("a <b c=\"d", 0, ["e\"> f"], &mut out);
/// assert_eq!((out.as_str(), begun), ("a <b\u{a0}c=\"d", "e\">".len()));
/// out.clear();
/// assert_eq!(nid_metrics::tokenize_between("e\"> f", begun, [], &mut out), 0);
/// assert_eq!(out, "e\"> f");
/// ```
pub fn tokenize_between<'f>(
    caption: &str,
    begun: usize,
    following: impl IntoIterator<Item = &'f str>,
    out: &mut String,
) -> usize {
    let within = caption.get(..begun).unwrap_or(caption);
    let mut writer = Writer::new(out);
    if begun > 0 {
        writer.add(if begun < caption.len() { within } else { trimmed(within) }, Action::Verbatim);
    }
    let mut lexer = Lexer::new(caption, within.len(), following.into_iter());
    while let Some((text, action)) = lexer.token() {
        writer.add(text, action);
    }
    writer.end_line();
    // The end of this line is part of the token.
    let over = begun.saturating_sub(caption.len()).max(lexer.run_on());
    over.saturating_sub(1)
}

/// Joins tokens by single spaces and leaves out what is not scored.
struct Writer<'a> {
    out: &'a mut String,
    begin: usize,
    /// Where the tokens that are scored end.
    end: usize,
    /// Whether the last of all tokens is one of them.
    last: bool,
}

impl<'a> Writer<'a> {
    fn new(out: &'a mut String) -> Self {
        let begin = out.len();
        Self { out, begin, end: begin, last: false }
    }

    #[inline]
    fn add(&mut self, text: &str, action: Action) {
        match action {
            Action::Skip => return,
            Action::Line => return self.end_line(),
            _ => {}
        }
        if self.end > self.begin {
            self.out.push(' ');
        }
        let start = self.out.len();
        write(text, action, self.out);
        self.last = action == Action::Plain || !PUNCTUATION.contains(&&self.out[start..]);
        if self.last {
            self.end = self.out.len();
        } else {
            self.out.truncate(self.end);
        }
    }

    /// Some tokens hold white space, and pycocoevalcap strips it off the end of the line.
    fn end_line(&mut self) {
        if self.last {
            self.end = self.begin + trimmed(&self.out[self.begin..]).len();
            self.out.truncate(self.end);
        }
    }
}

/// Without what Python strips off the end of a line.
fn trimmed(text: &str) -> &str {
    text.trim_end_matches(|c: char| c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c))
}

/// Adds what is scored for `text`.
#[inline]
fn write(text: &str, action: Action, out: &mut String) {
    match action {
        Action::Skip | Action::Line | Action::Punctuation => {}
        Action::Text(text) => out.push_str(text),
        Action::Plain => {
            let start = out.len();
            out.push_str(text);
            out[start..].make_ascii_lowercase();
        }
        Action::Word if text.contains(['\u{ad}', '&']) => {
            let mut word = String::with_capacity(text.len());
            push_lower(&text.replace('\u{ad}', ""), &mut word);
            out.push_str(&word.replace("&amp;", "&"));
        }
        Action::Word => push_lower(text, out),
        Action::Stopped => {
            push_lower(text, out);
            out.push('.');
        }
        Action::Clitic => push_lower(&plain_quotes(&text.replace("&apos;", "'")), out),
        Action::Quotes => out.push_str(&plain_quotes(text)),
        Action::Verbatim => push_lower(&text.replace(['\n', ' '], "\u{a0}"), out),
        Action::Brackets => {
            let text = text.replace(['\n', ' '], "\u{a0}").replace('(', "-lrb-").replace(')', "-rrb-");
            push_lower(&text, out);
        }
    }
}

/// Quotation marks as those of the Penn Treebank.
fn plain_quotes(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\u{91}' | '\u{2018}' | '\u{201b}' | '\u{2039}' => plain.push('`'),
            '\u{92}' | '\u{2019}' | '\u{203a}' => plain.push('\''),
            '\u{93}' | '\u{201c}' | '\u{ab}' => plain.push_str("``"),
            '\u{94}' | '\u{201d}' | '\u{bb}' => plain.push_str("''"),
            c => plain.push(c),
        }
    }
    plain
}
