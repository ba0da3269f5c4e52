//! The properties of any message, in the order of the output.
//!
//! This is the one place where they stand. JSON, CSV, text and tree, `-e`, `-Y`, and what is
//! suggested for a misspelt name go by these rows: a new property is a row.

use std::net::IpAddr;

use super::captured::Captured;
use super::field_value::FieldValue::{
    self, Address, Bytes, Endpoint, Epoch, Error, Hardware, Hex, Text, Time, Unsigned,
};
use super::property::{
    Column, IpVersion, Property, PropertyKind as Kind, Remark,
    Values::{self, Both, Marks, Names, One, Unknown},
};
use crate::packet::Endpoint as End;
use crate::packet::IpFacts;
use crate::packet::Transport::{self, Tcp, Udp};

/// Where a message was, and what it is: they stand before its fields.
pub static BEFORE_FIELDS: &[Property] = &[
    Property {
        names: &["file"],
        csv: Column::Several,
        ..keyed("file", Kind::Text, |it| Values::of(it.file.map(Text)))
    },
    Property {
        names: &["frame.number"],
        csv: Column::Always,
        ..keyed("frame", Kind::Number, |it| One(Unsigned(it.frame)))
    },
    Property {
        names: &["frame.time"],
        csv: Column::Always,
        ..keyed("time", Kind::Time, |it| it.time.map_or(Unknown, |time| One(Time(time))))
    },
    Property {
        names: &["transport"],
        csv: Column::Always,
        ..keyed("transport", Kind::Text, |it| One(Text(it.transport.as_str())))
    },
    Property { csv: Column::Always, ..keyed("src", Kind::Endpoint, |it| One(Endpoint(it.src))) },
    Property { csv: Column::Always, ..keyed("dst", Kind::Endpoint, |it| One(Endpoint(it.dst))) },
    Property {
        csv: Column::Always,
        ..keyed("stream", Kind::Number, |it| One(Unsigned(it.stream.into())))
    },
    Property {
        names: &["protocol"],
        csv: Column::Always,
        ..keyed("protocol", Kind::Text, |it| One(Text(it.message.protocol)))
    },
    Property {
        names: &["message"],
        csv: Column::Always,
        ..keyed("message", Kind::Text, |it| One(Text(it.message.name)))
    },
    Property {
        names: &["len"],
        csv: Column::Always,
        ..keyed("len", Kind::Number, |it| One(Unsigned(it.message.len as u64)))
    },
];

/// What is odd about it, or wrong: they stand behind its fields, where they apply.
pub static BEHIND_FIELDS: &[Property] = &[
    Property {
        names: &["candidates"],
        csv: Column::Always,
        text: Remark::Others("ambiguous: also "),
        tree: Remark::Others("ambiguous: also "),
        ..keyed("candidates", Kind::Text, |it| Names(it.message.candidates))
    },
    Property {
        names: &["trailing"],
        csv: Column::Always,
        text: Remark::Bytes("trailing"),
        ..keyed("trailing", Kind::Number, |it| match it.message.trailing {
            0 => Values::None,
            len => One(Unsigned(len as u64)),
        })
    },
    keyed("trailing_hex", Kind::Bytes, |it| {
        let bytes = trailing(it);
        Values::of((!bytes.is_empty()).then_some(Bytes(bytes)))
    }),
    keyed("trailing_cut", Kind::Number, |it| {
        match it.message.trailing.saturating_sub(trailing(it).len()) {
            0 => Values::None,
            cut => One(Unsigned(cut as u64)),
        }
    }),
    Property {
        csv: Column::Always,
        text: Remark::Words("ended by the close"),
        tree: Remark::Words("ended by the close"),
        ..keyed("ended_by", Kind::Text, |it| {
            Values::of(it.message.ended_by_close.then_some(Text("close")))
        })
    },
    Property {
        text: Remark::Each,
        tree: Remark::Each,
        ..keyed("marks", Kind::Text, |it| Marks(it.message.marks))
    },
    Property {
        names: &["pair"],
        tree: Remark::Value("pair "),
        ..keyed("pair", Kind::Number, |it| Values::of(it.message.pair.map(Unsigned)))
    },
    Property {
        names: &["error"],
        csv: Column::Always,
        text: Remark::Error,
        tree: Remark::ErrorInFrame,
        ..keyed("error", Kind::Text, |it| Values::of(it.message.error.map(Error)))
    },
];

