//! What a capture becomes before it is replayed: steps, times, payload, and what is left out.

use std::fs::{self, File};
use std::io::Cursor;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use etherparse::{PacketBuilder, PacketBuilderStep, TcpHeader, UdpHeader};
use wirereel::capture::{CaptureError, Frame, LinkType, Reader, Timestamp, WriteFormat, Writer};
use wirereel::decode::follow::{Content, Follow};
use wirereel::flow::Side;
use wirereel::packet::{StreamId, Transport};
use wirereel::replay::{Action, Conversation, Datagram, Plan, Skipped, Step};

const CLIENT: ([u8; 4], u16) = ([10, 0, 0, 1], 40_000);
const SERVER: ([u8; 4], u16) = ([10, 0, 0, 2], 80);
const BROADCAST: ([u8; 4], u16) = ([255; 4], 1989);

/// A capture in the making: its bytes, and the time of the next frame.
struct Sketch {
    writer: Writer<Vec<u8>>,
    micros: i64,
    count: u64,
    last: Vec<u8>,
}

/// What a segment has beside its payload.
#[derive(Clone, Copy, Default)]
struct Flags {
    syn: bool,
    ack: Option<u32>,
    fin: bool,
    rst: bool,
}

impl Sketch {
    fn new() -> Self {
        let writer = Writer::new("memory", Vec::new(), WriteFormat::PcapNs).unwrap();
        Self { writer, micros: 1_000_000, count: 0, last: Vec::new() }
    }

    /// So long after the frame before it.
    fn after(&mut self, micros: i64) -> &mut Self {
        self.micros += micros;
        self
    }

    /// A frame of which the last `snapped` bytes are not captured.
    fn frame(&mut self, data: &[u8], snapped: usize) {
        self.count += 1;
        let frame = Frame {
            number: self.count,
            time: Some(Timestamp(self.micros * 1000)),
            interface: 0,
            link_type: LinkType::Ethernet,
            data: &data[..data.len() - snapped],
            orig_len: data.len() as u32,
        };
        self.writer.write(&frame).unwrap();
        self.last = data.to_vec();
    }

    /// The last frame once more, as it left a router.
    fn forwarded(&mut self) -> &mut Self {
        let mut data = std::mem::take(&mut self.last);
        data[..12].rotate_left(6);
        // One hop less; the checksum of the header is not looked at.
        data[22] -= 1;
        self.frame(&data, 0);
        self
    }

    fn udp(&mut self, from: ([u8; 4], u16), to: ([u8; 4], u16), payload: &[u8]) -> &mut Self {
        self.udp_snapped(from, to, payload, 0)
    }

    fn udp_snapped(
        &mut self,
        (src, src_port): ([u8; 4], u16),
        (dst, dst_port): ([u8; 4], u16),
        payload: &[u8],
        snapped: usize,
    ) -> &mut Self {
        let to = if dst[3] == 255 { [0xff; 6] } else { [2; 6] };
        let builder = PacketBuilder::ethernet2([4; 6], to).ipv4(src, dst, 64);
        let builder: PacketBuilderStep<UdpHeader> = builder.udp(src_port, dst_port);
        let mut data = Vec::new();
        builder.write(&mut data, payload).unwrap();
        self.frame(&data, snapped);
        self
    }

    fn tcp(&mut self, side: Side, seq: u32, flags: Flags, payload: &[u8]) -> &mut Self {
        self.tcp_snapped(side, seq, flags, payload, 0)
    }

    fn tcp_snapped(
        &mut self,
        side: Side,
        seq: u32,
        flags: Flags,
        payload: &[u8],
        snapped: usize,
    ) -> &mut Self {
        let ((src, src_port), (dst, dst_port)) = match side {
            Side::Client => (CLIENT, SERVER),
            Side::Server => (SERVER, CLIENT),
        };
        let builder = PacketBuilder::ethernet2([4; 6], [2; 6]).ipv4(src, dst, 64);
        let mut header = TcpHeader::new(src_port, dst_port, seq, 1000);
        (header.syn, header.fin, header.rst) = (flags.syn, flags.fin, flags.rst);
        header.ack = flags.ack.is_some();
        header.acknowledgment_number = flags.ack.unwrap_or_default();
        let mut data = Vec::new();
        builder.tcp_header(header).write(&mut data, payload).unwrap();
        self.frame(&data, snapped);
        self
    }

