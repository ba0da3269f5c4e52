//! Live conversations as a capture: what went through the sockets, as frames on a wire.
//!
//! The kernel keeps the real segments to itself, so they are made up: a handshake, segments no
//! longer than Ethernet carries, an acknowledgement behind each piece, FIN or RST. Addresses are
//! the live ones; bytes, their order and their times are what the program saw.
//!
//! The file has whole frames at any time, also where the program is killed or the disk is full, and
//! those of all but the last second.

use std::fs::File;
use std::io::{BufWriter, Seek, SeekFrom, Write};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;
use std::{fmt, io, thread};

use super::ReplayError;
use crate::capture::{CaptureError, Frame, Timestamp, WriteFormat, Writer};
use crate::flow::Side;
use crate::packet::TcpFlags;
use crate::packet::build;
use crate::packet::build::{BuildError, Segment};

/// Segments of a piece behind which its receiver acknowledges them: fewer bytes than a window.
const SEGMENTS_PER_ACK: usize = 32;

/// How often what was recorded is written.
const FLUSH: Duration = Duration::from_secs(1);
/// Bytes of frames, after which they are written sooner.
const PENDING: usize = 64 << 10;
/// What a block of pcapng has beside its frame, at most.
const BLOCK_OVERHEAD: usize = 64;
/// Holds what is pending, and a frame of the longest packet, so that it is never written in part.
const BUFFER: usize = 4 * PENDING;

/// How far apart the sequence numbers of two connections begin.
const ISN_STEP: u32 = 0x3d09_0001;

/// A capture that is being written; clones write to the same one, from any thread.
///
/// An error of the disk ends the writing, and is told by [`finish`](Self::finish): conversations go
/// on without it.
///
/// ```
/// use wirereel::flow::Side;
/// use wirereel::replay::Recording;
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("live.pcapng");
/// let recording = Recording::create(&path)?;
/// let mut wire = recording.connect("127.0.0.1:40000".parse()?, "127.0.0.1:80".parse()?);
/// wire.sent(Side::Client, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n");
/// wire.sent(Side::Server, b"HTTP/1.1 204 No Content\r\n\r\n");
/// wire.finished(Side::Server);
/// wire.finished(Side::Client);
/// recording.finish()?;
/// assert_eq!(wirereel::capture::info(&path).frames, 11);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Recording(Arc<Mutex<Tape>>);

/// One TCP connection of a recording.
pub struct RecordedConnection {
    recording: Recording,
    client: End,
    server: End,
    is_over: bool,
}

/// What is written to.
struct Tape {
    writer: Option<Writer<Box<dyn Write + Send>>>,
    failure: Option<CaptureError>,
    frames: u64,
    /// Bytes that are not written yet, about.
    pending: usize,
    /// Of the last frame: the wall clock may go backwards, a capture's does not.
    last: Timestamp,
    next_isn: u32,
    frame: Vec<u8>,
}

/// One end of a connection.
struct End {
    address: SocketAddr,
    /// Sequence number of its next byte.
    next: u32,
    is_finished: bool,
}

impl fmt::Debug for Recording {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recording").field("frames", &self.tape().frames).finish_non_exhaustive()
    }
}

impl Recording {
    /// Creates a pcapng file, or empties it if it is there.
    ///
    /// # Errors
    ///
    /// The file cannot be created or written.
    pub fn create(path: &Path) -> Result<Self, ReplayError> {
        let name = path.display().to_string();
        let file = File::create(path)
            .map_err(|cause| CaptureError::Write { file: name.clone(), cause })?;
        let recording = Self::new(&name, WholeFile { file, len: 0 })?;
        let tape = Arc::downgrade(&recording.0);
        let ticking = thread::Builder::new().name("recording".to_owned());
        ticking
            .spawn(move || flush_regularly(&tape))
            .map_err(|cause| CaptureError::Write { file: name, cause })?;
        Ok(recording)
    }

