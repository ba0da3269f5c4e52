//! One `[[protocol]]` of a profile, as it is written: each key is a field here.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

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
    /// The field that tells what the message is.
    pub tag: Option<Spanned<String>>,
    /// Value of the tag, or the name of one, to union member or struct.
    #[serde(default)]
    pub cases: BTreeMap<Spanned<String>, Spanned<String>>,
    /// The field that counts the tail, for streams.
    pub length: Option<Spanned<String>>,
    /// `[protocol.fields]`: what its fields mean, by path.
    #[serde(default)]
    pub fields: FieldEntries,
}
