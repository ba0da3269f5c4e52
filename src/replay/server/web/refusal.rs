//! What is said where the capture has no answer, or what came is no request.

use super::catalogue::NoAnswer;
use super::head::Head;
use super::terms::Unsuited;
use crate::decode::FramingFault;
use crate::decode::http::header_values;
use crate::message::{ErrorKind, Mark, Message};

/// An answer of our own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    status: &'static str,
    text: String,
    /// What follows the request cannot be read, or is not to be.
    pub closes: bool,
    /// Fields beside those that every answer has.
    fields: &'static [(&'static str, &'static str)],
    /// What was expected of the client, and why it was refused; for the outcome.
    pub expected: Option<String>,
    pub why: Option<String>,
}

impl Refusal {
    /// Why a request cannot be answered whatever the capture has (RFC 9110 section 15.5, RFC 9112
    /// sections 3 and 6.3, RFC 6585 section 5); `None` where it can.
    pub fn of(message: &Message<'_>) -> Option<Self> {
        let has_unknown_coding = message.marks.framing().eq([FramingFault::CodingUnknown]);
        let hosts = header_values(message, "host").count();
        let (status, text) = match message.error {
            Some(error) if error.kind == ErrorKind::Limit => {
                let status = match error.context {
                    "request line" => "414 URI Too Long",
                    _ => "431 Request Header Fields Too Large",
                };
                (status, error.to_string())
            }
            Some(error) => ("400 Bad Request", error.to_string()),
            None if has_unknown_coding => {
                ("501 Not Implemented", "a transfer coding that is not known".to_owned())
            }
            None if message.marks.contains(Mark::HttpFraming) => {
                ("400 Bad Request", "where the request ends is contradicted".to_owned())
            }
            None if hosts > 1 => ("400 Bad Request", "more than one Host".to_owned()),
            None => return None,
        };
        Some(Self { closes: true, why: Some(text.clone()), ..Self::new(status, text) })
    }

    /// What is no HTTP.
    pub fn foreign() -> Self {
        let text = "this is no request of HTTP/1".to_owned();
        Self { closes: true, ..Self::new("400 Bad Request", text) }
    }

    /// What the capture has no answer to.
    pub fn unanswered(method: &[u8], none: &NoAnswer) -> Self {
        let status = match (none.unsuited, method) {
            (Some(Unsuited::Coding), _) => "406 Not Acceptable",
            (_, b"CONNECT") => "501 Not Implemented",
            _ => "404 Not Found",
        };
        let why = none.unsuited.map(Unsuited::text);
        let mut text = match why {
            Some(why) => format!("the capture has the answer to this {why}"),
            None => "the capture has no answer to this".to_owned(),
        };
        let nearest = none.nearest.as_ref();
        if let Some(nearest) = nearest {
            text.push_str("; the nearest recorded request is ");
            text.push_str(nearest);
        }
        let expected = nearest.map(|it| match why {
            Some(why) => format!("{it}, {why}"),
            None => it.clone(),
        });
        Self { expected, closes: method == b"CONNECT", ..Self::new(status, text) }
    }

    /// A body whose coding the client does not take, and that cannot be undone.
    pub fn coded() -> Self {
        let text = "the recorded body is in a coding that cannot be undone within the bounds";
        Self { why: Some(text.to_owned()), ..Self::new("406 Not Acceptable", text.to_owned()) }
    }

    /// A handshake of WebSocket that is none (RFC 6455 section 4.2.1).
    pub fn handshake() -> Self {
        let text = "a WebSocket needs Sec-WebSocket-Key, and version 13".to_owned();
        let fields = &[("Upgrade", "websocket"), ("Sec-WebSocket-Version", "13")];
        let why = Some(text.clone());
        Self { fields, closes: true, why, ..Self::new("426 Upgrade Required", text) }
    }

    fn new(status: &'static str, text: String) -> Self {
        Self { status, text, closes: false, fields: &[], expected: None, why: None }
    }

    /// As it is sent; `closes` is whether the connection ends behind it.
    pub fn bytes(&self, method: &[u8], is_simple: bool, closes: bool) -> Vec<u8> {
        let Self { status, text, fields, .. } = self;
        let text = format!("{text}\n");
        if is_simple {
            return text.into_bytes();
        }
        let mut head = Head::new(status);
        for (name, value) in *fields {
            head.set(name, value);
        }
        head.set("Content-Type", "text/plain; charset=utf-8");
        head.set("Content-Length", &text.len().to_string());
        let is_upgrade = fields.iter().any(|(name, _)| *name == "Upgrade");
        head.set(
            "Connection",
            match (closes, is_upgrade) {
                (true, true) => "close, upgrade",
                (true, false) => "close",
                _ => "keep-alive",
            },
        );
        let body = if method == b"HEAD" { "" } else { &text };
        [head.bytes(), body.as_bytes()].concat()
    }
}
