//! The names by which fields are asked for: `frame.number`, `udp.port`, `msg_st.math`.
//!
//! Names outside of the message are Wireshark's where it has one, with its meaning: `ip.src` is an
//! IPv4 address only, and `udp.port` is both ports. A field of a message is named by its path,
//! alone or behind the name of its message or protocol. What has none of these names may be called
//! as output calls it: `marks`, `stream`.

use super::common_fields;
use super::field_ref::{FieldRef, Owner};
use super::header_field::{self, HeaderName};
use super::message::FieldTable;
use super::property::Property;
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

/// A name that no field has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no field is named `{name}`{}", did_you_mean(.nearest.as_deref()))]
pub struct UnknownField {
    /// As it was given.
    pub name: String,
    /// The name most like it.
    pub nearest: Option<String>,
}

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
    /// names them. Last come the keys of JSON, such as `marks` and `stream`, where a filter can
    /// compare what they stand for.
    ///
    /// # Errors
    ///
    /// No field has the name; the nearest one that exists is suggested.
    pub fn parse(name: &str, known: &[Known<'_>]) -> Result<Self, UnknownField> {
        Self::resolve(name, known, Property::is_comparable)
    }

    /// Resolves the name of a column: as [`parse`](Self::parse), but any key of JSON is one.
    ///
    /// # Errors
    ///
    /// As [`parse`](Self::parse).
    pub fn column(name: &str, known: &[Known<'_>]) -> Result<Self, UnknownField> {
        Self::resolve(name, known, |_| true)
    }

    fn resolve(
        name: &str,
        known: &[Known<'_>],
        is_meant: fn(&Property) -> bool,
    ) -> Result<Self, UnknownField> {
        let mut keyed = common_fields::all().filter(|it| is_meant(it));
        Self::named(name, known)
            .or_else(|| keyed.find(|it| it.key == Some(name)).map(Self::Property))
            .ok_or_else(|| UnknownField {
                name: name.to_owned(),
                nearest: nearest(name, known, is_meant),
            })
    }

    /// What has the name before keys of JSON are asked.
    pub(super) fn named(name: &str, known: &[Known<'_>]) -> Option<Self> {
        if let Some(property) = common_fields::all().find(|it| it.names.contains(&name)) {
            return Some(Self::Property(property));
        }
        let alias = ALIASES.iter().find(|(alias, _)| *alias == name);
        let asked = alias.map_or(name, |(_, name)| name);
        let found = |of: OwnerOf| {
            known.iter().find_map(|it| {
                let (owner, path) = of(it, asked)?;
                it.table.paths().any(|it| it == path).then(|| (owner, path.to_owned()))
            })
        };
        let fields: [OwnerOf; 4] = [Owner::message, Owner::protocol, Owner::exact, Owner::any];
        let field = fields.into_iter().find_map(found);
        let field = field.map(|(owner, path)| {
            let owner = match (owner, found(Owner::protocol)) {
                // A protocol is often called as the message is that leads to its others.
                (Owner::Message(name), Some((Owner::Protocol(same), _))) if name == same => {
                    Owner::Either(name)
                }
                (owner, _) => owner,
            };
            Self::Field { owner, path }
        });
        let has_http = known.iter().any(|it| it.protocol == "http");
        let header = || HeaderName::parse(name).filter(|_| has_http).map(Self::Header);
        field.or_else(header)
    }
}

/// Whose field a name means, and its path in there, where the name begins as it must.
type OwnerOf = for<'n> fn(&Known<'_>, &'n str) -> Option<(Owner, &'n str)>;

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

fn nearest(name: &str, known: &[Known<'_>], is_meant: fn(&Property) -> bool) -> Option<String> {
    let fields = known.iter().flat_map(|it| {
        it.table.paths().flat_map(|path| {
            let behind = |owner| format!("{owner}.{path}");
            let exact = format!("{}.{}.{path}", it.protocol, it.message);
            [path.to_owned(), behind(it.message), behind(it.protocol), exact]
        })
    });
    let of_any = common_fields::all().flat_map(|it| {
        let key = it.key.filter(|_| is_meant(it));
        it.names.iter().copied().chain(key).map(str::to_owned)
    });
    let has_http = known.iter().any(|it| it.protocol == "http");
    let aliases = ALIASES.iter().map(|(name, _)| (*name).to_owned());
    let headers = header_field::USUAL.iter().map(|it| format!("http.{it}"));
    let names: Vec<String> =
        of_any.chain(fields).chain(aliases.chain(headers).filter(|_| has_http)).collect();
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
            description: None,
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

    fn property(name: &str) -> FieldRef {
        FieldRef::Property(common_fields::all().find(|it| it.name() == name).unwrap())
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
            ("frame.number", property("frame")),
            ("ipv6.dst", property("ipv6.dst")),
            ("tcp.port", property("tcp.port")),
            ("len", property("len")),
            ("marks", property("marks")),
            ("ended_by", property("ended_by")),
            ("frame", property("frame")),
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
    fn a_protocol_called_as_one_of_its_messages_has_the_fields_of_all() {
        let (own, other) = (table(&["kind"]), table(&["kind", "x"]));
        let known = [
            Known { protocol: "base", message: "base", table: &own },
            Known { protocol: "base", message: "a", table: &other },
        ];
        for (name, owner, path) in [
            ("base.kind", Owner::Either("base".to_owned()), "kind"),
            ("base.x", Owner::Protocol("base".to_owned()), "x"),
            ("a.kind", Owner::Message("a".to_owned()), "kind"),
            ("base.base.kind", exact("base", "base"), "kind"),
        ] {
            assert_eq!(FieldRef::parse(name, &known), Ok(field(owner.clone(), path)), "{name}");
            for (protocol, message) in [("base", "base"), ("base", "a"), ("b", "base"), ("b", "a")]
            {
                let is_meant = match name {
                    "base.kind" => (protocol, message) != ("b", "a"),
                    "base.x" => protocol == "base",
                    "a.kind" => message == "a",
                    _ => (protocol, message) == ("base", "base"),
                };
                assert_eq!(owner.has(protocol, message), is_meant, "{name}: {protocol}.{message}");
            }
        }
    }

    #[test]
    fn a_field_has_its_name_before_a_key_of_json() {
        let own = table(&["marks", "src"]);
        let known = [Known { protocol: "grades", message: "msg_st", table: &own }];
        for name in ["marks", "src"] {
            assert_eq!(FieldRef::parse(name, &known), Ok(field(Owner::Any, name)));
            assert_eq!(FieldRef::column(name, &known), Ok(field(Owner::Any, name)));
        }
        assert_eq!(FieldRef::column("dst", &known), Ok(property("dst")));
        assert!(FieldRef::parse("dst", &known).is_err(), "filters have ip.dst");
    }

    #[test]
    fn an_unknown_name_suggests_the_nearest() {
        for (name, nearest) in [
            ("maths", Some("math")),
            ("grades.mat", Some("grades.math")),
            ("frame.nubmer", Some("frame.number")),
            ("endedby", Some("ended_by")),
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