/// What Wireshark has names for, and output has otherwise.
pub static NAMED: &[Property] = &[
    named(&["frame.time_epoch"], Kind::Epoch, |it| Values::of(it.time.map(Epoch))),
    named(&["ip.src"], V4, |it| Values::of(v4(it.src))),
    named(&["ip.dst"], V4, |it| Values::of(v4(it.dst))),
    named(&["ip.addr"], V4, |it| Both([v4(it.src), v4(it.dst)])),
    named(&["ipv6.src"], V6, |it| Values::of(v6(it.src))),
    named(&["ipv6.dst"], V6, |it| Values::of(v6(it.dst))),
    named(&["ipv6.addr"], V6, |it| Both([v6(it.src), v6(it.dst)])),
    named(&["udp.srcport"], Kind::Number, |it| Values::of(port(it, Udp, it.src))),
    named(&["udp.dstport"], Kind::Number, |it| Values::of(port(it, Udp, it.dst))),
    named(&["udp.port"], Kind::Number, |it| Both([port(it, Udp, it.src), port(it, Udp, it.dst)])),
    named(&["tcp.srcport"], Kind::Number, |it| Values::of(port(it, Tcp, it.src))),
    named(&["tcp.dstport"], Kind::Number, |it| Values::of(port(it, Tcp, it.dst))),
    named(&["tcp.port"], Kind::Number, |it| Both([port(it, Tcp, it.src), port(it, Tcp, it.dst)])),
    named(&["udp.stream"], Kind::Number, |it| Values::of(stream(it, Udp))),
    named(&["tcp.stream"], Kind::Number, |it| Values::of(stream(it, Tcp))),
    named(&["frame.len"], Kind::Number, |it| {
        Values::of(it.captured_frame().map(|it| Unsigned(it.orig_len.into())))
    }),
    named(&["frame.cap_len"], Kind::Number, |it| {
        Values::of(it.captured_frame().map(|it| Unsigned(it.data.len() as u64)))
    }),
    named(&["eth.src"], Kind::Hardware, |it| Values::of(it.ethernet().map(|it| Hardware(it.src)))),
    named(&["eth.dst"], Kind::Hardware, |it| Values::of(it.ethernet().map(|it| Hardware(it.dst)))),
    named(&["eth.addr"], Kind::Hardware, |it| match it.ethernet() {
        Some(it) => Both([Some(Hardware(it.dst)), Some(Hardware(it.src))]),
        None => Values::None,
    }),
    named(&["eth.type"], Kind::Number, |it| {
        let ether_type = it.ethernet().and_then(|it| it.ether_type);
        Values::of(ether_type.map(|it| Hex { number: it.into(), digits: 4 }))
    }),
    named(&["ip.id"], Kind::Number, |it| match it.ip() {
        Some(IpFacts::V4 { id, .. }) => One(Hex { number: id.into(), digits: 4 }),
        _ => Values::None,
    }),
    named(&["ip.ttl"], Kind::Number, |it| match it.ip() {
        Some(IpFacts::V4 { ttl, .. }) => One(Unsigned(ttl.into())),
        _ => Values::None,
    }),
    named(&["ip.proto"], Kind::Number, |it| match it.ip() {
        Some(IpFacts::V4 { protocol, .. }) => One(Unsigned(protocol.into())),
        _ => Values::None,
    }),
    named(&["ipv6.plen"], Kind::Number, |it| match it.ip() {
        Some(IpFacts::V6 { payload_len, .. }) => One(Unsigned(payload_len.into())),
        _ => Values::None,
    }),
    named(&["ipv6.nxt"], Kind::Number, |it| match it.ip() {
        Some(IpFacts::V6 { next, .. }) => One(Unsigned(next.into())),
        _ => Values::None,
    }),
    named(&["ipv6.hlim"], Kind::Number, |it| match it.ip() {
        Some(IpFacts::V6 { hop_limit, .. }) => One(Unsigned(hop_limit.into())),
        _ => Values::None,
    }),
    named(&["udp.length"], Kind::Number, |it| {
        let len = it.packet(Udp).map(|it| it.wire_len.saturating_add(UDP_HEADER_LEN));
        Values::of(len.map(|len| Unsigned(len as u64)))
    }),
    named(&["udp.payload"], Kind::Bytes, |it| {
        Values::of(it.packet(Udp).map(|it| Bytes(it.payload)))
    }),
    named(&["tcp.len"], Kind::Number, |it| {
        Values::of(it.packet(Tcp).map(|it| Unsigned(it.wire_len as u64)))
    }),
    named(&["tcp.payload"], Kind::Bytes, |it| {
        Values::of(it.packet(Tcp).map(|it| Bytes(it.payload)))
    }),
];

