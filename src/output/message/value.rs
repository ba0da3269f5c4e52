//! Values as people read them: text in quotes, bytes as hex, long ones cut at a stated length.

use std::io::Write;

use crate::message::{Item, Message, Shown, Value};
use crate::output::escape::{hex, quoted, terminal};

/// Text is cut behind this many bytes.
pub(crate) const MAX_TEXT: usize = 256;
/// Bytes are cut behind this many.
pub(crate) const MAX_BYTES: usize = 32;
/// Lists are cut behind this many elements.
pub(crate) const MAX_ELEMENTS: usize = 32;

/// One value with all that it holds: `83`, `"Alan"`, `0xdead`, `{x=1 y=2}`, `[7 8]`.
pub(super) fn value(message: &Message<'_>, index: usize, item: &Item, out: &mut Vec<u8>) {
    match message.value(item) {
        Value::Group => group(message, index, out),
        Value::List => list(message, index, out),
        other => single(message, item, other, out),
    }
}

/// A value that holds no others, with its unit where it has one.
pub(super) fn single(message: &Message<'_>, item: &Item, value: Value<'_>, out: &mut Vec<u8>) {
    match (message.scale(item), value) {
        (None, Value::Shown(Shown::Bytes(bytes))) => cut_bytes(bytes, out),
        (None, _) => scalar(item, value, out),
        (Some(_), Value::Null) => out.extend_from_slice(b"none"),
        (Some(scale), _) => {
            scalar(item, value, out);
            if let Some(unit) = scale.unit() {
                out.push(b' ');
                terminal(unit, out);
            }
        }
    }
}

/// A value that holds no others.
pub(super) fn scalar(item: &Item, value: Value<'_>, out: &mut Vec<u8>) {
    let mut digits = itoa::Buffer::new();
    match value {
        Value::Unsigned(number) => out.extend_from_slice(digits.format(number).as_bytes()),
        Value::Signed(number) => out.extend_from_slice(digits.format(number).as_bytes()),
        Value::Float(number) => float(number, item.single(number), out),
        Value::Name(name) => terminal(name, out),
        Value::Text(text) => cut_text(text, out),
        Value::Bytes(bytes) => cut_bytes(bytes, out),
        Value::Null => out.extend_from_slice(b"null"),
        // Writing to a vector does not fail.
        Value::Shown(shown) => _ = write!(out, "{shown}"),
        Value::Group | Value::List => {}
    }
}

/// The shortest digits that tell the number apart, at the width that it had.
pub(super) fn float(number: f64, single: Option<f32>, out: &mut Vec<u8>) {
    let mut digits = ryu::Buffer::new();
    let text = match single {
        Some(single) => digits.format(single),
        None => digits.format(number),
    };
    out.extend_from_slice(text.as_bytes());
}

fn cut_text(text: &str, out: &mut Vec<u8>) {
    let (shown, rest) = text.split_at(text.floor_char_boundary(MAX_TEXT));
    quoted(shown, out);
    if !rest.is_empty() {
        out.extend_from_slice(format!("… ({} bytes)", text.len()).as_bytes());
    }
}

fn cut_bytes(bytes: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(b"0x");
    hex(bytes.get(..MAX_BYTES).unwrap_or(bytes), out);
    if bytes.len() > MAX_BYTES {
        out.extend_from_slice(format!("… ({} bytes)", bytes.len()).as_bytes());
    }
}

fn group(message: &Message<'_>, index: usize, out: &mut Vec<u8>) {
    out.push(b'{');
    for (at, (index, item)) in message.inner(index).enumerate() {
        if at > 0 {
            out.push(b' ');
        }
        let name = message.node(item).map_or("", |node| &node.name);
        if !name.is_empty() {
            terminal(name, out);
            out.push(b'=');
        }
        value(message, index, item, out);
    }
    out.push(b'}');
}

fn list(message: &Message<'_>, index: usize, out: &mut Vec<u8>) {
    out.push(b'[');
    for (at, (index, item)) in message.inner(index).take(MAX_ELEMENTS).enumerate() {
        if at > 0 {
            out.push(b' ');
        }
        value(message, index, item, out);
    }
    if message.inner(index).nth(MAX_ELEMENTS).is_some() {
        let count = message.inner(index).count();
        out.extend_from_slice(format!("… ({count} elements)").as_bytes());
    }
    out.push(b']');
}
