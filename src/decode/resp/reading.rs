//! The message under way as items: lines and strings in, one after the other.
//!
//! Aggregates nest up to [`MAX_DEPTH`]; a message lists up to [`MAX_ITEMS`] items, and what is
//! beyond them is read without being listed.

use std::ops::Range;

use super::fields::{self, Nesting, Shape};
use super::header::{self, Header, Kind, LineFault};
use crate::flow::Side;
use crate::message::Items;
use crate::message::{ErrorKind, Item, Scalar};

/// Aggregates within each other.
pub const MAX_DEPTH: usize = 32;

/// Items of one message that are listed.
pub const MAX_ITEMS: usize = 1 << 15;

/// Words of an inline command that are told apart; the rest is one.
const MAX_WORDS: usize = 256;

/// Room for items that is kept for the next message.
const KEPT_ITEMS: usize = 256;

/// What comes next.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) enum Next {
    /// A line.
    #[default]
    Line,
    /// A string of so many bytes, and CRLF.
    String(u64),
    /// Nothing: the message is complete.
    Done,
}

/// What is known of a message.
#[derive(Clone, Debug, Default)]
pub(super) struct Reading {
    pub items: Vec<Item>,
    pub next: Next,
    /// What the reply is, once its own line was read.
    pub kind: Option<Kind>,
    /// No more is listed.
    pub is_thin: bool,
    levels: Vec<Level>,
}

/// An aggregate that is not complete.
#[derive(Clone, Copy, Debug)]
struct Level {
    /// Its item, if it is listed.
    index: Option<usize>,
    /// Where its elements begin.
    start: usize,
    /// Elements to come, or pairs.
    left: u64,
    is_map: bool,
    /// It is no value of its own.
    is_attribute: bool,
    /// It is an attribute of an element, or within one: these are not listed.
    is_hidden: bool,
    place: Nesting,
}

impl Reading {
    /// Another message begins.
    pub fn clear(&mut self) {
        self.items.clear();
        self.items.shrink_to(KEPT_ITEMS);
        self.levels.clear();
        self.next = Next::Line;
        self.kind = None;
        self.is_thin = false;
    }

    /// Nothing of the message is known yet.
    pub fn is_at_start(&self) -> bool {
        self.items.is_empty() && self.levels.is_empty() && self.kind.is_none()
    }

    /// As many items are listed as may be.
    pub fn is_full(&self) -> bool {
        self.items.len() >= MAX_ITEMS
    }

    /// Takes a line of the message that `bytes` begins with.
    pub fn line(&mut self, side: Side, bytes: &[u8], line: Range<usize>) -> Result<(), LineFault> {
        let text = bytes.get(line.clone()).unwrap_or_default();
        match side {
            Side::Server => {
                let (kind, header) = header::read(text).inspect_err(|_| self.sign(text))?;
                self.value(kind, header, line)
            }
            Side::Client if self.levels.is_empty() && !text.starts_with(b"*") => {
                self.inline(text, line.start)
            }
            Side::Client => self.of_command(text, line),
        }
    }

    /// Takes a string: where its bytes are kept, behind which `end` is the next line.
    pub fn string(&mut self, side: Side, range: &Range<usize>, end: usize) {
        match side {
            Side::Server => self.scalar(Shape::Text, range, Scalar::Span),
            Side::Client if self.is_thin => {}
            Side::Client => {
                let args = fields::word(&mut self.items, range);
                if let (Some(args), Some(level)) = (args, self.levels.last_mut()) {
                    level.index = Some(args);
                }
            }
        }
        self.value_is_complete(end);
    }

    /// The message will not be complete: what is listed of it ends at `end`.
    pub fn abandon(&mut self, end: usize) {
        while let Some(level) = self.levels.pop() {
            self.close(level, end);
        }
    }

    /// A line that cannot be read is at least a reply of the kind that its sign tells.
    fn sign(&mut self, line: &[u8]) {
        let kind = line.first().and_then(|it| Kind::of(*it));
        if let Some(kind) = kind.filter(|_| self.is_at_start()) {
            self.kind = Some(kind);
            fields::kind(&mut self.items, kind, 0);
        }
    }

    /// A line of a command: the number of its words, or the length of one.
    fn of_command(&mut self, text: &[u8], line: Range<usize>) -> Result<(), LineFault> {
        let is_first = self.levels.is_empty();
        match (header::read(text)?, is_first) {
            ((Kind::Array, Header::Null | Header::Values(0)), true) => self.next = Next::Done,
            ((Kind::Array, Header::Values(left)), true) => {
                let start = line.end;
                self.levels.push(Level { index: None, start, left, ..Level::of(Nesting::Top) });
            }
            ((Kind::Bulk, Header::Bytes(len)), false) => self.next = Next::String(len),
            _ => {
                return Err(LineFault {
                    offset: 0,
                    context: "argument",
                    kind: ErrorKind::Malformed,
                });
            }
        }
        Ok(())
    }

    /// A command in one line, its words apart by white space.
    fn inline(&mut self, text: &[u8], start: usize) -> Result<(), LineFault> {
        let context = "inline command";
        let is_text = text.iter().all(|it| !it.is_ascii_control() || b"\t\r\n".contains(it));
        is_text.then_some(()).ok_or(LineFault {
            offset: 0,
            context,
            kind: ErrorKind::Malformed,
        })?;
        let mut args = None;
        let mut end = start;
        for word in words(text, MAX_WORDS) {
            let range = start.saturating_add(word.start)..start.saturating_add(word.end);
            end = range.end;
            args = args.or(fields::word(&mut self.items, &range));
        }
        if let Some(args) = args {
            Items(&mut self.items).close(args, &(start..end));
        }
        self.next = Next::Done;
        Ok(())
    }

