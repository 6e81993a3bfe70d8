//! Teacher forcing: the loss of a batch of pictures with their captions.
//!
//! Regions are projected once a picture, not once a caption. Captions go by falling length, and each step runs
//! only on those that still go on, so that no time goes into padding.

use nid_autograd::{Graph, Tensor, Var};

use super::Decoder;

/// Pictures with their captions.
#[derive(Clone, Copy, Debug)]
pub struct Lesson<'a> {
    /// `[P, R, C]`.
    pub features: &'a Tensor,
    /// The picture of each caption and its words, without start and end.
    pub captions: &'a [(usize, &'a [u32])],
    /// The word before the first.
    pub start: u32,
    /// The word after the last.
    pub end: u32,
}

/// How a loss is made.
#[derive(Clone, Copy, Debug, Default)]
pub struct Teaching {
    /// Label smoothing.
    pub smoothing: f32,
    /// The doubly stochastic regulariser's λ (attention only), for the mean over captions and regions.
    pub attention_penalty: f32,
    /// The chance that a step reads the decoder's own last word in place of the true one: Bengio et al.,
    /// "Scheduled Sampling" (2015).
    pub sampling: f32,
    /// What losses are divided by, so that parts of a batch add up to its mean: words, ends included.
    pub words: usize,
    /// Likewise for what is counted by caption.
    pub captions: usize,
}

/// A lesson's result.
#[derive(Clone, Debug)]
pub struct Taught {
    /// What to go down on.
    pub loss: Var,
    /// The sum over words of the cross-entropy, as the loss has it (smoothing included).
    pub cross_entropy: f32,
}

/// The loss of a lesson.
///
/// # Panics
/// If there is no caption.
#[must_use]
pub fn teach(decoder: &Decoder, graph: &Graph<'_>, lesson: Lesson<'_>, teaching: Teaching) -> Taught {
    let mut captions = lesson.captions.to_vec();
    captions.sort_by_key(|(_, words)| std::cmp::Reverse(words.len()));
    let owners: Vec<usize> = captions.iter().map(|(owner, _)| *owner).collect();
    let longest = captions[0].1.len();

    let scene = decoder.look(graph, &Var::constant(lesson.features.clone()));
    let mut state = scene.start.clone();
    state.hidden = graph.gather(&state.hidden, owners.as_slice());
    state.cell = graph.gather(&state.cell, owners.as_slice());

    let (mut outputs, mut weights, mut targets): (Vec<Var>, Vec<Var>, Vec<u32>) = Default::default();
    for time in 0..=longest {
        let going = captions.partition_point(|(_, words)| words.len() >= time);
        let tokens: Vec<usize> = (0..going)
            .map(|row| match (time, outputs.last()) {
                (0, _) | (_, None) => lesson.start as usize,
                (_, Some(last)) if teaching.sampling > 0.0 && graph.chance() < teaching.sampling => {
                    own_word(decoder, graph, last, row)
                }
                _ => captions[row].1[time - 1] as usize,
            })
            .collect();
        state.hidden = graph.first_rows(&state.hidden, going);
        state.cell = graph.first_rows(&state.cell, going);
        let step = decoder.step(graph, &scene, owners[..going].into(), &state, tokens.as_slice().into());
        state = step.state;
        outputs.push(step.output);
        weights.extend(step.weights);
        targets.extend(captions[..going].iter().map(|(_, words)| words.get(time).copied().unwrap_or(lesson.end)));
    }

    let logits = decoder.logits(graph, &graph.stack(&outputs));
    let cross_entropy = graph.cross_entropy(&logits, &targets, teaching.smoothing);
    let sum = cross_entropy.value().data()[0];
    let mut loss = graph.scale(&cross_entropy, 1.0 / teaching.words as f32);
    if teaching.attention_penalty > 0.0 && !weights.is_empty() {
        let regions = weights[0].value().width();
        let share = teaching.attention_penalty / (teaching.captions * regions) as f32;
        loss = graph.add(&loss, &graph.scale(&graph.departure_from_one(&weights), share));
    }
    Taught { loss, cross_entropy: sum }
}

/// The word that the decoder itself would say next in one row.
fn own_word(decoder: &Decoder, graph: &Graph<'_>, last: &Var, row: usize) -> usize {
    let output = Var::constant(last.value().select(&[row]));
    let logits = decoder.logits(graph, &output);
    let best = logits.value().data().iter().enumerate().max_by(|(_, a), (_, b)| a.total_cmp(b));
    best.map_or(0, |(word, _)| word)
}
