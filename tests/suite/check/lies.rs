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
";

const PROFILE: &str = "[[protocol]]
name = \"p\"
header = \"proto.h\"
message = \"head\"
decode_as = [\"udp.port==1989\"]
length = \"len\"
tag = \"type\"
cases = { 1 = \"point\", 2 = \"text\", 3 = \"none\" }
";

/// What is found of one datagram: `code: text, bytes of the message`.
fn found(payload: &[u8]) -> Vec<String> {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("proto.h"), HEADER).unwrap();
    let profile = dir.path().join("wirereel.toml");
    fs::write(&profile, PROFILE).unwrap();
    let options = Options { profile: Some(profile), ..Options::default() };
    let protocols = Protocols::load(&options).unwrap();
    let packet = PacketBuilder::ipv4([10, 0, 0, 1], [10, 0, 0, 2], 64).udp(40000, 1989);
    let mut data = Vec::new();
    packet.write(&mut data, payload).unwrap();
    let orig_len = data.len() as u32;
    let frame = Frame {
        number: 1,
        time: None,
        interface: 0,
        link_type: LinkType::Raw,
        data: &data,
        orig_len,
    };
    let mut check = TrafficCheck::new(&protocols);
    let mut dissector = Dissector::new(&protocols, false).unwrap();
    dissector.push(&frame, None, &mut |found| check.found(&found));
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
