//! Writes the captures that `docs/performance.md` measures.
//!
//!     cargo run --release --example workload -- datagrams 1000000 datagrams.pcap
//!     cargo run --release --example workload -- connections 6000 connections.pcap
//!     cargo run --release --example workload -- mixed 300000 mixed.pcap
//!     cargo run --release --example workload -- paced 4000 paced.pcap
//!     cargo run --release --example workload -- pages 100 pages.pcap
//!
//! `datagrams`: 19-byte `dgram-basic` messages in 61-byte frames, of one sender. `mixed`: datagrams of
//! [`LENGTHS`] in turn. `paced`: such, at intervals from 50 microseconds to 3 milliseconds. `connections`:
//! HTTP/1.1 connections, all open at once, each one request and a response of 64 KiB, one segment in a
//! hundred sent twice and one in a hundred after its successor. `pages`: one connection on which a page of
//! [`PAGE`] bytes is asked for so many times. All are the same at every run.

use std::env;
use std::error::Error;
use std::path::Path;

use etherparse::PacketBuilder;
use wirereel::capture::{Frame, LinkType, Timestamp, WriteFormat, Writer};

/// Length of each response's body, bytes.
const BODY: usize = 64 << 10;
/// Length of a page's body, bytes; `benches/http.sh` has the same.
const PAGE: usize = 612;
/// Bytes of payload in a full segment on Ethernet, with TCP timestamps as Linux sends them.
const SEGMENT: usize = 1448;

/// Lengths of payload, bytes; `benches/udp.sh` has the same.
const LENGTHS: [usize; 12] = [10, 38, 12, 504, 19, 25, 160, 14, 1200, 44, 9, 70];

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = env::args().skip(1).collect();
    let [kind, count, path] = args.as_slice() else {
        return Err("usage: workload datagrams|mixed|paced|connections|pages COUNT FILE".into());
    };
    let count = count.parse()?;
    let mut out = Recorder::create(Path::new(path))?;
    match kind.as_str() {
        "datagrams" => datagrams(count, &mut out)?,
        "mixed" => mixed(count, &mut out, &mut || 0)?,
        "paced" => {
            let mut random = Random(7);
            mixed(count, &mut out, &mut || 40_000 + (random.next() % 2_950_000) as i64)?;
        }
        "connections" => connections(count, &mut out)?,
        "pages" => pages(count, &mut out)?,
        other => return Err(format!("no workload is called {other}").into()),
    }
    out.writer.finish()?;
    Ok(())
}

/// Writes frames ten microseconds apart.
struct Recorder {
    writer: Writer<std::io::BufWriter<std::fs::File>>,
    number: u64,
    /// The time of the last frame, nanoseconds since 1970.
    nanos: i64,
    data: Vec<u8>,
}

impl Recorder {
    fn create(path: &Path) -> Result<Self, Box<dyn Error>> {
        let writer = Writer::create(path, WriteFormat::Pcap)?;
        Ok(Self { writer, number: 0, nanos: 1_700_000_000_000_000_000, data: Vec::new() })
    }

    /// Writes what `fill` puts into the buffer as one frame.
    fn frame(
        &mut self,
        fill: impl FnOnce(&mut Vec<u8>) -> Result<(), etherparse::err::packet::BuildWriteError>,
    ) -> Result<(), Box<dyn Error>> {
        self.data.clear();
        fill(&mut self.data)?;
        self.number += 1;
        self.nanos += 10_000;
        self.writer.write(&Frame {
            number: self.number,
            time: Some(Timestamp(self.nanos)),
            interface: 0,
            link_type: LinkType::Ethernet,
            data: &self.data,
            orig_len: self.data.len() as u32,
        })?;
        Ok(())
    }
}

fn datagrams(count: u64, out: &mut Recorder) -> Result<(), Box<dyn Error>> {
    for number in 0..count {
        let mut payload = [0; 19];
        payload[..8].copy_from_slice(format!("n{:07}", number % 10_000_000).as_bytes());
        payload[11..15].copy_from_slice(&((number % 101) as u32).to_be_bytes());
        payload[15..19].copy_from_slice(&((number * 7 % 101) as u32).to_be_bytes());
        out.frame(|data| {
            PacketBuilder::ethernet2([2; 6], [4; 6])
                .ipv4([10, 0, 0, 1], [10, 0, 0, 2], 64)
                .udp(40000, 1989)
                .write(data, &payload)
        })?;
    }
    Ok(())
}

