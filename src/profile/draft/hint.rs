//! What the declarations of a message suggest about its fields. Each is a guess by name and type, to be
//! confirmed by whoever knows the protocol.

use super::constants::{Group, cases};
use super::line::Line;
use super::words::{ends_in, words};
use crate::profile::quoted;
use crate::schema::{EnumDef, Part, PartId, PartKind, Repeat, ResolvedLayout, Role};

/// Last words of fields that tell what a message is.
const TAGS: [&str; 9] = ["type", "kind", "tag", "op", "opcode", "cmd", "command", "code", "id"];
/// Of fields that count.
const COUNTS: [&str; 9] = ["len", "length", "size", "count", "cnt", "n", "num", "nr", "number"];
/// Of fields that count up.
const COUNTERS: [&str; 6] = ["seq", "sequence", "seqno", "seqnum", "counter", "serial"];
/// Of fields that an answer repeats.
const ECHOES: [&str; 5] = ["xid", "tid", "txid", "transaction", "cookie"];
/// Of fields that hold a time.
const TIMES: [&str; 5] = ["time", "timestamp", "stamp", "ts", "when"];

/// Of bytes that are no text.
const BYTES: [&str; 12] = [
    "addr", "address", "mac", "key", "hash", "digest", "uuid", "pad", "padding", "reserved", "crc",
    "payload",
];

/// A message whose fields are looked at.
pub(super) struct Hints<'a> {
    pub layout: &'a ResolvedLayout,
    /// The constants of its header that begin alike.
    pub groups: &'a [Group],
    /// Structs that begin as it is.
    pub alike: &'a [&'a str],
}

impl Hints<'_> {
    /// Keys of `[[protocol]]`.
    pub fn of_message(&self) -> Vec<Line> {
        let mut lines = Vec::new();
        if self.layout.tail().is_some() || self.layout.last_array().is_some() {
            let bytes = self.layout.size.max(1500);
            lines.push(Line::guess(format!("max_len = {bytes}"), "the receiver's buffer, bytes"));
        }
        lines.extend(self.tag().unwrap_or_default());
        lines
    }

    /// Keys of `[protocol.fields]`, a field each.
    pub fn of_fields(&self) -> Vec<Line> {
        let mut lines: Vec<Line> = Vec::new();
        let counted = self.count();
        for (id, part) in self.layout.fields() {
            let count = counted.as_ref().filter(|it| it.0 == id).map(|it| it.1.as_str());
            let (says, remark) = match (count, self.of_field(part)) {
                (Some(count), Some((says, remark))) => {
                    (format!("{count}, {says}"), format!("if that counts it, and {remark}"))
                }
                (Some(count), None) => (count.to_owned(), "if that counts its elements".to_owned()),
                (None, Some((says, remark))) => (says, remark.to_owned()),
                (None, None) => continue,
            };
            let line = Line::guess(format!("{} = {{ {says} }}", key(&part.path)), remark);
            // Members of a union may have one name.
            if lines.iter().all(|it| it.text != line.text) {
                lines.push(line);
            }
        }
        lines
    }

    fn of_field(&self, part: &Part) -> Option<(String, &'static str)> {
        let name = part.name.as_deref()?;
        if matches!(part.kind, PartKind::Characters { text: false, .. })
            && part.repeat != Repeat::Once
            && !ends_in(name, &BYTES)
        {
            return Some(("text = true".to_owned(), "if these bytes are text"));
        }
        if !is_number(part) {
            return None;
        }
        let group = self.groups.iter().find(|it| it.is_of(name));
        Some(match group {
            Some(group) => {
                let names = quoted(&format!("{}_*", group.prefix));
                (format!("enum = {names}"), "its values by name")
            }
            None if ends_in(name, &COUNTERS) => {
                ("counter = true".to_owned(), "if it counts up with every message of a sender")
            }
            None if ends_in(name, &ECHOES) => {
                ("echo = true".to_owned(), "if an answer has the value of its request")
            }
            None => (
                format!("time = {}", quoted(time_unit(name, part.len)?)),
                "s, ms, us or ns since 1970",
            ),
        })
    }

    /// The field that tells what the message is, where it has a union or is one, or where others begin
    /// as it does.
    fn tag(&self) -> Option<Vec<Line>> {
        let root = self.layout.part(ResolvedLayout::ROOT)?;
        let (tag, names) = if matches!(root.kind, PartKind::Union(_)) {
            (
                self.tag_in(self.layout.members(ResolvedLayout::ROOT).next()?.0)?,
                self.members(ResolvedLayout::ROOT),
            )
        } else if self.alike.len() > 1 {
            (self.tag_in(ResolvedLayout::ROOT)?, self.alike.to_vec())
        } else {
            let is_union =
                |it: &Part| matches!(it.kind, PartKind::Union(_)) && !self.layout.is_element(it);
            let union = self.layout.fields().skip(1).find(|it| is_union(it.1))?.0;
            (self.tag_in(ResolvedLayout::ROOT)?, self.members(union))
        };
        let (cases, are_known) = cases(enum_of(tag), self.groups, &names);
        let cases: Vec<_> = cases
            .iter()
            .map(|(value, name)| format!("{} = {}", key(value), quoted(name)))
            .collect();
        let remark = if are_known { "union members, or structs" } else { "its values are a guess" };
        (names.len() > 1).then(|| {
            vec![
                Line::guess(
                    format!("tag = {}", quoted(&tag.path)),
                    "the field that tells what the message is",
                ),
                Line::guess(format!("cases = {{ {} }}", cases.join(", ")), remark),
            ]
        })
    }

    /// The first number within a part that has the name of a tag, and lies in no union within.
    fn tag_in(&self, id: PartId) -> Option<&Part> {
        self.layout.members(id).find_map(|(id, part)| match &part.kind {
            PartKind::Struct(_) if part.repeat == Repeat::Once => self.tag_in(id),
            _ if !is_number(part) && enum_of(part).is_none() => None,
            _ => part
                .name
                .as_deref()
                .filter(|it| enum_of(part).is_some() || ends_in(it, &TAGS))
                .map(|_| part),
        })
    }

    fn members(&self, id: PartId) -> Vec<&str> {
        self.layout.members(id).filter_map(|it| it.1.name.as_deref()).collect()
    }

    /// The tail, and the number that counts it: that which has its name, else the last before it.
    fn count(&self) -> Option<(PartId, String)> {
        let (id, tail) = self.layout.tail()?;
        let name = words(tail.name.as_deref()?);
        let counts = |it: &Part| {
            is_number(it)
                && it.repeat == Repeat::Once
                && it.name.as_deref().is_some_and(|it| ends_in(it, &COUNTS))
        };
        let before: Vec<_> = self
            .layout
            .fields()
            .map(|it| it.1)
            .filter(|it| it.offset < tail.offset && counts(it))
            .collect();
        let named = before
            .iter()
            .find(|it| it.name.as_deref().is_some_and(|it| words(it).starts_with(&name)));
        let found = named.or(before.last())?;
        Some((id, format!("count = {}", quoted(&found.path))))
    }
}

