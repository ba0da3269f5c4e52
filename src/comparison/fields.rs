//! Two messages of one layout, field by field.

use super::unequal::{MAX_TEXT, Unequal, cut};
use std::fmt::Write;

use super::bytes::byte_run;
use super::criteria::{Criteria, Field, is_same};
use super::difference::MAX_OF_ANSWER;
use crate::decode::lines;
use crate::message::{Item, Message, Scalar, Shown, Value};

struct Walk<'w, 'm> {
    criteria: &'w Criteria,
    expected: &'w Message<'m>,
    actual: &'w Message<'m>,
    found: Vec<Unequal>,
}

/// An item with its index, if there is one.
type Indexed<'m> = Option<(usize, &'m Item)>;

/// Compares messages whose items are of the same table.
pub(super) fn compare(
    criteria: &Criteria,
    expected: &Message<'_>,
    actual: &Message<'_>,
) -> Vec<Unequal> {
    let has_same_end =
        expected.ended_by_close == actual.ended_by_close && expected.error == actual.error;
    let has_same_text = expected.bytes == actual.bytes
        && expected.computed() == actual.computed()
        && expected.trailing == actual.trailing;
    if has_same_end && has_same_text {
        return Vec::new();
    }
    let mut walk = Walk { criteria, expected, actual, found: Vec::new() };
    walk.level([None, None], "", false);
    walk.remarks();
    // Where the same field could not be read in both, what stands there has yet to be compared.
    if expected.error.is_some() && walk.found.is_empty() {
        let unlike = byte_run::unlike(&criteria.sieve, expected.bytes, actual.bytes);
        walk.found.extend(unlike.into_iter().take(MAX_OF_ANSWER).map(Unequal::from));
    }
    walk.found
}

/// Compares whether they could be read.
pub(super) fn compare_error(expected: &Message<'_>, actual: &Message<'_>) -> Vec<Unequal> {
    if expected.error.is_some() == actual.error.is_some() {
        return Vec::new();
    }
    let [expected, actual] = [expected, actual].map(|it| it.error.map(|error| error.to_string()));
    vec![Unequal { field: "error".to_owned(), expected, actual }]
}

impl<'m> Walk<'_, 'm> {
    /// What two groups or lists hold; `None` is the message itself.
    fn level(&mut self, outer: [Option<usize>; 2], path: &str, is_list: bool) {
        let [expected, actual] = outer;
        let inner = |message: &Message<'m>, index: Option<usize>| match index {
            Some(index) => message.inner(index),
            None => message.top(),
        };
        let mut expected = inner(self.expected, expected);
        let mut actual = inner(self.actual, actual);
        for index in 0_usize.. {
            let (one, other) = (expected.next(), actual.next());
            if (one.is_none() && other.is_none()) || self.found.len() >= MAX_OF_ANSWER {
                return;
            }
            if is_list && (one.is_none() || other.is_none()) {
                let count = |more: usize| format!("{} elements", index.saturating_add(more));
                let rest = usize::from(one.is_some() || other.is_some());
                let more = rest.saturating_add(expected.count()).saturating_add(actual.count());
                let lens = if one.is_some() { [more, 0] } else { [0, more] };
                let node = one.or(other).and_then(|(_, item)| self.expected.node(item));
                let inner = node.map_or(path, |node| &node.path);
                return self.differ(inner, path, lens.map(|it| Some(count(it))));
            }
            let element = is_list.then_some(index);
            self.pair(one, other, path, element);
        }
    }

    fn pair(&mut self, one: Indexed<'m>, other: Indexed<'m>, outer: &str, element: Option<usize>) {
        let Some(node) = one.or(other).and_then(|(_, item)| self.expected.node(item)) else {
            return;
        };
        let path = match element {
            Some(index) => format!("{outer}[{index}]"),
            None if node.name.is_empty() => outer.to_owned(),
            None if outer.is_empty() => node.name.clone(),
            None => format!("{outer}.{}", node.name),
        };
        match (one, other) {
            (Some((at, expected)), Some((to, actual))) if expected.node == actual.node => {
                match (self.expected.value(expected), self.actual.value(actual)) {
                    (Value::Group, Value::Group) => self.level([Some(at), Some(to)], &path, false),
                    (Value::Shown(one), Value::Shown(another))
                        if expected.scalar == Scalar::Nested =>
                    {
                        self.shown([(at, one), (to, another)], &node.path, &path);
                    }
                    (Value::List, Value::List) => self.level([Some(at), Some(to)], &path, true),
                    _ => self.scalars(&node.path, &path, expected, actual),
                }
            }
            _ => {
                let expected = one.map(|(at, item)| self::text(self.expected, at, item));
                let actual = other.map(|(at, item)| self::text(self.actual, at, item));
                self.differ(&node.path, &path, [expected, actual]);
            }
        }
    }

    /// Groups that are written as one: where what is in them differs, they differ as they are written, or,
    /// where that is the same, in what is in them.
    fn shown(&mut self, [one, other]: [(usize, Shown<'_>); 2], path: &str, indexed: &str) {
        let before = self.found.len();
        self.level([Some(one.0), Some(other.0)], indexed, false);
        if self.found.len() > before && one.1 != other.1 {
            self.found.truncate(before);
            let texts = [one.1, other.1].map(|it| Some(it.to_string()));
            self.differ(path, indexed, texts);
        }
    }

    fn scalars(&mut self, path: &str, indexed: &str, expected: &Item, actual: &Item) {
        let (one, other) = ((self.expected, expected), (self.actual, actual));
        if is_same(one, other) || lines::differ_in_words([one, other]) {
            return;
        }
        let field = self.field(path, indexed);
        let (one, other) = (self.expected.value(expected), self.actual.value(actual));
        let is_sieved = bytes(self.expected, expected).zip(bytes(self.actual, actual));
        let is_sieved =
            is_sieved.is_some_and(|(one, other)| self.criteria.sieve.is_same(one, other));
        let numbers = (self.expected.number(expected), self.actual.number(actual));
        if !is_sieved && !self.criteria.tolerates(field, numbers.0, numbers.1) {
            let (expected, actual) = (scalar(one, expected), scalar(other, actual));
            self.differ(path, indexed, [Some(expected), Some(actual)]);
        }
    }

    /// What is said of the messages as a whole.
    fn remarks(&mut self) {
        let (expected, actual) = (self.expected, self.actual);
        let trailing = |it: &Message<'_>| Some(format!("{} bytes left over", it.trailing));
        if expected.trailing != actual.trailing {
            self.differ("trailing", "trailing", [trailing(expected), trailing(actual)]);
        }
        let ended = |it: &Message<'_>| it.ended_by_close.then(|| "close".to_owned());
        if expected.ended_by_close != actual.ended_by_close {
            self.differ("ended_by", "ended_by", [ended(expected), ended(actual)]);
        }
        if expected.error != actual.error {
            let error = |it: &Message<'_>| it.error.map(|error| error.to_string());
            self.differ("error", "error", [error(expected), error(actual)]);
        }
    }

    fn differ(&mut self, path: &str, indexed: &str, [expected, actual]: [Option<String>; 2]) {
        if !self.criteria.ignores(self.field(path, indexed)) {
            self.found.push(Unequal { field: indexed.to_owned(), expected, actual });
        }
    }

    fn field<'f>(&'f self, path: &'f str, indexed: &'f str) -> Field<'f> {
        let Message { protocol, name, .. } = self.actual;
        Field { protocol, message: name, path, indexed }
    }
}

