//! What decodes the payloads of a run, shared by all of its conversations.

use super::codec::CodecError;
use super::http;
use super::recognition::{StreamFormats, Tools};
use super::selection::Selection;
use super::talk::Talk;
use crate::flow::Delivered;
use crate::message::Known;
use crate::profile::Protocols;

/// The decoders of datagrams, what those of streams are made by, and the memory that they share.
pub(super) struct Decoders<'p> {
    pub selection: Selection<'p>,
    formats: StreamFormats,
    pub scratch: http::Scratch,
}

impl<'p> Decoders<'p> {
    /// Prepares a decoder for each protocol. With `digest` HTTP messages have the SHA-256 of their
    /// bodies.
    ///
    /// # Errors
    ///
    /// A protocol whose field rules, tag or cases name nothing in its layout.
    pub fn new(protocols: &'p Protocols, digest: bool) -> Result<Self, CodecError> {
        let selection = Selection::new(protocols)?;
        let formats = StreamFormats::new(protocols, selection.codecs(), digest);
        Ok(Self { selection, formats, scratch: http::Scratch::default() })
    }

    /// Every message that can come out.
    pub fn known(&self) -> Vec<Known<'_>> {
        self.selection.known().chain(self.formats.known()).collect()
    }

    /// The decoder of the connection that a segment begins.
    pub fn begin(&mut self, delivered: &Delivered<'_>) -> Talk {
        let rules = self.selection.stream_rules(delivered.packet);
        let protocols = self.selection.protocols();
        for candidate in rules.candidates {
            self.formats.prepare(candidate.protocol, protocols, self.selection.codecs());
        }
        Talk::new(delivered, &self.formats, rules)
    }

    /// What decoding a stream needs.
    pub fn tools(&mut self) -> Tools<'_> {
        Tools { formats: &self.formats, scratch: &mut self.scratch }
    }
}
