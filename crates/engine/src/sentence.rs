//! From the words that a model says to a sentence that a person reads.

/// The words with a capital first and a full stop last; nothing stays nothing.
pub fn sentence(raw: &str) -> String {
    let raw = raw.trim();
    let mut letters = raw.chars();
    let Some(first) = letters.next() else { return String::new() };
    let stop = if raw.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{}{}{stop}", first.to_uppercase(), letters.as_str())
}
