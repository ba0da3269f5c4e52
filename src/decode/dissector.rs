//! Frames to messages: one call a frame, over all conversations of a capture.

use super::flow::{Arrival, Flow};
use super::packet::{Checksum, Undecoded};
use super::selection::Selection;
use super::tally::Tally;
use super::{Captured, CodecError, FieldTable, Summary};
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
            Ok((protocol, message)) => {
                self.tally.message(protocol, message.name);
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

    /// Every message that can come out: its protocol, its name and its fields.
    pub fn tables(&self) -> impl Iterator<Item = (&'p str, &str, &FieldTable)> {
        self.selection.tables()
    }

    /// The capture has ended: what the run came to.
    pub fn finish(mut self) -> Summary {
        self.flow.finish().for_each(drop);
        self.tally.undecoded(Undecoded::FragmentDropped, self.flow.take_dropped());
        self.tally.summary(self.selection.protocols(), self.flow.evicted())
    }
}
