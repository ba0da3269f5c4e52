//! The fields of HTTP messages as items of a table that all messages share.

use std::ops::Range;
use std::sync::LazyLock;

use super::framing;
use super::head::{Field, Head, Start};
use crate::message::{self, Between, FieldKind, FieldTable, Item, Message, Node, Scalar};

const METHOD: u32 = 0;
const TARGET: u32 = 1;
const VERSION: u32 = 2;
const STATUS: u32 = 3;
const REASON: u32 = 4;
const HEADERS: u32 = 5;
const HEADER: u32 = 6;
const HEADER_PART: u32 = 7;
const BODY: u32 = 8;
const BODY_LEN: u32 = 9;
const BODY_SHA256: u32 = 10;
const TRAILERS: u32 = 11;
const TRAILER: u32 = 12;
const TRAILER_PART: u32 = 13;

static TABLE: LazyLock<FieldTable> = LazyLock::new(|| {
    let node = |name: &str, path: &str, kind| Node::new(name, path, kind);
    FieldTable {
        nodes: vec![
            node("method", "method", FieldKind::Text),
            node("target", "target", FieldKind::Text),
            node("version", "version", FieldKind::Text),
            node("status", "status", FieldKind::Number),
            node("reason", "reason", FieldKind::Text),
            node("headers", "headers", FieldKind::List),
            node("", "headers", FieldKind::List),
            node("", "headers", FieldKind::Text),
            node("body", "body", FieldKind::Group),
            node("len", "body.len", FieldKind::Number),
            node("sha256", "body.sha256", FieldKind::Text),
            node("trailers", "trailers", FieldKind::List),
            node("", "trailers", FieldKind::List),
            node("", "trailers", FieldKind::Text),
        ],
        between: Between::Delimiters,
    }
});

/// The fields that an HTTP message can have: `method`, `target`, `version`, `status`, `reason`,
/// `headers` (a list of lists of a name and a value), `body` (`len`, `sha256`), `trailers`.
pub fn table() -> &'static FieldTable {
    &TABLE
}

/// What HTTP messages may be: the name of each kind, and the fields that it has. These tables are
/// for looking up names; items index [`table`].
pub fn messages() -> [(&'static str, &'static FieldTable); 2] {
    [("request", &REQUEST), ("response", &RESPONSE)]
}

static REQUEST: LazyLock<FieldTable> = LazyLock::new(|| without(&[STATUS, REASON]));
static RESPONSE: LazyLock<FieldTable> = LazyLock::new(|| without(&[METHOD, TARGET]));

fn without(others: &[u32]) -> FieldTable {
    let nodes = (0..).zip(&TABLE.nodes).filter(|(index, _)| !others.contains(index));
    FieldTable {
        nodes: nodes.map(|(_, node)| node.clone()).collect(),
        between: Between::Delimiters,
    }
}

/// The values of the headers of that name, in any case.
pub fn header_values<'m>(message: &Message<'m>, name: &'m str) -> impl Iterator<Item = &'m [u8]> {
    let Message { items, bytes, .. } = *message;
    let is_http = std::ptr::eq(message.table, table());
    items.windows(3).filter(move |_| is_http).filter_map(move |window| {
        let [pair, key, value] = window else { return None };
        let text = |item: &Item| item.bytes_in(bytes);
        let is_it = pair.node == HEADER && text(key)?.eq_ignore_ascii_case(name.as_bytes());
        if is_it { text(value) } else { None }
    })
}

/// The method of a request.
pub fn method<'m>(message: &Message<'m>) -> Option<&'m [u8]> {
    bytes_of(message, METHOD)
}

/// The target of a request.
pub fn target<'m>(message: &Message<'m>) -> Option<&'m [u8]> {
    bytes_of(message, TARGET)
}

/// The version of a message, such as `0.9`.
pub fn version<'m>(message: &Message<'m>) -> Option<&'m [u8]> {
    bytes_of(message, VERSION)
}

/// The status of a response; none where it answers a request of HTTP/0.9.
pub fn status(message: &Message<'_>) -> Option<u16> {
    let item = message.items.iter().find(|it| it.node == STATUS)?;
    match item.scalar {
        Scalar::Unsigned(status) if is_http(message) => u16::try_from(status).ok(),
        _ => None,
    }
}

/// Whether it is a response that a final one follows (RFC 9110 section 15.2). One that switches
/// protocols is final.
pub fn is_interim(message: &Message<'_>) -> bool {
    status(message).is_some_and(framing::is_interim)
}

/// Whether it is a message of HTTP.
pub fn is_http(message: &Message<'_>) -> bool {
    std::ptr::eq(message.table, table())
}

fn bytes_of<'m>(message: &Message<'m>, node: u32) -> Option<&'m [u8]> {
    let item = message.items.iter().find(|it| it.node == node)?;
    is_http(message).then(|| message.bytes_of(item))
}

/// Fills `items`, in the order of the output.
pub(super) struct Items<'i>(message::Items<'i>);

impl<'i> Items<'i> {
    pub fn new(items: &'i mut Vec<Item>) -> Self {
        items.clear();
        Self(message::Items(items))
    }

    /// What stands before the headers.
    pub fn start(&mut self, head: &Head) {
        match &head.start {
            Start::Request { method, target } => {
                self.part(METHOD, method);
                self.part(TARGET, target);
                self.part(VERSION, &head.version);
            }
            Start::Response { status, digits, reason } => {
                self.part(VERSION, &head.version);
                if !digits.is_empty() {
                    self.number(STATUS, (*status).into(), digits);
                }
                self.0.span(REASON, reason);
            }
        }
    }

    /// The start of a request without a version (HTTP/0.9).
    pub fn simple_request(&mut self, method: &Range<usize>, target: &Range<usize>) {
        self.0.span(METHOD, method);
        self.0.span(TARGET, target);
    }

    /// The version of such a request, and of its answer, which has no other start: no message
    /// says it.
    pub fn version(&mut self, version: &Range<usize>) {
        self.0.computed_text(VERSION, version);
    }

    pub fn headers(&mut self, fields: &[Field]) {
        self.list(HEADERS, HEADER, HEADER_PART, fields);
    }

    pub fn trailers(&mut self, fields: &[Field]) {
        if !fields.is_empty() {
            self.list(TRAILERS, TRAILER, TRAILER_PART, fields);
        }
    }

    /// The body: its length, and where its digest stands among what is computed.
    pub fn body(&mut self, len: u64, sha256: Option<&Range<usize>>) {
        let body = self.0.open(BODY);
        self.0.computed(BODY_LEN, len);
        if let Some(sha256) = sha256 {
            self.0.computed_text(BODY_SHA256, sha256);
        }
        self.0.close_computed(body);
    }

    fn list(&mut self, list: u32, element: u32, part: u32, fields: &[Field]) {
        let index = self.0.open(list);
        for field in fields {
            let pair = self.0.open(element);
            self.0.span(part, &field.name);
            self.0.span(part, &field.value);
            self.0.close(pair, &(field.name.start..field.value.end));
        }
        let end = fields.last().map_or(0, |it| it.value.end);
        let start = fields.first().map_or(0, |it| it.name.start);
        self.0.close(index, &(start..end));
    }

    /// A part of the start line, unless a malformed one lacks it.
    fn part(&mut self, node: u32, range: &Range<usize>) {
        if !range.is_empty() {
            self.0.span(node, range);
        }
    }

    fn number(&mut self, node: u32, value: u64, range: &Range<usize>) {
        self.0.scalar(node, range, Scalar::Unsigned(value));
    }
}
