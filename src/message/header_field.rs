//! HTTP headers by name: `http.header.user-agent`, `http.user_agent` (RFC 9110 section 6.3).

use super::field_value::FieldValue;
use super::message::{Item, Message, Scalar, Value};

/// The name of a header, in whatever case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeaderName(String);

/// The headers that are known directly behind `http.`, where Wireshark has them too.
pub(super) const USUAL: &[&str] = &[
    "accept",
    "accept_encoding",
    "accept_language",
    "authorization",
    "cache_control",
    "connection",
    "content_encoding",
    "content_length",
    "content_type",
    "cookie",
    "date",
    "host",
    "last_modified",
    "location",
    "proxy_authenticate",
    "proxy_authorization",
    "referer",
    "server",
    "set_cookie",
    "transfer_encoding",
    "upgrade",
    "user_agent",
    "www_authenticate",
    "x_forwarded_for",
];

impl HeaderName {
    /// The header that a field's name means: any behind `http.header.`, the usual ones behind
    /// `http.`. A `_` stands for a `-` too.
    pub(super) fn parse(field: &str) -> Option<Self> {
        let behind = field.strip_prefix("http.")?;
        let name = match behind.strip_prefix("header.") {
            Some(name) => name,
            None => USUAL.iter().find(|it| **it == behind)?,
        };
        (!name.is_empty()).then(|| Self(name.to_ascii_lowercase().replace('_', "-")))
    }

    /// The header's values in a message.
    pub(super) fn values<'r, 'a>(
        &'r self,
        message: Message<'a>,
    ) -> impl Iterator<Item = FieldValue<'a>> + use<'r, 'a> {
        let items = if message.protocol == "http" { message.items } else { &[] };
        items.windows(3).filter_map(move |window| {
            // A pair in a list is followed by its name and its value.
            let [pair, name, value] = window else { return None };
            let node = message.node(pair)?;
            let is_pair = node.path == "headers" && node.name.is_empty();
            if !is_pair || pair.scalar != Scalar::Nested || !self.is(bytes(&message, name)) {
                return None;
            }
            Some(match message.value(value) {
                Value::Text(text) => FieldValue::Text(text),
                _ => FieldValue::Bytes(bytes(&message, value)),
            })
        })
    }

    fn is(&self, name: &[u8]) -> bool {
        let same = |(ours, theirs): (u8, &u8)| {
            ours == if *theirs == b'_' { b'-' } else { theirs.to_ascii_lowercase() }
        };
        self.0.len() == name.len() && self.0.bytes().zip(name).all(same)
    }
}

fn bytes<'a>(message: &Message<'a>, item: &Item) -> &'a [u8] {
    message.bytes_of(item)
}
