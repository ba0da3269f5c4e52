//! A live client's request: what it asks for, on what terms, and what it says of the connection.

use super::super::service::Service;
use super::refusal::Refusal;
use super::resource::Asked;
use super::terms::{Terms, has_option, joined, says_close};
use crate::comparison::Body;
use crate::decode::http;
use crate::decode::websocket::Offer;
use crate::message::{Mark, Message};

/// One request.
pub(super) struct Request {
    pub asked: Asked,
    pub terms: Terms,
    /// HTTP/1.0.
    pub is_old: bool,
    /// The client expects the connection to end behind the answer.
    pub closes: bool,
    /// It ended before it was whole.
    pub is_cut_short: bool,
    /// What it says of a WebSocket, if it asks for one.
    pub offer: Offer,
    /// Why it cannot be answered whatever the capture has.
    pub refusal: Option<Refusal>,
}

impl Request {
    /// Reads a request; `body` is what it brought.
    pub fn new(service: &Service<'_>, message: &Message<'_>, body: Option<Body>) -> Self {
        let part = |bytes: Option<&'_ [u8]>| bytes.unwrap_or_default().to_vec();
        let method = part(http::method(message));
        let host = part(http::header_values(message, "host").next());
        let asked = service.asked(&method, &part(http::target(message)), &host);
        let version = http::version(message).unwrap_or_default();
        let is_old = version == b"1.0";
        let is_kept = !is_old || has_option(message, b"keep-alive");
        let refusal = Refusal::of(message);
        let field = |name| joined(message, name);
        let offer = Offer {
            key: field("sec-websocket-key"),
            version: field("sec-websocket-version"),
            extensions: field("sec-websocket-extensions"),
            protocols: field("sec-websocket-protocol"),
        };
        let terms = Terms::of(message, body);
        let is_last = terms.is_simple || says_close(message) || !is_kept;
        Self {
            asked,
            terms,
            is_old,
            closes: is_last || refusal.as_ref().is_some_and(|it| it.closes),
            is_cut_short: message.marks.contains(Mark::CutShort),
            offer,
            refusal,
        }
    }

    /// Its method.
    pub fn method(&self) -> &[u8] {
        &self.asked.resource.method
    }

    /// Other than older ones it knows of interim responses (RFC 9110 section 15.2).
    pub fn takes_interim(&self) -> bool {
        !self.terms.is_simple && !self.is_old
    }
}
