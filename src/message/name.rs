//! The names by which fields are asked for: `frame.number`, `udp.port`, `msg_st.math`.
//!
//! Names outside of the message are Wireshark's where it has one, with its meaning: `ip.src` is an
//! IPv4 address only, and `udp.port` is both ports. A field of a message is named by its path,
//! alone or behind the name of its message or protocol.

use super::header_field::{self, HeaderName};
use super::message::FieldTable;
use crate::packet::Transport;
use crate::schema;

/// A message that may be asked for by name.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    /// The protocol's name.
    pub protocol: &'a str,
    /// The message's, or that of a case that takes its place.
    pub message: &'a str,
    /// The fields that it has.
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
    /// Those of one message of a protocol: `http.request`.
    Exact {
        /// The protocol's name.
        protocol: String,
        /// The message's.
        message: String,
    },
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
    /// `src`, `dst`: address and port
    Endpoint(End),
    /// `udp.stream`, `tcp.stream`
    Stream(Transport),
    /// `stream`: that of the transport
    AnyStream,
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
    /// `pair`
    Pair,
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
    ("pair", Place::Pair),
    ("error", Place::Error),
];

/// What output calls it, where no field has the name.
const COLUMNS: &[(&str, Place)] = &[
    ("frame", Place::FrameNumber),
    ("time", Place::FrameTime),
    ("src", Place::Endpoint(End::Src)),
    ("dst", Place::Endpoint(End::Dst)),
    ("stream", Place::AnyStream),
];

/// Wireshark's names of what has another here.
const ALIASES: &[(&str, &str)] = &[
    ("http.request.uri", "http.request.target"),
    ("http.response.code", "http.response.status"),
    ("http.response.phrase", "http.response.reason"),
];

impl FieldRef {
    /// Resolves a name among the messages that can occur. What stands for every message comes
    /// first, then `MESSAGE.path`, `PROTOCOL.path`, `PROTOCOL.MESSAGE.path`, and a path alone. Of
    /// HTTP, `http.header.NAME` and the usual headers behind `http.` are fields too, and
    /// `http.request.uri`, `http.response.code` and `http.response.phrase` are known as Wireshark
    /// names them.
    ///
    /// # Errors
    ///
    /// No field has the name; the nearest one that exists is suggested.
    pub fn parse(name: &str, known: &[Known<'_>]) -> Result<Self, UnknownField> {
        if let Some((_, place)) = PLACES.iter().find(|(text, _)| *text == name) {
            return Ok(Self::Place(*place));
        }
        let alias = ALIASES.iter().find(|(alias, _)| *alias == name);
        let asked = alias.map_or(name, |(_, name)| name);
        let fields = [Owner::message, Owner::protocol, Owner::exact, Owner::any];
        let field = fields.iter().find_map(|owner| {
            known.iter().find_map(|it| {
                let (owner, path) = owner(it, asked)?;
                has_path(it.table, path).then(|| Self::Field { owner, path: path.to_owned() })
            })
        });
        let has_http = known.iter().any(|it| it.protocol == "http");
        let header = || HeaderName::parse(name).filter(|_| has_http).map(Self::Header);
        field
            .or_else(header)
            .ok_or_else(|| UnknownField { name: name.to_owned(), nearest: nearest(name, known) })
    }

    /// Resolves the name of a column: as [`parse`](Self::parse), and where no field has the name,
    /// `frame`, `time`, `src`, `dst` and `stream` as JSON and CSV have them.
    ///
    /// # Errors
    ///
    /// As [`parse`](Self::parse).
    pub fn column(name: &str, known: &[Known<'_>]) -> Result<Self, UnknownField> {
        let column = COLUMNS.iter().find(|(column, _)| *column == name);
        Self::parse(name, known)
            .or_else(|error| column.map(|(_, place)| Self::Place(*place)).ok_or(error))
    }
}

impl Owner {
    fn message<'n>(known: &Known<'_>, name: &'n str) -> Option<(Self, &'n str)> {
        Some((Self::Message(known.message.to_owned()), behind(known.message, name)?))
    }

    fn protocol<'n>(known: &Known<'_>, name: &'n str) -> Option<(Self, &'n str)> {
        Some((Self::Protocol(known.protocol.to_owned()), behind(known.protocol, name)?))
    }

    fn exact<'n>(known: &Known<'_>, name: &'n str) -> Option<(Self, &'n str)> {
        let path = behind(known.message, behind(known.protocol, name)?)?;
        let (protocol, message) = (known.protocol.to_owned(), known.message.to_owned());
        Some((Self::Exact { protocol, message }, path))
    }

    #[expect(clippy::unnecessary_wraps, reason = "one of several that find an owner")]
    fn any<'n>(_: &Known<'_>, name: &'n str) -> Option<(Self, &'n str)> {
        Some((Self::Any, name))
    }
}

/// What stands behind `owner` and a dot.
fn behind<'n>(owner: &str, name: &'n str) -> Option<&'n str> {
    name.strip_prefix(owner)?.strip_prefix('.')
}

