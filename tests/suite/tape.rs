//! Captures of a few conversations, made of what their sides do.

use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use wirereel::capture::{Frame, LinkType, Timestamp, WriteFormat, Writer};

use crate::frame::{Endpoints, Flags, Segment, tcp, udp};

/// What a side of a conversation does.
#[derive(Clone, Copy, Debug)]
pub enum Does<'a> {
    Opens,
    Says(&'a [u8]),
    Ends,
    BreaksOff,
}

/// A capture under way.
pub struct Tape {
    writer: Writer<BufWriter<File>>,
    path: PathBuf,
    frames: u64,
}

/// One TCP conversation: sequence numbers of client and server.
pub struct Talk {
    ends: Endpoints,
    next: [u32; 2],
}

impl Tape {
    pub fn new(name: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let writer = Writer::create(&path, WriteFormat::PcapNs).expect("a new file");
        Self { writer, path, frames: 0 }
    }

    /// Writes a frame that was captured after so many milliseconds.
    fn frame(&mut self, ms: i64, data: &[u8]) {
        self.frames += 1;
        let time = Some(Timestamp(1_700_000_000_000_000_000 + ms * 1_000_000));
        let (link_type, orig_len) = (LinkType::Ethernet, data.len() as u32);
        let frame = Frame { number: self.frames, time, interface: 0, link_type, data, orig_len };
        self.writer.write(&frame).expect("written");
    }

    pub fn datagram(&mut self, ms: i64, ends: Endpoints, from_client: bool, payload: &[u8]) {
        self.frame(ms, &udp(ends, from_client, payload));
    }

    /// Opens a conversation.
    pub fn open(&mut self, ms: i64, ends: Endpoints) -> Talk {
        let mut talk = Talk { ends, next: [100, 200] };
        self.act(ms, &mut talk, true, Does::Opens);
        self.act(ms, &mut talk, false, Does::Opens);
        talk
    }

    pub fn act(&mut self, ms: i64, talk: &mut Talk, from_client: bool, does: Does<'_>) {
        let flags = Flags {
            syn: matches!(does, Does::Opens),
            fin: matches!(does, Does::Ends),
            rst: matches!(does, Does::BreaksOff),
        };
        let payload = if let Does::Says(bytes) = does { bytes.to_vec() } else { Vec::new() };
        let [own, other] = if from_client { [0, 1] } else { [1, 0] };
        let ack = (!flags.syn || !from_client).then_some(talk.next[other]);
        let segment = Segment { from_client, seq: talk.next[own], ack, flags, payload };
        talk.next[own] += segment.payload.len() as u32 + u32::from(flags.syn || flags.fin);
        self.frame(ms, &tcp(talk.ends, &segment));
    }

    /// Adds a conversation that begins after so many milliseconds and takes one for each step.
    pub fn talk(&mut self, ms: i64, ends: Endpoints, steps: &[(bool, Does<'_>)]) -> &mut Self {
        let mut talk = self.open(ms, ends);
        for (at, (from_client, does)) in (ms + 1..).zip(steps) {
            self.act(at, &mut talk, *from_client, *does);
        }
        self
    }

    pub fn finish(self) -> PathBuf {
        self.writer.finish().expect("written");
        self.path
    }
}
