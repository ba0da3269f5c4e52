//! A sample by the names of the struct codec: what is encoded, and what must be decoded.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use wirereel::decode::codec::FieldValue;
use wirereel::message::{Item, Message, Scalar, Value};
use wirereel::schema::{Abi, ByteOrder, Field, Layout, Reading, RecordKind, Role, Shape};

use super::values::{Leaf, Number, Sample};

/// The sample as a message to encode.
pub fn value(layout: &Layout, sample: &Sample, abi: Abi) -> FieldValue {
    let last = layout.kind == RecordKind::Struct;
    Namer { sample, abi }.record(layout, "", last)
}

/// The first field of a decoded message that is not as in the sample, or that is missing.
pub fn difference(message: &Message<'_>, sample: &Sample, abi: Abi) -> Option<String> {
    let found = found(message, sample);
    sample.leaves.iter().find_map(|leaf| {
        let path = &leaf.path;
        match found.get(path) {
            None => Some(format!("{path} is missing")),
            Some(it) if it.is(leaf, abi) => None,
            Some(it) => Some(format!("{path} is {it:?}, stored as {leaf:?}")),
        }
    })
}

/// How many numbers a sample has, and the NUL of a character tail.
pub fn count_in(layout: &Layout, sample: &Sample) -> usize {
    let resolved = layout.resolve(&Reading::default()).expect("parts within bounds");
    let is_terminated = resolved.tail().is_some_and(|(_, tail)| tail.characters() == Some(true));
    sample.leaves.len() + usize::from(is_terminated)
}

/// How many numbers a decoded message has, characters and bytes one by one.
pub fn count(message: &Message<'_>, sample: &Sample) -> usize {
    found(message, sample).len()
}

/// Whether it has a union: of these every member is decoded, and one is stored.
pub fn has_union(layout: &Layout) -> bool {
    layout.kind == RecordKind::Union
        || layout.fields.iter().filter_map(|it| it.shape.record()).any(has_union)
}

/// Whether it ends with a union, which is encoded as long as the member that is given.
pub fn ends_with_union(layout: &Layout) -> bool {
    layout.kind == RecordKind::Union
        || layout
            .fields
            .last()
            .is_some_and(|it| matches!(&it.shape, Shape::Record(nested) if ends_with_union(nested)))
}

fn is_character(shape: &Shape) -> bool {
    matches!(shape, Shape::Integer { role: Role::Character | Role::Byte, .. })
}

/// What was decoded of one field.
#[derive(Debug)]
enum Found<'a> {
    Number(Scalar),
    Character(u8),
    /// What no number holds: 16 bytes, `long double`.
    Bytes(&'a [u8]),
}

impl Found<'_> {
    fn is(&self, leaf: &Leaf, abi: Abi) -> bool {
        match (self, leaf.value) {
            (Self::Number(Scalar::Unsigned(it)), Number::Integer(value)) => {
                i128::from(*it) == value
            }
            (Self::Number(Scalar::Signed(it)), Number::Integer(value)) => i128::from(*it) == value,
            (Self::Number(Scalar::Float(it)), Number::Float(value)) => it == &value,
            (Self::Character(it), _) => u128::from(*it) == leaf.raw,
            (Self::Bytes(it), _) => *it == bytes(leaf, it.len(), abi),
            _ => false,
        }
    }
}

/// The leaf in memory; what is behind its bits is zero.
fn bytes(leaf: &Leaf, len: usize, abi: Abi) -> Vec<u8> {
    let (bits, width) = (leaf.host_bits(abi), leaf.width as usize / 8);
    let mut bytes = match abi.byte_order() {
        ByteOrder::Little => bits.to_le_bytes()[..width].to_vec(),
        ByteOrder::Big => bits.to_be_bytes()[16 - width..].to_vec(),
    };
    bytes.resize(len, 0);
    bytes
}

/// What was decoded, by the expressions that reach it in C.
fn found<'a>(message: &Message<'a>, sample: &Sample) -> HashMap<String, Found<'a>> {
    let mut found = HashMap::new();
    let leaves = sample.leaves.iter().map(|it| it.path.as_str()).collect();
    let lists = Lists { message, leaves };
    lists.list(0..message.items.len(), &Scope::Group(String::new()), &mut found);
    found
}

/// What items are in.
enum Scope {
    Group(String),
    List(String),
}

struct Lists<'m, 'a> {
    message: &'m Message<'a>,
    /// What the sample has as a whole.
    leaves: HashSet<&'m str>,
}

