//! TCP reassembly: what a side sent comes out once, in order, however the segments arrive.

use proptest::prelude::*;
use wirereel::flow::{Held, MAX_HELD, Reassembly, TcpAnomalies};
use wirereel::flow::{Input, Side};
use wirereel::packet::{Checksum, Endpoint, Packet, TcpFlags, TcpHeader};

/// What one side of a connection gave.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Given {
    bytes: Vec<u8>,
    /// Where, and how long.
    gaps: Vec<(usize, u64)>,
    closed: Option<bool>,
}

struct Connection {
    reassembly: Option<Reassembly>,
    held: Held,
    client: Given,
    server: Given,
}

#[derive(Clone, Copy)]
struct Segment<'a> {
    from: Side,
    seq: u32,
    ack: Option<u32>,
    flags: &'a str,
    payload: &'a [u8],
    /// Bytes on the wire beyond the payload.
    snapped: usize,
}

fn client(seq: u32, payload: &[u8]) -> Segment<'_> {
    Segment { from: Side::Client, seq, ack: None, flags: "", payload, snapped: 0 }
}

fn server(seq: u32, payload: &[u8]) -> Segment<'_> {
    Segment { from: Side::Server, ..client(seq, payload) }
}

impl<'a> Segment<'a> {
    fn ack(self, ack: u32) -> Self {
        Self { ack: Some(ack), ..self }
    }

    fn flags(self, flags: &'a str) -> Self {
        Self { flags, ..self }
    }
}

impl Connection {
    fn new() -> Self {
        let (client, server) = (Given::default(), Given::default());
        Self { reassembly: None, held: Held::default(), client, server }
    }

    fn push(&mut self, segment: Segment<'_>) -> &mut Self {
        let ends: [Endpoint; 2] =
            ["10.0.0.1:40000".parse().unwrap(), "10.0.0.2:80".parse().unwrap()];
        let from_client = segment.from == Side::Client;
        let (src, dst) = if from_client { (ends[0], ends[1]) } else { (ends[1], ends[0]) };
        let has = |flag| segment.flags.contains(flag);
        let packet = Packet {
            src,
            dst,
            tcp: Some(TcpHeader {
                seq: segment.seq,
                ack: segment.ack.unwrap_or_default(),
                window: 65535,
                flags: TcpFlags {
                    syn: has('S'),
                    ack: segment.ack.is_some(),
                    fin: has('F'),
                    rst: has('R'),
                },
                len: 20,
            }),
            payload: segment.payload,
            wire_len: segment.payload.len() + segment.snapped,
            frame_offset: None,
            checksum: Checksum::Good,
        };
        let Self { reassembly, held, client, server } = self;
        let reassembly = reassembly.get_or_insert_with(|| Reassembly::new(&packet, from_client));
        reassembly.push(&packet, from_client, held, &mut |side, input| {
            take(if side == Side::Client { client } else { server }, input);
        });
        self
    }

    fn finish(&mut self) -> &mut Self {
        let Self { reassembly, held, client, server } = self;
        reassembly.as_mut().unwrap().finish(held, &mut |side, input| {
            take(if side == Side::Client { client } else { server }, input);
        });
        self
    }

    fn anomalies(&self) -> TcpAnomalies {
        self.reassembly.as_ref().unwrap().anomalies
    }
}

fn take(given: &mut Given, input: Input<'_>) {
    match input {
        Input::Bytes(bytes) => given.bytes.extend_from_slice(bytes),
        Input::Gap(len) => given.gaps.push((given.bytes.len(), len)),
        Input::Close { clean } => {
            assert_eq!(given.closed.replace(clean), None, "closed twice");
        }
    }
}

/// A connection whose handshake was seen: the client begins at 101, the server at 501.
fn opened() -> Connection {
    let mut connection = Connection::new();
    connection
        .push(client(100, b"").flags("S"))
        .push(server(500, b"").flags("S").ack(101))
        .push(client(101, b"").ack(501));
    connection
}

#[test]
fn segments_in_order_come_out_as_they_are() {
    let mut it = opened();
    it.push(client(101, b"GET ").ack(501)).push(client(105, b"/\r\n").flags("F").ack(501));
    it.push(server(501, b"body").flags("F").ack(109));
    assert_eq!(it.client.bytes, b"GET /\r\n");
    assert_eq!(it.server.bytes, b"body");
    assert_eq!((it.client.closed, it.server.closed), (Some(true), Some(true)));
    assert!(it.reassembly.as_ref().unwrap().is_closed());
    assert_eq!(it.anomalies(), TcpAnomalies::default());
}

