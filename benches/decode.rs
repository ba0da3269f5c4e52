//! How fast messages are decoded, stage by stage and whole, on generated datagrams.
//!
//! What is decoded is asserted before it is measured, so that nothing is fast by leaving fields
//! out. `cargo bench -- --test` asserts only.

use std::hint::black_box;
use std::io;
use std::sync::Arc;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use etherparse::PacketBuilder;
use wirereel::capture::{Frame, LinkType, Reader, Timestamp, WriteFormat, Writer};
use wirereel::decode::codec::{Codec, MessageWords};
use wirereel::decode::{Dissector, Found, Summary};
use wirereel::flow::{Arrival, Flow};
use wirereel::message::{Captured, Item, Scalar};
use wirereel::output::JsonWriter;
use wirereel::profile::{Format, Options, Protocols};
use wirereel::schema::ResolvedLayout;

/// Datagrams of the capture.
const DATAGRAMS: u32 = 100_000;

/// Of every 101 datagrams, `math` is 0 to 100 once each.
const MARKS: u32 = 101;

/// Above it a mark counts as good.
const PASS: u64 = 60;

/// Behind the capture's header: 16 bytes of record header, 42 of packet headers, 19 of payload.
const RECORD_LEN: usize = 16 + 42 + 19;

fn benches(criterion: &mut Criterion) {
    let capture = Arc::new(capture());
    let protocols = Protocols::load(&Options::default()).expect("the built-ins");
    headers(criterion, &capture);
    codec(criterion, &protocols, "dgram-basic", &basic_payload(7));
    codec(criterion, &protocols, "dgram-var", b"\0\0\0\x07\0\0\0\x56Alan\0");
    dissector(criterion, &capture, &protocols);
    json(criterion, &capture, &protocols);
}

/// Link, IP and transport headers, checksums, and the number of the stream.
fn headers(criterion: &mut Criterion, capture: &Arc<Vec<u8>>) {
    let bytes = |flow: &mut Flow<()>, capture: &[u8]| -> usize {
        frames(capture).map(|frame| payload_len(flow, &frame)).sum()
    };
    assert_eq!(bytes(&mut Flow::default(), capture), 19 * DATAGRAMS as usize);
    let mut group = criterion.benchmark_group("decode");
    group.throughput(Throughput::Elements(DATAGRAMS.into()));
    group.bench_function("headers and flow", |bencher| {
        bencher.iter(|| bytes(&mut Flow::default(), black_box(capture)));
    });
    group.finish();
}

/// One message of a lesson's struct.
fn codec(criterion: &mut Criterion, protocols: &Protocols, name: &str, payload: &[u8]) {
    let options = MessageWords::default();
    let codec = Codec::new(layout(protocols, name), &options).expect("a layout");
    let mut items = Vec::new();
    let decoded = codec.decode(payload, payload.len(), &mut items);
    assert_eq!((decoded.error, decoded.trailing), (None, 0));
    assert_eq!(field(&codec, &items, "math"), Some(7));
    assert_eq!(field(&codec, &items, "chinese"), Some(86));
    let mut group = criterion.benchmark_group("codec");
    group.throughput(Throughput::Elements(1));
    group.bench_function(name, |bencher| {
        bencher.iter(|| {
            codec.decode(black_box(payload), payload.len(), &mut items);
            black_box(&items).len()
        });
    });
    group.finish();
}

/// From the capture's bytes to messages.
fn dissector(criterion: &mut Criterion, capture: &Arc<Vec<u8>>, protocols: &Protocols) {
    let mut good = 0;
    let summary = dissect(capture, protocols, &mut |captured| {
        good += u32::from(mark(captured).is_some_and(|mark| mark > PASS));
    });
    let meant = (0..DATAGRAMS).filter(|index| u64::from(index % MARKS) > PASS).count();
    assert_eq!((summary.messages, good as usize), (DATAGRAMS.into(), meant));
    assert!(summary.undecoded.is_empty() && summary.anomalies.is_empty(), "{summary:?}");
    let mut group = criterion.benchmark_group("decode");
    group.throughput(Throughput::Elements(DATAGRAMS.into()));
    group.sample_size(20);
    group.bench_function("dissector", |bencher| {
        bencher.iter(|| {
            dissect(capture, protocols, &mut |captured| {
                black_box(captured);
            })
        });
    });
    group.finish();
}

