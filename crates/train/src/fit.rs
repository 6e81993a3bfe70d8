//! The loop.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use nid_autograd::Parameters;
use nid_metrics::Scores;
use nid_nn::decoder::Teaching;
use nid_weights::Precision;

use crate::adamw::AdamW;
use crate::checkpoint::{self, Progress};
use crate::log::Log;
use crate::order::shuffled;
use crate::step::{gradients, sizes};
use crate::{Error, Event, Example, Finish, Keep, Session, curves, evaluate};

/// Weights that are the best so far.
#[derive(Debug)]
pub struct Kept<'a> {
    /// The weights.
    pub parameters: &'a Parameters,
    /// What they reach on the dev photos.
    pub scores: &'a Scores,
    /// Epochs it took.
    pub epoch: usize,
}

/// Runs a session to its end, or until `stop` is set.
///
/// `keep` is given the best weights whenever they are; `report` is told what happens. Checkpoints, `events.jsonl` and
/// `curves.svg` go to `folder`. With `resume` it goes on from the newest checkpoint there.
///
/// # Errors
/// If a file cannot be read or written; what was checkpointed before stays.
pub fn fit(
    session: &mut Session,
    folder: &Path,
    resume: bool,
    stop: &AtomicBool,
    mut keep: impl FnMut(&Session, Kept<'_>) -> Result<(), Error>,
    report: impl FnMut(&Event),
) -> Result<Finish, Error> {
    let resumed = if resume { checkpoint::load(folder, session)? } else { None };
    let (mut progress, mut optimiser) =
        resumed.unwrap_or_else(|| (Progress::default(), AdamW::new(&session.parameters)));
    let mut log = Log::open(folder, progress.step, report)?;
    let steps = session.steps();
    log.tell(&Event::Started {
        step: progress.step,
        steps,
        parameters: session.parameters.count(),
        vocabulary: session.vocabulary.len(),
    })?;

    let mut saved_at = Instant::now();
    let pause = Duration::from_secs(session.run.training.checkpoint_seconds);
    let finish = loop {
        if let Some(finish) = ended(session, &progress, steps) {
            break finish;
        }
        let taken = take_step(session, &mut optimiser, progress.step, steps)?;
        progress.step += 1;
        log.tell(&taken)?;
        if session.is_evaluation(progress.step) {
            judge(session, &mut progress, &mut keep, &mut log)?;
            curves::draw(folder)?;
        }
        if stop.load(Ordering::Relaxed) {
            break Finish::Interrupted;
        }
        if saved_at.elapsed() >= pause {
            save(folder, session, &progress, &optimiser, &mut log)?;
            saved_at = Instant::now();
        }
    };
    save(folder, session, &progress, &optimiser, &mut log)?;
    log.tell(&Event::Finished { reason: finish })?;
    Ok(finish)
}

fn save(
    folder: &Path,
    session: &Session,
    progress: &Progress,
    optimiser: &AdamW,
    log: &mut Log<impl FnMut(&Event)>,
) -> Result<(), Error> {
    checkpoint::save(folder, session, progress, optimiser)?;
    log.tell(&Event::Checkpoint { step: progress.step })
}

fn ended(session: &Session, progress: &Progress, steps: usize) -> Option<Finish> {
    let patience = session.run.training.patience;
    if progress.step >= steps {
        Some(Finish::Complete)
    } else if patience > 0 && progress.stale >= patience {
        Some(Finish::Patience)
    } else {
        None
    }
}

/// One step of the optimiser, and what to say of it.
fn take_step(session: &mut Session, optimiser: &mut AdamW, step: usize, steps: usize) -> Result<Event, Error> {
    let training = session.run.training.clone();
    let (epoch, place) = (step / session.steps_per_epoch(), step % session.steps_per_epoch());
    let order = shuffled(session.train.examples.len(), session.run.seed, epoch);
    let size = training.batch * training.accumulate;
    let photos = &order[place * size..order.len().min((place + 1) * size)];
    let examples: Vec<&Example> = photos.iter().map(|&photo| &session.train.examples[photo]).collect();
    let (captions, words) = sizes(&examples);
    let teaching = Teaching {
        smoothing: training.smoothing,
        attention_penalty: training.attention_penalty,
        sampling: training.scheduled_sampling * step as f32 / steps as f32,
        words,
        captions,
    };

    let mut parts = examples
        .chunks(training.batch)
        .enumerate()
        .map(|(part, examples)| gradients(session, examples, teaching, (step * training.accumulate + part) as u64));
    let (mut sum, mut cross_entropy) = parts.next().unwrap_or_default();
    for (more, loss) in parts {
        sum.add(more);
        cross_entropy += loss;
    }

    let norm = sum.square_norm().sqrt();
    if !norm.is_finite() {
        return Err(Error::Diverged { step: step + 1 });
    }
    let scale = if norm > training.clip { training.clip / norm } else { 1.0 };
    let rate = training.learning_rate * training.schedule.share(step, steps, training.warmup);
    optimiser.step(&mut session.parameters, &sum, scale as f32, rate as f32, training.weight_decay as f32);
    Ok(Event::Step { step: step + 1, epoch, loss: cross_entropy / words as f32, rate, gradient: norm, captions })
}

/// Scores the weights as a bundle keeps them, and keeps them if they are the best.
fn judge(
    session: &Session,
    progress: &mut Progress,
    keep: &mut impl FnMut(&Session, Kept<'_>) -> Result<(), Error>,
    log: &mut Log<impl FnMut(&Event)>,
) -> Result<(), Error> {
    let settings = session.run.search.settings();
    let Session { decoder, parameters, vocabulary, dev, run, .. } = session;
    let mut parameters = parameters.clone();
    parameters.iter_mut().for_each(|(_, tensor)| Precision::F16.round(tensor.data_mut()));
    let scores = evaluate(decoder, &parameters, vocabulary, dev, &settings, run.training.dev_photos)?;
    let score = match run.training.keep {
        Keep::Cider => scores.cider,
        Keep::Bleu4 => scores.bleu[3],
    };
    // A small dev set can score nothing for a while: until it does, later is better.
    let best = progress.best.is_none_or(|best| score > best || best == 0.0);
    let epoch = progress.step / session.steps_per_epoch();
    if best {
        keep(session, Kept { parameters: &parameters, scores: &scores, epoch })?;
        progress.best = Some(score);
        progress.stale = 0;
    } else {
        progress.stale += 1;
    }
    log.tell(&Event::Evaluated { step: progress.step, epoch, scores, best })
}
