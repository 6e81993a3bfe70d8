//! Layers work in memory that they were given before.

use allocation_counter::measure;
use nid_kernels::bottleneck::{Bottleneck, Scratch};
use nid_kernels::convolution::{Activation, Filter, Gathered, Layer};
use nid_kernels::dense::Dense;
use nid_kernels::depthwise::Depthwise;
use nid_kernels::window::{Extent, Padding, Window};
use nid_kernels::{Level, Threads};

fn filter(weights: usize, outputs: usize) -> Filter {
    Filter { weights: vec![0.5; weights], bias: vec![0.5; outputs], activation: Activation::Relu }
}

/// Runs twice; the second time nothing may be allocated.
#[track_caller]
fn check(mut run: impl FnMut(Threads)) {
    for threads in [Threads::One, Threads::All] {
        run(threads);
        assert_eq!(measure(|| run(threads)).count_total, 0, "{threads:?}");
    }
}

#[test]
fn a_second_call_allocates_nothing() {
    let extent = Extent { height: 40, width: 30, channels: 16 };
    let input = vec![0.5; extent.numbers()];
    let mut output = vec![0.0; extent.pixels() * 32];

    // Gathered, and transformed.
    for size in [5, 3] {
        let window = Window { size, stride: 1, padding: Padding::Same };
        let layer = Layer::new(window, filter(size * size * 16 * 32, 32), Level::best());
        let mut gathered = Gathered::default();
        check(|threads| layer.run(&mut output, &input, extent, &mut gathered, threads));
    }
    let dense = Dense::new(filter(16 * 32, 32), Level::best());
    check(|threads| dense.run(&mut output, &input, threads));

    // In bands of rows, and in shares of the wide channels.
    for height in [40, 8] {
        let extent = Extent { height, ..extent };
        let window = Window { size: 5, stride: 1, padding: Padding::Same };
        let layers = Bottleneck::new(
            Some(Dense::new(filter(16 * 300, 300), Level::best())),
            Depthwise::new(window, filter(25 * 300, 300), Level::best()),
            Dense::new(filter(300 * 32, 32), Level::best()),
            false,
        );
        let mut scratch = Scratch::default();
        let (input, output) = (&input[..extent.numbers()], &mut output[..extent.pixels() * 32]);
        check(|threads| layers.run(output, input, extent, &mut scratch, threads));
    }
}
