//! Where the value of an item stands: in its message's bytes, or nowhere in them.
//!
//! What a decoder computes, such as the digest of a body, is a value like any other, without a
//! place that could be shown. One bit of [`Item::offset`] says so: items stay as small as they
//! are, and those of structs, which compute nothing, are written and read as if there were none.

use std::ops::Range;

use super::apart::Omitted;
use super::message::{Item, Message, Scalar};

/// The bit of [`Item::offset`] of what is computed. Far less than 2 GiB is kept of any message.
const COMPUTED: u32 = 1 << 31;

/// Where an item's value stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Span {
    /// Within [`Message::bytes`].
    Bytes(Range<usize>),
    /// Nowhere: it was computed.
    Computed,
}

impl Item {
    /// A value that was computed. `text` is where a text stands in [`Apart::computed`](super::Apart::computed); empty for
    /// all others.
    pub(super) fn computed(node: u32, text: &Range<usize>, end: u32, scalar: Scalar) -> Self {
        let narrow = |it: usize| u32::try_from(it).unwrap_or(u32::MAX);
        Self { node, offset: narrow(text.start) | COMPUTED, len: narrow(text.len()), end, scalar }
    }

    /// Where it stands.
    pub fn span(&self) -> Span {
        if self.offset & COMPUTED == 0 { Span::Bytes(self.range()) } else { Span::Computed }
    }

    /// Its bytes within those of its message, or within as many of them as there are yet; `None`
    /// for what was computed.
    pub fn bytes_in<'b>(&self, bytes: &'b [u8]) -> Option<&'b [u8]> {
        match self.span() {
            Span::Bytes(range) => bytes.get(range),
            Span::Computed => None,
        }
    }

    fn range(&self) -> Range<usize> {
        let start = (self.offset & !COMPUTED) as usize;
        start..start.saturating_add(self.len as usize)
    }
}

impl<'a> Message<'a> {
    /// The texts that were computed, one behind the other.
    pub fn computed(&self) -> &'a str {
        self.apart.map_or("", |it| &it.computed)
    }

    /// An item's bytes, those of a computed text included.
    pub fn bytes_of(&self, item: &Item) -> &'a [u8] {
        let bytes = match item.span() {
            Span::Bytes(range) => self.bytes.get(range),
            Span::Computed => self.computed().as_bytes().get(item.range()),
        };
        bytes.unwrap_or_default()
    }

    /// Where an item begins in its message, that of which not all may be kept, bytes; `None` for
    /// what was computed.
    pub fn offset_of(&self, item: &Item) -> Option<usize> {
        let Span::Bytes(range) = item.span() else { return None };
        let omitted = self.apart.map_or(&[][..], |it| &it.omitted);
        let before = omitted.iter().filter(|it| it.at <= range.start);
        let len = |it: &Omitted| usize::try_from(it.len).unwrap_or(usize::MAX);
        Some(before.map(len).fold(range.start, usize::saturating_add))
    }
}

#[cfg(test)]
mod tests {
    use super::super::apart::Apart;
    use super::super::marks::Marks;
    use super::super::message::{FieldKind, FieldTable, Node, Value};
    use super::*;

    #[test]
    fn what_is_computed_stands_nowhere_and_what_is_left_out_counts() {
        let node = |name: &str, kind| Node::new(name, name, kind);
        let nodes = vec![node("text", FieldKind::Text), node("len", FieldKind::Number)];
        let table = FieldTable { nodes, ..FieldTable::default() };
        let item = |offset, len| Item { node: 0, offset, len, end: 0, scalar: Scalar::Span };
        let items = [
            item(0, 2),
            Item::computed(0, &(3..5), 0, Scalar::Span),
            Item::computed(1, &(0..0), 0, Scalar::Unsigned(7)),
            item(2, 2),
            item(3, 9),
        ];
        let mut apart = Apart { omitted: vec![Omitted { at: 2, len: 1000 }], ..Apart::default() };
        assert_eq!((apart.text("..."), apart.hex(b"\x1f")), (0..3, 3..5));
        let message = Message {
            protocol: "p",
            name: "m",
            table: &table,
            items: &items,
            bytes: b"abcd",
            apart: Some(&apart),
            len: 1004,
            trailing: 0,
            candidates: &[],
            ended_by_close: false,
            marks: Marks::default(),
            request: None,
            pair: None,
            error: None,
        };
        let found: Vec<_> =
            items.iter().map(|it| (message.value(it), message.offset_of(it))).collect();
        assert_eq!(
            found,
            [
                (Value::Text("ab"), Some(0)),
                (Value::Text("1f"), None),
                (Value::Unsigned(7), None),
                (Value::Text("cd"), Some(1002)),
                (Value::Text(""), Some(1003)),
            ]
        );
        assert_eq!(items[1].span(), Span::Computed);
        assert_eq!(
            [0, 1].map(|it: usize| items[it].bytes_in(message.bytes)),
            [Some(&b"ab"[..]), None]
        );
        assert!(size_of::<Item>() <= 32);
    }
}
