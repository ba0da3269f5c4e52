//! Values by name, to encode messages from.

use std::fmt;

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

use super::shown::NONE;
use crate::message::{Item, Message, Scalar, Siblings, Value};

/// A field's value, as it is given to [`Codec::encode`](super::Codec::encode).
///
/// It deserializes from JSON and TOML in the form in which messages are printed. There a string
/// for text is text, except that one of exactly two hex digits for each byte of an array of fixed
/// length is those bytes: as text it would not fit. Text that is not UTF-8 is `{"hex": "…"}`. For
/// bytes a string is always hex. For a floating-point number `"NaN"`, `"Infinity"` and `"-Infinity"` are these;
/// `null` is not-a-number too.
#[derive(Clone, Debug, PartialEq)]
pub enum FieldValue {
    /// A number without a fraction; also `_Bool` and addresses.
    Integer(i128),
    /// A number.
    Float(f64),
    /// Characters, the name of an enum's value, or bytes in hex.
    Text(String),
    /// Bytes as they stand.
    Bytes(Vec<u8>),
    /// Elements.
    List(Vec<FieldValue>),
    /// Fields by name, in any order.
    Group(Vec<(String, FieldValue)>),
}

impl FieldValue {
    /// What it is, for messages.
    pub(in crate::decode) fn kind(&self) -> &'static str {
        match self {
            Self::Integer(_) => "an integer",
            Self::Float(_) => "a fraction",
            Self::Text(_) => "text",
            Self::Bytes(_) => "bytes",
            Self::List(_) => "a list",
            Self::Group(_) => "a group",
        }
    }

    /// Takes out what is at a path such as `point.x`, in each element of lists.
    #[cfg(feature = "generate")]
    pub(crate) fn remove(&mut self, path: &str) {
        match (self, path.split_once('.')) {
            (Self::List(elements), _) => elements.iter_mut().for_each(|it| it.remove(path)),
            (Self::Group(fields), None) => fields.retain(|it| it.0 != path),
            (Self::Group(fields), Some((name, rest))) => {
                let named = fields.iter_mut().filter(|it| it.0 == name);
                named.for_each(|(_, it)| it.remove(rest));
            }
            _ => {}
        }
    }

    /// The value at a path such as `point.x`.
    pub(super) fn at(&self, path: &str) -> Option<&Self> {
        path.split('.').try_fold(self, |value, name| match value {
            Self::Group(fields) => fields.iter().find(|(it, _)| it == name).map(|(_, it)| it),
            _ => None,
        })
    }
}

impl From<&Message<'_>> for FieldValue {
    /// The fields of a message, to be encoded again.
    fn from(message: &Message<'_>) -> Self {
        Self::Group(group(message, message.top()))
    }
}

fn group(message: &Message<'_>, level: Siblings<'_>) -> Vec<(String, FieldValue)> {
    level
        .map(|(index, item)| {
            let name = message.node(item).map(|node| node.name.clone()).unwrap_or_default();
            (name, value(message, index, item))
        })
        .collect()
}

fn value(message: &Message<'_>, index: usize, item: &Item) -> FieldValue {
    match message.value(item) {
        Value::Unsigned(value) => FieldValue::Integer(i128::from(value)),
        Value::Signed(value) => FieldValue::Integer(i128::from(value)),
        Value::Float(value) => FieldValue::Float(value),
        Value::Name(text) | Value::Text(text) => FieldValue::Text(text.to_owned()),
        Value::Bytes(bytes) => FieldValue::Bytes(bytes.to_owned()),
        Value::Group => FieldValue::Group(group(message, message.inner(index))),
        Value::List => FieldValue::List(
            message.inner(index).map(|(index, item)| value(message, index, item)).collect(),
        ),
        // By what it is, so that nothing of it is lost.
        Value::Shown(_) => match item.scalar {
            Scalar::Nested => FieldValue::Group(group(message, message.inner(index))),
            scalar => scalar.integer().map_or_else(
                || FieldValue::Bytes(message.bytes_of(item).to_owned()),
                FieldValue::Integer,
            ),
        },
        Value::Null if message.scale(item).is_some() => FieldValue::Text(NONE.to_owned()),
        // No layout has it.
        Value::Null => FieldValue::Bytes(Vec::new()),
    }
}

impl<'de> Deserialize<'de> for FieldValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(FieldVisitor)
    }
}

struct FieldVisitor;

impl<'de> Visitor<'de> for FieldVisitor {
    type Value = FieldValue;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number, text, a list or fields by name")
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<FieldValue, E> {
        Ok(FieldValue::Integer(i128::from(value)))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<FieldValue, E> {
        Ok(FieldValue::Integer(i128::from(value)))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<FieldValue, E> {
        Ok(FieldValue::Integer(i128::from(value)))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<FieldValue, E> {
        Ok(FieldValue::Float(value))
    }

    fn visit_unit<E: de::Error>(self) -> Result<FieldValue, E> {
        Ok(FieldValue::Float(f64::NAN))
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<FieldValue, E> {
        Ok(FieldValue::Text(value.to_owned()))
    }

    fn visit_bytes<E: de::Error>(self, value: &[u8]) -> Result<FieldValue, E> {
        Ok(FieldValue::Bytes(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<FieldValue, A::Error> {
        let mut elements = Vec::new();
        while let Some(element) = list.next_element()? {
            elements.push(element);
        }
        Ok(FieldValue::List(elements))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<FieldValue, A::Error> {
        let mut fields = Vec::new();
        while let Some(field) = map.next_entry()? {
            fields.push(field);
        }
        Ok(FieldValue::Group(fields))
    }
}
