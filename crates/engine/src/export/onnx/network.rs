//! From a [`Trace`] to a graph: one small function for each operation.
//!
//! Values keep the layout that they have in the trace, but for maps: those of four axes are `[N, C, H, W]` between their
//! operations, for ONNX's convolutions want them so, and `[N, H, W, C]` where they come in, go out or take another shape.

use nid_autograd::{Node, Operand, Operation, Parameters, Port, Trace};
use nid_nn::encoder::Window;

use super::builder::{Axis, Builder, float, int, ints, whole};

/// The graph of a trace whose parameters are these.
pub(super) fn network(name: &str, trace: &Trace, parameters: &Parameters) -> Builder {
    let values = vec![String::new(); trace.shapes.len()];
    let mut network = Network { builder: Builder::new(name), trace, parameters, values };
    trace.inputs.iter().for_each(|input| network.input(input));
    trace.nodes.iter().for_each(|node| network.node(node));
    trace.outputs.iter().for_each(|output| network.output(output));
    network.builder
}

struct Network<'a> {
    builder: Builder,
    trace: &'a Trace,
    parameters: &'a Parameters,
    /// The name in the graph of each value of the trace.
    values: Vec<String>,
}

/// What a node reads: the names of its inputs, the shape of the first behind its first axis, and that of what it makes.
struct Work<'a> {
    inputs: &'a [&'a str],
    from: &'a [usize],
    to: &'a [usize],
}

impl Network<'_> {
    fn input(&mut self, port: &Port) {
        let value = self.builder.input(&port.name, port.element, self.axes(port));
        let is_map = self.trace.shapes[port.value].len() == 3;
        self.values[port.value] = if is_map { self.builder.channels_first(&value) } else { value };
    }

    fn output(&mut self, port: &Port) {
        let mut value = self.values[port.value].clone();
        if self.trace.shapes[port.value].len() == 3 {
            value = self.builder.channels_last(&value);
        }
        self.builder.output(&port.name, &value, self.axes(port));
    }

    fn axes(&self, port: &Port) -> Vec<Axis> {
        let sizes = self.trace.shapes[port.value].iter().map(|&size| Axis::Size(size));
        [Axis::Counts(port.counts.clone())].into_iter().chain(sizes).collect()
    }

    fn node(&mut self, node: &Node) {
        let names: Vec<String> = node.inputs.iter().map(|input| self.operand(input, node.operation)).collect();
        let inputs: Vec<&str> = names.iter().map(String::as_str).collect();
        let from = match node.inputs[0] {
            Operand::Value(value) => self.trace.shapes[value].as_slice(),
            Operand::Parameter(_) => &[],
        };
        let work = Work { inputs: &inputs, from, to: &self.trace.shapes[node.outputs[0]] };
        for (output, name) in node.outputs.iter().zip(made(&mut self.builder, node.operation, &work)) {
            self.values[*output] = name;
        }
    }

    /// The name of what an operation reads; a parameter is added to the graph when it is first read.
    fn operand(&mut self, operand: &Operand, operation: Operation) -> String {
        let name = match operand {
            Operand::Value(value) => return self.values[*value].clone(),
            Operand::Parameter(name) => name,
        };
        let tensor = self.parameters.iter().find(|(known, _)| known == name).map(|(_, tensor)| tensor);
        let tensor = tensor.expect("a trace names the parameters that it was made with");
        match (operation, tensor.shape()) {
            (Operation::Convolution(window), &[seen, outputs]) => {
                let inputs = seen / (window.size * window.size);
                let filter = filter(tensor.data(), window, [inputs, outputs]);
                self.builder.array(name, &[outputs, inputs, window.size, window.size], &filter)
            }
            (_, shape) => self.builder.array(name, shape, tensor.data()),
        }
    }
}

/// The weights of a convolution, `[taps, inputs, outputs]`, as `[outputs, inputs, taps]`.
pub(in crate::export) fn filter(weights: &[f32], window: Window, [inputs, outputs]: [usize; 2]) -> Vec<f32> {
    let taps = window.size * window.size;
    let places = (0..outputs).flat_map(|o| (0..inputs).flat_map(move |i| (0..taps).map(move |tap| [o, i, tap])));
    places.map(|[output, input, tap]| weights[(tap * inputs + input) * outputs + output]).collect()
}

