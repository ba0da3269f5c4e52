//! The names by which fields are asked for: `frame.number`, `udp.port`, `msg_st.math`.
//!
//! Names outside of the message are Wireshark's where it has one, with its meaning: `ip.src` is an
//! IPv4 address only, and `udp.port` is both ports. A field of a message is named by its path,
//! alone or behind the name of its message or protocol.

use std::net::{IpAddr, SocketAddr};

use super::{Captured, DecodeError, FieldTable, Item, Message, Scalar, Transport, Value};
use crate::capture::Timestamp;

/// A message that may be asked for by name.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    /// The protocol's name.
    pub protocol: &'a str,
    /// The message's.
    pub message: &'a str,
    /// Its fields.
    pub table: &'a FieldTable,
}

/// A field, resolved from its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldRef {
    /// About the message as a whole.
    Place(Place),
    /// A field within messages.
    Field {
        /// Which messages.
        owner: Owner,
        /// As [`Node::path`](super::Node::path). The path of a group or a list stands for every
        /// value in it.
        path: String,
    },
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
}

/// What can be said of any message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// `file`
    File,
    /// `frame.number`
    FrameNumber,
    /// `frame.time`
    FrameTime,
    /// `frame.time_epoch`
    FrameTimeEpoch,
    /// `ip.src`, `ipv6.dst`, `ip.addr` …
    Address(IpVersion, End),
    /// `udp.srcport`, `tcp.dstport`, `udp.port` …
    Port(Transport, End),
    /// `udp.stream`, `tcp.stream`
    Stream(Transport),
    /// `transport`
    Transport,
    /// `protocol`
    Protocol,
    /// `message`
    Message,
    /// `len`
    Len,
    /// `candidates`
    Candidates,
    /// `trailing`
    Trailing,
    /// `error`
    Error,
}

/// Version of the Internet protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IpVersion {
    /// RFC 791.
    V4,
    /// RFC 8200.
    V6,
}

/// Which end of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The sender.
    Src,
    /// The receiver.
    Dst,
    /// Both, the sender first.
    Either,
}

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
    /// A time, as a date.
    Time(Timestamp),
    /// A time, as seconds since 1970.
    Epoch(Timestamp),
    /// What went wrong.
    Error(DecodeError<'a>),
}

/// A name that no field has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no field is named `{name}`{}", did_you_mean(.nearest.as_deref()))]
pub struct UnknownField {
    /// As it was given.
    pub name: String,
    /// The name most like it.
    pub nearest: Option<String>,
}

const PLACES: &[(&str, Place)] = &[
    ("file", Place::File),
    ("frame.number", Place::FrameNumber),
    ("frame.time", Place::FrameTime),
    ("frame.time_epoch", Place::FrameTimeEpoch),
    ("ip.src", Place::Address(IpVersion::V4, End::Src)),
    ("ip.dst", Place::Address(IpVersion::V4, End::Dst)),
    ("ip.addr", Place::Address(IpVersion::V4, End::Either)),
    ("ipv6.src", Place::Address(IpVersion::V6, End::Src)),
    ("ipv6.dst", Place::Address(IpVersion::V6, End::Dst)),
    ("ipv6.addr", Place::Address(IpVersion::V6, End::Either)),
    ("udp.srcport", Place::Port(Transport::Udp, End::Src)),
    ("udp.dstport", Place::Port(Transport::Udp, End::Dst)),
    ("udp.port", Place::Port(Transport::Udp, End::Either)),
    ("tcp.srcport", Place::Port(Transport::Tcp, End::Src)),
    ("tcp.dstport", Place::Port(Transport::Tcp, End::Dst)),
    ("tcp.port", Place::Port(Transport::Tcp, End::Either)),
    ("udp.stream", Place::Stream(Transport::Udp)),
    ("tcp.stream", Place::Stream(Transport::Tcp)),
    ("transport", Place::Transport),
    ("protocol", Place::Protocol),
    ("message", Place::Message),
    ("len", Place::Len),
    ("candidates", Place::Candidates),
    ("trailing", Place::Trailing),
    ("error", Place::Error),
];

