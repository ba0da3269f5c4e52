//! A value given by name, checked against the one field that it goes into.

use super::error::EncodeError;
use super::number::{Number, NumberKind};
use super::value::FieldValue;
use super::write::Writer;
use crate::message::FieldKind;
use crate::schema::nearest;

impl<'a> Writer<'a> {
    /// The bytes for characters, at most `max`.
    pub fn characters(
        &self,
        index: u32,
        max: Option<usize>,
        value: &FieldValue,
    ) -> Result<Vec<u8>, EncodeError> {
        let is_text = matches!(self.kind_of(index), Some(FieldKind::Text));
        let bytes = match value {
            FieldValue::Bytes(bytes) => bytes.clone(),
            FieldValue::Text(text) if is_text => match max.and_then(|max| exact_hex(text, max)) {
                Some(bytes) => bytes,
                None if text.contains('\0') => {
                    return Err(EncodeError::Nul { path: self.path(index) });
                }
                None => text.clone().into_bytes(),
            },
            FieldValue::Text(text) => {
                hex(text).ok_or_else(|| self.kind(index, "bytes in hex", value))?
            }
            _ => return Err(self.kind(index, if is_text { "text" } else { "bytes" }, value)),
        };
        match max.filter(|&max| max < bytes.len()) {
            Some(max) => {
                Err(EncodeError::TooLong { path: self.path(index), len: bytes.len(), max })
            }
            None => Ok(bytes),
        }
    }

    pub fn number_word(
        &self,
        index: u32,
        number: Number,
        value: &FieldValue,
    ) -> Result<u64, EncodeError> {
        if number.kind != NumberKind::Float {
            return self.integer(index, number.range(), value);
        }
        let float = match value {
            FieldValue::Float(value) => *value,
            FieldValue::Integer(value) => *value as f64,
            FieldValue::Text(name) if name == "NaN" => f64::NAN,
            FieldValue::Text(name) if name == "Infinity" => f64::INFINITY,
            FieldValue::Text(name) if name == "-Infinity" => f64::NEG_INFINITY,
            _ => return Err(self.kind(index, "a number", value)),
        };
        if number.size == 8 {
            return Ok(float.to_bits());
        }
        let single = float as f32;
        if single.is_infinite() && float.is_finite() {
            let max = f64::from(f32::MAX);
            return Err(self.out_of_range(index, float, (-max, max)));
        }
        Ok(u64::from(single.to_bits()))
    }

    /// The two's complement of an integer within `range`.
    pub fn integer(
        &self,
        index: u32,
        range: (i128, i128),
        value: &FieldValue,
    ) -> Result<u64, EncodeError> {
        let number = match (value, self.kind_of(index)) {
            (FieldValue::Integer(value), _) => *value,
            (FieldValue::Text(name), Some(FieldKind::Enum(names))) => {
                let known = || names.enumerators.iter();
                let Some(found) = known().find(|it| it.name == *name) else {
                    return Err(EncodeError::UnknownName {
                        path: self.path(index),
                        name: name.clone(),
                        nearest: nearest(name, known().map(|it| it.name.as_str())),
                    });
                };
                found.value
            }
            _ => return Err(self.kind(index, "an integer", value)),
        };
        match (range.0..=range.1).contains(&number) {
            true => Ok(number as u64),
            false => Err(self.out_of_range(index, number, range)),
        }
    }

    pub fn kind(&self, index: u32, expected: &'static str, value: &FieldValue) -> EncodeError {
        EncodeError::Kind { path: self.path(index), expected, found: value.kind() }
    }

    fn out_of_range<T: ToString>(&self, index: u32, value: T, range: (T, T)) -> EncodeError {
        EncodeError::Range {
            path: self.path(index),
            value: value.to_string(),
            min: range.0.to_string(),
            max: range.1.to_string(),
        }
    }

    fn kind_of(&self, index: u32) -> Option<&'a FieldKind> {
        self.plan.node(index).map(|node| &node.kind)
    }
}

/// Two hex digits for each byte of an array, which as text would not fit.
fn exact_hex(text: &str, len: usize) -> Option<Vec<u8>> {
    let is_exact = len > 0 && text.len() == len.saturating_mul(2);
    if is_exact { hex(text) } else { None }
}

fn hex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: &u8| char::from(*byte).to_digit(16);
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    pairs
        .iter()
        .map(|[high, low]| Some((digit(high)?.wrapping_shl(4) | digit(low)?) as u8))
        .collect()
}
