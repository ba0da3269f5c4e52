//! A decoded message: named fields, each with its value and byte span.
//!
//! Every decoder gives the same shape: a flat list of [`Item`]s in declared order, each naming a
//! [`Node`] of its decoder's [`FieldTable`]. A group or a list is followed by what it holds, and
//! `end` leads past it. Values borrow the message's bytes; a decoder reuses its list, so that
//! nothing is allocated per message.

use std::sync::Arc;

use super::apart::Apart;
use super::error::DecodeError;
use super::marks::Marks;
use super::shown::Shown;
use crate::schema::{EnumDef, Notation, Quantity, Scale};

/// The names and kinds of the fields that a decoder can give.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FieldTable {
    /// Indexed by [`Item::node`].
    pub nodes: Vec<Node>,
    /// What the bytes between fields are.
    pub between: Between,
}

impl FieldTable {
    /// The paths by which fields are asked for, in the order of their nodes.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.nodes.iter().map(|it| it.path.as_str()).filter(|it| !it.is_empty())
    }

    /// The nodes of a path: its field, and the elements of its list.
    pub(crate) fn named(&self, path: &str) -> Vec<u32> {
        let named = self.nodes.iter().zip(0..).filter(|(node, _)| node.path == path);
        named.map(|(_, number)| number).collect()
    }
}

/// What the bytes between the fields of a message are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Between {
    /// Holes of a struct.
    #[default]
    Holes,
    /// Text that the format has literally.
    Literals,
    /// No more than what delimits the fields of a text: not worth a word.
    Delimiters,
}

/// One field of a [`FieldTable`].
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// The field's own name, such as `math`; empty for an element of a list.
    pub name: String,
    /// The names from the message to here, joined by `.`: `point.x`. Elements and anonymous
    /// records add nothing.
    pub path: String,
    /// What its values are.
    pub kind: FieldKind,
    /// The comment that describes it.
    pub description: Option<Arc<str>>,
}

/// What the values of a field are.
#[derive(Clone, Debug, PartialEq)]
pub enum FieldKind {
    /// [`Scalar::Unsigned`], [`Scalar::Signed`] or [`Scalar::Float`].
    Number,
    /// A number that an enum may name.
    Enum(Arc<EnumDef>),
    /// Characters: text up to the first NUL, where it is UTF-8; else bytes that output tells apart
    /// from text.
    Text,
    /// Characters, NUL among them: text where they are UTF-8 as a whole; else as for `Text`.
    String,
    /// Bytes without further meaning.
    Bytes,
    /// What is written for people: a number, bytes, or a group with what is in it.
    Shown(Notation),
    /// Named fields.
    Group,
    /// Elements of one kind.
    List,
}

/// One field of one message.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Item {
    /// Index into [`FieldTable::nodes`].
    pub node: u32,
    /// First byte, from the start of [`Message::bytes`]; [`Item::span`] tells what is computed.
    pub offset: u32,
    /// Bytes. A bit-field names the whole bytes that it touches.
    pub len: u32,
    /// Index of the first item that is not within this one; the next index for a scalar.
    pub end: u32,
    /// The number, or how to read the span.
    pub scalar: Scalar,
}

/// The value of an [`Item`], as far as it does not borrow.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Scalar {
    /// An unsigned integer, a `_Bool`, an address.
    Unsigned(u64),
    /// A signed integer.
    Signed(i64),
    /// A floating-point number.
    Float(f64),
    /// Bytes, in its span or computed: [`FieldKind::Text`], [`FieldKind::String`] or [`FieldKind::Bytes`].
    Span,
    /// A group or a list; its items follow.
    Nested,
    /// The protocol's own word for no value.
    Null,
}

