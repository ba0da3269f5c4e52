//! A field of one message by its path, with its value and its bytes.
//!
//! Nothing is allocated: a path is followed through the list of items. Each step goes into an item,
//! so that a path as long as it likes ends with the items.

use std::fmt;

use super::message::{Item, Message, Scalar, Value};
use super::span::Span;
use super::walk::Siblings;

/// A field of a message.
#[derive(Clone, Copy)]
pub struct FieldView<'a> {
    message: Message<'a>,
    index: usize,
    item: &'a Item,
}

impl<'a> Message<'a> {
    /// The field at a path: `math`, `pos.x`, `recs[2].id`. The fields of an anonymous record belong
    /// to the record around it, as in C. `None` where this message does not have the field.
    ///
    /// ```
    /// use wirereel::decode::live::Live;
    /// use wirereel::message::Span;
    /// use wirereel::profile::{Options, Protocols};
    ///
    /// let protocols = Protocols::load(&Options { builtin: true, ..Options::default() })?;
    /// let mut live = Live::new(&protocols, false)?;
    /// let (client, server) = ("10.0.0.1:40000".parse()?, "10.0.0.2:1989".parse()?);
    /// let payload = b"Alan\0\0\0\0\0\0\0\0\0\0S\0\0\0V";
    /// let is_known = live.datagram(client, server, payload, &mut |message| {
    ///     let math = message.get("math").unwrap();
    ///     assert_eq!((math.as_u64(), math.span()), (Some(83), Span::Bytes(11..15)));
    ///     assert_eq!(message.get("name").unwrap().as_str(), Some("Alan"));
    ///     assert!(message.get("physics").is_none());
    /// });
    /// assert!(is_known);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn get(&self, path: &str) -> Option<FieldView<'a>> {
        find(*self, self.top(), path)
    }

    /// The outermost fields.
    pub fn fields(&self) -> impl Iterator<Item = FieldView<'a>> + use<'a> {
        let message = *self;
        self.top().map(move |(index, item)| FieldView { message, index, item })
    }
}

fn find<'a>(message: Message<'a>, level: Siblings<'a>, path: &str) -> Option<FieldView<'a>> {
    level.into_iter().find_map(|(index, item)| {
        let field = FieldView { message, index, item };
        match field.name() {
            "" if field.is_group() => find(message, message.inner(index), path),
            "" => None,
            name => field.get(path.strip_prefix(name)?),
        }
    })
}

impl<'a> FieldView<'a> {
    /// What lies within it, by what follows its own path: `.x`, `[2].id`; itself where nothing
    /// follows.
    pub fn get(&self, rest: &str) -> Option<Self> {
        if rest.is_empty() {
            return Some(*self);
        }
        match self.value() {
            Value::Group | Value::Shown(_) if self.is_group() => {
                find(self.message, self.message.inner(self.index), rest.strip_prefix('.')?)
            }
            Value::List => {
                let (element, rest) = rest.strip_prefix('[')?.split_once(']')?;
                self.fields().nth(element.parse().ok()?)?.get(rest)
            }
            _ => None,
        }
    }

    /// The fields of a group, the elements of a list; of others, none.
    pub fn fields(&self) -> impl Iterator<Item = Self> + use<'a> {
        let message = self.message;
        message.inner(self.index).map(move |(index, item)| Self { message, index, item })
    }

    /// Its own name; empty for an element.
    pub fn name(&self) -> &'a str {
        self.message.node(self.item).map_or("", |node| &node.name)
    }

    /// Whether it holds named fields, as which it may be written or as one.
    pub fn is_group(&self) -> bool {
        self.item.scalar == Scalar::Nested && self.value() != Value::List
    }

    /// Its value.
    pub fn value(&self) -> Value<'a> {
        self.message.value(self.item)
    }

    /// Where its bytes lie within [`Message::bytes`], if they do.
    pub fn span(&self) -> Span {
        self.item.span()
    }

    /// The number, also of an enum, where it is a whole one of this range.
    pub fn as_u64(&self) -> Option<u64> {
        u64::try_from(self.number().integer()?).ok()
    }

    /// The number, also of an enum, where it is a whole one of this range.
    pub fn as_i64(&self) -> Option<i64> {
        i64::try_from(self.number().integer()?).ok()
    }

    /// The number; a large one that is whole is rounded.
    #[expect(clippy::cast_precision_loss, reason = "said above")]
    pub fn as_f64(&self) -> Option<f64> {
        match self.number() {
            Scalar::Float(number) => Some(number),
            scalar => scalar.integer().map(|it| it as f64),
        }
    }

    fn number(&self) -> Scalar {
        self.message.number(self.item)
    }

    /// Text, or the name of an enum's value.
    pub fn as_str(&self) -> Option<&'a str> {
        match self.value() {
            Value::Text(text) | Value::Name(text) => Some(text),
            _ => None,
        }
    }

    /// Text and bytes as they stand, with what is behind a NUL.
    pub fn as_bytes(&self) -> Option<&'a [u8]> {
        match self.item.scalar {
            Scalar::Span => Some(self.message.bytes_of(self.item)),
            _ => None,
        }
    }
}

/// The value as a literal would have it: `83`, `"Alan"`, `{x: 1, y: 2}`.
impl fmt::Debug for FieldView<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.value() {
            Value::Unsigned(number) => number.fmt(f),
            Value::Signed(number) => number.fmt(f),
            Value::Float(number) => match self.item.single(number) {
                Some(single) => single.fmt(f),
                None => number.fmt(f),
            },
            Value::Name(name) => f.write_str(name),
            Value::Text(text) => text.fmt(f),
            Value::Bytes(bytes) => {
                f.write_str("0x")?;
                bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
            Value::Null => f.write_str("null"),
            Value::Shown(shown) => shown.fmt(f),
            Value::Group => named(self.fields(), f),
            Value::List => f.debug_list().entries(self.fields()).finish(),
        }
    }
}

