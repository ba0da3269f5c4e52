//! Why bytes, or whole frames, gave no message: the reasons of streams in one table, beside those of
//! frames, which are [`Undecoded`]'s.

use std::borrow::Cow;

use crate::packet::Undecoded;

/// Why bytes of a stream are passed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Unread {
    /// No decoder reads the conversation.
    NoDecoder,
    /// Behind the end of the conversation.
    BehindEnd,
    /// It is TLS.
    Tls,
    /// It is HTTP/2.
    Http2,
    /// It is SSH.
    Ssh,
    /// Behind the answer to a CONNECT.
    HttpTunnel,
    /// Behind a 101 response.
    HttpUpgrade,
    /// Neither a start line nor within a message.
    HttpResync,
    /// Bytes that the capture lacks, outside of bodies.
    HttpGap,
    /// Behind a response that can have no body.
    HttpBodyNotAllowed,
    /// Behind the body of a response, and no response.
    HttpBodyTooLong,
    /// The start of a line that the close cut short.
    HttpCutShort,
    /// Behind bytes that the capture lacks, before a message was found again.
    RespGap,
    /// Behind what cannot be read, before a message was found again.
    RespResync,
    /// A command without a word.
    RespEmpty,
    /// A line that lacks bytes in the capture.
    LineGap,
    /// Behind the longest line.
    LineTooLong,
    /// A side that turned from lines to binary data.
    LinesBinary,
    /// A side that turned from lines to TLS.
    LinesTls,
    /// A text record that lacks bytes in the capture.
    TextGap,
    /// Behind the longest text record.
    TextTooLong,
    /// A struct that lacks bytes in the capture, and what cannot be told apart behind it.
    StructGap,
    /// Behind a struct that is longer than any may be.
    StructTooLong,
    /// Behind a struct whose tag or length says nothing.
    StructUnknown,
    /// Where a struct would begin, and none of the protocol does.
    StructForeign,
}

/// Why something gave no message: a key of the closing summary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum NoMessage {
    /// A frame, or a datagram.
    Frame(Undecoded),
    /// Bytes of a stream.
    Stream(Unread),
}

impl Unread {
    /// The reason as the closing summary names it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NoDecoder => "TCP payload that no decoder reads",
            Self::BehindEnd => "TCP payload behind the end of its conversation",
            Self::Tls => "TLS",
            Self::Http2 => "HTTP/2",
            Self::Ssh => "SSH",
            Self::HttpTunnel => "HTTP tunnel behind CONNECT",
            Self::HttpUpgrade => "HTTP connection behind an upgrade",
            Self::HttpResync => "TCP payload between HTTP messages",
            Self::HttpGap => "gap between or within heads of HTTP messages",
            Self::HttpBodyNotAllowed => "body of an HTTP response that can have none",
            Self::HttpBodyTooLong => "TCP payload behind the body of an HTTP response",
            Self::HttpCutShort => "start line of HTTP cut short",
            Self::RespGap => "RESP around a gap",
            Self::RespResync => "TCP payload between RESP messages",
            Self::RespEmpty => "empty RESP command",
            Self::LineGap => "line of text around a gap",
            Self::LineTooLong => "rest of a line of text that is too long",
            Self::LinesBinary => "binary data behind lines of text",
            Self::LinesTls => "TLS behind lines of text",
            Self::TextGap => "text record around a gap",
            Self::TextTooLong => "rest of a text record that is too long",
            Self::StructGap => "struct around a gap",
            Self::StructTooLong => "behind a struct that is too long",
            Self::StructUnknown => "behind a struct of unknown length",
            Self::StructForeign => "no struct of the protocol, before one was found",
        }
    }

    /// The protocol that is recognised and passed over, where that is the reason.
    pub fn protocol(self) -> Option<&'static str> {
        Self::PROTOCOLS.contains(&self).then_some(self.as_str())
    }

    /// Whether a protocol of that name is recognised and passed over.
    pub fn is_protocol(name: &str) -> bool {
        Self::PROTOCOLS.iter().any(|it| it.as_str() == name)
    }

    /// The reasons that are protocols.
    const PROTOCOLS: [Self; 3] = [Self::Tls, Self::Http2, Self::Ssh];
}

impl NoMessage {
    /// The reason as the closing summary names it.
    pub fn name(self) -> Cow<'static, str> {
        match self {
            Self::Frame(reason) => reason.name(),
            Self::Stream(reason) => Cow::Borrowed(reason.as_str()),
        }
    }
}

impl From<Undecoded> for NoMessage {
    fn from(reason: Undecoded) -> Self {
        Self::Frame(reason)
    }
}

impl From<Unread> for NoMessage {
    fn from(reason: Unread) -> Self {
        Self::Stream(reason)
    }
}