/// A field's value, borrowed from the message.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value<'a> {
    /// An unsigned integer.
    Unsigned(u64),
    /// A signed integer.
    Signed(i64),
    /// A floating-point number.
    Float(f64),
    /// The name of an enum's value.
    Name(&'a str),
    /// Text: UTF-8 up to its first NUL.
    Text(&'a str),
    /// Bytes: those of a field that has bytes, and of one that has text those that are not UTF-8,
    /// with what follows their NUL.
    Bytes(&'a [u8]),
    /// What is written for people; of a group, its fields follow all the same.
    Shown(Shown<'a>),
    /// A struct or union: its fields follow.
    Group,
    /// A list: its elements follow.
    List,
    /// No value, said as such.
    Null,
}

/// One message.
#[derive(Clone, Copy, Debug)]
pub struct Message<'a> {
    /// The profile's name of the protocol, `http`, or the message's own name.
    pub protocol: &'a str,
    /// The struct, union or macro.
    pub name: &'a str,
    /// What [`Item::node`] indexes.
    pub table: &'a FieldTable,
    /// The fields, in declared order.
    pub items: &'a [Item],
    /// What the items' spans lie in: the message and what is left over, as far as captured and
    /// kept.
    pub bytes: &'a [u8],
    /// What it has beside these bytes, if anything.
    pub apart: Option<&'a Apart>,
    /// Length of the message without what is left over, bytes.
    pub len: usize,
    /// Bytes left over behind it, captured or not.
    pub trailing: usize,
    /// All that fit equally, this one first; empty where there is no doubt.
    pub candidates: &'a [&'a str],
    /// A record that only the close ended.
    pub ended_by_close: bool,
    /// What is odd about it.
    pub marks: Marks,
    /// The request that it answers, where that is known.
    pub request: Option<Request<'a>>,
    /// The number of a command in its conversation, from 1; of a reply, that of the command that
    /// it answers.
    pub pair: Option<u64>,
    /// The first error.
    pub error: Option<DecodeError<'a>>,
}

/// What a response answers. Bytes that are not UTF-8 are replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request<'a> {
    /// As in the request line.
    pub method: &'a str,
    /// As in the request line.
    pub target: &'a str,
    /// The Host field; empty where there is none.
    pub host: &'a str,
}

impl Node {
    /// One that nothing describes.
    pub fn new(name: impl Into<String>, path: impl Into<String>, kind: FieldKind) -> Self {
        Self { name: name.into(), path: path.into(), kind, description: None }
    }
}

impl Item {
    /// A floating-point value as the `float` of four bytes that it was on the wire, so that it
    /// is written with as few digits as tell it apart.
    pub(crate) fn single(&self, value: f64) -> Option<f32> {
        #[expect(clippy::cast_possible_truncation, reason = "a float of four bytes widened before")]
        let single = value as f32;
        let is_single = self.len == 4 && matches!(self.scalar, Scalar::Float(_));
        (is_single && f64::from(single) == value).then_some(single)
    }
}

impl Scalar {
    /// The number, where it is a whole one.
    pub(crate) fn integer(self) -> Option<i128> {
        match self {
            Self::Unsigned(value) => Some(value.into()),
            Self::Signed(value) => Some(value.into()),
            _ => None,
        }
    }
}

