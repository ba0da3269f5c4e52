//! Bytes of live connections to messages, by the decoders that read captures.

use std::net::SocketAddr;

use super::codec::CodecError;
use super::decoders::Decoders;
use super::http;
use super::recognition::StreamDecoder;
use super::stream::StreamEvent;
use crate::flow::{Input, Returned, Side, SinkResult};
use crate::message::{Known, Message};
use crate::packet::Transport;
use crate::packet::{Checksum, Packet};
use crate::profile::Protocols;

/// Decodes the TCP connections of a program that has their bytes already: a server, a proxy.
///
/// ```
/// use wirereel::decode::live::Live;
/// use wirereel::decode::stream::StreamEvent;
/// use wirereel::flow::{Input, Side};
/// use wirereel::profile::{Options, Protocols};
///
/// let protocols = Protocols::load(&Options { builtin: true, ..Options::default() })?;
/// let mut live = Live::new(&protocols, false)?;
/// let mut connection = live.connect("10.0.0.1:40000".parse()?, "10.0.0.2:80".parse()?);
/// let mut methods = Vec::new();
/// for bytes in [&b"GET / HT"[..], b"TP/1.1\r\nHost: a\r\n\r\n"] {
///     live.push(&mut connection, Side::Client, Input::Bytes(bytes), &mut |event| {
///         if let StreamEvent::Message { message, .. } = event {
///             methods.push(message.name.to_owned());
///         }
///     });
/// }
/// assert_eq!(methods, ["request"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Live<'p>(Decoders<'p>);

/// One connection: what is known of its messages under way.
pub struct Connection(StreamDecoder);

impl<'p> Live<'p> {
    /// Prepares a decoder for each protocol. With `digest` HTTP messages have the SHA-256 of their
    /// bodies.
    ///
    /// # Errors
    ///
    /// A protocol whose field rules, tag or cases name nothing in its layout.
    pub fn new(protocols: &'p Protocols, digest: bool) -> Result<Self, CodecError> {
        let mut decoders = Decoders::new(protocols, digest)?;
        decoders.scratch = http::Scratch::of_repeated();
        Ok(Self(decoders))
    }

    /// Every message that can come out.
    pub fn known(&self) -> Vec<Known<'_>> {
        self.0.known()
    }

    /// A connection that `client` has opened to `server`; their ports tell which rules hold.
    pub fn connect(&mut self, client: SocketAddr, server: SocketAddr) -> Connection {
        let ports = (Transport::Tcp, client.port(), server.port());
        let candidates = self.0.selection.candidates(ports);
        Connection(StreamDecoder::begin(self.0.tools().formats, candidates, false))
    }

    /// Takes what a side sent next, in pieces of any length, and lends what it completes.
    pub fn push<R: SinkResult>(
        &mut self,
        connection: &mut Connection,
        side: Side,
        input: Input<'_>,
        sink: &mut (impl FnMut(&StreamEvent<'_>) -> R + ?Sized),
    ) -> R {
        Returned::of(|returned| {
            let lend = &mut |_, event: StreamEvent<'_>| returned.keep(sink(&event));
            connection.0.push(side, input, &mut self.0.tools(), lend)
        })
    }

    /// Nobody has spoken for so long that the caller waits no more: lends what waits for who speaks
    /// next.
    pub fn tick<R: SinkResult>(
        &mut self,
        connection: &mut Connection,
        sink: &mut (impl FnMut(&StreamEvent<'_>) -> R + ?Sized),
    ) -> R {
        Returned::of(|returned| {
            let lend = &mut |_, event: StreamEvent<'_>| returned.keep(sink(&event));
            connection.0.tick(&mut self.0.tools(), lend)
        })
    }

    /// The connection has ended: its memory may serve another.
    pub fn end(&mut self, connection: Connection) {
        connection.0.recycle(&mut self.0.scratch);
    }

    /// Decodes a datagram that `src` has sent to `dst`, and lends the message that it is; `false`
    /// where it is none that the rules of their ports know.
    pub fn datagram(
        &mut self,
        src: SocketAddr,
        dst: SocketAddr,
        payload: &[u8],
        sink: &mut dyn FnMut(&Message<'_>),
    ) -> bool {
        let packet = Packet {
            src: src.into(),
            dst: dst.into(),
            tcp: None,
            payload,
            wire_len: payload.len(),
            frame_offset: None,
            checksum: Checksum::Unverified,
        };
        let selected = self.0.selection.read(&packet, None);
        selected.map(|it| sink(&it.message(payload))).is_ok()
    }
}

impl Connection {
    /// Whether a decoder reads it; `None` where its first bytes do not tell yet.
    pub fn is_read(&self) -> Option<bool> {
        self.0.is_read()
    }

    /// It is read as lines of text.
    pub fn is_of_lines(&self) -> bool {
        self.0.is_of_lines()
    }

    /// The client may wait for a 100 response before it sends the body of its request (RFC 9110
    /// section 10.1.1).
    pub fn awaits_continue(&self) -> bool {
        self.0.awaits_continue()
    }

    /// No message of a side is under way.
    pub fn is_between_messages(&self, side: Side) -> bool {
        self.0.is_between_messages(side)
    }
}