#[test]
fn a_segment_behind_a_gap_waits() {
    let mut it = opened();
    it.push(server(505, b"efgh")).push(client(101, b"ping").ack(501));
    assert_eq!(it.server.bytes, b"", "the other side speaking gives nothing up");
    it.push(server(501, b"abcd"));
    assert_eq!(it.server.bytes, b"abcdefgh");
    assert_eq!(it.anomalies().out_of_order, 1);
    assert_eq!(it.server.gaps, []);
}

#[test]
fn an_acknowledged_gap_is_a_gap_of_its_length() {
    let mut it = opened();
    it.push(server(501, b"ab")).push(server(510, b"xy")).push(client(101, b"").ack(512));
    assert_eq!(it.server.bytes, b"abxy");
    assert_eq!(it.server.gaps, [(2, 7)]);
    assert_eq!(it.anomalies().missing_bytes, 7);
    it.push(server(503, b"cdefghi"));
    assert_eq!(it.server.bytes, b"abxy", "too late");
}

#[test]
fn the_end_of_the_capture_gives_up_gaps() {
    let mut it = opened();
    it.push(server(501, b"ab")).push(server(505, b"ef")).push(server(510, b"").flags("F")).finish();
    assert_eq!(it.server.bytes, b"abef");
    assert_eq!(it.server.gaps, [(2, 2), (4, 3)]);
    assert_eq!(it.server.closed, Some(true));
    assert_eq!(it.client.closed, Some(false), "no FIN");
}

#[test]
fn the_first_bytes_win_and_conflicts_are_counted() {
    // Against bytes given out.
    let mut it = opened();
    it.push(server(501, b"abcdefgh")).push(server(503, b"cdXYgh")).push(server(507, b"ghij"));
    assert_eq!(it.server.bytes, b"abcdefghij");
    assert_eq!(it.anomalies().conflicting_bytes, 2);
    assert_eq!(it.anomalies().retransmitted, 1);
    // Against bytes that wait.
    let mut it = opened();
    it.push(server(505, b"efgh")).push(server(503, b"cdEFGHij")).push(server(501, b"abCDe"));
    assert_eq!(it.server.bytes, b"abcdefghij");
    assert_eq!(it.anomalies().conflicting_bytes, 4 + 2);
}

#[test]
fn sequence_numbers_wrap() {
    let mut it = Connection::new();
    it.push(client(u32::MAX - 3, b"").flags("S"));
    it.push(client(3, b"ghij"))
        .push(client(u32::MAX - 2, b"abcdef"))
        .push(client(7, b"").flags("F"));
    assert_eq!(it.client.bytes, b"abcdefghij");
    assert_eq!(it.client.closed, Some(true));
}

#[test]
fn a_capture_may_begin_in_the_middle() {
    let mut it = Connection::new();
    it.push(client(900, b"").ack(7001)).push(server(7005, b"efgh")).push(server(7001, b"abcd"));
    assert_eq!(it.server.bytes, b"abcdefgh", "an acknowledgment says where the peer goes on");
    it.push(server(6000, b"old"));
    assert_eq!(it.server.bytes, b"abcdefgh");

    let mut it = Connection::new();
    it.push(server(500, b"").flags("S").ack(101))
        .push(client(105, b"efgh"))
        .push(client(101, b"abcd"));
    assert_eq!(it.client.bytes, b"abcdefgh", "half a handshake");
}

#[test]
fn an_acknowledgement_may_be_captured_before_what_it_acknowledges() {
    // In the middle of a connection, before its first bytes.
    let mut it = Connection::new();
    it.push(client(900, b"").ack(7009)).push(server(7001, b"abcd")).push(server(7005, b"efgh"));
    assert_eq!(it.server.bytes, b"abcdefgh");
    assert_eq!(it.anomalies(), TcpAnomalies::default());
    // It does not give up a gap that opens after it; the next one does.
    let mut it = opened();
    it.push(client(101, b"").ack(509)).push(server(505, b"efgh"));
    assert_eq!((it.server.bytes.as_slice(), it.server.gaps.len()), (&b""[..], 0));
    it.push(server(501, b"ab")).push(client(101, b"").ack(509));
    assert_eq!((it.server.bytes.as_slice(), &it.server.gaps[..]), (&b"abefgh"[..], &[(2, 2)][..]));
    // A keep-alive is no earlier beginning, and a SYN leaves none.
    let mut it = Connection::new();
    it.push(client(900, b"").ack(7009)).push(server(7008, b"\0")).push(server(7009, b"ij"));
    assert_eq!(it.server.bytes, b"ij");
    let mut it = opened();
    it.push(server(490, b"old")).push(server(501, b"ab"));
    assert_eq!(it.server.bytes, b"ab");
}

