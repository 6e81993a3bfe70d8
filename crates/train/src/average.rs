//! Running averages of weights, which are better than the weights themselves while the learning rate is high: Polyak and
//! Juditsky, "Acceleration of Stochastic Approximation by Averaging" (1992); with a fixed share, Tarvainen and Valpola,
//! "Mean teachers are better role models" (2017).

use nid_autograd::Parameters;

/// Moves `average` towards `parameters` after `step` steps, leaving the share `keep` of it; less of it at first, when
/// there is little to remember.
pub(crate) fn follow(average: &mut Parameters, parameters: &Parameters, keep: f64, step: usize) {
    let keep = keep.min((1 + step) as f64 / (10 + step) as f64) as f32;
    for ((_, mean), (_, new)) in average.iter_mut().zip(parameters.iter()) {
        for (mean, new) in mean.data_mut().iter_mut().zip(new.data()) {
            *mean += (1.0 - keep) * (new - *mean);
        }
    }
}

#[cfg(test)]
mod tests {
    use nid_autograd::Tensor;
    use proptest::prelude::*;

    use super::*;

    fn one(number: f32) -> Parameters {
        let mut parameters = Parameters::default();
        parameters.push("x", Tensor::new(&[1], vec![number]));
        parameters
    }

    fn number(parameters: &Parameters) -> f32 {
        parameters.iter().next().expect("there is one").1.data()[0]
    }

    proptest! {
        #[test]
        fn an_average_lies_between_and_comes_closer(from in -9f32..9.0, to in -9f32..9.0, keep in 0.0..0.999, step in 0usize..9999) {
            let mut average = one(from);
            follow(&mut average, &one(to), keep, step);
            let moved = number(&average);
            prop_assert!(moved >= from.min(to) - 1e-5 && moved <= from.max(to) + 1e-5);
            prop_assert!((moved - to).abs() <= (from - to).abs());
        }
    }
}