/// Datagrams of several lengths; before each the time goes on by what `pause` says, nanoseconds.
fn mixed(
    count: u64,
    out: &mut Recorder,
    pause: &mut dyn FnMut() -> i64,
) -> Result<(), Box<dyn Error>> {
    for (number, len) in (0..count).zip(LENGTHS.into_iter().cycle()) {
        out.nanos += pause();
        out.frame(|data| {
            PacketBuilder::ethernet2([2; 6], [4; 6])
                .ipv4([10, 0, 0, 1], [10, 0, 0, 2], 64)
                .udp(40000, 1989)
                .write(data, &vec![number as u8; len])
        })?;
    }
    Ok(())
}

/// A connection on which a page is asked for; the client closes it, or asks the server to where
/// it asks but once.
fn pages(count: u64, out: &mut Recorder) -> Result<(), Box<dyn Error>> {
    let close = if count == 1 { "Connection: close\r\n" } else { "" };
    let request = format!("GET /page.html HTTP/1.1\r\nHost: 127.0.0.1\r\n{close}\r\n");
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {PAGE}\r\n{close}\r\n"
    );
    let response = head + &"x".repeat(PAGE);
    let mut ends = Ends { sent: [0; 2] };
    ends.segment(0, TcpFlags::Syn, b"", out)?;
    ends.segment(1, TcpFlags::Syn, b"", out)?;
    for _ in 0..count {
        ends.segment(0, TcpFlags::None, request.as_bytes(), out)?;
        ends.segment(1, TcpFlags::None, response.as_bytes(), out)?;
    }
    let first = usize::from(count == 1);
    ends.segment(first, TcpFlags::Fin, b"", out)?;
    ends.segment(1 - first, TcpFlags::Fin, b"", out)
}

/// Client and server of a connection: what each has sent, in sequence numbers.
struct Ends {
    sent: [u32; 2],
}

#[derive(Clone, Copy, PartialEq)]
enum TcpFlags {
    None,
    Syn,
    Fin,
}

impl Ends {
    fn segment(
        &mut self,
        from: usize,
        flags: TcpFlags,
        payload: &[u8],
        out: &mut Recorder,
    ) -> Result<(), Box<dyn Error>> {
        let hosts = [([10, 0, 0, 1], 40_000), ([10, 0, 0, 2], 80)];
        let ((src, src_port), (dst, dst_port)) = (hosts[from], hosts[1 - from]);
        let ip = PacketBuilder::ethernet2([2; 6], [4; 6]).ipv4(src, dst, 64);
        let mut step = ip.tcp(src_port, dst_port, self.sent[from], 65_535);
        if (from, flags) != (0, TcpFlags::Syn) {
            step = step.ack(self.sent[1 - from]);
        }
        step = match flags {
            TcpFlags::None => step.psh(),
            TcpFlags::Syn => step.syn(),
            TcpFlags::Fin => step.fin(),
        };
        self.sent[from] += payload.len() as u32 + u32::from(flags != TcpFlags::None);
        out.frame(|data| step.write(data, payload))
    }
}

/// One connection under way.
struct Connection {
    number: u64,
    response: Vec<u8>,
    /// Segments of the response, in the order in which they are sent: first byte and length.
    segments: Vec<(usize, usize)>,
    sent: usize,
}