    /// The handshake; both sides go on with 1.
    fn handshake(&mut self) -> &mut Self {
        self.tcp(Side::Client, 0, Flags { syn: true, ..Flags::default() }, b"");
        self.tcp(Side::Server, 0, Flags { syn: true, ack: Some(1), ..Flags::default() }, b"");
        self.tcp(Side::Client, 1, ack(1), b"")
    }

    fn bytes(self) -> Vec<u8> {
        self.writer.finish().unwrap()
    }

    /// The plan of what cannot be read twice.
    fn plan(self) -> Plan {
        plan_of(self.bytes())
    }
}

fn ack(number: u32) -> Flags {
    Flags { ack: Some(number), ..Flags::default() }
}

fn plan_of(capture: Vec<u8>) -> Plan {
    let reader = Reader::new(Cursor::new(capture)).unwrap();
    Plan::read(reader, None, &mut |_| {}).unwrap()
}

fn captures(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("captures").join(name)
}

/// The plan of a file, open once more where spans may lie in it.
fn plan_file(path: &Path) -> Plan {
    let file = File::open(path).unwrap();
    let reader = Reader::named("file", file.try_clone().unwrap()).unwrap();
    Plan::read(reader, Some(file), &mut |_| {}).unwrap()
}

fn plan(name: &str) -> Plan {
    plan_file(&captures(name))
}

fn datagrams(plan: &Plan) -> Vec<Datagram> {
    let mut entries = plan.schedule.entries();
    std::iter::from_fn(|| entries.next_entry().unwrap()).collect()
}

/// What one side of a conversation sends, read again.
fn sent(plan: &Plan, conversation: &Conversation, side: Side) -> Vec<u8> {
    let mut bytes = Vec::new();
    for step in conversation.steps.iter().filter(|it| it.side == side) {
        if let Action::Send(range) = &step.action {
            for span in conversation.sent(range) {
                plan.payloads.read(*span, &mut bytes).unwrap();
            }
        }
    }
    bytes
}

/// What one side of a conversation sent, as reassembly has it.
fn reassembled(path: &Path, stream: StreamId, side: Side) -> Vec<u8> {
    let mut reader = Reader::open(path).unwrap();
    let mut follow = Follow::new(Transport::Tcp, stream);
    let mut bytes = Vec::new();
    let mut take = |it: wirereel::decode::follow::Piece<'_>| {
        if let (true, Content::Segment(segment)) = (it.side == side, it.content) {
            bytes.extend_from_slice(segment);
        }
    };
    while let Some(frame) = reader.next_frame().unwrap() {
        follow.push(&frame, &mut take);
    }
    follow.finish(&mut take);
    bytes
}

fn micros(micros: u64) -> Duration {
    Duration::from_micros(micros)
}

fn step(at: u64, side: Side, action: Action) -> Step {
    Step { at: micros(at), side, action }
}

fn reasons(list: &[Skipped]) -> Vec<(&'static str, u64)> {
    list.iter().map(|it| (&*it.reason.to_string().leak(), it.count)).collect()
}