    /// Writes pcapng to any stream; errors call it by `name`.
    ///
    /// # Errors
    ///
    /// The stream cannot be written.
    pub fn new(name: &str, out: impl Write + Send + 'static) -> Result<Self, ReplayError> {
        let out: Box<dyn Write + Send> = Box::new(BufWriter::with_capacity(BUFFER, out));
        let writer = Some(Writer::new(name, out, WriteFormat::Pcapng)?);
        Ok(Self(Arc::new(Mutex::new(Tape {
            writer,
            failure: None,
            frames: 0,
            pending: 0,
            last: Timestamp::default(),
            next_isn: 0,
            frame: Vec::new(),
        }))))
    }

    /// Writes a datagram.
    pub fn datagram(&self, src: SocketAddr, dst: SocketAddr, payload: &[u8]) {
        self.tape().write(|frame| build::datagram(src, dst, payload, frame));
    }

    /// Writes the handshake of a connection.
    pub fn connect(&self, client: SocketAddr, server: SocketAddr) -> RecordedConnection {
        let isn = self.tape().isn();
        let end = |address, next| End { address, next, is_finished: false };
        let mut connection = RecordedConnection {
            recording: self.clone(),
            client: end(client, isn),
            server: end(server, isn.wrapping_add(ISN_STEP / 2)),
            is_over: false,
        };
        connection.handshake();
        connection
    }

    /// Completes the capture; what comes later is not written.
    ///
    /// # Errors
    ///
    /// The file could not be written at some time.
    pub fn finish(&self) -> Result<(), ReplayError> {
        let mut tape = self.tape();
        let writer = tape.writer.take();
        match (tape.failure.take(), writer) {
            (Some(failure), _) => Err(failure.into()),
            (None, Some(writer)) => Ok(writer.finish().map(drop)?),
            (None, None) => Ok(()),
        }
    }

    fn tape(&self) -> MutexGuard<'_, Tape> {
        // A frame is written or it is not: nothing is left half done by a thread that panics.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl RecordedConnection {
    /// A side has sent bytes.
    pub fn sent(&mut self, side: Side, bytes: &[u8]) {
        if self.is_over || self.end(side).is_finished {
            return;
        }
        let len = build::max_segment(self.client.address);
        for piece in bytes.chunks(len.saturating_mul(SEGMENTS_PER_ACK)) {
            for part in piece.chunks(len) {
                self.segment(side, TcpFlags::default(), part);
            }
            self.segment(side.other(), TcpFlags::default(), &[]);
        }
    }

    /// A side sends no more.
    pub fn finished(&mut self, side: Side) {
        if self.is_over || self.end(side).is_finished {
            return;
        }
        self.segment(side, TcpFlags { fin: true, ..TcpFlags::default() }, &[]);
        self.end(side).is_finished = true;
        self.segment(side.other(), TcpFlags::default(), &[]);
        self.is_over = self.client.is_finished && self.server.is_finished;
    }

    /// A side has broken off.
    pub fn reset(&mut self, side: Side) {
        if !self.is_over {
            self.segment(side, TcpFlags { rst: true, ..TcpFlags::default() }, &[]);
            self.is_over = true;
        }
    }

    fn handshake(&mut self) {
        let syn = TcpFlags { syn: true, ..TcpFlags::default() };
        self.write(Side::Client, syn, &[]);
        self.segment(Side::Server, syn, &[]);
        self.segment(Side::Client, TcpFlags::default(), &[]);
    }

    /// Writes a segment that acknowledges all that the other side has sent.
    fn segment(&mut self, side: Side, flags: TcpFlags, payload: &[u8]) {
        self.write(side, TcpFlags { ack: true, ..flags }, payload);
    }

