//! What is made small.

use nid_kernels::normalise::log_softmax_rows;

use crate::{Buffer, Graph, Tensor, Var};

impl Graph<'_> {
    /// The sum over rows of the cross-entropy between a softmax of `logits` `[rows, classes]` and the targets.
    ///
    /// `smoothing` ε spreads that share of each target evenly over all classes: Szegedy et al., "Rethinking the
    /// Inception Architecture" (2016), section 7.
    ///
    /// # Panics
    /// If there is not a target a row.
    #[must_use]
    pub fn cross_entropy(&self, logits: &Var, targets: &[u32], smoothing: f32) -> Var {
        let (rows, classes) = (logits.value().rows(), logits.value().width());
        assert_eq!(targets.len(), rows, "targets of a loss");
        let mut log_probabilities = Buffer::copy_of(logits.value().data());
        log_softmax_rows(&mut log_probabilities, classes);
        let spread = smoothing / classes as f32;
        let mut sum = 0.0;
        for (row, &target) in log_probabilities.chunks_exact(classes).zip(targets) {
            sum -= f64::from((1.0 - smoothing) * row[target as usize]);
            if smoothing > 0.0 {
                sum -= f64::from(spread * row.iter().sum::<f32>());
            }
        }
        let output = self.node(Tensor::new(&[1], vec![sum as f32]), &[logits]);

        let (logits, out, targets) = (logits.clone(), output.clone(), targets.to_vec());
        self.record(&output, move |gradients| {
            let Some(upstream) = gradients.take(&out).map(|gradient| gradient[0]) else { return };
            nid_kernels::elementwise::exp_in_place(&mut log_probabilities);
            let mut gradient = log_probabilities;
            for (row, &target) in gradient.chunks_exact_mut(classes).zip(&targets) {
                row[target as usize] -= 1.0 - smoothing;
                row.iter_mut().for_each(|p| *p = (*p - spread) * upstream);
            }
            gradients.give(&logits, gradient);
        });
        output
    }

    /// `Σ (1 − Σₜ xₜ)²` over all numbers: how far what `steps` sum to is from one. A later step may have fewer rows
    /// than the first; the missing ones count as zero. The doubly stochastic regulariser of "Show, Attend and
    /// Tell", equation 14, without its λ.
    #[must_use]
    pub fn departure_from_one(&self, steps: &[Var]) -> Var {
        let mut gaps = Buffer::scratch(steps[0].value().data().len());
        gaps.fill(1.0);
        for step in steps {
            gaps.iter_mut().zip(step.value().data()).for_each(|(gap, x)| *gap -= x);
        }
        let sum: f32 = gaps.iter().map(|gap| gap * gap).sum();
        let inputs: Vec<&Var> = steps.iter().collect();
        let output = self.node(Tensor::new(&[1], vec![sum]), &inputs);

        let (steps, out) = (steps.to_vec(), output.clone());
        self.record(&output, move |gradients| {
            let Some(upstream) = gradients.take(&out).map(|gradient| gradient[0]) else { return };
            let mut gaps = gaps;
            gaps.iter_mut().for_each(|gap| *gap *= -2.0 * upstream);
            for step in &steps {
                gradients.give(step, Buffer::copy_of(&gaps[..step.value().data().len()]));
            }
        });
        output
    }
}