#[test]
fn a_server_that_speaks_first_and_closes_first_is_a_plan() {
    let plan = plan("ok_stream_basic.pcap");
    let [first, second, third] = &plan.conversations[..] else { panic!("three conversations") };
    assert_eq!((first.start, second.start, third.start), (micros(0), micros(1381), micros(1462)));
    assert_eq!(first.client, "10.0.0.1:40000".parse().unwrap());
    assert_eq!(first.server, "10.0.0.2:1989".parse().unwrap());
    let expected = [
        step(101, Side::Server, Action::Send(0..1)),
        step(132, Side::Server, Action::Finish),
        step(1323, Side::Client, Action::Finish),
    ];
    assert_eq!(first.steps, expected);
    assert_eq!(sent(&plan, first, Side::Server).len(), 12);
    let preflight = &plan.preflight;
    assert_eq!((preflight.conversations, preflight.bytes, preflight.datagrams), (3, 36, 0));
    assert_eq!((preflight.duration, &preflight.skipped[..]), (micros(1593), &[][..]));
    assert_eq!(preflight.traffic[2].server.bytes, 12);
}

#[test]
fn requests_and_answers_are_steps_in_their_order() {
    let plan = plan("ok_webdl_apache.pcap");
    let [conversation] = &plan.conversations[..] else { panic!("one conversation") };
    let expected = [
        step(122, Side::Client, Action::Send(0..1)),
        step(337, Side::Server, Action::Send(1..3)),
        step(384, Side::Server, Action::Finish),
        step(425, Side::Client, Action::Finish),
    ];
    assert_eq!(conversation.steps, expected);
    assert_eq!(sent(&plan, conversation, Side::Client), b"GET /test.png\r\n\r\n");
    assert_eq!(plan.preflight.traffic[0].server.messages, 1);
}

#[test]
fn payload_read_again_is_what_was_reassembled() {
    for name in ["ok_stream_par", "ok_http_chromium", "ok_http_chunked", "ok_http_pipelined"] {
        let path = captures(&format!("{name}.pcap"));
        let plain = plan_file(&path);
        let zipped = plan_file(&compressed(&path));
        let piped = plan_of(fs::read(&path).unwrap());
        assert!(!plain.conversations.is_empty(), "{name}");
        for (index, conversation) in plain.conversations.iter().enumerate() {
            assert!(conversation.spans.iter().all(|span| !span.is_spooled), "{name}");
            for side in [Side::Client, Side::Server] {
                let expected = reassembled(&path, conversation.stream, side);
                assert_eq!(sent(&plain, conversation, side), expected, "{name}");
                for other in [&zipped, &piped] {
                    let spooled = &other.conversations[index];
                    assert!(spooled.spans.iter().all(|span| span.is_spooled), "{name}");
                    assert_eq!(sent(other, spooled, side), expected, "{name}");
                }
            }
        }
    }
}

/// The capture, compressed into a file that stays until the test program ends.
fn compressed(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap().to_str().unwrap();
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let out = folder.join(format!("plan-{name}.gz"));
    let level = flate2::Compression::fast();
    let mut writer = flate2::write::GzEncoder::new(File::create(&out).unwrap(), level);
    std::io::Write::write_all(&mut writer, &fs::read(path).unwrap()).unwrap();
    writer.finish().unwrap();
    out
}

#[test]
fn datagrams_lie_in_the_schedule_whatever_the_file() {
    for name in [
        "ok_dgram_basic.pcap",
        "ok_dgram_basic.pcap.gz",
        "ok_dgram_basic.pcapng",
        "ok_dgram_basic.pcap.zst",
    ] {
        let plan = plan(name);
        let is_plain = name.ends_with("pcap") || name.ends_with("pcapng");
        let datagrams = datagrams(&plan);
        assert_eq!(plan.schedule.len(), 3, "{name}");
        assert_eq!(datagrams.iter().map(|it| it.at).collect::<Vec<_>>(), [0, 32, 34].map(micros));
        assert!(datagrams.iter().all(|it| it.side == Side::Client && it.conversation.0 == 0));
        assert!(datagrams.iter().all(|it| it.span.is_spooled != is_plain), "{name}");
        let mut window = plan.payloads.window();
        let names: Vec<_> =
            datagrams.iter().map(|it| window.read(it.span).unwrap()[..5].to_vec()).collect();
        assert_eq!(names, [b"Alan\0", b"Grace", b"\0\0\0\0\0"], "{name}");
        let [conversation] = &plan.conversations[..] else { panic!("one conversation") };
        assert_eq!(conversation.transport, Transport::Udp);
        assert_eq!((&conversation.steps[..], plan.preflight.bytes), (&[][..], 57));
    }
}

