//! Clocks for programs, held from outside: when they say something.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use crate::common::process::{start, succeeded};

/// How long to wait before looking again.
const GLANCE: Duration = Duration::from_millis(1);

/// Which of the things that are done, one after the other, are timed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Window {
    /// Done before, while everything warms up.
    pub(crate) before: usize,
    /// Timed.
    pub(crate) timed: usize,
    /// Done afterwards, so that work which runs ahead is in progress at both ends.
    pub(crate) after: usize,
}

impl Window {
    /// Of work that does not run ahead.
    pub(crate) const fn warm(before: usize, timed: usize) -> Self {
        Self { before, timed, after: 0 }
    }

    pub(crate) fn total(&self) -> usize {
        self.before + self.timed + self.after
    }
}

/// What was seen of some work: when each of its parts was done.
pub(crate) struct Observed {
    began: Instant,
    /// A moment for each part.
    ticks: Vec<Instant>,
    /// What was said at each moment, if it was text.
    pub(crate) lines: Vec<String>,
}

impl Observed {
    /// Nothing was done yet.
    pub(crate) fn now() -> Self {
        Self { began: Instant::now(), ticks: Vec::new(), lines: Vec::new() }
    }

    /// So many parts are done.
    pub(crate) fn tick(&mut self, done: usize) {
        self.ticks.resize(done.max(self.ticks.len()), Instant::now());
    }

    fn hear(&mut self, line: &str) {
        self.tick(self.ticks.len() + 1);
        self.lines.push(line.trim_end().to_owned());
    }

    /// Runs a program; each line that it prints is a part.
    pub(crate) fn lines(mut command: Command) -> Result<Self> {
        let mut observed = Self::now();
        let mut child = start(command.stdout(Stdio::piped()))?;
        let output = child.stdout.take().context("its output is not there to be read")?;
        for line in BufReader::new(output).lines() {
            observed.hear(&line?);
        }
        succeeded(&command, child.wait()?)?;
        Ok(observed)
    }

    /// Runs a program; each line that it adds to a file, and that counts, is a part.
    pub(crate) fn file(mut command: Command, path: &Path, counts: fn(&str) -> bool) -> Result<Self> {
        let mut observed = Self::now();
        let mut child = start(command.stdout(Stdio::null()))?;
        let (mut file, mut line) = (None, String::new());
        loop {
            let ended = child.try_wait()?;
            if file.is_none() {
                file = File::open(path).ok().map(BufReader::new);
            }
            while let Some(file) = &mut file
                && file.read_line(&mut line)? > 0
                && line.ends_with('\n')
            {
                if counts(&line) {
                    observed.hear(&line);
                }
                line.clear();
            }
            if let Some(status) = ended {
                succeeded(&command, status)?;
                return Ok(observed);
            }
            thread::sleep(GLANCE);
        }
    }

    /// The time from the start to the first part.
    pub(crate) fn until_first(&self) -> Result<Duration> {
        let first = self.ticks.first().context("it printed nothing, expected a line")?;
        Ok(*first - self.began)
    }

    /// The seconds in which the timed parts were done.
    pub(crate) fn seconds(&self, window: Window) -> Result<f64> {
        let (expected, found) = (window.total(), self.ticks.len());
        ensure!(found == expected, "{found} photos, steps or passes were done, expected {expected}");
        let last = |parts: usize| parts.checked_sub(1).map_or(self.began, |last| self.ticks[last]);
        Ok((last(window.before + window.timed) - last(window.before)).as_secs_f64())
    }
}
