//! `nid` at work.

use std::fs;
use std::io::ErrorKind;
use std::ops::ControlFlow;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use nid_engine::Bundle;
use nid_engine::features::{Options, Report, extract};

use crate::clock::Observed;
use crate::common::nid;
use crate::contestant::Contestant;
use crate::work::{BATCH, MODEL, Work, named};

/// The program of this build.
pub(crate) struct Ours;

impl Contestant for Ours {
    fn extract(&self, work: &Work, batch: usize) -> Result<Observed> {
        let Bundle { manifest, encoder, .. } = Bundle::open(MODEL)?;
        let photos = named(&work.photos())?;
        let options = Options { batch, force: true, ..Options::default() };
        let mut observed = Observed::now();
        let mut report = |report| {
            if let Report::Progress { done, .. } = report {
                observed.tick(done);
            }
            ControlFlow::Continue(())
        };
        extract(&encoder, &manifest.preprocessing, &photos, &work.path("ours.npy"), &options, &mut report)?;
        Ok(observed)
    }

    fn caption(&self, photos: &Path, batch: usize) -> Command {
        let mut command = nid(["caption", "--quiet", "--raw", "--format", "jsonl", "--batch"]);
        command.arg(batch.to_string()).arg(photos);
        command
    }

    fn train(&self, work: &Work) -> Result<Observed> {
        let output = work.path(OUTPUT);
        match fs::remove_dir_all(&output) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error).context("the last run stays"),
            _ => {}
        }
        fs::write(work.path("run.toml"), run(work.sizes.steps.total()))?;
        let mut command = nid(["train", "--quiet", "run.toml"]);
        command.current_dir(work.path(""));
        Observed::file(command, &output.join("events.jsonl"), is_step)
    }
}

const OUTPUT: &str = "output";

/// A run over one batch of photos, again and again: the default model's decoder, which is judged after the last step.
fn run(steps: usize) -> String {
    format!(
        r#"
        output = "{OUTPUT}"
        init = "{MODEL}"
        [data]
        photos = "lessons"
        captions = "lessons"
        train = "train.txt"
        dev = "dev.txt"
        cache = "cache"
        [decoder]
        kind = "show-attend-and-tell"
        dropout = 0.4
        [training]
        epochs = {steps}
        evaluate_every = {steps}
        batch = {BATCH}
        checkpoint_seconds = 3600
        "#
    )
}

fn is_step(line: &str) -> bool {
    serde_json::from_str::<serde_json::Value>(line).is_ok_and(|event| event["event"] == "step")
}
