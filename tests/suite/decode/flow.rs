//! Frames to packets and numbered streams, over every link type, with damage and fragments.

use std::net::IpAddr;

use etherparse::{IpFragOffset, IpNumber, Ipv4Header, Ipv4Options, PacketBuilder};
use wirereel::capture::{Frame, LinkType, Timestamp};
use wirereel::flow::{Arrival, Flow};
use wirereel::flow::{MAX_BYTES, MAX_DATAGRAMS, TIMEOUT};
use wirereel::packet::{Checksum, Endpoint, Undecoded};

const PAYLOAD: &[u8] = b"Alan\0\0\0\0\0\0\0\0\0\0\x53\0\0\0\x56";
const SRC: [u8; 4] = [10, 0, 0, 1];
const DST: [u8; 4] = [10, 0, 0, 2];

/// What one frame came to, without borrows.
#[derive(Debug, PartialEq)]
enum Seen {
    Packet { stream: u32, payload: Vec<u8>, offset: Option<usize>, checksum: Checksum },
    Held,
    Membership { src: IpAddr, groups: Vec<(IpAddr, bool)> },
    Undecoded(Undecoded),
}

fn frame(link_type: LinkType, data: &[u8]) -> Frame<'_> {
    let orig_len = data.len() as u32;
    Frame { number: 1, time: Some(Timestamp(0)), interface: 0, link_type, data, orig_len }
}

fn push(flow: &mut Flow<()>, link: LinkType, data: &[u8]) -> Seen {
    push_at(flow, link, data, 0)
}

fn push_at(flow: &mut Flow<()>, link: LinkType, data: &[u8], nanos: i64) -> Seen {
    let frame = Frame { time: Some(Timestamp(nanos)), ..frame(link, data) };
    match flow.push(&frame) {
        Arrival::Packet(delivery) => Seen::Packet {
            stream: delivery.stream.0,
            payload: delivery.packet.payload.to_vec(),
            offset: delivery.packet.frame_offset,
            checksum: delivery.packet.checksum,
        },
        Arrival::Held => Seen::Held,
        Arrival::Membership(report) => {
            Seen::Membership { src: report.src, groups: report.collect() }
        }
        Arrival::Undecoded(reason) => Seen::Undecoded(reason),
    }
}

fn once(link: LinkType, data: &[u8]) -> Seen {
    push(&mut Flow::default(), link, data)
}

/// An IPv4 packet that carries a UDP datagram.
fn ipv4_udp(payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    PacketBuilder::ipv4(SRC, DST, 64).udp(40000, 1989).write(&mut out, payload).unwrap();
    out
}

fn ipv6_udp(payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    PacketBuilder::ipv6([0xfd; 16], [0xfe; 16], 64)
        .udp(40000, 1989)
        .write(&mut out, payload)
        .unwrap();
    out
}

fn behind(header: &[u8], packet: &[u8]) -> Vec<u8> {
    [header, packet].concat()
}

fn ethernet(ether_type: u16, packet: &[u8]) -> Vec<u8> {
    behind(&[&[2; 6][..], &[4; 6], &ether_type.to_be_bytes()].concat(), packet)
}

fn ipv4(protocol: IpNumber, payload: &[u8]) -> Vec<u8> {
    let header = Ipv4Header::new(payload.len() as u16, 64, protocol, SRC, DST).unwrap();
    let mut out = Vec::new();
    header.write(&mut out).unwrap();
    behind(&out, payload)
}

fn good(offset: usize) -> Seen {
    let payload = PAYLOAD.to_vec();
    Seen::Packet { stream: 0, payload, offset: Some(offset), checksum: Checksum::Good }
}

