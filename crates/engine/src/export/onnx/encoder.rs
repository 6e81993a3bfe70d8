//! From an encoder's table and the arrays of its file to a graph: layers one by one, batch normalisation as it was
//! published, arrays in the layout that they have.

use nid_autograd::Element;
use nid_nn::encoder::{Architecture, Channels, Convolution, Dense, Layer};

use super::builder::{Axis, Builder};

/// What the first axis of pictures and features counts.
const COUNTS: &str = "pictures";
/// Channels of a picture.
const COLOURS: usize = 3;

/// Gives the array of a name and a shape.
type Source<'a> = &'a dyn Fn(&str, &[usize]) -> Result<Vec<f32>, nid_weights::Error>;

/// The graph from `pictures` `[N, height, width, 3]` to `features` `[N, regions, channels]`.
///
/// # Errors
/// If an array cannot be had.
pub(super) fn encoder(
    architecture: &Architecture,
    sides: [usize; 2],
    source: Source<'_>,
) -> Result<Builder, nid_weights::Error> {
    let mut graph = Builder::new(&architecture.name);
    let [height, width] = sides;
    let shape = [Axis::Counts(COUNTS.to_owned()), Axis::Size(height), Axis::Size(width), Axis::Size(COLOURS)];
    let pictures = graph.input("pictures", Element::Number, shape.to_vec());
    let map = graph.channels_first(&pictures);
    let mut encoder = Encoder { graph, source, map, channels: COLOURS, sides, kept: None };
    architecture.layers.iter().try_for_each(|layer| encoder.layer(layer))?;
    Ok(encoder.finish())
}

/// A graph up to some layer, and the map that this has made.
struct Encoder<'a> {
    graph: Builder,
    source: Source<'a>,
    /// `[N, C, H, W]`.
    map: String,
    channels: usize,
    sides: [usize; 2],
    /// The map that a residual connection keeps.
    kept: Option<String>,
}

impl Encoder<'_> {
    fn layer(&mut self, layer: &Layer) -> Result<(), nid_weights::Error> {
        match layer {
            Layer::Convolution(layer) => self.convolution(layer)?,
            Layer::MaxPool(window) => {
                self.map = self.graph.pool("MaxPool", &self.map, *window, self.sides);
                self.sides = self.sides.map(|side| window.along(side).outputs);
            }
            Layer::Remember => self.kept = Some(self.map.clone()),
            Layer::AddRemembered => {
                let kept = self.kept.take().expect("a table ends a residual connection that has begun");
                self.map = self.graph.node("Add", &[&self.map, &kept], Vec::new());
            }
            Layer::Dense(layer) => self.dense(layer)?,
        }
        Ok(())
    }

    fn convolution(&mut self, layer: &Convolution) -> Result<(), nid_weights::Error> {
        let (inputs, outputs, groups) = match layer.channels {
            Channels::Mixed(outputs) => (self.channels, outputs, 1),
            Channels::Apart => (1, self.channels, self.channels),
        };
        let size = layer.window.size;
        let weight = self.array(&layer.name, "weight", &[outputs, inputs, size, size])?;
        let bias = layer.bias.then(|| self.array(&layer.name, "bias", &[outputs])).transpose()?;
        let read = [self.map.as_str(), &weight];
        let mut made = self.graph.convolution(read, bias.as_deref(), layer.window, self.sides, groups);
        if let Some(norm) = &layer.norm {
            let mut part = |part| self.array(&norm.name, part, &[outputs]);
            let arrays = [part("weight")?, part("bias")?, part("running_mean")?, part("running_var")?];
            made = self.graph.batch_norm(&made, arrays.each_ref().map(String::as_str), norm.epsilon);
        }
        self.map = self.graph.activation(made, layer.activation);
        self.channels = outputs;
        self.sides = self.sides.map(|side| layer.window.along(side).outputs);
        Ok(())
    }

    /// A dense layer sees a map as PyTorch flattens it, and makes one of one pixel.
    fn dense(&mut self, layer: &Dense) -> Result<(), nid_weights::Error> {
        let seen = self.channels * layer.sees.iter().product::<usize>();
        let weight = self.array(&layer.name, "weight", &[layer.outputs, seen])?;
        let bias = self.array(&layer.name, "bias", &[layer.outputs])?;
        let row = self.graph.reshape(&self.map, &[seen]);
        let made = self.graph.linear(&row, &weight, Some(&bias));
        let made = self.graph.activation(made, layer.activation);
        self.map = self.graph.reshape(&made, &[layer.outputs, 1, 1]);
        (self.channels, self.sides) = (layer.outputs, [1, 1]);
        Ok(())
    }

    fn array(&mut self, layer: &str, part: &str, shape: &[usize]) -> Result<String, nid_weights::Error> {
        let name = format!("{layer}.{part}");
        let numbers = (self.source)(&name, shape)?;
        Ok(self.graph.array(&name, shape, &numbers))
    }

    /// Regions go row by row over the picture.
    fn finish(mut self) -> Builder {
        let regions = self.sides.iter().product();
        let last = self.graph.channels_last(&self.map);
        let features = self.graph.reshape(&last, &[regions, self.channels]);
        let shape = [Axis::Counts(COUNTS.to_owned()), Axis::Size(regions), Axis::Size(self.channels)];
        self.graph.output("features", &features, shape.to_vec());
        self.graph
    }
}