fn has_path(table: &FieldTable, path: &str) -> bool {
    !path.is_empty() && table.nodes.iter().any(|node| node.path == path)
}

fn nearest(name: &str, known: &[Known<'_>]) -> Option<String> {
    let fields = known.iter().flat_map(|it| {
        let paths = it.table.nodes.iter().map(|node| &node.path).filter(|path| !path.is_empty());
        paths.flat_map(|path| {
            let behind = |owner| format!("{owner}.{path}");
            let exact = format!("{}.{}.{path}", it.protocol, it.message);
            [path.clone(), behind(it.message), behind(it.protocol), exact]
        })
    });
    let places = PLACES.iter().map(|(name, _)| (*name).to_owned());
    let has_http = known.iter().any(|it| it.protocol == "http");
    let aliases = ALIASES.iter().map(|(name, _)| (*name).to_owned());
    let headers = header_field::USUAL.iter().map(|it| format!("http.{it}"));
    let names: Vec<String> =
        places.chain(fields).chain(aliases.chain(headers).filter(|_| has_http)).collect();
    schema::nearest(name, names.iter().map(String::as_str))
}

fn did_you_mean(nearest: Option<&str>) -> String {
    nearest.map(|it| format!("; did you mean `{it}`?")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::message::Between;
    use super::super::message::{FieldKind, Node};
    use super::*;
    use crate::decode::http;

    fn table(paths: &[&str]) -> FieldTable {
        let node = |path: &&str| Node {
            name: path.rsplit('.').next().unwrap().to_owned(),
            path: (*path).to_owned(),
            kind: FieldKind::Number,
        };
        FieldTable { nodes: paths.iter().map(node).collect(), between: Between::Holes }
    }

    fn resolve(name: &str) -> Result<FieldRef, UnknownField> {
        let grades = table(&["math", "point", "point.x"]);
        let point = table(&["x", "len"]);
        let known = [
            Known { protocol: "grades", message: "proto.h:msg_st", table: &grades },
            Known { protocol: "shape", message: "point", table: &point },
            Known { protocol: "http", message: "request", table: http::table() },
            Known { protocol: "http", message: "response", table: http::table() },
        ];
        FieldRef::parse(name, &known)
    }

    fn exact(protocol: &str, message: &str) -> Owner {
        Owner::Exact { protocol: protocol.to_owned(), message: message.to_owned() }
    }

    fn header(name: &str) -> FieldRef {
        FieldRef::Header(HeaderName::parse(&format!("http.header.{name}")).unwrap())
    }

    fn field(owner: Owner, path: &str) -> FieldRef {
        FieldRef::Field { owner, path: path.to_owned() }
    }

    #[test]
    fn names_resolve_in_a_fixed_order() {
        for (name, expected) in [
            ("frame.number", FieldRef::Place(Place::FrameNumber)),
            ("ipv6.dst", FieldRef::Place(Place::Address(IpVersion::V6, End::Dst))),
            ("tcp.port", FieldRef::Place(Place::Port(Transport::Tcp, End::Either))),
            ("len", FieldRef::Place(Place::Len)),
            ("point.len", field(Owner::Message("point".to_owned()), "len")),
            ("point.x", field(Owner::Message("point".to_owned()), "x")),
            ("grades.point.x", field(Owner::Protocol("grades".to_owned()), "point.x")),
            ("proto.h:msg_st.math", field(Owner::Message("proto.h:msg_st".to_owned()), "math")),
            ("math", field(Owner::Any, "math")),
            ("shape.point.x", field(exact("shape", "point"), "x")),
            ("http.request.method", field(exact("http", "request"), "method")),
            ("http.request.uri", field(exact("http", "request"), "target")),
            ("http.response.code", field(exact("http", "response"), "status")),
            ("http.body.len", field(Owner::Protocol("http".to_owned()), "body.len")),
            ("http.user_agent", header("User-Agent")),
            ("http.header.x-any-thing", header("x-any-thing")),
            ("point", field(Owner::Any, "point")),
        ] {
            assert_eq!(resolve(name), Ok(expected), "{name}");
        }
    }

    #[test]
    fn an_unknown_name_suggests_the_nearest() {
        for (name, nearest) in [
            ("maths", Some("math")),
            ("grades.mat", Some("grades.math")),
            ("frame.nubmer", Some("frame.number")),
            ("udp.prot", Some("udp.port")),
            ("http.request.metod", Some("http.request.method")),
            ("http.hots", Some("http.host")),
            ("entirely.different", None),
            ("", None),
        ] {
            let unknown = resolve(name).unwrap_err();
            assert_eq!(unknown.nearest.as_deref(), nearest, "{name}");
            assert_eq!(unknown.name, name);
        }
        let text = resolve("maths").unwrap_err().to_string();
        assert_eq!(text, "no field is named `maths`; did you mean `math`?");
    }
}