#[test]
fn every_link_type_leads_to_the_datagram() {
    let ip = ipv4_udp(PAYLOAD);
    let sll = [0, 0, 0, 1, 0, 6, 2, 2, 2, 2, 2, 2, 0, 0, 8, 0];
    let sll2 = [8, 0, 0, 0, 0, 0, 0, 2, 0, 1, 0, 6, 2, 2, 2, 2, 2, 2, 0, 0];
    let qinq = behind(&[0, 20, 0x81, 0, 0, 10, 8, 0], &ip);
    for (link, data, headers) in [
        (LinkType::Ethernet, ethernet(0x0800, &ip), 14),
        (LinkType::Ethernet, ethernet(0x8100, &behind(&[0, 10, 8, 0], &ip)), 18),
        (LinkType::Ethernet, ethernet(0x88a8, &qinq), 22),
        (LinkType::Null, behind(&[2, 0, 0, 0], &ip), 4),
        (LinkType::Null, behind(&[0, 0, 0, 2], &ip), 4),
        (LinkType::Loop, behind(&[0, 0, 0, 2], &ip), 4),
        (LinkType::Raw, ip.clone(), 0),
        (LinkType::Ipv4, ip.clone(), 0),
        (LinkType::LinuxSll, behind(&sll, &ip), 16),
        (LinkType::LinuxSll2, behind(&sll2, &ip), 20),
    ] {
        assert_eq!(once(link, &data), good(headers + 28), "{link:?}");
    }
}

#[test]
fn ipv6_extension_headers_are_passed_over() {
    let plain = ipv6_udp(PAYLOAD);
    assert_eq!(once(LinkType::Ipv6, &plain), good(48));
    assert_eq!(once(LinkType::Null, &behind(&[30, 0, 0, 0], &plain)), good(52));

    // Hop-by-hop options, destination options, and an atomic fragment header, 8 bytes each.
    let mut extended = plain[..40].to_vec();
    extended[5] += 24;
    extended[6] = 0;
    extended.extend_from_slice(&[60, 0, 1, 4, 0, 0, 0, 0]);
    extended.extend_from_slice(&[44, 0, 1, 4, 0, 0, 0, 0]);
    extended.extend_from_slice(&[17, 0, 0, 0, 0, 0, 0, 7]);
    extended.extend_from_slice(&plain[40..]);
    assert_eq!(once(LinkType::Ipv6, &extended), good(72));
}

#[test]
fn ipv4_options_are_passed_over() {
    let mut header = Ipv4Header::new(27, 64, IpNumber::UDP, SRC, DST).unwrap();
    header.options = Ipv4Options::try_from(&[1u8, 1, 1, 0][..]).unwrap();
    header.set_payload_len(27).unwrap();
    header.header_checksum = header.calc_header_checksum();
    let mut data = Vec::new();
    header.write(&mut data).unwrap();
    data.extend_from_slice(&ipv4_udp(PAYLOAD)[20..]);
    assert_eq!(once(LinkType::Ipv4, &data), good(32));
}

#[test]
fn the_payload_ends_where_udp_says() {
    let padded = behind(&ethernet(0x0800, &ipv4_udp(b"Li\0")), &[0xee; 15]);
    let Seen::Packet { payload, .. } = once(LinkType::Ethernet, &padded) else {
        panic!("no packet");
    };
    assert_eq!(payload, b"Li\0");

    // UDP's length is below IP's: bytes between the two are not the datagram's.
    let mut shorter = ipv4_udp(PAYLOAD);
    shorter[25] -= 4;
    let Seen::Packet { payload, checksum, .. } = once(LinkType::Ipv4, &shorter) else {
        panic!("no packet");
    };
    assert_eq!(payload, PAYLOAD[..15]);
    assert_eq!(checksum, Checksum::Bad);
}

#[test]
fn checksums_are_verified_and_offload_is_no_error() {
    let whole = ipv4_udp(PAYLOAD);
    let with = |at: usize, bytes: [u8; 2]| {
        let mut data = whole.clone();
        data[at..at + 2].copy_from_slice(&bytes);
        match once(LinkType::Raw, &data) {
            Seen::Packet { checksum, .. } => checksum,
            other => panic!("{other:?}"),
        }
    };
    // The pseudo-header alone: addresses, protocol 17, length 27.
    let partial: u16 = 0x0a00 + 0x0001 + 0x0a00 + 0x0002 + 0x0011 + 0x001b;
    assert_eq!(with(26, [whole[26], whole[27]]), Checksum::Good);
    assert_eq!(with(26, partial.to_be_bytes()), Checksum::Offloaded);
    assert_eq!(with(26, [0, 0]), Checksum::Absent);
    assert_eq!(with(26, [0x12, 0x34]), Checksum::Bad);
    assert_eq!(with(28, *b"X!"), Checksum::Bad, "payload");
    assert_eq!(with(8, [9, 17]), Checksum::Bad, "IPv4 header");
    assert_eq!(with(10, [0, 0]), Checksum::Good, "IPv4 checksum left to the card");
}

