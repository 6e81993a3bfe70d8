//! Which array of a file becomes which of ours: all of them, none left over, each of its shape.
//!
//! A mapping is a list of rows. What does not fit is told at once and together, so that nobody learns of a second missing
//! array from a second attempt.

use std::collections::HashSet;
use std::fmt;

use nid_weights::{Archive, View};
use serde::Serialize;

/// What becomes of an array.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its name in the file.
    pub from: String,
    /// Its name with us.
    pub to: String,
    /// Its shape with us.
    pub shape: Vec<usize>,
    /// How the file lays it out.
    pub order: Order,
}

impl Row {
    /// The array's name and shape in the file.
    #[cfg(test)]
    pub(super) fn described(&self) -> String {
        format!("{} {:?}", self.from, self.order.shape(&self.shape))
    }
}

/// How a program lays out an array that we have in another way, mostly PyTorch's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// As we do.
    Same,
    /// A dense layer as `[inputs, outputs]`.
    InputsFirst,
    /// A dense layer as `[height × width × channels, outputs]`, behind a map of that height and width.
    MapFirst {
        /// Rows of the map.
        height: usize,
        /// Columns of the map.
        width: usize,
    },
    /// A convolution as `[height, width, inputs, outputs]`.
    ChannelsLast,
    /// The same, the inputs being blue, green and red.
    ChannelsLastBgr,
    /// A classifier's convolution as `[size, size, inputs, outputs]`, which lies in memory as ours does, `[taps · inputs,
    /// outputs]`.
    Window {
        /// Side of the window.
        size: usize,
    },
}

impl Order {
    /// The shape in the file of what has that shape with us.
    fn shape(self, ours: &[usize]) -> Vec<usize> {
        match (self, ours) {
            (Self::InputsFirst | Self::MapFirst { .. }, &[outputs, inputs]) => vec![inputs, outputs],
            (Self::ChannelsLast | Self::ChannelsLastBgr, &[outputs, inputs, height, width]) => {
                vec![height, width, inputs, outputs]
            }
            (Self::Window { size }, &[seen, outputs]) => vec![size, size, seen / (size * size), outputs],
            _ => ours.to_vec(),
        }
    }

    /// An array of the file in our order. Its shape has been checked.
    fn arrange<'a>(self, view: View<'a>, ours: &[usize]) -> Option<View<'a>> {
        match self {
            Self::Same => Some(view),
            Self::InputsFirst => Some(view.permuted(&[1, 0])),
            Self::MapFirst { height, width } => {
                let channels = ours[1] / (height * width);
                view.split(&[height, width, channels, ours[0]])?.permuted(&[3, 2, 0, 1]).merged(ours)
            }
            Self::ChannelsLast => Some(view.permuted(&[3, 2, 0, 1])),
            Self::ChannelsLastBgr => Some(view.permuted(&[3, 2, 0, 1]).reversed(1)),
            Self::Window { .. } => view.merged(ours),
        }
    }
}

/// What became of an array.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Mapped {
    /// Its name in the file.
    pub from: String,
    /// Its shape there.
    pub from_shape: Vec<usize>,
    /// Its name with us.
    pub to: String,
    /// Its shape with us.
    pub to_shape: Vec<usize>,
}

/// All that does not fit of a file's arrays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Misfit {
    /// Arrays that are not there, with the shape that they should have.
    pub missing: Vec<(String, Vec<usize>)>,
    /// Arrays that nobody asks for, with their shapes.
    pub left_over: Vec<(String, Vec<usize>)>,
    /// Arrays of another shape: name, what they have, what they should have.
    pub shapes: Vec<(String, Vec<usize>, Vec<usize>)>,
    /// Arrays that hold something else than floating-point numbers, and what.
    pub elements: Vec<(String, String)>,
}

