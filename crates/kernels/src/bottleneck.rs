//! The inverted bottleneck of MobileNetV2 in one pass: expand, convolve each channel by itself, project.
//!
//! Between its layers the map has several times the channels that come in and go out, and would not fit into a cache. So a few rows
//! at a time go through all three layers: of the wide maps no more than these exist. Threads take bands of rows where there
//! are many rows; else they take some of the wide channels, and their shares of the projection are summed up. How many shares
//! there are is the same for any number of threads, and so is every bit of the sum.

use std::ops::Range;

use crate::aligned::{Aligned, at_least};
use crate::convolution::{clamp, for_each_band};
use crate::dense::Dense;
use crate::depthwise::Depthwise;
use crate::packed::{Finish, Rows};
use crate::window::{Axis, Extent};
use crate::{Threads, vectorised};

/// Numbers of the wide map that are convolved before they are projected: an eighth of a second cache.
const CHUNK: usize = 1 << 15;
/// Rows of a map that is cut into bands: of fewer, too many would be expanded by two threads.
const MANY_ROWS: usize = 32;

/// The three layers.
#[derive(Debug)]
pub struct Bottleneck {
    expand: Option<Dense>,
    depthwise: Depthwise,
    project: Dense,
    residual: bool,
}

/// What each thread works with; kept between calls, for fresh memory is slow to touch.
#[derive(Debug, Default)]
pub struct Scratch {
    threads: Vec<Own>,
}

/// What one thread works with.
#[derive(Debug, Default)]
struct Own {
    expanded: Aligned,
    mixed: Aligned,
    share: Aligned,
    zeros: Aligned,
}

/// What one thread does: these rows of output, of these panels of the wide map.
struct Task {
    rows: Range<usize>,
    panels: Range<usize>,
    channels: Range<usize>,
}

impl Bottleneck {
    /// The layers one after another; without `expand` the map is as wide as it comes in. With `residual` the input is added to the
    /// output.
    ///
    /// # Panics
    /// If one layer's outputs are not the next one's inputs.
    #[must_use]
    pub fn new(expand: Option<Dense>, depthwise: Depthwise, project: Dense, residual: bool) -> Self {
        let wide = expand.as_ref().map_or(depthwise.channels(), |expand| expand.packed.outputs());
        assert_eq!([wide, project.packed.inputs()], [depthwise.channels(); 2], "channels between the layers");
        Self { expand, depthwise, project, residual }
    }

    /// Makes a map of a map of that extent.
    ///
    /// # Panics
    /// If the lengths do not fit together.
    pub fn run(&self, output: &mut [f32], input: &[f32], extent: Extent, scratch: &mut Scratch, threads: Threads) {
        let inputs = self.expand.as_ref().map_or(self.depthwise.channels(), |expand| expand.packed.inputs());
        let made = self.depthwise.window().output(extent, self.project.packed.outputs());
        assert_eq!(extent.channels, inputs, "channels of a map");
        assert_eq!(input.len(), extent.numbers(), "numbers in a map of {extent:?}");
        assert_eq!(output.len(), made.numbers(), "numbers in a map of {made:?}");
        if output.is_empty() {
            return;
        }
        let Some(expand) = self.expand.as_ref().filter(|_| made.height < MANY_ROWS) else {
            let own = at_least(&mut scratch.threads, threads.count().min(made.height));
            return self.bands(output, input, extent, own, threads);
        };
        let shares = at_least(&mut scratch.threads, expand.packed.shares());
        threads.each(shares, |index, own| {
            let task = self.task(0..made.height, expand.packed.share(index));
            let mut share = std::mem::take(&mut own.share);
            self.part(own, &task, share.at_least(made.numbers()), input, extent, &Finish::NONE);
            own.share = share;
        });
        self.sum_up(output, shares, input, threads);
    }

    /// Each thread makes a band of rows.
    fn bands(&self, output: &mut [f32], input: &[f32], extent: Extent, own: &mut [Own], threads: Threads) {
        let panels = self.expand.as_ref().map_or(1, |expand| expand.packed.panels());
        let made = self.depthwise.window().output(extent, self.project.packed.outputs());
        let rows_of_band = made.height.div_ceil(own.len());
        threads.bands(output, rows_of_band * made.row(), own, |index, output, own| {
            let rows = index * rows_of_band..(index * rows_of_band + output.len() / made.row());
            let task = self.task(rows.clone(), 0..panels);
            let places = rows.start * made.row()..rows.end * made.row();
            let added = self.residual.then(|| &input[places]);
            let finish = Finish { added, ..self.project.finish() };
            self.part(own, &task, output, input, extent, &finish);
        });
    }

