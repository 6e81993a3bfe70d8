//! A caption as the words that are scored.
//!
//! Scores are comparable only over equal words, and the field's are those of Stanford's PTBTokenizer,
//! lower-cased, minus pycocoevalcap's list of punctuation. What is here is a plain scanner for the
//! cases that captions are made of: words with hyphens, slashes and full stops inside, clitics (`do
//! n't`, `dog 's`), contractions (`can not`), numbers, common abbreviations, brackets (which that
//! list, being in upper case, fails to remove from lower-cased text: `-lrb-` stays a word). It is not
//! the whole grammar: addresses, smileys, fractions in one character, markup, currencies other than
//! the dollar and sentence-final abbreviations come out differently.

/// What splits off the end of a word after an apostrophe.
const CLITICS: [&str; 6] = ["s", "m", "d", "re", "ve", "ll"];

/// Words that begin with an apostrophe of their own.
const ELISIONS: [&str; 6] = ["n", "em", "til", "till", "cause", "cuz"];

/// Words that are two words, and where they part.
const CONTRACTIONS: [(&str, usize); 8] =
    [("cannot", 3), ("gonna", 3), ("gotta", 3), ("wanna", 3), ("gimme", 3), ("lemme", 3), ("'tis", 2), ("'twas", 2)];

/// Words that keep their full stop.
const ABBREVIATIONS: [&str; 41] = [
    "mr", "mrs", "ms", "dr", "prof", "gen", "rep", "sen", "rev", "sgt", "lt", "col", "capt", "gov", "jr", "sr", "bros",
    "co", "corp", "inc", "ltd", "st", "ave", "blvd", "rd", "mt", "ft", "dept", "est", "etc", "vs", "jan", "feb", "mar",
    "apr", "aug", "sept", "oct", "nov", "dec", "ph.d",
];

/// Splits a caption into the lower-case words that are scored, punctuation left out.
pub fn tokens(caption: &str) -> Vec<String> {
    let mut words = Vec::new();
    for chunk in caption.split_whitespace() {
        let chars: Vec<char> = chunk.chars().map(straight).collect();
        let mut at = 0;
        while at < chars.len() {
            let end = word_end(&chars, at);
            if end > at {
                push_word(&chars[at..end], &mut words);
                at = end;
            } else {
                at = push_mark(&chars, at, &mut words);
            }
        }
    }
    words
}

/// One apostrophe for the several that people type.
fn straight(c: char) -> char {
    if matches!(c, '\u{2018}' | '\u{2019}' | '\u{201b}') { '\'' } else { c }
}

/// Where the word that begins at `start` ends; `start` itself where none begins there.
fn word_end(chars: &[char], start: usize) -> usize {
    let mut at = word_start(chars, start);
    while let Some(&c) = chars.get(at) {
        if c == '\'' {
            let clitic = clitic_length(chars, at);
            let negation = at > start && chars[at - 1].eq_ignore_ascii_case(&'n') && is_word(chars, at + 1, "t");
            match (clitic, negation) {
                (1.., _) => return at + clitic,
                (_, true) => return at + 2,
                _ if at == start + 2 && is_word(chars, start, "'n") => return at + 1,
                _ if elides(chars, start, at) => {}
                _ => return at,
            }
        } else if !c.is_alphanumeric() && c != '_' && !joins(chars, start, at) {
            break;
        }
        at += 1;
    }
    let stopped = chars.get(at) == Some(&'.') && is_abbreviation(&chars[start..at]);
    at + usize::from(stopped)
}

/// Steps over a sign that belongs to the word after it: `#dog`, `@user`, `-5`, `.5`, `'em`, `'70s`.
fn word_start(chars: &[char], start: usize) -> usize {
    let next = chars.get(start + 1).copied().unwrap_or(' ');
    let elision = || {
        let digits = chars[start + 1..].iter().take_while(|c| c.is_ascii_digit()).count();
        let decade = digits > 0 && is_word(chars, start + 1 + digits, "s");
        let contraction = CONTRACTIONS.iter().filter_map(|(word, _)| word.strip_prefix('\''));
        decade || ELISIONS.into_iter().chain(contraction).any(|word| is_word(chars, start + 1, word))
    };
    let belongs = match chars[start] {
        '#' | '@' => next.is_alphabetic(),
        '-' | '+' | '.' => start == 0 && next.is_ascii_digit(),
        '\'' => elision(),
        _ => false,
    };
    start + usize::from(belongs)
}