/// Writes fields with their names.
pub(super) fn named<'a>(
    fields: impl Iterator<Item = FieldView<'a>>,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    let mut map = f.debug_map();
    fields.for_each(|it| entries(it, &mut map));
    map.finish()
}

/// What an anonymous record holds belongs to the record around it.
fn entries(field: FieldView<'_>, map: &mut fmt::DebugMap<'_, '_>) {
    if field.name().is_empty() && field.is_group() {
        field.fields().for_each(|it| entries(it, map));
    } else {
        map.entry(&format_args!("{}", field.name()), &field);
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::marks::Marks;
    use super::super::message::{Between, FieldKind, FieldTable, Node};
    use super::*;

    /// Lends `pos { x 1, ( y -2 ) }  recs [ { id 7 }, { id 8, name "B" } ]  ratio 0.5  raw dead`.
    pub(in crate::message) fn lend(check: impl FnOnce(Message<'_>)) {
        use FieldKind::{Bytes, Group, List, Number, Text};
        let node = |name: &str, path: &str, kind| {
            let (name, path) = (name.to_owned(), path.to_owned());
            Node::new(name, path, kind)
        };
        let nodes = vec![
            node("pos", "pos", Group),
            node("x", "pos.x", Number),
            node("", "pos", Group),
            node("y", "pos.y", Number),
            node("recs", "recs", List),
            node("", "recs", Group),
            node("id", "recs.id", Number),
            node("name", "recs.name", Text),
            node("ratio", "ratio", Number),
            node("raw", "raw", Bytes),
        ];
        let item = |node, (offset, len), end, scalar| Item { node, offset, len, end, scalar };
        let items = [
            item(0, (0, 2), 4, Scalar::Nested),
            item(1, (0, 1), 2, Scalar::Unsigned(1)),
            item(2, (1, 1), 4, Scalar::Nested),
            item(3, (1, 1), 4, Scalar::Signed(-2)),
            item(4, (2, 4), 10, Scalar::Nested),
            item(5, (2, 1), 7, Scalar::Nested),
            item(6, (2, 1), 7, Scalar::Unsigned(7)),
            item(5, (3, 3), 10, Scalar::Nested),
            item(6, (3, 1), 9, Scalar::Unsigned(8)),
            item(7, (4, 2), 10, Scalar::Span),
            item(8, (6, 4), 11, Scalar::Float(0.5)),
            item(9, (10, 2), 12, Scalar::Span),
        ];
        check(Message {
            protocol: "p",
            name: "m",
            table: &FieldTable { nodes, between: Between::Holes },
            items: &items,
            bytes: b"\x01\xfe\x07\x08B\0\x3f\0\0\0\xde\xad",
            apart: None,
            len: 12,
            trailing: 0,
            candidates: &[],
            ended_by_close: false,
            marks: Marks::default(),
            request: None,
            pair: None,
            error: None,
        });
    }

    #[test]
    fn a_path_leads_to_a_value_and_its_bytes() {
        lend(|message| {
            for (path, expected) in [
                ("pos.x", Some(("1", 0..1))),
                ("pos.y", Some(("-2", 1..2))),
                ("recs[1].id", Some(("8", 3..4))),
                ("recs[1].name", Some(("\"B\"", 4..6))),
                ("recs[0]", Some(("{id: 7}", 2..3))),
                ("recs", Some(("[{id: 7}, {id: 8, name: \"B\"}]", 2..6))),
                ("pos", Some(("{x: 1, y: -2}", 0..2))),
                ("ratio", Some(("0.5", 6..10))),
                ("raw", Some(("0xdead", 10..12))),
                ("recs.id", None),
                ("recs[0].name", None),
                ("recs[2]", None),
                ("recs[-1]", None),
                ("recs[0", None),
                ("recs[0]id", None),
                ("pos[0]", None),
                ("pos.", None),
                ("pos.z", None),
                ("posx", None),
                ("po", None),
                ("raw.x", None),
                ("y", None),
                ("", None),
            ] {
                let found = message.get(path).map(|it| (format!("{it:?}"), it.span()));
                let expected = expected.map(|(text, span)| (text.to_owned(), Span::Bytes(span)));
                assert_eq!(found, expected, "{path}");
            }
        });
    }

    #[test]
    fn a_value_is_what_it_can_be() {
        lend(|message| {
            let field = |path| message.get(path).unwrap();
            let numbers = |path| (field(path).as_u64(), field(path).as_i64(), field(path).as_f64());
            assert_eq!(numbers("pos.x"), (Some(1), Some(1), Some(1.0)));
            assert_eq!(numbers("pos.y"), (None, Some(-2), Some(-2.0)));
            assert_eq!(numbers("ratio"), (None, None, Some(0.5)));
            assert_eq!(numbers("raw"), (None, None, None));
            let name = field("recs[1].name");
            assert_eq!((name.as_str(), name.as_bytes()), (Some("B"), Some(&b"B\0"[..])));
            let raw = field("raw");
            assert_eq!((raw.as_str(), raw.as_bytes()), (None, Some(&b"\xde\xad"[..])));
            assert_eq!(field("pos").as_bytes(), None);
            let ids = field("recs").fields().map(|it| it.get(".id").unwrap().as_u64());
            assert_eq!(ids.collect::<Vec<_>>(), [Some(7), Some(8)]);
        });
    }
}