/// An integer, or some bits of one, that stands for a number.
fn is_number(part: &Part) -> bool {
    let role = match &part.kind {
        PartKind::Integer { role, .. } => role,
        PartKind::Bits(bits) => &bits.role,
        _ => return false,
    };
    part.repeat == Repeat::Once && matches!(role, Role::Number | Role::Byte)
}

fn enum_of(part: &Part) -> Option<&EnumDef> {
    match &part.kind {
        PartKind::Integer { role: Role::Enum(of), .. } => Some(of),
        PartKind::Bits(bits) => match &bits.role {
            Role::Enum(of) => Some(of),
            _ => None,
        },
        _ => None,
    }
}

/// The unit of a field that has the name of a time: the name says it, or else four bytes hold seconds
/// and eight microseconds.
fn time_unit(name: &str, len: u64) -> Option<&'static str> {
    let words = words(name);
    let is_time = |it: &String| TIMES.contains(&it.as_str());
    let unit =
        ["ms", "us", "ns"].into_iter().find(|unit| words.last().is_some_and(|it| it == unit));
    match (unit, len) {
        (Some(unit), _) if words.iter().any(is_time) => Some(unit),
        _ if !words.last().is_some_and(is_time) => None,
        (_, 4) => Some("s"),
        (_, 8) => Some("us"),
        _ => None,
    }
}

/// A key of TOML: bare where it can be.
fn key(name: &str) -> String {
    let is_bare = |it: char| it.is_ascii_alphanumeric() || it == '_' || it == '-';
    if !name.is_empty() && name.chars().all(is_bare) { name.to_owned() } else { quoted(name) }
}
