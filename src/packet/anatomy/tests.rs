//! Regions and checksums of frames of every kind.

use proptest::prelude::*;

use super::*;
use crate::packet::{build, packet};

const LINKS: [LinkType; 8] = [
    LinkType::Ethernet,
    LinkType::Raw,
    LinkType::Null,
    LinkType::Loop,
    LinkType::LinuxSll,
    LinkType::LinuxSll2,
    LinkType::Ipv6,
    LinkType::Other(147),
];

fn kinds(link: LinkType, data: &[u8]) -> Vec<(Range<usize>, RegionKind)> {
    Anatomy::of(link, data).regions.into_iter().map(|it| (it.range, it.kind)).collect()
}

fn datagram(src: &str, dst: &str, payload: &[u8]) -> Vec<u8> {
    let mut frame = Vec::new();
    build::datagram(src.parse().unwrap(), dst.parse().unwrap(), payload, &mut frame).unwrap();
    frame
}

/// A header of IPv4 without a checksum, over a body.
fn ipv4(protocol: u8, fragment: u16, body: &[u8]) -> Vec<u8> {
    let len = u16::try_from(20 + body.len()).unwrap().to_be_bytes();
    let [high, low] = fragment.to_be_bytes();
    let header = [0x45, 0, len[0], len[1], 0, 7, high, low, 64, protocol, 0, 0];
    [&header[..], &[10, 0, 0, 1, 10, 0, 0, 2], body].concat()
}

#[test]
fn regions_of_frames() {
    use RegionKind::{Ipv4, Mac, Opaque, Padding, Payload, Quoted};
    let plain = datagram("10.0.0.1:4000", "10.0.0.2:53", b"hello");
    let link = [(0..6, Mac), (6..12, Mac)];
    let found = kinds(LinkType::Ethernet, &[&plain[..], &[0; 13]].concat());
    let ip = [(26..30, Ipv4), (30..34, Ipv4), (42..47, Payload), (47..60, Padding)];
    assert_eq!(found, [&link[..], &ip].concat());
    let packet = &plain[14..];
    let raw = [(12..16, Ipv4), (16..20, Ipv4)];
    for (data, expected) in [
        (packet.to_vec(), [&raw[..], &[(28..33, Payload)]].concat()),
        // A tunnel: addresses of both packets.
        (
            ipv4(4, 0, packet),
            [&raw[..], &[(32..36, Ipv4), (36..40, Ipv4), (48..53, Payload)]].concat(),
        ),
        // GRE with a key.
        (
            ipv4(47, 0, &[&[0x20, 0, 8, 0, 0, 0, 0, 9], packet].concat()),
            [&raw[..], &[(40..44, Ipv4), (44..48, Ipv4), (56..61, Payload)]].concat(),
        ),
        // The second of some fragments; the first has a header.
        (ipv4(17, 3, b"part"), [&raw[..], &[(20..24, Payload)]].concat()),
        (ipv4(17, 0x2000, &packet[20..]), [&raw[..], &[(28..33, Payload)]].concat()),
        // Port unreachable.
        (
            ipv4(1, 0, &[&[3, 3, 0, 0, 0, 0, 0, 0], packet].concat()),
            [&raw[..], &[(40..44, Ipv4), (44..48, Ipv4), (56..61, Quoted)]].concat(),
        ),
        (ipv4(2, 0, &[0x16, 0, 0, 0, 239, 1, 2, 3]), [&raw[..], &[(24..28, Ipv4)]].concat()),
        (
            ipv4(132, 0, b"chunk"),
            [&raw[..], &[(20..25, Opaque("IP protocol that is not known"))]].concat(),
        ),
        (vec![0x45, 0, 0, 9], vec![(0..4, Opaque("malformed IP header"))]),
    ] {
        assert_eq!(kinds(LinkType::Raw, &data), expected, "{data:02x?}");
    }
}

#[test]
fn a_family_that_is_not_ip_is_not_taken_for_it() {
    let packet = ipv4(17, 0, &[7; 30]);
    for (family, link, is_ip) in [
        ([2, 0, 0, 0], LinkType::Null, true),
        ([0, 0, 0, 2], LinkType::Null, true),
        ([0, 0, 0, 2], LinkType::Loop, true),
        ([16, 0, 0, 0], LinkType::Null, false),
        ([2, 0, 0, 0], LinkType::Loop, false),
    ] {
        let found = kinds(link, &[&family[..], &packet].concat());
        let unknown = RegionKind::Opaque("address family that is not known");
        assert_eq!(found.contains(&(4..4 + packet.len(), unknown)), !is_ip, "{family:?}");
    }
}

