//! The fields of RESP messages as items of a table that all of them share.

use std::ops::Range;
use std::sync::{Arc, LazyLock};

use super::super::cut;
use super::header::Kind;
use crate::message::Items;
use crate::message::{Between, FieldKind, FieldTable, Item, Message, Node, Scalar};
use crate::schema::{EnumDef, Enumerator, Span};

const COMMAND: u32 = 0;
const ARGS: u32 = 1;
const ARG: u32 = 2;
const TYPE: u32 = 3;
const ATTRIBUTES: u32 = 4;
/// First of the nodes of a value by itself, of one in a list, and of one in the attributes; each
/// as [`Shape`].
const VALUE: u32 = 5;
const ELEMENT: u32 = 10;
const ATTRIBUTE: u32 = 15;
/// The first of the nodes of what is cut.
pub(super) const CUT: u32 = 20;

/// What a value is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub(super) enum Shape {
    Number = 0,
    Text = 1,
    Boolean = 2,
    Null = 3,
    List = 4,
}

/// Where a value stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Nesting {
    /// The reply itself.
    Top,
    /// In an aggregate of it.
    Element,
    /// In the attributes before it.
    Attribute,
}

static TABLE: LazyLock<FieldTable> = LazyLock::new(|| {
    let node = |name: &str, path: &str, kind| Node::new(name, path, kind);
    let values = |name: &str, path: &str| {
        [
            node(name, path, FieldKind::Number),
            node(name, path, FieldKind::String),
            node(name, path, FieldKind::Enum(Arc::clone(&BOOLEANS))),
            node(name, path, FieldKind::Number),
            node(name, path, FieldKind::List),
        ]
    };
    let mut nodes = vec![
        node("command", "command", FieldKind::String),
        node("args", "args", FieldKind::List),
        node("", "args", FieldKind::String),
        node("type", "type", FieldKind::Enum(Arc::clone(&TYPES))),
        node("attributes", "attributes", FieldKind::List),
    ];
    nodes.extend(values("value", "value"));
    nodes.extend(values("", "value"));
    nodes.extend(values("", "attributes"));
    nodes.extend(cut::nodes());
    FieldTable { nodes, between: Between::Delimiters }
});

static COMMANDS: LazyLock<FieldTable> = LazyLock::new(|| only(|it| !(TYPE..CUT).contains(&it)));
static REPLIES: LazyLock<FieldTable> = LazyLock::new(|| only(|it| it >= TYPE));

static TYPES: LazyLock<Arc<EnumDef>> =
    LazyLock::new(|| names(Kind::ALL.map(|kind| (kind.name(), kind.sign().into()))));
static BOOLEANS: LazyLock<Arc<EnumDef>> = LazyLock::new(|| names([("false", 0), ("true", 1)]));

fn only(is_kept: impl Fn(u32) -> bool) -> FieldTable {
    let nodes = (0..).zip(&TABLE.nodes).filter(|(index, _)| is_kept(*index));
    FieldTable {
        nodes: nodes.map(|(_, node)| node.clone()).collect(),
        between: Between::Delimiters,
    }
}

/// The fields that a message can have: of a command `command` and `args`, of a reply `type`,
/// `value` and `attributes`, of both `cut`.
pub fn table() -> &'static FieldTable {
    &TABLE
}

/// The name of each kind of message, and the fields that it has. These tables are for looking up
/// names; items index [`table`].
pub fn messages() -> [(&'static str, &'static FieldTable); 2] {
    [("command", &COMMANDS), ("reply", &REPLIES)]
}

/// Whether it is a message of RESP.
pub fn is_resp(message: &Message<'_>) -> bool {
    std::ptr::eq(message.table, table())
}

/// A command, as far as it tells how it is answered.
pub(super) struct Words<'w> {
    pub command: &'w [u8],
    /// The first two words behind it; empty where there are none.
    pub args: [&'w [u8]; 2],
    /// How many there are.
    pub count: usize,
}

impl<'w> Words<'w> {
    pub fn of(items: &[Item], bytes: &'w [u8]) -> Self {
        let text = |index: usize| {
            let item = items.get(index).filter(|it| matches!(it.node, COMMAND | ARG));
            item.and_then(|it| it.bytes_in(bytes)).unwrap_or_default()
        };
        // The command, the list, and what the list holds.
        Self { command: text(0), args: [text(2), text(3)], count: items.len().saturating_sub(2) }
    }
}

/// The first text in the list that a reply is.
pub(super) fn first_element<'b>(items: &[Item], bytes: &'b [u8]) -> &'b [u8] {
    let text = ELEMENT.saturating_add(Shape::Text as u32);
    let list = items.iter().position(|it| it.node == VALUE.saturating_add(Shape::List as u32));
    let first = list.and_then(|it| items.get(it.saturating_add(1)));
    first.filter(|it| it.node == text).and_then(|it| it.bytes_in(bytes)).unwrap_or_default()
}

/// A word of a command; the list of the others begins behind the first.
pub(super) fn word(items: &mut Vec<Item>, range: &Range<usize>) -> Option<usize> {
    let is_first = items.is_empty();
    let mut items = Items(items);
    if !is_first {
        items.span(ARG, range);
        return None;
    }
    items.span(COMMAND, range);
    Some(items.open(ARGS))
}

/// What a reply is.
pub(super) fn kind(items: &mut Vec<Item>, kind: Kind, at: usize) {
    let sign = Scalar::Unsigned(kind.sign().into());
    Items(items).scalar(TYPE, &(at..at.saturating_add(1)), sign);
}

/// A value that holds no others.
pub(super) fn scalar(
    items: &mut Vec<Item>,
    (place, shape): (Nesting, Shape),
    range: &Range<usize>,
    scalar: Scalar,
) {
    Items(items).scalar(place.node(shape), range, scalar);
}

/// A list in a place; the index to close it by.
pub(super) fn open(items: &mut Vec<Item>, place: Nesting) -> usize {
    Items(items).open(place.node(Shape::List))
}

/// The attributes of a reply; the index to close them by.
pub(super) fn open_attributes(items: &mut Vec<Item>) -> usize {
    Items(items).open(ATTRIBUTES)
}

impl Nesting {
    fn node(self, shape: Shape) -> u32 {
        let first = match self {
            Self::Top => VALUE,
            Self::Element => ELEMENT,
            Self::Attribute => ATTRIBUTE,
        };
        first.saturating_add(shape as u32)
    }
}

fn names<const N: usize>(names: [(&str, i128); N]) -> Arc<EnumDef> {
    let enumerator = |(name, value): (&str, i128)| Enumerator { name: name.to_owned(), value };
    let enumerators = names.map(enumerator).into();
    Arc::new(EnumDef {
        tag: None,
        enumerators,
        packed: false,
        underlying: None,
        span: Span::default(),
    })
}
