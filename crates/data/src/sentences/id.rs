//! What a source calls a photo.

use std::borrow::Cow;
use std::fmt;

use serde::de::{self, Deserialize, Deserializer, Visitor};
use serde::ser::{Serialize, Serializer};

/// What a source calls a photo: COCO's number of it, or a text. It serialises as what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Id {
    /// A number.
    Number(u64),
    /// A text, such as the name of a file.
    Text(String),
}

impl Id {
    /// As text, which is what ids are compared by.
    pub fn text(&self) -> Cow<'_, str> {
        match self {
            Self::Number(number) => number.to_string().into(),
            Self::Text(text) => text.into(),
        }
    }

    /// The id in a source that does not tell numbers from texts: a number if it is written like one.
    pub(super) fn of(text: &str) -> Self {
        let number = text.parse().ok().filter(|number: &u64| number.to_string() == text);
        number.map_or_else(|| Self::Text(text.to_owned()), Self::Number)
    }
}

impl fmt::Display for Id {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text())
    }
}

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Number(number) => serializer.serialize_u64(*number),
            Self::Text(text) => serializer.serialize_str(text),
        }
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Scalar)
    }
}

/// Above this, numbers that differ may be one as `f64`.
const EXACT: f64 = (1_u64 << f64::MANTISSA_DIGITS) as f64;

/// Reads a whole number or a text. A negative number is kept as it is printed.
struct Scalar;

impl Visitor<'_> for Scalar {
    type Value = Id;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a number or a text that names the photo")
    }

    fn visit_u64<E>(self, number: u64) -> Result<Id, E> {
        Ok(Id::Number(number))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Id, E> {
        Ok(Id::of(&number.to_string()))
    }

    /// What has a point or an exponent, and what does not fit 64 bits.
    fn visit_f64<E: de::Error>(self, number: f64) -> Result<Id, E> {
        if number.fract() != 0.0 || number.abs() >= EXACT {
            let problem = format!("found the number {number:?}, expected a text or a whole number of at most 64 bits");
            return Err(E::custom(problem));
        }
        Ok(Id::of(&number.to_string()))
    }

    fn visit_str<E>(self, text: &str) -> Result<Id, E> {
        Ok(Id::Text(text.to_owned()))
    }
}