/// Adds an operation; returns the names of what it makes.
fn made(graph: &mut Builder, operation: Operation, work: &Work<'_>) -> Vec<String> {
    let &Work { inputs, from, to } = work;
    let plain = |graph: &mut Builder, operator: &str| vec![graph.node(operator, inputs, Vec::new())];
    match operation {
        Operation::Linear => vec![graph.linear(inputs[0], inputs[1], inputs.get(2).copied())],
        Operation::LayerNorm(epsilon) => {
            vec![graph.node("LayerNormalization", inputs, vec![float("epsilon", epsilon)])]
        }
        Operation::BatchNorm { epsilon, activation } => {
            let arrays = [1, 2, 3, 4].map(|place| inputs[place]);
            let normalised = graph.batch_norm(inputs[0], arrays, epsilon);
            vec![graph.activation(normalised, activation)]
        }
        Operation::Convolution(window) => {
            vec![graph.convolution([inputs[0], inputs[1]], inputs.get(2).copied(), window, [from[0], from[1]], 1)]
        }
        Operation::MaxPool(window) => vec![graph.pool("MaxPool", inputs[0], window, [from[0], from[1]])],
        // By default what is beyond a map is not counted.
        Operation::AveragePool(window) => vec![graph.pool("AveragePool", inputs[0], window, [from[0], from[1]])],
        Operation::MeanRegions => {
            vec![graph.node("ReduceMean", inputs, vec![ints("axes", &[1]), int("keepdims", 0)])]
        }
        Operation::Mirror => vec![mirror(graph, inputs[0], from[1])],
        Operation::Reshape => vec![reshape(graph, work)],
        Operation::Relu => plain(graph, "Relu"),
        Operation::Tanh => plain(graph, "Tanh"),
        Operation::Sigmoid => plain(graph, "Sigmoid"),
        Operation::Scale(factor) => {
            let factor = graph.number(factor);
            vec![graph.node("Mul", &[inputs[0], &factor], Vec::new())]
        }
        Operation::LogSoftmax => vec![graph.node("LogSoftmax", inputs, vec![int("axis", -1)])],
        Operation::Add => plain(graph, "Add"),
        Operation::Multiply => plain(graph, "Mul"),
        Operation::Concatenate => vec![graph.node("Concat", inputs, vec![int("axis", -1)])],
        Operation::Gather => vec![gathered(graph, inputs[0], inputs[1])],
        Operation::Zeros => vec![zeros(graph, inputs[0], to[0])],
        Operation::Lstm => lstm(graph, [inputs[0], inputs[1]], to[0]).to_vec(),
        Operation::Attend => attend(graph, [0, 1, 2, 3, 4].map(|place| inputs[place])).to_vec(),
    }
}

/// The rows named by `indices`.
fn gathered(graph: &mut Builder, x: &str, indices: &str) -> String {
    graph.node("Gather", &[x, indices], vec![int("axis", 0)])
}

fn mirror(graph: &mut Builder, x: &str, width: usize) -> String {
    // From the last pixel of each row backwards, to the one before the first.
    let [start, end, axis, step] = [-1, -1 - whole(width), 3, -1].map(|number| graph.integers(&[number]));
    graph.node("Slice", &[x, &start, &end, &axis, &step], Vec::new())
}

fn reshape(graph: &mut Builder, &Work { inputs, from, to }: &Work<'_>) -> String {
    let x = if from.len() == 3 { graph.channels_last(inputs[0]) } else { inputs[0].to_owned() };
    let reshaped = graph.reshape(&x, to);
    if to.len() == 3 { graph.channels_first(&reshaped) } else { reshaped }
}

/// As many rows as `x` has.
fn zeros(graph: &mut Builder, x: &str, width: usize) -> String {
    let rows = graph.node("Shape", &[x], vec![int("start", 0), int("end", 1)]);
    let width = graph.integers(&[whole(width)]);
    let shape = graph.node("Concat", &[&rows, &width], vec![int("axis", 0)]);
    graph.node("ConstantOfShape", &[&shape], Vec::new())
}

/// `c' = σ(f) ∘ c + σ(i) ∘ tanh(g)`, `h' = σ(o) ∘ tanh(c')`; gates in the order `i f g o`.
fn lstm(graph: &mut Builder, [sums, cell]: [&str; 2], hidden: usize) -> [String; 2] {
    let sizes = graph.integers(&[whole(hidden); 4]);
    let [i, f, g, o] = graph.nodes("Split", &[sums, &sizes], vec![int("axis", -1)]);
    let [i, f, o] = [i, f, o].map(|gate| graph.node("Sigmoid", &[&gate], Vec::new()));
    let g = graph.node("Tanh", &[&g], Vec::new());
    let kept = graph.node("Mul", &[&f, cell], Vec::new());
    let new = graph.node("Mul", &[&i, &g], Vec::new());
    let cell = graph.node("Add", &[&kept, &new], Vec::new());
    let shown = graph.node("Tanh", &[&cell], Vec::new());
    [graph.node("Mul", &[&o, &shown], Vec::new()), cell]
}

/// `e = vᵀ tanh(key + query)`, `α = softmax(e)`, context `Σ α · value`, for the keys and values of each row's owner.
fn attend(graph: &mut Builder, [keys, values, queries, score, owners]: [&str; 5]) -> [String; 2] {
    let [across, last] = [1, 2].map(|axis| graph.integers(&[axis]));
    let [keys, values] = [keys, values].map(|seen| gathered(graph, seen, owners)); // [B, R, ·]
    let queries = graph.node("Unsqueeze", &[queries, &across], Vec::new()); // [B, 1, A]
    let sums = graph.node("Add", &[&keys, &queries], Vec::new());
    let squashed = graph.node("Tanh", &[&sums], Vec::new());
    let score = graph.node("Unsqueeze", &[score, &across], Vec::new()); // [A, 1]
    let scores = graph.node("MatMul", &[&squashed, &score], Vec::new()); // [B, R, 1]
    let scores = graph.node("Squeeze", &[&scores, &last], Vec::new());
    let weights = graph.node("Softmax", &[&scores], vec![int("axis", -1)]); // [B, R]
    let row = graph.node("Unsqueeze", &[&weights, &across], Vec::new());
    let context = graph.node("MatMul", &[&row, &values], Vec::new()); // [B, 1, F]
    [graph.node("Squeeze", &[&context, &across], Vec::new()), weights]
}
