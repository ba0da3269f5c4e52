//! How a scalar of C, or an array of characters, lies on the wire.

use super::number::{Number, NumberKind};
use super::plan::Form;
use crate::message::FieldKind;
use crate::schema::{ByteOrder, Role};

pub(super) fn integer(size: u64, signed: bool, order: ByteOrder, role: &Role) -> (FieldKind, Form) {
    match u8::try_from(size) {
        Ok(size @ 1..=8) => {
            let kind = if signed { NumberKind::Signed } else { NumberKind::Unsigned };
            (number_kind(role), Form::Number(Number { size, kind, order }))
        }
        _ => (FieldKind::Bytes, Form::Span { may_end: false }),
    }
}

pub(super) fn float(size: u64, order: ByteOrder) -> (FieldKind, Form) {
    match u8::try_from(size) {
        Ok(size @ (4 | 8)) => {
            (FieldKind::Number, Form::Number(Number { size, kind: NumberKind::Float, order }))
        }
        _ => (FieldKind::Bytes, Form::Span { may_end: false }),
    }
}

pub(super) fn number_kind(role: &Role) -> FieldKind {
    match role {
        Role::Enum(names) => FieldKind::Enum(names.clone()),
        Role::Number | Role::Character | Role::Byte | Role::Boolean | Role::Pointer => {
            FieldKind::Number
        }
    }
}

pub(super) fn characters(text: bool) -> FieldKind {
    if text { FieldKind::Text } else { FieldKind::Bytes }
}
