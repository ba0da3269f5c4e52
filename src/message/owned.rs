//! A message that borrows nothing: to be kept, sent to another thread, compared.

use std::fmt;

use super::apart::Apart;
use super::captured::Captured;
use super::error::{DecodeError, ErrorKind};
use super::field_view::{self, FieldView};
use super::marks::Marks;
use super::message::{FieldTable, Item, Message, Request};
use crate::capture::Timestamp;
use crate::packet::{Endpoint, StreamId, Transport};

/// A copy of a [`Message`]. Two are equal where all that is said of them and of their fields is.
///
/// Only the names of the fields that it has are copied, but these with every message: to keep very
/// many, keep their values.
///
/// ```
/// use wirereel::decode::live::Live;
/// use wirereel::message::OwnedMessage;
/// use wirereel::profile::{Options, Protocols};
///
/// let protocols = Protocols::load(&Options { builtin: true, ..Options::default() })?;
/// let mut live = Live::new(&protocols, false)?;
/// let (client, server) = ("10.0.0.1:40000".parse()?, "10.0.0.2:1989".parse()?);
/// let mut kept: Vec<OwnedMessage> = Vec::new();
/// let payload = b"Alan\0\0\0\0\0\0\0\0\0\0S\0\0\0V";
/// live.datagram(client, server, payload, &mut |message| kept.push(message.into()));
///
/// let [message] = &kept[..] else { panic!("{kept:?}") };
/// assert_eq!(message.get("name").and_then(|it| it.as_str()), Some("Alan"));
/// assert_eq!(message.get("chinese").and_then(|it| it.as_u64()), Some(86));
/// assert_eq!(
///     format!("{message:?}"),
///     r#"msg_st { protocol: "dgram-basic", len: 19, fields: {name: "Alan", math: 83, chinese: 86} }"#
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq)]
pub struct OwnedMessage {
    parts: Parts,
    table: FieldTable,
    candidates: Vec<String>,
}

/// A copy of a [`Captured`].
#[derive(Clone, Debug, PartialEq)]
pub struct OwnedCaptured {
    /// As [`Captured::file`].
    pub file: Option<String>,
    /// As [`Captured::frame`].
    pub frame: u64,
    /// As [`Captured::time`].
    pub time: Option<Timestamp>,
    /// As [`Captured::transport`].
    pub transport: Transport,
    /// As [`Captured::src`].
    pub src: Endpoint,
    /// As [`Captured::dst`].
    pub dst: Endpoint,
    /// As [`Captured::stream`].
    pub stream: StreamId,
    /// As [`Captured::frame_offset`].
    pub frame_offset: Option<usize>,
    /// What was decoded.
    pub message: OwnedMessage,
}

/// What is copied of a message whose fields are named by another's table. Its memory can be filled
/// again.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Parts {
    pub protocol: String,
    pub name: String,
    pub items: Vec<Item>,
    pub bytes: Vec<u8>,
    apart: Apart,
    len: usize,
    trailing: usize,
    ended_by_close: bool,
    marks: Marks,
    /// Method, target and host.
    request: Option<[String; 3]>,
    pair: Option<u64>,
    error: Option<(usize, String, ErrorKind)>,
}

impl OwnedMessage {
    /// The field at a path, as [`Message::get`] has it.
    pub fn get(&self, path: &str) -> Option<FieldView<'_>> {
        self.parts.message(&self.table).get(path)
    }

    /// Lends it as the message that it was, to be printed, filtered or encoded.
    pub fn with<R>(&self, take: impl FnOnce(&Message<'_>) -> R) -> R {
        let candidates: Vec<&str> = self.candidates.iter().map(String::as_str).collect();
        take(&Message { candidates: &candidates, ..self.parts.message(&self.table) })
    }
}

impl OwnedCaptured {
    /// Lends it as it was captured.
    pub fn with<R>(&self, take: impl FnOnce(&Captured<'_>) -> R) -> R {
        self.message.with(|message| {
            take(&Captured {
                file: self.file.as_deref(),
                frame: self.frame,
                time: self.time,
                transport: self.transport,
                src: self.src,
                dst: self.dst,
                stream: self.stream,
                frame_offset: self.frame_offset,
                carrier: None,
                message: *message,
            })
        })
    }
}

impl From<&Message<'_>> for OwnedMessage {
    fn from(message: &Message<'_>) -> Self {
        let mut parts = Parts::default();
        parts.fill(message);
        let table = used(message.table, &mut parts.items);
        let candidates = message.candidates.iter().map(|&it| it.to_owned()).collect();
        Self { parts, table, candidates }
    }
}

impl From<&Captured<'_>> for OwnedCaptured {
    fn from(captured: &Captured<'_>) -> Self {
        Self {
            file: captured.file.map(str::to_owned),
            frame: captured.frame,
            time: captured.time,
            transport: captured.transport,
            src: captured.src,
            dst: captured.dst,
            stream: captured.stream,
            frame_offset: captured.frame_offset,
            message: (&captured.message).into(),
        }
    }
}

/// The part of a table that these items name, in their order; they name it anew.
fn used(table: &FieldTable, items: &mut [Item]) -> FieldTable {
    let mut found = FieldTable { nodes: Vec::new(), between: table.between };
    let mut numbers = vec![None; table.nodes.len()];
    for item in items {
        let index = item.node as usize;
        // An item that names nothing goes on doing so.
        item.node = u32::MAX;
        if let (Some(number), Some(node)) = (numbers.get_mut(index), table.nodes.get(index)) {
            item.node = *number.get_or_insert_with(|| {
                found.nodes.push(node.clone());
                u32::try_from(found.nodes.len().saturating_sub(1)).unwrap_or(u32::MAX)
            });
        }
    }
    found
}

