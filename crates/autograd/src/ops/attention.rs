//! Additive attention over regions.

use nid_kernels::attention::{self, Scene};

use crate::trace::{Indices, Operation};
use crate::{Buffer, Graph, Tensor, Var};

/// What attention gives.
#[derive(Clone, Debug)]
pub struct Attended {
    /// The weighted mean of the values, `[rows, width]`.
    pub context: Var,
    /// How much each region counted, `[rows, regions]`; rows sum to one.
    pub weights: Var,
}

impl Graph<'_> {
    /// Lets row `b` look at the regions of picture `owners[b]`: keys `[pictures, regions, attention]`, values
    /// `[pictures, regions, width]`, queries `[rows, attention]`, score `[attention]`.
    ///
    /// # Panics
    /// If keys do not have three axes.
    #[must_use]
    pub fn attend<'a>(
        &self,
        keys: &Var,
        values: &Var,
        queries: &Var,
        score: &Var,
        owners: impl Into<Indices<'a>>,
    ) -> Attended {
        let owners = owners.into();
        let &[_, regions, _] = keys.value().shape() else { panic!("three axes, found {:?}", keys.value().shape()) };
        let (rows, width) = (owners.numbers().len(), values.value().width());
        let inputs = [keys, values, queries, score].map(Var::clone);
        let (read, owners) = (owners.source(), owners.numbers().to_vec());
        let mut weights = Buffer::scratch(rows * regions);
        let mut context = Buffer::scratch(rows * width);
        attention::forward(scene(&inputs, &owners, regions), &mut weights, &mut context);
        let parents = [keys, values, queries, score];
        let attended = Attended {
            context: self.node(Tensor::new(&[rows, width], context), &parents),
            weights: self.node(Tensor::new(&[rows, regions], weights), &parents),
        };
        let read = parents.map(Var::source).into_iter().chain([read]);
        self.trace(Operation::Attend, read, [&attended.context, &attended.weights]);

        let out = attended.clone();
        self.record(&attended.context, move |gradients| {
            let (of_context, of_weights) = (gradients.take(&out.context), gradients.take(&out.weights));
            if of_context.is_none() && of_weights.is_none() {
                return;
            }
            let of_context = of_context.unwrap_or_else(|| Buffer::zeros(rows * width));
            // Keys and values collect from every step of a caption: they are taken out, added to and put back.
            let mut sums = inputs.each_ref().map(|input| {
                let zeros = || Buffer::zeros(input.value().data().len());
                gradients.take(input).unwrap_or_else(zeros)
            });
            let [of_keys, of_values, of_queries, of_score] = &mut sums;
            let mut targets =
                attention::Gradients { keys: of_keys, values: of_values, queries: of_queries, score: of_score };
            let weights = out.weights.value().data();
            let scene = scene(&inputs, &owners, regions);
            attention::backward(scene, weights, &of_context, of_weights.as_deref(), &mut targets);
            inputs.iter().zip(sums).for_each(|(input, sum)| gradients.give(input, sum));
        });
        attended
    }
}

fn scene<'a>([keys, values, queries, score]: &'a [Var; 4], owners: &'a [usize], regions: usize) -> Scene<'a> {
    Scene {
        keys: keys.value().data(),
        values: values.value().data(),
        queries: queries.value().data(),
        score: score.value().data(),
        owners,
        regions,
    }
}