#[test]
fn keep_alives_are_nothing() {
    let mut it = opened();
    it.push(client(101, b"ab"))
        .push(client(102, b"\0"))
        .push(client(102, b""))
        .push(client(103, b"c"));
    assert_eq!(it.client.bytes, b"abc");
    assert_eq!(it.anomalies(), TcpAnomalies::default());
}

#[test]
fn a_fin_waits_for_the_data_before_it() {
    let mut it = opened();
    it.push(server(505, b"").flags("F")).push(server(503, b"cd"));
    assert_eq!(it.server.closed, None);
    it.push(server(501, b"ab"));
    assert_eq!((it.server.bytes.as_slice(), it.server.closed), (&b"abcd"[..], Some(true)));
    it.push(client(101, b"half-closed"));
    assert_eq!(it.client.bytes, b"half-closed");
}

#[test]
fn what_follows_a_reset_is_read_on() {
    let mut it = opened();
    it.push(server(501, b"ab")).push(server(505, b"ef")).push(client(101, b"").flags("R"));
    assert_eq!((it.server.bytes.as_slice(), it.server.closed), (&b"ab"[..], None));
    it.push(server(503, b"cd")).push(client(101, b"go on"));
    assert_eq!(it.server.bytes, b"abcdef", "a gap may still be filled");
    assert_eq!(it.client.bytes, b"go on");
    it.push(server(507, b"").flags("R")).push(server(509, b"late")).finish();
    assert_eq!(it.server.bytes, b"abcdeflate");
    assert_eq!(it.server.gaps, [(6, 2)]);
    assert_eq!((it.client.closed, it.server.closed), (Some(false), Some(false)));
    assert_eq!(it.anomalies().after_close, 0);
}

#[test]
fn what_follows_the_end_of_a_side_is_dropped_and_counted() {
    let mut it = opened();
    it.push(server(501, b"ab").flags("F")).push(server(504, b"late"));
    assert_eq!((it.server.bytes.as_slice(), it.server.closed), (&b"ab"[..], Some(true)));
    assert_eq!(it.anomalies().after_close, 1);
}

#[test]
fn a_snapped_segment_leaves_a_gap() {
    let mut it = opened();
    it.push(Segment { snapped: 6, ..server(501, b"ab") }).push(server(509, b"ij"));
    it.push(client(101, b"").ack(511));
    assert_eq!((it.server.bytes.as_slice(), &it.server.gaps[..]), (&b"abij"[..], &[(2, 6)][..]));
}

#[test]
fn what_waits_is_bounded() {
    let mut it = opened();
    let block = vec![7; 60_000];
    let mut sent = 0;
    while it.server.bytes.is_empty() {
        it.push(server(502 + sent, &block));
        sent += block.len() as u32;
        assert!((sent as usize) < MAX_HELD + 2 * block.len(), "held {sent} bytes");
    }
    assert_eq!(it.server.gaps, [(0, 1)]);
    assert_eq!(it.anomalies().bounds_hit, 1);
}

proptest! {
    /// Any cut, order, repetition and overlap of the same bytes gives the same stream.
    #[test]
    fn any_arrival_gives_the_same_bytes(
        bytes in prop::collection::vec(any::<u8>(), 1..300),
        isn in any::<u32>(),
        cuts in prop::collection::vec((any::<prop::sample::Index>(), 1usize..80), 0..20),
        order in any::<u64>(),
    ) {
        let whole = (0..bytes.len()).step_by(50).map(|at| (at, (at + 50).min(bytes.len())));
        let extra = cuts.iter().map(|(at, len)| {
            let at = at.index(bytes.len());
            (at, (at + len).min(bytes.len()))
        });
        let mut parts: Vec<_> = whole.chain(extra).collect();
        let mut state = order;
        for at in (1..parts.len()).rev() {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            parts.swap(at, (state >> 33) as usize % (at + 1));
        }
        let mut it = Connection::new();
        it.push(client(isn, b"").flags("S"));
        let first = isn.wrapping_add(1);
        it.push(client(first.wrapping_add(bytes.len() as u32), b"").flags("F"));
        for (start, end) in parts {
            it.push(client(first.wrapping_add(start as u32), &bytes[start..end]));
        }
        prop_assert_eq!(&it.client.bytes, &bytes);
        prop_assert_eq!(it.client.closed, Some(true));
        prop_assert_eq!(it.anomalies().conflicting_bytes, 0);
        prop_assert_eq!(&it.client.gaps, &[]);
    }
}

