//! Messages as JSON, one object a line.
//!
//! The properties of the message stand around `fields`, in the order of their table. A list, and what
//! does not apply, is left out where it is empty; an unknown time is `null`. Numbers that
//! JSON lacks are the strings `"NaN"`, `"Infinity"` and `"-Infinity"`.
//!
//! Nothing is allocated per message: the line is built in a buffer that is kept.

use std::io::{self, Write};

use super::value_text::ValueText;
use crate::message::{
    Captured, DecodeError, FieldKind, FieldValue, Item, Message, Property, Siblings, Value, Values,
    common_fields,
};
use crate::output::escape::{hex, json_string};

/// Writes messages as JSON lines.
#[derive(Debug)]
pub struct JsonWriter {
    before_fields: Vec<Member>,
    behind_fields: Vec<Member>,
    line: Vec<u8>,
    text: ValueText,
}

/// A property with its key as it is written: `,"frame":`.
#[derive(Debug)]
struct Member(&'static Property, Box<[u8]>);

impl JsonWriter {
    /// A writer.
    pub fn new() -> Self {
        Self {
            before_fields: Member::all(common_fields::BEFORE_FIELDS),
            behind_fields: Member::all(common_fields::BEHIND_FIELDS),
            line: Vec::new(),
            text: ValueText::default(),
        }
    }

    /// Writes one message, in one call to `out`.
    ///
    /// # Errors
    ///
    /// Those of `out`.
    pub fn write(&mut self, captured: &Captured<'_>, out: &mut dyn Write) -> io::Result<()> {
        let Self { before_fields, behind_fields, line, text } = self;
        line.clear();
        Member::write(before_fields, captured, text, line);
        line.extend_from_slice(b",\"fields\":");
        object(&captured.message, captured.message.top(), line);
        Member::write(behind_fields, captured, text, line);
        line.extend_from_slice(b"}\n");
        // What stands before the first key is a comma so far.
        if let Some(first) = line.first_mut() {
            *first = b'{';
        }
        out.write_all(line)
    }
}

impl Default for JsonWriter {
    fn default() -> Self {
        Self::new()
    }
}

impl Member {
    fn all(table: &'static [Property]) -> Vec<Self> {
        let key = |it: &Property| Some(format!(",\"{}\":", it.key?).into_bytes().into());
        table.iter().filter_map(|it| Some(Self(it, key(it)?))).collect()
    }

    fn write(all: &[Self], captured: &Captured<'_>, text: &mut ValueText, line: &mut Vec<u8>) {
        for Self(property, key) in all {
            match (property.values)(captured) {
                Values::One(value) => {
                    line.extend_from_slice(key);
                    one(&value, text, line);
                }
                Values::Unknown => {
                    line.extend_from_slice(key);
                    line.extend_from_slice(b"null");
                }
                list if list.is_empty() => {}
                list => {
                    line.extend_from_slice(key);
                    self::all(list, text, line);
                }
            }
        }
    }
}

/// The values of a list.
fn all(list: Values<'_>, text: &mut ValueText, line: &mut Vec<u8>) {
    line.push(b'[');
    for value in list.iter() {
        separate(line);
        one(&value, text, line);
    }
    line.push(b']');
}

/// One value of a property.
#[inline]
fn one(value: &FieldValue<'_>, text: &mut ValueText, line: &mut Vec<u8>) {
    match *value {
        FieldValue::Unsigned(number) => unsigned(number, line),
        FieldValue::Text(text) | FieldValue::Name { name: text, .. } => json_string(text, line),
        FieldValue::Signed(_) => text.write(value, line),
        FieldValue::Float(number) => float(number, None, line),
        FieldValue::Single(number) => float(number.into(), Some(number), line),
        FieldValue::Error(error) => self::error(&error, line),
        FieldValue::NotText(bytes) => {
            line.extend_from_slice(b"{\"hex\":\"");
            hex(bytes, line);
            line.extend_from_slice(b"\"}");
        }
        FieldValue::Bytes(_)
        | FieldValue::Shown { .. }
        | FieldValue::Hex { .. }
        | FieldValue::Hardware(_)
        | FieldValue::Address(_)
        | FieldValue::Endpoint(_)
        | FieldValue::Time(_)
        | FieldValue::Epoch(_) => {
            line.push(b'"');
            text.write(value, line);
            line.push(b'"');
        }
    }
}

/// The fields of one level as an object.
pub(super) fn object(message: &Message<'_>, fields: Siblings<'_>, out: &mut Vec<u8>) {
    out.push(b'{');
    members(message, fields, out);
    out.push(b'}');
}

/// What an anonymous record holds belongs to the record around it, as in C.
fn members(message: &Message<'_>, fields: Siblings<'_>, out: &mut Vec<u8>) {
    for (index, item) in fields {
        let name = message.node(item).map_or("", |node| &node.name);
        let field = message.value(item);
        if name.is_empty() && field == Value::Group {
            members(message, message.inner(index), out);
            continue;
        }
        key(name, out);
        value(message, index, item, field, out);
    }
}

/// One value with all that it holds.
pub(super) fn value(
    message: &Message<'_>,
    index: usize,
    item: &Item,
    value: Value<'_>,
    out: &mut Vec<u8>,
) {
    match value {
        Value::Unsigned(number) => unsigned(number, out),
        Value::Signed(number) => {
            out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
        }
        Value::Float(number) => float(number, item.single(number), out),
        Value::Name(text) | Value::Text(text) => json_string(text, out),
        Value::Bytes(bytes) => {
            let is_text = message
                .node(item)
                .is_some_and(|it| matches!(it.kind, FieldKind::Text | FieldKind::String));
            out.extend_from_slice(if is_text { b"{\"hex\":\"" } else { b"\"" });
            hex(bytes, out);
            out.extend_from_slice(if is_text { b"\"}" } else { b"\"" });
        }
        Value::Null => out.extend_from_slice(b"null"),
        // Nothing in it needs an escape, and writing to a vector does not fail.
        Value::Shown(shown) => _ = write!(out, "\"{shown}\""),
        Value::Group => object(message, message.inner(index), out),
        Value::List => list(message, index, out),
    }
}

fn list(message: &Message<'_>, index: usize, out: &mut Vec<u8>) {
    out.push(b'[');
    for (index, item) in message.inner(index) {
        separate(out);
        value(message, index, item, message.value(item), out);
    }
    out.push(b']');
}

/// The shortest digits that tell the number apart, at the width that it had on the wire.
fn float(number: f64, single: Option<f32>, out: &mut Vec<u8>) {
    if !number.is_finite() {
        let name: &[u8] = match number {
            f64::INFINITY => b"\"Infinity\"",
            f64::NEG_INFINITY => b"\"-Infinity\"",
            _ => b"\"NaN\"",
        };
        return out.extend_from_slice(name);
    }
    let mut digits = ryu::Buffer::new();
    let text = match single {
        Some(single) => digits.format_finite(single),
        None => digits.format_finite(number),
    };
    out.extend_from_slice(text.as_bytes());
}

fn error(error: &DecodeError<'_>, out: &mut Vec<u8>) {
    out.extend_from_slice(b"{\"offset\":");
    unsigned(error.offset as u64, out);
    key("context", out);
    json_string(error.context, out);
    key("kind", out);
    json_string(error.kind.as_str(), out);
    out.push(b'}');
}

fn unsigned(number: u64, out: &mut Vec<u8>) {
    out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
}

fn key(name: &str, out: &mut Vec<u8>) {
    separate(out);
    json_string(name, out);
    out.push(b':');
}

/// A comma, unless an object or a list has just begun.
fn separate(out: &mut Vec<u8>) {
    if !matches!(out.last(), None | Some(b'{' | b'[')) {
        out.push(b',');
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value as Json, json};

    use super::super::sample::{Sample, Tree, basic, error, varied};
    use super::*;
    use crate::packet::endpoint::tests::local;

    fn written(captured: &Captured<'_>) -> String {
        let mut out = Vec::new();
        JsonWriter::new().write(captured, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_message_is_an_object_on_a_line() {
        assert_eq!(
            written(&basic().captured()),
            concat!(
                r#"{"frame":4,"time":"2024-05-01T12:34:56.123456789Z","transport":"udp","#,
                r#""src":"127.0.0.1:40000","dst":"127.0.0.1:1989","stream":2,"#,
                r#""protocol":"grades","message":"msg_st","len":19,"#,
                r#""fields":{"name":"Alan","math":83,"chinese":86}}"#,
                "\n"
            )
        );
    }

    #[test]
    fn ends_need_no_address() {
        let sample = basic();
        let captured = Captured { src: local(7, 2), dst: local(7, 0), ..sample.captured() };
        let line = written(&captured);
        assert!(
            line.contains(r#""src":"channel:7/process:2","dst":"channel:7","stream""#),
            "{line}"
        );
    }

    #[test]
    fn every_kind_of_value_has_its_form() {
        let line = written(&varied().captured());
        let fields = concat!(
            r#""fields":{"kind":"DATA","odd":9,"raw":"dead","delta":-5,"ratio":0.1,"#,
            r#""point":{"x":1,"y":2},"score":[7,8],"note":"a\"b\u001b,\u009b"}}"#,
            "\n"
        );
        assert!(line.ends_with(fields), "{line}");
    }

    #[test]
    fn what_applies_is_added() {
        let sample = basic();
        let mut captured = sample.captured();
        captured.file = Some("a \"b\".pcap");
        captured.time = None;
        captured.src = "[::1]:1989".parse().unwrap();
        captured.message.candidates = &["grades", "dgram-var"];
        captured.message.trailing = 3;
        captured.message.ended_by_close = true;
        captured.message.error = Some(error());
        let line = written(&captured);
        let start = concat!(
            r#"{"file":"a \"b\".pcap","frame":4,"time":null,"transport":"udp","#,
            r#""src":"[::1]:1989","#
        );
        let end = concat!(
            r#""chinese":86},"candidates":["grades","dgram-var"],"trailing":3,"trailing_cut":3,"#,
            r#""ended_by":"close","error":{"offset":15,"context":"chinese","kind":"short"}}"#,
            "\n"
        );
        assert!(line.starts_with(start) && line.ends_with(end), "{line}");
    }

    #[test]
    fn an_anonymous_record_adds_no_level() {
        let inner = vec![("x".to_owned(), Tree::Unsigned(1, 1))];
        let fields = vec![
            (String::new(), Tree::Group(vec![])),
            (String::new(), Tree::Group(inner)),
            ("y".to_owned(), Tree::Unsigned(2, 1)),
        ];
        let line = written(&Sample::new(&fields).captured());
        assert!(line.ends_with("\"fields\":{\"x\":1,\"y\":2}}\n"), "{line}");
    }

    #[test]
    fn numbers_that_json_lacks_are_strings() {
        let sample = Sample::new(&[
            ("a".to_owned(), Tree::Float(f64::NAN)),
            ("b".to_owned(), Tree::Float(f64::INFINITY)),
            ("c".to_owned(), Tree::Single(f32::NEG_INFINITY)),
            ("d".to_owned(), Tree::Float(1e300)),
        ]);
        let line = written(&sample.captured());
        let fields = "{\"a\":\"NaN\",\"b\":\"Infinity\",\"c\":\"-Infinity\",\"d\":1e300}}\n";
        assert!(line.ends_with(fields), "{line}");
    }

    /// Says the same by other means: values through `serde_json`, text by its definition.
    fn reference(tree: &Tree) -> Json {
        let hex = |bytes: &[u8]| -> Json {
            bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>().into()
        };
        match tree {
            Tree::Unsigned(value, _) => json!(value),
            Tree::Signed(value) => json!(value),
            Tree::Enum(3) => json!("DATA"),
            Tree::Enum(value) => json!(value),
            Tree::Float(value) if value.is_finite() => json!(value),
            Tree::Single(value) if value.is_finite() => {
                serde_json::from_str(&value.to_string()).unwrap()
            }
            Tree::Float(_) | Tree::Single(_) | Tree::Hole(_) => json!(null),
            Tree::Bytes(bytes) => hex(bytes),
            Tree::Text(bytes) => {
                let head: Vec<u8> = bytes.iter().copied().take_while(|&byte| byte != 0).collect();
                String::from_utf8(head).map_or_else(|_| json!({"hex": hex(bytes)}), Json::from)
            }
            Tree::Group(fields) => {
                fields.iter().map(|(name, tree)| (name.clone(), reference(tree))).collect()
            }
            Tree::List(elements) => elements.iter().map(reference).collect(),
        }
    }

    fn name() -> impl Strategy<Value = String> {
        prop_oneof!["[a-z_][a-z0-9_]{0,8}", any::<String>()]
            .prop_filter("an anonymous record adds no level", |name| !name.is_empty())
    }

    fn bytes() -> impl Strategy<Value = Vec<u8>> {
        prop_oneof![
            proptest::collection::vec(any::<u8>(), 0..40),
            any::<String>().prop_map(String::into_bytes),
            "[\"\\\\\u{0}-\u{1f}\u{7f}-\u{9f}\u{2028}张a]{0,12}".prop_map(String::into_bytes),
        ]
    }

    fn fields(tree: impl Strategy<Value = Tree>) -> impl Strategy<Value = Vec<(String, Tree)>> {
        proptest::collection::btree_map(name(), tree, 0..6)
            .prop_map(|fields| fields.into_iter().collect())
    }

    fn tree() -> impl Strategy<Value = Tree> {
        let finite = || any::<f64>().prop_filter("JSON has none", |value| value.is_finite());
        let leaf = prop_oneof![
            any::<u64>().prop_map(|value| Tree::Unsigned(value, 8)),
            any::<i64>().prop_map(Tree::Signed),
            finite().prop_map(Tree::Float),
            (-1000i16..1000).prop_map(|value| Tree::Single(f32::from(value) / 8.0)),
            (0u64..6).prop_map(Tree::Enum),
            bytes().prop_map(Tree::Text),
            bytes().prop_map(Tree::Bytes),
        ];
        leaf.prop_recursive(3, 24, 5, |inner| {
            prop_oneof![
                fields(inner.clone()).prop_map(Tree::Group),
                proptest::collection::vec(inner, 0..5).prop_map(Tree::List),
            ]
        })
    }

    /// Numbers by their text: `0.0` and `-5` by what is written, 1e3 and 1000.0 alike.
    fn same(ours: &Json, theirs: &Json) -> bool {
        match (ours, theirs) {
            (Json::Number(a), Json::Number(b)) => a == b || a.as_f64() == b.as_f64(),
            (Json::Array(a), Json::Array(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
            }
            (Json::Object(a), Json::Object(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|((m, a), (n, b))| m == n && same(a, b))
            }
            (a, b) => a == b,
        }
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(fields in fields(tree()), file in any::<String>()) {
            let sample = Sample::new(&fields);
            let mut captured = sample.captured();
            captured.file = Some(&file);
            let line = written(&captured);
            prop_assert_eq!(line.matches('\n').count(), 1);
            let read: Json = serde_json::from_str(&line).unwrap();
            prop_assert_eq!(&read["file"], &Json::from(file.as_str()));
            let expected: Json = serde_json::from_str(
                &reference(&Tree::Group(fields)).to_string()
            ).unwrap();
            prop_assert!(same(&read["fields"], &expected), "{}\n{}", line, expected);
        }
    }
}
