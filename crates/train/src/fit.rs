//! The loop.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use nid_autograd::Parameters;
use nid_weights::Precision;

use crate::checkpoint::{self, State};
use crate::log::Log;
use crate::order::Order;
use crate::{Error, Event, Finish, Judgement, Learning, Moment, Task, average, curves};

/// How far running statistics go to what a step shows.
const FOLLOW: f32 = 0.1;

/// Weights that are the best so far.
#[derive(Debug)]
pub struct Kept<'a> {
    /// The weights, as 16-bit floats hold them.
    pub parameters: &'a Parameters,
    /// How good they are.
    pub judgement: &'a Judgement,
    /// Epochs it took.
    pub epoch: usize,
}

/// Learns to the end, or until `stop` is set.
///
/// `keep` is given the best weights whenever they are; `report` is told what happens. Checkpoints, `events.jsonl` and
/// `curves.svg` go to `folder`. With `resume` it goes on from the newest checkpoint there.
///
/// # Errors
/// If a file cannot be read or written; what was checkpointed before stays.
pub fn fit<T: Task>(
    learning: &mut Learning<T>,
    folder: &Path,
    resume: bool,
    stop: &AtomicBool,
    mut keep: impl FnMut(&T, Kept<'_>) -> Result<(), Error>,
    report: impl FnMut(&Event),
) -> Result<Finish, Error> {
    let resumed = if resume { checkpoint::load(folder, learning)? } else { None };
    let mut state = resumed.unwrap_or_else(|| State::new(learning));
    let mut log = Log::open(folder, state.progress.step, report)?;
    let steps = learning.task.steps();
    log.tell(&Event::Started {
        step: state.progress.step,
        steps,
        parameters: learning.task.learnt(&learning.parameters),
        output: learning.task.output(),
    })?;

    let mut order = Order::default();
    let mut saved_at = Instant::now();
    let pause = Duration::from_secs(learning.task.training().checkpoint_seconds);
    let finish = loop {
        if let Some(finish) = ended(&learning.task, &state, steps) {
            break finish;
        }
        let taken = take_step(learning, &mut state, &mut order)?;
        log.tell(&taken)?;
        if is_evaluation(&learning.task, state.progress.step) {
            judge(learning, &mut state, &mut keep, &mut log)?;
            curves::draw(folder)?;
        }
        if stop.load(Ordering::Relaxed) {
            break Finish::Interrupted;
        }
        if saved_at.elapsed() >= pause {
            save(folder, learning, &state, &mut log)?;
            saved_at = Instant::now();
        }
    };
    save(folder, learning, &state, &mut log)?;
    log.tell(&Event::Finished { reason: finish })?;
    Ok(finish)
}

fn save<T: Task>(
    folder: &Path,
    learning: &Learning<T>,
    state: &State,
    log: &mut Log<impl FnMut(&Event)>,
) -> Result<(), Error> {
    checkpoint::save(folder, learning, state)?;
    log.tell(&Event::Checkpoint { step: state.progress.step })
}

fn ended(task: &impl Task, state: &State, steps: usize) -> Option<Finish> {
    let patience = task.training().patience;
    if state.progress.step >= steps {
        Some(Finish::Complete)
    } else if patience > 0 && state.progress.stale >= patience {
        Some(Finish::Patience)
    } else {
        None
    }
}

/// Whether the weights are judged after so many steps.
fn is_evaluation(task: &impl Task, step: usize) -> bool {
    step.is_multiple_of(task.steps_per_epoch() * task.training().evaluate_every) || step == task.steps()
}

/// One step of the optimiser, and what to say of it.
fn take_step<T: Task>(
    Learning { task, parameters }: &mut Learning<T>,
    state: &mut State,
    order: &mut Order,
) -> Result<Event, Error> {
    let (training, step, steps) = (task.training(), state.progress.step, task.steps());
    let (epoch, place) = (step / task.steps_per_epoch(), step % task.steps_per_epoch());
    let order = order.of(task, epoch);
    let size = training.step_size();
    let examples = &order[place * size..order.len().min((place + 1) * size)];
    let taught = task.gradients(parameters, examples, Moment { step, steps, epoch });

    let norm = taught.gradients.square_norm().sqrt();
    if !norm.is_finite() {
        return Err(Error::Diverged { step: step + 1 });
    }
    let scale = if norm > training.clip { training.clip / norm } else { 1.0 };
    let rate = training.rate(step, steps);
    state.optimiser.step(parameters, &taught.gradients, scale as f32, rate as f32, training.weight_decay as f32);
    parameters.follow(&taught.gradients, FOLLOW);
    if let (Some(mean), Some(share)) = (&mut state.average, training.average) {
        average::follow(mean, parameters, share, step);
    }
    state.progress.step += 1;
    Ok(Event::Step { step: step + 1, epoch, loss: taught.loss, rate, gradient: norm, examples: taught.examples })
}

/// Judges the weights as a bundle keeps them, and keeps them if they are the best.
fn judge<T: Task>(
    Learning { task, parameters }: &Learning<T>,
    state: &mut State,
    keep: &mut impl FnMut(&T, Kept<'_>) -> Result<(), Error>,
    log: &mut Log<impl FnMut(&Event)>,
) -> Result<(), Error> {
    let mut parameters = state.average.as_ref().unwrap_or(parameters).clone();
    parameters.iter_mut().for_each(|(_, tensor)| Precision::F16.round(tensor.data_mut()));
    let is_finite = |parameters: &Parameters| parameters.iter().all(|(_, x)| x.data().iter().all(|x| x.is_finite()));
    if !is_finite(&parameters) {
        return Err(Error::Diverged { step: state.progress.step });
    }
    let judgement = task.judge(&parameters)?;
    let progress = &mut state.progress;
    if !judgement.merit.is_finite() {
        return Err(Error::Diverged { step: progress.step });
    }
    // A small dev set can score nothing for a while: until it does, later is better.
    let best = progress.best.is_none_or(|best| judgement.merit > best || best == 0.0);
    let epoch = progress.step / task.steps_per_epoch();
    // Told first: whoever keeps the weights may want to read how they came to be.
    log.tell(&Event::Evaluated { step: progress.step, epoch, judgement: judgement.clone(), best })?;
    if best {
        keep(task, Kept { parameters: &parameters, judgement: &judgement, epoch })?;
        progress.best = Some(judgement.merit);
        progress.stale = 0;
    } else {
        progress.stale += 1;
    }
    Ok(())
}
