//! What a trace holds.

use nid_autograd::{Element, Graph, Initialiser, Node, Operand, Operation, Parameters, Port, Tensor, Trace, Var};
use nid_kernels::window::{Padding, Window};

fn ramp(shape: &[usize]) -> Tensor {
    Tensor::new(shape, (0..shape.iter().product()).map(|place: usize| place as f32).collect::<Vec<_>>())
}

/// Words looked up in a table, scored by it and added up; `rows` of them in the example.
fn traced(rows: usize) -> (Trace, Vec<f32>) {
    let mut init = Initialiser::new(1);
    let [table, bias] = [init.uniform("words.weight", &[4, 3], 1.0), init.constant("words.bias", &[4], 0.5)];
    let parameters = init.finish();
    let graph = Graph::tracing(&parameters);
    let indices: Vec<usize> = (0..rows).collect();
    let seen = graph.input("seen", "pictures", ramp(&[rows, 3]));
    let words = graph.input_indices("words", "pictures", &indices);
    let read = graph.gather(&graph.parameter(table), words);
    let sum = graph.dropout(&graph.add(&seen, &read), 0.5);
    let scores = graph.linear(&sum, &graph.parameter(table), Some(&graph.parameter(bias)));
    let numbers = scores.value().data().to_vec();
    (graph.into_trace(&[(["scores", "pictures"], &scores)]), numbers)
}

#[test]
fn a_trace_says_what_was_done() {
    let (trace, _) = traced(2);
    let port =
        |name: &str, element, value| Port { name: name.to_owned(), counts: "pictures".to_owned(), element, value };
    let parameter = |name: &str| Operand::Parameter(name.to_owned());
    let node =
        |operation, inputs: &[Operand], output| Node { operation, inputs: inputs.to_vec(), outputs: vec![output] };
    let expected = Trace {
        inputs: vec![port("seen", Element::Number, 0), port("words", Element::Index, 1)],
        nodes: vec![
            node(Operation::Gather, &[parameter("words.weight"), Operand::Value(1)], 2),
            node(Operation::Add, &[Operand::Value(0), Operand::Value(2)], 3),
            node(Operation::Linear, &[Operand::Value(3), parameter("words.weight"), parameter("words.bias")], 4),
        ],
        outputs: vec![port("scores", Element::Number, 4)],
        shapes: vec![vec![3], vec![], vec![3], vec![3], vec![4]],
    };
    assert_eq!(trace, expected);
}

#[test]
fn a_trace_holds_for_any_number_of_rows() {
    let ((one, scores_of_one), (three, scores_of_three)) = (traced(1), traced(3));
    assert_eq!(one, three);
    assert_eq!(scores_of_one, scores_of_three[..4], "it computes, too");
}

#[test]
#[should_panic(expected = "a trace holds inputs and what is made of them, found Constant")]
fn no_constant_is_traced() {
    let parameters = Parameters::default();
    let graph = Graph::tracing(&parameters);
    let x = graph.input("x", "rows", ramp(&[2, 3]));
    let _ = graph.add(&x, &Var::constant(ramp(&[2, 3])));
}

#[test]
#[should_panic(expected = "[2, 3] as [3, 2] has another count of rows")]
fn no_count_of_rows_is_traced() {
    let parameters = Parameters::default();
    let graph = Graph::tracing(&parameters);
    let _ = graph.reshape(&graph.input("x", "rows", ramp(&[2, 3])), &[3, 2]);
}

#[test]
#[should_panic(expected = "an operation that only training has")]
fn no_loss_is_traced() {
    let parameters = Parameters::default();
    let graph = Graph::tracing(&parameters);
    let loss = graph.cross_entropy(&graph.input("x", "rows", ramp(&[2, 3])), &[0, 2], 0.0);
    let _ = graph.scale(&loss, 2.0);
}

#[test]
fn what_follows_the_example_in_its_rows_is_an_operation() {
    let window = Window { size: 2, stride: 2, padding: Padding::Same };
    let parameters = Parameters::default();
    let graph = Graph::tracing(&parameters);
    let x = graph.input("x", "maps", ramp(&[2, 3, 3, 2]));
    let pooled = graph.max_pool(&graph.mirror(&x), window);
    let silence = graph.zeros(&pooled, 5);
    let trace = graph.into_trace(&[(["silence", "maps"], &silence)]);
    let operations: Vec<Operation> = trace.nodes.iter().map(|node| node.operation).collect();
    assert_eq!(operations, [Operation::Mirror, Operation::MaxPool(window), Operation::Zeros]);
    assert_eq!(trace.shapes, [vec![3, 3, 2], vec![3, 3, 2], vec![2, 2, 2], vec![5]]);
}