#[test]
fn fragments_are_joined_and_told() {
    let plan = plan("edge_dgram_var_fragmented.pcap");
    let [datagram] = datagrams(&plan)[..] else { panic!("one datagram") };
    let mut payload = Vec::new();
    plan.payloads.read(datagram.span, &mut payload).unwrap();
    assert_eq!((payload.len(), &payload[8..18]), (3009, &b"0123456789"[..]));
    let oversize = [("UDP datagram too long for a frame of 1500 bytes", 1)];
    assert_eq!(reasons(&plan.preflight.notes), oversize);
}

#[test]
fn what_is_left_out_of_recorded_captures_is_told() {
    for (name, expected) in [
        ("edge_dgram_basic_snapped.pcap", &[("UDP datagram that is snapped", 1)][..]),
        ("ok_stream_noserver.pcap", &[("TCP connection that was not accepted", 1)]),
        ("ok_dgram_basic_noreceiver.pcap", &[("ICMP", 1)]),
        ("ok_dgram_mcast.pcap", &[("IGMP", 1)]),
    ] {
        assert_eq!(reasons(&plan(name).preflight.skipped), expected, "{name}");
    }
}

#[test]
fn bytes_within_a_millisecond_are_one_step() {
    let mut sketch = Sketch::new();
    sketch.handshake();
    sketch.after(10).tcp(Side::Client, 1, ack(1), b"GET ");
    sketch.after(999).tcp(Side::Client, 5, ack(1), b"/\r\n");
    sketch.after(1000).tcp(Side::Client, 8, ack(1), b"\r\n");
    sketch.after(1).tcp(Side::Server, 1, ack(10), b"page");
    let fin = Flags { fin: true, ..ack(10) };
    sketch.after(1).tcp(Side::Server, 5, fin, b"");
    sketch.after(5).tcp(Side::Client, 10, Flags { rst: true, ..ack(6) }, b"");
    let plan = sketch.plan();
    // The spool holds what follows each other as one.
    let expected = [
        step(10, Side::Client, Action::Send(0..1)),
        step(2009, Side::Client, Action::Send(1..2)),
        step(2010, Side::Server, Action::Send(2..3)),
        step(2011, Side::Server, Action::Finish),
        step(2016, Side::Client, Action::Reset),
    ];
    assert_eq!(plan.conversations[0].steps, expected);
    assert_eq!(sent(&plan, &plan.conversations[0], Side::Client), b"GET /\r\n\r\n");
}

#[test]
fn segments_out_of_order_are_put_in_order() {
    let mut sketch = Sketch::new();
    sketch.handshake();
    sketch.tcp(Side::Client, 4, ack(1), b"def").tcp(Side::Client, 1, ack(1), b"abc");
    sketch.tcp(Side::Client, 1, ack(1), b"abc").tcp(Side::Client, 7, ack(1), b"g");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("disordered.pcap");
    fs::write(&path, sketch.bytes()).unwrap();
    let plan = plan_file(&path);
    assert_eq!(sent(&plan, &plan.conversations[0], Side::Client), b"abcdefg");
    let places: Vec<_> = plan.conversations[0].spans.iter().map(|it| it.is_spooled).collect();
    assert_eq!(places, [false, true, false], "only what had to wait is kept");
}

#[test]
fn what_the_capture_lacks_of_the_server_is_a_step_and_of_the_client_a_reason() {
    for (side, seq, expected) in [
        (Side::Server, 1, &[][..]),
        (
            Side::Client,
            3,
            &[("TCP conversation whose client's bytes are missing from the capture", 1)],
        ),
    ] {
        let mut sketch = Sketch::new();
        sketch.handshake().tcp(Side::Client, 1, ack(1), b"hi");
        sketch.tcp(side, seq + 4, ack(3), b"late").tcp(side.other(), 1, ack(seq + 8), b"");
        let plan = sketch.plan();
        assert_eq!(reasons(&plan.preflight.skipped), expected);
        if side == Side::Server {
            let actions: Vec<_> =
                plan.conversations[0].steps.iter().map(|it| it.action.clone()).collect();
            assert_eq!(actions, [Action::Send(0..1), Action::Missing(4), Action::Send(1..2)]);
            let note = [("TCP byte of a server missing from the capture", 4)];
            assert_eq!(reasons(&plan.preflight.notes), note);
        }
    }
}

