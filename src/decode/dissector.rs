//! Frames to messages: one call a frame, over all conversations of a capture.

use super::codec::CodecError;
use super::flow::{Arrival, Flow};
use super::packet::{Checksum, Undecoded};
use super::selection::{Selected, Selection};
use super::tally::Tally;
use super::{Captured, Known, Summary};
use crate::capture::Frame;
use crate::profile::Protocols;

/// Decodes the frames of a capture and counts what they came to.
pub struct Dissector<'p> {
    flow: Flow<()>,
    selection: Selection<'p>,
    tally: Tally,
}

impl<'p> Dissector<'p> {
    /// Prepares a decoder for each protocol.
    ///
    /// # Errors
    ///
    /// A protocol whose field rules, tag or cases name nothing in its layout.
    pub fn new(protocols: &'p Protocols) -> Result<Self, CodecError> {
        let selection = Selection::new(protocols)?;
        let tally = Tally::new(protocols.list().len());
        Ok(Self { flow: Flow::default(), selection, tally })
    }

    /// Takes one frame, and lends the message that it completes. `file` is the capture's path,
    /// where several are read.
    pub fn push(
        &mut self,
        frame: &Frame<'_>,
        file: Option<&str>,
        sink: &mut impl FnMut(&Captured<'_>),
    ) {
        self.tally.frame();
        let delivery = match self.flow.push(frame) {
            Arrival::Packet(delivery) => delivery,
            Arrival::Held => return,
            Arrival::Undecoded(reason) => return self.tally.undecoded(reason, 1),
        };
        let packet = &delivery.packet;
        if packet.checksum == Checksum::Bad {
            self.tally.bad_checksum();
        }
        match self.selection.read(packet) {
            Ok(Selected { protocol, is_case, message }) => {
                self.tally.message(protocol, is_case.then_some(message.name));
                sink(&Captured {
                    file,
                    frame: frame.number,
                    time: frame.time,
                    transport: packet.transport(),
                    src: packet.src,
                    dst: packet.dst,
                    stream: delivery.stream,
                    frame_offset: packet.frame_offset,
                    message,
                });
            }
            Err(reason) => self.tally.undecoded(reason, 1),
        }
    }

    /// Every message that can come out.
    pub fn known(&self) -> Vec<Known<'_>> {
        self.selection.known().collect()
    }

    /// The capture has ended: what the run came to.
    pub fn finish(mut self) -> Summary {
        self.flow.finish().for_each(drop);
        self.tally.undecoded(Undecoded::FragmentDropped, self.flow.take_dropped());
        self.tally.summary(self.selection.protocols(), self.flow.evicted())
    }
}
