//! Layouts built by hand, read and written; and the laws of the codec over random ones.

mod laws;
mod meaning;
mod segments;
mod shapes;
mod spoken;
mod sums;
mod tags;

use std::sync::Arc;

use serde_json::{Value as Json, json};

use super::*;
use crate::message::{Message, Value};
use crate::schema::{
    ByteOrder, EnumDef, Enumerator, Field, Layout, Reading, RecordKind, Role, Shape, Span,
};

/// What a message decodes to: its fields as JSON, and the rest as text.
pub(super) fn decoded(codec: &Codec, bytes: &[u8]) -> (Json, String) {
    snapped(codec, bytes, bytes.len())
}

pub(super) fn snapped(codec: &Codec, bytes: &[u8], wire_len: usize) -> (Json, String) {
    let mut items = Vec::new();
    let decoded = codec.decode(bytes, wire_len, &mut items);
    let message = message(codec, bytes, &decoded, &items);
    let mut rest = format!("{} {}+{}", decoded.name, decoded.len, decoded.trailing);
    if let Some(error) = decoded.error {
        rest += &format!(" {} {}@{}", error.kind.as_str(), error.context, error.offset);
    }
    (group(&message, 0, items.len()), rest)
}

pub(super) fn message<'a>(
    codec: &'a Codec,
    bytes: &'a [u8],
    decoded: &Decoded<'a>,
    items: &'a [Item],
) -> Message<'a> {
    codec.message("test", bytes, decoded, items)
}

fn group(message: &Message<'_>, first: usize, end: usize) -> Json {
    let mut fields = serde_json::Map::new();
    let mut at = first;
    while at < end {
        let item = &message.items[at];
        let name = message.node(item).unwrap().name.clone();
        assert_eq!(fields.insert(name.clone(), value(message, at)), None, "{name} twice");
        at = item.end as usize;
    }
    assert_eq!(at, end, "an item reaches out of its group");
    Json::Object(fields)
}

fn value(message: &Message<'_>, index: usize) -> Json {
    let item = &message.items[index];
    match message.value(item) {
        Value::Unsigned(value) => json!(value),
        Value::Signed(value) => json!(value),
        Value::Float(value) => json!(value),
        Value::Name(text) | Value::Text(text) => json!(text),
        Value::Bytes(bytes) => json!(hex(bytes)),
        Value::Group => group(message, index + 1, item.end as usize),
        Value::List => {
            let mut elements = Vec::new();
            let mut at = index + 1;
            while at < item.end as usize {
                assert_eq!(message.node(&message.items[at]).unwrap().name, "");
                elements.push(value(message, at));
                at = message.items[at].end as usize;
            }
            Json::Array(elements)
        }
        Value::Null => Json::Null,
        Value::Shown(shown) => shown.to_string().into(),
    }
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Bytes from hex with spaces, and text in quotes: `00000053 "Alan" 00`.
pub(super) fn bytes(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    for (index, part) in text.split('"').enumerate() {
        if index % 2 == 1 {
            out.extend(part.bytes());
            continue;
        }
        let digits: Vec<_> = part.chars().filter_map(|it| it.to_digit(16)).collect();
        out.extend(digits.chunks(2).map(|pair| (pair[0] * 16 + pair[1]) as u8));
    }
    out
}

pub(super) fn encoded(codec: &Codec, value: Json) -> Result<String, String> {
    let value: FieldValue = serde_json::from_value(value).unwrap();
    let mut out = vec![0xee];
    match codec.encode(&value, &mut out) {
        Ok(()) => Ok(hex(&out[1..])),
        Err(error) => {
            assert_eq!(out, [0xee], "an error leaves the output as it was");
            Err(error.to_string())
        }
    }
}

/// Asserts that the bytes decode to the value, whole, and that the value encodes to the bytes.
#[track_caller]
pub(super) fn both_ways(codec: &Codec, wire: &str, value: Json) {
    let wire = bytes(wire);
    let whole = format!("{} {}+0", codec.name(), wire.len());
    assert_eq!(decoded(codec, &wire), (value.clone(), whole));
    assert_eq!(encoded(codec, value), Ok(hex(&wire)));
}

pub(super) fn codec(layout: &Layout) -> Codec {
    compiled(layout, &Reading::default())
}

/// What the codec makes of a layout that is read so.
pub(super) fn compiled(layout: &Layout, reading: &Reading<'_>) -> Codec {
    Codec::new(&layout.resolve(reading).unwrap(), &MessageWords::default()).unwrap()
}

/// Numbers in network byte order.
pub(super) fn resolved(layout: &Layout) -> ResolvedLayout {
    layout.resolve(&Reading::default()).unwrap()
}

/// A struct of fields at offsets.
pub(super) fn record(name: &str, size: u64, fields: Vec<Field>) -> Layout {
    Layout {
        name: name.to_owned(),
        kind: RecordKind::Struct,
        size,
        align: 1,
        fields,
        span: Span::default(),
    }
}

pub(super) fn union(name: &str, size: u64, fields: Vec<Field>) -> Layout {
    Layout { kind: RecordKind::Union, ..record(name, size, fields) }
}

pub(super) fn field(name: &str, offset: u64, shape: Shape) -> Field {
    let name = (!name.is_empty()).then(|| name.to_owned());
    Field { name, offset, bits: None, shape, notes: Default::default(), span: Span::default() }
}

pub(super) fn bit_field(name: &str, first: u64, width: u32, signed: bool) -> Field {
    let shape = Shape::Integer { size: 4, signed, order: None, role: Role::Number };
    Field { bits: Some((first, width)), ..field(name, first / 8, shape) }
}

pub(super) fn unsigned(size: u64) -> Shape {
    Shape::Integer { size, signed: false, order: None, role: Role::Number }
}

pub(super) fn signed(size: u64) -> Shape {
    Shape::Integer { size, signed: true, order: None, role: Role::Number }
}

pub(super) fn character() -> Shape {
    Shape::Integer { size: 1, signed: true, order: None, role: Role::Character }
}

pub(super) fn byte() -> Shape {
    Shape::Integer { size: 1, signed: false, order: None, role: Role::Byte }
}

pub(super) fn nested(layout: Layout) -> Shape {
    Shape::Record(Arc::new(layout))
}

pub(super) fn array(element: Shape, len: u64, stride: u64) -> Shape {
    Shape::Array { element: Box::new(element), len, stride }
}

pub(super) fn tail(element: Shape, stride: u64, counted: u64) -> Shape {
    Shape::Tail { element: Box::new(element), stride, counted }
}

pub(super) fn colours() -> Arc<EnumDef> {
    let names = [("RED", 1), ("GREEN", 2), ("NONE", -1)];
    let enumerators =
        names.map(|(name, value)| Enumerator { name: name.to_owned(), value }).to_vec();
    Arc::new(EnumDef {
        tag: None,
        enumerators,
        packed: false,
        underlying: None,
        span: Span::default(),
    })
}

/// The lesson `dgram-basic`: `name[11]` and two numbers, packed.
pub(super) fn basic() -> Layout {
    let fields = vec![
        field("name", 0, array(character(), 11, 1)),
        field("math", 11, unsigned(4)),
        field("chinese", 15, unsigned(4)),
    ];
    record("basic", 19, fields)
}

/// The lesson `dgram-var`: two numbers and a tail, packed or not.
pub(super) fn var(size: u64) -> Layout {
    let fields = vec![
        field("math", 0, unsigned(4)),
        field("chinese", 4, unsigned(4)),
        field("name", 8, tail(character(), 1, 1)),
    ];
    record("var", size, fields)
}
