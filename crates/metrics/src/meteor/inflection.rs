//! Base forms of inflected words, as WordNet looks them up.
//!
//! Fellbaum (ed.), "WordNet: An Electronic Lexical Database" (1998), and WordNet's manual page `morphy`: irregular
//! forms are listed; of the others, endings are replaced until a known word appears. METEOR knows no parts of
//! speech, so the endings of nouns, verbs and adjectives are tried in one row and the first hit is taken.

/// An ending and what stands in its place in the base form, in the order in which they are tried.
const ENDINGS: [(&str, &str); 18] = [
    ("s", ""),
    ("ses", "s"),
    ("xes", "x"),
    ("zes", "z"),
    ("ches", "ch"),
    ("shes", "sh"),
    ("men", "man"),
    ("ies", "y"),
    ("es", "e"),
    ("es", ""),
    ("ed", "e"),
    ("ed", ""),
    ("ing", "e"),
    ("ing", ""),
    ("er", ""),
    ("est", ""),
    ("er", "e"),
    ("est", "e"),
];

/// What the known base form of a regularly inflected word is, as `known` finds it.
pub(super) fn base<T>(word: &str, mut known: impl FnMut(&str) -> Option<T>) -> Option<T> {
    if word.encode_utf16().nth(2).is_none() || word.ends_with("ss") {
        return None;
    }
    let mut form = String::with_capacity(word.len() + 1);
    ENDINGS.iter().find_map(|(ending, instead)| {
        form.clear();
        form.push_str(word.strip_suffix(ending)?);
        form.push_str(instead);
        known(&form)
    })
}