#[test]
fn options_of_neighbour_discovery() {
    use RegionKind::{Ipv6, Mac, Opaque, Prefix};
    let options = [
        &[1, 1, 0, 0x1b, 0x21, 1, 2, 3][..],
        &[14, 1, 9, 9, 9, 9, 9, 9],
        &[24, 3, 64, 0, 0, 0, 0, 9],
        &[0x20; 16],
        &[31, 1, 0, 0, 7, 7, 7, 7],
    ];
    let body = [&[134, 0, 0, 0, 64, 0, 0, 9][..], &[0; 8], &options.concat()].concat();
    let header = [&[0x60, 0, 0, 0, 0, body.len() as u8, 58, 255][..], &[0xfe; 32]].concat();
    let found = kinds(LinkType::Ipv6, &[&header[..], &body].concat());
    let at = 40 + 16;
    let expected = [
        (8..24, Ipv6),
        (24..40, Ipv6),
        (at + 2..at + 8, Mac),
        (at + 24..at + 40, Prefix(64)),
        (at + 42..at + 48, Opaque("option of neighbour discovery")),
    ];
    assert_eq!(found, expected);
}

#[test]
fn a_tunnel_of_tunnels_ends() {
    let packet = (0..40).fold(b"end".to_vec(), |inner, _| ipv4(4, 0, &inner));
    let found = kinds(LinkType::Raw, &packet);
    assert_eq!(found.len(), 2 * usize::from(MAX_DEPTH) + 1);
    assert_eq!(found.last().unwrap().1, RegionKind::Opaque("malformed IP header"));
}

fn frames() -> impl Strategy<Value = Vec<u8>> {
    let real = [
        datagram("10.0.0.1:4000", "10.0.0.2:53", b"hello"),
        datagram("[fd00::1]:4000", "[fd00::2]:4789", &[8; 60]),
        [&[0; 12][..], &[8, 0], &ipv4(4, 0, &ipv4(17, 0, &[7; 30]))].concat(),
        [&[0; 12][..], &[8, 0], &ipv4(1, 0, &[&[5; 8][..], &ipv4(6, 0, &[0x50; 40])].concat())]
            .concat(),
        [&[0; 12][..], &[8, 6, 0, 1, 8, 0, 6, 4, 0, 1], &[9; 20]].concat(),
        [&[0; 12][..], &[0x86, 0xdd, 0x60, 0, 0, 0, 0, 72, 58, 255], &[1; 32], &[134; 72]].concat(),
    ];
    let changes = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6);
    let mutated = (prop::sample::select(real.to_vec()), changes, 0..8_usize);
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..120),
        mutated.prop_map(|(mut frame, changes, cut)| {
            changes.iter().for_each(|(at, byte)| *at.get_mut(&mut frame) = *byte);
            frame.truncate(frame.len() - cut);
            frame
        }),
    ]
}

proptest! {
    #[test]
    fn regions_lie_within_a_frame_and_apart(data in frames(), link in prop::sample::select(LINKS.to_vec())) {
        let anatomy = Anatomy::of(link, &data);
        let mut taken = vec![false; data.len()];
        for region in anatomy.regions() {
            prop_assert!(region.range.start < region.range.end && region.range.end <= data.len());
            for byte in &mut taken[region.range.clone()] {
                prop_assert!(!*byte, "{:?}", anatomy.regions());
                *byte = true;
            }
        }
        let mut same = data.clone();
        anatomy.mend(&data, &mut same);
        let unmended = same.iter().zip(&data).filter(|(one, other)| one != other).count();
        // Two ways to write the sum of nothing.
        prop_assert!(unmended <= 2 * anatomy.covers.len());
    }

    #[test]
    fn what_a_checksum_was_it_stays(
        payload in prop::collection::vec(any::<u8>(), 0..80),
        seed in any::<u8>(),
        is_ipv6 in any::<bool>(),
        error in prop_oneof![Just(0_u8), any::<u8>()],
    ) {
        let ends = if is_ipv6 { ["[fd00::1]:4000", "[fd00::2]:53"] } else { ["10.0.0.1:4000", "10.0.0.2:53"] };
        let mut old = datagram(ends[0], ends[1], &payload);
        let checksum_at = if is_ipv6 { 14 + 40 + 7 } else { 14 + 20 + 7 };
        old[checksum_at] ^= error;
        let anatomy = Anatomy::of(LinkType::Ethernet, &old);
        let mut new = old.clone();
        for region in anatomy.regions() {
            new[region.range.clone()].iter_mut().for_each(|it| *it = it.wrapping_mul(31).wrapping_add(seed));
        }
        anatomy.mend(&old, &mut new);
        let checksum = |data: &[u8]| packet::parse(LinkType::Ethernet, data).ok().map(|it| it.checksum);
        prop_assert_eq!(checksum(&old), checksum(&new));
    }
}