#[test]
fn a_snapped_datagram_keeps_its_length_on_the_wire() {
    let data = ipv4_udp(PAYLOAD);
    let mut flow = Flow::<()>::default();
    let Arrival::Packet(delivery) = flow.push(&frame(LinkType::Raw, &data[..40])) else {
        panic!("no packet");
    };
    assert_eq!((delivery.packet.payload, delivery.packet.wire_len), (&PAYLOAD[..12], 19));
    assert_eq!(delivery.packet.snapped(), 7);
    assert_eq!(delivery.packet.checksum, Checksum::Unverified);
}

#[test]
fn what_is_no_datagram_is_named() {
    for (link, data, reason) in [
        (LinkType::Other(147), vec![1, 2, 3], Undecoded::LinkType(LinkType::Other(147))),
        (LinkType::Ethernet, vec![0; 13], Undecoded::Link),
        (LinkType::Ethernet, ethernet(0x8100, &[0]), Undecoded::Link),
        (LinkType::Ethernet, ethernet(0x0806, &[0; 28]), Undecoded::Arp),
        (LinkType::Ethernet, ethernet(0x88cc, &[0; 28]), Undecoded::NotIp),
        (LinkType::Null, vec![7, 0, 0, 0, 9], Undecoded::NotIp),
        (LinkType::Raw, vec![], Undecoded::Ip),
        (LinkType::Raw, vec![0x55; 40], Undecoded::Ip),
        (LinkType::Raw, ipv4_udp(b"")[..19].to_vec(), Undecoded::Ip),
        (LinkType::Raw, ipv4(IpNumber::UDP, &[0; 7]), Undecoded::Udp),
        (LinkType::Raw, ipv4(IpNumber::UDP, &[7, 7, 7, 7, 0, 7, 0, 0]), Undecoded::Udp),
        (LinkType::Raw, ipv4(IpNumber::TCP, &[0; 19]), Undecoded::Tcp),
        (LinkType::Raw, ipv4(IpNumber::IGMP, &[0x22; 8]), Undecoded::Igmp),
        (LinkType::Raw, ipv4(IpNumber::SCTP, &[0; 12]), Undecoded::IpProtocol),
        (LinkType::Raw, ipv4(IpNumber::ICMP, &[8, 0, 0, 0]), Undecoded::Icmp),
    ] {
        assert_eq!(once(link, &data), Seen::Undecoded(reason), "{link:?} {data:02x?}");
    }
}

/// The fragment of a UDP datagram that begins at byte `start`.
fn fragment(datagram: &[u8], start: usize, len: usize, id: u16) -> Vec<u8> {
    let end = (start + len).min(datagram.len());
    let part = &datagram[start..end];
    let mut header = Ipv4Header::new(part.len() as u16, 64, IpNumber::UDP, SRC, DST).unwrap();
    header.identification = id;
    header.dont_fragment = false;
    header.more_fragments = end < datagram.len();
    header.fragment_offset = IpFragOffset::try_new((start / 8) as u16).unwrap();
    header.header_checksum = header.calc_header_checksum();
    let mut out = Vec::new();
    header.write(&mut out).unwrap();
    behind(&out, part)
}

fn joined(payload: &[u8]) -> Seen {
    Seen::Packet { stream: 0, payload: payload.to_vec(), offset: None, checksum: Checksum::Good }
}