impl Parts {
    /// Bytes of the texts that were computed.
    #[cfg(feature = "comparison")]
    pub fn computed_len(&self) -> usize {
        self.apart.computed.len()
    }

    /// Copies a message.
    pub fn fill(&mut self, message: &Message<'_>) {
        set(&mut self.protocol, message.protocol);
        set(&mut self.name, message.name);
        self.items.clear();
        self.items.extend_from_slice(message.items);
        self.bytes.clear();
        self.bytes.extend_from_slice(message.bytes);
        self.apart.clear();
        if let Some(apart) = message.apart {
            self.apart.computed.push_str(&apart.computed);
            self.apart.omitted.extend_from_slice(&apart.omitted);
        }
        self.len = message.len;
        self.trailing = message.trailing;
        self.ended_by_close = message.ended_by_close;
        self.marks = message.marks;
        self.request = message.request.map(|it| [it.method, it.target, it.host].map(str::to_owned));
        self.pair = message.pair;
        self.error = message.error.map(|it| (it.offset, it.context.to_owned(), it.kind));
    }

    /// The message; `table` is the one that it was filled with, or that of one of the same kind.
    pub fn message<'a>(&'a self, table: &'a FieldTable) -> Message<'a> {
        let request = self.request.as_ref();
        let error = self.error.as_ref();
        Message {
            protocol: &self.protocol,
            name: &self.name,
            table,
            items: &self.items,
            bytes: &self.bytes,
            apart: Some(&self.apart),
            len: self.len,
            trailing: self.trailing,
            candidates: &[],
            ended_by_close: self.ended_by_close,
            marks: self.marks,
            request: request.map(|[method, target, host]| Request { method, target, host }),
            pair: self.pair,
            error: error.map(|(offset, context, kind)| DecodeError {
                offset: *offset,
                context,
                kind: *kind,
            }),
        }
    }
}

fn set(text: &mut String, to: &str) {
    text.clear();
    text.push_str(to);
}

/// Its fields with their values, and what is said of it where that applies.
impl fmt::Debug for OwnedMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let message = self.parts.message(&self.table);
        let fields = fmt::from_fn(|f| field_view::named(message.fields(), f));
        let mut text = f.debug_struct(message.name);
        text.field("protocol", &message.protocol).field("len", &message.len);
        text.field("fields", &fields);
        let mut said = |name: &str, applies: bool, value: &dyn fmt::Debug| {
            if applies {
                text.field(name, value);
            }
        };
        said("candidates", !self.candidates.is_empty(), &self.candidates);
        said("trailing", message.trailing > 0, &message.trailing);
        said("ended_by", message.ended_by_close, &"close");
        said("marks", !message.marks.is_empty(), &message.marks);
        said("request", message.request.is_some(), &message.request);
        said("pair", message.pair.is_some(), &message.pair);
        said("error", message.error.is_some(), &message.error);
        text.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::super::field_view::tests::lend;
    use super::super::marks::Mark;
    use super::*;

    #[test]
    fn a_copy_is_what_it_was_made_from() {
        lend(|mut message| {
            message.marks.insert(Mark::Gap);
            message.candidates = &["p", "q"];
            message.request = Some(Request { method: "GET", target: "/", host: "" });
            message.pair = Some(3);
            message.error = Some(DecodeError { offset: 9, context: "x", kind: ErrorKind::Short });
            message.ended_by_close = true;
            let owned = OwnedMessage::from(&message);
            assert_eq!(owned, owned.clone());
            assert_eq!(owned.get("recs[1].id").and_then(|it| it.as_u64()), Some(8));
            let again = owned.with(|lent| {
                assert_eq!((lent.candidates, lent.request), (message.candidates, message.request));
                assert_eq!((lent.error, lent.marks), (message.error, message.marks));
                OwnedMessage::from(lent)
            });
            assert_eq!(again, owned);
            let other = OwnedMessage::from(&Message { trailing: 1, ..message });
            assert_ne!(other, owned);
            std::thread::spawn(move || drop(again)).join().unwrap();
        });
    }

    /// Wherever their names stand in a decoder's table.
    #[test]
    fn equal_fields_are_equal() {
        lend(|message| {
            let owned = OwnedMessage::from(&message);
            let mut table = message.table.clone();
            table.nodes.insert(0, table.nodes[3].clone());
            let mut items = message.items.to_vec();
            items.iter_mut().for_each(|it| it.node += 1);
            let moved = Message { table: &table, items: &items, ..message };
            assert_eq!(OwnedMessage::from(&moved), owned);
            table.nodes[4].name = "z".to_owned();
            let renamed = Message { table: &table, items: &items, ..message };
            assert_ne!(OwnedMessage::from(&renamed), owned);
        });
    }

    #[test]
    fn what_is_shown_is_what_applies() {
        lend(|mut message| {
            message.trailing = 2;
            let fields = "{pos: {x: 1, y: -2}, recs: [{id: 7}, {id: 8, name: \"B\"}], ratio: 0.5, \
                          raw: 0xdead}";
            assert_eq!(
                format!("{:?}", OwnedMessage::from(&message)),
                format!("m {{ protocol: \"p\", len: 12, fields: {fields}, trailing: 2 }}")
            );
        });
    }
}