impl Connection {
    fn new(number: u64, random: &mut Random) -> Self {
        let mut response = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\n\
             Content-Length: {BODY}\r\n\r\n"
        )
        .into_bytes();
        response.extend((0..BODY).map(|_| random.next() as u8));
        let mut segments: Vec<_> = (0..response.len())
            .step_by(SEGMENT)
            .map(|start| (start, SEGMENT.min(response.len() - start)))
            .collect();
        for at in (0..segments.len()).rev() {
            if random.next().is_multiple_of(100) {
                segments.insert(at, segments[at]);
            } else if random.next().is_multiple_of(100) && at > 0 {
                segments.swap(at - 1, at);
            }
        }
        Self { number, response, segments, sent: 0 }
    }

    fn address(&self) -> [u8; 4] {
        let [.., high, low] = (self.number as u32 / 50_000).to_be_bytes();
        [10, 1, high, low]
    }

    fn port(&self) -> u16 {
        10_000 + (self.number % 50_000) as u16
    }

    fn client(
        &self,
        out: &mut Recorder,
        seq: u32,
        ack: Option<u32>,
        flags: &str,
        payload: &[u8],
    ) -> Result<(), Box<dyn Error>> {
        let (src, dst) = ((self.address(), self.port()), ([10, 2, 0, 1], 80));
        segment(out, src, dst, seq, ack, flags, payload)
    }

    fn server(
        &self,
        out: &mut Recorder,
        seq: u32,
        ack: Option<u32>,
        flags: &str,
        payload: &[u8],
    ) -> Result<(), Box<dyn Error>> {
        let (src, dst) = (([10, 2, 0, 1], 80), (self.address(), self.port()));
        segment(out, src, dst, seq, ack, flags, payload)
    }

    fn request(&self) -> String {
        format!("GET /object/{:06} HTTP/1.1\r\nHost: server\r\n\r\n", self.number)
    }

    fn open(&self, out: &mut Recorder) -> Result<(), Box<dyn Error>> {
        self.client(out, 999, None, "S", b"")?;
        self.server(out, 4999, Some(1000), "S", b"")?;
        self.client(out, 1000, Some(5000), "", b"")?;
        self.client(out, 1000, Some(5000), "", self.request().as_bytes())
    }

    /// Sends the next segment; false when the connection has ended.
    fn step(&mut self, out: &mut Recorder) -> Result<bool, Box<dyn Error>> {
        let client_seq = 1000 + self.request().len() as u32;
        let Some(&(start, len)) = self.segments.get(self.sent) else {
            let end = 5000 + self.response.len() as u32;
            self.server(out, end, Some(client_seq), "F", b"")?;
            self.client(out, client_seq, Some(end + 1), "F", b"")?;
            self.server(out, end + 1, Some(client_seq + 1), "", b"")?;
            return Ok(false);
        };
        let payload = &self.response[start..start + len];
        self.server(out, 5000 + start as u32, Some(client_seq), "", payload)?;
        self.sent += 1;
        if self.sent.is_multiple_of(4) {
            let acknowledged = self.received();
            self.client(out, client_seq, Some(5000 + acknowledged as u32), "", b"")?;
        }
        Ok(true)
    }

    /// Bytes that arrived without a gap before them.
    fn received(&self) -> usize {
        let mut sent = self.segments[..self.sent].to_vec();
        sent.sort_unstable();
        sent.iter()
            .fold(0, |end, &(start, len)| if start <= end { end.max(start + len) } else { end })
    }
}

fn segment(
    out: &mut Recorder,
    (src, src_port): ([u8; 4], u16),
    (dst, dst_port): ([u8; 4], u16),
    seq: u32,
    ack: Option<u32>,
    flags: &str,
    payload: &[u8],
) -> Result<(), Box<dyn Error>> {
    out.frame(|data| {
        let builder = PacketBuilder::ethernet2([2; 6], [4; 6]).ipv4(src, dst, 64);
        let mut builder = builder.tcp(src_port, dst_port, seq, 65_000);
        if flags.contains('S') {
            builder = builder.syn();
        }
        if flags.contains('F') {
            builder = builder.fin();
        }
        if let Some(ack) = ack {
            builder = builder.ack(ack);
        }
        builder.write(data, payload)
    })
}

/// Opens all connections, and takes turns among them at random.
fn connections(count: u64, out: &mut Recorder) -> Result<(), Box<dyn Error>> {
    let mut random = Random(1);
    let mut open: Vec<_> = (0..count).map(|number| Connection::new(number, &mut random)).collect();
    for connection in &open {
        connection.open(out)?;
    }
    while !open.is_empty() {
        let turn = random.next() as usize % open.len();
        if !open[turn].step(out)? {
            open.swap_remove(turn);
        }
    }
    Ok(())
}

/// xorshift64: good enough for noise, and the same everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 >> 11
    }
}