#[test]
fn fragments_are_joined_in_any_order() {
    let payload: Vec<u8> = (0..40).collect();
    let datagram = ipv4_udp(&payload)[20..].to_vec();
    let parts: Vec<_> = [0, 16, 32].iter().map(|&at| fragment(&datagram, at, 16, 7)).collect();
    for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0], [1, 0, 2]] {
        let mut flow = Flow::default();
        assert_eq!(push(&mut flow, LinkType::Raw, &parts[order[0]]), Seen::Held);
        assert_eq!(push(&mut flow, LinkType::Raw, &parts[order[1]]), Seen::Held);
        assert_eq!(push(&mut flow, LinkType::Raw, &parts[order[1]]), Seen::Held, "repeated");
        assert_eq!(push(&mut flow, LinkType::Raw, &parts[order[2]]), joined(&payload));
        assert_eq!(flow.finish().count(), 1);
        assert_eq!(flow.take_dropped(), 0);
    }
}

#[test]
fn a_delivery_names_the_frames_that_carried_it() {
    let ip = ipv4_udp(PAYLOAD);
    let parts = [0, 16].map(|at| fragment(&ip[20..], at, 16, 7));
    let mut flow = Flow::<()>::default();
    let mut seen = Vec::new();
    for data in [&parts[1], &ip, &parts[1], &parts[0]] {
        if let Arrival::Packet(delivery) = flow.push(&frame(LinkType::Raw, data)) {
            seen.push(delivery.frames.to_vec());
        }
    }
    assert_eq!(seen, [vec![2], vec![1, 3, 4]]);
}

#[test]
fn one_fragment_over_and_over_is_dropped_at_last() {
    let data = fragment(&ipv4_udp(PAYLOAD)[20..], 0, 16, 7);
    let mut flow = Flow::<()>::default();
    for _ in 0..=MAX_BYTES / 8 {
        flow.push(&frame(LinkType::Raw, &data));
    }
    let dropped = flow.take_dropped();
    assert!((400_000..=MAX_BYTES as u64 / 8).contains(&dropped), "{dropped}");
}

#[test]
fn ipv6_fragments_are_joined() {
    let plain = ipv6_udp(PAYLOAD);
    let udp = &plain[40..];
    // Destination options may stand behind the fragment header.
    let optioned = behind(&[17, 0, 1, 4, 0, 0, 0, 0], udp);
    for (next_header, whole) in [(17, udp), (60, &optioned)] {
        let part = |start: usize, end: usize, more: bool| {
            let mut data = plain[..40].to_vec();
            data[5] = (8 + end - start) as u8;
            data[6] = 44;
            let offset = (start as u16) | u16::from(more);
            data.extend_from_slice(&[next_header, 0]);
            data.extend_from_slice(&offset.to_be_bytes());
            data.extend_from_slice(&[0, 0, 0, 9]);
            data.extend_from_slice(&whole[start..end]);
            data
        };
        let mut flow = Flow::default();
        let last = part(16, whole.len(), false);
        assert_eq!(push(&mut flow, LinkType::Ipv6, &last), Seen::Held);
        assert_eq!(push(&mut flow, LinkType::Ipv6, &part(0, 16, true)), joined(PAYLOAD));
    }
}

#[test]
fn overlapping_fragments_drop_their_datagram() {
    let datagram = ipv4_udp(&[1; 40])[20..].to_vec();
    let other = ipv4_udp(&[2; 40])[20..].to_vec();
    let mut flow = Flow::default();
    assert_eq!(push(&mut flow, LinkType::Raw, &fragment(&datagram, 16, 16, 7)), Seen::Held);
    let overlap = fragment(&other, 8, 16, 7);
    let conflict = Seen::Undecoded(Undecoded::FragmentConflict);
    assert_eq!(push(&mut flow, LinkType::Raw, &overlap), conflict);
    assert_eq!(flow.take_dropped(), 1);
}