impl<'a> Message<'a> {
    /// The field that an item names.
    pub fn node(&self, item: &Item) -> Option<&'a Node> {
        self.table.nodes.get(item.node as usize)
    }

    /// Fields of text whose bytes are not UTF-8.
    pub fn not_text(&self) -> u64 {
        let is_not_text = |item: &&Item| {
            let is_plain = || self.bytes_of(item).is_ascii();
            item.scalar == Scalar::Span && !is_plain() && {
                let kind = self.node(item).map(|it| &it.kind);
                let is_text = matches!(kind, Some(FieldKind::Text | FieldKind::String));
                is_text && matches!(self.value(item), Value::Bytes(_))
            }
        };
        self.items.iter().filter(is_not_text).count() as u64
    }

    /// What the number of an item measures, where a profile says that.
    pub fn scale(&self, item: &Item) -> Option<&'a Scale> {
        match &self.node(item)?.kind {
            FieldKind::Shown(Notation::Scale(scale)) => Some(scale),
            _ => None,
        }
    }

    /// The number that an item stands for: as it lies in the message, or what that measures.
    pub fn number(&self, item: &Item) -> Scalar {
        match self.scale(item).and_then(|it| measured(it, item.scalar)) {
            Some(Value::Unsigned(number)) => Scalar::Unsigned(number),
            Some(Value::Signed(number)) => Scalar::Signed(number),
            Some(Value::Float(number)) => Scalar::Float(number),
            Some(Value::Null) => Scalar::Null,
            _ => item.scalar,
        }
    }

    fn shown(&self, notation: &'a Notation, item: &Item) -> Option<Value<'a>> {
        match notation {
            Notation::Scale(scale) => measured(scale, item.scalar),
            _ => Shown::of(notation, item.scalar, self.bytes_of(item)).map(Value::Shown),
        }
    }

    /// An item's value.
    pub fn value(&self, item: &Item) -> Value<'a> {
        let kind = self.node(item).map(|node| &node.kind);
        if let Some(FieldKind::Shown(notation)) = kind
            && let Some(value) = self.shown(notation, item)
        {
            return value;
        }
        match (item.scalar, kind) {
            (Scalar::Unsigned(value), Some(FieldKind::Enum(names))) => {
                name_of(names, i128::from(value)).map_or(Value::Unsigned(value), Value::Name)
            }
            (Scalar::Signed(value), Some(FieldKind::Enum(names))) => {
                name_of(names, i128::from(value)).map_or(Value::Signed(value), Value::Name)
            }
            (Scalar::Unsigned(value), _) => Value::Unsigned(value),
            (Scalar::Signed(value), _) => Value::Signed(value),
            (Scalar::Float(value), _) => Value::Float(value),
            (Scalar::Span, kind) => {
                let bytes = self.bytes_of(item);
                match kind {
                    Some(FieldKind::Text) => text(bytes).map_or(Value::Bytes(bytes), Value::Text),
                    Some(FieldKind::String) => {
                        std::str::from_utf8(bytes).map_or(Value::Bytes(bytes), Value::Text)
                    }
                    _ => Value::Bytes(bytes),
                }
            }
            (Scalar::Nested, Some(FieldKind::List)) => Value::List,
            (Scalar::Nested, _) => Value::Group,
            (Scalar::Null, _) => Value::Null,
        }
    }
}

/// What a number measures.
fn measured<'a>(scale: &Scale, scalar: Scalar) -> Option<Value<'a>> {
    let raw = match scalar {
        Scalar::Float(number) => return Some(Value::Float(number)),
        scalar => scalar.integer()?,
    };
    Some(match scale.value(raw) {
        None => Value::Null,
        Some(Quantity::Fraction(number)) => Value::Float(number),
        Some(Quantity::Whole(number)) => match (u64::try_from(number), i64::try_from(number)) {
            (Ok(number), _) => Value::Unsigned(number),
            (_, Ok(number)) => Value::Signed(number),
            #[expect(clippy::cast_precision_loss, reason = "beyond 64 bits it is rounded")]
            _ => Value::Float(number as f64),
        },
    })
}

fn name_of(names: &EnumDef, value: i128) -> Option<&str> {
    names.enumerators.iter().find(|it| it.value == value).map(|it| it.name.as_str())
}

/// The characters up to the first NUL, if they are UTF-8.
pub(crate) fn text(bytes: &[u8]) -> Option<&str> {
    let end = memchr::memchr(0, bytes).unwrap_or(bytes.len());
    std::str::from_utf8(bytes.get(..end)?).ok()
}

#[cfg(test)]
mod tests {
    use super::text;

    #[test]
    fn characters_are_text_up_to_the_first_nul() {
        for (bytes, expected) in [
            (&b"Alan\0\0\0"[..], Some("Alan")),
            (b"Alan\0old", Some("Alan")),
            (b"Alan", Some("Alan")),
            (b"", Some("")),
            (b"\0\0\0", Some("")),
            (b"\0\0S", Some("")),
            (b"\0\xff", Some("")),
            (b"\xff\xfe\0", None),
            ("张三\0".as_bytes(), Some("张三")),
        ] {
            assert_eq!(text(bytes), expected, "{bytes:?}");
        }
    }
}