/// Whether the sign at `at` holds the letters or digits on its two sides together.
fn joins(chars: &[char], start: usize, at: usize) -> bool {
    let (Some(before), Some(after)) = (chars[start..at].last(), chars.get(at + 1)) else { return false };
    match chars[at] {
        '-' | '/' | '.' | '@' => before.is_alphanumeric() && after.is_alphanumeric(),
        ',' | ':' => before.is_ascii_digit() && after.is_ascii_digit(),
        '&' => before.is_uppercase() && after.is_uppercase(),
        _ => false,
    }
}

/// Whether the apostrophe at `at` stands inside a word: `o'clock`, `ma'am`.
fn elides(chars: &[char], start: usize, at: usize) -> bool {
    let before = &chars[start..at];
    let letter = before.len() == 1 && before[0].is_alphabetic();
    let madam = before.len() == 2 && is_word(chars, at + 1, "am");
    (letter || madam) && chars.get(at + 1).is_some_and(|c| c.is_alphabetic())
}

/// The length of the clitic at `at`, its apostrophe included; 0 where there is none.
fn clitic_length(chars: &[char], at: usize) -> usize {
    CLITICS.iter().find(|clitic| is_word(chars, at + 1, clitic)).map_or(0, |clitic| 1 + clitic.len())
}

/// Whether `word` (lower case) stands at `at`, whatever its case, and ends there.
fn is_word(chars: &[char], at: usize, word: &str) -> bool {
    let mut rest = chars[at.min(chars.len())..].iter();
    word.chars().all(|expected| rest.next().is_some_and(|c| c.eq_ignore_ascii_case(&expected)))
        && !rest.next().is_some_and(|c| c.is_alphanumeric())
}

/// Known abbreviations, and single letters with full stops between them: `st.`, `b.`, `u.s.`
fn is_abbreviation(word: &[char]) -> bool {
    let letters = word.iter().enumerate().all(|(i, c)| if i % 2 == 0 { c.is_alphabetic() } else { *c == '.' });
    letters && word.len() % 2 == 1
        || ABBREVIATIONS.iter().any(|known| known.len() == word.len() && is_word(word, 0, known))
}

/// Adds a word, in lower case, in its parts.
fn push_word(word: &[char], words: &mut Vec<String>) {
    let text = word.iter().collect::<String>().to_lowercase();
    let contraction = CONTRACTIONS.iter().find(|(contraction, _)| *contraction == text);
    let clitic = text.rfind('\'').filter(|&at| CLITICS.contains(&&text[at + 1..]));
    let negation = text.strip_suffix("n't").map(str::len);
    match contraction.map(|(_, at)| *at).or(clitic).or(negation) {
        Some(at) if at > 0 => words.extend([text[..at].to_owned(), text[at..].to_owned()]),
        _ => words.push(text),
    }
}

/// Adds the sign at `at`, unless it is punctuation that is left out; returns where the next thing begins.
fn push_mark(chars: &[char], at: usize, words: &mut Vec<String>) -> usize {
    let run = chars[at..].iter().take_while(|c| matches!(c, '?' | '!')).count();
    if run > 1 {
        words.push(chars[at..at + run].iter().collect());
        return at + run;
    }
    match chars[at] {
        '(' => words.push("-lrb-".to_owned()),
        ')' => words.push("-rrb-".to_owned()),
        '[' => words.push("-lsb-".to_owned()),
        ']' => words.push("-rsb-".to_owned()),
        '{' => words.push("-lcb-".to_owned()),
        '}' => words.push("-rcb-".to_owned()),
        '\'' | '"' | '`' | '\u{201c}' | '\u{201d}' | '.' | '?' | '!' | ',' | ':' | ';' => {}
        '-' | '\u{2013}' | '\u{2014}' | '\u{2026}' => {}
        sign => words.push(sign.to_string()),
    }
    at + 1
}