#[test]
fn incomplete_datagrams_are_bounded_in_time_and_number() {
    let datagram = ipv4_udp(&[1; 40])[20..].to_vec();
    let late = i64::try_from(TIMEOUT.as_nanos()).unwrap() + 1;
    let mut flow = Flow::default();
    push_at(&mut flow, LinkType::Raw, &fragment(&datagram, 0, 16, 7), 0);
    push_at(&mut flow, LinkType::Raw, &fragment(&datagram, 16, 16, 7), late);
    let last = push_at(&mut flow, LinkType::Raw, &fragment(&datagram, 32, 16, 7), late);
    assert_eq!(last, Seen::Held, "the first fragment was too old");
    assert_eq!(flow.take_dropped(), 1);

    let mut flow = Flow::default();
    push_at(&mut flow, LinkType::Raw, &fragment(&datagram, 0, 16, 7), 0);
    push_at(&mut flow, LinkType::Raw, &fragment(&datagram, 0, 16, 8), late / 2);
    push_at(&mut flow, LinkType::Raw, &fragment(&datagram, 16, 16, 7), late / 2);
    let last = push_at(&mut flow, LinkType::Raw, &fragment(&datagram, 32, 16, 7), late);
    assert_eq!(last, Seen::Held, "a fragment in between makes its datagram no younger");
    assert_eq!(flow.take_dropped(), 2);

    let mut flow = Flow::default();
    for id in 0..=MAX_DATAGRAMS as u16 {
        push(&mut flow, LinkType::Raw, &fragment(&datagram, 0, 16, id));
    }
    assert_eq!(flow.take_dropped(), 1, "one over the bound");
    assert_eq!(flow.finish().count(), 0);
    assert_eq!(flow.take_dropped(), MAX_DATAGRAMS as u64);
}

#[test]
fn a_quoted_datagram_counts_as_a_stream_but_is_no_message() {
    let cause = ipv4_udp(PAYLOAD);
    let error = behind(&[3, 3, 0, 0, 0, 0, 0, 0], &cause[..28]);
    let mut flow = Flow::default();
    let seen = push(&mut flow, LinkType::Raw, &ipv4(IpNumber::ICMP, &error));
    assert_eq!(seen, Seen::Undecoded(Undecoded::Icmp));
    let mut other = Vec::new();
    PacketBuilder::ipv4(SRC, DST, 64).udp(5, 6).write(&mut other, b"x").unwrap();
    let stream = |seen| match seen {
        Seen::Packet { stream, .. } => stream,
        other => panic!("{other:?}"),
    };
    assert_eq!(stream(push(&mut flow, LinkType::Raw, &other)), 1);
    assert_eq!(stream(push(&mut flow, LinkType::Raw, &cause)), 0);
}

/// A message with its checksum, which stands at its third byte and is over `pseudo` too.
fn summed(pseudo: &[u8], message: &[u8]) -> Vec<u8> {
    let sum = etherparse::checksum::Sum16BitWords::new().add_slice(pseudo).add_slice(message);
    let checksum = sum.ones_complement().to_be().to_be_bytes();
    [&message[..2], &checksum, &message[4..]].concat()
}

/// A report from fe80::1 to ff02::16, behind the hop-by-hop header that MLD has.
fn mld(message: &[u8]) -> Vec<u8> {
    let (src, dst) = (v6("fe80::1"), v6("ff02::16"));
    let len = message.len() as u8;
    let pseudo = [&src[..], &dst, &[0, 0, 0, len, 0, 0, 0, 58]].concat();
    let header = [&[0x60, 0, 0, 0, 0, len + 8, 0, 1][..], &src, &dst].concat();
    let router_alert = [58, 0, 5, 2, 0, 0, 1, 0];
    [&header[..], &router_alert, &summed(&pseudo, message)].concat()
}

fn v6(address: &str) -> [u8; 16] {
    address.parse::<std::net::Ipv6Addr>().unwrap().octets()
}

const GROUP: [u8; 4] = [224, 2, 2, 2];

/// A record of IGMPv3: with sources it has two, and a word of auxiliary data.
fn record(kind: u8, with_sources: bool, group: [u8; 4]) -> Vec<u8> {
    let (aux, sources) = if with_sources { (1, 2) } else { (0, 0) };
    let rest = vec![7; if with_sources { 12 } else { 0 }];
    [&[kind, aux, 0, sources][..], &group, &rest].concat()
}