#[test]
fn what_lies_beyond_a_fin_is_counted_and_holds_nothing() {
    let far: &[u8] = &[7; 1000];
    // Each fills a gap before FIN in another way: by the bytes, by an acknowledgement beyond, by
    // the end of the capture.
    for (fills, gaps, closed_early) in [
        (Some(server(505, b"efgh").ack(101)), vec![], true),
        (Some(client(101, b"").ack(510)), vec![(4, 4)], true),
        (None, vec![(4, 4)], false),
    ] {
        let mut it = opened();
        it.push(server(501, b"abcd").ack(101));
        for seq in [9000, 300_000, 509] {
            it.push(server(seq, far).ack(101));
        }
        it.push(server(509, b"").flags("F").ack(101));
        if let Some(segment) = fills {
            it.push(segment);
        }
        assert_eq!(it.server.closed.is_some(), closed_early);
        it.finish();
        let expected: &[u8] = if gaps.is_empty() { b"abcdefgh" } else { b"abcd" };
        assert_eq!((&it.server.bytes[..], &it.server.gaps), (expected, &gaps));
        assert_eq!(it.server.closed, Some(true));
        assert_eq!(it.anomalies().after_close, 3);
        assert_eq!(it.held.bytes(), 0, "released");
    }
}

#[test]
fn what_is_held_behind_a_close_leaves_the_room_to_others() {
    let mut it = opened();
    let block = vec![1; 60_000];
    for number in 0..60 {
        it.push(server(100_000 + number * 60_000, &block).ack(101));
    }
    assert!(it.held.bytes() > 3_600_000);
    it.push(server(501, b"").flags("F").ack(101));
    assert_eq!((it.server.closed, it.held.bytes()), (Some(true), 0));
    it.push(server(100_000, &block).ack(101)).finish();
    assert_eq!((it.anomalies().after_close, it.held.bytes()), (61, 0));
}

#[test]
fn of_two_answers_to_a_syn_the_one_that_the_client_acknowledges_begins_the_side() {
    for (acknowledged, other) in [(501, 901), (901, 501)] {
        let mut it = Connection::new();
        it.push(client(100, b"").flags("S"));
        it.push(server(500, b"").flags("S").ack(101)).push(server(900, b"").flags("S").ack(101));
        it.push(client(101, b"").ack(acknowledged));
        it.push(server(other, b"stale").ack(101)).push(server(acknowledged, b"body").ack(101));
        it.push(server(700, b"").flags("S").ack(101)).finish();
        assert!(it.server.bytes.starts_with(b"body"), "{acknowledged}");
        let mut it = Connection::new();
        it.push(client(100, b"").flags("S"));
        it.push(server(500, b"").flags("S").ack(101)).push(server(900, b"").flags("S").ack(101));
        // The client's side went another way.
        it.push(server(acknowledged, b"body").ack(101));
        assert_eq!(it.server.bytes, b"body", "{acknowledged}");
    }
}

#[test]
fn a_segment_of_another_connection_is_counted_and_left_out() {
    let mut it = opened();
    it.push(server(501, b"ab").ack(101)).push(client(101, b"ping").ack(503));
    for stray in [
        server(0xa000_0000, b"old").ack(0xa000_0000).flags("F"),
        server(0x9000_0000, b"").ack(0x9000_0000),
        server(0x9000_0000, b"").flags("R"),
        client(0x9000_0000, b"old").ack(0x9000_0000),
    ] {
        it.push(stray);
    }
    it.push(server(503, b"cd").ack(105)).finish();
    assert_eq!((&it.server.bytes[..], &it.client.bytes[..]), (&b"abcd"[..], &b"ping"[..]));
    assert_eq!((&it.server.gaps, &it.client.gaps), (&vec![], &vec![]));
    assert_eq!(it.anomalies(), TcpAnomalies { stray: 4, ..it.anomalies() });
}

#[test]
fn the_declared_port_is_the_servers_until_a_handshake_says_otherwise() {
    let ends: [Endpoint; 2] = ["10.0.0.1:8868".parse().unwrap(), "10.0.0.2:31600".parse().unwrap()];
    let tcp = TcpHeader { seq: 1, ack: 1, window: 1, flags: TcpFlags::default(), len: 20 };
    let packet = Packet {
        src: ends[0],
        dst: ends[1],
        tcp: Some(tcp),
        payload: b"",
        wire_len: 0,
        frame_offset: None,
        checksum: Checksum::Good,
    };
    for (declared, side) in
        [(None, Side::Server), (Some(31600), Side::Client), (Some(8868), Side::Server)]
    {
        let mut new = Reassembly::with_server_port(&packet, true, declared);
        assert_eq!((new.side(true), new.are_sides_known()), (side, false), "{declared:?}");
        let flags = TcpFlags { syn: true, ..TcpFlags::default() };
        let syn = Packet { tcp: Some(TcpHeader { flags, ..tcp }), ..packet };
        assert_eq!(new.is_reversed_by(&syn, true), side == Side::Server);
        assert_eq!((new.side(true), new.are_sides_known()), (Side::Client, true));
        assert!(!new.is_reversed_by(&syn, false), "settled");
    }
}