    fn value(&mut self, kind: Kind, header: Header, line: Range<usize>) -> Result<(), LineFault> {
        if self.levels.is_empty() && kind != Kind::Attribute {
            let kind = if header == Header::Null { Kind::Null } else { kind };
            self.kind = Some(kind);
            if !self.is_thin {
                fields::kind(&mut self.items, kind, line.start);
            }
        }
        let inside = line.start.saturating_add(1)..line.end.saturating_sub(2);
        match header {
            Header::Text(range) => {
                let from = line.start;
                let range = from.saturating_add(range.start)..from.saturating_add(range.end);
                self.scalar(Shape::Text, &range, Scalar::Span);
            }
            Header::Integer(it) => self.scalar(Shape::Number, &inside, Scalar::Signed(it)),
            Header::Double(it) => self.scalar(Shape::Number, &inside, Scalar::Float(it)),
            Header::Boolean(it) => {
                self.scalar(Shape::Boolean, &inside, Scalar::Unsigned(it.into()));
            }
            Header::Null => self.scalar(Shape::Null, &inside, Scalar::Null),
            Header::Bytes(len) => {
                self.next = Next::String(len);
                return Ok(());
            }
            Header::Values(left) => return self.aggregate(kind, left, line),
        }
        self.value_is_complete(line.end);
        Ok(())
    }

    fn aggregate(&mut self, kind: Kind, left: u64, line: Range<usize>) -> Result<(), LineFault> {
        let depth = self.levels.iter().filter(|it| !it.is_map).count();
        if depth >= MAX_DEPTH {
            let context = "aggregates within each other";
            return Err(LineFault { offset: 0, context, kind: ErrorKind::Limit });
        }
        let is_attribute = kind == Kind::Attribute;
        let outer = self.levels.last();
        let is_hidden = outer.is_some_and(|it| it.is_hidden || is_attribute);
        let place = outer.map_or(Nesting::Top, |it| it.place);
        let inner = match place {
            _ if is_attribute => Nesting::Attribute,
            Nesting::Top => Nesting::Element,
            place => place,
        };
        let index = (!self.is_thin && !is_hidden).then(|| match is_attribute {
            true => fields::open_attributes(&mut self.items),
            false => fields::open(&mut self.items, place),
        });
        let is_map = matches!(kind, Kind::Map | Kind::Attribute);
        let start = line.end;
        let level = Level { index, start, left, is_map, is_attribute, is_hidden, place: inner };
        if left == 0 {
            self.close(level, start);
            if !is_attribute {
                self.value_is_complete(start);
            }
            return Ok(());
        }
        self.levels.push(level);
        if is_map {
            self.open_pair(start);
        }
        Ok(())
    }

    fn open_pair(&mut self, start: usize) {
        let Some(Level { is_hidden, place, .. }) = self.levels.last().copied() else { return };
        let is_listed = !self.is_thin && !is_hidden;
        let index = is_listed.then(|| fields::open(&mut self.items, place));
        self.levels.push(Level { index, start, left: 2, is_hidden, ..Level::of(place) });
    }

    /// A value ends at `end`, and with it each aggregate whose last one it is.
    fn value_is_complete(&mut self, end: usize) {
        self.next = Next::Line;
        loop {
            let Some(level) = self.levels.last_mut() else {
                self.next = Next::Done;
                return;
            };
            level.left = level.left.saturating_sub(1);
            if level.left > 0 {
                if level.is_map {
                    self.open_pair(end);
                }
                return;
            }
            let Some(level) = self.levels.pop() else { return };
            self.close(level, end);
            if level.is_attribute {
                // The value that it belongs to follows.
                return;
            }
        }
    }

    fn close(&mut self, level: Level, end: usize) {
        if let Some(index) = level.index {
            Items(&mut self.items).close(index, &(level.start..end.max(level.start)));
        }
    }

    fn scalar(&mut self, shape: Shape, range: &Range<usize>, scalar: Scalar) {
        let level = self.levels.last();
        if !self.is_thin && !level.is_some_and(|it| it.is_hidden) {
            let place = level.map_or(Nesting::Top, |it| it.place);
            fields::scalar(&mut self.items, (place, shape), range, scalar);
        }
    }
}

impl Level {
    fn of(place: Nesting) -> Self {
        let (is_map, is_attribute, is_hidden) = (false, false, false);
        Self { index: None, start: 0, left: 0, is_map, is_attribute, is_hidden, place }
    }
}

/// Where the words of a line are; beyond `most` the rest is one.
pub(in crate::decode) fn words(line: &[u8], most: usize) -> impl Iterator<Item = Range<usize>> {
    let mut at = 0_usize;
    let mut count = 0_usize;
    std::iter::from_fn(move || {
        let rest = line.get(at..)?;
        let start = at.saturating_add(rest.iter().position(|it| !is_space(*it))?);
        let word = line.get(start..).unwrap_or_default();
        count = count.saturating_add(1);
        let len = if count < most {
            word.iter().position(|it| is_space(*it)).unwrap_or(word.len())
        } else {
            word.iter().rposition(|it| !is_space(*it)).map_or(0, |last| last.saturating_add(1))
        };
        at = start.saturating_add(len);
        Some(start..at)
    })
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_apart_by_white_space_up_to_the_bound() {
        let of = |line: &'static str, most| -> Vec<&str> {
            words(line.as_bytes(), most).map(|it| &line[it]).collect()
        };
        assert_eq!(of("get  a\tb\r\n", 9), ["get", "a", "b"]);
        assert_eq!(of(" a b c d \r\n", 3), ["a", "b", "c d"]);
        assert_eq!(of("a b c", 3), ["a", "b", "c"]);
        assert!(of(" \r\n", 3).is_empty());
        assert!(of("", 3).is_empty());
    }
}