#[test]
fn reports_say_which_groups_a_host_is_a_member_of() {
    let igmp = |message: &[u8]| ipv4(IpNumber::IGMP, &summed(&[], message));
    let v1 = |kind: u8| igmp(&[&[kind, 0, 0, 0][..], &GROUP].concat());
    let other = [233, 0, 0, 1];
    let v3 = |records: &[Vec<u8>]| {
        let count = records.len() as u8;
        igmp(&[&[0x22, 0, 0, 0, 0, 0, 0, count][..], &records.concat()].concat())
    };
    let six = v6("ff02::1:3");
    let mld_record = |kind: u8| [&[kind, 0, 0, 0][..], &six].concat();
    let mld_v2 = |records: &[Vec<u8>]| {
        let count = records.len() as u8;
        mld(&[&[143, 0, 0, 0, 0, 0, 0, count][..], &records.concat()].concat())
    };
    let groups = |seen: Seen| match seen {
        Seen::Membership { src, groups } => {
            let is_source = src == IpAddr::from(SRC) || src == IpAddr::from(v6("fe80::1"));
            assert!(is_source, "{src}");
            let shown = |(group, has_left): (IpAddr, bool)| match has_left {
                true => format!("no more {group}"),
                false => group.to_string(),
            };
            groups.into_iter().map(shown).collect::<Vec<_>>()
        }
        other => panic!("{other:?}"),
    };
    let of = |data: Vec<u8>| groups(once(LinkType::Raw, &data));
    assert_eq!(of(v1(0x12)), ["224.2.2.2"], "version 1");
    assert_eq!(of(v1(0x16)), ["224.2.2.2"], "version 2");
    assert_eq!(of(v3(&[record(4, false, GROUP)])), ["224.2.2.2"]);
    assert_eq!(
        of(v3(&[record(2, true, other), record(2, false, GROUP)])),
        ["233.0.0.1", "224.2.2.2"]
    );
    assert_eq!(
        of(v3(&[record(5, true, other), record(3, false, GROUP)])),
        ["233.0.0.1", "no more 224.2.2.2"],
        "one left"
    );
    assert_eq!(
        of(v3(&[record(6, true, other), record(1, false, GROUP), record(3, true, GROUP)])),
        ["no more 233.0.0.1", "224.2.2.2"],
        "sources dropped, nothing said, other sources"
    );
    assert_eq!(of(v3(&[record(5, false, other), record(7, false, GROUP)])), [""; 0]);
    assert_eq!(of(v1(0x17)), ["no more 224.2.2.2"], "a leave of version 2");
    assert_eq!(of(mld(&[&[132, 0, 0, 0, 0, 0, 0, 0][..], &six].concat())), ["no more ff02::1:3"]);
    assert_eq!(of(mld(&[&[131, 0, 0, 0, 0, 0, 0, 0][..], &six].concat())), ["ff02::1:3"]);
    assert_eq!(of(mld_v2(&[mld_record(4), mld_record(3)])), ["ff02::1:3", "no more ff02::1:3"]);
    // More records than there are bytes.
    let cut = igmp(
        &[&[0x22, 0, 0, 0, 0, 0, 0xff, 0xff][..], &record(4, false, GROUP), &[4, 0, 0]].concat(),
    );
    assert_eq!(of(cut), ["224.2.2.2"]);
}

#[test]
fn what_is_no_whole_report_is_none() {
    let v2 = [&[0x16, 0, 0, 0][..], &GROUP].concat();
    let igmp = |message: &[u8]| once(LinkType::Raw, &ipv4(IpNumber::IGMP, message));
    let none = Seen::Undecoded(Undecoded::Igmp);
    assert_eq!(igmp(&v2), none, "a wrong checksum");
    assert_eq!(igmp(&summed(&[], &v2)[..6]), none, "cut short");
    let query = [&[0x11, 0, 0, 0][..], &GROUP].concat();
    let leave = [&[0x17, 0, 0, 0][..], &GROUP].concat();
    assert_eq!(igmp(&summed(&[], &query)), none);
    assert_eq!(igmp(&leave), none, "a leave with a wrong checksum");
    let mut damaged = mld(&[&[131, 0, 0, 0, 0, 0, 0, 0][..], &v6("ff02::1:3")].concat());
    *damaged.last_mut().unwrap() ^= 1;
    assert_eq!(once(LinkType::Raw, &damaged), Seen::Undecoded(Undecoded::Icmp));
}

