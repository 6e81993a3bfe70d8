//! Which metrics a command computes, and which it has to say are not available.

use anyhow::{Result, bail};
use nid_engine::meteor::{self, MeteorFile};
use nid_engine::score::Metric;

use crate::message;

/// What is computed, and what is not.
pub(crate) struct Metrics {
    pub(crate) computed: Vec<Metric>,
    /// Under pycocoevalcap's names, with the reason.
    pub(crate) unavailable: Vec<(&'static str, String)>,
    pub(crate) meteor: Option<MeteorFile>,
}

impl Metrics {
    /// The metrics that are asked for, or all where none is: then METEOR is left out where its tables are missing.
    ///
    /// # Errors
    /// METEOR was asked for and its tables are missing; tables that cannot be used.
    pub(crate) fn find(asked: &[Metric]) -> Result<Self> {
        let is_all = asked.is_empty();
        let is_asked = |metric: &Metric| is_all || asked.contains(metric);
        let mut metrics = Self {
            computed: Metric::ALL.into_iter().filter(is_asked).collect(),
            unavailable: Vec::new(),
            meteor: None,
        };
        if metrics.computed.contains(&Metric::Meteor) {
            metrics.meteor = meteor::find()?;
            if metrics.meteor.is_none() {
                let reason = message::no_meteor();
                if !is_all {
                    bail!("METEOR: {reason}");
                }
                metrics.computed.retain(|&metric| metric != Metric::Meteor);
                metrics.unavailable.push(("METEOR", reason));
            }
        }
        if is_all {
            metrics.unavailable.push(("SPICE", "not computed by this program".to_owned()));
        }
        Ok(metrics)
    }

    /// Says what a person can do about METEOR, where it is not available.
    pub(crate) fn tell(&self) {
        if let Some((name, reason)) = self.unavailable.iter().find(|(name, _)| *name == "METEOR") {
            message::note(&format!("{name}: {reason}"));
        }
    }
}