    fn task(&self, rows: Range<usize>, panels: Range<usize>) -> Task {
        let all = 0..self.depthwise.channels();
        let channels = self.expand.as_ref().map_or(all, |expand| expand.packed.columns(panels.clone()));
        Task { rows, panels, channels }
    }

    /// Does a task, a few rows at a time.
    fn part(&self, own: &mut Own, task: &Task, output: &mut [f32], input: &[f32], extent: Extent, finish: &Finish<'_>) {
        let Task { rows, panels, channels } = task;
        let vertical = self.depthwise.window().along(extent.height);
        let made = self.depthwise.window().output(extent, channels.len());
        let at_once = self.depthwise.rows_at_once();
        let step = (CHUNK / made.row()).next_multiple_of(at_once).max(at_once);
        let Own { expanded, mixed, zeros, .. } = own;
        let wide = Extent { channels: channels.len(), ..extent };
        let zeros = &*zeros.at_least(wide.row());
        let mixed = mixed.at_least(step * made.row());
        let most = most_seen(vertical, rows.clone(), step);
        let expanded = expanded.at_least(if self.expand.is_some() { most * wide.row() } else { 0 });

        let mut kept = 0..0;
        let outputs = self.project.packed.outputs();
        for first in rows.clone().step_by(step) {
            let chunk = first..(first + step).min(rows.end);
            let seen = vertical.seen(chunk.clone());
            if let Some(expand) = &self.expand {
                expand_rows(expand, expanded, &mut kept, seen.clone(), panels.clone(), input, extent);
            }
            let row = |y: usize| match self.expand {
                Some(_) => &expanded[(y - seen.start) * wide.row()..(y - seen.start + 1) * wide.row()],
                None => &input[y * wide.row()..(y + 1) * wide.row()],
            };
            let mixed = &mut mixed[..chunk.len() * made.row()];
            for (index, mixed) in mixed.chunks_mut(at_once * made.row()).enumerate() {
                self.depthwise.rows(mixed, first + index * at_once, row, zeros, extent, channels.clone());
            }
            let row = made.width * outputs;
            let places = (chunk.start - rows.start) * row..(chunk.end - rows.start) * row;
            let mixed = Rows { numbers: mixed, stride: channels.len() };
            let finish = Finish { added: finish.added.map(|added| &added[places.clone()]), ..*finish };
            let packed = &self.project.packed;
            packed.multiply(0..packed.panels(), channels.clone(), mixed, &mut output[places], outputs, &finish);
        }
    }

    /// The sum of all shares, and what follows the projection.
    fn sum_up(&self, output: &mut [f32], own: &[Own], input: &[f32], threads: Threads) {
        let (low, high) = self.project.activation.range();
        let outputs = self.project.packed.outputs();
        let band = (output.len() / outputs).div_ceil(threads.count()) * outputs;
        for_each_band(output, band, threads, |index, output| {
            let places = index * band..index * band + output.len();
            vectorised(|| {
                output.copy_from_slice(&own[0].share[places.clone()]);
                for own in &own[1..] {
                    output.iter_mut().zip(&own.share[places.clone()]).for_each(|(sum, share)| *sum += share);
                }
                for row in output.chunks_exact_mut(outputs) {
                    let sums = row.iter_mut().zip(&self.project.bias);
                    sums.for_each(|(sum, bias)| *sum = clamp(*sum + bias, low, high));
                }
                if self.residual {
                    output.iter_mut().zip(&input[places]).for_each(|(sum, x)| *sum += x);
                }
            });
        });
    }
}

/// Sees to it that `expanded` holds the rows `seen` of the wide map; of those that it holds, `kept`, these are not computed
/// again.
fn expand_rows(
    expand: &Dense,
    expanded: &mut [f32],
    kept: &mut Range<usize>,
    seen: Range<usize>,
    panels: Range<usize>,
    input: &[f32],
    extent: Extent,
) {
    let channels = expand.packed.columns(panels.clone()).len();
    let row = extent.width * channels;
    let from = kept.end.clamp(seen.start, seen.end);
    if from > seen.start {
        expanded.copy_within((seen.start - kept.start) * row..(from - kept.start) * row, 0);
    }
    let output = &mut expanded[(from - seen.start) * row..seen.len() * row];
    let input = Rows { numbers: &input[from * extent.row()..seen.end * extent.row()], stride: extent.channels };
    expand.packed.multiply(panels, 0..extent.channels, input, output, channels, &expand.finish());
    *kept = seen;
}

/// The most rows that `step` of these rows see.
fn most_seen(vertical: Axis, rows: Range<usize>, step: usize) -> usize {
    let chunks = rows.clone().step_by(step).map(|first| first..(first + step).min(rows.end));
    chunks.map(|chunk| vertical.seen(chunk).len()).max().unwrap_or(0)
}
