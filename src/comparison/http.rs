//! Two HTTP messages: what a user of the page would notice, without what changes by itself.
//!
//! Compared are the status, of requests the method and the target, Content-Type and the headers
//! that were asked for, and the body with its codings undone (RFC 9110 section 8.4). Dates, the
//! order of fields, how a body is delimited, and what delimits its parts may differ.

#[cfg(feature = "fixture")]
use std::hash::Hasher;

use super::body::{Body, is_whole};
use super::criteria::{Criteria, Field, HEADER};
use super::multipart::without_boundary;
use super::unequal::{Unequal, cut};
use crate::decode::http::header_values;
use crate::message::{Item, Mark, Message, Scalar, Value};

/// The start of a message, by the names that its fields have.
const START: [&str; 3] = ["status", "method", "target"];

/// An HTTP message and its body.
pub(super) type Seen<'s, 'm> = (&'s Message<'m>, &'s mut Body);

/// Compares two messages of the same side.
pub(super) fn compare(
    criteria: &Criteria,
    (expected, expected_body): Seen<'_, '_>,
    (actual, actual_body): Seen<'_, '_>,
) -> Vec<Unequal> {
    let mut found = Vec::new();
    let mut note = |path: &str, one: Option<String>, other: Option<String>| {
        if !criteria.ignores(Field::of(actual, path)) {
            found.push(Unequal { field: path.to_owned(), expected: one, actual: other });
        }
    };
    for path in START {
        let is_same = value(expected, path) == value(actual, path);
        if !is_same && !is_sifted_same(criteria, [text(expected, path), text(actual, path)]) {
            note(path, text(expected, path), text(actual, path));
        }
    }
    // A head that was cut short, or lacks bytes in the capture, tells nothing of its fields.
    if !is_cut_within_head(expected) {
        for name in &criteria.headers {
            let values = [header(expected, name), header(actual, name)];
            let is_same = has_same_header(expected, actual, name);
            if !is_same && !is_sifted_same(criteria, values.clone()) {
                let [one, other] = values;
                note(&format!("{HEADER}{name}"), one, other);
            }
        }
    }
    if criteria.compares_bodies() {
        found.extend(compare_bodies(criteria, (expected, expected_body), (actual, actual_body)));
    }
    found
}

/// Tells a message from others by what [`compare`] looks at, and by what it is about.
#[cfg(feature = "fixture")]
pub(super) fn tell(
    criteria: &Criteria,
    message: &Message<'_>,
    body: Body,
    [whole, gist]: [&mut dyn Hasher; 2],
) {
    for path in START {
        let Some(text) =
            text(message, path).filter(|_| !criteria.ignores(Field::of(message, path)))
        else {
            continue;
        };
        for hasher in [&mut *whole, &mut *gist] {
            hasher.write_usize(text.len());
            hasher.write(text.as_bytes());
        }
        // Of what is shown shortened the rest counts too.
        if let Some(Value::Text(text)) = value(message, path) {
            whole.write(text.as_bytes());
        }
    }
    let is_cut = is_cut_within_head(message);
    whole.write_u8(is_cut.into());
    for name in criteria.headers.iter().filter(|_| !is_cut) {
        for value in header_values(message, name) {
            let value = match name.as_str() {
                "content-type" => {
                    without_boundary(&String::from_utf8_lossy(value)).to_ascii_lowercase()
                }
                _ => String::from_utf8_lossy(value).into_owned(),
            };
            whole.write(name.as_bytes());
            whole.write(value.as_bytes());
        }
    }
    if criteria.compares_bodies() && !criteria.ignores(Field::of(message, "body")) {
        whole.write_u8(is_whole(message).into());
        whole.write(&body.fingerprint());
    }
}

/// Compares the bodies alone.
pub(super) fn compare_bodies(
    criteria: &Criteria,
    (expected, expected_body): Seen<'_, '_>,
    (actual, actual_body): Seen<'_, '_>,
) -> Vec<Unequal> {
    if !is_whole(expected) || criteria.ignores(Field::of(actual, "body")) {
        return Vec::new();
    }
    if is_whole(actual) {
        return expected_body.differences(actual_body, &criteria.json);
    }
    let cut_short = format!("cut short behind {}", actual_body.text());
    vec![Unequal {
        field: "body".to_owned(),
        expected: Some(expected_body.text()),
        actual: Some(cut_short),
    }]
}

/// Whether texts are the same but for what patterns match.
fn is_sifted_same(criteria: &Criteria, texts: [Option<String>; 2]) -> bool {
    // Of what was cut the rest is not known.
    let [one, other] = texts.map(|it| it.filter(|it| !it.ends_with('…')));
    one.zip(other)
        .is_some_and(|(one, other)| criteria.sieve.is_same(one.as_bytes(), other.as_bytes()))
}

/// Compares the status alone.
pub(super) fn compare_status(expected: &Message<'_>, actual: &Message<'_>) -> Vec<Unequal> {
    if status(expected) == status(actual) {
        return Vec::new();
    }
    let [expected, actual] = [expected, actual].map(|it| text(it, "status"));
    vec![Unequal { field: "status".to_owned(), expected, actual }]
}

/// The status, where there is one: a response to HTTP/0.9 has none.
fn status<'m>(message: &Message<'m>) -> Option<Value<'m>> {
    value(message, "status")
}

/// What it is, in a few words: `200`, `GET /`.
pub(super) fn title(message: &Message<'_>) -> String {
    let parts = START.iter().chain(&["reason"]).filter_map(|path| text(message, path));
    let parts: Vec<_> = parts.filter(|part| !part.is_empty()).collect();
    if parts.is_empty() { "HTTP/0.9 response".to_owned() } else { parts.join(" ") }
}

/// A part of the start; it stands before all that is nested.
fn value<'m>(message: &Message<'m>, path: &str) -> Option<Value<'m>> {
    let start = message.items.iter().take_while(|it| it.scalar != Scalar::Nested);
    let is_it = |item: &&Item| message.node(item).is_some_and(|node| node.path == path);
    start.into_iter().find(is_it).map(|item| message.value(item))
}

fn text(message: &Message<'_>, path: &str) -> Option<String> {
    Some(match value(message, path)? {
        Value::Unsigned(number) => number.to_string(),
        Value::Text(text) => cut(text),
        Value::Bytes(bytes) => cut(&String::from_utf8_lossy(bytes)),
        _ => return None,
    })
}

fn is_cut_within_head(message: &Message<'_>) -> bool {
    let is_cut = message.marks.contains(Mark::CutShort) || message.marks.contains(Mark::Gap);
    is_cut && message.error.is_some_and(|error| error.context == "headers")
}

fn has_same_header(one: &Message<'_>, other: &Message<'_>, name: &str) -> bool {
    header_values(one, name).eq(header_values(other, name))
        || header(one, name).zip(header(other, name)).is_some_and(|(one, other)| {
            let [one, other] = [one, other].map(|it| without_boundary(&it));
            name == "content-type" && one.eq_ignore_ascii_case(&other)
        })
}

/// Its values, joined as one (RFC 9110 section 5.3).
fn header(message: &Message<'_>, name: &str) -> Option<String> {
    let values: Vec<_> = header_values(message, name).map(String::from_utf8_lossy).collect();
    (!values.is_empty()).then(|| cut(&values.join(", ")))
}
