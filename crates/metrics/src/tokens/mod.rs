//! A caption as the words that are scored.
//!
//! Scores are comparable only over equal words, and the field's are those of pycocoevalcap 1.2: the tokens of Stanford's
//! PTBTokenizer (CoreNLP 3.4.1, options `-preserveLines -lowerCase`), minus a list of punctuation. That list is in upper
//! case, so the lower-cased `-lrb-` of a bracket survives it. Here are the same tokens, string for string. The rules stand
//! in `rules.lex`, in the notation of lexer generators, and the kinds of characters in `classes.txt`; both were found by
//! asking that program what it makes of strings, and are checked against it by `recipes/tokenizer_fuzz.py`. The crate's
//! build script turns them into one automaton, which [`Lexer`] runs: every rule at once, the longest match first.
//!
//! A caption that holds line ends itself is read as pycocoevalcap reads it alone: `\n` is a space, and what other ends of
//! lines part stays apart.

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

/// Adds the tokens that a caption has where another one follows it in a file.
///
/// The field's tokenizer reads a file of captions, one a line, and looks over the end of the line: a last word `no.` keeps
/// its full stop before a number, and a last `A.` loses it before `The man`. Without a `following` line, `caption` is the
/// last, whose line has no end either, so that `:D` is not seen to end there and falls into two. One difference remains:
/// a quotation mark that opens within markup (`<a b="`) is closed by none in a later line.
///
/// ```
/// let mut out = String::new();
/// nid_metrics::tokenize_before("vitamin A.", Some("The man"), &mut out);
/// assert_eq!(out, "vitamin a");
/// ```
pub fn tokenize_before(caption: &str, following: Option<&str>, out: &mut String) {
    let begin = out.len();
    // Where the tokens that are scored end, and whether the last of all tokens is one of them.
    let (mut end, mut last) = (begin, false);
    let mut lexer = Lexer::new(caption, following);
    while let Some((text, action)) = lexer.token() {
        if action == Action::Skip {
            continue;
        }
        if end > begin {
            out.push(' ');
        }
        let start = out.len();
        write(text, action, out);
        last = action == Action::Plain || !PUNCTUATION.contains(&&out[start..]);
        if last {
            end = out.len();
        } else {
            out.truncate(end);
        }
    }
    if last {
        // Some tokens hold white space, and pycocoevalcap strips it off the end of the line.
        let kept =
            out[begin..].trim_end_matches(|c: char| c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c)).len();
        out.truncate(begin + kept);
    }
}

/// Adds what is scored for `text`.
fn write(text: &str, action: Action, out: &mut String) {
    match action {
        Action::Skip | Action::Punctuation => {}
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