impl Misfit {
    /// How many things are wrong.
    pub(super) fn count(&self) -> usize {
        self.missing.len() + self.left_over.len() + self.shapes.len() + self.elements.len()
    }
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let missing = self.missing.iter().map(|(name, shape)| format!("missing `{name}` {shape:?}"));
        let left_over = self.left_over.iter().map(|(name, shape)| format!("left over `{name}` {shape:?}"));
        let shapes = self
            .shapes
            .iter()
            .map(|(name, found, expected)| format!("`{name}` has shape {found:?}, expected {expected:?}"));
        let elements = self
            .elements
            .iter()
            .map(|(name, found)| format!("`{name}` holds {found}, expected floating-point numbers"));
        let all: Vec<String> = missing.chain(left_over).chain(shapes).chain(elements).collect();
        f.write_str(&all.join("; "))
    }
}

impl std::error::Error for Misfit {}

/// An array of a file under our name, in our order.
pub(super) type Placed<'a> = (String, View<'a>);

/// Finds all rows in an archive. Arrays of which `unused` holds may be left over. Names in the file may all have the
/// same words before them, such as the name that a program gave the whole network.
///
/// # Errors
/// All that does not fit.
pub(super) fn place<'a>(
    archive: &'a Archive<'_>,
    rows: &[Row],
    unused: impl Fn(&str) -> bool,
) -> Result<(Vec<Placed<'a>>, Vec<Mapped>), Misfit> {
    let prefix = prefix(archive, rows);
    let mut misfit = Misfit::default();
    let (mut placed, mut mapped, mut used) = (Vec::new(), Vec::new(), HashSet::new());
    for Row { from, to, shape, order } in rows {
        let from = format!("{prefix}{from}");
        let expected = order.shape(shape);
        let Some(info) = archive.info(&from) else {
            misfit.missing.push((from, expected));
            continue;
        };
        used.insert(info.name);
        if info.shape != expected {
            misfit.shapes.push((from, info.shape.to_vec(), expected));
        } else if !info.element.is_some_and(nid_weights::Element::is_float) {
            misfit.elements.push((from, info.element_name.into_owned()));
        } else if let Some(view) = archive.view(info.name).ok().and_then(|view| order.arrange(view, shape)) {
            mapped.push(Mapped { from, from_shape: expected, to: to.clone(), to_shape: shape.clone() });
            placed.push((to.clone(), view));
        } else {
            misfit.elements.push((from, "numbers in an order that cannot be turned".to_owned()));
        }
    }
    let left_over = archive.iter().filter(|info| !used.contains(info.name));
    let left_over = left_over.filter(|info| !unused(info.name.strip_prefix(&prefix).unwrap_or(info.name)));
    misfit.left_over = left_over.map(|info| (info.name.to_owned(), info.shape.to_vec())).collect();
    if misfit.count() == 0 { Ok((placed, mapped)) } else { Err(misfit) }
}

/// What stands before the names that the rows expect: found by the first row's.
fn prefix(archive: &Archive<'_>, rows: &[Row]) -> String {
    rows.first().and_then(|first| prefix_of(archive, &first.from)).unwrap_or_default().to_owned()
}

/// What stands before a name in an archive: nothing, if it can be so.
fn prefix_of<'a>(archive: &'a Archive<'_>, name: &str) -> Option<&'a str> {
    archive.info(name).map(|_| "").or_else(|| {
        archive.iter().find_map(|info| {
            let prefix = info.name.strip_suffix(name)?;
            prefix.ends_with(['.', '/']).then_some(prefix)
        })
    })
}

/// The size of an array's dimension, from which the sizes of a network follow; 0 where there is no such array, which is
/// then found to be missing.
pub(super) fn side(archive: &Archive<'_>, name: &str, dimension: usize) -> usize {
    let found = prefix_of(archive, name).and_then(|prefix| archive.info(&format!("{prefix}{name}")));
    found.and_then(|info| info.shape.get(dimension).copied()).unwrap_or_default()
}
