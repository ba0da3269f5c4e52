//! How the messages of each protocol are read from a stream.

use std::sync::{Arc, OnceLock};

use super::reader::Reader;
use super::withheld::Allowance;
use crate::decode::codec::Codec;
use crate::decode::codecs::Codecs;
use crate::decode::http;
use crate::decode::record_stream::{RecordFormat, RecordStream};
use crate::decode::standard;
use crate::decode::text::{TextFormat, TextStream};
use crate::message::Known;
use crate::profile::{Format, PerProtocol, Protocol, ProtocolId, Protocols, Standard, StandardIds};

/// What all conversations are read by.
pub(in crate::decode) struct StreamFormats {
    /// `None` for a struct that no stream can carry.
    formats: PerProtocol<OnceLock<Option<StreamFormat>>>,
    standards: StandardIds,
    /// The protocols that some payload may be.
    reachable: Vec<ProtocolId>,
    /// Messages have the SHA-256 of their bodies.
    pub digest: bool,
    /// RESP and lines are recognised by content.
    pub recognises_text: bool,
    /// Shared by all conversations.
    pub(super) allowance: Allowance,
}

/// What decoding needs beside the conversation itself.
pub(in crate::decode) struct Tools<'t> {
    pub formats: &'t StreamFormats,
    pub scratch: &'t mut http::Scratch,
}

enum StreamFormat {
    Text(Arc<TextFormat>),
    Records(Arc<RecordFormat>),
    Standard(Standard),
}

impl StreamFormats {
    /// `codecs` are those of the datagrams.
    pub fn new(protocols: &Protocols, codecs: &Codecs<'_>, digest: bool) -> Self {
        let formats = (0..).zip(protocols.list()).map(|(index, protocol)| match protocol.format {
            Format::Unread => OnceLock::new(),
            _ => OnceLock::from(format(protocol, codecs.get(ProtocolId::at(index)))),
        });
        Self {
            formats: formats.collect(),
            standards: protocols.standards(),
            reachable: protocols.reachable(),
            digest,
            recognises_text: protocols.recognises_text(),
            allowance: Allowance::default(),
        }
    }

    /// Makes ready what a stream may be that nobody asked for before.
    pub fn prepare(&self, protocol: ProtocolId, protocols: &Protocols, codecs: &Codecs<'_>) {
        if let Some(cell) = self.formats.get(protocol) {
            cell.get_or_init(|| format(protocols.get(protocol)?, codecs.get(protocol)));
        }
    }

    /// What the text records and the protocols without a header are called; structs are the same
    /// as in datagrams.
    pub fn known(&self) -> impl Iterator<Item = Known<'_>> {
        let reachable = self.reachable.iter().filter_map(|protocol| self.format(*protocol));
        let texts = reachable.filter_map(|format| match format {
            StreamFormat::Text(text) => Some(Known {
                protocol: text.protocol(),
                message: text.message(),
                table: text.table(),
            }),
            StreamFormat::Records(_) | StreamFormat::Standard(_) => None,
        });
        let standards = Standard::ALL.into_iter().flat_map(|standard| {
            let known = move |(message, table)| Known { protocol: standard.name(), message, table };
            (standard::row(standard).messages)().into_iter().map(known)
        });
        texts.chain(standards)
    }

    /// The protocol that needs no header, in the list.
    pub fn id(&self, standard: Standard) -> ProtocolId {
        self.standards.of(standard)
    }

    /// A stream can carry it.
    pub fn can_read(&self, protocol: ProtocolId) -> bool {
        self.format(protocol).is_some()
    }

    /// Whether what is in every message of a protocol is in these bytes; `None` where more of them would
    /// tell.
    pub fn tells(&self, protocol: ProtocolId, bytes: &[u8]) -> Option<bool> {
        match self.format(protocol) {
            Some(StreamFormat::Records(format)) => format.tells(bytes),
            Some(StreamFormat::Text(_) | StreamFormat::Standard(_)) | None => Some(false),
        }
    }

    /// Which of those that need no header a protocol is.
    pub fn standard(&self, protocol: ProtocolId) -> Option<Standard> {
        match self.format(protocol)? {
            StreamFormat::Standard(standard) => Some(*standard),
            StreamFormat::Text(_) | StreamFormat::Records(_) => None,
        }
    }

    /// What reads a protocol, at the start of a conversation; `None` for what no stream can carry,
    /// and for HTTP.
    pub(super) fn reader(&self, protocol: ProtocolId) -> Option<Reader> {
        let (standard, stream) = match self.format(protocol)? {
            StreamFormat::Text(format) => {
                (None, Box::new(TextStream::new(Arc::clone(format))) as Box<_>)
            }
            StreamFormat::Records(format) => {
                (None, Box::new(RecordStream::new(Arc::clone(format))) as Box<_>)
            }
            StreamFormat::Standard(standard) => {
                (Some(*standard), standard::row(*standard).begin?())
            }
        };
        Some(Reader { protocol, standard, stream })
    }

    fn format(&self, protocol: ProtocolId) -> Option<&StreamFormat> {
        self.formats.get(protocol)?.get()?.as_ref()
    }
}

fn format(protocol: &Protocol, codec: Option<&Codec>) -> Option<StreamFormat> {
    match (&protocol.format, codec) {
        (Format::Standard(standard), _) => Some(StreamFormat::Standard(*standard)),
        (Format::Text(text), _) => {
            let format = TextFormat::new(&protocol.name, &protocol.message, text);
            format.ok().map(|format| StreamFormat::Text(Arc::new(format)))
        }
        (Format::Record(_), Some(codec)) => {
            let format = RecordFormat::new(&protocol.name, codec.clone(), &protocol.words);
            Some(StreamFormat::Records(Arc::new(format)))
        }
        (Format::Record(_), None) | (Format::Unread, _) => None,
    }
}
