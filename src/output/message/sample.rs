//! Messages for the tests of the writers.

use std::sync::Arc;

use crate::capture::Timestamp;
use crate::message::{
    Captured, DecodeError, ErrorKind, FieldKind, FieldTable, Item, Marks, Message, Node, Scalar,
};
use crate::packet::{StreamId, Transport};
use crate::schema::{EnumDef, Enumerator, Span};

/// A value to make items from.
#[derive(Clone, Debug)]
pub(super) enum Tree {
    Unsigned(u64, u32),
    Signed(i64),
    Float(f64),
    Single(f32),
    Enum(u64),
    Text(Vec<u8>),
    Bytes(Vec<u8>),
    Group(Vec<(String, Tree)>),
    List(Vec<Tree>),
    /// Bytes that no field covers.
    Hole(u32),
}

/// What a [`Message`] borrows.
#[derive(Debug, Default)]
pub(super) struct Sample {
    pub table: FieldTable,
    pub items: Vec<Item>,
    pub bytes: Vec<u8>,
    pub trailing: usize,
}

pub(super) fn text(text: &str) -> Tree {
    Tree::Text(text.as_bytes().to_vec())
}

pub(super) fn named(fields: &[(&str, Tree)]) -> Vec<(String, Tree)> {
    fields.iter().map(|(name, tree)| ((*name).to_owned(), tree.clone())).collect()
}

/// Alan, 83, 86 as `dgram-basic` sends them.
pub(super) fn basic() -> Sample {
    Sample::new(&named(&[
        ("name", text("Alan\0\0\0\0\0\0\0")),
        ("math", Tree::Unsigned(83, 4)),
        ("chinese", Tree::Unsigned(86, 4)),
    ]))
}

/// One of every kind of value.
pub(super) fn varied() -> Sample {
    Sample::new(&named(&[
        ("kind", Tree::Enum(3)),
        ("odd", Tree::Enum(9)),
        ("", Tree::Hole(2)),
        ("raw", Tree::Bytes(vec![0xde, 0xad])),
        ("delta", Tree::Signed(-5)),
        ("ratio", Tree::Single(0.1)),
        ("point", Tree::Group(named(&[("x", Tree::Unsigned(1, 2)), ("y", Tree::Unsigned(2, 2))]))),
        ("score", Tree::List(vec![Tree::Unsigned(7, 1), Tree::Unsigned(8, 1)])),
        ("note", text("a\"b\x1b,\u{9b}")),
    ]))
}

pub(super) fn error() -> DecodeError<'static> {
    DecodeError { offset: 15, context: "chinese", kind: ErrorKind::Short }
}

impl Sample {
    pub fn new(fields: &[(String, Tree)]) -> Self {
        let mut sample = Self::default();
        sample.group("", fields);
        sample
    }

    pub fn message(&self) -> Message<'_> {
        Message {
            protocol: "grades",
            name: "msg_st",
            table: &self.table,
            items: &self.items,
            bytes: &self.bytes,
            apart: None,
            len: self.bytes.len(),
            trailing: self.trailing,
            candidates: &[],
            ended_by_close: false,
            marks: Marks::default(),
            request: None,
            pair: None,
            error: None,
        }
    }

    pub fn captured(&self) -> Captured<'_> {
        Captured {
            file: None,
            frame: 4,
            time: Some(Timestamp(1_714_566_896_123_456_789)),
            transport: Transport::Udp,
            src: "127.0.0.1:40000".parse().unwrap(),
            dst: "127.0.0.1:1989".parse().unwrap(),
            stream: StreamId(2),
            frame_offset: Some(42),
            carrier: None,
            message: self.message(),
        }
    }

    fn group(&mut self, path: &str, fields: &[(String, Tree)]) {
        for (name, tree) in fields {
            let path = match (path, name.as_str()) {
                ("", name) => name.to_owned(),
                (path, "") => path.to_owned(),
                (path, name) => format!("{path}.{name}"),
            };
            self.add(name, &path, tree);
        }
    }

    fn add(&mut self, name: &str, path: &str, tree: &Tree) {
        let offset = self.bytes.len();
        let (kind, scalar) = match tree {
            Tree::Hole(len) => return self.bytes.resize(offset + *len as usize, 0),
            Tree::Unsigned(value, _) => (FieldKind::Number, Scalar::Unsigned(*value)),
            Tree::Signed(value) => (FieldKind::Number, Scalar::Signed(*value)),
            Tree::Float(value) => (FieldKind::Number, Scalar::Float(*value)),
            Tree::Single(value) => (FieldKind::Number, Scalar::Float(f64::from(*value))),
            Tree::Enum(value) => (FieldKind::Enum(kinds()), Scalar::Unsigned(*value)),
            Tree::Text(_) => (FieldKind::Text, Scalar::Span),
            Tree::Bytes(_) => (FieldKind::Bytes, Scalar::Span),
            Tree::Group(_) => (FieldKind::Group, Scalar::Nested),
            Tree::List(_) => (FieldKind::List, Scalar::Nested),
        };
        let at = self.items.len();
        let node = u32::try_from(self.table.nodes.len()).unwrap();
        self.table.nodes.push(Node::new(name, path, kind));
        self.items.push(Item { node, offset: offset as u32, len: 0, end: 0, scalar });
        match tree {
            Tree::Unsigned(value, len) => {
                let bytes = value.to_be_bytes();
                self.bytes.extend_from_slice(&bytes[8 - *len as usize..]);
            }
            Tree::Enum(value) => self.bytes.push(*value as u8),
            Tree::Signed(value) => self.bytes.extend_from_slice(&value.to_be_bytes()),
            Tree::Float(value) => self.bytes.extend_from_slice(&value.to_be_bytes()),
            Tree::Single(value) => self.bytes.extend_from_slice(&value.to_be_bytes()),
            Tree::Text(bytes) | Tree::Bytes(bytes) => self.bytes.extend_from_slice(bytes),
            Tree::Group(fields) => self.group(path, fields),
            Tree::List(elements) => elements.iter().for_each(|it| self.add("", path, it)),
            Tree::Hole(_) => {}
        }
        let end = u32::try_from(self.items.len()).unwrap();
        let len = u32::try_from(self.bytes.len() - offset).unwrap();
        self.items[at] = Item { len, end, ..self.items[at] };
    }
}

fn kinds() -> Arc<EnumDef> {
    let enumerators = vec![Enumerator { name: "DATA".to_owned(), value: 3 }];
    Arc::new(EnumDef {
        tag: None,
        enumerators,
        packed: false,
        underlying: None,
        span: Span::default(),
    })
}