/// What `frame contains` and `frame matches` look through: the frame as it was captured.
pub(super) static FRAME_BYTES: Property = named(&["bytes of the frame"], Kind::Bytes, |it| {
    Values::of(it.captured_frame().map(|it| Bytes(it.data)))
});

/// Bytes that `trailing_hex` has at most: the rest of a buffer tells no more than its beginning, and
/// a line stays one that can be read.
pub const MAX_TRAILING_HEX: usize = 256;

/// Octets of a UDP header (RFC 768), which its length counts.
const UDP_HEADER_LEN: usize = 8;

const V4: Kind = Kind::Address(IpVersion::V4);
const V6: Kind = Kind::Address(IpVersion::V6);

/// All of them.
pub fn all() -> impl Iterator<Item = &'static Property> {
    BEFORE_FIELDS.iter().chain(BEHIND_FIELDS).chain(NAMED)
}

type Get = for<'a> fn(&Captured<'a>) -> Values<'a>;

const fn keyed(key: &'static str, kind: Kind, values: Get) -> Property {
    Property { key: Some(key), ..named(&[], kind, values) }
}

const fn named(names: &'static [&'static str], kind: Kind, values: Get) -> Property {
    let (csv, text, tree) = (Column::None, Remark::None, Remark::None);
    Property { key: None, names, kind, csv, text, tree, values }
}

/// The bytes left over behind a message, as far as they were captured, up to the bound.
fn trailing<'a>(captured: &Captured<'a>) -> &'a [u8] {
    let Captured { message, .. } = captured;
    let behind = message.bytes.get(message.len..).unwrap_or_default();
    let end = message.trailing.min(MAX_TRAILING_HEX);
    behind.get(..end).unwrap_or(behind)
}

fn v4<'a>(end: End) -> Option<FieldValue<'a>> {
    end.ip().filter(IpAddr::is_ipv4).map(Address)
}

fn v6<'a>(end: End) -> Option<FieldValue<'a>> {
    end.ip().filter(IpAddr::is_ipv6).map(Address)
}

fn port<'a>(captured: &Captured<'_>, transport: Transport, end: End) -> Option<FieldValue<'a>> {
    end.port().filter(|_| captured.transport == transport).map(|it| Unsigned(it.into()))
}

fn stream<'a>(captured: &Captured<'_>, transport: Transport) -> Option<FieldValue<'a>> {
    (captured.transport == transport).then(|| Unsigned(captured.stream.into()))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_two_have_a_name_in_common() {
        let mut names = HashSet::new();
        for property in all() {
            let key = property.key.filter(|key| !property.names.contains(key));
            for name in property.names.iter().copied().chain(key) {
                assert!(names.insert(name), "{name}");
            }
        }
    }

    #[test]
    fn the_guide_has_every_name() {
        let guide = include_str!("../../docs/fields.md");
        let rows: String = guide.lines().filter(|it| it.starts_with('|')).collect();
        for property in all() {
            for name in property.names.iter().chain(&property.key) {
                assert!(rows.contains(&format!("`{name}`")), "{name}");
            }
        }
    }

    /// Writers put keys down as they stand.
    #[test]
    fn keys_need_no_quotes_and_no_escapes() {
        let is_plain = |key: &str| key.bytes().all(|it| it.is_ascii_lowercase() || it == b'_');
        assert!(all().filter_map(|it| it.key).all(is_plain));
        let is_output = |it: &Property| it.key.is_some();
        assert!(BEFORE_FIELDS.iter().chain(BEHIND_FIELDS).all(is_output));
        assert!(!NAMED.iter().any(is_output));
    }
}
