//! Values given by name, checked against the fields that they go into.

use std::borrow::Cow;

use super::error::EncodeError;
use super::number::{Number, NumberKind};
use super::plan::{StepId, Steps};
use super::shown;
use super::value::FieldValue;
use super::write::{Fields, Writer};
use crate::message::FieldKind;
use crate::schema::{Flags, Notation, Scale, UnknownFlag, nearest};

impl<'a> Writer<'a> {
    /// Sees that the steps of a record, or of the message, have all these fields.
    pub fn known(
        &self,
        record: Option<StepId>,
        steps: Steps,
        fields: &Fields,
    ) -> Result<(), EncodeError> {
        let is_known = |name: &str| self.names(steps.clone()).any(|it| it == name);
        match fields.iter().find(|(name, _)| !is_known(name)) {
            Some((name, _)) => Err(self.unknown_field(record, steps.clone(), name)),
            None => Ok(()),
        }
    }

    /// Whether a member, or one in it where it has no name, is among the fields.
    pub fn has(&self, member: StepId, fields: &Fields) -> bool {
        let end = self.plan.steps[member].end;
        self.names(member..end).any(|name| fields.iter().any(|(it, _)| it == name))
    }

    /// The fields of a record, or of the message.
    pub fn group<'v>(
        &self,
        value: &'v FieldValue,
        id: Option<StepId>,
    ) -> Result<&'v Fields, EncodeError> {
        match value {
            FieldValue::Group(fields) => Ok(fields),
            _ => {
                let path = id.map_or_else(|| self.name.to_owned(), |id| self.path(id));
                Err(EncodeError::Kind { path, expected: "a group", found: value.kind() })
            }
        }
    }

    /// The elements of a list, at most `max`.
    pub fn elements<'v>(
        &self,
        id: StepId,
        max: Option<usize>,
        value: &'v FieldValue,
    ) -> Result<&'v [FieldValue], EncodeError> {
        let FieldValue::List(elements) = value else {
            return Err(self.kind(id, "a list", value));
        };
        match max.filter(|&max| max < elements.len()) {
            Some(max) => {
                Err(EncodeError::TooLong { path: self.path(id), len: elements.len(), max })
            }
            None => Ok(elements),
        }
    }

    /// The bytes for characters, at most `max`.
    pub fn characters<'v>(
        &self,
        id: StepId,
        max: Option<usize>,
        value: &'v FieldValue,
    ) -> Result<Cow<'v, [u8]>, EncodeError> {
        let is_text = matches!(self.kind_of(id), Some(FieldKind::Text));
        let bytes = match value {
            FieldValue::Bytes(bytes) => Cow::Borrowed(bytes.as_slice()),
            FieldValue::Text(text) if is_text => match max.and_then(|max| exact_hex(text, max)) {
                Some(bytes) => Cow::Owned(bytes),
                None if text.contains('\0') => {
                    return Err(EncodeError::Nul { path: self.path(id) });
                }
                None => Cow::Borrowed(text.as_bytes()),
            },
            FieldValue::Text(text) if let Some(notation) = self.notation(id) => {
                let mut bytes = vec![0; max.unwrap_or(0)];
                match shown::bytes(notation, text, &mut bytes) {
                    Some(()) => Cow::Owned(bytes),
                    None => {
                        let wrong = || self.kind(id, shown::expected(notation), value);
                        Cow::Owned(hex(text).ok_or_else(wrong)?)
                    }
                }
            }
            FieldValue::Text(text) => {
                Cow::Owned(hex(text).ok_or_else(|| self.kind(id, "bytes in hex", value))?)
            }
            FieldValue::Group(fields) if is_text => {
                let bytes = hex_of(fields).and_then(hex);
                Cow::Owned(bytes.ok_or_else(|| self.kind(id, "text", value))?)
            }
            _ => return Err(self.kind(id, if is_text { "text" } else { "bytes" }, value)),
        };
        match max.filter(|&max| max < bytes.len()) {
            Some(max) => Err(EncodeError::TooLong { path: self.path(id), len: bytes.len(), max }),
            None => Ok(bytes),
        }
    }

    /// Whether what is left of an array behind these characters is zeros: text has its NUL, bytes
    /// are as many as they are.
    pub fn is_padded(&self, id: StepId, value: &FieldValue) -> bool {
        let is_text = matches!(self.kind_of(id), Some(FieldKind::Text));
        is_text && matches!(value, FieldValue::Text(_))
    }

    pub fn number_word(
        &self,
        id: StepId,
        number: Number,
        value: &FieldValue,
    ) -> Result<u64, EncodeError> {
        if number.kind != NumberKind::Float {
            return self.integer(id, number.range(), value);
        }
        let scale = self.scale(id);
        let float = match value {
            FieldValue::Float(value) => *value,
            FieldValue::Integer(value) => *value as f64,
            FieldValue::Text(name) if name == "NaN" => f64::NAN,
            FieldValue::Text(name) if name == "Infinity" => f64::INFINITY,
            FieldValue::Text(name) if name == "-Infinity" => f64::NEG_INFINITY,
            FieldValue::Text(text) if let Some(number) = scale.and_then(|it| it.number(text)) => {
                number
            }
            _ => return Err(self.kind(id, "a number", value)),
        };
        if number.size == 8 {
            return Ok(float.to_bits());
        }
        let single = float as f32;
        if single.is_infinite() && float.is_finite() {
            let max = f64::from(f32::MAX);
            return Err(self.out_of_range(id, float, (-max, max)));
        }
        Ok(u64::from(single.to_bits()))
    }

    /// The two's complement of an integer within `range`.
    pub fn integer(
        &self,
        id: StepId,
        range: (i128, i128),
        value: &FieldValue,
    ) -> Result<u64, EncodeError> {
        if let Some(scale) = self.scale(id) {
            return self.measured(id, scale, range, value);
        }
        let number = match (value, self.kind_of(id)) {
            (FieldValue::Integer(value), _) => *value,
            (FieldValue::Text(name), Some(FieldKind::Enum(names))) => {
                let known = || names.enumerators.iter();
                let Some(found) = known().find(|it| it.name == *name) else {
                    return Err(EncodeError::UnknownName {
                        path: self.path(id),
                        name: name.clone(),
                        nearest: nearest(name, known().map(|it| it.name.as_str())),
                    });
                };
                found.value
            }
            (FieldValue::Text(text), Some(FieldKind::Shown(Notation::Flags { flags, .. }))) => {
                as_signed(self.flags(id, flags, text)?, range)
            }
            (FieldValue::Text(text), Some(FieldKind::Shown(notation))) => {
                let wrong = || self.kind(id, shown::expected(notation), value);
                as_signed(shown::number(notation, text).ok_or_else(wrong)?, range)
            }
            _ => return Err(self.kind(id, "an integer", value)),
        };
        match (range.0..=range.1).contains(&number) {
            true => Ok(number as u64),
            false => Err(self.out_of_range(id, number, range)),
        }
    }

    /// The raw number of what a number measures.
    fn measured(
        &self,
        id: StepId,
        scale: &Scale,
        range: (i128, i128),
        value: &FieldValue,
    ) -> Result<u64, EncodeError> {
        let is_none = match value {
            // As `null` comes from JSON.
            FieldValue::Float(number) => number.is_nan(),
            FieldValue::Text(text) => text.trim() == shown::NONE,
            _ => false,
        };
        let raw = match value {
            _ if is_none => scale.none().first().copied(),
            FieldValue::Integer(number) => scale.raw_of_whole(*number),
            FieldValue::Float(number) => scale.raw(*number),
            FieldValue::Text(text) => scale.raw_of_text(text),
            _ => None,
        };
        let said = |raw| scale.quantity(raw).to_string();
        match (raw, value) {
            (Some(raw), _) if !(range.0..=range.1).contains(&raw) => {
                Err(self.out_of_range(id, said(raw), (said(range.0), said(range.1))))
            }
            (Some(raw), _) if !is_none && scale.none().contains(&raw) => {
                Err(EncodeError::NoValue { path: self.path(id), value: said(raw), raw })
            }
            (Some(raw), _) => Ok(raw as u64),
            (None, FieldValue::Integer(number)) => {
                Err(self.out_of_range(id, number.to_string(), (said(range.0), said(range.1))))
            }
            (None, FieldValue::Float(number)) if !is_none => {
                Err(self.out_of_range(id, number.to_string(), (said(range.0), said(range.1))))
            }
            (None, _) => Err(self.kind(
                id,
                "a number, or `none` where the field has a number for that",
                value,
            )),
        }
    }

    /// The number that names of flags stand for; digits are one too, also below zero.
    fn flags(&self, id: StepId, flags: &Flags, text: &str) -> Result<i128, EncodeError> {
        let bits = match text.parse::<i128>() {
            Ok(number) => return Ok(number),
            Err(_) => flags.read(text),
        };
        bits.map(i128::from).map_err(|UnknownFlag(name)| EncodeError::UnknownFlag {
            path: self.path(id),
            name: name.to_owned(),
            nearest: nearest(name, flags.iter().map(|it| it.name.as_str())),
        })
    }

    pub fn kind(&self, id: StepId, expected: &'static str, value: &FieldValue) -> EncodeError {
        EncodeError::Kind { path: self.path(id), expected, found: value.kind() }
    }

    fn out_of_range<T: ToString>(&self, id: StepId, value: T, range: (T, T)) -> EncodeError {
        EncodeError::Range {
            path: self.path(id),
            value: value.to_string(),
            min: range.0.to_string(),
            max: range.1.to_string(),
        }
    }

    /// The names of the fields in a record, those in anonymous records within it included.
    fn names(&self, steps: Steps) -> impl Iterator<Item = &'a str> + use<'a> {
        let plan = self.plan;
        let mut at = steps.start;
        std::iter::from_fn(move || {
            while at < steps.end {
                let id = at;
                at = match plan.steps[id].node {
                    Some(_) => plan.steps[id].end,
                    None => id.next(),
                };
                if let Some(node) = plan.node(id) {
                    return Some(node.name.as_str());
                }
            }
            None
        })
    }

    fn unknown_field(&self, record: Option<StepId>, steps: Steps, name: &str) -> EncodeError {
        let nearest = nearest(name, self.names(steps));
        let path =
            match record.and_then(|it| self.plan.node(it)).filter(|node| !node.path.is_empty()) {
                Some(node) => format!("{}.{name}", node.path),
                None => name.to_owned(),
            };
        EncodeError::UnknownField { path, nearest }
    }

    pub fn path(&self, id: StepId) -> String {
        self.plan.node(id).map_or(self.name, |node| &node.path).to_owned()
    }

    /// How a field is written for people.
    pub fn notation(&self, id: StepId) -> Option<&'a Notation> {
        match self.kind_of(id) {
            Some(FieldKind::Shown(notation)) => Some(notation),
            _ => None,
        }
    }

    /// What the number of a field measures.
    fn scale(&self, id: StepId) -> Option<&'a Scale> {
        match self.notation(id) {
            Some(Notation::Scale(scale)) => Some(scale),
            _ => None,
        }
    }

    fn kind_of(&self, id: StepId) -> Option<&'a FieldKind> {
        self.plan.node(id).map(|node| &node.kind)
    }
}

/// An address or digits of a signed field, which may be those of its two's complement.
fn as_signed(number: i128, (min, max): (i128, i128)) -> i128 {
    let span = max.saturating_sub(min).saturating_add(1);
    if min < 0 && number > max && number < span { number.saturating_sub(span) } else { number }
}

/// Text that is not UTF-8, as it is printed: `{"hex": "…"}`.
fn hex_of(fields: &Fields) -> Option<&str> {
    match fields {
        [(name, FieldValue::Text(digits))] if name == "hex" => Some(digits),
        _ => None,
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