/// The same, and every message written.
fn json(criterion: &mut Criterion, capture: &Arc<Vec<u8>>, protocols: &Protocols) {
    let mut lines = Vec::new();
    write_json(capture, protocols, &mut lines);
    let lines = String::from_utf8(lines).expect("UTF-8");
    assert_eq!(lines.lines().count(), DATAGRAMS as usize);
    assert!(lines.lines().nth(83).is_some_and(|line| {
        line.contains(r#""fields":{"name":"Alan","math":83,"chinese":86}"#)
    }));
    let mut group = criterion.benchmark_group("decode");
    group.throughput(Throughput::Elements(DATAGRAMS.into()));
    group.sample_size(20);
    group.bench_function("dissector and JSON", |bencher| {
        bencher.iter(|| write_json(capture, protocols, &mut io::sink()));
    });
    group.finish();
}

fn write_json(capture: &Arc<Vec<u8>>, protocols: &Protocols, out: &mut dyn io::Write) {
    let mut writer = JsonWriter::new();
    dissect(capture, protocols, &mut |captured| writer.write(captured, out).expect("a line"));
}

fn dissect(
    capture: &Arc<Vec<u8>>,
    protocols: &Protocols,
    sink: &mut impl FnMut(&Captured<'_>),
) -> Summary {
    let mut reader = Reader::new(io::Cursor::new(Shared(Arc::clone(capture)))).expect("a capture");
    let mut dissector = Dissector::new(protocols, false).expect("codecs");
    let mut take = |found: Found<'_>| {
        if let Found::Message { captured, .. } = found {
            sink(captured);
        }
    };
    while let Some(frame) = reader.next_frame().expect("a frame") {
        dissector.push(&frame, None, &mut take);
    }
    dissector.finish(&mut take)
}

/// The capture's bytes, which readers on any thread may share.
struct Shared(Arc<Vec<u8>>);

impl AsRef<[u8]> for Shared {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

/// The frames as they lie in the file, which holds nothing else.
fn frames(capture: &[u8]) -> impl Iterator<Item = Frame<'_>> {
    capture[24..].chunks_exact(RECORD_LEN).zip(1..).map(|(record, number)| Frame {
        number,
        time: Some(Timestamp::from_parts(0, 0)),
        interface: 0,
        link_type: LinkType::Ethernet,
        data: &record[16..],
        orig_len: 61,
    })
}

fn payload_len(flow: &mut Flow<()>, frame: &Frame<'_>) -> usize {
    match flow.push(frame) {
        Arrival::Packet(delivery) => delivery.packet.payload.len(),
        Arrival::Held | Arrival::Membership(_) | Arrival::Undecoded(_) => 0,
    }
}

fn mark(captured: &Captured<'_>) -> Option<u64> {
    captured.message.get("math")?.as_u64()
}

fn field(codec: &Codec, items: &[Item], name: &str) -> Option<u64> {
    let is_it = |item: &&Item| codec.table().nodes[item.node as usize].name == name;
    match items.iter().find(is_it)?.scalar {
        Scalar::Unsigned(value) => Some(value),
        _ => None,
    }
}

fn layout<'p>(protocols: &'p Protocols, name: &str) -> &'p ResolvedLayout {
    let protocol = protocols.list().iter().find(|it| it.name == name);
    match &protocol.expect("a built-in").format {
        Format::Record(layout) => layout,
        other => panic!("{name} is no struct: {other:?}"),
    }
}

/// Datagrams of the basic lesson between two hosts.
fn capture() -> Vec<u8> {
    let mut writer = Writer::new("memory", Vec::new(), WriteFormat::Pcap).expect("a writer");
    let mut data = Vec::new();
    for index in 0..DATAGRAMS {
        data.clear();
        PacketBuilder::ethernet2([2, 0, 0, 0, 0, 1], [2, 0, 0, 0, 0, 2])
            .ipv4([10, 0, 0, 1], [10, 0, 0, 2], 64)
            .udp(40_000, 1989)
            .write(&mut data, &basic_payload(index % MARKS))
            .expect("a packet");
        let frame = Frame {
            number: u64::from(index) + 1,
            time: Some(Timestamp::from_parts(1_700_000_000, u64::from(index) * 1000)),
            interface: 0,
            link_type: LinkType::Ethernet,
            data: &data,
            orig_len: data.len() as u32,
        };
        writer.write(&frame).expect("a frame");
    }
    writer.finish().expect("a capture")
}

/// Alan's `math`, and 86.
fn basic_payload(math: u32) -> [u8; 19] {
    let mut payload = *b"Alan\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x56";
    payload[11..15].copy_from_slice(&math.to_be_bytes());
    payload
}

criterion_group!(decode, benches);
criterion_main!(decode);
