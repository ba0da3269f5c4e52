//! `decode -w`: the frames of the messages that matched, as a capture of their own.
//!
//! A datagram stands for its frame, or for all its fragments; a message of a TCP stream for every
//! frame that brought bytes of its side while it was under way. Or else whole conversations are
//! written, with all that their hosts sent: handshakes, acknowledgements, ends, every fragment. What
//! is noted while decoding is small, so that the frames themselves are read again: once to find
//! those of streams, once to write.

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Result, bail};
use wirereel::capture::{WriteFormat, Writer};
use wirereel::decode::{Carriers, Choice};
use wirereel::flow::{Arrival, Flow, NumberSet};
use wirereel::message::Captured;
use wirereel::packet::{Endpoint, StreamId};

use super::session::{Captures, Reading, Session};
use super::source::is_stdin;

/// The frames of what matched.
pub struct Excerpt<'p> {
    path: &'p Path,
    is_pcapng: bool,
    /// By position, from 1.
    frames: NumberSet,
    /// By TCP stream and sender.
    sides: HashMap<(StreamId, Endpoint), Side>,
}

/// What matched of one side of a stream.
#[derive(Default)]
struct Side {
    /// First and last frame of each run of messages that matched, in order.
    runs: Vec<(u64, u64)>,
    /// The last message matched.
    is_running: bool,
}

impl<'p> Excerpt<'p> {
    /// An excerpt that is to be written to `path`.
    ///
    /// # Errors
    ///
    /// A name that tells no format; one of the captures that are read.
    pub fn new(path: &'p Path, captures: &[PathBuf]) -> Result<Self> {
        let is_pcapng = match path.extension().and_then(|it| it.to_str()) {
            Some("pcapng") => true,
            Some("pcap") => false,
            _ => bail!("-w {}: the name must end in .pcap or .pcapng", path.display()),
        };
        if captures.iter().any(|capture| is_same_file(path, capture)) {
            bail!("-w {}: that is the capture to be read", path.display());
        }
        Ok(Self { path, is_pcapng, frames: NumberSet::default(), sides: HashMap::new() })
    }

    /// Notes a message and whether it matched.
    pub fn note(&mut self, captured: &Captured<'_>, carriers: Carriers<'_>, matched: bool) {
        match carriers {
            Carriers::Datagram(frames) if matched => {
                frames.iter().for_each(|&position| self.frames.insert(position));
            }
            Carriers::Datagram(_) => {}
            Carriers::Segments { first, last } => {
                let key = (captured.stream, captured.src);
                if matched {
                    self.sides.entry(key).or_default().matched(first, last);
                } else if let Some(side) = self.sides.get_mut(&key) {
                    side.is_running = false;
                }
            }
        }
    }

    /// Reads the captures again, and writes the frames of what matched, or of `whole`
    /// conversations.
    ///
    /// # Errors
    ///
    /// I/O; a frame that the format cannot hold. Nothing is left of the file then.
    pub fn write(
        mut self,
        captures: &Captures<'_>,
        reading: &Reading,
        whole: Option<&Choice>,
    ) -> Result<()> {
        match whole {
            Some(choice) => self.find_conversations(&mut captures.reopen(reading)?, choice),
            None if self.sides.is_empty() => {}
            None => self.find_segments(&mut captures.reopen(reading)?),
        }
        let written = self.write_frames(&mut captures.reopen(reading)?);
        if written.is_err() {
            let _ = fs::remove_file(self.path);
        }
        written
    }

    fn find_segments(&mut self, session: &mut Session) {
        let mut flow = Flow::<()>::default();
        session.each(|frame, _| {
            let Arrival::Packet(delivery) = flow.push(frame) else { return };
            let (packet, frames) = (delivery.packet, delivery.frames);
            let Some(tcp) = packet.tcp else { return };
            let says_something = !packet.payload.is_empty() || tcp.flags.fin || tcp.flags.rst;
            let Some(side) = self.sides.get(&(delivery.stream, packet.src)) else { return };
            if says_something && frames.last().is_some_and(|&position| side.contains(position)) {
                frames.iter().for_each(|&position| self.frames.insert(position));
            }
        });
    }

    fn find_conversations(&mut self, session: &mut Session, choice: &Choice) {
        let mut flow = Flow::<()>::default();
        session.each(|frame, _| {
            let Arrival::Packet(delivery) = flow.push(frame) else { return };
            if choice.has(delivery.packet.transport(), delivery.stream) {
                delivery.frames.iter().for_each(|&position| self.frames.insert(position));
            }
        });
    }

    fn write_frames(&self, session: &mut Session) -> Result<()> {
        let format = match (self.is_pcapng, session.is_fine()) {
            (true, _) => WriteFormat::Pcapng,
            (false, true) => WriteFormat::PcapNs,
            (false, false) => WriteFormat::Pcap,
        };
        let mut writer = Writer::create(self.path, format)?;
        let mut position = 0;
        session.each(|frame, _| {
            position += 1;
            if self.frames.contains(position) { writer.write(frame) } else { Ok(()) }
        })?;
        writer.finish()?;
        Ok(())
    }
}

impl Side {
    fn matched(&mut self, first: u64, last: u64) {
        match self.runs.last_mut() {
            Some(run) if self.is_running || first <= run.1 => run.1 = last,
            _ => self.runs.push((first, last)),
        }
        self.is_running = true;
    }

    fn contains(&self, position: u64) -> bool {
        let behind = self.runs.partition_point(|&(_, last)| last < position);
        self.runs.get(behind).is_some_and(|&(first, _)| first <= position)
    }
}

/// Whether writing to a path would destroy a capture that is to be read.
pub fn is_same_file(path: &Path, capture: &Path) -> bool {
    let capture = if is_stdin(capture) { Path::new("/dev/stdin") } else { capture };
    identity(path).is_some_and(|it| identity(capture) == Some(it))
}

/// What tells whether two names are of one file; `None` where there is none.
#[cfg(unix)]
fn identity(path: &Path) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    let facts = fs::metadata(path).ok()?;
    Some((facts.dev(), facts.ino()))
}

#[cfg(not(unix))]
fn identity(path: &Path) -> Option<PathBuf> {
    fs::canonicalize(path).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_that_follow_each_other_are_one_run() {
        let mut side = Side::default();
        side.matched(3, 5);
        side.matched(7, 9);
        side.is_running = false;
        side.matched(9, 11);
        side.is_running = false;
        side.matched(20, 20);
        assert_eq!(side.runs, [(3, 11), (20, 20)]);
        let found: Vec<_> = (0..30).filter(|&it| side.contains(it)).collect();
        assert_eq!(found, [3, 4, 5, 6, 7, 8, 9, 10, 11, 20]);
    }
}
