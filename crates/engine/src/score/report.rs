//! What came of scoring.

use nid_data::sentences::Id;
use nid_metrics::resample::{Difference, Interval};
use nid_metrics::{Scores, Statistics};
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::{Metric, Variety};

/// The scores of a system's captions and what is known about them.
///
/// It serialises as one object: the scores that were asked for under pycocoevalcap's names, as fractions, then the rest.
#[derive(Clone, Debug)]
pub struct Report {
    /// What the references call each photo, in their order.
    pub ids: Vec<Id>,
    /// What the metrics know of each photo's caption, in the same order.
    pub each: Vec<Statistics>,
    /// The metrics that were asked for.
    pub metrics: Vec<Metric>,
    /// Metrics that would have been computed but cannot be, under pycocoevalcap's names, with the reason.
    pub unavailable: Vec<(&'static str, String)>,
    /// The scores of all captions.
    pub scores: Scores,
    /// How varied the captions are.
    pub variety: Variety,
    /// A 95 % interval for each score, where they were asked for.
    pub intervals: Option<Vec<(&'static str, Interval)>>,
    /// The other system, where one was given.
    pub against: Option<Against>,
    /// All that the numbers depend on besides the files.
    pub signature: String,
    /// The references' document frequencies as text, where they were asked for.
    pub frequencies: Option<String>,
}

/// The system that another is compared with.
#[derive(Clone, Debug)]
pub struct Against {
    /// Its scores.
    pub scores: Scores,
    /// How varied its captions are.
    pub variety: Variety,
    /// The first system's scores less its own.
    pub differences: Vec<(&'static str, Difference)>,
}

impl Report {
    /// Those of some named values that were asked for.
    pub fn asked<T: Copy>(&self, named: &[(&'static str, T)]) -> Vec<(&'static str, T)> {
        let is_asked = |name: &str| self.metrics.iter().any(|metric| metric.includes(name));
        named.iter().copied().filter(|(name, _)| is_asked(name)).collect()
    }

    fn interval_fields(&self) -> Option<Fields<[f64; 2]>> {
        let intervals = self.intervals.as_ref()?;
        Some(Fields(self.asked(intervals).into_iter().map(|(name, found)| (name, bounds(found))).collect()))
    }
}

fn bounds(interval: Interval) -> [f64; 2] {
    [interval.low, interval.high]
}

impl Serialize for Report {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_map(None)?;
        for (name, score) in self.asked(&self.scores.named()) {
            fields.serialize_entry(name, &score)?;
        }
        fields.serialize_entry("unavailable", &Fields(self.unavailable.clone()))?;
        fields.serialize_entry("photos", &self.ids.len())?;
        fields.serialize_entry("candidate_length", &self.scores.candidate_len)?;
        fields.serialize_entry("reference_length", &self.scores.reference_len)?;
        fields.serialize_entry("length_ratio", &self.scores.length_ratio)?;
        let Variety { vocabulary, distinct_1, distinct_2, novel } = self.variety;
        fields.serialize_entry("vocabulary", &vocabulary)?;
        fields.serialize_entry("distinct_1", &distinct_1)?;
        fields.serialize_entry("distinct_2", &distinct_2)?;
        fields.serialize_entry("novel", &novel)?;
        fields.serialize_entry("signature", &self.signature)?;
        fields.serialize_entry("intervals", &self.interval_fields())?;
        let against = self.against.as_ref().map(|against| Compared { report: self, against });
        fields.serialize_entry("against", &against)?;
        fields.end()
    }
}

/// The other system as it serialises: its scores, the differences, and how varied it is.
struct Compared<'a> {
    report: &'a Report,
    against: &'a Against,
}

impl Serialize for Compared<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Against { scores, variety, differences } = self.against;
        let mut fields = serializer.serialize_map(None)?;
        for (name, score) in self.report.asked(&scores.named()) {
            fields.serialize_entry(name, &score)?;
        }
        fields.serialize_entry("length_ratio", &scores.length_ratio)?;
        fields.serialize_entry("vocabulary", &variety.vocabulary)?;
        fields.serialize_entry("distinct_1", &variety.distinct_1)?;
        fields.serialize_entry("distinct_2", &variety.distinct_2)?;
        fields.serialize_entry("novel", &variety.novel)?;
        let differences = self.report.asked(differences);
        let named = |(name, found): (&'static str, Difference)| (name, Told::from(found));
        fields.serialize_entry("differences", &Fields(differences.into_iter().map(named).collect()))?;
        fields.end()
    }
}

/// A difference as it serialises.
#[derive(Clone, Copy, serde::Serialize)]
struct Told {
    difference: f64,
    interval: [f64; 2],
    p_bootstrap: f64,
    p_randomisation: f64,
}

impl From<Difference> for Told {
    fn from(found: Difference) -> Self {
        Self {
            difference: found.difference,
            interval: bounds(found.interval),
            p_bootstrap: found.bootstrap,
            p_randomisation: found.randomisation,
        }
    }
}

/// Named values that serialise as an object whose keys are in this order.
#[derive(Clone, Debug)]
pub struct Fields<T>(pub Vec<(&'static str, T)>);

impl<T: Serialize> Serialize for Fields<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}
