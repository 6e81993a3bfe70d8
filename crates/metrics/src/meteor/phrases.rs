//! Words and phrases as they are compiled.

use std::collections::HashMap;
use std::io::BufRead;
use std::str;

use super::compile::CompileError;

/// Words and their numbers, in the order of their appearance.
#[derive(Default)]
pub(super) struct Words {
    pub(super) numbers: HashMap<String, u32>,
    pub(super) texts: Vec<String>,
}

impl Words {
    pub(super) fn number(&mut self, text: &str) -> u32 {
        if let Some(&number) = self.numbers.get(text) {
            return number;
        }
        let number = self.texts.len() as u32;
        self.numbers.insert(text.to_owned(), number);
        self.texts.push(text.to_owned());
        number
    }
}

/// The phrases as a trie under construction, whose root is node zero.
#[derive(Default)]
pub(super) struct Phrases {
    nodes: HashMap<(u32, u32), u32>,
    /// Pairs of nodes: a phrase and its paraphrase.
    pairs: Vec<(u32, u32)>,
}

/// The phrases as they lie in the table.
pub(super) struct Trie {
    pub(super) children: Vec<u32>,
    pub(super) edges: Vec<u32>,
    pub(super) paraphrase_starts: Vec<u32>,
    pub(super) paraphrases: Vec<u32>,
}

impl Phrases {
    /// Reads paraphrases: a probability, a phrase, its paraphrase, a line each.
    pub(super) fn add(&mut self, mut file: impl BufRead, words: &mut Words) -> Result<(), CompileError> {
        const NAME: &str = "paraphrases";
        let mut buffer = Vec::new();
        let mut entry = [0; 2];
        let mut line = 0;
        loop {
            buffer.clear();
            if file.read_until(b'\n', &mut buffer)? == 0 {
                break;
            }
            line += 1;
            let bytes = buffer.strip_suffix(b"\n").unwrap_or(&buffer);
            let text = str::from_utf8(bytes).map_err(|_| CompileError::Text { file: NAME, line })?;
            match (line - 1) % 3 {
                0 if text.trim().parse::<f64>().is_err() => {
                    let found = text.to_owned();
                    return Err(CompileError::Line { file: NAME, line, found, expected: "a probability" });
                }
                0 => {}
                place => entry[place - 1] = self.node(text, words),
            }
            if line % 3 == 0 {
                self.pairs.push((entry[0], entry[1]));
            }
        }
        if line % 3 == 0 { Ok(()) } else { Err(CompileError::Cut { file: NAME, line, expected: 3 }) }
    }

    fn node(&mut self, phrase: &str, words: &mut Words) -> u32 {
        phrase.split_ascii_whitespace().fold(0, |parent, word| {
            let next = self.nodes.len() as u32 + 1;
            *self.nodes.entry((parent, words.number(word))).or_insert(next)
        })
    }

    /// Numbers the nodes level by level, so that the children of each lie side by side, ordered by word.
    pub(super) fn finish(self) -> Trie {
        let count = self.nodes.len() + 1;
        let edges = self.nodes.into_iter().map(|((parent, word), node)| (parent, word, node));
        let mut edges: Vec<(u32, u32, u32)> = edges.collect();
        edges.sort_unstable();
        let first = starts(edges.iter().map(|(parent, _, _)| *parent), count);

        let (mut order, mut words, mut children) = (vec![0_u32], vec![0], Vec::with_capacity(count + 1));
        let mut numbers = vec![0_u32; count];
        let mut at = 0;
        while let Some(&node) = order.get(at) {
            numbers[node as usize] = at as u32;
            children.push(order.len() as u32);
            let below = first[node as usize] as usize..first[node as usize + 1] as usize;
            order.extend(edges[below.clone()].iter().map(|(_, _, child)| *child));
            words.extend(edges[below].iter().map(|(_, word, _)| *word));
            at += 1;
        }
        children.push(order.len() as u32);

        let renumbered = |(phrase, paraphrase): (u32, u32)| (numbers[phrase as usize], numbers[paraphrase as usize]);
        let mut pairs: Vec<(u32, u32)> = self.pairs.into_iter().map(renumbered).collect();
        // A phrase's paraphrases stay in their order.
        pairs.sort_by_key(|(phrase, _)| *phrase);
        let paraphrase_starts = starts(pairs.iter().map(|(phrase, _)| *phrase), count);
        let paraphrases = pairs.into_iter().map(|(_, paraphrase)| paraphrase).collect();
        Trie { children, edges: words, paraphrase_starts, paraphrases }
    }
}

/// Where the entries of each owner begin, one more at the end; `owners` has the owner of each entry, ascending.
fn starts(owners: impl Iterator<Item = u32>, count: usize) -> Vec<u32> {
    let mut starts = vec![0; count + 1];
    for owner in owners {
        starts[owner as usize + 1] += 1;
    }
    for owner in 0..count {
        starts[owner + 1] += starts[owner];
    }
    starts
}
