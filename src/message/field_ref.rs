//! A field that is asked for, and its values in one message.

use super::captured::Captured;
use super::field_value::FieldValue;
use super::header_field::HeaderName;
use super::message::{FieldKind, Item, Message, Scalar, Value};
use super::property::{Property, Values};

/// A field, resolved from its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldRef {
    /// A property of the message as a whole.
    Property(&'static Property),
    /// A field within messages.
    Field {
        /// Which messages.
        owner: Owner,
        /// As [`Node::path`](super::message::Node::path). The path of a group or a list stands for every
        /// value in it.
        path: String,
    },
    /// The values of an HTTP header: `http.header.user-agent`.
    Header(HeaderName),
}

/// Whose fields a name means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Owner {
    /// Any message's.
    Any,
    /// Those of messages of this name.
    Message(String),
    /// Those of messages of this protocol.
    Protocol(String),
    /// Those of messages of this name, and of this protocol: it has the name of one of its messages.
    Either(String),
    /// Those of one message of a protocol: `http.request`.
    Exact {
        /// The protocol's name.
        protocol: String,
        /// The message's.
        message: String,
    },
}

impl FieldRef {
    /// The first item of a message that is the field itself, with its number and its width.
    pub fn item<'a>(&self, message: &Message<'a>) -> Option<&'a Item> {
        let Self::Field { owner, path } = self else { return None };
        let is_it = |item: &&Item| message.node(item).is_some_and(|node| node.path == *path);
        let is_owned = owner.has(message.protocol, message.name);
        is_owned.then(|| message.items.iter().find(is_it)).flatten()
    }

    /// The field's values in one message: none where it does not have the field, several for
    /// lists and for names such as `udp.port`.
    pub fn values<'r, 'a>(
        &'r self,
        captured: &Captured<'a>,
    ) -> impl Iterator<Item = FieldValue<'a>> + use<'r, 'a> {
        let message = captured.message;
        let (property, path, header) = match self {
            Self::Property(property) => ((property.values)(captured), None, None),
            Self::Field { owner, path } => {
                let is_owned = owner.has(message.protocol, message.name);
                (Values::None, is_owned.then_some(path.as_str()), None)
            }
            Self::Header(name) => (Values::None, None, Some(name)),
        };
        let items = if path.is_some() { message.items } else { &[] };
        let fields = path.into_iter().flat_map(move |path| values_at(message, items, path));
        let headers = header.into_iter().flat_map(move |name| name.values(message));
        property.iter().chain(fields).chain(headers)
    }
}

impl Owner {
    /// Whether this message's fields are meant.
    pub(super) fn has(&self, of_protocol: &str, of_message: &str) -> bool {
        match self {
            Self::Exact { protocol, message } => of_message == message && of_protocol == protocol,
            Self::Any => true,
            Self::Message(name) => of_message == name,
            Self::Protocol(name) => of_protocol == name,
            Self::Either(name) => of_message == name || of_protocol == name,
        }
    }
}

/// The values of a field and of what is in it; of what is written as one, that one.
fn values_at<'r, 'a>(
    message: Message<'a>,
    items: &'a [Item],
    path: &'r str,
) -> impl Iterator<Item = FieldValue<'a>> + use<'r, 'a> {
    let mut next = 0_usize;
    std::iter::from_fn(move || {
        while let Some(item) = items.get(next) {
            next = next.saturating_add(1);
            if let Some(value) = field_value(&message, item, path) {
                if item.scalar == Scalar::Nested {
                    next = next.max(item.end as usize);
                }
                return Some(value);
            }
        }
        None
    })
}

fn field_value<'a>(message: &Message<'a>, item: &Item, path: &str) -> Option<FieldValue<'a>> {
    if !is_within(&message.node(item)?.path, path) {
        return None;
    }
    Some(match message.value(item) {
        Value::Unsigned(value) => FieldValue::Unsigned(value),
        Value::Signed(value) => FieldValue::Signed(value),
        Value::Float(value) => match item.single(value) {
            Some(single) => FieldValue::Single(single),
            None => FieldValue::Float(value),
        },
        Value::Name(name) => FieldValue::Name { name, number: item.scalar.integer()? },
        Value::Text(text) => FieldValue::Text(text),
        Value::Bytes(bytes) => match message.node(item)?.kind {
            FieldKind::Text | FieldKind::String => FieldValue::NotText(bytes),
            _ => FieldValue::Bytes(bytes),
        },
        Value::Shown(shown) => FieldValue::Shown { shown, number: item.scalar.integer() },
        Value::Group | Value::List | Value::Null => return None,
    })
}