    fn write(&mut self, side: Side, flags: TcpFlags, payload: &[u8]) {
        let (src, dst) = match side {
            Side::Client => (&self.client, &self.server),
            Side::Server => (&self.server, &self.client),
        };
        let segment = Segment { seq: src.next, ack: dst.next, flags, payload };
        let (src, dst) = (src.address, dst.address);
        self.recording.tape().write(|frame| build::segment(src, dst, &segment, frame));
        let payload = u32::try_from(payload.len()).unwrap_or_default();
        let numbers = payload.wrapping_add(u32::from(flags.syn)).wrapping_add(u32::from(flags.fin));
        let end = self.end(side);
        end.next = end.next.wrapping_add(numbers);
    }

    fn end(&mut self, side: Side) -> &mut End {
        match side {
            Side::Client => &mut self.client,
            Side::Server => &mut self.server,
        }
    }
}

impl Tape {
    /// Where the sequence numbers of the next connection begin: far from those before it, so that
    /// a connection between the same ports is another one.
    fn isn(&mut self) -> u32 {
        let isn = self.next_isn;
        self.next_isn = isn.wrapping_add(ISN_STEP);
        isn
    }

    fn write(&mut self, build: impl FnOnce(&mut Vec<u8>) -> Result<(), BuildError>) {
        let Self { writer, frame, frames, pending, last, .. } = self;
        let Some(writer) = writer else { return };
        frame.clear();
        *last = Timestamp::now().max(*last);
        *frames = frames.saturating_add(1);
        // Sockets take neither ends of two families nor payload that no packet holds.
        if build(frame).is_err() {
            return;
        }
        let written = writer.write(&Frame::ethernet(*frames, *last, frame));
        *pending = pending.saturating_add(frame.len()).saturating_add(BLOCK_OVERHEAD);
        match written {
            Ok(()) if self.pending < PENDING => {}
            Ok(()) => self.flush(),
            Err(failure) => self.fail(failure),
        }
    }

    fn flush(&mut self) {
        self.pending = 0;
        if let Some(Err(failure)) = self.writer.as_mut().map(Writer::flush) {
            self.fail(failure);
        }
    }

    fn fail(&mut self, failure: CaptureError) {
        self.failure = Some(failure);
        self.writer = None;
    }
}

/// Writes what was recorded, until that is complete or given up.
fn flush_regularly(tape: &Weak<Mutex<Tape>>) {
    loop {
        thread::sleep(FLUSH);
        let Some(tape) = tape.upgrade() else { return };
        let mut tape = tape.lock().unwrap_or_else(PoisonError::into_inner);
        if tape.writer.is_none() {
            return;
        }
        tape.flush();
    }
}

/// A file that takes what it is given whole, or not at all.
struct WholeFile {
    file: File,
    len: u64,
}