#[test]
fn conversations_that_cannot_be_played_are_skipped_by_reason() {
    let mut middle = Sketch::new();
    middle.tcp(Side::Client, 500, ack(900), b"GET /").tcp(Side::Server, 900, ack(505), b"page");
    let mut snapped = Sketch::new();
    snapped.handshake().tcp_snapped(Side::Client, 1, ack(1), b"GET /a", 2);
    let mut empty = Sketch::new();
    empty.handshake();
    let mut unanswered = Sketch::new();
    unanswered.tcp(Side::Client, 0, Flags { syn: true, ..Flags::default() }, b"");
    let mut alone = Sketch::new();
    alone.udp_snapped(CLIENT, SERVER, b"question", 3).udp(SERVER, CLIENT, b"answer");
    for (sketch, expected) in [
        (middle, &[("TCP conversation that began before the capture: no SYN", 1)][..]),
        (snapped, &[("TCP conversation whose client's segments are snapped", 1)]),
        (empty, &[("TCP connection in which nothing happens", 1)]),
        (unanswered, &[("TCP connection that was not accepted", 1)]),
        (
            alone,
            &[
                ("UDP answer to a datagram that is not replayed", 1),
                ("UDP datagram that is snapped", 1),
            ],
        ),
    ] {
        let plan = sketch.plan();
        assert_eq!(reasons(&plan.preflight.skipped), expected);
        assert_eq!((plan.conversations.len(), plan.schedule.len()), (0, 0));
        assert_eq!(plan.preflight.duration, Duration::ZERO);
    }
}

#[test]
fn a_port_pair_that_is_used_again_is_another_conversation() {
    let mut sketch = Sketch::new();
    sketch.handshake().tcp(Side::Client, 1, ack(1), b"one");
    let syn = Flags { syn: true, ..Flags::default() };
    sketch.after(7).tcp(Side::Client, 9000, syn, b"");
    sketch.tcp(Side::Server, 100, Flags { syn: true, ..ack(9001) }, b"");
    sketch.tcp(Side::Client, 9001, ack(101), b"two");
    let plan = sketch.plan();
    let said: Vec<_> = plan.conversations.iter().map(|it| sent(&plan, it, Side::Client)).collect();
    assert_eq!(said, [b"one", b"two"]);
    assert_eq!(plan.conversations[1].start, micros(7));
    assert!(plan.preflight.skipped.is_empty());
}

#[test]
fn times_count_from_the_first_that_is_played() {
    let mut sketch = Sketch::new();
    sketch.udp_snapped(CLIENT, SERVER, b"snapped", 1);
    sketch.after(50).udp(CLIENT, SERVER, b"first");
    sketch.after(30).udp(SERVER, CLIENT, b"answer");
    // A clock that was set back.
    sketch.after(-5000).udp(CLIENT, SERVER, b"earlier");
    let plan = sketch.plan();
    let seen: Vec<_> = datagrams(&plan).iter().map(|it| (it.at, it.side)).collect();
    let expected = [(0, Side::Client), (30, Side::Server), (0, Side::Client)];
    assert_eq!(seen, expected.map(|(at, side)| (micros(at), side)));
    assert_eq!(plan.preflight.duration, micros(30));
}

