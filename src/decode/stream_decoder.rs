//! The decoder of one TCP conversation: what a rule names, else what its first bytes are.
//!
//! HTTP is recognised by content on any port that no rule of the user's names; a built-in gives
//! way to it. TLS and HTTP/2 are named, and passed over.

use std::sync::Arc;

use super::Known;
use super::codec::{Codec, CodecError};
use super::http::{self, Http, Recognition, recognises};
use super::packet::Undecoded;
use super::record_stream::{RecordFormat, RecordStream};
use super::sides::Sides;
use super::stream::{Input, Side, StreamEvent};
use super::text::{TextFormat, TextStream};
use crate::profile::{Candidate, Format, Protocol, Protocols};

/// How the messages of each protocol are read from a stream.
pub(super) struct StreamFormats {
    /// As [`Protocols::list`]; `None` for a struct that no stream can carry.
    formats: Vec<Option<StreamFormat>>,
    /// The protocols that some payload may be.
    reachable: Vec<usize>,
    /// Messages have the SHA-256 of their bodies.
    digest: bool,
}

#[derive(Clone)]
enum StreamFormat {
    Text(Arc<TextFormat>),
    Records(Arc<RecordFormat>),
    Http,
}

/// The decoder of one conversation.
pub(super) enum StreamDecoder {
    Text {
        protocol: usize,
        stream: Box<TextStream>,
    },
    Records {
        protocol: usize,
        stream: Box<RecordStream>,
    },
    Http(Box<Http>),
    Unknown(Box<Unknown>),
    /// Nothing reads it; why.
    Opaque(&'static str),
}

/// A conversation whose first bytes do not tell yet what it is.
#[derive(Default)]
pub(super) struct Unknown {
    /// What each side sent so far, bounded by [`http::RECOGNITION_LEN`].
    kept: Sides<Vec<u8>>,
    server_spoke_first: bool,
    /// The protocol that it is if its content is not recognised.
    otherwise: Option<usize>,
}

/// What decoding needs beside the conversation itself.
pub(super) struct Tools<'t> {
    pub formats: &'t StreamFormats,
    pub scratch: &'t mut http::Scratch,
}

/// Lends what was found, with the index of its protocol; `None` for HTTP.
pub(super) type Lend<'l> = &'l mut dyn FnMut(Option<usize>, StreamEvent<'_>);

impl StreamFormats {
    /// `codecs` are those of the datagrams, as [`Protocols::list`].
    pub fn new(
        protocols: &Protocols,
        codecs: &[Option<Codec>],
        digest: bool,
    ) -> Result<Self, CodecError> {
        let formats = protocols.list().iter().zip(codecs);
        let formats = formats.map(|(protocol, codec)| format(protocol, codec.as_ref()));
        let formats = formats.collect::<Result<_, _>>()?;
        Ok(Self { formats, reachable: protocols.reachable(), digest })
    }

    /// What the text records and HTTP are called; structs are the same as in datagrams.
    pub fn known(&self) -> impl Iterator<Item = Known<'_>> {
        let reachable = self.reachable.iter().filter_map(|index| self.format(*index));
        let texts = reachable.filter_map(|format| match format {
            StreamFormat::Text(text) => Some(Known {
                protocol: text.protocol(),
                message: text.message(),
                table: text.table(),
            }),
            StreamFormat::Records(_) | StreamFormat::Http => None,
        });
        let http = |(message, table)| Known { protocol: "http", message, table };
        texts.chain(http::messages().map(http))
    }

    /// The decoder of a conversation that begins, whose ports have these candidates.
    pub fn begin(&self, candidates: &[Candidate]) -> StreamDecoder {
        let first = candidates.iter().find(|it| self.format(it.protocol).is_some());
        match first {
            Some(first) if !first.is_built_in() => self.decoder(first.protocol),
            first => {
                let otherwise = first.map(|it| it.protocol);
                StreamDecoder::Unknown(Box::new(Unknown { otherwise, ..Unknown::default() }))
            }
        }
    }

    fn format(&self, protocol: usize) -> Option<&StreamFormat> {
        self.formats.get(protocol)?.as_ref()
    }

    fn decoder(&self, protocol: usize) -> StreamDecoder {
        match self.format(protocol) {
            Some(StreamFormat::Text(format)) => {
                let stream = Box::new(TextStream::new(Arc::clone(format)));
                StreamDecoder::Text { protocol, stream }
            }
            Some(StreamFormat::Records(format)) => {
                let stream = Box::new(RecordStream::new(Arc::clone(format)));
                StreamDecoder::Records { protocol, stream }
            }
            Some(StreamFormat::Http) => self.http(),
            None => StreamDecoder::Opaque(Undecoded::Stream.as_str()),
        }
    }

    fn http(&self) -> StreamDecoder {
        StreamDecoder::Http(Box::new(Http::new(self.digest)))
    }
}

fn format(protocol: &Protocol, codec: Option<&Codec>) -> Result<Option<StreamFormat>, CodecError> {
    Ok(match (&protocol.format, codec) {
        (Format::Http, _) => Some(StreamFormat::Http),
        (Format::Text(text), _) => {
            let format = TextFormat::new(&protocol.name, &protocol.message, text);
            format.ok().map(|format| StreamFormat::Text(Arc::new(format)))
        }
        (Format::Record(_), Some(codec)) => {
            let length = protocol.length.as_deref();
            let format = RecordFormat::new(&protocol.name, codec.clone(), length)?;
            Some(StreamFormat::Records(Arc::new(format)))
        }
        (Format::Record(_), None) => None,
    })
}

