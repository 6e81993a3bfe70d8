//! Every operation's gradient against finite differences, on tiny shapes.

mod common;

use common::{STEP, check, check_in_training, uneven};
use nid_autograd::{Tensor, Var};

#[test]
fn linear() {
    check(&[&[3, 4], &[5, 4], &[5]], |g, x| uneven(g, &g.linear(&x[0], &x[1], Some(&x[2]))));
    // One weight used twice: both uses count.
    check(&[&[2, 3], &[3, 3]], |g, x| uneven(g, &g.linear(&g.linear(&x[0], &x[1], None), &x[1], None)));
}

#[test]
fn functions_of_single_numbers() {
    check(&[&[3, 4]], |g, x| uneven(g, &g.tanh(&x[0])));
    check(&[&[3, 4]], |g, x| uneven(g, &g.sigmoid(&x[0])));
    check(&[&[3, 4]], |g, x| uneven(g, &g.scale(&x[0], -1.7)));
    check(&[&[3, 4]], |g, x| uneven(g, &g.log_softmax(&x[0])));
    check(&[&[3, 4], &[3, 4]], |g, x| uneven(g, &g.add(&x[0], &x[1])));
    check(&[&[3, 4], &[3, 4]], |g, x| uneven(g, &g.multiply(&x[0], &x[1])));
    // Away from its corner, where differences mean nothing.
    check(&[&[3, 4]], |g, x| {
        let corner = |y: &f32| if y.abs() < 2.0 * STEP { 1.0 } else { 0.0 };
        let away: Vec<f32> = x[0].value().data().iter().map(corner).collect();
        uneven(g, &g.relu(&g.add(&x[0], &Var::constant(Tensor::new(&[3, 4], away)))))
    });
}

/// Each evaluation draws the same numbers, so that the differences see one mask.
#[test]
fn dropout() {
    check_in_training(&[&[3, 4]], |g, x| uneven(g, &g.dropout(&x[0], 0.4)));
}

#[test]
fn layer_normalisation() {
    check(&[&[3, 6], &[6], &[6]], |g, x| uneven(g, &g.layer_norm(&x[0], &x[1], &x[2])));
}

#[test]
fn rows_and_columns() {
    check(&[&[3, 2], &[3, 4]], |g, x| uneven(g, &g.concatenate(&[&x[0], &x[1]])));
    check(&[&[3, 2], &[1, 2]], |g, x| uneven(g, &g.stack(&[x[0].clone(), x[1].clone(), x[0].clone()])));
    check(&[&[4, 3]], |g, x| uneven(g, &g.first_rows(&x[0], 2)));
    check(&[&[4, 3]], |g, x| uneven(g, &g.gather(&x[0], [2, 0, 2].as_slice())));
    check(&[&[2, 3, 4]], |g, x| uneven(g, &g.mean_regions(&x[0])));
    check(&[&[2, 3, 4]], |g, x| uneven(g, &g.multiply(&g.reshape(&x[0], &[4, 6]), &x[0])));
}

#[test]
fn lstm() {
    check(&[&[2, 12], &[2, 3]], |g, x| {
        let state = g.lstm(&x[0], &x[1]);
        uneven(g, &g.concatenate(&[&state.hidden, &state.cell]))
    });
    check(&[&[2, 12], &[2, 3]], |g, x| uneven(g, &g.lstm(&x[0], &x[1]).cell));
}

#[test]
fn attention() {
    let shapes: [&[usize]; 4] = [&[2, 3, 4], &[2, 3, 5], &[3, 4], &[4]];
    check(&shapes, |g, x| {
        let attended = g.attend(&x[0], &x[1], &x[2], &x[3], [1, 0, 1].as_slice());
        uneven(g, &g.concatenate(&[&attended.context, &attended.weights]))
    });
}

#[test]
fn losses() {
    check(&[&[3, 5]], |g, x| g.cross_entropy(&x[0], &[4, 0, 2], 0.0));
    check(&[&[3, 5]], |g, x| g.cross_entropy(&x[0], &[4, 0, 2], 0.2));
    check(&[&[3, 2], &[2, 2]], |g, x| g.departure_from_one(&[x[0].clone(), x[1].clone()]));
}
