//! Turns rules into one deterministic automaton, as small as can be.
//!
//! Thompson's construction, subsets, Moore's minimisation: any book on compilers. Signs that no rule tells apart share a
//! column of the table.

use std::collections::HashMap;

use crate::regex::{Regex, SIGNS, Set};

/// State 0 is the one that nothing leads out of, state 1 the first.
pub(crate) struct Automaton {
    /// The column of each sign.
    pub(crate) columns: Vec<u8>,
    pub(crate) width: usize,
    /// `next[state * width + column]`.
    pub(crate) next: Vec<u16>,
    /// One more than the rule that a state accepts; 0 where there is none.
    pub(crate) accepts: Vec<u16>,
}

#[derive(Default)]
struct Nondeterministic {
    free: Vec<Vec<usize>>,
    step: Vec<Option<(Set, usize)>>,
    accepts: Vec<Option<usize>>,
    /// The visit that a state was last seen in, and the number of visits.
    seen: Vec<usize>,
    visits: usize,
}

impl Nondeterministic {
    fn state(&mut self) -> usize {
        self.free.push(Vec::new());
        self.step.push(None);
        self.accepts.push(None);
        self.free.len() - 1
    }

    /// Adds `regex` after the state `from`; returns the state where it has matched.
    fn add(&mut self, regex: &Regex, from: usize) -> usize {
        match regex {
            Regex::One(set) => {
                let (here, to) = (self.state(), self.state());
                self.free[from].push(here);
                self.step[here] = Some((*set, to));
                to
            }
            Regex::Sequence(parts) => parts.iter().fold(from, |at, part| self.add(part, at)),
            Regex::Either(parts) => {
                let to = self.state();
                for part in parts {
                    let end = self.add(part, from);
                    self.free[end].push(to);
                }
                to
            }
            Regex::Repeat(part, least, most) => {
                let mut at = (0..*least).fold(from, |at, _| self.add(part, at));
                let Some(most) = most else {
                    let again = self.state();
                    self.free[at].push(again);
                    let end = self.add(part, again);
                    self.free[end].push(again);
                    return again;
                };
                let to = self.state();
                for _ in *least..*most {
                    self.free[at].push(to);
                    at = self.add(part, at);
                }
                self.free[at].push(to);
                to
            }
        }
    }

    /// All states that can be reached without a sign, those that neither step nor accept left out.
    fn closure(&mut self, states: Vec<usize>) -> Vec<usize> {
        self.visits += 1;
        self.seen.resize(self.free.len(), 0);
        let mut open = states;
        let mut closed = Vec::new();
        while let Some(state) = open.pop() {
            if std::mem::replace(&mut self.seen[state], self.visits) != self.visits {
                if self.step[state].is_some() || self.accepts[state].is_some() {
                    closed.push(state);
                }
                open.extend(&self.free[state]);
            }
        }
        closed.sort_unstable();
        closed
    }
}

/// Gives one column to all signs that are in the same sets.
fn columns(sets: impl Iterator<Item = Set>, signs: usize) -> (Vec<u8>, Vec<usize>) {
    let mut column = vec![0_usize; SIGNS];
    let mut distinct: Vec<Set> = sets.collect();
    distinct.sort_unstable_by_key(|set| set.0);
    distinct.dedup();
    for set in distinct {
        let mut renamed = HashMap::new();
        for (sign, column) in column.iter_mut().enumerate().take(signs) {
            let count = renamed.len();
            *column = *renamed.entry((*column, set.has(sign))).or_insert(count);
        }
    }
    let width = column[..signs].iter().max().map_or(0, |most| most + 1);
    let representatives = (0..width).map(|wanted| column.iter().position(|c| *c == wanted).unwrap_or(0)).collect();
    (column.into_iter().map(|c| u8::try_from(c).expect("fewer columns than signs")).collect(), representatives)
}

/// The automaton that accepts what `rules` match; where two match the same text, the earlier one wins.
pub(crate) fn build(rules: &[Regex], signs: usize) -> Automaton {
    let mut machine = Nondeterministic::default();
    let start = machine.state();
    for (rule, regex) in rules.iter().enumerate() {
        let end = machine.add(regex, start);
        let accepting = machine.state();
        machine.free[end].push(accepting);
        machine.accepts[accepting] = Some(rule);
    }
    let (columns, representatives) = columns(machine.step.iter().flatten().map(|(set, _)| *set), signs);
    let width = representatives.len();

    let mut ids: HashMap<Vec<usize>, usize> = HashMap::from([(Vec::new(), 0)]);
    let mut subsets = vec![Vec::new(), machine.closure(vec![start])];
    ids.insert(subsets[1].clone(), 1);
    let mut next = vec![0_usize; width];
    let mut at = 1;
    while at < subsets.len() {
        for &sign in &representatives {
            let moved = subsets[at].iter().filter_map(|&state| machine.step[state]);
            let reached: Vec<usize> = moved.filter(|(set, _)| set.has(sign)).map(|(_, to)| to).collect();
            let reached = machine.closure(reached);
            let id = *ids.entry(reached).or_insert_with_key(|reached| {
                subsets.push(reached.clone());
                subsets.len() - 1
            });
            next.push(id);
        }
        at += 1;
    }
    let accept = |subset: &Vec<usize>| {
        subset.iter().filter_map(|&state| machine.accepts[state]).min().map_or(0, |rule| rule + 1)
    };
    let accepts: Vec<usize> = subsets.iter().map(accept).collect();
    minimise(columns, width, &next, &accepts)
}

/// Merges the states that no text tells apart.
fn minimise(columns: Vec<u8>, width: usize, next: &[usize], accepts: &[usize]) -> Automaton {
    let mut block: Vec<usize> = accepts.to_vec();
    let mut count = 0;
    loop {
        let mut ids: HashMap<Vec<usize>, usize> = HashMap::new();
        let refined: Vec<usize> = (0..accepts.len())
            .map(|state| {
                let row = next[state * width..][..width].iter().map(|&to| block[to]);
                let key: Vec<usize> = std::iter::once(block[state]).chain(row).collect();
                let fresh = ids.len();
                *ids.entry(key).or_insert(fresh)
            })
            .collect();
        block = refined;
        if ids.len() == count {
            break;
        }
        count = ids.len();
    }
    let mut representative = vec![0; count];
    for (state, &block) in block.iter().enumerate().rev() {
        representative[block] = state;
    }
    let narrow = |n: usize| u16::try_from(n).expect("fewer than 65,536 states");
    let row = |&state: &usize| next[state * width..][..width].iter().map(|&to| narrow(block[to])).collect::<Vec<_>>();
    Automaton {
        columns,
        width,
        next: representative.iter().flat_map(row).collect(),
        accepts: representative.iter().map(|&state| narrow(accepts[state])).collect(),
    }
}