/// A field's value as the JSON of a message has it, strings without quotes.
fn text(message: &Message<'_>, index: usize, item: &Item) -> String {
    match message.value(item) {
        Value::Group | Value::List => {
            let mut out = String::new();
            nested(message, index, item, &mut out);
            cut(&out)
        }
        value => scalar(value, item),
    }
}

fn nested(message: &Message<'_>, index: usize, item: &Item, out: &mut String) {
    let is_list = match message.value(item) {
        Value::List => true,
        Value::Group => false,
        value @ (Value::Text(_) | Value::Name(_) | Value::Bytes(_) | Value::Shown(_)) => {
            _ = write!(out, "{:?}", scalar(value, item));
            return;
        }
        value => return out.push_str(&scalar(value, item)),
    };
    out.push(if is_list { '[' } else { '{' });
    for (at, (index, item)) in message.inner(index).enumerate() {
        // No more is shown.
        if out.len() > MAX_TEXT {
            break;
        }
        if at > 0 {
            out.push(',');
        }
        let name = message.node(item).map_or("", |node| &node.name);
        if !is_list && !name.is_empty() {
            _ = write!(out, "{name:?}:");
        }
        nested(message, index, item, out);
    }
    out.push(if is_list { ']' } else { '}' });
}

/// The bytes of text, and of what is no number.
fn bytes<'m>(message: &Message<'m>, item: &Item) -> Option<&'m [u8]> {
    match message.value(item) {
        Value::Text(text) => Some(text.as_bytes()),
        Value::Bytes(bytes) => Some(bytes),
        Value::Shown(_) if item.scalar == Scalar::Span => Some(message.bytes_of(item)),
        _ => None,
    }
}

fn scalar(value: Value<'_>, item: &Item) -> String {
    match value {
        Value::Unsigned(number) => number.to_string(),
        Value::Signed(number) => number.to_string(),
        Value::Float(number) => match item.single(number) {
            Some(single) => format!("{single:?}"),
            None => format!("{number:?}"),
        },
        Value::Name(text) | Value::Text(text) => cut(text),
        Value::Bytes(bytes) => {
            let shown = bytes.get(..MAX_TEXT / 2).unwrap_or(bytes);
            let mut hex: String = shown.iter().map(|byte| format!("{byte:02x}")).collect();
            if shown.len() < bytes.len() {
                hex.push('…');
            }
            hex
        }
        Value::Shown(shown) => shown.to_string(),
        Value::Null => "null".to_owned(),
        Value::Group | Value::List => String::new(),
    }
}