/// Whether a path is another one, or within it.
pub(super) fn is_within(path: &str, outer: &str) -> bool {
    path.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

#[cfg(test)]
mod tests {
    use super::super::marks::Marks;
    use super::super::message::{Between, FieldTable, Node, Scalar};
    use super::super::resolve::Known;
    use super::*;
    use crate::packet::{StreamId, Transport};

    fn table(paths: &[&str]) -> FieldTable {
        let node = |path: &&str| Node {
            name: path.rsplit('.').next().unwrap().to_owned(),
            path: (*path).to_owned(),
            kind: FieldKind::Number,
            description: None,
        };
        FieldTable { nodes: paths.iter().map(node).collect(), between: Between::Holes }
    }

    fn captured<'a>(message: Message<'a>, src: &str, dst: &str) -> Captured<'a> {
        Captured {
            file: None,
            frame: 4,
            time: None,
            transport: Transport::Udp,
            src: src.parse().unwrap(),
            dst: dst.parse().unwrap(),
            stream: StreamId(2),
            frame_offset: None,
            carrier: None,
            message,
        }
    }

    #[test]
    fn values_are_those_of_the_message_asked_for() {
        let table = table(&["math", "list", "list.x", "listed"]);
        let item = |node, end, scalar| Item { node, offset: 0, len: 4, end, scalar };
        let items = [
            item(0, 1, Scalar::Unsigned(83)),
            item(1, 3, Scalar::Nested),
            item(2, 3, Scalar::Signed(-1)),
            item(3, 4, Scalar::Float(0.5)),
        ];
        let message = Message {
            protocol: "grades",
            name: "msg_st",
            table: &table,
            items: &items,
            bytes: &[],
            apart: None,
            len: 19,
            trailing: 0,
            candidates: &["a", "b"],
            ended_by_close: false,
            marks: Marks::default(),
            request: None,
            pair: None,
            error: None,
        };
        let v4 = captured(message, "10.0.0.1:5", "10.0.0.2:6");
        let v6 = captured(message, "[::1]:5", "[::2]:6");
        let known = [Known { protocol: "grades", message: "msg_st", table: &table }];
        let of = |name: &str, captured: &Captured<'_>| -> String {
            let field = FieldRef::parse(name, &known).unwrap();
            format!("{:?}", field.values(captured).collect::<Vec<_>>())
        };
        for (name, expected) in [
            ("msg_st.math", "[Unsigned(83)]"),
            ("grades.math", "[Unsigned(83)]"),
            ("list", "[Signed(-1)]"),
            ("listed", "[Single(0.5)]"),
            ("ip.src", "[Address(10.0.0.1)]"),
            ("ip.addr", "[Address(10.0.0.1), Address(10.0.0.2)]"),
            ("ipv6.addr", "[]"),
            ("udp.port", "[Unsigned(5), Unsigned(6)]"),
            ("udp.dstport", "[Unsigned(6)]"),
            ("tcp.dstport", "[]"),
            ("tcp.stream", "[]"),
            ("udp.stream", "[Unsigned(2)]"),
            ("candidates", "[Text(\"a\"), Text(\"b\")]"),
            ("frame.time", "[]"),
            ("trailing", "[]"),
        ] {
            assert_eq!(of(name, &v4), expected, "{name}");
        }
        assert_eq!(of("ip.src", &v6), "[]");
        assert_eq!(of("ipv6.dst", &v6), "[Address(::2)]");
        let mut other = v4;
        other.message.name = "other";
        assert_eq!(of("msg_st.math", &other), "[]");
        assert_eq!(of("math", &other), "[Unsigned(83)]");
    }
}
