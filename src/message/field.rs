//! The values of a field in one message, for printing and comparing.

use std::net::IpAddr;

use super::captured::Captured;
use super::error::DecodeError;
use super::message::{Item, Message, Scalar, Value};
use super::name::{End, FieldRef, IpVersion, Owner, Place};
use crate::capture::Timestamp;
use crate::packet::Endpoint;

/// One value of a field.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum FieldValue<'a> {
    /// An unsigned integer.
    Unsigned(u64),
    /// A signed integer.
    Signed(i64),
    /// A floating-point number.
    Float(f64),
    /// A floating-point number that had four bytes.
    Single(f32),
    /// A number that an enum names.
    Name {
        /// The name.
        name: &'a str,
        /// The number.
        number: i128,
    },
    /// Text.
    Text(&'a str),
    /// Bytes.
    Bytes(&'a [u8]),
    /// An address.
    Address(IpAddr),
    /// An end of the conversation.
    Endpoint(Endpoint),
    /// A time, as a date.
    Time(Timestamp),
    /// A time, as seconds since 1970.
    Epoch(Timestamp),
    /// What went wrong.
    Error(DecodeError<'a>),
}

impl FieldRef {
    /// The field's values in one message: none where it does not have the field, several for
    /// lists and for names such as `udp.port`.
    pub fn values<'r, 'a>(
        &'r self,
        captured: &Captured<'a>,
    ) -> impl Iterator<Item = FieldValue<'a>> + use<'r, 'a> {
        let message = captured.message;
        let (pair, candidates, path) = match self {
            Self::Place(Place::Candidates) => ([None, None], message.candidates, None),
            Self::Place(place) => (place.values(captured), &[][..], None),
            Self::Field { owner, path } => {
                let path = owner.owns(&message).then_some(path.as_str());
                ([None, None], &[][..], path)
            }
            Self::Header(_) => ([None, None], &[][..], None),
        };
        let items = if path.is_some() { message.items } else { &[] };
        let fields = items.iter().filter_map(move |item| field_value(&message, item, path?));
        let candidates = candidates.iter().map(|name| FieldValue::Text(name));
        let header = match self {
            Self::Header(name) => Some(name),
            _ => None,
        };
        let headers = header.into_iter().flat_map(move |name| name.values(message));
        pair.into_iter().flatten().chain(candidates).chain(fields).chain(headers)
    }
}

impl Owner {
    pub(super) fn owns(&self, message: &Message<'_>) -> bool {
        match self {
            Self::Exact { protocol, message: name } => {
                message.name == name && message.protocol == protocol
            }
            Self::Any => true,
            Self::Message(name) => message.name == name,
            Self::Protocol(name) => message.protocol == name,
        }
    }
}

impl Place {
    fn values<'a>(self, captured: &Captured<'a>) -> [Option<FieldValue<'a>>; 2] {
        let message = &captured.message;
        let one = match self {
            Self::Address(version, end) => {
                return pair(captured, end, |it| address(it.ip()?, version));
            }
            Self::Endpoint(end) => return pair(captured, end, |it| Some(FieldValue::Endpoint(it))),
            Self::AnyStream => Some(FieldValue::Unsigned(captured.stream.into())),
            Self::Port(transport, end) => {
                let wanted = captured.transport == transport;
                return pair(captured, end, |it| {
                    it.port().filter(|_| wanted).map(|port| FieldValue::Unsigned(port.into()))
                });
            }
            Self::File => captured.file.map(FieldValue::Text),
            Self::FrameNumber => Some(FieldValue::Unsigned(captured.frame)),
            Self::FrameTime => captured.time.map(FieldValue::Time),
            Self::FrameTimeEpoch => captured.time.map(FieldValue::Epoch),
            Self::Stream(transport) => (captured.transport == transport)
                .then(|| FieldValue::Unsigned(captured.stream.into())),
            Self::Transport => Some(FieldValue::Text(captured.transport.as_str())),
            Self::Protocol => Some(FieldValue::Text(message.protocol)),
            Self::Message => Some(FieldValue::Text(message.name)),
            Self::Len => Some(FieldValue::Unsigned(message.len as u64)),
            Self::Trailing => {
                (message.trailing > 0).then_some(FieldValue::Unsigned(message.trailing as u64))
            }
            Self::Pair => message.pair.map(FieldValue::Unsigned),
            Self::Error => message.error.map(FieldValue::Error),
            Self::Candidates => None,
        };
        [one, None]
    }
}

fn pair<'a>(
    captured: &Captured<'a>,
    end: End,
    value: impl Fn(Endpoint) -> Option<FieldValue<'a>>,
) -> [Option<FieldValue<'a>>; 2] {
    [
        (end != End::Dst).then(|| value(captured.src)).flatten(),
        (end != End::Src).then(|| value(captured.dst)).flatten(),
    ]
}

fn address<'a>(ip: IpAddr, version: IpVersion) -> Option<FieldValue<'a>> {
    (ip.is_ipv4() == (version == IpVersion::V4)).then_some(FieldValue::Address(ip))
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
        Value::Bytes(bytes) => FieldValue::Bytes(bytes),
        Value::Group | Value::List | Value::Null => return None,
    })
}

impl Item {
    /// A floating-point value as the `float` of four bytes that it was on the wire, so that it
    /// is written with as few digits as tell it apart.
    pub(crate) fn single(&self, value: f64) -> Option<f32> {
        #[expect(clippy::cast_possible_truncation, reason = "a float of four bytes widened before")]
        let single = value as f32;
        (self.len == 4 && f64::from(single) == value).then_some(single)
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

pub(super) fn is_within(path: &str, outer: &str) -> bool {
    path.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

#[cfg(test)]
mod tests {
    use super::super::marks::Marks;
    use super::super::message::Between;
    use super::super::message::{FieldKind, FieldTable, Node};
    use super::super::name::Known;
    use super::*;
    use crate::packet::{StreamId, Transport};

    fn table(paths: &[&str]) -> FieldTable {
        let node = |path: &&str| Node {
            name: path.rsplit('.').next().unwrap().to_owned(),
            path: (*path).to_owned(),
            kind: FieldKind::Number,
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
