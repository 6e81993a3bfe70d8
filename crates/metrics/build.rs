//! Builds the tokenizer's tables out of its grammar.
//!
//! `src/tokens/rules.lex` says what a token is and `src/tokens/classes.txt` what kinds of characters there are; what comes
//! out is an automaton that reads each character once.

#[path = "build/automaton.rs"]
mod automaton;
#[path = "build/regex.rs"]
mod regex;

use std::collections::HashMap;
use std::fmt::Write as _;
use std::{env, fs, path::Path};

use automaton::Automaton;
use regex::{Names, Regex, parse};

fn main() {
    let folder = Path::new("src/tokens");
    let read = |name: &str| {
        println!("cargo:rerun-if-changed=src/tokens/{name}");
        fs::read_to_string(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    };
    println!("cargo:rerun-if-changed=build");
    let classes = classes(&read("classes.txt"));
    let names: Vec<String> = classes.iter().map(|(name, _)| name.clone()).collect();
    let grammar = grammar(&read("rules.lex"), &names);
    let regexes: Vec<Regex> = grammar.iter().map(|rule| rule.regex.clone()).collect();
    let automaton = automaton::build(&regexes, 128 + classes.len());
    let out = env::var("OUT_DIR").expect("cargo sets OUT_DIR");
    fs::write(Path::new(&out).join("tables.rs"), tables(&automaton, &grammar, &classes))
        .expect("OUT_DIR can be written");
}

/// A class and its ranges of characters; the first class holds all that no other does.
type Class = (String, Vec<(usize, usize)>);

fn classes(text: &str) -> Vec<Class> {
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let number = |text: &str| usize::from_str_radix(text, 16).unwrap_or_else(|_| panic!("{text} is no character"));
    let range = |text: &str| {
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        (number(first), number(last))
    };
    let class = |line: &str| {
        let (name, ranges) = line.split_once(':').unwrap_or_else(|| panic!("{line} names no class"));
        (name.to_owned(), ranges.split_whitespace().map(range).collect())
    };
    std::iter::once(("other".to_owned(), Vec::new())).chain(lines.map(class)).collect()
}

struct Rule {
    regex: Regex,
    /// Where the token ends, and what is made of it, in Rust.
    code: String,
}

/// Definitions are `name = regex`, rules `action: regex` or `action: regex followed-by regex`; a line that is indented goes on with the one
/// before.
fn grammar(text: &str, classes: &[String]) -> Vec<Rule> {
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines().filter(|line| !line.trim().is_empty() && !line.trim_start().starts_with('#')) {
        match lines.last_mut() {
            Some(last) if line.starts_with(' ') => {
                last.push(' ');
                last.push_str(line);
            }
            _ => lines.push(line.to_owned()),
        }
    }
    let mut names = Names { classes, definitions: HashMap::new() };
    let mut rules = Vec::new();
    for line in lines {
        let head = line.split([' ', ':']).next().unwrap_or_default().to_owned();
        if let Some(regex) = line[head.len()..].strip_prefix(" = ") {
            let regex = parse(regex, &names);
            names.definitions.insert(head, regex);
        } else if let Some(regex) = line[head.len()..].strip_prefix(": ") {
            rules.push(rule(&head, regex, &names));
        } else {
            panic!("neither a definition nor a rule: {line}");
        }
    }
    rules
}

fn rule(action: &str, regex: &str, names: &Names<'_>) -> Rule {
    let Some((token, ahead)) = regex.split_once(" followed-by ") else {
        return Rule {
            regex: parse(regex, names),
            code: format!("Rule {{ cut: Cut::Nowhere, action: Action::{action} }}"),
        };
    };
    let (token, ahead) = (parse(token, names), parse(ahead, names));
    let cut = match (token.length(), ahead.length()) {
        (_, Some(length)) => format!("Cut::Back({length})"),
        (Some(length), _) => format!("Cut::After({length})"),
        _ => panic!("neither the token nor what follows has a fixed length: {regex}"),
    };
    Rule {
        regex: Regex::Sequence(vec![token, ahead]),
        code: format!("Rule {{ cut: {cut}, action: Action::{action} }}"),
    }
}

/// The tables as Rust.
fn tables(automaton: &Automaton, grammar: &[Rule], classes: &[Class]) -> String {
    let mut of_char = vec![automaton.columns[128]; 0x1_0000];
    of_char[..128].copy_from_slice(&automaton.columns[..128]);
    for (class, (_, ranges)) in classes.iter().enumerate() {
        for &(first, last) in ranges {
            of_char[first..=last].fill(automaton.columns[128 + class]);
        }
    }
    let mut pages: Vec<&[u8]> = Vec::new();
    let mut page_of = Vec::new();
    for page in of_char.chunks(256) {
        let known = pages.iter().position(|known| *known == page);
        page_of.push(known.unwrap_or_else(|| {
            pages.push(page);
            pages.len() - 1
        }));
    }
    let mut out = String::new();
    let mut put = |text: std::fmt::Arguments<'_>| writeln!(out, "{text}").expect("a string takes all");
    put(format_args!("const WIDTH: usize = {};", automaton.width));
    put(format_args!("const BEYOND: u8 = {};", automaton.columns[128]));
    put(format_args!("static PAGE_OF: [u8; 256] = {page_of:?};"));
    put(format_args!("static PAGES: [[u8; 256]; {}] = {pages:?};", pages.len()));
    put(format_args!("static NEXT: [u16; {}] = {:?};", automaton.next.len(), automaton.next));
    put(format_args!("static ACCEPTS: [u16; {}] = {:?};", automaton.accepts.len(), automaton.accepts));
    let rules: Vec<&str> = grammar.iter().map(|rule| rule.code.as_str()).collect();
    put(format_args!("static RULES: [Rule; {}] = [{}];", rules.len(), rules.join(", ")));
    out
}