impl Write for WholeFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let Err(error) = self.file.write_all(bytes) {
            // What is no file in a file system cannot be cut, and needs not be.
            let _ = self.file.set_len(self.len);
            let _ = self.file.seek(SeekFrom::Start(self.len));
            return Err(error);
        }
        self.len = self.len.saturating_add(bytes.len() as u64);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;
    use crate::capture::Reader;
    use crate::decode::{Dissector, Found};
    use crate::profile::{Options, Protocols};

    /// What is written, behind the program's back.
    #[derive(Clone, Default)]
    struct Shared(Arc<Mutex<Vec<u8>>>);

    impl Write for Shared {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn recorded(run: impl FnOnce(&Recording)) -> Vec<u8> {
        let out = Shared::default();
        let recording = Recording::new("out", out.clone()).unwrap();
        run(&recording);
        recording.finish().unwrap();
        std::mem::take(&mut out.0.lock().unwrap())
    }

    /// The messages, and the length of each side's bodies, by stream.
    fn read(capture: Vec<u8>) -> (Vec<String>, Vec<(u32, usize)>, Vec<&'static str>) {
        let options = Options { builtin: true, ..Options::default() };
        let protocols = Protocols::load(&options).unwrap();
        let mut dissector = Dissector::new(&protocols, false).unwrap();
        let mut reader = Reader::new(io::Cursor::new(capture)).unwrap();
        let (mut messages, mut bodies) = (Vec::new(), Vec::new());
        let mut last = Timestamp::default();
        let mut take = |found: Found<'_>| match found {
            Found::Message { captured, .. } => {
                let (src, dst) = (captured.src, captured.dst);
                messages.push(format!("{} {src} {dst}", captured.message.name));
            }
            Found::Body { stream, bytes, .. } => {
                bodies.push((stream.0, bytes.len()));
            }
            _ => {}
        };
        while let Some(frame) = reader.next_frame().unwrap() {
            assert!(frame.time.unwrap() >= last);
            last = frame.time.unwrap();
            dissector.push(&frame, None, &mut take);
        }
        let summary = dissector.finish(&mut take);
        let anomalies = summary.anomalies.keys().map(|it| it.as_str());
        (messages, bodies, anomalies.collect())
    }

    #[test]
    fn conversations_are_read_as_they_went() {
        let (client, server) = ("10.0.0.1:40000".parse().unwrap(), "10.0.0.2:80".parse().unwrap());
        let page = [b"HTTP/1.0 200 OK\r\n\r\n", &[b'x'; 200_000][..]].concat();
        let capture = recorded(|recording| {
            for _ in 0..2 {
                let mut wire = recording.connect(client, server);
                wire.sent(Side::Client, b"GET / HTTP/1.0\r\n\r\n");
                wire.finished(Side::Client);
                wire.sent(Side::Client, b"too late");
                wire.sent(Side::Server, &page);
                wire.finished(Side::Server);
                wire.reset(Side::Client);
            }
        });
        let (messages, bodies, anomalies) = read(capture);
        let (ask, reply) =
            ("request 10.0.0.1:40000 10.0.0.2:80", "response 10.0.0.2:80 10.0.0.1:40000");
        assert_eq!(messages, [ask, reply, ask, reply]);
        for stream in [0, 1] {
            let len: usize = bodies.iter().filter(|it| it.0 == stream).map(|it| it.1).sum();
            assert_eq!(len, 200_000);
        }
        assert_eq!(anomalies, [""; 0]);
    }

    #[test]
    fn a_reset_ends_a_conversation_and_datagrams_stand_alone() {
        let (client, server) = ("[::1]:40000".parse().unwrap(), "[::1]:1989".parse().unwrap());
        let capture = recorded(|recording| {
            recording.datagram(client, server, b"\0\0\0\x53\0\0\0\x56Alan\0");
            let mut wire = recording.connect(client, server);
            wire.sent(Side::Server, b"1700000000\r\n17");
            wire.reset(Side::Server);
            wire.sent(Side::Server, b"00000000\r\n");
        });
        let (messages, _, anomalies) = read(capture);
        let names: Vec<_> = messages.iter().map(|it| it.split(' ').next().unwrap()).collect();
        assert_eq!(names, ["msg_st", "FMT_STAMP", "FMT_STAMP"]);
        assert_eq!(anomalies, [""; 0]);
    }

    #[test]
    fn a_full_disk_is_told_at_the_end() {
        struct Full(usize);
        impl Write for Full {
            fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
                self.0 = self.0.checked_sub(bytes.len()).ok_or(io::ErrorKind::StorageFull)?;
                Ok(bytes.len())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let recording = Recording::new("live.pcapng", Full(400)).unwrap();
        let mut wire =
            recording.connect("10.0.0.1:4".parse().unwrap(), "10.0.0.2:8".parse().unwrap());
        for _ in 0..9 {
            wire.sent(Side::Client, &[0; 500]);
        }
        let error = recording.finish().unwrap_err().to_string();
        assert!(error.contains("live.pcapng"), "{error}");
        recording.finish().unwrap();
    }
}
