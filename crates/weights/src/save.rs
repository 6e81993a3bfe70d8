//! Writing safetensors, the same bytes for the same arrays.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use safetensors::Dtype;
use safetensors::tensor::serialize;
use serde_json::json;

use crate::layout::element_count;
use crate::{Error, Precision, View};

/// The data of a file begin at a multiple of this.
const ALIGNMENT: usize = 8;

/// Writes named arrays into a safetensors file, replacing what was there.
///
/// Each array is `(name, shape, values)`, values in C order. They are stored in alphabetical order,
/// whatever order they come in. The file appears whole or not at all.
///
/// # Errors
/// If the file cannot be written, and for what [`to_bytes`] refuses; the file is named.
pub fn save<'a, N: Into<String>>(
    path: impl AsRef<Path>,
    arrays: impl IntoIterator<Item = (N, &'a [usize], &'a [f32])>,
    precision: Precision,
) -> Result<(), Error> {
    save_bytes(path.as_ref(), to_bytes(arrays, precision))
}

/// Writes a file of these bytes, or tells why there are none; the file is named.
pub(crate) fn save_bytes(path: &Path, bytes: Result<Vec<u8>, Error>) -> Result<(), Error> {
    bytes.and_then(|bytes| replace(path, &bytes)).map_err(Error::writing(path))
}

/// Writes arrays of other archives under new names, as exactly as they are stored, a little at a time: a file of
/// gigabytes costs no memory. The file appears whole or not at all.
///
/// # Errors
/// If the file cannot be written, an array cannot be read (then that is named, and not the file), or two have one name.
pub fn save_views(path: impl AsRef<Path>, views: &[(&str, View<'_>)]) -> Result<(), Error> {
    let path = path.as_ref();
    let written = header(views).and_then(|header| replace_with(path, |file| write_views(file, &header, views)));
    written.map_err(|error| match error {
        // It is the other archive that cannot be read.
        unread @ Error::Array { .. } => unread,
        unwritten => Error::writing(path)(unwritten),
    })
}

/// The header of a safetensors file: the length of a JSON object, padded, and the object. Arrays come in the
/// order given: those of one type of elements stay aligned.
fn header(views: &[(&str, View<'_>)]) -> Result<Vec<u8>, Error> {
    let mut arrays = serde_json::Map::new();
    let mut end = 0;
    for (name, view) in views {
        let start = end;
        end += view.shape().iter().product::<usize>() * view.element().size();
        let array = json!({
            "dtype": view.element().safetensors().to_string(),
            "shape": view.shape(),
            "data_offsets": [start, end],
        });
        if arrays.insert((*name).to_owned(), array).is_some() {
            return Err(Error::Duplicate { name: (*name).to_owned() });
        }
    }
    let mut text = serde_json::Value::Object(arrays).to_string();
    text.extend(std::iter::repeat_n(' ', text.len().next_multiple_of(ALIGNMENT) - text.len()));
    Ok([&(text.len() as u64).to_le_bytes(), text.as_bytes()].concat())
}

fn write_views(file: &mut File, header: &[u8], views: &[(&str, View<'_>)]) -> Result<(), Error> {
    let mut file = BufWriter::new(file);
    file.write_all(header)?;
    for (_, view) in views {
        let mut written = Ok(());
        view.blocks(|block| {
            if written.is_ok() {
                written = file.write_all(block);
            }
        })?;
        written?;
    }
    Ok(file.flush()?)
}

/// The bytes of a safetensors file of these arrays; see [`save`].
///
/// # Errors
/// If an array's values are not as many as its shape says, two arrays have one name, or a finite
/// value is too large for the precision; the array is named.
pub fn to_bytes<'a, N: Into<String>>(
    arrays: impl IntoIterator<Item = (N, &'a [usize], &'a [f32])>,
    precision: Precision,
) -> Result<Vec<u8>, Error> {
    let encode = |(name, (shape, values)): (String, Shaped<'a>)| {
        let array = Encoded { shape, bytes: precision.encode(&name, values)?, precision };
        Ok((name, array))
    };
    let encoded = checked(arrays)?.into_iter().map(encode).collect::<Result<BTreeMap<_, _>, Error>>()?;
    Ok(serialize(encoded, None)?)
}

/// The shape of an array and its values.
type Shaped<'a> = (&'a [usize], &'a [f32]);

/// Arrays in alphabetical order of their names.
///
/// # Errors
/// If an array's values are not as many as its shape says, or two arrays have one name.
pub(crate) fn checked<'a, N: Into<String>>(
    arrays: impl IntoIterator<Item = (N, &'a [usize], &'a [f32])>,
) -> Result<BTreeMap<String, Shaped<'a>>, Error> {
    let mut checked = BTreeMap::new();
    for (name, shape, values) in arrays {
        let name = name.into();
        let expected = element_count(shape);
        if expected != values.len() as u128 {
            return Err(Error::Count { name, shape: shape.to_vec(), expected, actual: values.len() });
        }
        if checked.insert(name.clone(), (shape, values)).is_some() {
            return Err(Error::Duplicate { name });
        }
    }
    Ok(checked)
}

/// The name under which a file is written until it is whole.
pub(crate) fn partial(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".partial");
    name.into()
}

fn replace(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    replace_with(path, |file| Ok(file.write_all(bytes)?))
}

/// Has a file written under another name, then gives it its own.
fn replace_with(path: &Path, write: impl FnOnce(&mut File) -> Result<(), Error>) -> Result<(), Error> {
    let partial = partial(path);
    let written = File::create(&partial).map_err(Error::from).and_then(|mut file| {
        write(&mut file)?;
        file.sync_all()?;
        Ok(fs::rename(&partial, path)?)
    });
    if written.is_err() {
        // The first error is the one to report; that nothing can be removed either adds nothing.
        fs::remove_file(&partial).ok();
    }
    written
}

struct Encoded<'a> {
    shape: &'a [usize],
    bytes: Vec<u8>,
    precision: Precision,
}

impl safetensors::View for Encoded<'_> {
    fn dtype(&self) -> Dtype {
        self.precision.element().safetensors()
    }

    fn shape(&self) -> &[usize] {
        self.shape
    }

    fn data(&self) -> Cow<'_, [u8]> {
        Cow::Borrowed(&self.bytes)
    }

    fn data_len(&self) -> usize {
        self.bytes.len()
    }
}
