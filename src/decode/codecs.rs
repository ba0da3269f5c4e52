//! The codecs of all protocols of structs: those of the user's own from the start, that of a bundled protocol
//! once there is traffic for it.

use std::sync::OnceLock;

use super::codec::{Codec, CodecError};
use crate::profile::{Format, PerProtocol, Protocol, ProtocolId, Protocols};

/// A codec for each protocol that has one.
pub(super) struct Codecs<'p> {
    protocols: &'p Protocols,
    /// `None` for what no datagram carries.
    each: PerProtocol<OnceLock<Option<Codec>>>,
}

impl<'p> Codecs<'p> {
    /// Compiles those of all protocols that were read.
    pub fn new(protocols: &'p Protocols) -> Result<Self, CodecError> {
        let each = protocols.list().iter().map(|protocol| match protocol.format {
            Format::Unread => Ok(OnceLock::new()),
            _ => compiled(protocol).map(OnceLock::from),
        });
        Ok(Self { protocols, each: each.collect::<Result<_, _>>()? })
    }

    /// The codec of a protocol; `None` for what is no struct.
    #[inline]
    pub fn get(&self, protocol: ProtocolId) -> Option<&Codec> {
        let cell = self.each.get(protocol)?;
        match cell.get() {
            Some(codec) => codec.as_ref(),
            None => self.late(protocol, cell),
        }
    }

    #[cold]
    fn late<'c>(
        &self,
        protocol: ProtocolId,
        cell: &'c OnceLock<Option<Codec>>,
    ) -> Option<&'c Codec> {
        let compile = || compiled(self.protocols.get(protocol)?).ok().flatten();
        cell.get_or_init(compile).as_ref()
    }
}

fn compiled(protocol: &Protocol) -> Result<Option<Codec>, CodecError> {
    let Format::Record(layout) = &protocol.format else { return Ok(None) };
    Codec::new(layout, &protocol.words).map(Some)
}
