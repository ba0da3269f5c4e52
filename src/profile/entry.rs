//! One `[[protocol]]` of a profile, as it is written: each key is a field here.

use std::collections::BTreeMap;

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use toml::Spanned;

use super::words::{CaseRule, Number, Numbers};
use super::{FieldEntries, OrderName};

/// One `[[protocol]]`: a message of a header, and what C cannot say of it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProtocolEntry {
    /// What output calls it.
    pub name: Spanned<String>,
    /// The header, relative to the profile.
    pub header: Spanned<String>,
    /// Tag, typedef or macro of the header.
    pub message: Spanned<String>,
    /// Rules without their message: `udp.port==1989`.
    #[serde(default)]
    pub decode_as: Vec<Spanned<String>>,
    /// Of integers whose type does not fix it.
    pub byte_order: Option<OrderName>,
    /// The ABI whose compiler made the sender, by name.
    pub abi: Option<Spanned<String>>,
    /// The receiver's buffer, bytes: what is longer gets a finding.
    pub max_len: Option<u64>,
    /// What tells what the message is: an expression, or several.
    pub tag: Option<Spanned<Numbers>>,
    /// Values of the tag to union member or struct, in the order in which they are written.
    #[serde(default)]
    pub cases: CaseEntries,
    /// The bytes of the whole message.
    pub length: Option<Spanned<Number>>,
    /// Which struct it is by who sent it.
    pub direction: Option<Spanned<DirectionEntry>>,
    /// What fields of every message have.
    #[serde(default, rename = "match")]
    pub identity: BTreeMap<Spanned<String>, Spanned<MatchEntry>>,
    /// A datagram holds several messages.
    #[serde(default)]
    pub several: bool,
    /// Bytes before each message.
    #[serde(default)]
    pub skip: u16,
    /// What each message begins with, bytes.
    #[serde(default)]
    pub sync: Vec<u8>,
    /// `[protocol.fields]`: what its fields mean, by path.
    #[serde(default)]
    pub fields: FieldEntries,
}

/// What a field has in every message: a number, or the two ends of a range.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(
    untagged,
    expecting = "`match` reads { FIELD = VALUE } or { FIELD = [FROM, TO] }; a field within another is in \
                 quotes: { \"head.magic\" = 1 }"
)]
pub enum MatchEntry {
    /// This.
    Value(Number),
    /// From the first to the second, both with it.
    Range([Number; 2]),
}

/// Which struct a message is by who sent it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DirectionEntry {
    /// What goes to the port of the rule.
    pub to_server: String,
    /// What comes from it.
    pub to_client: String,
}

/// `cases`, as they are written.
#[derive(Clone, Debug, Default)]
pub struct CaseEntries(pub Vec<(Spanned<String>, Spanned<CaseRule>)>);

impl<'de> Deserialize<'de> for CaseEntries {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Table;
        impl<'de> Visitor<'de> for Table {
            type Value = CaseEntries;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a table of cases, such as { 1 = \"path_st\" }")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<CaseEntries, A::Error> {
                let mut cases = Vec::new();
                while let Some(case) = map.next_entry()? {
                    cases.push(case);
                }
                Ok(CaseEntries(cases))
            }
        }
        deserializer.deserialize_map(Table)
    }
}
