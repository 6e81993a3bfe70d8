//! A graph in the making: each call adds a node and returns the name of what it makes.
//!
//! Operators are those of opset 17, the first that has layer normalisation; of them the plainest are used.

use nid_autograd::Element;
use prost::Message;
use serde::Serialize;

use super::Network;
use super::proto::{
    Attribute, AttributeType, DataType, Dimension, Graph, Model, Node, OperatorSet, Shape, Size, Tensor, TensorType,
    Type, ValueInfo,
};

/// The version of the operators.
pub(in crate::export) const OPSET: i64 = 17;
/// The version of the file format that came with it.
const IR_VERSION: i64 = 8;

/// A graph, as far as it is made.
pub(super) struct Builder {
    graph: Graph,
    inputs: Vec<Port>,
    outputs: Vec<Port>,
}

/// An input or an output, as it is declared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(in crate::export) struct Port {
    pub(in crate::export) name: String,
    /// As NumPy calls it.
    pub(in crate::export) element: &'static str,
    pub(in crate::export) shape: Vec<Axis>,
}

/// What an axis of an input or output is: counted by something, or of a fixed size.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub(in crate::export) enum Axis {
    Counts(String),
    Size(usize),
}

impl Builder {
    pub(super) fn new(name: &str) -> Self {
        let graph = Graph { name: name.to_owned(), ..Graph::default() };
        Self { graph, inputs: Vec::new(), outputs: Vec::new() }
    }

    /// Declares an input; its name is that of its value.
    pub(super) fn input(&mut self, name: &str, element: Element, shape: Vec<Axis>) -> String {
        self.inputs.push(Port::new(name, element, shape));
        name.to_owned()
    }

    /// Gives a value the name of an output.
    pub(super) fn output(&mut self, name: &str, value: &str, shape: Vec<Axis>) {
        self.outputs.push(Port::new(name, Element::Number, shape));
        self.add("Identity", &[value], vec![name.to_owned()], Vec::new());
    }

    /// An array of numbers under a name of its own; what is there already is not added again.
    pub(super) fn array(&mut self, name: &str, shape: &[usize], numbers: &[f32]) -> String {
        let raw = || numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
        self.initialise(name, shape, DataType::Float, raw)
    }

    /// A number that an operator wants as an input.
    pub(super) fn number(&mut self, number: f32) -> String {
        self.array(&format!("number_{number}"), &[], &[number])
    }

    /// Whole numbers that an operator wants as an input, as axes and sizes.
    pub(super) fn integers(&mut self, numbers: &[i64]) -> String {
        let name: Vec<String> = numbers.iter().map(i64::to_string).collect();
        let raw = || numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
        self.initialise(&format!("integers_{}", name.join("_")), &[numbers.len()], DataType::Int64, raw)
    }

    fn initialise(
        &mut self,
        name: &str,
        shape: &[usize],
        data_type: DataType,
        raw_data: impl FnOnce() -> Vec<u8>,
    ) -> String {
        if !self.graph.initializer.iter().any(|array| array.name == name) {
            let dims = shape.iter().map(|&size| whole(size)).collect();
            let array = Tensor { dims, data_type: data_type.into(), name: name.to_owned(), raw_data: raw_data() };
            self.graph.initializer.push(array);
        }
        name.to_owned()
    }

    /// Applies an operator of one result.
    pub(super) fn node(&mut self, operator: &str, inputs: &[&str], attributes: Vec<Attribute>) -> String {
        let [made] = self.nodes(operator, inputs, attributes);
        made
    }

    /// Applies an operator of `N` results.
    pub(super) fn nodes<const N: usize>(
        &mut self,
        operator: &str,
        inputs: &[&str],
        attributes: Vec<Attribute>,
    ) -> [String; N] {
        let number = self.graph.node.len();
        let made = std::array::from_fn(|index| format!("{operator}_{number}_output_{index}"));
        self.add(operator, inputs, made.to_vec(), attributes);
        made
    }

    fn add(&mut self, operator: &str, inputs: &[&str], output: Vec<String>, attribute: Vec<Attribute>) {
        self.graph.node.push(Node {
            input: inputs.iter().map(|&input| input.to_owned()).collect(),
            output,
            name: format!("{operator}_{}", self.graph.node.len()),
            op_type: operator.to_owned(),
            attribute,
        });
    }

    /// The finished graph.
    pub(super) fn finish(self, file: &'static str) -> Network {
        let declare = |ports: &[Port]| ports.iter().map(Port::declared).collect();
        let graph = Graph { input: declare(&self.inputs), output: declare(&self.outputs), ..self.graph };
        let model = Model {
            ir_version: IR_VERSION,
            producer_name: "nid".to_owned(),
            producer_version: env!("CARGO_PKG_VERSION").to_owned(),
            graph: Some(graph),
            opset_import: vec![OperatorSet { domain: String::new(), version: OPSET }],
        };
        Network { file, inputs: self.inputs, outputs: self.outputs, bytes: model.encode_to_vec() }
    }
}

/// The name of elements in NumPy.
const FLOAT: &str = "float32";
/// Likewise for numbers of rows.
const INTEGER: &str = "int64";

impl Port {
    fn new(name: &str, element: Element, shape: Vec<Axis>) -> Self {
        let element = match element {
            Element::Number => FLOAT,
            Element::Index => INTEGER,
        };
        Self { name: name.to_owned(), element, shape }
    }

    fn declared(&self) -> ValueInfo {
        let size = |axis: &Axis| match axis {
            Axis::Counts(what) => Size::Free(what.clone()),
            Axis::Size(size) => Size::Fixed(whole(*size)),
        };
        let dim = self.shape.iter().map(|axis| Dimension { value: Some(size(axis)) }).collect();
        let elem_type = if self.element == FLOAT { DataType::Float } else { DataType::Int64 };
        let tensor_type = Some(TensorType { elem_type: elem_type.into(), shape: Some(Shape { dim }) });
        ValueInfo { name: self.name.clone(), r#type: Some(Type { tensor_type }) }
    }
}

/// A size as ONNX counts.
pub(super) fn whole(size: usize) -> i64 {
    i64::try_from(size).expect("no array has more numbers than memory has bytes")
}

/// An attribute that is a whole number.
pub(super) fn int(name: &str, number: i64) -> Attribute {
    Attribute { name: name.to_owned(), i: Some(number), r#type: AttributeType::Int.into(), ..Attribute::default() }
}

/// An attribute that is a list of whole numbers.
pub(super) fn ints(name: &str, numbers: &[i64]) -> Attribute {
    Attribute {
        name: name.to_owned(),
        ints: numbers.to_vec(),
        r#type: AttributeType::Ints.into(),
        ..Attribute::default()
    }
}

/// An attribute that is a number.
pub(super) fn float(name: &str, number: f32) -> Attribute {
    Attribute { name: name.to_owned(), f: Some(number), r#type: AttributeType::Float.into(), ..Attribute::default() }
}
