//! The fields of lines as items of a table that all of them share.

use std::ops::Range;
use std::sync::LazyLock;

use super::super::cut;
use super::super::resp::words;
use super::dialect::code;
use crate::flow::Side;
use crate::message::Items;
use crate::message::{Between, FieldKind, FieldTable, Item, Message, Node, Scalar};

/// Words of a line that are told apart; the rest is one.
pub const MAX_WORDS: usize = 256;

const CODE: u32 = 0;
/// First of the nodes of the first line, and of the first of a further one; each as [`Part`].
const FIRST: u32 = 1;
const MORE: u32 = 5;
const MORE_GROUP: u32 = 6;
const FURTHER: u32 = 7;
/// The first of the nodes of what is cut.
pub(super) const CUT: u32 = 11;

/// What there is of a line.
#[derive(Clone, Copy)]
#[repr(u32)]
enum Part {
    Line = 0,
    Words = 1,
    Word = 2,
    Data = 3,
}

/// A line of a message, where it is kept.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Record {
    /// Without its end.
    pub line: Range<usize>,
    /// The block that it announces.
    pub data: Option<Range<usize>>,
}

static TABLE: LazyLock<FieldTable> = LazyLock::new(|| {
    let node = |name: &str, path: &str, kind| Node::new(name, path, kind);
    let mut nodes = vec![
        node("code", "code", FieldKind::Number),
        node("line", "line", FieldKind::String),
        node("words", "words", FieldKind::List),
        node("", "words", FieldKind::String),
        node("data", "data", FieldKind::String),
        node("more", "more", FieldKind::List),
        node("", "more", FieldKind::Group),
        node("line", "more.line", FieldKind::String),
        node("words", "more.words", FieldKind::List),
        node("", "more.words", FieldKind::String),
        node("data", "more.data", FieldKind::String),
    ];
    nodes.extend(cut::nodes());
    FieldTable { nodes, between: Between::Delimiters }
});

static COMMANDS: LazyLock<FieldTable> = LazyLock::new(|| {
    let own = |index: u32| (FIRST..MORE).contains(&index) || index >= CUT;
    let nodes = (0..).zip(&TABLE.nodes).filter(|(index, _)| own(*index));
    FieldTable {
        nodes: nodes.map(|(_, node)| node.clone()).collect(),
        between: Between::Delimiters,
    }
});

/// The fields that a message can have: `line`, `words`, `data`, `cut`, and of a reply `code` and
/// `more`.
pub fn table() -> &'static FieldTable {
    &TABLE
}

/// The name of each kind of message, and the fields that it has. These tables are for looking up
/// names; items index [`table`].
pub fn messages() -> [(&'static str, &'static FieldTable); 2] {
    [("command", &COMMANDS), ("reply", &TABLE)]
}

/// Whether it is a message of lines.
pub fn is_lines(message: &Message<'_>) -> bool {
    std::ptr::eq(message.table, table())
}

/// Whether two items are lines that differ in their words. These are fields by themselves, so that
/// it is they who tell.
pub fn differ_in_words(lines: [(&Message<'_>, &Item); 2]) -> bool {
    let is_line = |(message, item): (&Message<'_>, &Item)| {
        let line = Part::Line as u32;
        let nodes = [FIRST, FURTHER].map(|it| it.saturating_add(line));
        is_lines(message) && nodes.contains(&item.node)
    };
    let [one, other] = lines.map(|(message, item)| {
        let line = message.bytes_of(item);
        words(line, MAX_WORDS).map(move |it| line.get(it).unwrap_or_default())
    });
    lines.into_iter().all(is_line) && !one.eq(other)
}

/// Lists a message of these lines, all of which are in `bytes`.
pub(super) fn fill(items: &mut Vec<Item>, side: Side, bytes: &[u8], records: &[Record]) {
    items.clear();
    let mut items = Items(items);
    let Some((first, more)) = records.split_first() else { return };
    let text = bytes.get(first.line.clone()).filter(|_| side == Side::Server);
    if let Some(code) = text.and_then(code) {
        let digits = first.line.start..first.line.start.saturating_add(3);
        items.scalar(CODE, &digits, Scalar::Unsigned(code.into()));
    }
    line(&mut items, FIRST, bytes, first);
    if let (Some(one), Some(last)) = (more.first(), more.last()) {
        let list = items.open(MORE);
        for record in more {
            let group = items.open(MORE_GROUP);
            line(&mut items, FURTHER, bytes, record);
            items.close(group, &record.span());
        }
        items.close(list, &(one.line.start..last.span().end));
    }
}

fn line(items: &mut Items<'_>, first: u32, bytes: &[u8], record: &Record) {
    let node = |part: Part| first.saturating_add(part as u32);
    items.span(node(Part::Line), &record.line);
    let list = items.open(node(Part::Words));
    let start = record.line.start;
    for word in words(bytes.get(record.line.clone()).unwrap_or_default(), MAX_WORDS) {
        let word = start.saturating_add(word.start)..start.saturating_add(word.end);
        items.span(node(Part::Word), &word);
    }
    items.close(list, &record.line);
    if let Some(data) = &record.data {
        items.span(node(Part::Data), data);
    }
}

impl Record {
    fn span(&self) -> Range<usize> {
        self.line.start..self.data.as_ref().unwrap_or(&self.line).end
    }
}
