//! Classifiers: shapes, counts, gradients by finite differences, and that they can learn.

use std::num::NonZeroUsize;

use nid_autograd::{Gradients, Graph, Initialiser, Parameters, Tensor, Var};
use nid_nn::classifier::{Classifier, Config, Error, Head, HeadConfig};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

/// Of Fashion-MNIST.
const PICTURE: [usize; 3] = [28, 28, 1];
const CLASSES: usize = 10;

fn config(json: &str) -> Config {
    serde_json::from_str(json).expect("a configuration of this file")
}

fn built(config: &Config, input: [usize; 3], classes: usize) -> (Classifier, Parameters) {
    let mut init = Initialiser::new(5);
    let classifier = Classifier::new(config, input, classes, &mut init).expect("a network that there can be");
    (classifier, init.finish())
}

fn head(config: &HeadConfig, channels: usize, classes: usize) -> (Head, Parameters) {
    let mut init = Initialiser::new(5);
    let head = Head::new(config, channels, classes, &mut init).expect("a network that there can be");
    (head, init.finish())
}

/// Small networks of every kind, each over pictures of two channels.
fn tiny() -> Vec<(Config, [usize; 3])> {
    vec![
        (config(r#"{"kind": "mlp", "hidden": 5}"#), [3, 4, 2]),
        (config(r#"{"kind": "cnn", "width": 3, "hidden": 5}"#), [8, 7, 2]),
        (config(r#"{"kind": "small", "width": 2}"#), [6, 5, 2]),
        (config(r#"{"kind": "best", "width": 2}"#), [16, 16, 2]),
        (listed(PLAIN_LAYERS), [8, 7, 2]),
        (listed(OTHER_LAYERS), [7, 6, 2]),
    ]
}

/// Layers that a map goes through to a row, all kinds together with [`OTHER_LAYERS`].
const PLAIN_LAYERS: &str = r#"
    {"layer": "convolution", "channels": 3, "size": 3, "activation": "relu"},
    {"layer": "norm"},
    {"layer": "max-pool", "size": 2, "stride": 2},
    {"layer": "dropout", "rate": 0.25},
    {"layer": "convolution", "channels": 4, "size": 2, "stride": 2, "padding": "same"},
    {"layer": "activation", "function": "tanh"},
    {"layer": "flatten"},
    {"layer": "dense", "outputs": 5, "activation": "sigmoid"},
    {"layer": "dense", "outputs": 3}"#;
const OTHER_LAYERS: &str = r#"
    {"layer": "average-pool", "size": 2, "stride": 1, "padding": "same"},
    {"layer": "convolution", "channels": 4, "size": 3},
    {"layer": "global-average"},
    {"layer": "norm"},
    {"layer": "dense", "outputs": 3}"#;

/// A list of layers.
fn listed(layers: &str) -> Config {
    config(&format!(r#"{{"kind": "layers", "layers": [{layers}]}}"#))
}

/// Numbers that hardly two pictures share.
fn numbers(shape: &[usize]) -> Tensor {
    let drawn = |i: usize| ((i * i * 29 + i * 13 + 7) % 101) as f32 / 50.0 - 1.0;
    Tensor::new(shape, (0..shape.iter().product()).map(drawn).collect::<Vec<f32>>())
}

fn pictures(count: usize, [height, width, channels]: [usize; 3]) -> Var {
    Var::constant(numbers(&[count, height, width, channels]))
}

/// The loss of one pass in training with the dropout of a seed, and its gradients.
fn taught(
    parameters: &Parameters,
    targets: &[u32],
    seed: u64,
    logits: impl FnOnce(&Graph<'_>) -> Var,
) -> (f32, Gradients) {
    let graph = Graph::training(parameters, ChaCha8Rng::seed_from_u64(seed));
    let loss = graph.cross_entropy(&logits(&graph), targets, 0.0);
    (loss.value().data()[0], graph.backward(&loss))
}

#[test]
fn pictures_become_a_score_a_class() {
    let check = |json: &str, learnt: usize| {
        let (classifier, parameters) = built(&config(json), PICTURE, CLASSES);
        let logits = classifier.logits(&Graph::inference(&parameters), &pictures(3, PICTURE));
        assert_eq!(logits.value().shape(), [3, CLASSES], "{json}");
        assert!(logits.value().data().iter().all(|x| x.is_finite()), "{json}");
        assert_eq!(classifier.learnt(&parameters), learnt, "{json}");
    };
    check(r#"{"kind": "mlp"}"#, 784 * 128 + 128 + 1290);
    // The count that Keras prints for the network of its tutorials.
    check(r#"{"kind": "cnn"}"#, 600_810);
    check(r#"{"kind": "small"}"#, 79_482);
    check(r#"{"kind": "best"}"#, 1_645_546);
    // The same network as `mlp`, as a list.
    let layers = r#"{"layer": "flatten"}, {"layer": "dense", "outputs": 128, "activation": "relu"},
                    {"layer": "dense", "outputs": 10}"#;
    check(&format!(r#"{{"kind": "layers", "layers": [{layers}]}}"#), 784 * 128 + 128 + 1290);
}

#[test]
fn running_statistics_are_not_learnt() {
    for (config, input) in tiny() {
        let (classifier, parameters) = built(&config, input, 3);
        let (_, gradients) = taught(&parameters, &[2, 0, 1], 0, |graph| classifier.logits(graph, &pictures(3, input)));
        let with_gradient: usize = gradients.parameters().flatten().map(<[f32]>::len).sum();
        assert_eq!(classifier.learnt(&parameters), with_gradient, "{config:?}");
    }
}

#[test]
fn names_say_where_a_parameter_belongs() {
    let names = |json: &str| {
        let (_, parameters) = built(&config(json), PICTURE, CLASSES);
        let mut names: Vec<String> = parameters.iter().map(|(name, _)| name.to_owned()).collect();
        let count = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), count, "a name given twice in {json}");
        names
    };
    assert_eq!(names(r#"{"kind": "mlp"}"#), ["hidden.bias", "hidden.weight", "output.bias", "output.weight"]);
    let layers = names(&format!(r#"{{"kind": "layers", "layers": [{}]}}"#, PLAIN_LAYERS.replace("3}", "10}")));
    for name in ["conv1.weight", "norm1.variance", "conv2.bias", "dense1.weight", "dense2.bias"] {
        assert!(layers.iter().any(|known| known == name), "{name}");
    }
    for name in ["stem.weight", "conv1.weight", "block2.norm1.gain", "block2.conv2.weight", "output.bias"] {
        assert!(names(r#"{"kind": "small"}"#).iter().any(|known| known == name), "{name}");
    }
    for name in ["stem_norm.shift", "conv3.weight", "block2.norm2.mean", "block1.norm1.variance"] {
        assert!(names(r#"{"kind": "best"}"#).iter().any(|known| known == name), "{name}");
    }
}

/// Compares gradients of the loss in training, in every thirteenth number of each parameter, with the differences to
/// either side: the gradient lies between them, also where a step goes over the corner of a rectifier or of a maximum.
fn agree(parameters: &mut Parameters, targets: &[u32], logits: impl Fn(&Graph<'_>) -> Var) {
    let (here, gradients) = taught(parameters, targets, 0, &logits);
    let step = 3e-4;
    for (index, found) in gradients.parameters().enumerate() {
        let Some(found) = found else { continue };
        for (place, found) in found.iter().enumerate().step_by(13) {
            let mut moved = |by: f32| {
                let (_, tensor) = parameters.iter_mut().nth(index).expect("gradients are one a parameter");
                tensor.data_mut()[place] += by;
                taught(parameters, targets, 0, &logits).0
            };
            let (up, down) = (moved(step), moved(-2.0 * step));
            moved(step);
            let sides = [(up - here) / step, (here - down) / step];
            let room = 1e-2 + 0.02 * found.abs();
            let (least, most) = (sides[0].min(sides[1]) - room, sides[0].max(sides[1]) + room);
            assert!((least..=most).contains(found), "parameter {index}, number {place}: {found}, not {sides:?}");
        }
    }
}

#[test]
fn gradients_of_classifiers_agree_with_differences() {
    for (config, input) in tiny() {
        let (classifier, mut parameters) = built(&config, input, 3);
        agree(&mut parameters, &[2, 0, 1, 1], |graph| classifier.logits(graph, &pictures(4, input)));
    }
}

#[test]
fn gradients_of_heads_agree_with_differences() {
    for hidden in [None, NonZeroUsize::new(6)] {
        let (head, mut parameters) = head(&HeadConfig { hidden, dropout: 0.2 }, 5, 3);
        let features = Var::constant(numbers(&[4, 6, 5]));
        agree(&mut parameters, &[2, 0, 1, 1], |graph| head.logits(graph, &features));
    }
}

#[test]
fn a_picture_s_scores_do_not_depend_on_its_batch() {
    for (config, input) in tiny() {
        let (classifier, mut parameters) = built(&config, input, 3);
        let all = pictures(5, input);
        // Running statistics as some training leaves them.
        let (_, gradients) = taught(&parameters, &[0, 1, 2, 0, 1], 0, |graph| classifier.logits(graph, &all));
        parameters.follow(&gradients, 0.5);
        let graph = Graph::inference(&parameters);
        let together = classifier.logits(&graph, &all);
        for picture in 0..5 {
            let alone = classifier.logits(&graph, &Var::constant(all.value().select(&[picture])));
            for (x, y) in alone.value().data().iter().zip(&together.value().data()[picture * 3..]) {
                assert!((x - y).abs() < 1e-5, "{config:?}, picture {picture}: {x} alone, {y} in a batch");
            }
        }
    }
}

/// Takes steps of AdamW, without decay, on all pictures; how many are classified rightly in inference after that.
fn learn(parameters: &mut Parameters, targets: &[u32], logits: impl Fn(&Graph<'_>) -> Var) -> usize {
    let zeros = |parameters: &Parameters| parameters.iter().map(|(_, x)| vec![0f32; x.data().len()]).collect();
    let (mut means, mut squares): (Vec<Vec<f32>>, Vec<Vec<f32>>) = (zeros(parameters), zeros(parameters));
    for step in 1..=100 {
        let (_, gradients) = taught(parameters, targets, step as u64, &logits);
        let (of_mean, of_square) = (1.0 - 0.9f32.powi(step), 1.0 - 0.99f32.powi(step));
        let moments = means.iter_mut().zip(&mut squares);
        for (((_, tensor), gradient), (mean, square)) in parameters.iter_mut().zip(gradients.parameters()).zip(moments)
        {
            let Some(gradient) = gradient else { continue };
            for (i, x) in tensor.data_mut().iter_mut().enumerate() {
                let g = gradient[i] / targets.len() as f32;
                mean[i] += 0.1 * (g - mean[i]);
                square[i] += 0.01 * (g * g - square[i]);
                *x -= 0.005 * (mean[i] / of_mean) / ((square[i] / of_square).sqrt() + 1e-8);
            }
        }
        parameters.follow(&gradients, 0.1);
    }
    let logits = logits(&Graph::inference(parameters));
    let scores = logits.value().data().chunks_exact(logits.value().width());
    scores.zip(targets).filter(|(scores, target)| scores.iter().all(|x| *x <= scores[**target as usize])).count()
}

#[test]
fn thirty_two_pictures_are_learnt_by_heart() {
    let targets: Vec<u32> = (0..32).map(|i| (i * i + i / 3) % 4).collect();
    for json in [
        r#"{"kind": "mlp", "hidden": 32}"#,
        r#"{"kind": "cnn", "width": 8, "hidden": 32}"#,
        r#"{"kind": "small", "width": 8}"#,
        r#"{"kind": "best", "width": 4}"#,
    ] {
        let (classifier, mut parameters) = built(&config(json), [10, 10, 1], 4);
        let seen = pictures(32, [10, 10, 1]);
        assert_eq!(learn(&mut parameters, &targets, |graph| classifier.logits(graph, &seen)), 32, "{json}");
    }
    for hidden in [None, NonZeroUsize::new(24)] {
        let (head, mut parameters) = head(&HeadConfig { hidden, dropout: 0.0 }, 40, 4);
        let features = Var::constant(numbers(&[32, 3, 40]));
        assert_eq!(learn(&mut parameters, &targets, |graph| head.logits(graph, &features)), 32, "{hidden:?}");
    }
}

#[test]
fn what_cannot_be_is_said() {
    let check = |json: &str, input: [usize; 3], classes: usize, expected: &str| {
        let error = Classifier::new(&config(json), input, classes, &mut Initialiser::new(0)).unwrap_err();
        assert_eq!(error.to_string(), expected);
    };
    let tiny =
        |side: usize| format!("pictures of {side} × {side} pixels and 1 channels are too small for this network");
    check(r#"{"kind": "mlp"}"#, PICTURE, 1, "1 classes, expected at least 2");
    check(r#"{"kind": "mlp", "dropout": 1.0}"#, PICTURE, 10, "dropout of 1, expected at least 0 and less than 1");
    check(r#"{"kind": "small", "dropout": -0.5}"#, PICTURE, 10, "dropout of -0.5, expected at least 0 and less than 1");
    check(r#"{"kind": "cnn"}"#, [5, 5, 1], 10, &tiny(5));
    check(r#"{"kind": "best"}"#, [7, 7, 1], 10, &tiny(7));
    for kind in ["mlp", "cnn", "small", "best"] {
        check(&format!(r#"{{"kind": "{kind}"}}"#), [0, 0, 1], 10, &tiny(0));
    }
    let layers = |layers: &str, expected: &str| {
        let json = format!(r#"{{"kind": "layers", "layers": [{layers}]}}"#);
        check(&json, [28, 28, 1], 10, expected);
    };
    let (dense, flatten) = (r#"{"layer": "dense", "outputs": 10}"#, r#"{"layer": "flatten"}"#);
    layers("", "layer 0 of the list: found a map of 28 × 28 × 1, expected a row of numbers, a score for each class");
    layers(dense, "layer 1 of the list: found a map of 28 × 28 × 1, expected a row: flatten the map before");
    layers(
        flatten,
        "layer 1 of the list: found a row of 784 numbers, expected a row of 10 numbers, a score for each class",
    );
    layers(
        &format!(r#"{flatten}, {{"layer": "max-pool", "size": 2, "stride": 2}}, {dense}"#),
        "layer 2 of the list: found a row of 784 numbers, expected a map",
    );
    layers(
        &format!(r#"{{"layer": "convolution", "channels": 2, "size": 29}}, {flatten}, {dense}"#),
        "layer 1 of the list: found a map of 28 × 28 × 1, expected a map that the window fits",
    );
    layers(
        &format!(r#"{{"layer": "convolution", "channels": 4294967295, "size": 1}}, {dense}"#),
        "layer 1 of the list: found a map of 28 × 28 × 1, expected no more than 16,777,216 numbers",
    );
    layers(
        &format!(r#"{{"layer": "convolution", "channels": 1, "size": 257, "padding": "same"}}, {dense}"#),
        "layer 1 of the list: found a map of 28 × 28 × 1, expected a map of which the window sees no more than 65,536 numbers",
    );
    let sides = [usize::MAX, usize::MAX, 1];
    let huge = format!(
        "layer 1 of the list: found a map of {0} × {0} × 1, expected no more than 16,777,216 numbers",
        usize::MAX
    );
    check(r#"{"kind": "layers", "layers": [{"layer": "flatten"}]}"#, sides, 10, &huge);
    layers(
        &format!(r#"{{"layer": "dropout", "rate": 1.5}}, {flatten}, {dense}"#),
        "dropout of 1.5, expected at least 0 and less than 1",
    );
    let no_features = Head::new(&HeadConfig::default(), 0, 2, &mut Initialiser::new(0));
    assert_eq!(no_features.unwrap_err(), Error::Features);
}

#[test]
fn the_least_pictures_of_each_network_are_classified() {
    for (json, side) in [("mlp", 1), ("cnn", 6), ("small", 1), ("best", 8)] {
        let (classifier, parameters) = built(&config(&format!(r#"{{"kind": "{json}"}}"#)), [side, side, 3], 2);
        let logits = classifier.logits(&Graph::inference(&parameters), &pictures(1, [side, side, 3]));
        assert_eq!(logits.value().shape(), [1, 2], "{json}");
    }
}

#[test]
fn a_configuration_is_read_as_it_was_written_and_typos_are_errors() {
    for (written, _) in tiny() {
        let json = serde_json::to_string(&written).unwrap();
        assert_eq!(config(&json), written);
    }
    for wrong in [
        r#"{"kind": "mlp", "hiden": 3}"#,
        r#"{"kind": "mlpp"}"#,
        r#"{"kind": "best", "width": 0}"#,
        r#"{"kind": "layers", "layers": [{"layer": "dense", "outputs": 0}]}"#,
        r#"{"kind": "layers", "layers": [{"layer": "dense", "outputs": 1, "bias": true}]}"#,
    ] {
        assert!(serde_json::from_str::<Config>(wrong).is_err(), "{wrong}");
    }
    assert!(serde_json::from_str::<HeadConfig>(r#"{"width": 3}"#).is_err());
}