impl FieldRef {
    /// Resolves a name among the messages that can occur. What stands for every message comes
    /// first, then `MESSAGE.path`, `PROTOCOL.path`, and a path alone.
    ///
    /// # Errors
    ///
    /// No field has the name; the nearest one that exists is suggested.
    pub fn parse(name: &str, known: &[Known<'_>]) -> Result<Self, UnknownField> {
        if let Some((_, place)) = PLACES.iter().find(|(text, _)| *text == name) {
            return Ok(Self::Place(*place));
        }
        let field = |owner, path: &str| Self::Field { owner, path: path.to_owned() };
        let by_message = known.iter().find_map(|it| {
            let path = path_behind(it.message, name, it.table)?;
            Some(field(Owner::Message(it.message.to_owned()), path))
        });
        let by_protocol = || {
            known.iter().find_map(|it| {
                let path = path_behind(it.protocol, name, it.table)?;
                Some(field(Owner::Protocol(it.protocol.to_owned()), path))
            })
        };
        let by_path =
            || known.iter().any(|it| has_path(it.table, name)).then(|| field(Owner::Any, name));
        by_message
            .or_else(by_protocol)
            .or_else(by_path)
            .ok_or_else(|| UnknownField { name: name.to_owned(), nearest: nearest(name, known) })
    }

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
        };
        let items = if path.is_some() { message.items } else { &[] };
        let fields = items.iter().filter_map(move |item| field_value(&message, item, path?));
        let candidates = candidates.iter().map(|name| FieldValue::Text(name));
        pair.into_iter().flatten().chain(candidates).chain(fields)
    }
}

impl Owner {
    fn owns(&self, message: &Message<'_>) -> bool {
        match self {
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
                return pair(captured, end, |it| address(it.ip(), version));
            }
            Self::Port(transport, end) => {
                let wanted = captured.transport == transport;
                return pair(captured, end, |it| {
                    wanted.then(|| FieldValue::Unsigned(it.port().into()))
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
                (message.trailing > 0).then(|| FieldValue::Unsigned(message.trailing as u64))
            }
            Self::Error => message.error.map(FieldValue::Error),
            Self::Candidates => None,
        };
        [one, None]
    }
}

fn pair<'a>(
    captured: &Captured<'a>,
    end: End,
    value: impl Fn(SocketAddr) -> Option<FieldValue<'a>>,
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
        Value::Group | Value::List => return None,
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

/// The path in `name`, where that is `owner`, a dot, and a path of the table.
fn path_behind<'n>(owner: &str, name: &'n str, table: &FieldTable) -> Option<&'n str> {
    let path = name.strip_prefix(owner)?.strip_prefix('.')?;
    has_path(table, path).then_some(path)
}

fn has_path(table: &FieldTable, path: &str) -> bool {
    !path.is_empty() && table.nodes.iter().any(|node| node.path == path)
}

fn is_within(path: &str, outer: &str) -> bool {
    path.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

fn nearest(name: &str, known: &[Known<'_>]) -> Option<String> {
    let fields = known.iter().flat_map(|it| {
        let paths = it.table.nodes.iter().map(|node| &node.path).filter(|path| !path.is_empty());
        paths.flat_map(|path| {
            let behind = |owner| format!("{owner}.{path}");
            [path.clone(), behind(it.message), behind(it.protocol)]
        })
    });
    let places = PLACES.iter().map(|(name, _)| (*name).to_owned());
    places
        .chain(fields)
        .map(|it| (strsim::damerau_levenshtein(name, &it), it))
        .filter(|(distance, it)| *distance <= it.len().div_ceil(3))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, it)| it)
}

fn did_you_mean(nearest: Option<&str>) -> String {
    nearest.map(|it| format!("; did you mean `{it}`?")).unwrap_or_default()
}