impl Tools<'_> {
    fn http(&mut self) -> StreamDecoder {
        StreamDecoder::Http(self.scratch.take(self.formats.digest))
    }
}

impl StreamDecoder {
    /// Takes what arrives on one side, and lends what it completes.
    pub fn push(&mut self, side: Side, input: Input<'_>, tools: &mut Tools<'_>, lend: Lend<'_>) {
        match self {
            Self::Text { protocol, stream } => {
                stream.push(side, input, &mut |event| lend(Some(*protocol), event));
            }
            Self::Records { protocol, stream } => {
                stream.push(side, input, &mut |event| lend(Some(*protocol), event));
            }
            Self::Http(http) => {
                http.push(side, input, tools.scratch, &mut |event| lend(None, event));
            }
            Self::Unknown(unknown) => {
                if let Some(decoder) = unknown.recognise(side, input, tools) {
                    let unknown = std::mem::replace(self, decoder);
                    self.resume(unknown, side, input, tools, lend);
                }
            }
            Self::Opaque(reason) => {
                let Input::Bytes(bytes) = input else { return };
                if *reason == Undecoded::Stream.as_str() && begins_http(side, bytes) {
                    *self = tools.http();
                    return self.push(side, input, tools, lend);
                }
                let len = bytes.len() as u64;
                lend(None, StreamEvent::Skipped { side, len, reason });
            }
        }
    }

    /// The conversation has ended: its memory may serve another.
    pub fn recycle(self, scratch: &mut http::Scratch) {
        if let Self::Http(http) = self {
            scratch.give(http);
        }
    }

    /// Whether a decoder reads it; `None` where its first bytes do not tell yet.
    pub fn is_read(&self) -> Option<bool> {
        match self {
            Self::Text { .. } | Self::Records { .. } | Self::Http(_) => Some(true),
            Self::Unknown(_) => None,
            Self::Opaque(_) => Some(false),
        }
    }

    /// The client may wait for a 100 before it sends the body of its request.
    pub fn awaits_continue(&self) -> bool {
        matches!(self, Self::Http(http) if http.awaits_continue())
    }

    /// No message of a side is under way.
    pub fn is_between_messages(&self, side: Side) -> bool {
        match self {
            Self::Text { stream, .. } => stream.is_between_messages(side),
            Self::Records { stream, .. } => stream.is_between_messages(side),
            Self::Http(http) => http.is_between_messages(side),
            Self::Unknown(unknown) => unknown.kept.of(side).is_empty(),
            Self::Opaque(_) => true,
        }
    }

    /// Takes what was kept while the conversation was unknown, then what made it known.
    fn resume(
        &mut self,
        unknown: Self,
        side: Side,
        input: Input<'_>,
        tools: &mut Tools<'_>,
        lend: Lend<'_>,
    ) {
        if let Self::Unknown(unknown) = unknown {
            let client = (Side::Client, unknown.kept.client);
            let server = (Side::Server, unknown.kept.server);
            let spoken =
                if unknown.server_spoke_first { [server, client] } else { [client, server] };
            for (side, bytes) in spoken.iter().filter(|(_, bytes)| !bytes.is_empty()) {
                self.push(*side, Input::Bytes(bytes), tools, lend);
            }
        }
        self.push(side, input, tools, lend);
    }
}

impl Unknown {
    /// The decoder of the conversation, once the input tells; till then the input is kept.
    fn recognise(
        &mut self,
        side: Side,
        input: Input<'_>,
        tools: &mut Tools<'_>,
    ) -> Option<StreamDecoder> {
        let Input::Bytes(bytes) = input else {
            let is_end = !self.told_nothing() || matches!(input, Input::Gap(_));
            return is_end.then(|| self.unrecognised(tools.formats));
        };
        if self.told_nothing() {
            self.server_spoke_first = side == Side::Server;
        }
        let kept = self.kept.of_mut(side);
        let recognition = if kept.is_empty() {
            recognises(side, bytes)
        } else {
            let room = http::RECOGNITION_LEN.saturating_sub(kept.len());
            let before = kept.len();
            kept.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
            let recognition = recognises(side, kept);
            kept.truncate(before);
            recognition
        };
        match recognition {
            Recognition::Http => Some(tools.http()),
            Recognition::Tls | Recognition::Http2 => {
                Some(StreamDecoder::Opaque(recognition.name().unwrap_or_default()))
            }
            Recognition::No => Some(self.unrecognised(tools.formats)),
            Recognition::NeedMore => {
                kept.extend_from_slice(bytes);
                None
            }
        }
    }

    fn told_nothing(&self) -> bool {
        self.kept.client.is_empty() && self.kept.server.is_empty()
    }

    fn unrecognised(&self, formats: &StreamFormats) -> StreamDecoder {
        match self.otherwise {
            Some(protocol) => formats.decoder(protocol),
            None => StreamDecoder::Opaque(Undecoded::Stream.as_str()),
        }
    }
}

/// Whether a message of HTTP/1 begins here: a conversation whose start the capture lacks, or that
/// changed its protocol. A request without a version would be too little to go by.
fn begins_http(side: Side, bytes: &[u8]) -> bool {
    let line = memchr::memchr(b'\n', bytes).and_then(|end| bytes.get(..end)).unwrap_or(bytes);
    memchr::memmem::find(line, b"HTTP/1.").is_some() && recognises(side, bytes) == Recognition::Http
}
