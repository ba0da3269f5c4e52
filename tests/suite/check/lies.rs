//! What messages say of their lengths, and is not so.

use std::fs;

use etherparse::PacketBuilder;
use wirereel::capture::{Frame, LinkType};
use wirereel::check::TrafficCheck;
use wirereel::decode::Dissector;
use wirereel::profile::{Options, Protocols};

const HEADER: &str = "#include <stdint.h>
#pragma pack(1)
struct head { uint8_t type; uint8_t len; };
struct point { struct head h; uint16_t x; };
struct text { struct head h; uint8_t opts[1]; /* wr: as = \"tlv\", bytes = \"h.len - 3\" */ uint8_t end; };
struct rec { uint8_t id; int16_t t; };
struct list { struct head h; uint8_t n; struct rec r[1]; /* wr: count = \"n\" */
    uint8_t flags; uint16_t v; /* wr: present = \"flags & 1\" */
    uint8_t more[1]; /* wr: bytes = \"rest - 1\" */ uint8_t last; };
";

const PROFILE: &str = "[[protocol]]
name = \"p\"
header = \"proto.h\"
message = \"head\"
decode_as = [\"udp.port==1989\", \"tcp.port==1989\"]
length = \"len + (len == 255) * 0x1000000\"
tag = \"type\"
cases = { 1 = \"point\", 2 = \"text\", 3 = \"none\", 4 = \"list\" }
[protocol.fields]
\"r.t\" = { range = [-10, 100] }
v = { range = [0, 1], scale = 0.1, unit = \"V\" }
last = { range = [0, 9] }
";

/// What is found of one datagram: `code: text, bytes of the message`.
fn found(payload: &[u8]) -> Vec<String> {
    let packet = PacketBuilder::ipv4([10, 0, 0, 1], [10, 0, 0, 2], 64).udp(40000, 1989);
    let mut data = Vec::new();
    packet.write(&mut data, payload).unwrap();
    found_in(&[data])
}

/// The same of a stream that begins with `payload`.
fn found_in_stream(payload: &[u8]) -> Vec<String> {
    let packet = |seq: u32| {
        PacketBuilder::ipv4([10, 0, 0, 1], [10, 0, 0, 2], 64).tcp(40000, 1989, seq, 1000)
    };
    let (mut syn, mut data) = (Vec::new(), Vec::new());
    packet(0).syn().write(&mut syn, &[]).unwrap();
    packet(1).ack(1).write(&mut data, payload).unwrap();
    found_in(&[syn, data])
}

fn found_in(packets: &[Vec<u8>]) -> Vec<String> {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("proto.h"), HEADER).unwrap();
    let profile = dir.path().join("wirereel.toml");
    fs::write(&profile, PROFILE).unwrap();
    let options = Options { profile: Some(profile), ..Options::default() };
    let protocols = Protocols::load(&options).unwrap();
    let mut check = TrafficCheck::new(&protocols);
    let mut dissector = Dissector::new(&protocols, false).unwrap();
    for (number, data) in (1..).zip(packets) {
        let orig_len = data.len() as u32;
        let link_type = LinkType::Raw;
        let frame = Frame { number, time: None, interface: 0, link_type, data, orig_len };
        dissector.push(&frame, None, &mut |found| check.found(&found));
    }
    dissector.finish(&mut |found| check.found(&found));
    let line = |it: wirereel::check::Finding| {
        let place = it.offset.zip(it.len).map(|(at, len)| format!(", {at}+{len}"));
        format!("{}: {}{}", it.code, it.text, place.unwrap_or_default())
    };
    check.finish().into_iter().map(line).collect()
}

#[test]
fn a_length_is_weighed_against_what_is_sent() {
    let cannot = |field: &str, place: &str| {
        format!(
            "length: what `{field}` says cannot be: it is less than what there is in any case, or \
             more than what is around it, {place}"
        )
    };
    for (payload, expected) in [
        (&[1, 4, 0, 7][..], vec![]),
        (&[2, 6, 9, 1, 0xaa, 0][..], vec![]),
        // A case that says that nothing is there speaks of nothing that follows.
        (&[3, 9, 1, 2, 3, 4, 5, 6, 7], vec![]),
        (&[1, 3, 0, 7], vec![cannot("len", "1+1")]),
        (
            &[1, 6, 0, 7],
            vec!["length: the message ends within `len`: a length or a count before it says more, 3+1".into()],
        ),
        (
            &[1, 4, 0, 7, 8],
            vec!["trailing: a byte is left over behind what the message says that it has, 4+1".into()],
        ),
        (
            &[1, 7, 0, 7, 8, 8, 8],
            vec!["trailing: 3 bytes that the length counts are none of its members', 4+3".into()],
        ),
        // An element longer than its list.
        (&[2, 6, 9, 2, 0xaa, 0], vec![cannot("opts.length", "3+1")]),
        (&[2, 5, 9, 0, 0xff], vec![]),
    ] {
        assert_eq!(found(payload), expected, "{payload:?}");
    }
}

#[test]
fn a_value_outside_its_range_is_told_wherever_it_lies() {
    let outside = |what: &str, place: &str| format!("range: {what}, {place}");
    // A list of two, a voltage that is there, bytes that are left, and a last one.
    let list = |t: [u8; 2], v: [u8; 2], last: u8| {
        [4, 16, 2, 1, 0, 5, 2, t[0], t[1], 1, v[0], v[1], 0xaa, 0xbb, 0xcc, last]
    };
    let absent = [4, 8, 1, 1, 0xff, 0xf6, 0, 3];
    for (payload, expected) in [
        (&list([0, 100], [0, 10], 9)[..], vec![]),
        (&absent, vec![]),
        (&list([0, 101], [0, 10], 9), vec![outside("`r.t` is 101, outside -10 to 100", "7+2")]),
        (&list([0xff, 0xf5], [0, 10], 9), vec![outside("`r.t` is -11, outside -10 to 100", "7+2")]),
        (&list([0, 100], [0, 11], 9), vec![outside("`v` is 1.1 V, outside 0 to 1", "10+2")]),
        (
            &list([1, 0], [0, 10], 10),
            vec![
                outside("`last` is 10, outside 0 to 9", "15+1"),
                outside("`r.t` is 256, outside -10 to 100", "7+2"),
            ],
        ),
    ] {
        let mut told = found(payload);
        told.sort();
        assert_eq!(told, expected, "{payload:?}");
    }
}

/// Less is left than there is behind it: of that no field says anything.
#[test]
fn what_is_left_can_be_too_little() {
    let short = |name: &str| {
        vec![format!(
            "length: the message ends within `{name}`: a length or a count before it says more, 3+1"
        )]
    };
    assert_eq!(found(&[4, 7, 0, 0, 1, 2, 3]), Vec::<String>::new());
    assert_eq!(found(&[4, 5, 0, 0, 3]), Vec::<String>::new());
    assert_eq!(found(&[4, 4, 0, 0]), short("more"));
}

/// What is beyond the bounds of what is read may be so: a warning.
#[test]
fn a_length_beyond_what_is_read_is_told() {
    let cannot = "length: what `len` says cannot be: it is less than what there is in any case, or \
                  more than what is around it, 1+1";
    let beyond = "oversize: what `len` says is more than is read of one message: 1048576 bytes of a \
                  stream, 65536 fields, 1+1";
    assert_eq!(found_in_stream(&[1, 4, 0, 7, 1, 4, 0, 8]), Vec::<String>::new());
    assert_eq!(found_in_stream(&[1, 4, 0, 7, 1, 255, 0, 8]), [beyond]);
    assert_eq!(found_in_stream(&[1, 4, 0, 7, 1, 0, 0, 8]), [cannot]);
}