impl<'a> Lists<'_, 'a> {
    fn list(&self, range: Range<usize>, scope: &Scope, found: &mut HashMap<String, Found<'a>>) {
        let mut at = range.start;
        for index in 0.. {
            let Some(item) = self.message.items[..range.end].get(at) else { break };
            let name = &self.message.node(item).expect("a node").name;
            let path = match scope {
                Scope::Group(prefix) => path(prefix, name),
                Scope::List(prefix) => format!("{prefix}[{index}]"),
            };
            let end = item.end as usize;
            match item.scalar {
                Scalar::Nested => {
                    let inner = match self.message.value(item) {
                        Value::List => Scope::List(path),
                        _ => Scope::Group(path),
                    };
                    self.list(at + 1..end, &inner, found);
                }
                Scalar::Span => self.span(item, &path, found),
                number => assert!(found.insert(path, Found::Number(number)).is_none()),
            }
            at = end;
        }
    }

    /// One by one what the sample has so: the characters and bytes of arrays.
    fn span(&self, item: &Item, path: &str, found: &mut HashMap<String, Found<'a>>) {
        let bytes = self.message.bytes_of(item);
        if self.leaves.contains(path) {
            found.insert(path.to_owned(), Found::Bytes(bytes));
            return;
        }
        for (index, &byte) in bytes.iter().enumerate() {
            found.insert(format!("{path}[{index}]"), Found::Character(byte));
        }
    }
}

fn path(prefix: &str, name: &str) -> String {
    if prefix.is_empty() { name.to_owned() } else { format!("{prefix}.{name}") }
}

struct Namer<'a> {
    sample: &'a Sample,
    abi: Abi,
}

impl Namer<'_> {
    /// `last`: it ends the message, as in [`super::values`].
    fn record(&self, layout: &Layout, prefix: &str, last: bool) -> FieldValue {
        let mut fields = Vec::new();
        self.members(layout, prefix, last, &mut fields);
        FieldValue::Group(fields)
    }

    fn members(
        &self,
        layout: &Layout,
        prefix: &str,
        last: bool,
        out: &mut Vec<(String, FieldValue)>,
    ) {
        let is_union = layout.kind == RecordKind::Union;
        for (index, field) in layout.fields.iter().enumerate() {
            if is_union && !self.is_stored(field, prefix) {
                continue;
            }
            let last = last && !is_union && index + 1 == layout.fields.len();
            match (&field.name, &field.shape) {
                (None, Shape::Record(nested)) => self.members(nested, prefix, last, out),
                (None, shape) => panic!("no name: {shape:?}"),
                (Some(name), _) => {
                    let path = path(prefix, name);
                    out.push((name.clone(), self.field(field, &path, last)));
                }
            }
        }
    }

    /// Whether it is the member of a union that has values.
    fn is_stored(&self, field: &Field, prefix: &str) -> bool {
        match (&field.name, &field.shape) {
            (None, Shape::Record(nested)) => {
                nested.fields.iter().any(|it| self.is_stored(it, prefix))
            }
            (name, _) => self.is_given(&path(prefix, name.as_deref().unwrap_or_default())),
        }
    }

    fn field(&self, field: &Field, path: &str, last: bool) -> FieldValue {
        match field.bits {
            Some(_) => self.number(path),
            None => self.shape(&field.shape, path, last),
        }
    }

    fn shape(&self, shape: &Shape, path: &str, last: bool) -> FieldValue {
        match shape {
            Shape::Integer { size: 16, .. } | Shape::Float { size: 12 | 16, .. } => {
                FieldValue::Bytes(bytes(self.leaf(path), shape.size() as usize, self.abi))
            }
            Shape::Integer { .. } | Shape::Float { .. } => self.number(path),
            Shape::Record(nested) => self.record(nested, path, last),
            Shape::Array { element, len, .. } => self.array(element, path, *len, false),
            Shape::Tail { element, counted, .. } => {
                let len = if last { self.sample.tail_len } else { *counted };
                self.array(element, path, len, last)
            }
        }
    }

    fn array(&self, element: &Shape, path: &str, len: u64, terminated: bool) -> FieldValue {
        let paths = (0..len).map(|index| format!("{path}[{index}]"));
        if !is_character(element) {
            return FieldValue::List(paths.map(|it| self.shape(element, &it, false)).collect());
        }
        let mut bytes: Vec<_> = paths.map(|it| self.leaf(&it).raw as u8).collect();
        let is_text = matches!(element, Shape::Integer { role: Role::Character, .. });
        bytes.extend((terminated && is_text).then_some(0));
        FieldValue::Bytes(bytes)
    }

    fn number(&self, path: &str) -> FieldValue {
        match self.leaf(path).value {
            Number::Integer(value) => FieldValue::Integer(value),
            Number::Float(value) => FieldValue::Float(value),
            Number::Wide(value) => panic!("{path}: {value} is wider than its field"),
        }
    }

    fn leaf(&self, path: &str) -> &Leaf {
        let found = self.sample.leaves.iter().find(|it| it.path == path);
        found.unwrap_or_else(|| panic!("no value for {path}"))
    }

    /// Whether anything is stored there, or within.
    fn is_given(&self, path: &str) -> bool {
        let within = |it: &Leaf| {
            it.path.strip_prefix(path).is_some_and(|rest| {
                rest.is_empty() || rest.starts_with('.') || rest.starts_with('[')
            })
        };
        self.sample.leaves.iter().any(within)
    }
}
