//! What a listener receives, as frames of a capture. A socket gives no headers: those are made anew,
//! with valid checksums, 64 hops and Ethernet addresses made of the IP addresses.

use std::fs::File;
use std::io::BufWriter;
use std::net::SocketAddr;
use std::path::Path;

use crate::capture::{CaptureError, Frame, Timestamp, WriteFormat, Writer};
use crate::net::Arrival;
use crate::packet::build;

/// A capture that is being written.
pub struct Recording {
    writer: Writer<BufWriter<File>>,
    frame: Vec<u8>,
    frames: u64,
    unwritable: u64,
}

impl Recording {
    /// Creates the file, or empties it.
    ///
    /// # Errors
    ///
    /// As [`Writer::create`].
    pub fn create(path: &Path, format: WriteFormat) -> Result<Self, CaptureError> {
        let writer = Writer::create(path, format)?;
        Ok(Self { writer, frame: Vec::new(), frames: 0, unwritable: 0 })
    }

    /// Writes a datagram with the time at which it came.
    ///
    /// # Errors
    ///
    /// As [`Writer::write`].
    pub fn write(&mut self, arrival: &Arrival<'_>, dst: SocketAddr) -> Result<(), CaptureError> {
        let Self { writer, frame, frames, unwritable } = self;
        frame.clear();
        if build::datagram(arrival.src, dst, arrival.payload, frame).is_err() {
            *unwritable = unwritable.saturating_add(1);
            return Ok(());
        }
        *frames = frames.saturating_add(1);
        let time = Timestamp::default().saturating_add(arrival.time);
        writer.write(&Frame::ethernet(*frames, time, frame))
    }

    /// Hands on what is still held.
    ///
    /// # Errors
    ///
    /// As [`Writer::flush`].
    pub fn flush(&mut self) -> Result<(), CaptureError> {
        self.writer.flush()
    }

    /// Completes the file; returns how many datagrams no frame can hold.
    ///
    /// # Errors
    ///
    /// As [`Writer::finish`].
    pub fn finish(self) -> Result<u64, CaptureError> {
        self.writer.finish()?;
        Ok(self.unwritable)
    }
}
