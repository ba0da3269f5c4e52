//! What one side says over WebSocket, as messages that are compared: by their payload, whatever
//! frames, masks and compression they come in. Pings and pongs come when they come, and are none.

use std::sync::LazyLock;

use super::body::{Body, Passing};
use crate::decode::http;
use crate::decode::websocket::{Messages, Opcode, Part, deflates, names_websocket};
use crate::message::{FieldTable, Marks, Message};

/// Messages have no fields but their body.
static TABLE: LazyLock<FieldTable> = LazyLock::new(FieldTable::default);

/// The protocol that they have.
pub(super) const PROTOCOL: &str = "websocket";

/// One side.
#[derive(Debug)]
pub(crate) struct WebSocketSide {
    messages: Messages,
    kind: &'static str,
    body: Passing,
}

impl WebSocketSide {
    pub fn new(may_be_deflated: bool) -> Self {
        let (messages, body) = (Messages::new(may_be_deflated), Passing::default());
        Self { messages, kind: "", body }
    }

    /// What a response begins: a websocket, if it changes the protocol to that.
    pub fn behind(response: &Message<'_>) -> Option<Self> {
        let has = |name, is: fn(&[u8]) -> bool| http::header_values(response, name).any(is);
        let begins = http::status(response) == Some(101) && has("upgrade", names_websocket);
        begins.then(|| Self::new(has("sec-websocket-extensions", deflates)))
    }

    /// Whether what follows can be read.
    pub fn is_read(&self) -> bool {
        !self.messages.is_broken()
    }

    /// Bytes are not known.
    pub fn lose(&mut self) {
        self.messages.lose();
    }

    /// Takes what the side sent next, and lends the messages that it completes.
    pub fn push(&mut self, bytes: &[u8], sink: &mut dyn FnMut(&Message<'_>, Body)) {
        let Self { messages, kind, body } = self;
        messages.push(bytes, &mut |part| match part {
            Part::Begin(Opcode::Text) => *kind = "text",
            Part::Begin(_) => *kind = "binary",
            Part::Data(bytes) => body.put(bytes, false),
            Part::End => sink(&message(kind), std::mem::take(body).finish_plain()),
            Part::Control(Opcode::Close, why) => {
                let mut passing = Passing::default();
                passing.put(&reason(why), false);
                sink(&message("close"), passing.finish_plain());
            }
            Part::Control(..) | Part::Broken => {}
        });
    }
}

fn message(kind: &'static str) -> Message<'static> {
    Message {
        protocol: PROTOCOL,
        name: kind,
        table: &TABLE,
        items: &[],
        bytes: &[],
        apart: None,
        len: 0,
        trailing: 0,
        candidates: &[],
        ended_by_close: false,
        marks: Marks::default(),
        request: None,
        pair: None,
        error: None,
    }
}

/// The status and the reason of a close (RFC 6455 section 5.5.1), as text.
fn reason(payload: &[u8]) -> Vec<u8> {
    let Some((&[high, low], reason)) = payload.split_first_chunk() else { return payload.to_vec() };
    let status = u16::from_be_bytes([high, low]).to_string();
    let blank: &[u8] = if reason.is_empty() { b"" } else { b" " };
    [status.as_bytes(), blank, reason].concat()
}