#[test]
fn answers_to_everybody_belong_to_who_asked() {
    let others = [([10, 0, 0, 2], 1989), ([10, 0, 0, 3], 5000)];
    let mut sketch = Sketch::new();
    sketch.udp(CLIENT, BROADCAST, b"who is there?");
    sketch.udp(others[0], CLIENT, b"I").udp(others[1], CLIENT, b"and I");
    // One of them is asked alone, and answers that.
    sketch.udp(CLIENT, others[0], b"you?").udp(others[0], CLIENT, b"yes");
    // A subnet's broadcast address is told by the link layer.
    sketch.udp(([10, 0, 0, 9], 7), ([10, 0, 0, 255], 1989), b"hello");
    sketch.udp(others[0], ([10, 0, 0, 9], 7), b"hello 9");
    let plan = sketch.plan();
    let ends: Vec<_> = plan.conversations.iter().map(|it| (it.client, it.server)).collect();
    let subnet = ([10, 0, 0, 255], 1989);
    let expected = [(CLIENT, BROADCAST), (CLIENT, others[0]), (([10, 0, 0, 9], 7), subnet)];
    assert_eq!(ends, expected.map(|(a, b)| (SocketAddr::from(a), SocketAddr::from(b))));
    let seen: Vec<_> = datagrams(&plan).iter().map(|it| (it.conversation.0, it.side)).collect();
    let (client, server) = (Side::Client, Side::Server);
    let expected =
        [(0, client), (0, server), (0, server), (1, client), (1, server), (2, client), (2, server)];
    assert_eq!(seen, expected);
}

#[test]
fn a_capture_cut_short_is_planned_as_far_as_it_goes() {
    let mut bytes = fs::read(captures("ok_dgram_basic.pcap")).unwrap();
    bytes.truncate(bytes.len() - 1);
    let plan = plan_of(bytes);
    assert_eq!(plan.schedule.len(), 2);
    assert!(matches!(plan.preflight.error, Some(CaptureError::Truncated { frame: 2, .. })));
}

#[test]
fn each_frame_is_lent() {
    let reader = Reader::open(&captures("ok_dgram_basic.pcap")).unwrap();
    let mut numbers = Vec::new();
    Plan::read(reader, None, &mut |frame| numbers.push(frame.number)).unwrap();
    assert_eq!(numbers, [1, 2, 3]);
}

#[test]
fn what_was_seen_at_two_places_is_played_once_and_what_was_sent_twice_twice() {
    const PORT: ([u8; 4], u16) = ([10, 0, 0, 2], 1989);
    let mut sketch = Sketch::new();
    for _ in 0..3 {
        sketch.udp(CLIENT, PORT, b"equal").forwarded();
    }
    sketch.udp(PORT, CLIENT, b"answer").forwarded();
    for (side, seq, flags, payload) in [
        (Side::Client, 0, Flags { syn: true, ..Flags::default() }, &b""[..]),
        (Side::Server, 0, Flags { syn: true, ack: Some(1), ..Flags::default() }, b""),
        (Side::Client, 1, ack(1), b"GET"),
        (Side::Server, 1, ack(4), b"page"),
        (Side::Server, 5, Flags { fin: true, ..ack(4) }, b""),
        (Side::Client, 4, Flags { rst: true, ..ack(6) }, b""),
    ] {
        sketch.tcp(side, seq, flags, payload).forwarded();
    }
    let plan = sketch.plan();
    assert_eq!((plan.conversations.len(), plan.schedule.len()), (2, 4));
    assert_eq!(plan.preflight.traffic[0].client.messages, 3);
    let actions: Vec<_> = plan.conversations[1].steps.iter().map(|it| &it.action).collect();
    let expected = [Action::Send(0..1), Action::Send(1..2), Action::Finish, Action::Reset];
    assert_eq!(actions, expected.iter().collect::<Vec<_>>());
    let told = |it: &Skipped| (it.count, it.reason.to_string());
    let skipped: Vec<_> = plan.preflight.skipped.iter().map(told).collect();
    assert_eq!(
        skipped,
        [
            (6, "TCP segment that was captured at another place too".to_owned()),
            (4, "UDP datagram that was captured at another place too".to_owned()),
        ]
    );
}