fn tcp(src: u16, dst: u16, seq: u32, syn: bool) -> Vec<u8> {
    let (from, to) = if src < dst { (SRC, DST) } else { (DST, SRC) };
    let builder = PacketBuilder::ipv4(from, to, 64).tcp(src, dst, seq, 1000);
    let builder = if syn { builder.syn() } else { builder.ack(1) };
    let mut out = Vec::new();
    builder.write(&mut out, &[]).unwrap();
    out
}

#[test]
fn streams_are_numbered_by_pair_and_a_new_handshake_is_a_new_stream() {
    let mut flow = Flow::default();
    let mut stream = |data: Vec<u8>| match push(&mut flow, LinkType::Raw, &data) {
        Seen::Packet { stream, .. } => stream,
        other => panic!("{other:?}"),
    };
    assert_eq!(stream(tcp(1000, 2000, 5, true)), 0);
    assert_eq!(stream(tcp(2000, 1000, 9, false)), 0, "the other direction");
    assert_eq!(stream(tcp(1001, 2000, 5, true)), 1, "another port");
    assert_eq!(stream(tcp(1000, 2000, 5, true)), 0, "SYN sent again");
    assert_eq!(stream(tcp(1000, 2000, 77, true)), 2, "the pair used again");
    assert_eq!(stream(tcp(2000, 1000, 80, false)), 2);
}

#[test]
fn a_handshake_seen_late_belongs_to_the_segments_that_show_its_numbers() {
    let mut flow = Flow::default();
    let mut stream = |data: Vec<u8>| match push(&mut flow, LinkType::Raw, &data) {
        Seen::Packet { stream, .. } => stream,
        other => panic!("{other:?}"),
    };
    // The segment follows the sender's SYN of 99, and acknowledges the peer's of 0.
    assert_eq!(stream(tcp(1000, 2000, 100, false)), 0);
    assert_eq!(stream(tcp(1000, 2000, 99, true)), 0);
    assert_eq!(stream(tcp(2000, 1000, 0, true)), 0);
    assert_eq!(stream(tcp(2000, 1000, 1, true)), 1, "the pair used again");
}

#[test]
fn addresses_and_ports_are_the_packets() {
    let mut flow = Flow::<()>::default();
    let data = ipv4_udp(PAYLOAD);
    let Arrival::Packet(delivery) = flow.push(&frame(LinkType::Raw, &data)) else {
        panic!("no packet");
    };
    assert_eq!(delivery.packet.src, "10.0.0.1:40000".parse::<Endpoint>().unwrap());
    assert_eq!(delivery.packet.dst, "10.0.0.2:1989".parse::<Endpoint>().unwrap());
}

#[test]
fn no_prefix_of_a_frame_and_no_changed_byte_panics() {
    let ip = ipv4_udp(PAYLOAD);
    let frames = [
        (LinkType::Ethernet, ethernet(0x8100, &behind(&[0, 10, 8, 0], &ip))),
        (LinkType::Null, behind(&[2, 0, 0, 0], &ip)),
        (LinkType::Ipv6, ipv6_udp(PAYLOAD)),
        (LinkType::Raw, tcp(1, 2, 3, true)),
        (LinkType::Raw, fragment(&ip[20..], 8, 8, 1)),
        (LinkType::Raw, ipv4(IpNumber::IGMP, &[0x22, 0, 0, 0, 0, 0, 0, 2, 4, 1, 0, 1, 224, 2])),
        (LinkType::Raw, mld(&[143, 0, 0, 0, 0, 0, 0, 1, 4, 0, 0, 0, 0xff, 2])),
    ];
    for (link, data) in frames {
        let mut flow = Flow::<()>::default();
        for len in 0..=data.len() {
            push(&mut flow, link, &data[..len]);
        }
        for at in 0..data.len() {
            for value in [0, 1, 0x45, 0x7f, 0x80, 0xff] {
                let mut changed = data.clone();
                changed[at] = value;
                push(&mut flow, link, &changed);
            }
        }
    }
}
