//! Programs, held from outside: how they end, and how much memory they and those that they start hold.

use std::collections::HashSet;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// How long to wait at most before looking again.
const GLANCE: Duration = Duration::from_millis(20);

pub(crate) fn start(command: &mut Command) -> Result<Child> {
    command.stdin(Stdio::null()).spawn().with_context(|| format!("{command:?} cannot be started"))
}

pub(crate) fn succeeded(command: &Command, status: ExitStatus) -> Result<()> {
    if !status.success() {
        bail!("{command:?} ended with {status}");
    }
    Ok(())
}

/// Runs a program: the most bytes of memory that it and all that it started held at a time; nothing where the system
/// does not say.
pub(crate) fn peak_memory(command: &mut Command) -> Result<Option<f64>> {
    let began = Instant::now();
    let mut child = start(command)?;
    let mut family = Family::of(child.id());
    loop {
        let ended = child.try_wait()?;
        family.look();
        if let Some(status) = ended {
            succeeded(command, status)?;
            return Ok(family.peak.filter(|_| lists_children()));
        }
        // Often enough for a program that ends in a moment, seldom enough to leave the time to one that does not.
        thread::sleep((began.elapsed() / 100).min(GLANCE));
    }
}

/// Whether this system tells which programs a program has started: Linux's own way.
fn lists_children() -> bool {
    Path::new("/proc/thread-self/children").exists()
}

/// A program and those that it started.
struct Family {
    first: u32,
    /// Who was there at the last look.
    known: HashSet<u32>,
    peak: Option<f64>,
}

impl Family {
    fn of(first: u32) -> Self {
        Self { first, known: HashSet::from([first]), peak: None }
    }

    fn look(&mut self) {
        let (mut together, mut found, mut waiting) = (0.0, HashSet::new(), vec![self.first]);
        while let Some(process) = waiting.pop() {
            let Some(memory) = Memory::of(process) else { continue };
            // The system keeps the mark of each itself, so that for one alone the last look is as good as all.
            self.peak = Some(memory.peak.max(self.peak.unwrap_or_default()));
            // Who has just been started may still share the memory of who started it.
            if self.known.contains(&process) {
                together += memory.now;
            }
            found.insert(process);
            waiting.extend(children(process));
        }
        self.peak = self.peak.map(|peak| peak.max(together));
        self.known = found;
    }
}

/// What a program holds, in bytes.
struct Memory {
    now: f64,
    peak: f64,
}

impl Memory {
    fn of(process: u32) -> Option<Self> {
        let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
        Some(Self { now: bytes(&status, "VmRSS:")?, peak: bytes(&status, "VmHWM:")? })
    }
}

/// The bytes of a line such as `VmHWM:     1234 kB`.
fn bytes(status: &str, name: &str) -> Option<f64> {
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    let kibibytes: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024.0)
}

/// Whom a program, in any of its threads, has started.
fn children(process: u32) -> Vec<u32> {
    let threads = fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten().flatten();
    let lists = threads.filter_map(|thread| fs::read_to_string(thread.path().join("children")).ok());
    lists.flat_map(|list| list.split_whitespace().filter_map(|id| id.parse().ok()).collect::<Vec<_>>()).collect()
}