#[cfg(test)]
mod tests {
    use nid_nn::encoder::{Activation, Encoder, Norm, Padding, Window};
    use rten::{Model, Value};

    use super::*;

    /// Numbers between -1 and 1 that depend on a name; variances are positive.
    fn array(name: &str, shape: &[usize]) -> Result<Vec<f32>, nid_weights::Error> {
        let start = name.bytes().map(usize::from).sum::<usize>();
        let number = |place: usize| ((start + place * 29) % 37) as f32 / 18.5 - 1.0;
        let numbers = (0..shape.iter().product()).map(number);
        Ok(if name.ends_with("running_var") { numbers.map(|x| x.abs() + 0.1).collect() } else { numbers.collect() })
    }

    fn convolution(name: &str, window: Window, channels: Channels, activation: Activation) -> Layer {
        let norm = Norm { name: format!("{name}_norm"), epsilon: 1e-3 };
        let (bias, norm) = if activation == Activation::Relu { (true, None) } else { (false, Some(norm)) };
        Layer::Convolution(Convolution { name: name.to_owned(), window, channels, bias, norm, activation })
    }

    fn dense(name: &str, sees: [usize; 2], activation: Activation) -> Layer {
        Layer::Dense(Dense { name: name.to_owned(), sees, outputs: 6, activation })
    }

    /// All kinds of layers, for pictures of 11 by 14 pixels.
    fn table() -> Architecture {
        let same = |size, stride| Window { size, stride, padding: Padding::Same };
        let around = Window { size: 3, stride: 1, padding: Padding::Explicit(1) };
        let halving = Window { size: 2, stride: 2, padding: Padding::Explicit(0) };
        let layers = vec![
            convolution("stem", same(3, 2), Channels::Mixed(4), Activation::Relu6),
            Layer::Remember,
            convolution("apart", same(5, 1), Channels::Apart, Activation::Identity),
            Layer::AddRemembered,
            convolution("mixed", around, Channels::Mixed(5), Activation::Relu),
            Layer::MaxPool(halving),
            dense("first", [3, 3], Activation::Relu),
            dense("second", [1, 1], Activation::Identity),
        ];
        Architecture { name: "all".to_owned(), layers }
    }

    #[test]
    fn every_layer_of_a_table_is_exported() {
        let [height, width] = [11, 14];
        let whole = table();
        for layers in [6, whole.layers.len()] {
            let table = Architecture { layers: whole.layers[..layers].to_vec(), ..whole.clone() };
            let bytes = encoder(&table, [height, width], &array).expect("arrays for all").finish("all.onnx").bytes;
            let model = Model::load(bytes).expect("a network");
            for count in [1, 3] {
                let pictures = array("pictures", &[count, height, width, COLOURS]).expect("numbers");
                let ours = Encoder::new(&table, array).expect("an encoder");
                let expected = ours.encode(&pictures, count, height, width).expect("a picture that fits").numbers;
                let given = Value::from_shape(&[count, height, width, COLOURS], pictures).expect("a shape that fits");
                let made = model.run_one(given.into(), None).expect("features");
                let found = made.into_tensor::<f32>().expect("numbers").into_data();
                let length = |numbers: &[f32]| numbers.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>().sqrt();
                let gaps: Vec<f32> = found.iter().zip(&expected).map(|(x, y)| x - y).collect();
                assert_eq!(found.len(), expected.len());
                assert!(length(&gaps) < 1e-5 * length(&expected), "{layers} layers, {count} pictures");
            }
        }
    }
}
